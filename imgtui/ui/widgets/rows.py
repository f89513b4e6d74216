"""A column of lines beside other widgets: one line a row, cut where it is too long."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from imgtui.ui.widgets.lines import Lines
from imgtui.ui.widgets.spans import Line


class Rows(Lines):
    """Shows lines as they are, empty ones too."""

    def __init__(self, lines: Sequence[Line] = (), *, id: str) -> None:
        super().__init__(id=id)
        self._lines = lines

    def show(self, lines: Sequence[Line]) -> None:
        """Show other lines; only what differs is painted."""
        self._lines = lines
        self.repaint()

    def make_line(self, y: int, width: int) -> Strip:
        """A line."""
        return self.strip_of(self._lines[y] if y < len(self._lines) else (), width)
