"""A pull of a hundred layers: what it costs a terminal, and how soon keys are answered meanwhile."""

import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.report import Figure, Section, figure, single
from tests.bench.subject import Home
from tests.bench.terminal import TerminalSession

_COMMAND = (sys.executable, "-m", "tests.bench.pull_program")
_ROOT = Path(__file__).parents[2]
_SIZE = (120, 40)
_SECONDS = 30.0
_WATCHED_SECONDS = 10.0
_MOVES = 20
SLOW = 25_000
"""Bytes that a slow terminal takes a second."""


def pulls() -> Section:
    """Bytes a second on a terminal that takes all, answers to keys on one that is slow."""
    return Section(
        "A pull of 100 layers", (*_traffic(), *_answers(0), *_answers(SLOW)), ("memory engine, 120×40",)
    )


def _traffic() -> list[Figure]:
    with Home() as home, _session(home, 0) as session:
        _begin_pull(session)
        explorer = _bytes(session)
        session.press("5")
        _until(session, "1 running")
        listed = _bytes(session)
        session.press("<enter>")
        _until(session, "follow")
        return [
            single("bytes a second, explorer", explorer, "B/s"),
            single("bytes a second, list of jobs", listed, "B/s"),
            single("bytes a second, log", _bytes(session), "B/s"),
        ]


def _answers(rate: int) -> list[Figure]:
    times = []
    with Home() as home, _session(home, rate) as session:
        _begin_pull(session)
        for number in range(_MOVES):
            wanted = re.compile(rf"^> app{number:02} ")
            pressed = session.press("j")
            shown = session.wait_until(_matches(wanted), _SECONDS)
            times += [(shown.at - pressed) / 1e6] if shown else []
    name = f"key to answer, terminal of {rate // 1000} KB/s" if rate else "key to answer"
    return [figure(name, times, "ms")]


def _session(home: Home, rate: int) -> TerminalSession:
    environment = {
        "TERM": "xterm",
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(_ROOT),
        **home.environment,
    }
    return TerminalSession(_COMMAND, _SIZE, environment, rate=rate, measured=True)


def _begin_pull(session: TerminalSession) -> None:
    _until(session, "live")
    _until(session, "app00")
    session.press("p")
    _until(session, "pull a tag or a digest")
    session.press("big:1")
    _until(session, "enter: go on")
    session.press("<enter>")
    _until(session, "enter: do it")
    session.press("<enter>")
    _until(session, "pull big:1 ")


def _bytes(session: TerminalSession) -> float:
    """A second, while nobody does anything."""
    session.wait(1.0)
    began = time.monotonic_ns()
    session.wait(_WATCHED_SECONDS)
    return sum(len(output.data) for output in session.between(began)) / _WATCHED_SECONDS


def _until(session: TerminalSession, text: str) -> None:
    if session.wait_until(_matches(re.compile(re.escape(text))), _SECONDS) is None:
        raise TimeoutError(f"{text!r} did not show:\n" + "\n".join(session.screen.lines))


def _matches(wanted: re.Pattern[str]) -> Callable[[list[str]], bool]:
    return lambda lines: any(wanted.search(line) for line in lines)
