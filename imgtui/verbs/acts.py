"""The verbs that act: the plan, then a question, then exactly the plan."""

from __future__ import annotations

from collections.abc import Sequence

from imgtui.engine.port.engine import Engine
from imgtui.model.acts.steps import lines_of
from imgtui.model.catalog.availability import whereabouts
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.clock import SECOND
from imgtui.model.plans.plan import NotPossible, Plan
from imgtui.model.taglog.moves import Move
from imgtui.operations.acts.acts import Acts, Done
from imgtui.operations.taglog.recording import Recorder
from imgtui.verbs.console.asking import Manner, agreed, print_plan, unwritten
from imgtui.verbs.console.looking import look_to_act
from imgtui.verbs.console.output import Exit, print_error, print_json, put
from imgtui.verbs.console.underway import perform
from imgtui.verbs.moves import describe
from imgtui.verbs.plans import Planner


def run(
    engine: Engine,
    recorder: Recorder,
    planners: Sequence[Planner],
    manner: Manner,
    catalog: Catalog | None = None,
) -> Exit:
    """Plan one thing after the other, and do it; what cannot be done ends it. Raises EngineError.

    `catalog` is what was seen of the engine just now; None: it is looked at.
    """
    found = catalog or look_to_act(engine, recorder, plan_only=manner.plan_only).catalog
    acting = _Acting(engine, recorder, manner, found)
    try:
        for planner in planners:
            acting.act(planner)
    except NotPossible as error:
        print_error(str(error))
        return Exit.FAILED
    finally:
        if manner.as_json:
            acting.print_documents(one=len(planners) == 1)
    return Exit.DONE


class _Acting:
    """One call: what the engine was seen to hold, and what was done since."""

    def __init__(self, engine: Engine, recorder: Recorder, manner: Manner, catalog: Catalog) -> None:
        self._engine = engine
        self._recorder = recorder
        self._manner = manner
        self._acts = Acts(engine, recorder)
        self._catalog = catalog
        self._documents: list[dict[str, object]] = []

    def act(self, planner: Planner) -> None:
        """Plan, ask, do. Raises NotPossible, also where the answer is no, and EngineError."""
        plan = planner(self._catalog, self._moves, self._recorder.now // SECOND)
        manner, risks = self._manner, unwritten(self._recorder)
        if not manner.as_json or not (manner.yes or manner.plan_only):
            print_plan(plan, lines_of(plan), beside=manner.as_json, also=risks)
        if manner.plan_only:
            self._documents.append(describe_plan(plan, risks))
            return
        if not manner.yes and not agreed(plan):
            raise NotPossible("nothing was done")
        done = perform(self._acts, plan)
        self._see(plan)
        self._documents.append(self._describe(done, risks))
        if not manner.as_json:
            put("done\n")

    def print_documents(self, *, one: bool) -> None:
        """What was planned or done: an object where one thing was asked for, else a list of them."""
        if not one:
            print_json(self._documents)
        elif self._documents:
            print_json(self._documents[0])

    def _moves(self) -> Sequence[Move]:
        log = self._recorder.log
        moves = None if log is None else self._recorder.guarded(log.moves)
        if moves is None:
            raise NotPossible("without a tag log nothing can be undone")
        return moves

    def _see(self, plan: Plan) -> None:
        """Have the next plan know what this one changed."""
        changed = {end for step in plan.steps for end in (step.image_id, step.origin) if end}
        found = {image_id: self._engine.image(image_id) for image_id in changed}
        left = self._catalog.without_images(image_id for image_id, image in found.items() if image is None)
        self._catalog = left.with_images(image for image in found.values() if image is not None)

    def _describe(self, done: Done, risks: tuple[str, ...]) -> dict[str, object]:
        where = whereabouts(self._catalog, done.moves)
        moves = [describe(move, where) for move in done.moves]
        return {**describe_plan(done.plan, risks), "done": True, "moves": moves}


def describe_steps(plan: Plan) -> list[dict[str, object]]:
    """What a plan does, step by step: `from` and `to` are null where a reference is not there."""
    return [
        {
            "verb": step.verb.value,
            "ref": step.reference,
            "image": step.image_id,
            "from": step.origin,
            "to": step.target,
            "command": step.command,
        }
        for step in plan.steps
    ]


def describe_plan(plan: Plan, also: tuple[str, ...] = ()) -> dict[str, object]:
    """The JSON object of a plan, with full digests, and with risks that it has `also`."""
    return {
        "title": plan.title,
        "steps": describe_steps(plan),
        "notes": list(plan.notes),
        "risks": [*plan.risks, *also],
    }
