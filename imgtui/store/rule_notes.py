"""What keep rules have to remember of an engine: what they will release, how the clock went, and answers."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import Final

from imgtui.model.core.clock import SECOND, MonotonicTime
from imgtui.model.keeps.patience import ClockMark, Notice, look_at_clock
from imgtui.store.rows import RowNotUnderstood, text, understood, whole
from imgtui.store.state import State

WORTH_WRITING: Final = SECOND
"""Nanoseconds by which the clocks may part before it is written down: else every look would write."""

Place = tuple[str, str]
"""A repository and an image ID."""


class OfferAnswer(StrEnum):
    """What a person answered when imgtui offered to keep what rebuilds replace."""

    DECLINED = "declined"


class RuleNotes:
    """Notes in the state file about one engine. Every method may raise StateUnusable."""

    def __init__(self, state: State, engine: str) -> None:
        self._state = state
        self._engine = engine

    def notices(self) -> dict[Place, Notice]:
        """The versions that no rule wants any more, and since when that is known."""
        with self._state.reading() as file:
            return self._notices(file)

    def keep_notices(
        self, unwanted: Collection[Place], judged: Collection[str], now: int, moment: MonotonicTime
    ) -> dict[Place, Notice]:
        """Write down what is unwanted in the repositories that were judged; all notices as they are then.

        Notices of versions that are wanted again are taken back. `now` is nanoseconds since the epoch.
        """
        there = self.notices()
        new = [place for place in unwanted if place not in there]
        over = [place for place in there if place[0] in judged and place not in unwanted]
        if not new and not over:
            return there
        with self._state.changing() as file:
            file.executemany(
                "DELETE FROM notices WHERE engine = ? AND repository = ? AND image = ?",
                [(self._engine, *place) for place in over],
            )
            file.executemany(
                "INSERT OR REPLACE INTO notices VALUES (?, ?, ?, ?, ?, ?)",
                [(self._engine, *place, now, moment.boot, moment.seconds) for place in new],
            )
            return self._notices(file)

    def clock(self) -> ClockMark | None:
        """How the clocks stood when they were looked at last; None for never."""
        with self._state.reading() as file:
            rows = file.execute("SELECT one, boot, ahead, steady FROM clock")
            return next(understood(self._state.unread, "clock", rows, _mark), None)

    def look_at_clock(self, now: int, moment: MonotonicTime) -> ClockMark:
        """Compare the clocks with how they stood at the last look, of whatever program; how they stand."""
        known = self.clock()
        mark = look_at_clock(known, now, moment)
        if known is None or mark.steady != known.steady or abs(mark.ahead - known.ahead) > WORTH_WRITING:
            with self._state.changing() as file:
                file.execute(
                    "INSERT OR REPLACE INTO clock VALUES (1, ?, ?, ?)", (mark.boot, mark.ahead, mark.steady)
                )
        return mark

    def answer(self) -> OfferAnswer | None:
        """What was answered to the offer of a first keep rule; None while it was not."""
        with self._state.reading() as file:
            rows = file.execute("SELECT engine, answer FROM answers WHERE engine = ?", (self._engine,))
            return next(understood(self._state.unread, "answers", rows, _answer), None)

    def keep_answer(self, answer: OfferAnswer, now: int) -> None:
        """Write down what was answered; `now` is nanoseconds since the epoch."""
        with self._state.changing() as file:
            file.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (self._engine, answer.value, now))

    def settings(self) -> tuple[Path, ...]:
        """The settings files of which keep rules are applied with this state file, to whatever engine.

        One that is not understood is a path at which there is no file that can be read.
        """
        with self._state.reading() as file:
            rows = file.execute("SELECT rowid, path FROM settings ORDER BY path")
            return tuple(
                understood(
                    self._state.unread,
                    "settings",
                    rows,
                    lambda _, path: Path(text(path)),
                    instead=lambda *_: Path(),
                )
            )

    def keep_settings(self, path: Path) -> None:
        """Write down that the rules in this one are."""
        if path not in self.settings():
            with self._state.changing() as file:
                file.execute("INSERT OR IGNORE INTO settings VALUES (?)", (str(path),))

    def _notices(self, file: sqlite3.Connection) -> dict[Place, Notice]:
        rows = file.execute(
            "SELECT repository, image, since, boot, seconds FROM notices WHERE engine = ?", (self._engine,)
        )
        return dict(understood(self._state.unread, "notices", rows, _notice))


def _answer(_: object, answer: object) -> OfferAnswer:
    return OfferAnswer(text(answer))


def _mark(_: object, boot: object, ahead: object, steady: object) -> ClockMark:
    return ClockMark(text(boot), whole(ahead), _seconds(steady))


def _notice(
    repository: object, image: object, since: object, boot: object, seconds: object
) -> tuple[Place, Notice]:
    return (text(repository), text(image)), Notice(
        whole(since, 0), MonotonicTime(text(boot), _seconds(seconds))
    )


def _seconds(value: object) -> float:
    if not isinstance(value, float | int) or not math.isfinite(value):
        raise RowNotUnderstood("seconds are wanted")
    return float(value)
