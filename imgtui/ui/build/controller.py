"""Rebuilds in the explorer: the form of a version, and the verdict on what was built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from imgtui.model.taglog.words import happened
from imgtui.operations.protocol.updates import RebuildDrafted, Rebuilt
from imgtui.ui.actions import CHANGE, LOOK, Action, Needs

if TYPE_CHECKING:
    from imgtui.model.build.build import Build
    from imgtui.model.taglog.moves import Move
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen
    from imgtui.ui.features import Features


class BuildController:
    """Build a version anew, and look at what that changed."""

    def __init__(self, explorer: ExplorerScreen, features: Features) -> None:
        self._explorer = explorer
        self._features = features
        self._rebuilt: Rebuilt | None = None
        """The last rebuild that was judged."""
        self._begun: int | None = None
        """How many actions were done when a build was begun: if none since, its verdict opens by itself."""
        self.handlers: Handlers = {RebuildDrafted: self._take_draft, Rebuilt: self._take_rebuilt}

    def rebuild(self) -> None:
        """Have the form of a rebuild prepared; it arrives as `RebuildDrafted`."""
        explorer, version = self._explorer, self._explorer.version
        if version is None:
            return
        from imgtui.operations.build.recipes import RecipeRequest

        repository, catalog = explorer.repository_of(version), explorer.known.catalog
        prefix = f"{repository}:" if repository and version.repository else ""
        tags, former = (tuple(prefix + tag for tag in each) for each in (version.tags, version.former_tags))
        wanted = RecipeRequest(version.image.id, repository, tags, former)
        explorer.say("looking for how it was built …")
        explorer.ask(lambda session: session.services.rebuilds.draft(catalog, wanted))

    def _take_draft(self, drafted: RebuildDrafted) -> None:
        explorer = self._explorer
        if not explorer.is_current:
            return
        from imgtui.ui.build.screen import RebuildScreen

        def filled(build: Build | None) -> None:
            if build is not None:
                self._begun = explorer.actions_done
                explorer.say(f"{build.title} …")
                explorer.ask(lambda session: session.services.rebuilds.begin(build))

        explorer.quieten()
        explorer.app.push_screen(RebuildScreen(drafted.draft, drafted.ground), filled)

    # ------------------------------------------------------------------ what changed

    def open_verdict(self) -> None:
        """What the newest move changed: as the verdict where it was a rebuild of imgtui's, else compared."""
        move, rebuilt = self._newest_move(), self._rebuilt
        if rebuilt is not None and (move is None or move.target == rebuilt.verdict.new):
            self._show_verdict(rebuilt)
        elif move is not None and move.origin is not None and move.target is not None:
            now = int(self._explorer.known.now)
            names = f"{move.reference} before", f"{move.reference}, {happened(move, now)}"
            self._features.compare.compare_two(move.origin, move.target, names)

    def why_no_verdict(self) -> str | None:
        """Why there is no move whose two ends can be compared; None where there is one."""
        if self._rebuilt is not None or self._newest_move() is not None:
            return None
        place = self._explorer.place(self._explorer.view_now)
        return f"no tag of {place} is known to have moved from one digest to another"

    def _newest_move(self) -> Move | None:
        """The newest move in view from one digest to another, whoever made it."""
        moves = self._explorer.known.moves(self._explorer.view_now.repository)
        return next((move for move in moves if move.origin and move.target), None)

    def _take_rebuilt(self, rebuilt: Rebuilt) -> None:
        self._rebuilt = rebuilt
        if self._begun == self._explorer.actions_done and self._explorer.is_current:
            self._begun = None
            self._show_verdict(rebuilt)

    def _show_verdict(self, rebuilt: Rebuilt) -> None:
        from imgtui.model.build.rebuild_plans import plan_back, plan_move
        from imgtui.ui.build.verdict_screen import VerdictScreen

        known, features, verdict = self._explorer.known, self._features, rebuilt.verdict

        def wanted(what: str | None) -> None:
            if what == "run":
                features.launch.draft(verdict.new, rebuilt.build.repository)
            elif what == "undo":
                features.plans.propose(lambda: plan_back(known.catalog, verdict, known.log, int(known.now)))
            elif what == "compare" and verdict.old is not None:
                features.compare.compare_two(verdict.old, verdict.new)
            elif what == "move":
                features.plans.propose(lambda: plan_move(known.catalog, verdict, int(known.now)))

        self._explorer.quieten()
        self._explorer.app.push_screen(VerdictScreen(rebuilt), wanted)

    ACTIONS: ClassVar[Sequence[Action]] = (
        Action(
            "version.rebuild",
            "B",
            "rebuild",
            "Build this version anew: the form has how it was built, and where that is known from."
            " What loses its tag by it is kept",
            CHANGE,
            rebuild,
            needs=Needs.VERSION,
            hint=3,
        ),
        Action(
            "verdict.open",
            "V",
            "changed",
            "What the newest move of this repository changed, whoever made it; of a rebuild (B) its verdict",
            LOOK,
            open_verdict,
            why_no_verdict,
        ),
    )
