"""The jobs: what each does, how far it is, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.getters import query_one

from imgtui.model.jobs.job import Job
from imgtui.ui.dialogs.filtering import FilteringScreen
from imgtui.ui.explorer.knowledge import Knowledge
from imgtui.ui.jobs.text import JOB_COLUMNS, job_cells, job_lines, job_text
from imgtui.ui.widgets.page import Page
from imgtui.ui.widgets.spans import Line, Span
from imgtui.words import plural

TICK_SECONDS = 1.0
"""How often the parts of a job that runs are shown anew: a hundred layers are many bytes."""


class JobsScreen(FilteringScreen):
    """Ends with the number of the job whose log is wanted, or None; `pane` says where to go."""

    FOOT = 8
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x,ctrl+x", "stop", "stop"),
        *(Binding(str(pane + 1), f"go({pane})", f"pane {pane + 1}", show=False) for pane in range(4)),
    ]

    page = query_one("#foot", Page)

    def __init__(self, known: Knowledge, stop: Callable[[int], None]) -> None:
        self._known = known
        self._stop = stop
        self.pane: int | None = None
        super().__init__(JOB_COLUMNS, self._numbers())

    def on_mount(self) -> None:
        """Fill the table, and have the foot go on."""
        self.table.empty = "No job runs, and none did: p pull, P push, w save, W load begin one."
        super().on_mount()
        self.set_interval(TICK_SECONDS, self._tick)

    def on_resize(self) -> None:
        """The foot takes half of the screen: it has the parts of a job."""
        self.page.styles.height = max(self.FOOT, self.size.height // 2)
        self.call_after_refresh(self._tick)

    def tell(self) -> None:
        """Something new is known: show it; the cursor stays on its job."""
        if not self.is_mounted:
            return
        self._keys = self._numbers()
        self.show_rows()
        if not self._is_moving:
            self._tick()

    def heading(self, shown: int, known: int) -> str:
        """How many jobs, and the keys."""
        running = sum(job.running for job in self._known.jobs.values())
        count = plural(known, "job")
        found = f"{shown} of {count}" if shown != known else count
        return f"{found}, {running} running   enter log  x stop  / filter  esc back"

    def cells(self, key: str) -> Sequence[Span]:
        """A job."""
        return job_cells(self._job(key), self._known.now)

    def text_of(self, key: str) -> str:
        """All that is shown of a job."""
        return job_text(self._job(key))

    def foot(self, key: str) -> Sequence[Line]:
        """The job under the cursor, and its parts."""
        return job_lines(self._job(key), self.page.size.height or self.FOOT)

    def action_stop(self) -> None:
        """Stop the job under the cursor."""
        if self.table.key is not None and self._job(self.table.key).running:
            self._stop(int(self.table.key))

    def action_go(self, pane: int) -> None:
        """To another pane."""
        self.pane = pane
        self.dismiss(None)

    @property
    def _is_moving(self) -> bool:
        key = self.table.key
        return key is not None and self._job(key).running

    def _tick(self) -> None:
        """Show the foot; what it shows already is not painted again."""
        self.page.show(self.foot(self.table.key) if self.table.key is not None else ())

    def _numbers(self) -> list[str]:
        """The newest first."""
        return [str(number) for number in sorted(self._known.jobs, reverse=True)]

    def _job(self, key: str) -> Job:
        return self._known.jobs[int(key)]
