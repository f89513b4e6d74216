"""The form of a launch: one line for each field, and the docker command that does the same."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus
from textual.getters import query_one
from textual.widgets import Input

from imgtui.model.launch import Launch
from imgtui.model.launch_form import Draft, Filled, Surroundings, check
from imgtui.model.printable import printable
from imgtui.ui.present.launch import LONGEST, TYPED, command_lines, footer, heading, remarks, rows
from imgtui.ui.present.spans import Span, line
from imgtui.ui.widgets.bar import Bar
from imgtui.ui.widgets.lines import StyledScreen
from imgtui.ui.widgets.page import Page
from imgtui.ui.widgets.rows import Rows
from imgtui.ui.widgets.toggle import Toggle
from imgtui.ui.widgets.typed import TypedLine


class LaunchScreen(StyledScreen[Launch | None]):
    """Ends with the launch, or None. What docker would refuse is said while one types."""

    CSS_PATH = "launch.tcss"
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
    docker_run = query_one("#docker-run", Page)
    bottom = query_one("#bottom", Bar)

    def __init__(self, draft: Draft, around: Surroundings, filled: Filled | None = None) -> None:
        super().__init__()
        self._draft = draft
        self._around = around
        self._rows = rows(draft)
        self.filled = filled or Filled(draft.texts, keep=draft.loses)
        """What stands in the form now."""
        self._checked = check(draft, self.filled, around)

    def compose(self) -> ComposeResult:
        """Labels, fields, remarks; the command; the keys."""
        toggles = {"terminal": self.filled.terminal, "remove": self.filled.remove, "keep": self.filled.keep}
        yield Bar(id="top")
        with Horizontal(id="form") as form:
            form.styles.height = len(self._rows)
            yield Rows([line(f" {row.label}") for row in self._rows], id="names")
            with Vertical(id="fields"):
                for row in self._rows:
                    if row in TYPED:
                        text, hint = self.filled.texts.get(row.name, ""), self._draft.hints.get(row.name, "")
                        yield TypedLine(text, hint, id=row.name)
                    else:
                        yield Toggle(on=toggles[row.name], id=row.name)
            yield Rows(id="remarks")
        yield Page(id="docker-run")
        yield Bar(id="bottom")

    def on_mount(self) -> None:
        """Begin where something is wrong, else at the first field."""
        self.query_one("#top", Bar).show(heading(self._draft))
        self._focus(next(iter(self._checked.faults), self._rows[0].name))
        self._show()

    def action_leave(self) -> None:
        """Run nothing."""
        self.dismiss(None)

    def action_step(self, step: int) -> None:
        """To another field, round and round."""
        names = [row.name for row in self._rows]
        here = names.index(self._here or names[0])
        self._focus(names[(here + step) % len(names)])

    def action_copy(self) -> None:
        """Copy the command as it is shown: masked, and safe to be pasted into a terminal."""
        self.app.copy_to_clipboard(printable(self._checked.launch.commands[-1], LONGEST))
        self.bottom.show(line(Span(" copied; what is masked is masked there too", "warn")))

    def action_scroll(self, pages: int) -> None:
        """Scroll the command."""
        self.docker_run.scroll_to_line(self.docker_run.top + pages * self.docker_run.page)

    @on(Input.Submitted)
    @on(Toggle.Submitted)
    def _submitted(self, event: Input.Submitted | Toggle.Submitted) -> None:
        event.stop()
        wrong = next((row.name for row in self._rows if row.name in self._checked.faults), None)
        if wrong is None:
            self.dismiss(self._checked.launch)
        else:
            self._focus(wrong)

    @on(Input.Changed)
    @on(Toggle.Turned)
    def _changed(self, event: Input.Changed | Toggle.Turned) -> None:
        event.stop()
        toggles = {toggle.id: toggle.on for toggle in self.query(Toggle)}
        self.filled = Filled(
            {row.name: self.query_one(f"#{row.name}", Input).value for row in TYPED},
            terminal=toggles.get("terminal", False),
            remove=toggles.get("remove", False),
            keep=toggles.get("keep", False),
        )
        self._checked = check(self._draft, self.filled, self._around)
        self._show()

    @on(DescendantFocus)
    def _moved(self) -> None:
        self.bottom.show(footer(self._checked, self._here))

    @property
    def _here(self) -> str | None:
        return self.focused.id if self.focused is not None else None

    def _focus(self, name: str) -> None:
        self.set_focus(self.query_one(f"#{name}"))

    def _show(self) -> None:
        self.remarks.show(remarks(self._draft, self._rows, self._checked))
        self.docker_run.show(command_lines(self._checked))
        self.bottom.show(footer(self._checked, self._here))
