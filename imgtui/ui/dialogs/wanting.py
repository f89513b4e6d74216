"""A list whose keys change something: only those are told that are not refused, and a refusal says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from imgtui.ui.dialogs.filtering import FilteringScreen
from imgtui.ui.widgets.columns import Column

WhyNot = Callable[[str, str | None], str | None]
"""Why something, by its verb, cannot be done now with the row of a key; None when it can."""
Do = Callable[[str, str | None], None]
"""Do something, by its verb, with the row of a key."""


class WantingScreen(FilteringScreen):
    """Ends with the key of a row, or None. It stays while a plan stands before it, and while the act runs."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+x", "stop", "stop what is under way")]
    KEYS: ClassVar[Sequence[tuple[str, str]]] = ()
    """Verbs that change something, and how their keys are told: `r roll back`."""

    def __init__(self, columns: Sequence[Column], keys: Sequence[str], why_not: WhyNot, do: Do) -> None:
        self._why_not = why_not
        self._do = do
        self._said = ""
        """Why what was wanted last cannot be, or how it goes with it."""
        self._first = next(iter(keys), None)
        self._filled = False
        super().__init__(columns, keys)

    def on_mount(self) -> None:
        """From now on the cursor stands on a row."""
        self._filled = True

    def tell(self) -> None:
        """Something new is known: show it."""

    def say(self, text: str) -> None:
        """Say something in the title until the cursor moves."""
        self._said = text
        if self._filled:
            self.show_heading(self.heading(len(self.table.keys), len(self._keys)))

    def heading_of(self, found: str, *others: str) -> str:
        """What is said; else what was found, the keys that are not refused, and the `others`."""
        if self._said:
            return self._said
        key = self.table.key if self._filled else self._first
        keys = [text for verb, text in self.KEYS if self._why_not(verb, key) is None]
        return "  ".join([f"{found}   enter version", *keys, *others, "/ filter", "esc back"])

    def want(self, verb: str) -> None:
        """Have done what is wanted, or say why that cannot be."""
        reason = self._why_not(verb, self.table.key)
        self.say(reason or "")
        if reason is None:
            self._do(verb, self.table.key)

    def action_stop(self) -> None:
        """Have the act stopped that is under way: it goes on while this stands before the panes."""
        self._do("stop", None)

    def action_move(self, rows: int) -> None:
        """Move the cursor: what can be done with the next row is told."""
        super().action_move(rows)
        self.say("")
