"""The journal of acts: what imgtui is about to do to an engine, written before it is done."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from imgtui.model.core.printable import printable
from imgtui.model.keeps.keep import DOMAIN, KeptBy, is_keep, read_keep
from imgtui.model.plans.plan import Step
from imgtui.model.taglog.moves import Cause
from imgtui.store.rows import LATEST, Row, lines, next_number, understood, whole, whole_or_none
from imgtui.store.state import State

if TYPE_CHECKING:
    from imgtui.model.acts.begun import Begun
    from imgtui.model.acts.changes import PastAct
    from imgtui.model.containers.replacement import Journey

LONGEST: Final = 1_000_000
"""Characters of the words for one act: environments are in its commands."""

ANYWHERE = "*"
"""Where a tag will point that an act is expected to move: nobody knows yet."""

UNDOABLE = 1000
"""Acts that may be undone."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One act."""

    number: int
    title: str
    command: str
    """The docker commands that do the same, one a line."""
    begun: int
    """Nanoseconds since the epoch."""
    ended: int | None
    """None while it goes on, or where imgtui was ended in the middle."""
    outcome: str | None
    """`done`, or why it was not."""


@dataclass(frozen=True, slots=True)
class Open:
    """An act that has not ended, and is no roll back."""

    number: int
    title: str
    begun: int
    """Nanoseconds since the epoch."""
    begun_as: Begun | None
    """What it was to do; None where that was not written down."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An act in the middle of which imgtui was ended, and which can be gone on with."""

    number: int
    title: str
    """What its row is called, where that is not understood."""
    begun: int
    """Nanoseconds since the epoch."""
    journey: Journey | None
    """How far it had come; None where that is not understood: nothing is done about it."""


class Journal:
    """The acts on one engine. Every method may raise StateUnusable."""

    def __init__(self, state: State, engine: str) -> None:
        self._state = state
        self._engine = engine

    def begin(
        self,
        title: str,
        commands: Sequence[str],
        now: int,
        *,
        steps: Sequence[Step] = (),
        expected: Mapping[str, Cause] | None = None,
        progress: str | None = None,
        begun_as: str | None = None,
    ) -> int:
        """Write down what is about to be done; the number of the act.

        `commands` are shown to people: no secret is in them. The moves that the steps will make are known to
        the tag log from then on as acts of imgtui's. So are those of tags that are `expected` to move, nobody
        knows where to, unless what is told of such a move has another cause. `progress` is what a roll back
        says of itself: with it that can be gone on with (`unfinished`), or undone when it is over (`over`).
        `begun_as` is what another act was to do, for who finds it interrupted (`open`).
        """
        with self._state.changing() as file:
            number = next_number(file, "acts")
            file.execute(
                "INSERT INTO acts (number, engine, title, command, begun, progress, begun_as)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (number, self._engine, *map(_words, (title, "\n".join(commands))), now, progress, begun_as),
            )
            file.executemany(
                "INSERT INTO intents VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (number, self._engine, tag, ANYWHERE, cause.value, None)
                    for tag, cause in (expected or {}).items()
                ],
            )
            file.executemany(
                "INSERT INTO intents VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (number, self._engine, step.reference, step.target, step.cause.value, step.undoes)
                    for step in steps
                    if not is_keep(step.reference)
                ],
            )
        return number

    def note(self, number: int, progress: str) -> None:
        """Write down how far an act has come, before it goes on."""
        with self._state.changing() as file:
            file.execute("UPDATE acts SET progress = ? WHERE number = ?", (progress, number))

    def end(
        self,
        number: int,
        now: int,
        outcome: str,
        *,
        progress: str | None = None,
        unrecorded: Collection[str] = (),
    ) -> None:
        """Write down how an act ended; moves that it announced and did not make are not its own.

        `progress` is what it says of itself now that it is over; None leaves what it said before. Tags that
        it moved and whose moves are still `unrecorded` are known as moved by it when they are.
        """
        with self._state.changing() as file:
            file.execute(
                "UPDATE acts SET ended = ?1, outcome = ?2, begun_as = NULL,"
                " progress = COALESCE(?3, progress),"
                " after = (SELECT COALESCE(MAX(number), 0) FROM moves WHERE moves.engine = acts.engine)"
                " WHERE number = ?4",
                (now, _words(outcome), progress, number),
            )
            rows = file.execute("SELECT reference FROM intents WHERE act = ?", (number,)).fetchall()
            over = [(number, tag) for (tag,) in rows if tag not in unrecorded]
            file.executemany("DELETE FROM intents WHERE act = ? AND reference = ?", over)

    def unfinished(self) -> Sequence[Unfinished]:
        """Acts that did not come to their end and can be gone on with, the oldest first."""
        with self._state.reading() as file:
            rows = file.execute(
                "SELECT number, title, begun, progress FROM acts"
                " WHERE engine = ? AND ended IS NULL AND progress IS NOT NULL ORDER BY number",
                (self._engine,),
            ).fetchall()
        if not rows:
            return []
        from imgtui.model.containers.replacement import (
            Journey,  # a start does not pay for it where nothing was begun
        )

        def act(number: int, title: object, begun: object, progress: object) -> Unfinished:
            return Unfinished(number, lines(title), whole(begun, 0), Journey.from_json(lines(progress)))

        return list(understood(self._state.unread, "acts", rows, act, instead=_unfinished_unread))

    def open(self) -> Sequence[Open]:
        """Acts that have not ended, without roll backs, the newest first.

        One that is not understood is not among them: nothing is done about it.
        """
        with self._state.reading() as file:
            rows = file.execute(
                "SELECT number, title, begun, begun_as FROM acts"
                " WHERE engine = ? AND ended IS NULL AND progress IS NULL ORDER BY number DESC",
                (self._engine,),
            ).fetchall()
        if not rows:
            return []
        from imgtui.model.acts.begun import Begun  # a start does not pay for it where nothing was interrupted

        def act(number: int, title: object, begun: object, begun_as: object) -> Open:
            known = None if begun_as is None else Begun.from_json(lines(begun_as))
            return Open(number, lines(title), whole(begun, 0), known)

        return list(understood(self._state.unread, "acts", rows, act))

    def over(self) -> Sequence[PastAct]:
        """The acts that are over and can be undone, or say of themselves that they cannot; newest first.

        One that is not understood is among them: what it did is not known.
        """
        with self._state.reading() as file:
            rows = file.execute(
                "SELECT number, ended, after, outcome, progress, begun FROM acts WHERE engine = ?"
                " AND ended IS NOT NULL AND progress IS NOT NULL"
                " ORDER BY number DESC LIMIT ?",
                (self._engine, UNDOABLE),
            ).fetchall()
        if not rows:
            return []
        # A start does not pay for it where nothing was done.
        from imgtui.model.acts.changes import UnreadAct, read_act

        def act(
            number: int, ended: object, after: object, outcome: object, progress: object, _: object
        ) -> PastAct | None:
            return read_act(number, whole(ended), whole_or_none(after), lines(outcome), lines(progress))

        def unread(row: Row, name: str) -> PastAct | None:
            number, ended, after, _, _, begun = row
            # Where its place is not known it is in the way of all moves: none is undone past it.
            at = next((time for time in (ended, begun) if isinstance(time, int)), LATEST)
            return UnreadAct(number, at, name, after if isinstance(after, int) else None)

        found = understood(self._state.unread, "acts", rows, act, instead=unread)
        return [act for act in found if act is not None]

    def kept_by_rules(self) -> frozenset[str]:
        """The keeps that rules made by an act that is written down here, also those that are gone."""
        with self._state.reading() as file:
            rows = file.execute(
                "SELECT number, command FROM acts WHERE engine = ? AND instr(command, ?)"
                " AND (outcome IS NULL OR outcome = 'done')",
                (self._engine, f" {DOMAIN}/{KeptBy.RULE.value}"),
            )
            commands = list(understood(self._state.unread, "acts", rows, lambda _, told: lines(told)))
        named = (line.split() for told in commands for line in told.splitlines())
        kept = (words[-1] for words in named if words[:2] == ["docker", "tag"])
        return frozenset(name for name in kept if (keep := read_keep(name)) and keep.by is KeptBy.RULE)

    def entries(self) -> Sequence[JournalEntry]:
        """All acts, the newest first."""
        with self._state.reading() as file:
            rows = file.execute(
                "SELECT number, title, command, begun, ended, outcome FROM acts WHERE engine = ?"
                " ORDER BY number DESC",
                (self._engine,),
            )
            return list(understood(self._state.unread, "acts", rows, _entry, instead=_entry_unread))


def _unfinished_unread(row: Row, name: str) -> Unfinished:
    return Unfinished(row[0], name, 0, None)


def _entry(
    number: int, title: object, command: object, begun: object, ended: object, outcome: object
) -> JournalEntry:
    said = None if outcome is None else lines(outcome)
    return JournalEntry(number, lines(title), lines(command), whole(begun, 0), whole_or_none(ended), said)


def _entry_unread(row: Row, name: str) -> JournalEntry:
    return JournalEntry(row[0], f"{name} is not understood, and left alone", "", 0, 0, "not understood")


def _words(text: str) -> str:
    """What is for people: no file takes half of a surrogate pair, and no terminal an escape sequence."""
    return printable(text, LONGEST, newlines=True)
