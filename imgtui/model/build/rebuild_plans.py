"""Plans after a rebuild: its tags are moved to what was built first, or back to what was there before."""

from __future__ import annotations

from collections.abc import Sequence

from imgtui.model.build.verdict import Verdict
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.digest import short
from imgtui.model.jobs.plans import keep_first
from imgtui.model.keeps.keep import KeptBy, is_keep
from imgtui.model.plans.plan import NotPossible, Plan, Step, Verb, plan_tag, plan_undo
from imgtui.model.taglog.moves import Cause, Move


def plan_move(catalog: Catalog, verdict: Verdict, now: int) -> Plan:
    """Move all tags to what was built first; its keep goes, as it has names then. Raises NotPossible."""
    moved = [
        plan_tag(catalog, verdict.new, end.reference, now)
        for end in verdict.tags
        if catalog.tags.get(end.reference) != verdict.new
    ]
    image = catalog.images.get(verdict.new)
    release: tuple[Step, ...] = ()
    if verdict.kept is not None and image is not None and verdict.kept in image.keeps:
        release = (Step(Verb.UNTAG, verdict.kept, verdict.new, verdict.new, Cause.UNTAG),)
    return _all_of(catalog, f"move the tags to {short(verdict.new)}", moved, now, release)


def plan_back(catalog: Catalog, verdict: Verdict, log: Sequence[Move], now: int) -> Plan:
    """Put back all moves that a rebuild made; `log` has the newest first. Raises NotPossible."""
    moved = {end.reference for end in verdict.tags if end.moved}
    newest: dict[str, Move] = {}
    for move in log:
        if move.reference in moved:
            newest.setdefault(move.reference, move)
    # Under load the log takes a build for a `docker tag` until its `create` has come: the target tells.
    built = [move for move in newest.values() if move.target == verdict.new]
    plans = [plan_undo(catalog, move, now) for move in built]
    return _all_of(catalog, f"undo the rebuild: back to {short(verdict.old or 'nothing')}", plans, now)


def _all_of(
    catalog: Catalog, title: str, plans: Sequence[Plan], now: int, after: tuple[Step, ...] = ()
) -> Plan:
    """Several moves as one plan: what loses its last name by all of them together is kept first."""
    steps = tuple(step for plan in plans for step in plan.steps if not is_keep(step.reference))
    if not steps:
        raise NotPossible("no tag is to be moved: they point where they should, or were moved since")
    keeping, _ = keep_first(
        catalog, [step.reference for step in steps if step.verb is not Verb.PULL], now, KeptBy.MOVE
    )
    before = keeping.steps if keeping is not None else ()
    notes = [f"{short(step.image_id)} has no other name: it is kept first" for step in before]
    notes += [note for plan in plans for note in plan.notes if "kept first" not in note]
    return Plan(title, (*before, *steps, *after), tuple(dict.fromkeys(notes)))
