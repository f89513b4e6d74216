"""Asks before jobs are stopped by quitting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from imgtui.model.job import Job
from imgtui.ui.present.jobs import quit_lines
from imgtui.ui.widgets.lines import StyledScreen
from imgtui.ui.widgets.page import Page
from imgtui.words import plural

AROUND = 6
"""Lines of the box that are not the jobs': borders, title, keys, room."""


class QuitScreen(StyledScreen[bool], ModalScreen[bool]):
    """Ends with whether the jobs are to be stopped."""

    CSS_PATH = "modal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "stay"),
        Binding("enter", "accept", "stop them and quit"),
    ]

    def __init__(self, jobs: Sequence[Job]) -> None:
        super().__init__()
        self._jobs = jobs

    def compose(self) -> ComposeResult:
        """What runs, and what to press."""
        verb = "runs" if len(self._jobs) == 1 else "run"
        with Vertical(classes="box") as box:
            box.styles.height = len(self._jobs) + AROUND
            yield Static(Content(f"{plural(len(self._jobs), 'job')} {verb}"), classes="title")
            yield Page(quit_lines(self._jobs), id="running")
            yield Static(Content("enter: stop, and quit   esc: stay"), classes="keys")

    def action_leave(self) -> None:
        """Stay."""
        self.dismiss(False)

    def action_accept(self) -> None:
        """Quit."""
        self.dismiss(True)
