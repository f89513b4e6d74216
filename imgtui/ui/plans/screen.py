"""A plan before an act: Enter does exactly it; what cannot be undone is typed, not nodded."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from imgtui.model.acts.consent import unwritten_risk, word_of
from imgtui.model.containers.rollback import Rollback
from imgtui.ui.plans.text import Shown, plan_lines
from imgtui.ui.widgets.lines import StyledScreen
from imgtui.ui.widgets.page import Page
from imgtui.ui.widgets.typed import TypedLine
from imgtui.words import plural

AROUND = 6
"""Lines of the box that are not the plan's: borders, title, keys, room."""


class WordLine(TypedLine):
    """A line for the word of a plan: leaves the letters to the screen that scroll it, and are in no word."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is one to type."""
        return key not in {"j", "k", "g", "G"} and super().check_consume_key(key, character)


class PlanScreen(StyledScreen[bool], ModalScreen[bool]):
    """Ends with whether the plan is to be done."""

    CSS_PATH = Path(__file__).parents[1] / "dialogs/modal.tcss"
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "back"),
        Binding("enter", "accept", "do it"),
        Binding("w", "write", "write the file that pins it", show=False),
        Binding("j,down", "move(1)", "down", show=False, priority=True),
        Binding("k,up", "move(-1)", "up", show=False, priority=True),
        Binding("pagedown", "turn(1)", "page down", show=False, priority=True),
        Binding("pageup", "turn(-1)", "page up", show=False, priority=True),
        Binding("g", "move(-1000000)", "top", show=False, priority=True),
        Binding("G", "move(1000000)", "bottom", show=False, priority=True),
    ]

    page = query_one(Page)

    def __init__(self, plan: Shown, problem: str | None = None) -> None:
        """`problem` is why the journal cannot be written; None where it can."""
        super().__init__()
        self.plan = plan
        """What is shown."""
        said = isinstance(plan, Rollback) and not plan.written
        self._also = (unwritten_risk(problem),) if problem is not None and not said else ()
        self._word = word_of(plan)
        """What has to be typed."""
        self._overrides = plan.overrides if isinstance(plan, Rollback) else ()
        self._replace = False
        """Whether it was said that a file is there already: the next time it is replaced."""

    def compose(self) -> ComposeResult:
        """Title, plan, and what to press."""
        lines = plan_lines(self.plan, self._also)
        keys = "enter: do it   esc: back"
        if self._word:
            risks = plural(len(self.plan.risks) + len(self._also), "RISK")
            keys = f"{risks}: type {self._word} to do it   esc: nothing is done"
        with Vertical(classes="box") as box:
            box.styles.height = len(lines) * 2 + AROUND
            yield Static(Content(self.plan.title), classes="title")
            yield Page(lines, id="plan")
            if self._word:
                yield WordLine("", self._word, id="typed")
            yield Static(Content(keys), classes="keys")

    def action_move(self, rows: int) -> None:
        """Scroll by rows."""
        self.page.scroll_to_line(self.page.top + rows)

    def action_turn(self, pages: int) -> None:
        """Scroll by pages."""
        self.action_move(pages * self.page.page)

    def action_leave(self) -> None:
        """Do nothing."""
        self.dismiss(False)

    def action_accept(self) -> None:
        """Do it, where a nod is enough."""
        if not self._word:
            self.dismiss(True)

    def action_write(self) -> None:
        """Write the files that pin what Compose manages; what is there is replaced the second time only."""
        if not self._overrides:
            return
        from imgtui.operations.containers.compose_file import NotWritten, PinnedAlready, write_override

        try:
            for made in self._overrides:
                write_override(made, replace=self._replace)
        except PinnedAlready as error:
            self._replace = True
            self._say(f"{error}: w again replaces it")
        except NotWritten as error:
            self._say(str(error))
        else:
            self._say(f"written: {', '.join(made.path for made in self._overrides)}")

    def _say(self, text: str) -> None:
        self.query_one(".keys", Static).update(Content(text))

    @on(Input.Submitted, "#typed")
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip() == self._word:
            self.dismiss(True)
