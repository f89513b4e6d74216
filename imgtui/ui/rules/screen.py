"""The keep rules in force; where there is none, the offer of a first one."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from imgtui.ui.explorer.knowledge import Knowledge
from imgtui.ui.rules.text import offer_lines, rules_lines
from imgtui.ui.widgets.lines import StyledScreen
from imgtui.ui.widgets.page import Page

AROUND = 6
"""Lines of the box that are not the rules': borders, title, keys, room."""


class RulesScreen(StyledScreen[bool | None], ModalScreen[bool | None]):
    """Ends with the answer to the offer; None for no answer."""

    CSS_PATH = Path(__file__).parents[1] / "dialogs/modal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "back"),
        Binding("enter", "agree", "keep the last 5"),
        Binding("n", "decline", "never on this engine"),
        Binding("j,down", "move(1)", "down", show=False),
        Binding("k,up", "move(-1)", "up", show=False),
    ]

    def __init__(self, known: Knowledge, *, answerable: bool) -> None:
        super().__init__()
        self._known = known
        self._offers = answerable and bool(known.rules.place)

    def compose(self) -> ComposeResult:
        """The rules or the offer, and what to press."""
        lines = offer_lines(self._known) if self._offers else rules_lines(self._known)
        title, keys = "Keep rules", "esc: back"
        if self._offers:
            title, keys = "No keep rule", "enter: do it   esc: later"
            keys += "   n: never on this engine" if self._known.rules.offered else ""
        with Vertical(classes="box") as box:
            box.styles.height = len(lines) + AROUND
            yield Static(Content(title), classes="title")
            yield Page(lines, id="rules")
            yield Static(Content(keys), classes="keys")

    def action_move(self, rows: int) -> None:
        """Scroll by rows."""
        page = self.query_one(Page)
        page.scroll_to_line(page.top + rows)

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss(None)

    def action_agree(self) -> None:
        """Have the rule written."""
        if self._offers:
            self.dismiss(True)

    def action_decline(self) -> None:
        """Want no rule."""
        if self._offers and self._known.rules.offered:
            self.dismiss(False)
