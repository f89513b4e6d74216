"""The journal of acts: every change that imgtui made to this engine, as docker commands, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.getters import query_one

from imgtui.store.journal import JournalEntry
from imgtui.ui.dialogs.aging import AgingScreen
from imgtui.ui.dialogs.choice import ChoiceScreen
from imgtui.ui.dialogs.filtering import FilteringScreen
from imgtui.ui.explorer.knowledge import Knowledge
from imgtui.ui.messages import CopyAsked
from imgtui.ui.plans.journal_text import JOURNAL_COLUMNS, commands_of, journal_cells, journal_lines, text_of
from imgtui.ui.widgets.page import Page
from imgtui.ui.widgets.spans import Line, Span
from imgtui.words import plural

_TITLE: Final = "Done by imgtui"


class JournalScreen(FilteringScreen, AgingScreen[str | None]):
    """Only to be read and copied from: nothing is picked."""

    FOOT = 9
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "copy the commands"),
        Binding("J", "scroll(1)", "scroll the commands", show=False),
        Binding("K", "scroll(-1)", "scroll the commands", show=False),
    ]

    page = query_one("#foot", Page)

    def __init__(self, known: Knowledge) -> None:
        self._known = known
        self._entries: dict[str, JournalEntry] = {}
        self._said = False
        """Whether the title says what was copied."""
        super().__init__(JOURNAL_COLUMNS, ())

    def on_mount(self) -> None:
        """Show what was read last, until it is read again; Textual calls the handler of the base too."""
        self._show_known()

    def show_known(self) -> None:
        """Show what is known of the journal; the cursor stays on its act."""
        if self.is_mounted:
            self._show_known()

    def _show_known(self) -> None:
        read = self._known.journal
        if read is None:
            return
        self._entries = {str(entry.number): entry for entry in read.entries}
        self._keys = list(self._entries)
        self.table.empty = read.problem or "imgtui has changed nothing on this engine yet."
        self.show_rows()
        self.page.show(self.foot(self.table.key) if self.table.key is not None else ())

    def heading(self, shown: int, known: int) -> str:
        """How many acts, and the keys."""
        count = plural(known, "act")
        found = f"{shown} of {count}" if shown != known else count
        return f"{_TITLE}  {found}   y copy  J K scroll  / filter  esc back"

    def cells(self, key: str) -> Sequence[Span]:
        """An act."""
        return journal_cells(self._entries[key], self._known.now)

    def text_of(self, key: str) -> str:
        """An act's title, commands and outcome."""
        return text_of(self._entries[key])

    def foot(self, key: str) -> Sequence[Line]:
        """The act under the cursor in full."""
        return journal_lines(self._entries[key])

    def action_pick(self) -> None:
        """Enter copies too: there is nothing to go into."""
        self.action_copy()

    def action_copy(self) -> None:
        """Copy the command of the act under the cursor; of several, all or one."""
        if self.table.key is None:
            return
        entry = self._entries[self.table.key]
        commands = commands_of(entry)
        if len(commands) == 1:
            self._copied(commands[0])
            return
        choices = [(f"all {len(commands)}", entry.command), *(("command", each) for each in commands)]
        self.app.push_screen(ChoiceScreen("Copy", choices), self._copied)

    def action_move(self, rows: int) -> None:
        """Move the cursor; what was said is over."""
        if self._said:
            self._said = False
            self.show_rows()
        super().action_move(rows)

    def action_scroll(self, rows: int) -> None:
        """Scroll the commands."""
        self.page.scroll_to_line(self.page.top + rows)

    def _copied(self, text: str | None) -> None:
        if text is not None:
            self.post_message(CopyAsked(text, self._tell))

    def _tell(self, said: str) -> None:
        if self.is_mounted:
            self._said = True
            self.show_heading(f"{_TITLE}  {said}")
