"""The explorer's way to the containers, and from a container to its version."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from imgtui.model.catalog.query import Query
from imgtui.model.core.reference import repository_of
from imgtui.ui.explorer.knowledge import View
from imgtui.ui.explorer.rows import EVERYTHING
from imgtui.ui.plans.controller import ExplorerActs

if TYPE_CHECKING:
    from imgtui.model.catalog.catalog import Version
    from imgtui.ui.containers.screen import ContainersScreen


class ExplorerContainers(ExplorerActs):
    """The list of containers, and what is wanted with one."""

    if TYPE_CHECKING:

        def do_pane_jobs(self) -> None: ...
        def why_unchangeable(self) -> str | None: ...
        def do_act_stop(self) -> None: ...
        def _versions_beside(self, image_id: str, created_from: str | None) -> dict[str, Version]: ...

    def do_pane_containers(self) -> None:
        from imgtui.ui.containers.screen import ContainersScreen

        screen = self.list_before = ContainersScreen(self.known, self.why_not_container, self._do_with)
        self.app.push_screen(screen, partial(self._left_containers, screen))

    def why_not_container(self, verb: str, container_id: str | None) -> str | None:
        """Why something cannot be done with a container now; None when it can."""
        if reason := self.why_unchangeable():
            return reason
        if verb in {"undo", "redo"}:
            return self.why_not_back(View(containers=True), redo=verb == "redo")
        container = self.known.catalog.containers.get(container_id or "")
        if container is None:
            return "no container is under the cursor"
        if verb == "discard" and not self.known.catalog.is_spare(container):
            return f"{container.name} was not replaced by a roll back: docker rm removes it"
        if verb == "rollback" and not self._versions_beside(container.image_id, container.created_from):
            return f"no other version of what {container.name} runs is known here"
        return None

    def _do_with(self, verb: str, container_id: str | None) -> None:
        """What is wanted with a container of the list."""
        if verb == "stop":
            self.do_act_stop()
        elif verb in {"undo", "redo"}:
            self.put_back(View(containers=True), redo=verb == "redo")
        elif container_id is not None:
            (self._roll_back if verb == "rollback" else self._discard)(container_id)

    def _left_containers(self, screen: ContainersScreen, container_id: str | None) -> None:
        self._left_list()
        if screen.pane is not None and screen.pane < len(self.PANES):
            self.go_to(screen.pane)
        elif screen.pane is not None:
            self.do_pane_jobs()
        elif container_id is not None:
            self._show_container(container_id)

    def _show_container(self, container_id: str) -> None:
        """Its version, in the repository that its tag is of, else in one that it belongs to."""
        container = self.known.catalog.containers.get(container_id)
        if container is None:
            self.say("this container is gone by now", bad=True)
            return
        self.close_filter()
        self.browse.version_query = self.browse.repository_query = Query()
        name = self._home_of(container.image_id, repository_of(container.created_from or ""))
        if name != self.browse.repository:
            self.browse.repository = name
            self.versions.marks.clear()
        self.show_rows()
        self.repositories.select(name)
        self.select_version(container.image_id)
        self.go_to(1)

    def _home_of(self, image_id: str, preferred: str | None) -> str:
        """A repository that has an image among its versions."""
        repositories = self.known.catalog.repositories
        for name in (preferred, *repositories):
            found = repositories.get(name or "")
            if found is not None and any(version.image.id == image_id for version in found.versions):
                return found.name
        return EVERYTHING
