"""A list whose keys change something: only those are told that are not refused, and a refusal says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from imgtui.ui.present.columns import Column
from imgtui.ui.screens.filtering import FilteringScreen

WhyNot = Callable[[str, str | None], str | None]
"""Why something, by its verb, cannot be done now with the row of a key; None when it can."""


class WantingScreen(FilteringScreen):
    """Ends with the key of a row, or None; `verb` says what is wanted with it."""

    KEYS: ClassVar[Sequence[tuple[str, str]]] = ()
    """Verbs that change something, and how their keys are told: `r roll back`."""

    def __init__(self, columns: Sequence[Column], keys: Sequence[str], why_not: WhyNot) -> None:
        self.verb = "show"
        self._why_not = why_not
        self._refused = ""
        """Why what was wanted last cannot be."""
        self._first = next(iter(keys), None)
        self._filled = False
        super().__init__(columns, keys)

    def on_mount(self) -> None:
        """From now on the cursor stands on a row."""
        self._filled = True

    def heading_of(self, found: str, *others: str) -> str:
        """What was found, then why something is refused, else the keys that are not, and the `others`."""
        if self._refused:
            return f"{found}   {self._refused}"
        key = self.table.key if self._filled else self._first
        keys = [text for verb, text in self.KEYS if self._why_not(verb, key) is None]
        return "  ".join([f"{found}   enter version", *keys, *others, "/ filter", "esc back"])

    def want(self, verb: str) -> None:
        """End with what is wanted, or say why that cannot be."""
        reason = self._why_not(verb, self.table.key)
        if reason is None:
            self.verb = verb
            self.action_pick()
        else:
            self._refused = reason
            self.show_rows()

    def action_move(self, rows: int) -> None:
        """Move the cursor: what can be done with the next row is told."""
        super().action_move(rows)
        self._refused = ""
        self.show_heading(self.heading(len(self.table.keys), len(self._keys)))
