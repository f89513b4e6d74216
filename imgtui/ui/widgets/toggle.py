"""Something that is on or off."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from imgtui.ui.widgets.lines import Lines
from imgtui.ui.widgets.own_keys import OwnKeys
from imgtui.ui.widgets.spans import Span


class Toggle(OwnKeys, Lines, can_focus=True):
    """A line of its own; space turns it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "turn", "on, off", show=False),
        Binding("enter", "submit", "go on", show=False),
    ]

    class Turned(Message):
        """It was turned."""

    class Submitted(Message):
        """Enter was pressed on it."""

    def __init__(self, *, on: bool, id: str) -> None:
        super().__init__(id=id)
        self.on = on

    def make_line(self, y: int, width: int) -> Strip:
        """`[x]` and where the focus is."""
        style = "cursor" if self.has_focus else ""
        return self.strip_of([Span(f" {'[x] yes' if self.on else '[ ] no'} ", style)], width)

    def on_focus(self) -> None:
        """Show where the keys go."""
        self.repaint()

    def on_blur(self) -> None:
        """Show that they go elsewhere."""
        self.repaint()

    def on_click(self) -> None:
        """A click turns it."""
        self.action_turn()

    def action_turn(self) -> None:
        """Turn it."""
        self.on = not self.on
        self.repaint()
        self.post_message(self.Turned())

    def action_submit(self) -> None:
        """Go on."""
        self.post_message(self.Submitted())
