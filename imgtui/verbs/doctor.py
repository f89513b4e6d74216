"""`imgtui doctor`: what was found, each problem with its remedy."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from imgtui import __version__
from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, Unavailable
from imgtui.model.core.image import EngineInfo
from imgtui.model.core.printable import printable
from imgtui.verbs.console.output import Exit, print_error, print_json, put
from imgtui.verbs.doctor_files import Files, Finding, look_into, loses_unasked
from imgtui.verbs.rules import nothing_is_kept


def run(
    engine: Engine,
    endpoint: Endpoint | None,
    places: Files | None,
    environ: Mapping[str, str],
    *,
    as_json: bool,
) -> Exit:
    """Look, and print what was found. NO_ENGINE when no engine answers.

    `places` are the files of imgtui; None for the demo, which has none.
    """
    findings = [Finding("imgtui", True, f"{__version__}, Python {platform.python_version()}")]
    if endpoint is not None:
        findings.append(Finding("endpoint", True, printable(f"{endpoint.host} ({endpoint.source})")))
    info, engine_findings = _engine(engine)
    findings += [*engine_findings, *_terminal(environ)]
    if places is not None:
        findings += look_into(places, info)
        if info is not None and loses_unasked(places, info):
            print_error(nothing_is_kept())
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            put(f"{_mark(finding)}  {finding.topic:<10} {finding.found}\n")
            if finding.remedy:
                put(f"{'':16}{finding.remedy}\n")
    if not all(finding.ok for finding in engine_findings):
        return Exit.NO_ENGINE
    return Exit.DONE if all(finding.ok for finding in findings) else Exit.FAILED


def _mark(finding: Finding) -> str:
    if finding.optional:
        return "-- "
    return "ok " if finding.ok else "BAD"


def _engine(engine: Engine) -> tuple[EngineInfo | None, list[Finding]]:
    found: list[Finding] = []
    info = None
    try:
        info = engine.connect()
        found.append(Finding("engine", True, _words(info)))
        store = f"{info.store.label} ({info.driver}), {info.records} image records"
        found.append(Finding("store", True, store))
        engine.events().close()
        found.append(Finding("events", True, "can be followed"))
    except Unavailable as error:
        found.append(Finding("engine", False, error.problem.cause, error.problem.remedy))
    except EngineError as error:
        found.append(Finding("engine", False, str(error), "look into the engine's log"))
    return info, found


def _words(info: EngineInfo) -> str:
    return f"{info.product} {info.version} on {info.name}, API {info.api_version}"


def _terminal(environ: Mapping[str, str]) -> Iterator[Finding]:
    term = environ.get("TERM", "")
    if term in {"", "dumb"}:
        yield Finding(
            "terminal", False, f"TERM={term or 'not set'}: no full-screen program can run here",
            "use imgtui ls, or a terminal such as xterm-256color",
        )  # fmt: skip
    else:
        colours = environ.get("COLORTERM") or "16 or 256 colours"
        yield Finding("terminal", True, f"{term}, {colours}")
    encoding = (sys.__stderr__.encoding if sys.__stderr__ else None) or "unknown"
    if encoding.lower().replace("-", "") == "utf8":
        yield Finding("encoding", True, encoding)
    else:
        remedy = "set a UTF-8 locale, for example LC_ALL=C.UTF-8"
        yield Finding("encoding", False, f"{encoding}: lines and marks are drawn in ASCII", remedy)
