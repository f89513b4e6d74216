"""A table in a box to pick one row from."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Static

from imgtui.ui.widgets.columns import Column
from imgtui.ui.widgets.lines import StyledScreen
from imgtui.ui.widgets.page import Page
from imgtui.ui.widgets.scrolling import scrolling
from imgtui.ui.widgets.spans import Line, Span
from imgtui.ui.widgets.table import Table

AROUND = 4
"""Lines of the box that are no rows: borders, title, names of the columns."""


class PickingScreen(StyledScreen[str | None], ModalScreen[str | None]):
    """Ends with the key of the row that was picked, or None."""

    CSS_PATH = Path(__file__).with_name("modal.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "back"),
        Binding("enter", "pick", "this one"),
        *scrolling(8),
    ]

    FOOT: ClassVar[int] = 0
    """Lines under the table for what belongs to the row under the cursor."""
    WHOLE: ClassVar[bool] = False
    """Whether it takes the whole screen."""

    table = query_one(Table)

    def __init__(self, title: str, columns: Sequence[Column], keys: Sequence[str]) -> None:
        super().__init__()
        self._title = title
        self._columns = columns
        self._keys = keys

    @abstractmethod
    def cells(self, key: str) -> Sequence[Span]:
        """The cells of a row."""

    def compose(self) -> ComposeResult:
        """Title and table."""
        with Vertical(classes="box whole" if self.WHOLE else "box") as box:
            if not self.WHOLE:
                box.styles.height = len(self._keys) + AROUND + self.FOOT
            yield Static(Content(self._title), classes="title")
            yield Table(self._columns, id="picking")
            if self.FOOT:
                foot = Page(id="foot")
                foot.styles.height = self.FOOT
                yield foot

    def foot(self, key: str) -> Sequence[Line]:
        """What stands under the table for a row."""
        return ()

    def on_mount(self) -> None:
        """Fill the table."""
        self.table.active = True
        self.table.show(self._keys, self.cells)

    def action_leave(self) -> None:
        """Pick nothing."""
        self.dismiss(None)

    def action_pick(self) -> None:
        """Pick the row under the cursor."""
        self.dismiss(self.table.key)

    def action_move(self, rows: int) -> None:
        """Move the cursor; what stands under the table is painted together with it."""
        self.table.move(rows)
        self.show_foot()

    def show_foot(self) -> None:
        """Show what belongs to the row under the cursor."""
        if self.FOOT:
            key = self.table.key
            self.query_one(Page).show(self.foot(key) if key is not None else ())

    @on(Table.Moved)
    def _moved(self, event: Table.Moved) -> None:
        event.stop()
        self.show_foot()

    @on(Table.Entered)
    def _entered(self, event: Table.Entered) -> None:
        event.stop()
        self.action_pick()
