"""Launches in the explorer: the form of a version, what was launched, and throw-away shells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgtui.operations.protocol.updates import ContainerSeen, LaunchDrafted
from imgtui.ui.containers.rollback_controller import ExplorerRollback
from imgtui.ui.messages import ContainerAsked, LaunchAsked, ShellAsked

if TYPE_CHECKING:
    from imgtui.model.launch.form import Filled
    from imgtui.model.launch.launch import Discard, Launch
    from imgtui.ui.launch.launched_screen import LaunchedScreen


class ExplorerLaunching(ExplorerRollback):
    """Run a version, or only a shell in it."""

    _launched: LaunchedScreen | None = None
    """What was launched, while it is looked at."""
    _tried: tuple[str, Filled] | None = None
    """The digest and the form of a launch of which nothing is known yet, or that failed."""

    def do_version_run(self) -> None:
        version = self.version
        if version is not None:
            self.say("asking the engine what it runs …")
            self.post_message(LaunchAsked(version.image.id, self._repository_of(version), self.known.catalog))

    def do_version_shell(self) -> None:
        version = self.version
        if version is not None:
            self.say("looking for a shell …")
            from imgtui.model.launch.launch import Shell

            self.post_message(ShellAsked(Shell(version.image.id, next(iter(version.image.tags), None))))

    def take_launching(self, update: LaunchDrafted | ContainerSeen) -> None:
        """A form is ready, or a container was looked at."""
        if isinstance(update, ContainerSeen):
            self._show_launched(update)
        elif self.is_current:
            self._open_form(update)

    def look_at_launched(self) -> None:
        """The containers may have changed: look again at the one that is looked at."""
        if self._launched is None or self._launched.seen.gone:
            return
        seen = self._launched.seen
        container = self.known.catalog.containers.get(seen.container_id)
        known = (container.state, container.health) if container is not None else ("", "")
        told = ", ".join(filter(None, known))
        if not told or not (seen.state == told or (seen.state.startswith(known[0]) and not known[1])):
            self.post_message(ContainerAsked(seen.container_id, seen.name))

    def _open_form(self, drafted: LaunchDrafted) -> None:
        from imgtui.ui.launch.screen import LaunchScreen

        tried, filled = self._tried or ("", None)
        screen = LaunchScreen(
            drafted.draft, drafted.around, filled if tried == drafted.draft.image_id else None
        )

        def launch(what: Launch | None) -> None:
            if what is not None:
                self._tried = what.image_id, screen.filled
                self._act(what)

        self.quieten()
        self.app.push_screen(screen, launch)

    def _show_launched(self, seen: ContainerSeen) -> None:
        self._tried = None
        if self._launched is not None:
            if self._launched.seen.container_id == seen.container_id:
                self._launched.show(seen)
            return
        if seen.gone:
            self.say(f"{seen.name} has ended, and is gone")
        elif self.is_current:
            from imgtui.ui.launch.launched_screen import LaunchedScreen

            self._launched = LaunchedScreen(seen)
            self.app.push_screen(self._launched, self._left_launched)
            self.look_at_launched()  # it may be over since, which was told before somebody looked

    def _left_launched(self, discard: Discard | None) -> None:
        self._launched = None
        if discard is not None:
            self._act(discard)
