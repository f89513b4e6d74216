"""The detail of a version: tabs above lines."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, chop_cells
from textual.strip import Strip

from imgtui.ui.widgets.lines import Lines
from imgtui.ui.widgets.spans import Line, Span

HANGING = 4
"""Cells that the rest of a wrapped line is indented by."""


class Detail(Lines):
    """Shows the lines of one tab under a row of tab names."""

    def __init__(self, tabs: Sequence[str], *, id: str) -> None:
        super().__init__(id=id)
        self.tabs = tabs
        self.tab = 0
        self._lines: Sequence[Line] = ()
        self._source: Sequence[Line] = ()
        self._wrap = True
        self._title = ""

    def show(self, lines: Sequence[Line], *, wrap: bool, top: bool, title: str = "") -> None:
        """Show these lines, wrapped or cut, from the top or where it was scrolled to."""
        self._source, self._wrap, self._title = lines, wrap, title
        self._lay_out()
        self.scroll_to_line(0 if top else self.top)

    def move(self, rows: int) -> None:
        """Scroll by rows."""
        self.scroll_to_line(self.top + rows)

    def move_to(self, row: int) -> None:
        """Scroll to a row."""
        self.scroll_to_line(row)

    @property
    def head(self) -> int:
        """The line of the tabs."""
        return 1

    @property
    def length(self) -> int:
        """How many lines the tab has."""
        return len(self._lines)

    @property
    def width(self) -> int:
        """Cells that a line of the tab has."""
        return max(0, self.size.width - 1)

    def make_line(self, y: int, width: int) -> Strip:
        """The tabs, or a line."""
        if y == 0:
            style = self.heading
            title = self.strip_of([Span(self._title, style)], len(self._title) + 1, filling=style)
            tabs = self.strip_of(self._tab_line(), width - title.cell_length, filling=style)
            return Strip.join([tabs, title])
        index = self.top + y - 1
        return self.strip_of(self._lines[index] if index < len(self._lines) else (), width)

    def on_resize(self) -> None:
        """Wrapped lines break elsewhere."""
        self._lay_out()
        super().on_resize()
        self.repaint()

    def _lay_out(self) -> None:
        width = self.width
        if self._wrap and width > HANGING * 2:
            self._lines = [part for line in self._source for part in wrapped(line, width)]
        else:
            self._lines = self._source

    def _tab_line(self) -> Line:
        return [
            Span(f" {name} ", "tab" if index == self.tab else self.heading)
            for index, name in enumerate(self.tabs)
        ]


def wrapped(line: Line, width: int) -> list[Line]:
    """The line in pieces that fit a width; pieces after the first stand under what follows a label."""
    width = max(1, width)
    if sum(cell_len(span.text) for span in line) <= width:
        return [line]
    label = cell_len(line[0].text)
    indent = label if len(line) > 1 and label <= width // 3 else min(HANGING, width // 3)
    pieces: list[list[Span]] = [[]]
    room = width
    for text, style in line:
        rest = text
        while cell_len(rest) > room:
            part = _head(rest, room)
            if not part and room >= width - indent:  # a wide character in a single cell
                part = rest[:1]
            if part:
                pieces[-1].append(Span(part, style))
            rest = rest[len(part) :]
            pieces.append([Span(" " * indent)])
            room = width - indent
        if rest:
            pieces[-1].append(Span(rest, style))
            room -= cell_len(rest)
    return list(pieces)


def _head(text: str, room: int) -> str:
    """The part of a text that fits, up to a space if there is one near its end."""
    if room <= 0:
        return ""
    part = chop_cells(text, room)[0]
    space = part.rfind(" ")
    return part[: space + 1] if space > len(part) * 2 // 3 else part
