"""Widgets whose own keys are done in the order in which they were pressed.

Textual looks for what a key is bound to when the key has come back from the widget that had the focus then:
over a slow link, where several keys arrive at once, the focus may have moved on by that time.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.events import Key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.dom import DOMNode


class OwnKeys:
    """Goes before a kind of widget: does what that binds keys to as soon as a key reaches it.

    No widget itself: of several, Textual takes styles from the first alone.
    """

    if TYPE_CHECKING:

        async def run_action(self, action: str, namespaces: Mapping[str, DOMNode] | None = None) -> None:
            """Textual's own."""

    @cached_property
    def _own(self) -> dict[str, str]:
        """Key to action; the bindings of the nearest class come first."""
        found: dict[str, str] = {}
        for kind in type(self).__mro__:
            for binding in vars(kind).get("BINDINGS", ()):
                if isinstance(binding, Binding):
                    for key in binding.key.split(","):
                        found.setdefault(key.strip(), binding.action)
        return found

    async def _on_key(self, event: Key) -> None:
        action = self._own.get(event.key)
        if action is not None:
            event.stop()
            event.prevent_default()
            await self.run_action(action)
