"""The journal of acts: what imgtui is about to do to an engine, written before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imgtui.model.keep import is_keep
from imgtui.model.plan import Plan
from imgtui.store.state import State


@dataclass(frozen=True, slots=True)
class Entry:
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


class Journal:
    """The acts on one engine. Every method may raise StateUnusable."""

    def __init__(self, state: State, engine: str) -> None:
        self._state = state
        self._engine = engine

    def begin(self, plan: Plan, now: int) -> int:
        """Write down what is about to be done; the number of the act.

        The moves that it will make are known to the tag log from then on as acts of imgtui's.
        """
        with self._state.changing() as file:
            cursor = file.execute(
                "INSERT INTO acts (engine, title, command, begun) VALUES (?, ?, ?, ?)",
                (self._engine, plan.title, "\n".join(step.command for step in plan.steps), now),
            )
            number = cursor.lastrowid or 0
            file.executemany(
                "INSERT INTO intents VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (number, self._engine, step.reference, step.target, step.cause.value, step.undoes)
                    for step in plan.steps
                    if not is_keep(step.reference)
                ],
            )
        return number

    def end(self, number: int, now: int, outcome: str) -> None:
        """Write down how an act ended; moves that it announced and did not make are not its own."""
        with self._state.changing() as file:
            file.execute("UPDATE acts SET ended = ?, outcome = ? WHERE number = ?", (now, outcome, number))
            file.execute("DELETE FROM intents WHERE act = ?", (number,))

    def entries(self) -> Sequence[Entry]:
        """All acts, the newest first."""
        with self._state.reading() as file:
            rows = file.execute(
                "SELECT number, title, command, begun, ended, outcome FROM acts WHERE engine = ?"
                " ORDER BY number DESC",
                (self._engine,),
            )
            return [Entry(*row) for row in rows]
