"""The tag log of a repository or the engine: every move, the newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from imgtui.model.taglog.moves import Move, Provenance
from imgtui.ui.dialogs.aging import AgingScreen
from imgtui.ui.dialogs.wanting import Do, WantingScreen, WhyNot
from imgtui.ui.taglog.text import MOVE_COLUMNS, Where, known_by, move_cells, text_of, when_exactly
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.words import plural


class TagLogScreen(WantingScreen, AgingScreen[str | None]):
    """Ends with the number of a move, or None."""

    KEYS = (("rollback", "r roll back"), ("undo", "z undo"), ("redo", "Z redo"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("z", "undo", "undo the newest change; on an older row that move"),
        Binding("Z", "redo", "do again what was undone last"),
        Binding("r", "roll_back", "roll back to it"),
    ]

    def __init__(
        self,
        name: str,
        moves: Callable[[], Sequence[Move]],
        where: Where,
        now: Callable[[], float],
        why_not: WhyNot,
        do: Do,
    ) -> None:
        self._read = moves
        self._moves = {str(move.number): move for move in moves()}
        self._where = where
        self._now = now
        self._place = name
        super().__init__(MOVE_COLUMNS, list(self._moves), why_not, do)

    def tell(self) -> None:
        """The log may have new moves, or tell one better: show it.

        The cursor stays on its move, or on the newest.
        """
        moves = {str(move.number): move for move in self._read()}
        if moves == self._moves and list(moves) == self._keys:
            return
        newest = self.table.key in self._keys[:1]
        self._keys = list(moves)
        self._moves |= moves
        self.show_rows()
        self._moves = moves
        if newest and self.table.keys:
            self.table.select(self.table.keys[0])
        self.show_foot()

    def cells(self, key: str) -> Sequence[Span]:
        """A move."""
        return move_cells(self._moves[key], self._where, self._now())

    def text_of(self, key: str) -> str:
        """A move in words."""
        return text_of(self._moves[key])

    def action_undo(self) -> None:
        """Have the newest change put back, which may be that of a container; on an older row that move."""
        newest = not self._words and self.table.key in {None, *self._keys[:1]}
        self.want("undo" if newest else "undo one")

    def action_redo(self) -> None:
        """Have done again what was undone last."""
        self.want("redo")

    def action_roll_back(self) -> None:
        """Have the tag point where this move left it."""
        self.want("rollback")

    def foot(self, key: str) -> Sequence[Line]:
        """The move under the cursor in full."""
        move = self._moves[key]
        ends = [(name, end) for name, end in (("from", move.origin), ("to", move.target)) if end]
        places = ", ".join(f"{name} is {self._where(end).words}" for name, end in ends)
        actor = "" if move.actor == known_by(move) else f", {move.actor}"
        return [
            line(Span(f" {move.reference}  ", "accent"), f"{when_exactly(move)}, {move.cause.value}"),
            line(Span(" from ", "dim"), move.origin or _nowhere(move)),
            line(Span(" to   ", "dim"), move.target or "nothing"),
            line(Span(f" known by {known_by(move)}{actor}", "dim")),
            line(Span(f" {places}", "dim")),
        ]

    def heading(self, shown: int, known: int) -> str:
        """How many moves, and the keys."""
        count = plural(known, "move")
        found = f"{shown} of {count}" if shown != known else count
        return self.heading_of(f"Tag log of {self._place}  {found}")


def _nowhere(move: Move) -> str:
    return "not known" if move.known is Provenance.EVIDENCE and move.target is not None else "nothing"
