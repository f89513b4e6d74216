"""`python -m tests.bench [options] [-- COMMAND ...]`: measure a terminal program, imgtui by default.

The figures stand beside the goals; nothing here passes or fails on a timing. Exit status 1 only when the list
never showed, 2 for usage.
"""

import argparse
import json
import os
import platform
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.arguments import parser
from tests.bench.downtime import downtime
from tests.bench.engine_api import EngineApi
from tests.bench.population import populate
from tests.bench.pulls import pulls
from tests.bench.report import Section, table
from tests.bench.scenarios import Plan, everything, large
from tests.bench.subject import NotReadyError, Subject
from tests.engines.private import PrivateEngine

_SIXTEEN_COLOURS = {"TERM": "xterm", "COLORTERM": ""}
_LARGE = 10_000
_LIST_KEYS, _BACK_KEYS = "2", "q"


def _imgtui() -> str:
    beside = Path(sys.executable).with_name("imgtui")
    return str(beside) if beside.exists() else "imgtui"


def _subject(options: argparse.Namespace) -> Subject:
    is_imgtui = not options.command
    environment = dict(setting.split("=", 1) for setting in options.env)
    return Subject(
        command=tuple(options.command) or (_imgtui(),),
        size=options.size,
        ready=re.compile(options.ready),
        ready_lines=options.ready_lines,
        complete=options.complete,
        list_keys=options.list_keys if options.list_keys is not None else _LIST_KEYS * is_imgtui,
        back_keys=options.back_keys if options.back_keys is not None else _BACK_KEYS * is_imgtui,
        hang_keys=options.hang_keys,
        quit_keys=options.quit_keys,
        environment={**(_SIXTEEN_COLOURS if options.ansi else {}), **environment},
        timeout=options.timeout,
    )


@contextmanager
def _engine(options: argparse.Namespace) -> Iterator[EngineApi | None]:
    """The engine to measure on: none, the one at --host, or a private one that is stopped afterwards."""
    if options.no_engine:
        yield None
    elif options.host:
        engine = EngineApi(options.host)
        if options.population:
            populate(engine, options.population)
        yield engine
    else:
        private = PrivateEngine(options.kind)
        private.start()
        try:
            engine = EngineApi(private.host)
            populate(engine, options.population or 1000)
            yield engine
        finally:
            private.stop()


def _large_command(options: argparse.Namespace) -> tuple[str, ...]:
    if options.large:
        return tuple(shlex.split(options.large))
    return () if options.command else ("env", f"IMGTUI_DEMO_IMAGES={_LARGE}", _imgtui(), "--demo")


def _measure(options: argparse.Namespace) -> list[Section]:
    if options.rollbacks:
        return [downtime(options.kind, options.rollbacks, _imgtui())]
    subject = _subject(options)
    plan = Plan(options.runs, options.idle, options.retag or not options.host, options.retag_shows)
    with _engine(options) as engine:
        sections = everything(subject, engine, plan)
    if not options.command:
        sections = [*sections, pulls(), downtime(options.kind, options.runs, _imgtui())]
    command = _large_command(options)
    return [*sections, large(subject, command)] if command else sections


def main() -> int:
    """Measure and print. Returns the exit status."""
    options = parser().parse_args()
    try:
        sections = _measure(options)
    except NotReadyError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    columns, rows = options.size
    command = shlex.join(options.command or ["imgtui"])
    where = "no engine" if options.no_engine else options.host or options.kind
    sys.stdout.write(
        f"{command} at {columns}×{rows} on {where}; Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n\n"
        f"{table(sections)}\n"
    )
    if options.json:
        document = {"command": command, "engine": where, "size": [columns, rows]}
        figures = [section.as_json() for section in sections]
        options.json.write_text(
            json.dumps({**document, "sections": figures}, indent=1, ensure_ascii=False) + "\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
