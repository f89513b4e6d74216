"""Rebuilds in the explorer: the form of a version, and the verdict on what was built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgtui.model.taglog.words import happened
from imgtui.operations.protocol.updates import RebuildDrafted, Rebuilt
from imgtui.ui.files.controller import ExplorerFiles
from imgtui.ui.messages import LaunchAsked, RebuildAsked, RecipeAsked

if TYPE_CHECKING:
    from imgtui.model.build.build import Build
    from imgtui.model.taglog.moves import Move
    from imgtui.ui.actions import Action


class ExplorerRebuild(ExplorerFiles):
    """Build a version anew, and look at what that changed."""

    _rebuilt: Rebuilt | None = None
    """The last rebuild that was judged."""
    _idle = False
    """Whether nothing was done since a build was begun: then its verdict may come to the front by itself."""

    if TYPE_CHECKING:

        def compare_two(self, a: str, b: str, names: tuple[str, str] | None = None) -> None: ...

    def act(self, action: Action) -> None:
        """Do an action, or say why not."""
        self._idle = False
        super().act(action)

    def do_version_rebuild(self) -> None:
        version = self.version
        if version is None:
            return
        from imgtui.operations.build.recipes import Wanted

        repository = self._repository_of(version)
        prefix = f"{repository}:" if repository and version.repository else ""
        tags, former = (tuple(prefix + tag for tag in each) for each in (version.tags, version.former_tags))
        self.say("looking for how it was built …")
        self.post_message(RecipeAsked(Wanted(version.image.id, repository, tags, former), self.known.catalog))

    def do_verdict_open(self) -> None:
        """What the newest move changed: as the verdict where it was a rebuild of imgtui's, else compared."""
        move = self._newest_move()
        if self._rebuilt is not None and (move is None or move.target == self._rebuilt.verdict.new):
            self._show_verdict(self._rebuilt)
        elif move is not None and move.origin is not None and move.target is not None:
            names = f"{move.reference} before", f"{move.reference}, {happened(move, int(self.known.now))}"
            self.compare_two(move.origin, move.target, names)

    def why_no_verdict(self) -> str | None:
        """Why there is no move whose two ends can be compared; None where there is one."""
        if self._rebuilt is not None or self._newest_move() is not None:
            return None
        return f"no tag of {self._place(self.view_now)} is known to have moved from one digest to another"

    def _newest_move(self) -> Move | None:
        """The newest move in view from one digest to another, whoever made it."""
        moves = self.known.moves(self.view_now.repository)
        return next((move for move in moves if move.origin and move.target), None)

    def take_rebuild(self, update: RebuildDrafted | Rebuilt) -> None:
        """A form is ready, or a rebuild was judged."""
        if isinstance(update, Rebuilt):
            self._rebuilt = update
            if self._idle and self.is_current:
                self._idle = False
                self._show_verdict(update)
        elif self.is_current:
            from imgtui.ui.build.screen import RebuildScreen

            self.quieten()
            self.app.push_screen(RebuildScreen(update.draft, update.ground), self._rebuild)

    def _rebuild(self, build: Build | None) -> None:
        if build is not None:
            self._idle = True
            self.say(f"{build.title} …")
            self.post_message(RebuildAsked(build))

    def _show_verdict(self, rebuilt: Rebuilt) -> None:
        from imgtui.model.build.rebuild_plans import plan_back, plan_move
        from imgtui.ui.build.verdict_screen import VerdictScreen

        def wanted(what: str | None) -> None:
            if what == "run":
                self.say("asking the engine what it runs …")
                repository = rebuilt.build.repository
                self.post_message(LaunchAsked(rebuilt.verdict.new, repository, self.known.catalog))
            elif what == "undo":
                self._propose(
                    lambda: plan_back(
                        self.known.catalog, rebuilt.verdict, self.known.log, int(self.known.now)
                    )
                )
            elif what == "compare" and rebuilt.verdict.old is not None:
                self.compare_two(rebuilt.verdict.old, rebuilt.verdict.new)
            elif what == "move":
                self._propose(lambda: plan_move(self.known.catalog, rebuilt.verdict, int(self.known.now)))

        self.quieten()
        self.app.push_screen(VerdictScreen(rebuilt), wanted)
