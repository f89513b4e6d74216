"""One line to be typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Input, Static

from imgtui.ui.widgets.lines import StyledScreen
from imgtui.ui.widgets.typed import TypedLine

HEIGHT = 8


class AskScreen(StyledScreen[str | None], ModalScreen[str | None]):
    """Ends with what was typed, or None. What is wrong with it is said while one types."""

    CSS_PATH = Path(__file__).with_name("modal.tcss")
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "back")]

    line = query_one(Input)

    def __init__(
        self,
        title: str,
        value: str,
        fault: Callable[[str], str | None],
        *,
        suggester: Suggester | None = None,
    ) -> None:
        super().__init__()
        self._suggester = suggester
        self._title = title
        self._value = value
        self._fault = fault

    def compose(self) -> ComposeResult:
        """Title, line, and what is wrong."""
        with Vertical(classes="box") as box:
            box.styles.height = HEIGHT
            yield Static(Content(self._title), classes="title")
            yield TypedLine(self._value, "", id="asked")
            yield Static(Content(""), classes="keys")

    def on_mount(self) -> None:
        """Say what is wrong with what stands there already."""
        self.line.suggester = self._suggester
        self._judge(self._value)

    def action_leave(self) -> None:
        """Ask no further."""
        self.dismiss(None)

    @on(Input.Changed, "#asked")
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._judge(event.value)

    @on(Input.Submitted, "#asked")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._fault(event.value.strip()) is None:
            self.dismiss(event.value.strip())

    def _judge(self, text: str) -> None:
        fault = self._fault(text.strip())
        self.query_one(".keys", Static).update(Content(fault or "enter: go on   esc: back"))
