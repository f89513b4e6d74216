"""Roll back in the explorer: a container or a tag, its plan, and what was interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgtui.model.core.reference import repository_of
from imgtui.model.keeps.keep import is_keep
from imgtui.ui.containers.controller import ExplorerContainers
from imgtui.ui.messages import ActAsked, RollbackAsked

if TYPE_CHECKING:
    from imgtui.model.catalog.catalog import Version
    from imgtui.model.core.image import Container
    from imgtui.model.taglog.moves import Move
    from imgtui.operations.protocol.updates import Proposed


class ExplorerRollback(ExplorerContainers):
    """Which digest, which containers; then the plan."""

    def do_act_take_up(self) -> None:
        pending = next(iter(self.known.interrupted), None)
        if pending is None:
            self.say("nothing was interrupted")
            return
        from imgtui.ui.plans.screen import PlanScreen

        def take_up(yes: bool | None) -> None:
            if yes:
                self.say(f"{pending.act}: is put right …")
                self.post_message(ActAsked(pending))

        self.quieten()
        self.app.push_screen(PlanScreen(pending), take_up)

    def propose_act(self, proposed: Proposed) -> None:
        """Show the plan that was asked for; Enter has exactly that one done."""
        if proposed.act is None:
            self.say(proposed.error, bad=True)
            return
        from imgtui.ui.plans.screen import PlanScreen

        act = proposed.act
        self.quieten()
        self.app.push_screen(
            PlanScreen(act, self.known.unwritten), lambda yes: self._act(act) if yes else None
        )

    def _roll_back(self, container_id: str) -> None:
        """Choose the digest that a container shall run."""
        container = self.known.catalog.containers.get(container_id)
        if container is None:
            self.say("this container is gone by now", bad=True)
            return
        versions = self._versions_beside(container.image_id, container.created_from)
        if not versions:
            self.say(f"no other version of what {container.name} runs is known here", bad=True)
            return
        from imgtui.ui.containers.rollback_screen import TargetScreen

        def chosen(target: str | None) -> None:
            if target is not None:
                self._ask_for_replicas(container, target)

        screen = TargetScreen(container.name, container.image_id, versions, self.known)
        self.app.push_screen(screen, chosen)

    def _ask_for_replicas(self, container: Container, target: str) -> None:
        """Which of the other containers of its service of Compose go with it; none are asked for without."""
        from imgtui.model.containers.replicas import replicas_of
        from imgtui.ui.containers.rollback_screen import WithItScreen

        service = replicas_of(self.known.catalog, container)
        others = [each for each in service if each.id != container.id and each.image_id != target]
        if not others:
            self._ask_for_rollback((container.id,), target, None)
            return
        screen = WithItScreen(container.name, target, others)

        def chosen(row: str | None) -> None:
            if row is not None:
                wanted = {container.id, *screen.chosen}
                ids = [each.id for each in service if each.id in wanted]
                self._ask_for_rollback(tuple(ids), target, None)

        self.app.push_screen(screen, chosen)

    def _discard(self, container_id: str) -> None:
        """Remove a container that a roll back has replaced; others are no business of imgtui's."""
        container = self.known.catalog.containers.get(container_id)
        if container is None:
            self.say("this container is gone by now", bad=True)
        elif (reason := self.why_not_container("discard", container_id)) is not None:
            self.say(reason, bad=True)
        else:
            from imgtui.model.launch.launch import Discard
            from imgtui.ui.plans.screen import PlanScreen

            act = Discard.of_retired(container.id, container.name)
            self.app.push_screen(
                PlanScreen(act, self.known.unwritten), lambda yes: self._act(act) if yes else None
            )

    def _roll_tag_back(self, move: Move) -> None:
        """Have a tag point where an entry of its log left it, and those containers run it that are marked."""
        target = move.target or move.origin
        if target is None or is_keep(move.reference):
            self.say("there is no digest in this entry to roll back to", bad=True)
            return
        from imgtui.model.containers.rollback import drifting_with
        from imgtui.ui.containers.rollback_screen import WithItScreen

        drifting = drifting_with(self.known.catalog, move.reference, target)
        if not drifting:
            self._ask_for_rollback((), target, move.reference)
            return
        screen = WithItScreen(move.reference, target, drifting)

        def chosen(row: str | None) -> None:
            if row is not None:
                self._ask_for_rollback(screen.chosen, target, move.reference)

        self.app.push_screen(screen, chosen)

    def _ask_for_rollback(self, container_ids: tuple[str, ...], target: str, tag: str | None) -> None:
        self.say("looking at what would be done …")
        self.post_message(RollbackAsked(self.known.catalog, container_ids, target, tag))

    def _versions_beside(self, image_id: str, created_from: str | None) -> dict[str, Version]:
        """The other versions of the repository that a container's image is of, the newest first."""
        name = repository_of(created_from) if created_from else None
        found = self.known.catalog.repositories.get(name or self._home_of(image_id, None))
        versions = found.versions if found is not None else ()
        return {version.image.id: version for version in versions if version.image.id != image_id}
