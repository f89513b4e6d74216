"""A view of lines that repaints only the cells that changed.

Textual repaints a whole widget when its content changes; over a slow link that is what people
wait for. Here each line is made anew and compared with what stands on the screen.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from imgtui.ui.present.columns import fit
from imgtui.ui.present.spans import Line


class Lines(ScrollView, can_focus=False, inherit_bindings=False):
    """Lines of styled text that scroll. `STYLES` names what a span may ask for."""

    STYLES: ClassVar[tuple[str, ...]] = (
        "strong",
        "dim",
        "accent",
        "good",
        "warn",
        "bad",
        "heading",
        "active",
        "columns",
        "tab",
        "gone",
    )
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"lines--{name}" for name in (*STYLES, "cursor", "blurred", "marked")
    }

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: dict[int, Strip] = {}
        self._active = False

    @abstractmethod
    def make_line(self, y: int, width: int) -> Strip:
        """The strip of exactly `width` cells at a line of the view, counted from its top."""

    def render_line(self, y: int) -> Strip:
        """Textual asks for a line that has to be painted."""
        strip = self._shown[y] = self.make_line(y, self.scrollable_content_region.width)
        return strip

    def repaint(self) -> None:
        """Paint the cells that are not as they should be, and no others."""
        width = self.scrollable_content_region.width
        changed = []
        for y in range(self.scrollable_content_region.height):
            strip = self.make_line(y, width)
            old = self._shown.get(y)
            if old is None:
                changed.append(Region(0, y, width, 1))
            elif old != strip:
                first, last = _difference(old, strip)
                if last > first:
                    changed.append(Region(first, y, last - first, 1))
        if changed:
            self.refresh(*changed)

    @property
    def active(self) -> bool:
        """Whether keys go to this pane.

        Textual's own focus repaints the whole screen whenever it moves (12 KB at 120x40), so that
        panes do without it.
        """
        return self._active

    @active.setter
    def active(self, active: bool) -> None:
        self._active = active
        self.repaint()

    @property
    def heading(self) -> str:
        """The style of the pane's title."""
        return "active" if self._active else "heading"

    def resize_content(self, lines: int) -> None:
        """Tell how many lines there are."""
        size = Size(0, lines)
        if self.virtual_size != size:
            self.virtual_size = size

    def on_resize(self) -> None:
        """Every line is another one now."""
        self._shown.clear()

    def style_of(self, name: str, base: str | None = None) -> Style:
        """The style that a span asks for; on a cursor or marked line that line's own colours."""
        if base is not None:
            return self.get_component_rich_style(f"lines--{base}")
        return self.get_component_rich_style(f"lines--{name}") if name else self.rich_style

    def strip_of(self, line: Line, width: int, base: str | None = None, *, filling: str = "") -> Strip:
        """A line cut or filled to a width, in as few segments as its styles allow.

        `base` is the style of a whole line, whatever its spans ask for; `filling` that of the rest.
        """
        segments: list[Segment] = []
        left = width
        for text, name in line:
            if left <= 0:
                break
            length = cell_len(text)
            shown = text if length <= left else fit(text, left)
            left -= min(length, left)
            style = self.style_of(name, base)
            if segments and segments[-1].style == style:
                segments[-1] = Segment(segments[-1].text + shown, style)
            else:
                segments.append(Segment(shown, style))
        if left > 0:
            style = self.style_of(filling, base)
            if segments and segments[-1].style == style:
                left += cell_len(segments[-1].text)
                segments[-1] = Segment(set_cell_size(segments[-1].text, left), style)
            else:
                segments.append(Segment(" " * left, style))
        return Strip(segments, width)


def _difference(old: Strip, new: Strip) -> tuple[int, int]:
    """The first cell that differs, and the one after the last."""
    before, after = _cells(old), _cells(new)
    first = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        first += 1
    last = len(after)
    if len(before) == len(after):
        while last > first and before[last - 1] == after[last - 1]:
            last -= 1
    return first, last


def _cells(strip: Strip) -> list[tuple[str, Style | None]]:
    cells: list[tuple[str, Style | None]] = []
    for text, style, _ in strip:
        for character in text:
            width = cell_len(character)
            if width == 0 and cells:
                cells[-1] = (cells[-1][0] + character, style)
                continue
            cells.append((character, style))
            cells.extend([("", style)] * (width - 1))
    return cells
