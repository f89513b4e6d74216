"""A form: a line for each field, what is wrong with it beside it, and the docker command that does it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus
from textual.getters import query_one
from textual.widgets import Input

from imgtui.model.core.printable import printable
from imgtui.ui.launch.text import LONGEST, FormRow
from imgtui.ui.messages import CopyAsked
from imgtui.ui.widgets.bar import Bar
from imgtui.ui.widgets.lines import StyledScreen
from imgtui.ui.widgets.own_keys import OwnKeys
from imgtui.ui.widgets.page import Page
from imgtui.ui.widgets.rows import Rows
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.ui.widgets.toggle import Toggle
from imgtui.ui.widgets.typed import TypedLine

Wanted = TypeVar("Wanted")


class FieldLine(OwnKeys, TypedLine):
    """A line of the form."""


class FormScreen(StyledScreen[Wanted | None], Generic[Wanted]):
    """Ends with what is wanted, or None. What would be refused is said while one types."""

    CSS_PATH = Path(__file__).with_name("form.tcss")
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back"),
        Binding("down,tab", "step(1)", "next field", show=False, priority=True),
        Binding("up,shift+tab", "step(-1)", "field before", show=False, priority=True),
        Binding("ctrl+y", "copy", "copy the command", show=False, priority=True),
        Binding("pagedown", "scroll(1)", "command down", show=False, priority=True),
        Binding("pageup", "scroll(-1)", "command up", show=False, priority=True),
    ]

    remarks = query_one("#remarks", Rows)
    command = query_one("#docker-command", Page)
    bottom = query_one("#bottom", Bar)

    def __init__(
        self,
        rows: Sequence[FormRow],
        texts: Mapping[str, str],
        toggles: Mapping[str, bool],
        hints: Mapping[str, str] | None = None,
    ) -> None:
        """`texts` and `toggles` are what the rows begin with; a row with a toggle is on or off."""
        super().__init__()
        self._rows = rows
        self._texts = texts
        self._toggles = toggles
        self._hints = hints or {}

    # ------------------------------------------------------------------ what a form has of its own

    @abstractmethod
    def check(self, texts: Mapping[str, str], toggles: Mapping[str, bool]) -> None:
        """Read what stands in the form now."""

    @property
    @abstractmethod
    def faults(self) -> Mapping[str, str]:
        """What is wrong, by field."""

    @abstractmethod
    def wanted(self) -> Wanted:
        """What the form comes to."""

    @abstractmethod
    def heading(self) -> Line:
        """What it is about."""

    @abstractmethod
    def remark_lines(self) -> list[Line]:
        """What is said beside each row."""

    @abstractmethod
    def command_lines(self) -> list[Line]:
        """The docker command, and what else is to be known."""

    @abstractmethod
    def command_text(self) -> str:
        """The docker command, secrets masked."""

    @abstractmethod
    def footer(self, focused: str | None) -> Line:
        """What is wrong, else the keys."""

    # ------------------------------------------------------------------ what all of them have

    def compose(self) -> ComposeResult:
        """Labels, fields, remarks; the command; the keys."""
        yield Bar(id="top")
        with Horizontal(id="form") as form:
            form.styles.height = len(self._rows)
            yield Rows([line(f" {row.label}") for row in self._rows], id="names")
            with Vertical(id="fields"):
                for row in self._rows:
                    if row.name in self._toggles:
                        yield Toggle(on=self._toggles[row.name], id=row.name)
                    else:
                        text, hint = self._texts.get(row.name, ""), self._hints.get(row.name, "")
                        yield FieldLine(text, hint, id=row.name)
            yield Rows(id="remarks")
        yield Page(id="docker-command")
        yield Bar(id="bottom")

    def on_mount(self) -> None:
        """Begin where something is wrong, else at the first field."""
        self.check(self._texts, self._toggles)
        self.query_one("#top", Bar).show(self.heading())
        self._focus(self._first_wrong() or self._rows[0].name)
        self._show()

    def action_leave(self) -> None:
        """Nothing is wanted."""
        self.dismiss(None)

    def action_step(self, step: int) -> None:
        """To another field, round and round."""
        names = [row.name for row in self._rows]
        here = names.index(self._here or names[0])
        self._focus(names[(here + step) % len(names)])

    def action_copy(self) -> None:
        """Copy the command as it is shown: masked, and safe to be pasted into a terminal."""

        def tell(said: str) -> None:
            how = said.partition(":")[0]
            self.bottom.show(line(Span(f" {how}; what is masked is masked there too", "warn")))

        self.post_message(CopyAsked(printable(self.command_text(), LONGEST), tell))

    def action_scroll(self, pages: int) -> None:
        """Scroll the command."""
        self.command.scroll_to_line(self.command.top + pages * self.command.page)

    @on(Input.Submitted)
    @on(Toggle.Submitted)
    def _submitted(self, event: Input.Submitted | Toggle.Submitted) -> None:
        event.stop()
        wrong = self._first_wrong()
        if wrong is None:
            self.dismiss(self.wanted())
        else:
            self._focus(wrong)

    @on(Input.Changed)
    @on(Toggle.Turned)
    def _changed(self, event: Input.Changed | Toggle.Turned) -> None:
        event.stop()
        typed = [row.name for row in self._rows if row.name not in self._toggles]
        self.check(
            {name: self.query_one(f"#{name}", Input).value for name in typed},
            {str(toggle.id): toggle.on for toggle in self.query(Toggle)},
        )
        self._show()

    @on(DescendantFocus)
    def _moved(self) -> None:
        self.bottom.show(self.footer(self._here))

    @property
    def _here(self) -> str | None:
        return self.focused.id if self.focused is not None else None

    def _first_wrong(self) -> str | None:
        return next((row.name for row in self._rows if row.name in self.faults), None)

    def _focus(self, name: str) -> None:
        self.set_focus(self.query_one(f"#{name}"))

    def _show(self) -> None:
        self.remarks.show(self.remark_lines())
        self.command.show(self.command_lines())
        self.bottom.show(self.footer(self._here))
