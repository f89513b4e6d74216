"""Every key, from the registry; Enter does the one under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from imgtui.ui.actions import Action, by_id
from imgtui.ui.dialogs.picking import PickingScreen
from imgtui.ui.widgets.columns import Column
from imgtui.ui.widgets.spans import Line, Span, line

COLUMNS = (
    Column("KEYS", 12, rank=9),
    Column("", 8, rank=1),
    Column("WHAT IT DOES", 20, rank=8, stretch=1),
)


class HelpScreen(PickingScreen):
    """Ends with the ID of an action to do, or None."""

    FOOT = 3
    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark", "leave", "back")]

    def __init__(self, actions: Sequence[Action], why_not: Callable[[Action], str | None]) -> None:
        super().__init__("Keys   enter: do it   esc: back", COLUMNS, [action.id for action in actions])
        self._actions = actions
        self._why_not = why_not

    def foot(self, key: str) -> Sequence[Line]:
        """What the key under the cursor does, in full, and the name to bind another key to."""
        return [line(Span(f" {key}  ", "accent"), by_id(self._actions, key).tooltip)]

    def cells(self, key: str) -> Sequence[Span]:
        """Keys, group, and what it does, or why it is not possible now."""
        action = by_id(self._actions, key)
        reason = self._why_not(action)
        text = f"(not now: {reason}) {action.tooltip}" if reason else action.tooltip
        return Span(action.key_text, "accent"), Span(action.group, "dim"), Span(text, "dim" if reason else "")
