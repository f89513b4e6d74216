"""Asks before an act or jobs are stopped by quitting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from imgtui.model.jobs.job import Job
from imgtui.ui.jobs.text import act_lines, quit_lines
from imgtui.ui.widgets.lines import StyledScreen
from imgtui.ui.widgets.page import Page
from imgtui.words import plural

AROUND = 6
"""Lines of the box that are not the jobs': borders, title, keys, room."""


class QuitScreen(StyledScreen[bool], ModalScreen[bool]):
    """Ends with whether what runs is to be stopped."""

    CSS_PATH = Path(__file__).parents[1] / "dialogs/modal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "stay"),
        Binding("enter", "accept", "stop them and quit"),
    ]

    def __init__(self, act: str | None, jobs: Sequence[Job]) -> None:
        """`act` is the title of the act that is under way."""
        super().__init__()
        self._act = act
        self._jobs = jobs

    def compose(self) -> ComposeResult:
        """What runs, and what to press."""
        lines = [*act_lines(self._act), *quit_lines(self._jobs)]
        verb = "runs" if len(lines) == 1 else "run"
        found = plural(len(self._jobs), "job") if self._jobs else ""
        title = f"{' and '.join(filter(None, ['an act' if self._act else '', found]))} {verb}"
        with Vertical(classes="box") as box:
            box.styles.height = len(lines) + AROUND
            yield Static(Content(title), classes="title")
            yield Page(lines, id="running")
            put_back = ", put back what the act has done" if self._act else ""
            yield Static(Content(f"enter: stop{put_back}, and quit   esc: stay"), classes="keys")

    def action_leave(self) -> None:
        """Stay."""
        self.dismiss(False)

    def action_accept(self) -> None:
        """Quit."""
        self.dismiss(True)
