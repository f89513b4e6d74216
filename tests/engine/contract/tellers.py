"""Everybody who tells the tag log of one state file: the verb, a session, an explorer in a terminal."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from imgtui.model.core.digest import short
from imgtui.model.keeps.keep import is_keep
from imgtui.model.taglog.moves import Move
from imgtui.operations.protocol.updates import Phase, Remembered
from imgtui.verbs.moves import describe
from tests.bench.terminal import TerminalSession
from tests.engines.waiting import PATIENCE
from tests.operations.listening import Listener
from tests.verbs.command import call

Told = Mapping[str, Any]
"""A move as JSON has it, without what becomes of its ends."""
Row = tuple[str, str, str, str]
"""Tag, from, to and cause on the screen."""

_KEYS: Final = (
    "number", "ref", "from", "to", "at", "not_before", "exact", "cause", "known", "evidence", "actor",
    "undoes",
)  # fmt: skip
_SIZE: Final = (200, 60)
_NOTHING: Final = "-" * 12
_ROW: Final = re.compile(rf"(\S+) +({_NOTHING}|[0-9a-f]{{12}}) +({_NOTHING}|[0-9a-f]{{12}}) +([a-z]+) ")


class LogRefusedError(Exception):
    """The verb has told no log: it says why."""


def of_verb(environ: Mapping[str, str]) -> list[Told]:
    """What `imgtui log --json` tells, the newest first. Raises LogRefusedError."""
    called = call(environ, "log", "--json")
    if called.returncode != 0:
        raise LogRefusedError(called.stderr)
    return [
        {key: move[key] for key in _KEYS} for move in json.loads(called.stdout) if not is_keep(move["ref"])
    ]


def of_session(listener: Listener) -> list[Told]:
    """What a session has told last; nothing while it is not live."""
    told = [update for update in listener.heard if isinstance(update, Remembered)]
    live = told and listener.state.phase is Phase.LIVE
    return [_told(move) for move in told[-1].log if not is_keep(move.reference)] if live else []


def rows_of(moves: Sequence[Told]) -> list[Row]:
    """How a screen shows moves."""
    return [(move["ref"], _end(move["from"]), _end(move["to"]), move["cause"]) for move in moves]


class LookedAt:
    """The explorer, open on the tag log of the engine; killed when it is closed."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        command = [str(Path(sys.executable).with_name("imgtui"))]
        self._terminal = TerminalSession(command, _SIZE, {**environ, "LANG": "C.UTF-8"})
        self._sees(" live")
        self._terminal.press("L")
        self._sees("KNOWN BY")

    def rows(self) -> list[Row]:
        """The newest moves that it shows, as many as there is room for."""
        self._terminal.receive()
        self._terminal.show()
        found = (_ROW.search(line) for line in self._terminal.screen.lines)
        return [(row[1], row[2], row[3], row[4]) for row in found if row and not is_keep(row[1])]

    def close(self) -> None:
        """Kill it."""
        self._terminal.close()

    @property
    def lines(self) -> Sequence[str]:
        """The screen."""
        return self._terminal.screen.lines

    def _sees(self, text: str) -> None:
        if self._terminal.wait_until(lambda lines: any(text in line for line in lines), PATIENCE) is None:
            raise AssertionError("\n".join([f"the explorer does not show {text}", *self.lines]))


def _told(move: Move) -> Told:
    document = describe(move, {})
    return {key: document[key] for key in _KEYS}


def _end(image_id: str | None) -> str:
    return _NOTHING if image_id is None else short(image_id)
