"""Launches in the explorer: the form of a version, what was launched, and throw-away shells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from imgtui.operations.protocol.updates import ContainerSeen, EngineState, LaunchDrafted
from imgtui.ui.actions import CHANGE, Action, Needs

if TYPE_CHECKING:
    from imgtui.model.launch.form import Filled
    from imgtui.model.launch.launch import Discard, Launch
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen
    from imgtui.ui.features import Features
    from imgtui.ui.launch.launched_screen import LaunchedScreen


class LaunchController:
    """Run a version, or only a shell in it."""

    def __init__(self, explorer: ExplorerScreen, features: Features) -> None:
        self._explorer = explorer
        self._features = features
        self._screen: LaunchedScreen | None = None
        """What was launched, while it is looked at."""
        self._tried: tuple[str, Filled] | None = None
        """The digest and the form of a launch of which nothing is known yet, or that failed."""
        self.handlers: Handlers = {
            LaunchDrafted: self._take_draft,
            ContainerSeen: self._take_seen,
            EngineState: lambda _: self._look_again(),
        }

    def run(self) -> None:
        """Have the form of a launch prepared for the version under the cursor."""
        version = self._explorer.version
        if version is not None:
            self.draft(version.image.id, self._explorer.repository_of(version))

    def draft(self, image_id: str, repository: str | None) -> None:
        """Have the form of a launch prepared; it arrives as `LaunchDrafted`."""
        explorer, catalog = self._explorer, self._explorer.known.catalog
        explorer.say("asking the engine what it runs …")
        no_terminal = explorer.no_terminal()
        explorer.ask(
            lambda session: session.services.acts.launches.draft(catalog, image_id, repository, no_terminal)
        )

    def shell(self) -> None:
        """Have a throw-away shell in the version under the cursor."""
        explorer, version = self._explorer, self._explorer.version
        if version is None:
            return
        from imgtui.model.launch.launch import Shell

        if reason := explorer.no_terminal():
            explorer.say(f"shell: {reason}", bad=True)
            return
        explorer.say("looking for a shell …")
        shell = Shell(version.image.id, next(iter(version.image.tags), None))
        explorer.ask(lambda session: session.services.acts.act(shell))

    def _take_draft(self, drafted: LaunchDrafted) -> None:
        explorer = self._explorer
        if not explorer.is_current:
            return
        from imgtui.ui.launch.screen import LaunchScreen

        tried, filled = self._tried or ("", None)
        screen = LaunchScreen(
            drafted.draft, drafted.around, filled if tried == drafted.draft.image_id else None
        )

        def launch(what: Launch | None) -> None:
            if what is not None:
                self._tried = what.image_id, screen.filled
                self._features.plans.act(what)

        explorer.quieten()
        explorer.app.push_screen(screen, launch)

    # ------------------------------------------------------------------ what was launched

    def _take_seen(self, seen: ContainerSeen) -> None:
        self._tried = None
        if self._screen is not None:
            if self._screen.seen.container_id == seen.container_id:
                self._screen.show(seen)
        elif seen.gone:
            self._explorer.say(f"{seen.name} has ended, and is gone")
        elif self._explorer.is_current:
            from imgtui.ui.launch.launched_screen import LaunchedScreen

            self._screen = LaunchedScreen(seen, self._look)
            self._explorer.app.push_screen(self._screen, self._left)
            self._look_again()  # it may be over since, which was told before somebody looked

    def _look_again(self) -> None:
        """The containers may have changed: look again at the one that is looked at."""
        if self._screen is None or self._screen.seen.gone:
            return
        seen = self._screen.seen
        container = self._explorer.known.catalog.containers.get(seen.container_id)
        known = (container.state, container.health) if container is not None else ("", "")
        told = ", ".join(filter(None, known))
        if not told or not (seen.state == told or (seen.state.startswith(known[0]) and not known[1])):
            self._look(seen)

    def _look(self, seen: ContainerSeen) -> None:
        self._explorer.ask(lambda session: session.services.acts.launches.look(seen.container_id, seen.name))

    def _left(self, discard: Discard | None) -> None:
        self._screen = None
        if discard is not None:
            self._features.plans.act(discard)

    ACTIONS: ClassVar[Sequence[Action]] = (
        Action(
            "version.run",
            "r",
            "run",
            "Run exactly this digest: a form, filled from the newest container of the repository",
            CHANGE,
            run,
            needs=Needs.IMAGE,
            hint=7,
        ),
        Action(
            "version.shell",
            "E",
            "shell",
            "A throw-away shell in exactly this digest, in this terminal; nothing of it stays",
            CHANGE,
            shell,
            needs=Needs.IMAGE,
        ),
    )
