"""The one list of imgtui: columns, a cursor that stays on its row, marks, a header."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.strip import Strip

from imgtui.ui.widgets.columns import GAP, Column, aligned, fitting
from imgtui.ui.widgets.lines import Lines
from imgtui.ui.widgets.spans import Line, Span

MARGIN = 2
"""Cells before the first column: the cursor's arrow or a mark, and a space."""


Present = Callable[[str], Sequence[Span]]
"""The cells of the row of a key: one span for each column."""


class Table(Lines):
    """Rows by key. Only rows in view are ever presented; a move repaints two lines."""

    @dataclass
    class Moved(Message):
        """The cursor stands on another row, or its row changed."""

        table: Table
        key: str | None

    @dataclass
    class Entered(Message):
        """A row was chosen with the mouse."""

        table: Table
        key: str

    def __init__(self, columns: Sequence[Column], *, id: str) -> None:
        super().__init__(id=id)
        self._columns = columns
        self._keys: Sequence[str] = ()
        self._places: dict[str, int] | None = None
        self._present: Present = lambda _: ()
        self._cursor = 0
        self._title: Line = ()
        self.marks: set[str] = set()
        self.empty = ""

    @property
    def key(self) -> str | None:
        """The key under the cursor."""
        return self._keys[self._cursor] if self._cursor < len(self._keys) else None

    @property
    def keys(self) -> Sequence[str]:
        """All keys, in their order."""
        return self._keys

    @property
    def head(self) -> int:
        """A title if there is one, and the names of the columns."""
        return 2 if self._title else 1

    @property
    def length(self) -> int:
        """How many rows there are."""
        return len(self._keys)

    @property
    def _index(self) -> dict[str, int]:
        """Where each key stands; made when it is asked for: a tree of files has tens of thousands."""
        if self._places is None:
            self._places = {key: index for index, key in enumerate(self._keys)}
        return self._places

    def keys_in_view(self) -> Sequence[str]:
        """The keys of the rows that can be seen."""
        return self._keys[self.top : self.top + self.page]

    def show(
        self, keys: Sequence[str], present: Present, *, select: str | None = None, title: Line = ()
    ) -> None:
        """Show these rows. The cursor stays on its key, or on its place when the key is gone."""
        wanted = select if select is not None else self.key
        before = self.key
        self._keys, self._present, self._title = keys, present, title
        self._places = None
        if self.marks:
            self.marks &= self._index.keys()
        self._cursor = min(self._cursor, max(0, len(keys) - 1))
        if wanted is not None and self.key != wanted:
            self._cursor = self._index.get(wanted, self._cursor)
        self._bring_into_view()
        if self.key != before:
            self.post_message(self.Moved(self, self.key))

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Use other columns."""
        self._columns = columns
        self.repaint()

    def move(self, rows: int) -> None:
        """Move the cursor down (or up) by rows, not past the ends."""
        self.move_to(self._cursor + rows)

    def move_to(self, index: int) -> None:
        """Put the cursor on a row; the ends stop it."""
        index = max(0, min(index, len(self._keys) - 1))
        if index == self._cursor or not self._keys:
            return
        self._cursor = index
        self._bring_into_view()
        self.post_message(self.Moved(self, self.key))

    def select(self, key: str) -> bool:
        """Put the cursor on a key; whether it is there."""
        if key in self._index:
            self.move_to(self._index[key])
        return key in self._index

    def toggle_mark(self) -> None:
        """Mark or unmark the row under the cursor, and go on to the next."""
        if self.key is not None:
            self.marks ^= {self.key}
            self.move(1)
            self.repaint()

    def mark(self, keys: Iterable[str]) -> None:
        """Mark exactly these rows."""
        self.marks = set(keys) & self._index.keys()
        self.repaint()

    def mark_between(self, anchor: str) -> None:
        """Mark the rows from an anchor to the cursor."""
        first, last = sorted((self._index.get(anchor, self._cursor), self._cursor))
        self.mark({*self.marks, *self._keys[first : last + 1]})

    def make_line(self, y: int, width: int) -> Strip:
        """The header, or a row."""
        columns = fitting(self._columns, width - MARGIN)
        if y == 0 and self._title:
            title = [Span(span.text, self.heading) for span in self._title]
            return self.strip_of(title, width, filling=self.heading)
        if y == self.head - 1:
            titles = [
                Span(column.title if kept else "")
                for column, kept in zip(self._columns, columns, strict=True)
            ]
            style = "columns" if self._title else self.heading
            return self.strip_of([Span(" " * MARGIN + self._layout(titles, columns), style)], width)
        index = self.top + y - self.head
        if index >= len(self._keys):
            text = f"  {self.empty}" if not self._keys and y == self.head + 1 else ""
            return self.strip_of([Span(text, "dim")], width)
        key = self._keys[index]
        base = None
        if index == self._cursor:
            base = "cursor" if self.active else "blurred"
        elif key in self.marks:
            base = "marked"
        sign = "●" if key in self.marks else ">" if index == self._cursor else " "
        cells = self._present(key)
        return self.strip_of([Span(f"{sign} "), *self._cells(cells, columns)], width, base)

    def on_click(self, event: events.Click) -> None:
        """A click selects, a second one enters."""
        row = event.y - self.head + self.top
        if event.y < self.head or row >= len(self._keys):
            return
        if row == self._cursor:
            self.post_message(self.Entered(self, self._keys[row]))
        self.move_to(row)

    def on_resize(self) -> None:
        """The cursor stays in view."""
        super().on_resize()
        self._bring_into_view()

    def _bring_into_view(self) -> None:
        """Scroll by half a view when the cursor left it: one repaint in ten moves, not each."""
        top = self.top
        if not top <= self._cursor < top + self.page:
            top = self._cursor - self.page // 2
        self._place_hardware_cursor()
        self.scroll_to_line(top)

    def _place_hardware_cursor(self) -> None:
        """Where a screen reader or a braille line looks."""
        if self.active and self.is_attached:
            y = self._cursor - self.top + self.head
            self.app.cursor_position = self.content_region.offset + Offset(0, y)

    def _cells(self, cells: Sequence[Span], columns: Sequence[int]) -> list[Span]:
        if len(cells) == 1 != len(columns):
            return list(cells)  # a row that is one text
        laid: list[Span] = []
        for cell, column, width in zip(cells, self._columns, columns, strict=True):
            if width:
                laid.append(Span(aligned(cell.text, width, right=column.right) + " " * GAP, cell.style))
        return laid

    def _layout(self, cells: Sequence[Span], columns: Sequence[int]) -> str:
        return "".join(span.text for span in self._cells(cells, columns))
