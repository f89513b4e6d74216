"""One line at the top or bottom of the screen."""

from __future__ import annotations

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from imgtui.ui.present.spans import Line
from imgtui.ui.widgets.lines import Lines


class Bar(Lines, can_focus=False):
    """A line with a left and a right part; the right one is never cut."""

    PLAIN = "bar"

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._left: Line = ()
        self._right: Line = ()

    def show(self, left: Line, right: Line = ()) -> None:
        """Show these parts."""
        if (self._left, self._right) != (left, right):
            self._left, self._right = left, right
            self.repaint()

    def style_of(self, name: str, base: str | None = None) -> Style:
        """The style that a span asks for, on the bar's own background."""
        style = super().style_of(name, base)
        return style + Style(bgcolor=super().style_of(self.PLAIN).bgcolor) if name else style

    def make_line(self, y: int, width: int) -> Strip:
        """The line; nothing below it."""
        if y > 0:
            return self.strip_of((), width)
        right_width = sum(cell_len(span.text) for span in self._right)
        left = self.strip_of(self._left, max(0, width - right_width))
        return Strip.join([left, self.strip_of(self._right, min(width, right_width))])
