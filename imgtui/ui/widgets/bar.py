"""One line at the top or bottom of the screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from imgtui.ui.widgets.detail import wrapped
from imgtui.ui.widgets.lines import Lines
from imgtui.ui.widgets.spans import Line

TALLEST = 3
"""Lines of a bar that shows something whole."""


class Bar(Lines, can_focus=False):
    """A line with a left and a right part; the right one is never cut."""

    PLAIN = "bar"

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._left: Line = ()
        self._right: Line = ()
        self._whole = False
        self._lines: Sequence[Line] = [()]

    def show(self, left: Line, right: Line = (), *, whole: bool = False) -> None:
        """Show these parts; `whole` is the left one in as many lines as it needs, at most three."""
        if (self._left, self._right, self._whole) != (left, right, whole):
            self._left, self._right, self._whole = left, right, whole
            self._lay_out()
            self.repaint()

    def on_resize(self) -> None:
        """A line that is shown whole breaks elsewhere."""
        super().on_resize()
        self._lay_out()

    def _lay_out(self) -> None:
        room = self.size.width - self._right_width
        self._lines = wrapped(self._left, room)[:TALLEST] if self._whole and room > 0 else [self._left]
        if self.styles.height is None or self.styles.height.value != len(self._lines):
            self.styles.height = len(self._lines)

    def style_of(self, name: str, base: str | None = None) -> Style:
        """The style that a span asks for, on the bar's own background."""
        style = super().style_of(name, base)
        return style + Style(bgcolor=super().style_of(self.PLAIN).bgcolor) if name else style

    def make_line(self, y: int, width: int) -> Strip:
        """The line, and what did not fit it."""
        if y > 0:
            return self.strip_of(self._lines[y] if y < len(self._lines) else (), width)
        left = self.strip_of(self._lines[0], max(0, width - self._right_width))
        return Strip.join([left, self.strip_of(self._right, min(width, self._right_width))])

    @property
    def _right_width(self) -> int:
        return sum(cell_len(span.text) for span in self._right)
