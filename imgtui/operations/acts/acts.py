"""Acts: a plan is checked against the engine once more, written down, done, and verified."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, Unavailable, raise_if_lost
from imgtui.model.acts.begun import Begun
from imgtui.model.core.digest import short
from imgtui.model.keeps.keep import is_keep
from imgtui.model.plans.plan import Plan, Step, Verb
from imgtui.model.taglog.moves import IMGTUI, Move, Provenance
from imgtui.operations.acts.act_journal import ActJournal
from imgtui.operations.acts.names import Names
from imgtui.operations.protocol.cancellation import Stopped
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.remembering import Remembering
from imgtui.store.tag_log import Recorded


class PlanOutdated(EngineError):
    """What the plan was made for is not so any more: nothing was done."""


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was done as planned."""

    plan: Plan
    moves: tuple[Move, ...]
    """What it is in the tag log; empty where another program has recorded it, or nothing can be."""


class Acts:
    """Does plans on the engine that a recorder follows."""

    def __init__(self, engine: Engine, recorder: Recorder) -> None:
        self._engine = engine
        self._recorder = recorder
        self._journal = ActJournal(recorder)
        self._names = Names(engine)

    def perform(
        self,
        plan: Plan,
        told: Callable[[Step], None] = lambda _: None,
        *,
        undoable: bool = True,
        tell: Callable[[str], None] = lambda _: None,
        stop: threading.Event | None = None,
        unwritten: bool | None = None,
        harmless: bool = False,
    ) -> Done:
        """Do exactly a plan; `told` hears of each step that is about to be done.

        `undoable` is whether keeps alone are something that a person would take back. `tell` hears lines
        about a step that takes its time; setting `stop` breaks such a step off, and no other is begun.
        `unwritten` is whether it may be done without being written down, as in `ActJournal.begin`; what is
        `harmless` is done in any case.

        Raises PlanOutdated and NotWrittenDown when nothing was done, EngineError when the engine refused in
        the middle: steps before that are put back, the journal says so, and the next look records their
        moves.
        """
        with self._journal.at_work():
            for step in plan.moving:
                self._check(step, plan, coming=plan.pulled)
            if plan.deletes and (info := self._recorder.info) is not None:
                Remembering(self._engine, self._recorder, asks=True).save_these(info.store, plan.deletes)
            number = self._journal.begin(
                plan.title,
                plan.commands,
                steps=plan.moving,
                begun_as=Begun(plan.moving),
                unwritten=unwritten,
                harmless=harmless,
            )
            recorded = self._perform(plan, number, told, tell, stop)
            self._journal.end(number, "done", unrecorded=recorded.unsettled)
        return Done(plan, (*recorded.moves, *(self._record_keeps(plan) if undoable else ())))

    def _perform(
        self,
        plan: Plan,
        number: int | None,
        told: Callable[[Step], None],
        tell: Callable[[str], None],
        stop: threading.Event | None,
    ) -> Recorded:
        """What it is in the tag log. Raises EngineError: then it is over, unless that is Unavailable."""
        done: list[Step] = []
        try:
            for step in plan.steps:
                if stop is not None and stop.is_set():
                    raise Stopped("stopped by hand")
                told(step)
                if step.verb is Verb.PULL:
                    self._pull(step, tell, stop)
                    continue
                self._check(step, plan)
                done.append(step)  # before: the look after it may fail, and `_put_back` looks first
                self._do(step)
        except EngineError as error:
            raise_if_lost(error)  # whether the last step was done shows later: the act stays open
            moved, left = self._names.put_back(done, self._reverse)
            outcome = "; ".join(filter(None, (f"failed: {error}", left)))
            self._journal.end(number, outcome, unrecorded=moved)
            if left:
                raise EngineError(f"{error}; {left}") from error
            raise
        try:
            return self._recorder.look_at(plan.references)
        except EngineError as error:
            raise_if_lost(error)  # the act stays open, so that its moves are known for its own later
            return Recorded(unsettled=plan.references)  # it is done: the next look records its moves

    def _check(self, step: Step, plan: Plan, *, coming: frozenset[str] = frozenset()) -> None:
        """Whether the reference still points where the plan says, and nothing else is lost.

        Images that are `coming` need not be there yet.
        """
        here = self._names.point_at(step.reference)
        if here != step.origin:
            shown = "nothing" if here is None else short(here)
            raise PlanOutdated(f"{step.reference} points at {shown} by now: nothing was done, look again")
        awaited = step.verb is Verb.TAG and step.image_id not in coming
        if awaited and self._engine.image(step.image_id) is None:
            raise PlanOutdated(f"{short(step.image_id)} is gone by now: nothing was done, look again")
        if step.origin is not None and step.origin not in {step.target, *plan.deletes}:
            self._check_loser(step.origin, plan)

    def _check_loser(self, image_id: str, plan: Plan) -> None:
        """Names that the plan relied on may be gone: then the image would be lost."""
        image = self._engine.image(image_id)
        if image is not None and not plan.names_after(image_id, (*image.tags, *image.keeps)):
            raise PlanOutdated(
                f"{short(image_id)} would lose its last name by now: nothing more was done, look again"
            )

    def _pull(self, step: Step, tell: Callable[[str], None], stop: threading.Event | None) -> None:
        from imgtui.operations.acts.pulling import pull

        pull(self._engine, step, tell, stop)

    def _do(self, step: Step) -> None:
        """Whatever is answered, it is looked whether it was done."""
        refused: EngineError | None = None
        try:
            if step.verb is Verb.TAG:
                self._engine.tag(step.image_id, step.reference)
            else:
                self._engine.untag(step.reference)
        except EngineError as error:
            refused = error
        if self._names.point_at(step.reference) == step.target:
            return
        if isinstance(refused, Unavailable):  # but it answers again: the request never came there
            raise EngineError(str(refused)) from refused
        raise refused or EngineError(f"the engine took it, but {step.reference} is not where it should be")

    def _reverse(self, back: Step) -> None:
        """Put a reference back, whether that can be written down or not. Raises EngineError.

        It is an act too: whoever follows the engine sees both moves of the tag.
        """
        title = f"put {back.reference} back: the act that moved it failed"
        number = self._journal.begin(title, [back.command], steps=[back], harmless=True)
        try:
            self._do(back)
        except EngineError as error:
            raise_if_lost(error)
            self._journal.end(number, f"failed: {error}")
            raise
        self._journal.end(number, "done", unrecorded=[back.reference])

    def _record_keeps(self, plan: Plan) -> tuple[Move, ...]:
        """What only keeps, or stops keeping, can be undone too: no tag tells of it."""
        log = self._recorder.log
        if log is None or not all(map(is_keep, plan.references)):
            return ()
        now = self._recorder.now
        moves = [
            Move(s.reference, s.origin, s.target, now, None, s.cause, Provenance.ACT, "", IMGTUI, 0, s.undoes)
            for s in plan.moving
        ]
        return tuple(self._recorder.guarded(lambda: log.add(moves), writes=True) or ())
