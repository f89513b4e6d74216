"""Every key, from the registry; Enter does the one under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from imgtui.ui.actions import Action, by_id
from imgtui.ui.present.columns import Column
from imgtui.ui.present.spans import Span
from imgtui.ui.widgets.table import Table

COLUMNS = (
    Column("KEYS", 12, rank=9),
    Column("", 8, rank=1),
    Column("WHAT IT DOES", 20, rank=8, stretch=1),
)


class HelpScreen(ModalScreen[str | None]):
    """Ends with the ID of an action to do, or None."""

    CSS_PATH = "modal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "leave", "back"),
        Binding("enter", "choose", "do it"),
        Binding("j,down", "move(1)", "down", show=False),
        Binding("k,up", "move(-1)", "up", show=False),
        Binding("ctrl+d,pagedown", "move(8)", "page down", show=False),
        Binding("ctrl+u,pageup", "move(-8)", "page up", show=False),
        Binding("g,home", "move(-1000)", "top", show=False),
        Binding("G,end", "move(1000)", "bottom", show=False),
    ]

    def __init__(self, actions: Sequence[Action], why_not: Callable[[Action], str | None]) -> None:
        super().__init__()
        self._actions = actions
        self._why_not = why_not

    def compose(self) -> ComposeResult:
        """Title and table."""
        with Vertical(classes="box"):
            yield Static(Content("Keys   enter: do it   esc: back"), classes="title")
            yield Table(COLUMNS, id="keys")

    def on_mount(self) -> None:
        """Fill the table."""
        self.query_one(Table).active = True
        self.query_one(Table).show([action.id for action in self._actions], self._cells)

    def action_leave(self) -> None:
        """Do nothing."""
        self.dismiss(None)

    def action_choose(self) -> None:
        """Do the action under the cursor, back on the screen that it belongs to."""
        self.dismiss(self.query_one(Table).key)

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.query_one(Table).move(rows)

    def _cells(self, key: str) -> Sequence[Span]:
        action = by_id(self._actions, key)
        reason = self._why_not(action)
        text = f"{action.tooltip} (not now: {reason})" if reason else action.tooltip
        return Span(action.key_text, "accent"), Span(action.group, "dim"), Span(text, "dim" if reason else "")
