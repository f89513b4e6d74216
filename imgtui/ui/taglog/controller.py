"""The tag log, and undo: of the newest change in view, whatever made it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from imgtui.model.plans.plan import plan_redo, plan_undo
from imgtui.model.taglog.moves import Move
from imgtui.operations.protocol.updates import Remembered
from imgtui.ui.actions import CHANGE, LOOK, Action

if TYPE_CHECKING:
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.knowledge import View
    from imgtui.ui.explorer.screen import ExplorerScreen
    from imgtui.ui.features import Features


class LogController:
    """Shows where tags pointed, and puts back what changed last."""

    def __init__(self, explorer: ExplorerScreen, features: Features) -> None:
        self._explorer = explorer
        self._features = features
        self.handlers: Handlers = {Remembered: self.take}

    def take(self, update: Remembered) -> None:
        """The tag log has new moves, or cannot be kept."""
        explorer, known = self._explorer, self._explorer.known
        was_clear = known.doubt is None
        said, bad = known.take_log(update)
        if said and update.doubt is None:
            explorer.say(said, bad=bad)
        if explorer.is_composed:
            if was_clear:
                self._features.identity.ask()
            elif known.doubt is None:
                self._features.identity.stop_asking()
            explorer.show_top()
            explorer.show_detail(top=False)
        explorer.show_list()
        if known.released:
            from imgtui.ui.rules.text import released_words

            explorer.say(released_words(known.released))

    # ------------------------------------------------------------------ undo

    def undo(self) -> None:
        """Undo the newest change in view."""
        self.put_back(self._explorer.view_now)

    def redo(self) -> None:
        """Do again what was undone last."""
        self.put_back(self._explorer.view_now, redo=True)

    def why_no_undo(self) -> str | None:
        """Why nothing in view can be undone."""
        return self.why_not_back(self._explorer.view_now)

    def why_no_redo(self) -> str | None:
        """Why nothing in view can be done again."""
        return self.why_not_back(self._explorer.view_now, redo=True)

    def why_not_back(self, view: View, *, redo: bool = False) -> str | None:
        """Why nothing in view can be undone, or done again; None where something can.

        What is being done will be the newest change: what was that before is not offered in its place.
        """
        known = self._explorer.known
        if known.under_way:
            return "an act is under way: ctrl+x stops it, and it puts back what it has done"
        change = known.newest(view, redo=redo)
        if change is None:
            return f"there is nothing to {'redo' if redo else 'undo'} in {self._explorer.place(view)}"
        if isinstance(change, Move):
            return None
        from imgtui.model.acts.changes import RolledBack, why_final

        if isinstance(change, RolledBack):
            return None
        return why_final(change, int(known.now), known.title_before(view))

    def put_back(self, view: View, *, redo: bool = False) -> None:
        """Show the plan that undoes the newest change in view, or does again what was undone last."""
        from imgtui.model.acts.changes import RolledBack

        explorer, known = self._explorer, self._explorer.known
        change = None if known.under_way else known.newest(view, redo=redo)
        if isinstance(change, Move):
            plan = plan_redo if redo else plan_undo
            self._features.plans.propose(lambda: plan(known.catalog, change, int(known.now)))
        elif isinstance(change, RolledBack):
            explorer.say("looking at what would be done …")
            catalog, log = known.catalog, known.log
            explorer.ask(lambda session: session.services.acts.propose_back(catalog, log, change))
        else:
            explorer.say(f"{'redo' if redo else 'undo'}: {self.why_not_back(view, redo=redo)}", bad=True)

    # ------------------------------------------------------------------ the list

    def open_log(self) -> None:
        """Show the log of the repository in view."""
        from imgtui.ui.taglog.screen import TagLogScreen

        explorer, known = self._explorer, self._explorer.known
        view = explorer.view_now
        screen = TagLogScreen(
            explorer.place(view),
            lambda: known.moves(view.repository),
            known.where,
            lambda: known.now,
            partial(self._why_not, view),
            partial(self._do, view),
        )
        explorer.open_list(screen, partial(self._left, view))

    def _why_not(self, view: View, verb: str, _: str | None) -> str | None:
        """Why something cannot be done in the list now; None when it can."""
        if reason := self._explorer.why_unchangeable():
            return reason
        return self.why_not_back(view, redo=verb == "redo") if verb in {"undo", "redo"} else None

    def _do(self, view: View, verb: str, number: str | None) -> None:
        """What is wanted with a row of the list."""
        move = self._move(view, number)
        if verb == "stop":
            self._features.plans.stop()
        elif verb in {"undo", "redo"}:
            self.put_back(view, redo=verb == "redo")
        elif move is not None and verb == "undo one":
            known = self._explorer.known
            self._features.plans.propose(lambda: plan_undo(known.catalog, move, int(known.now)))
        elif move is not None:
            self._features.rollback.roll_tag_back(move)

    def _left(self, view: View, number: str | None) -> None:
        """To where the tag pointed before, else where it came to."""
        explorer, move = self._explorer, self._move(view, number)
        if move is None:
            return
        for image_id in (move.origin, move.target):
            if image_id is not None and explorer.select_version(image_id):
                explorer.go_to(1)
                return
        explorer.say("neither end of this move is in this list")

    def _move(self, view: View, number: str | None) -> Move | None:
        moves = self._explorer.known.moves(view.repository)
        return next((move for move in moves if str(move.number) == number), None)

    ACTIONS: ClassVar[Sequence[Action]] = (
        Action(
            "log.open", "L", "tag log", "The tag log of this repository, or of the engine", LOOK, open_log
        ),
        Action(
            "log.undo",
            "z",
            "undo",
            "Undo the newest change here: of a tag, a keep or a container, whoever made it",
            CHANGE,
            undo,
            why_no_undo,
            hint=7,
        ),
        Action("log.redo", "Z", "redo", "Do again what was undone last", CHANGE, redo, why_no_redo),
    )
