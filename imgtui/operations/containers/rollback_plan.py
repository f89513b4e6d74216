"""Makes the plan of a roll back: everything is asked of the engine before anything is touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from imgtui.engine.port.engine import Engine
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.containers.downtime import downtimes
from imgtui.model.containers.rollback import Rollback, elsewhere
from imgtui.model.containers.said_together import said_together
from imgtui.model.core.clock import SECOND
from imgtui.model.core.digest import short
from imgtui.model.core.image import Image
from imgtui.model.core.reference import repository_of
from imgtui.model.plans.plan import NotPossible, Plan, plan_pull, plan_tag, together
from imgtui.model.taglog.moves import Cause
from imgtui.operations.containers.replacement_plan import Planner
from imgtui.operations.containers.replacing import WATCH, Watch
from imgtui.operations.taglog.recording import Recorder


def plan_rollback(
    engine: Engine,
    recorder: Recorder,
    catalog: Catalog,
    container_ids: Sequence[str],
    target: str,
    tag: str | None,
    *,
    no_dependents: bool = False,
    watch: Watch = WATCH,
) -> Rollback | Plan:
    """Have these containers, and a tag, use an image again; what shares their namespaces is recreated.

    With `no_dependents` there must be nothing that shares them. `watch` is how the new ones will be watched.
    Raises NotPossible, EngineError.
    """
    info, now = recorder.info, recorder.now // SECOND
    if info is None:
        raise NotPossible("the engine has not answered yet")
    left = catalog.with_containers((), container_ids)
    move = None if tag is None else _plan_of_tag(left, target, tag, now)
    if not container_ids:
        if move is None:
            raise NotPossible(f"{tag} points at {short(target)} already")
        if target in catalog.images:
            return move
        return together(move.title, [plan_pull(catalog, target, repository=repository_of(tag or "")), move])
    planner = Planner(engine, recorder, info, catalog, target, tag)
    wanted = [planner.replacement(container_id) for container_id in container_ids]
    names = ", ".join(each.name for each in wanted)
    title = f"roll {f'{tag} and ' if tag else ''}{names} back to {short(target)}"
    containers = planner.with_dependents(wanted, declined=no_dependents)
    keeping = planner.keeping(wanted, now)
    if move is not None and tag is not None and keeping is not None:
        move = _plan_of_tag(
            _with_keeps(left, keeping), target, tag, now
        )  # what is kept then is not kept again
    of_tag = move.risks if move is not None else ()
    risks = tuple(dict.fromkeys((*planner.risks, *of_tag, *unwritten(recorder, names))))
    notes = (
        *(keeping.notes if keeping is not None else ()),
        *planner.notes,
        *downtimes(containers, watch.settling, health=watch.health),
        *(move.notes if move is not None else ()),
    )
    names_after = {each.name: each.retired for each in containers}
    return Rollback(
        title,
        target,
        containers,
        keeping,
        move,
        said_together(planner.changes, names_after),
        said_together(notes, names_after),
        risks,
        tuple(planner.overrides),
        told=planner.told,
        written=recorder.can_write,
    )


def unwritten(recorder: Recorder, names: str) -> tuple[str, ...]:
    """The risk of an act on containers that cannot be written down before it is done."""
    if recorder.can_write:
        return ()
    return (f"{names} is not written down ({recorder.problem}): interrupted, it is not put back by itself",)


def _with_keeps(catalog: Catalog, keeping: Plan) -> Catalog:
    """The images as they are when the keeps of a plan are made."""
    kept: dict[str, Image] = {}
    for step in keeping.moving:
        image = kept.get(step.image_id, catalog.images.get(step.image_id))
        if image is not None:
            kept[image.id] = replace(image, keeps=(*image.keeps, step.reference))
    return catalog.with_images(kept.values())


def _plan_of_tag(catalog: Catalog, target: str, tag: str, now: int) -> Plan | None:
    """None where the tag points there already, and only its containers do not."""
    if catalog.tags.get(tag) == target:
        return None
    stranger = elsewhere(catalog, tag, [repository_of(tag)], target, is_tag=True)
    if target not in catalog.images:  # it is pulled before the tag moves
        catalog = catalog.with_images([catalog.past.image(target)])
    plan = plan_tag(catalog, target, tag, now, cause=Cause.ROLLBACK)
    return replace(plan, risks=(*plan.risks, *stranger.risks), notes=(*plan.notes, *stranger.notes))
