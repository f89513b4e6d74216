"""Asks which engine it is that answers, where that is not clear: until then nothing is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from imgtui.model.taglog.identity import Doubt, Why
from imgtui.ui.dialogs.picking import PickingScreen
from imgtui.ui.widgets.columns import Column
from imgtui.ui.widgets.spans import Line, Span, line

AS_NEW: Final = "\0new"
LATER: Final = "\0later"
"""No key of a log begins so."""


class WhoseLogScreen(PickingScreen):
    """Ends with the key of the log that goes on, `AS_NEW`, or None for later."""

    FOOT: ClassVar[int] = 7

    def __init__(self, doubt: Doubt) -> None:
        self._doubt = doubt
        self._known = {known.key: known for known in doubt.candidates}
        super().__init__(
            "Which engine is this?   enter: answer   esc: later",
            (Column("ANSWER", 20, rank=9, stretch=1),),
            [LATER, *self._known, AS_NEW],  # what a hasty enter does is harmless
        )

    def cells(self, key: str) -> Sequence[Span]:
        """One answer."""
        if key == AS_NEW:
            return (Span("another engine: begin a log of its own"),)
        if key == LATER:
            return (Span("not sure: record nothing for now", "dim"),)
        return (Span(f"the same as {self._known[key].words}: go on with its log"),)

    def foot(self, key: str) -> Sequence[Line]:
        """The question, and what the answer does."""
        return [line(f"{self._doubt.question}."), line(Span(self._outcome(key), "dim"))]

    def on_mount(self) -> None:
        """Show the question."""
        super().on_mount()
        self.show_foot()

    def _outcome(self, key: str) -> str:
        if key == LATER:
            return "Nothing is recorded, kept or changed meanwhile; R asks again."
        if key == AS_NEW:
            return "The log that is known stays with the other engine."
        moves = self._known[key].moves
        if self._doubt.why is Why.COPY:
            return f"Its {moves} moves, keeps and recipes belong to this engine too: both are taken for one."
        return f"Its {moves} moves, keeps, recipes and history of acts go on here."
