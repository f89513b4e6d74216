"""Plans and acts: a plan is shown first, and what becomes of its act is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from imgtui.model.plans.plan import NotPossible
from imgtui.operations.protocol.updates import ActEnded, ActProgress, Failed, Interrupted, Proposed, Settled
from imgtui.ui.actions import APP, CHANGE, Action, by_id

if TYPE_CHECKING:
    from imgtui.model.jobs.plans import TransferPlan
    from imgtui.model.plans.plan import Plan
    from imgtui.operations.protocol.updates import Act
    from imgtui.ui.controller import Handlers
    from imgtui.ui.explorer.screen import ExplorerScreen
    from imgtui.ui.features import Features
    from imgtui.ui.plans.text import Shown


class PlansController:
    """The one way from a plan to its act."""

    def __init__(self, explorer: ExplorerScreen, features: Features) -> None:
        self._explorer = explorer
        self._features = features
        self.handlers: Handlers = {
            Proposed: self._take_proposed,
            ActProgress: self._take_told,
            ActEnded: self._take_ended,
            Settled: self._take_settled,
            Failed: self._take_failed,
            Interrupted: self._take_interrupted,
        }

    # ------------------------------------------------------------------ from a plan to its act

    def propose(self, make: Callable[[], Plan | TransferPlan]) -> None:
        """Show a plan, or say why there is none; Enter has exactly that one done."""
        try:
            plan = make()
        except NotPossible as error:
            self._explorer.say(str(error), bad=True)
            return
        self.show(plan)

    def show(self, act: Shown) -> None:
        """Show the plan of an act; Enter has exactly that one done."""
        from imgtui.ui.plans.screen import PlanScreen

        screen = PlanScreen(act, self._explorer.known.unwritten)
        self._explorer.app.push_screen(screen, lambda yes: self.act(act) if yes else None)

    def act(self, act: Act | TransferPlan) -> None:
        """Have it done. Transfers are jobs: they go on beside each other, and beside acts."""
        from imgtui.model.jobs.plans import TransferPlan
        from imgtui.model.removal.plan import Removal

        explorer = self._explorer
        if isinstance(act, TransferPlan):
            explorer.quieten()
            explorer.ask(lambda session: session.services.transfers.begin(act))
            return
        if isinstance(act, Removal):
            explorer.versions.marks.clear()  # what is removed is marked no longer
        explorer.say(f"{act.title} …")
        self._begin(act)

    def _begin(self, act: Act) -> None:
        self._explorer.known.under_way += 1
        self._explorer.ask(lambda session: session.services.acts.act(act))

    def take_up(self) -> None:
        """Show what was interrupted first; Enter has it put right."""
        explorer = self._explorer
        pending = next(iter(explorer.known.interrupted), None)
        if pending is None:
            explorer.say("nothing was interrupted")
            return
        from imgtui.ui.plans.screen import PlanScreen

        def answered(yes: bool | None) -> None:
            if yes:
                explorer.say(f"{pending.act}: is put right …")
                self._begin(pending)

        explorer.quieten()
        explorer.app.push_screen(PlanScreen(pending), answered)

    def stop(self) -> None:
        """Stop the act that is under way; without one, what is read of files."""
        explorer = self._explorer
        if explorer.known.under_way:
            explorer.say("stopping …")
            explorer.ask(lambda session: session.services.acts.stop())
        elif not self._features.files.stop():
            jobs = any(job.running for job in explorer.known.jobs.values())
            explorer.say(
                f"stop: {'jobs are stopped in pane 5' if jobs else 'nothing is under way'}", bad=True
            )

    # ------------------------------------------------------------------ what is told of acts

    def _take_proposed(self, proposed: Proposed) -> None:
        if proposed.act is None:
            self._explorer.say(proposed.error, bad=True)
        else:
            self._explorer.quieten()
            self.show(proposed.act)

    def _take_told(self, told: ActProgress) -> None:
        key = by_id(self._explorer.ACTIONS, "act.stop").key_text
        self._explorer.say(f"{told.line}   {key}: stop")

    def _take_ended(self, ended: ActEnded) -> None:
        known = self._explorer.known
        if not ended.by_itself:
            known.under_way = max(0, known.under_way - 1)
        done = (ended.said or f"{ended.act.title}: done") if ended.error is None else ended.error
        self._explorer.say(done, bad=ended.error is not None)

    def _take_settled(self, settled: Settled) -> None:
        self._explorer.say("; ".join(settled.lines))

    def _take_failed(self, failed: Failed) -> None:
        self._explorer.say(failed.problem, bad=True)

    def _take_interrupted(self, interrupted: Interrupted) -> None:
        self._explorer.known.interrupted = interrupted.pending
        self._explorer.show_bottom()

    ACTIONS: ClassVar[Sequence[Action]] = (
        Action(
            "act.take_up",
            "exclamation_mark",
            "take up",
            "A roll back that was interrupted: finish it, or put everything back as it was",
            CHANGE,
            take_up,
            shown="!",
        ),
        Action(
            "act.stop", "ctrl+x", "stop", "Stop what is under way: it puts back what it has done", APP, stop
        ),
    )
