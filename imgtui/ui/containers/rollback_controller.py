"""Roll back in the explorer: a container or a tag, which digest, which others go with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from imgtui.model.core.reference import repository_of
from imgtui.model.keeps.keep import is_keep

if TYPE_CHECKING:
    from imgtui.model.catalog.catalog import Version
    from imgtui.model.core.image import Container
    from imgtui.model.taglog.moves import Move
    from imgtui.ui.actions import Action
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen
    from imgtui.ui.features import Features


class RollbackController:
    """Has no actions of the panes: the list of containers and the tag log ask for it.

    The plan is made from what the engine says then, and arrives as `Proposed`.
    """

    ACTIONS: ClassVar[Sequence[Action]] = ()

    def __init__(self, explorer: ExplorerScreen, features: Features) -> None:
        self._explorer = explorer
        self._features = features
        self.handlers: Handlers = {}

    def roll_back(self, container: Container) -> None:
        """Choose the digest that a container shall run."""
        explorer, versions = self._explorer, self.versions_beside(container)
        if not versions:
            explorer.say(f"no other version of what {container.name} runs is known here", bad=True)
            return
        from imgtui.ui.containers.rollback_screen import TargetScreen

        def chosen(target: str | None) -> None:
            if target is not None:
                self._choose_replicas(container, target)

        screen = TargetScreen(container.name, container.image_id, versions, explorer.known)
        explorer.app.push_screen(screen, chosen)

    def _choose_replicas(self, container: Container, target: str) -> None:
        """Which of the other containers of its service of Compose go with it; none are asked for without."""
        from imgtui.model.containers.replicas import replicas_of
        from imgtui.ui.containers.rollback_screen import WithItScreen

        service = replicas_of(self._explorer.known.catalog, container)
        others = [each for each in service if each.id != container.id and each.image_id != target]
        if not others:
            self._propose((container.id,), target, None)
            return
        screen = WithItScreen(container.name, target, others)

        def chosen(row: str | None) -> None:
            if row is not None:
                wanted = {container.id, *screen.chosen}
                ids = [each.id for each in service if each.id in wanted]
                self._propose(tuple(ids), target, None)

        self._explorer.app.push_screen(screen, chosen)

    def roll_tag_back(self, move: Move) -> None:
        """Have a tag point where an entry of its log left it, and those containers run it that are marked."""
        explorer, target = self._explorer, move.target or move.origin
        if target is None or is_keep(move.reference):
            explorer.say("there is no digest in this entry to roll back to", bad=True)
            return
        from imgtui.model.containers.rollback import drifting_with
        from imgtui.ui.containers.rollback_screen import WithItScreen

        drifting = drifting_with(explorer.known.catalog, move.reference, target)
        if not drifting:
            self._propose((), target, move.reference)
            return
        screen = WithItScreen(move.reference, target, drifting)

        def chosen(row: str | None) -> None:
            if row is not None:
                self._propose(screen.chosen, target, move.reference)

        explorer.app.push_screen(screen, chosen)

    def discard(self, container: Container) -> None:
        """Remove a container that a roll back has replaced; others are no business of imgtui's."""
        from imgtui.model.launch.launch import Discard

        self._features.plans.show(Discard.of_retired(container.id, container.name))

    def versions_beside(self, container: Container) -> dict[str, Version]:
        """The other versions of the repository that a container's image is of, the newest first."""
        created_from, image_id = container.created_from, container.image_id
        name = repository_of(created_from) if created_from else None
        repositories = self._explorer.known.catalog.repositories
        found = repositories.get(name or self._features.containers.home_of(image_id, None))
        versions = found.versions if found is not None else ()
        return {version.image.id: version for version in versions if version.image.id != image_id}

    def _propose(self, container_ids: tuple[str, ...], target: str, tag: str | None) -> None:
        explorer, catalog = self._explorer, self._explorer.known.catalog
        explorer.say("looking at what would be done …")
        explorer.ask(
            lambda session: session.services.acts.propose_rollback(catalog, container_ids, target, tag)
        )
