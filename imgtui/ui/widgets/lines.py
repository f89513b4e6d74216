"""A view of lines that repaints only the cells that changed.

Textual repaints a whole widget when its content changes, and its scrollbars are widgets that are laid
out anew whenever the number of lines changes; over a slow link that is what people wait for. Here each
line is made anew and compared with what stands on the screen, and the scrollbar is the last cell of a
line.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.await_complete import AwaitComplete
from textual.geometry import Region
from textual.screen import Screen, ScreenResultType
from textual.strip import Strip
from textual.widget import Widget

from imgtui.ui.compositor import ExactCompositor
from imgtui.ui.widgets.columns import fit
from imgtui.ui.widgets.spans import Line

WHEEL = 3
"""Lines that one step of a mouse wheel scrolls."""
Styled = tuple[str, Style | None]
"""Text in one style, or what stands in a cell."""
_NARROW = re.compile("[ -~\u00a1-\u00ac\u00ae-\u02ff\u2026\u2190-\u21ff\u2500-\u25cf]*")
"""Text that has a cell for each character: signs of combining and double width are looked at one by one."""

STYLES = (
    "plain", "strong", "dim", "accent", "good", "warn", "bad", "gone", "bar",
    "heading", "active", "columns", "tab", "cursor", "blurred", "marked", "thumb",
)  # fmt: skip
"""What a span may ask for."""


class Allowance:
    """How many lines may be painted, by all that share it: those that have waited longest."""

    def __init__(self, lines: int) -> None:
        self._left = lines
        self._waiting: list[tuple[float, Lines, Region]] = []

    def ask(self, lines: Lines, changed: Iterable[Region]) -> None:
        """These lines differ from what stands on the screen."""
        self._waiting += [(lines.painted_at(region.y), lines, region) for region in changed]

    def spend(self) -> None:
        """Have as many painted as may be; the others differ still the next time."""
        for _, lines, region in sorted(self._waiting, key=lambda each: each[0])[: self._left]:
            lines.paint([region])


class StyledScreen(Screen[ScreenResultType]):
    """A screen whose lines take their styles from it.

    Textual works out the styles of each component of each widget at the start: once for a screen is
    20 ms less than once for every pane.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"lines--{name}" for name in STYLES}

    def __init__(self, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name, id, classes)
        self._compositor = ExactCompositor()

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Textual's, once: for a second key that came with the first it takes away what stands below."""
        return super().dismiss(result) if self.is_active else AwaitComplete()


class Lines(Widget, can_focus=False):
    """Lines of styled text under a head that stays, on a `StyledScreen`."""

    PLAIN: ClassVar[str] = "plain"
    """The style of text that asks for none."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: dict[int, Strip] = {}
        self.painted = 0
        """Lines that were painted since the beginning because they had changed."""
        self._painted_at: dict[int, float] = {}
        self.allowance: Allowance | None = None
        """What may be painted now, where that is limited."""
        self._active = False
        self._top = 0

    @property
    def head(self) -> int:
        """Lines above those that scroll."""
        return 0

    @property
    def length(self) -> int:
        """How many lines there are to scroll through."""
        return 0

    @abstractmethod
    def make_line(self, y: int, width: int) -> Strip:
        """The strip of exactly `width` cells at a line of the view, counted from its top."""

    @property
    def page(self) -> int:
        """Lines that fit under the head."""
        return max(1, self.size.height - self.head)

    @property
    def top(self) -> int:
        """The line that stands first under the head."""
        return self._top

    def scroll_to_line(self, line: int) -> None:
        """Have a line stand first under the head, as far as there are lines after it."""
        self._top = max(0, min(line, self.length - self.page))
        self.repaint()

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

    def render_line(self, y: int) -> Strip:
        """Textual asks for a line that has to be painted."""
        strip = self._shown[y] = self._whole_line(y)
        self._painted_at[y] = monotonic()
        return strip

    def painted_at(self, y: int) -> float:
        """When a line of the view was painted last, by the monotonic clock; 0 for never."""
        return self._painted_at.get(y, 0.0)

    def repaint(self) -> None:
        """Paint the cells that are not as they should be, and no others."""
        changed = []
        for y in range(self.size.height):
            strip = self._whole_line(y)
            old = self._shown.get(y)
            if old is None:
                changed.append(Region(0, y, self.size.width, 1))
            elif old != strip:
                first, last = _difference(old, strip)
                if last > first:
                    changed.append(Region(first, y, last - first, 1))
        if self.allowance is not None:
            self.allowance.ask(self, changed)
        elif changed:
            self.paint(changed)

    def paint(self, regions: Sequence[Region]) -> None:
        """Paint these regions, of a line each."""
        self.painted += len(regions)
        self.refresh(*regions)

    def on_resize(self) -> None:
        """What stands first may have lost the lines after it."""
        self._top = max(0, min(self._top, self.length - self.page))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel scrolls."""
        event.stop()
        self.scroll_to_line(self._top + WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel scrolls."""
        event.stop()
        self.scroll_to_line(self._top - WHEEL)

    def style_of(self, name: str, base: str | None = None) -> Style:
        """The style that a span asks for; on a cursor or marked line that line's own colours."""
        return self.screen.get_component_rich_style(f"lines--{base or name or self.PLAIN}")

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

    def _whole_line(self, y: int) -> Strip:
        """A line with the scrollbar's cell at its end, where there is more than fits."""
        width = self.size.width
        if self.length <= self.page or y < self.head:
            return self.make_line(y, width)
        thumb = max(1, self.page * self.page // self.length)
        first = self._top * (self.page - thumb) // max(1, self.length - self.page)
        here = first <= y - self.head < first + thumb
        bar = Segment("▐" if here else " ", self.style_of("thumb"))
        return Strip.join([self.make_line(y, width - 1), Strip([bar], 1)])


def _difference(old: Strip, new: Strip) -> tuple[int, int]:
    """The first cell that differs, and the one after the last.

    A terminal may take other signs for narrower or wider than they are taken for here: then what stands after
    them is painted with them.
    """
    if old.cell_length == new.cell_length and all(map(_NARROW.fullmatch, (old.text, new.text))):
        before, after = ([(text, style) for text, style, _ in strip] for strip in (old, new))
        first = _common(before, after)
        backwards = ([(text[::-1], style) for text, style in reversed(each)] for each in (before, after))
        return first, max(first, new.cell_length - _common(*backwards))
    first, last = _difference_of_cells(_cells(old), _cells(new))
    return (0 if first < last else first), last


def _common(one: Iterable[Styled], other: Iterable[Styled]) -> int:
    """How many characters both begin with, in the same styles."""
    count = 0
    left, right = iter(one), iter(other)
    a = b = ""
    style_a: Style | None = None
    style_b: Style | None = None
    while True:
        if not a:
            a, style_a = next(left, ("", None))
        if not b:
            b, style_b = next(right, ("", None))
        length = min(len(a), len(b))
        if not length or style_a != style_b:
            return count
        if a[:length] != b[:length]:
            return count + next(n for n in range(length) if a[n] != b[n])
        count += length
        a, b = a[length:], b[length:]


def _difference_of_cells(before: Sequence[Styled], after: Sequence[Styled]) -> tuple[int, int]:
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


def _cells(strip: Strip) -> list[Styled]:
    cells: list[Styled] = []
    for text, style, _ in strip:
        for character in text:
            width = cell_len(character)
            if width == 0 and cells:
                cells[-1] = (cells[-1][0] + character, style)
                continue
            cells.append((character, style))
            cells.extend([("", style)] * (width - 1))
    return cells
