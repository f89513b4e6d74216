"""The tag log of a repository or the engine: every move, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from imgtui.model.moves import Known, Move
from imgtui.ui.present.moves import MOVE_COLUMNS, Where, known_by, move_cells, text_of, when_exactly
from imgtui.ui.present.spans import Line, Span, line
from imgtui.ui.screens.picking import PickingScreen
from imgtui.ui.widgets.typed import FilterLine
from imgtui.words import plural


class TagLogScreen(PickingScreen):
    """Ends with the number of a move, or None; `verb` says what is wanted with it."""

    FOOT = 6
    WHOLE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter"),
        Binding("z", "undo", "undo this move"),
    ]

    def __init__(self, name: str, moves: Sequence[Move], where: Where, now: float) -> None:
        self._moves = {str(move.number): move for move in moves}
        self._where = where
        self._now = now
        self._place = name
        self.verb = "show"
        super().__init__(self._heading(len(self._moves)), MOVE_COLUMNS, list(self._moves))

    def cells(self, key: str) -> Sequence[Span]:
        """A move."""
        return move_cells(self._moves[key], self._where, self._now)

    def action_filter(self) -> None:
        """Type words that all have to be in a move."""
        if self.query("#filter"):
            return
        hint = "words that all have to be there, !word: not"
        typed = FilterLine("", hint, id="filter")
        self.query_one(".box").mount(typed, before="#foot")
        self.set_focus(typed)

    def action_leave(self) -> None:
        """Leave the filter, then the log."""
        if self.table.length < len(self._moves):
            self.query("#filter").remove()
            self.set_focus(None)
            self._find("")
        else:
            super().action_leave()

    def action_undo(self) -> None:
        """Have this move put back."""
        self.verb = "undo"
        self.action_pick()

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._find(event.value)

    @on(Input.Submitted, "#filter")
    def _submitted(self, event: Input.Submitted) -> None:
        """The filter stays on; its line goes, so that keys are keys again."""
        event.stop()
        self.query("#filter").remove()
        self.set_focus(None)

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

    def _find(self, text: str) -> None:
        words = text.lower().split()
        keys = [key for key, move in self._moves.items() if _has(text_of(move), words)]
        self.query_one(".title", Static).update(Content(self._heading(len(keys))))
        self.table.show(keys, self.cells)

    def _heading(self, shown: int) -> str:
        count = plural(len(self._moves), "move")
        found = f"{shown} of {count}" if shown != len(self._moves) else count
        return f"Tag log of {self._place}  {found}   enter version  z undo  / filter  esc back"


def _nowhere(move: Move) -> str:
    return "not known" if move.known is Known.EVIDENCE and move.target is not None else "nothing"


def _has(text: str, words: Sequence[str]) -> bool:
    return all(word[1:] not in text if word.startswith("!") else word in text for word in words)
