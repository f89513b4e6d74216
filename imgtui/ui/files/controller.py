"""The files of the version under the cursor: when they are asked for, and where they are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imgtui.model.core.digest import short
from imgtui.operations.files.updates import FilesAnswered, FilesTold
from imgtui.operations.protocol.updates import JobLogRead, JobTold
from imgtui.ui.explorer.tabs import TABS, Tab
from imgtui.ui.jobs.controller import ExplorerJobs
from imgtui.ui.messages import FactsAsked, FilesAsked, ReadingStopped

if TYPE_CHECKING:
    from textual.timer import Timer

    from imgtui.model.catalog.catalog import Version
    from imgtui.ui.files.screen import FilesScreen

PATIENCE: Final = 0.1
"""Seconds after which it is shown that files are being read: what is covered at once is not painted."""


class ExplorerFiles(ExplorerJobs):
    """Files are read when somebody looks at them, not before."""

    _files: FilesScreen | None = None
    """The files, while they are looked at."""
    _wanted: str | None = None
    """The image whose files are opened as soon as there is anything of them."""
    _late: Timer | None = None
    """Shows that they are being read, unless they are open by then."""

    if TYPE_CHECKING:

        def show_detail(self, *, top: bool) -> None: ...

    def do_files_open(self) -> None:
        version = self.version
        if version is None:
            return
        self._wanted = version.image.id
        self.detail.tab = TABS.index(Tab.FILES)
        self._ask_files(version, again=True)
        self._open_files()
        if self._files is None:
            self._late = self.set_timer(PATIENCE, self._show_tab)

    def _show_tab(self) -> None:
        self.go_to(2)
        self.show_detail(top=True)

    def do_act_stop(self) -> None:
        """Reading is stopped where no act is under way."""
        if self.known.under_way or not self._stop_files():
            super().do_act_stop()

    def _ask_files(self, version: Version, *, again: bool = False) -> None:
        """Have the files of a version read, unless they were, or are; `again`: also after a failure."""
        image_id = version.image.id
        ready = self.known.facts(image_id, reveal=self.reveals(image_id))
        if ready is None:
            self.post_message(FactsAsked(image_id, self.reveals(image_id)))
        elif ready.facts is not None and (
            (told := self.known.files(image_id)) is None or (again and told.problem)
        ):
            diff_ids = tuple(layer.diff_id for layer in ready.facts.layers)
            self.post_message(FilesAsked(image_id, diff_ids, at_once=self._wanted == image_id))

    def show_files(self) -> None:
        """The detail is another one: read files where it shows them."""
        if TABS[self.detail.tab] is Tab.FILES and self.version is not None:
            self._ask_files(self.version)

    def take_files(self, update: FilesTold | FilesAnswered) -> None:
        """More is known of files."""
        if isinstance(update, FilesAnswered):
            if self._files is not None:
                self._files.answer(update)
            return
        told = self.known.take_files(update)
        if self._files is not None:
            self._files.tell(told)
        elif TABS[self.detail.tab] is Tab.FILES:
            self.show_detail(top=False)
        self._open_files()

    def take_job(self, update: JobTold | JobLogRead) -> None:
        """Something may be taken out."""
        super().take_job(update)
        if self._files is not None and isinstance(update, JobTold):
            self._files.take_job(update.job)

    def _stop_files(self) -> bool:
        """Stop reading; whether anything was being read."""
        version = self.version
        told = self.known.files(version.image.id) if version is not None else None
        if told is None or told.reading is None:
            return False
        self.post_message(ReadingStopped())
        return True

    def _open_files(self) -> None:
        """Open the tree that is waited for, as soon as there is one."""
        version = self.version
        if version is None or self._wanted != version.image.id or self._files is not None:
            return
        told = self.known.files(version.image.id)
        if told is None or told.tree is None or not told.tree.layers:
            return
        from imgtui.ui.files.screen import FilesScreen

        self._wanted = None
        if self._late is not None:
            self._late.stop()
        ready = self.known.facts(version.image.id, reveal=self.reveals(version.image.id))
        name = next(iter(version.image.tags), None) or short(version.image.id)
        self._files = FilesScreen(name, told, ready.facts if ready is not None else None)
        self.app.push_screen(self._files, self._left_files)

    def _left_files(self, _: str | None) -> None:
        self._files = None
        self._show_tab()
