"""Lines to read, wrapped and scrolled."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from imgtui.ui.widgets.detail import wrapped
from imgtui.ui.widgets.lines import Lines
from imgtui.ui.widgets.spans import Line

MOST_LINES = 5_000
"""Lines of a page that goes on: the newest."""


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

    def add(self, lines: Sequence[Line]) -> None:
        """Show more lines under those that are there; the oldest of very many go."""
        if not self._source or len(self._source) + len(lines) > MOST_LINES:
            self.show([*self._source, *lines][-MOST_LINES:])
            return
        self._source = [*self._source, *lines]
        self._lines = [*self._lines, *self._wrap(lines)]
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
        if self.size.width > 1:
            self._lines = self._wrap(self._source) or [()]

    def _wrap(self, lines: Sequence[Line]) -> list[Line]:
        return [part for line in lines for part in wrapped(line, self.size.width - 1) if line]
