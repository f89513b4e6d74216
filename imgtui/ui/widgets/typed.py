"""A line to type in, on a screen whose keys do things."""

from __future__ import annotations

from textual.events import Key
from textual.widgets import Input


class TypedLine(Input):
    """A plain line without a blinking cursor."""

    def __init__(self, value: str, hint: str, *, id: str) -> None:
        super().__init__(value, placeholder=hint, id=id, compact=True, select_on_focus=False)
        self.cursor_blink = False  # it would cost 2.6 KB a second


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
