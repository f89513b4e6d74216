"""The beginning of a file, to be read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Static

from imgtui.ui.widgets.lines import StyledScreen
from imgtui.ui.widgets.page import Page
from imgtui.ui.widgets.spans import Line


class PagerScreen(StyledScreen[None], ModalScreen[None]):
    """Scrolls lines over the whole screen."""

    CSS_PATH = Path(__file__).parents[1] / "dialogs/modal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "back"),
        Binding("j,down,enter", "move(1)", "down", show=False),
        Binding("k,up", "move(-1)", "up", show=False),
        Binding("ctrl+d,pagedown,space", "turn(1)", "page down", show=False),
        Binding("ctrl+u,pageup", "turn(-1)", "page up", show=False),
        Binding("g,home", "move(-1000000)", "top", show=False),
        Binding("G,end", "move(1000000)", "bottom", show=False),
    ]

    page = query_one(Page)

    def __init__(self, title: str, lines: Sequence[Line]) -> None:
        super().__init__()
        self._title = title
        self._lines = lines

    def compose(self) -> ComposeResult:
        """Title and lines."""
        with Vertical(classes="box whole"):
            yield Static(Content(f"{self._title}   esc back"), classes="title")
            yield Page(self._lines, id="content")

    def action_leave(self) -> None:
        """Back to where it was opened."""
        self.dismiss(None)

    def action_move(self, rows: int) -> None:
        """Scroll by rows."""
        self.page.scroll_to_line(self.page.top + rows)

    def action_turn(self, pages: int) -> None:
        """Scroll by pages."""
        self.action_move(pages * max(1, self.page.page - 1))
