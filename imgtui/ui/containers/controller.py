"""The explorer's way to the containers, and from a container to its version."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from imgtui.model.catalog.query import Query
from imgtui.model.core.reference import repository_of
from imgtui.operations.protocol.updates import RegistryAnswered
from imgtui.ui.actions import PANES, Action
from imgtui.ui.explorer.knowledge import View
from imgtui.ui.explorer.rows import EVERYTHING

if TYPE_CHECKING:
    from imgtui.ui.containers.screen import ContainersScreen
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen
    from imgtui.ui.features import Features

IN_VIEW = View(containers=True)


class ContainersController:
    """The list of containers, and what is wanted with one."""

    def __init__(self, explorer: ExplorerScreen, features: Features) -> None:
        self._explorer = explorer
        self._features = features
        self.handlers: Handlers = {RegistryAnswered: self._take_answer}

    def open_containers(self) -> None:
        """Show the containers."""
        from imgtui.ui.containers.screen import ContainersScreen

        explorer = self._explorer
        screen = ContainersScreen(explorer.known, self._why_not, self._do, self._ask_registries)
        explorer.open_list(screen, partial(self._left, screen))

    def _why_not(self, verb: str, container_id: str | None) -> str | None:
        """Why something cannot be done with a container now; None when it can."""
        explorer, catalog = self._explorer, self._explorer.known.catalog
        if reason := explorer.why_unchangeable():
            return reason
        if verb in {"undo", "redo"}:
            return self._features.log.why_not_back(IN_VIEW, redo=verb == "redo")
        container = catalog.containers.get(container_id or "")
        if container is None:
            return "no container is under the cursor"
        if verb == "discard" and not catalog.is_spare(container):
            return f"{container.name} was not replaced by a roll back: docker rm removes it"
        if verb == "rollback" and not self._features.rollback.versions_beside(container):
            return f"no other version of what {container.name} runs is known here"
        return None

    def _do(self, verb: str, container_id: str | None) -> None:
        """What is wanted with a container of the list."""
        features = self._features
        if verb == "stop":
            features.plans.stop()
        elif verb in {"undo", "redo"}:
            features.log.put_back(IN_VIEW, redo=verb == "redo")
        elif (container := self._explorer.known.catalog.containers.get(container_id or "")) is None:
            self._explorer.say("this container is gone by now", bad=True)
        elif verb == "rollback":
            features.rollback.roll_back(container)
        else:
            features.rollback.discard(container)

    def _ask_registries(self, references: tuple[str, ...]) -> None:
        self._explorer.ask(lambda session: session.services.ask_registries(references))

    def _take_answer(self, answered: RegistryAnswered) -> None:
        self._explorer.known.take_remote(answered.tag)
        self._explorer.show_list()

    def _left(self, screen: ContainersScreen, container_id: str | None) -> None:
        explorer = self._explorer
        if screen.pane is not None and screen.pane < len(explorer.PANES):
            explorer.go_to(screen.pane)
        elif screen.pane is not None:
            self._features.jobs.open_jobs()
        elif container_id is not None:
            self._show_version(container_id)

    def _show_version(self, container_id: str) -> None:
        """The version of a container, in the repository of its tag, else in one that it belongs to."""
        explorer = self._explorer
        container = explorer.known.catalog.containers.get(container_id)
        if container is None:
            explorer.say("this container is gone by now", bad=True)
            return
        explorer.close_filter()
        explorer.browse.version_query = explorer.browse.repository_query = Query()
        name = self.home_of(container.image_id, repository_of(container.created_from or ""))
        if name != explorer.browse.repository:
            explorer.browse.repository = name
            explorer.versions.marks.clear()
        explorer.show_rows()
        explorer.repositories.select(name)
        explorer.select_version(container.image_id)
        explorer.go_to(1)

    def home_of(self, image_id: str, preferred: str | None) -> str:
        """A repository that has an image among its versions."""
        repositories = self._explorer.known.catalog.repositories
        for name in (preferred, *repositories):
            found = repositories.get(name or "")
            if found is not None and any(version.image.id == image_id for version in found.versions):
                return found.name
        return EVERYTHING

    ACTIONS: ClassVar[Sequence[Action]] = (
        Action(
            "pane.containers",
            "4",
            "containers",
            "Pane 4: the containers of this engine, those whose tag moved first; roll back, ask the"
            " registries",
            PANES,
            open_containers,
        ),
    )
