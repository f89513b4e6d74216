"""`python -m tests.bench.compare`: what it costs to compare two versions that share all but the last layer.

Nothing here passes or fails on a timing.
"""

from __future__ import annotations

import argparse
import re
import sys
from functools import partial
from typing import Final

from tests.bench.files import NAME, _called, _open, _shows, engine, parser
from tests.bench.process import usage
from tests.bench.report import Section, figure, single, table
from tests.bench.subject import Home
from tests.bench.terminal import TerminalSession

KEYS: Final = ("j", "j", "<enter>", "<enter>", "*", "G", "g", "*", "t", "t", "x", "x", "]", "[", "j", "k")
_SECONDS: Final = 120.0


def _seen(session: TerminalSession, key: str, text: str) -> float | None:
    """Seconds from a key to a text."""
    pressed = session.press(key)
    shown = session.wait_until(partial(_shows, re.compile(text)), _SECONDS)
    return None if shown is None else (shown.at - pressed) / 1e9


def _compared(session: TerminalSession) -> tuple[float | None, float | None]:
    """Seconds from D to what the facts tell, and from the section Files to all that differs."""
    session.press("2")
    session.wait_quiet(0.3, 10)
    session.press("*")
    session.wait_quiet(0.3, 10)
    facts = _seen(session, "D", r"layers differ from")
    for _ in range(2):  # the sections before it ask for no files
        session.wait_quiet(0.3, 10)
        session.press("]")
    session.wait_quiet(0.3, 10)
    return facts, _seen(session, "]", r"\d added, .*changed, .*removed")


def _keys(session: TerminalSession) -> list[float]:
    """Milliseconds from each key to the last output before it was quiet again."""
    found = []
    for key in KEYS:
        pressed = session.press(key)
        session.wait_quiet(0.3, 10)
        outputs = session.between(pressed)
        if outputs:
            found.append((outputs[-1].at - pressed) / 1e6)
    return found


def sections(options: argparse.Namespace, host: str) -> list[Section]:
    """What was measured."""
    columns, _, rows = options.size.partition("x")
    size = int(columns), int(rows)
    a, b = f"{NAME}:1", f"{NAME}:2"
    with Home() as home:
        facts, _ = _called(home, host, "diff", a, b, "--json")
        cold, _ = _called(home, host, "diff", a, b, "--files", "--json")
        warm, _ = _called(home, host, "diff", a, b, "--files", "--json")
    with Home() as home:
        _called(home, host, "files", a, "--json")
        other, _ = _called(home, host, "diff", a, b, "--files", "--json")
    calls = Section(
        "imgtui diff --json",
        (
            single("without files", facts, "s"),
            single("--files, nothing known", cold, "s"),
            single("--files, one of the two known", other, "s"),
            single("--files, both known", warm, "s"),
        ),
    )
    with Home() as home:
        with _open(home, host, size) as session:
            first, files = _compared(session)
            session.wait_quiet(0.5, 20)
            keys = _keys(session)
            used = usage(session.pid)
        with _open(home, host, size) as session:
            again, known = _compared(session)
    screen = Section(
        "on the screen",
        (
            single("D to what the facts tell", first, "s"),
            single("files, nothing known", files, "s"),
            single("D again, after a restart", again, "s"),
            single("files, both known", known, "s"),
            figure("a key", keys, "ms", "10"),
            single("peak memory", used.peak, "MB"),
        ),
    )
    return [calls, screen]


def main() -> int:
    """Measure and print."""
    options = parser().parse_args()
    with engine(options) as host:
        found = sections(options, host)
    sys.stdout.write(
        f"{options.files:,} files, {options.megabytes} MB, {options.layers} layers on"
        f" {options.host or options.kind}\n\n{table(found)}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
