"""The log of a job: it follows the end, unless somebody has scrolled away from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one

from imgtui.model.jobs.job import Job
from imgtui.operations.protocol.updates import JobLogRead
from imgtui.ui.jobs.text import log_footer, log_heading
from imgtui.ui.widgets.bar import Bar
from imgtui.ui.widgets.lines import StyledScreen
from imgtui.ui.widgets.page import Page
from imgtui.ui.widgets.scrolling import END, scrolling
from imgtui.ui.widgets.spans import line


class JobLogScreen(StyledScreen[None]):
    """Nothing comes of it."""

    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "leave", "back"),
        Binding("x,ctrl+x", "stop", "stop"),
        *scrolling(),
    ]

    said = query_one("#said", Page)

    def __init__(self, job: Job, read: Callable[[int, int], None], stop: Callable[[int], None]) -> None:
        """`read` has the lines of a job's log told that follow so many; `stop` stops a job."""
        super().__init__()
        self._read = read
        self._stop = stop
        self.job = job
        self._lines = 0
        """How many lines are here, or were."""
        self._asked = False

    def compose(self) -> ComposeResult:
        """What job it is, what it said, what can be done."""
        yield Bar(id="top")
        yield Page(id="said")
        yield Bar(id="bottom")

    def on_mount(self) -> None:
        """Show it."""
        self._show()

    def on_resize(self) -> None:
        """The newest lines are what counts."""
        self.call_later(self.action_move, END)

    def tell(self, job: Job) -> None:
        """How the job stands now; what it has said since is asked for."""
        self.job = job
        if self.is_mounted:
            self._show()

    def take(self, read: JobLogRead) -> None:
        """More of the log."""
        if read.number != self.job.number or read.after != self._lines:
            return
        self._asked = False
        self._lines = max(self.job.logged, read.after + len(read.lines))
        follows = self.said.top + self.said.page >= self.said.length
        self.said.add([line(f" {text}") for text in read.lines])
        if follows:
            self.action_move(END)

    def _show(self) -> None:
        self.query_one("#top", Bar).show(*log_heading(self.job))
        self.query_one("#bottom", Bar).show(log_footer(self.job))
        if self.job.logged > self._lines and not self._asked:
            self._asked = True
            self._read(self.job.number, self._lines)

    def action_leave(self) -> None:
        """Back."""
        self.dismiss(None)

    def action_stop(self) -> None:
        """Stop the job."""
        if self.job.running:
            self._stop(self.job.number)

    def action_move(self, rows: int) -> None:
        """Scroll by rows."""
        self.said.scroll_to_line(self.said.top + rows)
