"""Plans that undo the roll back of containers, or do it again: who stands aside takes the place again.

Nothing is made where the container before is still there: it gets its name, its restart policy and its place
back, and the other one stands aside, if it is there. Where it was removed a new one is made from its digest:
the journal has its configuration.
"""

from __future__ import annotations

from collections.abc import Sequence

from imgtui.engine.port.engine import Engine
from imgtui.model.acts.changes import RolledBack, in_place, standing, title_of
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.containers.downtime import downtimes
from imgtui.model.containers.replacement import Aside, Progress, Replacement, TagToMove
from imgtui.model.containers.rollback import Rollback
from imgtui.model.core.clock import SECOND
from imgtui.model.core.digest import short
from imgtui.model.core.image import EngineInfo
from imgtui.model.plans.plan import NotPossible, Plan, plan_tag, plan_untag, together
from imgtui.model.taglog.moves import Cause, Move
from imgtui.operations.containers.replacement_plan import Planner
from imgtui.operations.containers.replacing import WATCH, Watch
from imgtui.operations.containers.rollback_plan import unwritten
from imgtui.operations.taglog.recording import Recorder


def plan_back(
    engine: Engine,
    recorder: Recorder,
    catalog: Catalog,
    moves: Sequence[Move],
    act: RolledBack,
    watch: Watch = WATCH,
) -> Rollback:
    """Put the containers and the tag of an act back. `moves` are the tag log, the newest first.

    `watch` is how those that come will be watched.
    Raises NotPossible, EngineError.
    """
    info, now = recorder.info, recorder.now // SECOND
    if info is None:
        raise NotPossible("the engine has not answered yet")
    undone = act.journey.undoes
    redo = undone is not None and not act.journey.redo
    tag, left = _tag_back(catalog, moves, act.journey.tag, now, redo=redo)
    here = standing(catalog, act, gone=True)
    if not here:
        raise NotPossible(f"{act.names}: other containers are in their place by now, r rolls them back")
    _refuse_without_what_they_join(act, here)
    notes = [
        *left,
        *(
            f"{known.name} is another container by now: it stays as it is"
            for known in act.journey.containers
            if known not in here
        ),
    ]
    name = tag.references[-1] if tag is not None else None
    usable = _usable(catalog, here)
    changes: list[str] = []
    backs = [_Back(engine, recorder, info, catalog, known, name, now, usable) for known in here]
    for back in backs:
        changes += back.changes
        notes += back.notes
    planner = Planner(engine, recorder, info, catalog, here[0].origin, name)
    containers = planner.with_dependents([back.plan for back in backs])
    changes += planner.changes
    notes += [*planner.notes, *downtimes(containers, watch.settling, health=watch.health)]
    risks = [risk for back in backs for risk in back.risks]
    names = ", ".join(known.name for known in here)
    return Rollback(
        title_of(act, now),
        here[0].origin,
        containers,
        _together([back.keeping for back in backs]),
        tag,
        tuple(changes),
        tuple(dict.fromkeys((*notes, *(tag.notes if tag is not None else ())))),
        tuple(dict.fromkeys((*risks, *planner.risks, *unwritten(recorder, names)))),
        tuple(dict.fromkeys(each for back in backs for each in back.overrides)),
        undoes=act.number if undone is None else undone,
        redo=redo,
        told=planner.told,
        written=recorder.can_write,
    )


class _Back:
    """What is to be done to one container, and what has to be known before. Raises NotPossible."""

    def __init__(
        self,
        engine: Engine,
        recorder: Recorder,
        info: EngineInfo,
        catalog: Catalog,
        done: Progress,
        tag: str | None,
        now: int,
        usable: frozenset[str],
    ) -> None:
        anew = done.origin == done.target
        planner = Planner(engine, recorder, info, catalog, done.origin, tag, anew=anew)
        aside, made = _aside(catalog, done, usable), in_place(catalog, done)
        there = aside is not None or done.before in catalog.containers
        gone = "cannot be started, as what it joins is gone" if there else "is gone"
        anew_from = f"{done.retired} {gone}: a new container is made from {short(done.origin)}"
        if made is None:
            self.plan: Replacement = (
                planner.in_empty_place(done, aside) if aside is not None else planner.from_journal(done)
            )
            way = f"{aside.name} gets its name" if aside is not None else anew_from
            planner.notes.insert(0, f"{done.name} was removed since: {way}")
        elif aside is not None:
            self.plan = planner.by(made.id, aside, runs=done.running)
        else:
            self.plan = planner.replacement(made.id, done.configuration)
            planner.notes.insert(0, anew_from)
        if made is not None and made.name != done.name:
            planner.notes.insert(0, f"{done.name} is called {made.name} by now, and keeps that name")
        self.keeping = planner.keeping([self.plan] if made is not None else [], now)
        self.changes, self.notes, self.risks = planner.changes, planner.notes, planner.risks
        self.overrides = planner.overrides


def _refuse_without_what_they_join(act: RolledBack, here: Sequence[Progress]) -> None:
    """Raise NotPossible where one shares namespaces with a container of the act that was replaced since."""
    gone = [known for known in act.journey.containers if known not in here]
    others = {each: known for known in gone for each in (known.container_id, known.before)}
    for known in here:
        for other in (others[each] for each in known.joins if each in others):
            raise NotPossible(
                f"{other.name}, whose namespaces {known.name} shares, was removed or replaced since: what ran"
                f" before is {other.retired}, docker rename and docker start bring it back"
            )


def _usable(catalog: Catalog, here: Sequence[Progress]) -> frozenset[str]:
    """IDs of the containers whose namespaces can be joined: that run, or take their place again now."""
    running = {known.id for known in catalog.containers.values() if known.running}
    back = {done.before for done in here if done.before in catalog.containers}
    return frozenset(running | back)


def _aside(catalog: Catalog, done: Progress, usable: frozenset[str]) -> Aside | None:
    """The container that stood in the place before; None where it is gone, or cannot be started any more.

    That is so where one whose namespace it shares does not run, and does not come back with it. Raises
    NotPossible.
    """
    if not usable.issuperset(done.joins):
        return None
    known = catalog.containers.get(done.before)
    if known is None or known.image_id != done.origin:
        return None
    if known.running:
        raise NotPossible(f"{known.name} runs by now: stop it first, then it can take the place again")
    return Aside(known.id, known.name)


def _tag_back(
    catalog: Catalog, moves: Sequence[Move], moved: TagToMove | None, now: int, *, redo: bool
) -> tuple[Plan | None, tuple[str, ...]]:
    """The plan for the tag that went with the containers, or why that stays where it is."""
    if moved is None:
        return None, ()
    here = catalog.tags.get(moved.reference)
    if here != moved.target:
        return None, (f"{moved.reference} was moved since: it stays where it is",)
    newest = next((move for move in moves if move.reference == moved.reference), None)
    number = None
    if newest is not None and newest.target == here:
        number = newest.number if newest.undoes is None else newest.undoes
    cause = Cause.REDO if redo else Cause.UNDO
    try:
        if moved.origin is None:
            return plan_untag(catalog, moved.reference, now, cause=cause, undoes=number), ()
        return plan_tag(catalog, moved.origin, moved.reference, now, cause=cause, undoes=number), ()
    except NotPossible as error:
        return None, (f"{moved.reference} stays where it is: {error}",)


def _together(plans: Sequence[Plan | None]) -> Plan | None:
    """What is kept and pulled before any container is touched, each once."""
    unique = {plan.commands: plan for plan in plans if plan is not None}
    return together("keep what runs before it is put back", list(unique.values())) if unique else None
