"""Textual's command palette, for keys that come before it is painted."""

from __future__ import annotations

from contextlib import suppress

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette
from textual.css.query import NoMatches


class Palette(CommandPalette):
    """Moves in its list once there is one: Textual 8.2 raises for keys that arrive together with its own."""

    def _action_command_list(self, action: str) -> None:
        with suppress(KeyError, NoMatches):  # rows are looked for by where they are painted
            super()._action_command_list(action)

    def dismiss(self, result: None = None) -> AwaitComplete:
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def _action_cursor_down(self) -> None:
        with suppress(NoMatches):
            super()._action_cursor_down()
