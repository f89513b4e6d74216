"""A line to type in, on a screen whose keys do things."""

from __future__ import annotations

from textual.events import Key
from textual.widgets import Input

from imgtui.model.core.printable import printable

LONGEST = 100_000
"""Characters of what is pasted at once."""


class TypedLine(Input):
    """A plain line without a blinking cursor."""

    def __init__(self, value: str, hint: str, *, id: str) -> None:
        super().__init__(value, placeholder=hint, id=id, compact=True, select_on_focus=False)
        self.cursor_blink = False  # it would cost 2.6 KB a second

    def replace(self, text: str, start: int, end: int) -> None:
        """Textual's; what is typed or pasted is shown as it is taken: nothing of it is invisible."""
        base = "x" if start else ""  # a mark sits on the character before it
        super().replace(printable(base + text, LONGEST)[len(base) :], start, end)


class FilterLine(TypedLine):
    """A line that Enter ends: what is typed after it goes back to the program.

    Over a slow link several keys arrive at once, before a screen can take the line away.
    """

    _entered = False

    async def _on_key(self, event: Key) -> None:
        if self._entered:
            event.stop()
            event.prevent_default()
            self.app.post_message(Key(event.key, event.character))
            return
        self._entered = event.key == "enter"
        await super()._on_key(event)
