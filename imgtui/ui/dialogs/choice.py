"""A short list to choose one text from."""

from __future__ import annotations

from collections.abc import Sequence

from imgtui.ui.dialogs.picking import PickingScreen
from imgtui.ui.widgets.columns import Column
from imgtui.ui.widgets.spans import Span

COLUMNS = (Column("WHAT", 14, rank=9), Column("TEXT", 20, rank=8, stretch=1))


class ChoiceScreen(PickingScreen):
    """Ends with the text that was chosen, or None. Long texts are shown cut, and chosen whole."""

    def __init__(self, title: str, choices: Sequence[tuple[str, str]]) -> None:
        self._labels = {text: label for label, text in choices}
        super().__init__(f"{title}   enter: this one   esc: back", COLUMNS, list(self._labels))

    def cells(self, key: str) -> Sequence[Span]:
        """Label and text."""
        return Span(self._labels[key], "dim"), Span(key.replace("\n", "↵ "))
