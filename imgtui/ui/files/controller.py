"""The files of the version under the cursor: when they are asked for, and where they are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from imgtui.model.core.digest import short
from imgtui.operations.files.updates import FilesAnswered, FilesUpdated
from imgtui.operations.protocol.updates import JobUpdated
from imgtui.ui.actions import LOOK, Action, Needs
from imgtui.ui.explorer.tabs import TABS, Tab

if TYPE_CHECKING:
    from textual.timer import Timer

    from imgtui.model.catalog.catalog import Version
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen
    from imgtui.ui.files.screen import FilesScreen

PATIENCE: Final = 0.1
"""Seconds after which it is shown that files are being read: what is covered at once is not painted."""


class FilesController:
    """Files are read when somebody looks at them, not before."""

    def __init__(self, explorer: ExplorerScreen) -> None:
        self._explorer = explorer
        self._screen: FilesScreen | None = None
        """The files, while they are looked at."""
        self._wanted: str | None = None
        """The image whose files are opened as soon as there is anything of them."""
        self._late: Timer | None = None
        """Shows that they are being read, unless they are open by then."""
        self.handlers: Handlers = {
            FilesUpdated: self._take,
            FilesAnswered: self._take_answer,
            JobUpdated: self._take_job,
        }

    def open_files(self) -> None:
        """Have the files of the version under the cursor read, and open them as soon as there are any."""
        explorer, version = self._explorer, self._explorer.version
        if version is None:
            return
        self._wanted = version.image.id
        explorer.detail.tab = TABS.index(Tab.FILES)
        self._ask(version, again=True)
        self._open_screen()
        if self._screen is None:
            self._late = explorer.set_timer(PATIENCE, self._show_tab)

    def show(self) -> None:
        """The detail is another one: read files where it shows them."""
        if TABS[self._explorer.detail.tab] is Tab.FILES and self._explorer.version is not None:
            self._ask(self._explorer.version)

    def stop(self) -> bool:
        """Stop reading; whether anything was being read."""
        explorer = self._explorer
        told = explorer.known.files(explorer.version.image.id) if explorer.version is not None else None
        if told is None or told.reading is None:
            return False
        explorer.ask(lambda session: session.services.stop_reading())
        return True

    def _show_tab(self) -> None:
        self._explorer.go_to(2)
        self._explorer.show_detail(top=True)

    def _ask(self, version: Version, *, again: bool = False) -> None:
        """Have the files of a version read, unless they were, or are; `again`: also after a failure."""
        explorer, image_id = self._explorer, version.image.id
        ready = explorer.known.facts(image_id, reveal=explorer.reveals(image_id))
        if ready is None:
            explorer.ask_facts(image_id)
        elif ready.facts is not None and (
            (told := explorer.known.files(image_id)) is None or (again and told.problem)
        ):
            diff_ids = tuple(layer.diff_id for layer in ready.facts.layers)
            at_once = self._wanted == image_id
            explorer.ask(lambda session: session.services.files.ask(image_id, diff_ids, at_once=at_once))

    def _take(self, update: FilesUpdated) -> None:
        """More is known of files."""
        told = self._explorer.known.take_files(update)
        if self._screen is not None:
            self._screen.tell(told)
        elif TABS[self._explorer.detail.tab] is Tab.FILES:
            self._explorer.show_detail(top=False)
        self._open_screen()

    def _take_answer(self, answered: FilesAnswered) -> None:
        if self._screen is not None:
            self._screen.answer(answered)

    def _take_job(self, told: JobUpdated) -> None:
        """Something may be extracted."""
        if self._screen is not None:
            self._screen.take_job(told.job)

    def _open_screen(self) -> None:
        """Open the tree that is waited for, as soon as there is one."""
        explorer, version = self._explorer, self._explorer.version
        if version is None or self._wanted != version.image.id or self._screen is not None:
            return
        told = explorer.known.files(version.image.id)
        if told is None or told.tree is None or not told.tree.layers:
            return
        from imgtui.ui.files.screen import FilesScreen

        self._wanted = None
        if self._late is not None:
            self._late.stop()
        ready = explorer.known.facts(version.image.id, reveal=explorer.reveals(version.image.id))
        name = next(iter(version.image.tags), None) or short(version.image.id)
        facts = ready.facts if ready is not None else None
        self._screen = FilesScreen(name, told, facts, explorer.ask)
        explorer.app.push_screen(self._screen, self._left)

    def _left(self, _: str | None) -> None:
        self._screen = None
        self._show_tab()

    ACTIONS: ClassVar[Sequence[Action]] = (
        Action(
            "files.open",
            "F",
            "files",
            "The files of this version as a tree: what each layer added, changed, removed, and what it"
            " wastes",
            LOOK,
            open_files,
            needs=Needs.VERSION,
        ),
    )
