"""A whole screen of rows, of which `/` leaves those that have some words."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from imgtui.ui.dialogs.picking import PickingScreen
from imgtui.ui.widgets.columns import Column
from imgtui.ui.widgets.typed import FilterLine


class FilteringScreen(PickingScreen):
    """Ends with the key of the row that was picked, or None."""

    FOOT = 6
    WHOLE = True
    BINDINGS: ClassVar[list[BindingType]] = [Binding("slash", "filter", "filter")]

    def __init__(self, columns: Sequence[Column], keys: Sequence[str]) -> None:
        self._words: Sequence[str] = ()
        self._heading = self.heading(len(keys), len(keys))
        super().__init__(self._heading, columns, keys)

    @abstractmethod
    def heading(self, shown: int, known: int) -> str:
        """The title, while so many of the rows that there are are shown."""

    @abstractmethod
    def text_of(self, key: str) -> str:
        """What the words are looked for in: a row in lower case."""

    def action_filter(self) -> None:
        """Type words that all have to be in a row."""
        if self.query("#filter"):
            return
        hint = "words that all have to be there, !word: not"
        typed = FilterLine("", hint, id="filter")
        self.query_one(".box").mount(typed, before="#foot")
        self.set_focus(typed)

    def action_leave(self) -> None:
        """Leave the filter, then the screen."""
        if self._words or self.query("#filter"):
            self._close_filter()
            self._find("")
        else:
            super().action_leave()

    def show_rows(self) -> None:
        """Show the rows that have the words."""
        keys = [key for key in self._keys if _has(self.text_of(key), self._words)]
        self.show_heading(self.heading(len(keys), len(self._keys)))
        self.table.show(keys, self.cells)

    def show_heading(self, text: str) -> None:
        """Show another title; one that stands there already is not painted again."""
        if text != self._heading:
            self._heading = text
            self.query_one(".title", Static).update(Content(text))

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._find(event.value)

    @on(Input.Submitted, "#filter")
    def _submitted(self, event: Input.Submitted) -> None:
        """The filter stays on; its line goes, so that keys are keys again."""
        event.stop()
        self._close_filter()

    def _close_filter(self) -> None:
        self.query("#filter").remove()
        self.set_focus(None)

    def _find(self, text: str) -> None:
        self._words = text.lower().split()
        self.show_rows()


def _has(text: str, words: Sequence[str]) -> bool:
    return all(word[1:] not in text if word.startswith("!") else word in text for word in words)
