"""Lines to read, wrapped and scrolled."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from imgtui.ui.present.spans import Line
from imgtui.ui.widgets.detail import wrapped
from imgtui.ui.widgets.lines import Lines


class Page(Lines):
    """Shows lines under each other."""

    def __init__(self, lines: Sequence[Line] = (), *, id: str) -> None:
        super().__init__(id=id)
        self._source = lines
        self._lines: Sequence[Line] = lines

    @property
    def length(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def show(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        self._source = lines
        self._lay_out()
        self.repaint()

    def make_line(self, y: int, width: int) -> Strip:
        """A line."""
        index = self.top + y
        return self.strip_of(self._lines[index] if index < len(self._lines) else (), width)

    def on_resize(self) -> None:
        """Wrapped lines break elsewhere."""
        self._lay_out()
        super().on_resize()
        self.repaint()

    def _lay_out(self) -> None:
        width = self.size.width - 1
        if width > 0:
            self._lines = [part for line in self._source for part in wrapped(line, width) if line] or [()]
