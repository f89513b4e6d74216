"""What each verb that acts plans: from the words of the call to plans, made when their turn comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from imgtui.model.acts.changes import (
    Change,
    PastAct,
    RemovedForGood,
    RolledBack,
    UnreadAct,
    in_repository,
    newest,
    newest_undone,
    of_containers,
    of_service,
    of_tag,
    stands,
    title_before,
    why_final,
)
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.containers.replicas import service_named
from imgtui.model.core.reference import InvalidReference, Reference
from imgtui.model.plans.lookup import find_container, find_image, moves_of
from imgtui.model.plans.plan import (
    NotPossible,
    Plan,
    plan_keep,
    plan_redo,
    plan_tag,
    plan_undo,
    plan_unkeep,
    plan_untag,
    points_at,
)
from imgtui.model.taglog.moves import Move

Moves = Callable[[], Sequence[Move]]
"""The tag log, newest first. May raise NotPossible."""
Planner = Callable[[Catalog, Moves, int], Plan]
"""Makes a plan for what is there at a time, in seconds since the epoch. May raise NotPossible."""


def keeping(text: str) -> Planner:
    """Hold what is named, in the repository that it was named in."""

    def plan(catalog: Catalog, _: Moves, now: int) -> Plan:
        named = find_image(catalog, text)
        return plan_keep(catalog, named.image_id, named.repository, now)

    return plan


def unkeeping(text: str) -> Planner:
    """Hold what is named no longer."""
    return lambda catalog, _, __: plan_unkeep(catalog, find_image(catalog, text).image_id)


def tagging(source: str, reference: str) -> Planner:
    """Point a tag at what is named."""
    return lambda catalog, _, now: plan_tag(catalog, find_image(catalog, source).image_id, reference, now)


def untagging(reference: str) -> Planner:
    """Take a tag away."""
    return lambda catalog, _, now: plan_untag(catalog, reference, now)


def newest_change(
    catalog: Catalog,
    moves: Sequence[Move],
    acts: Sequence[PastAct],
    text: str | None,
    now: int,
    *,
    redo: bool,
) -> Move | RolledBack:
    """The newest change of a container, a tag, a repository or the engine; with `redo` what was undone last.

    `now` is in seconds since the epoch. Raises NotPossible.
    """
    if text is not None:
        moves, acts = _about(catalog, moves, acts, text)
    stood, here = partial(stands, catalog, gone=text is not None), partial(points_at, catalog)
    if redo:
        found: Change | None = newest_undone(moves, acts, stood)
    else:
        found = newest(moves, acts, here, stood)
    if found is None:
        of = f" of {text}" if text else ""
        raise NotPossible(f"there is no change{of} to {'do again' if redo else 'undo'}")
    if isinstance(found, UnreadAct):
        raise NotPossible(why_final(found, now))
    if isinstance(found, RemovedForGood):
        raise NotPossible(why_final(found, now, change_before(catalog, moves, acts, found, now)))
    return found


def change_before(
    catalog: Catalog, moves: Sequence[Move], acts: Sequence[PastAct], act: PastAct, now: int
) -> str:
    """What undoes the newest change before an act, and the call that does it; empty where there is none."""
    older = [each for each in acts if each.number != act.number]
    here, stood = partial(points_at, catalog), partial(stands, catalog)
    title, of = title_before(catalog, moves, older, here, stood, now)
    return f"{title}: imgtui undo {of}" if title else ""


def putting_back(move: Move, *, redo: bool) -> Planner:
    """Put a move back, or do it again."""
    return lambda catalog, _, now: (plan_redo if redo else plan_undo)(catalog, move, now)


def _about(
    catalog: Catalog, moves: Sequence[Move], acts: Sequence[PastAct], text: str
) -> tuple[Sequence[Move], Sequence[PastAct]]:
    """What happened to a container, and to the tag or repository that is called so too."""
    known = find_container(catalog.containers.values(), text)
    those = [known] if known is not None else service_named(catalog, text)
    about = {act.number: act for act in of_containers(acts, text, (each.id for each in those))}
    of_container = list((about | {act.number: act for act in of_service(acts, text)}).values())
    try:
        reference = _reference(text)
    except NotPossible:
        if of_container:
            return (), of_container
        raise
    if reference.tag is not None:
        return moves_of(moves, reference), of_tag(acts, reference.familiar)
    about = {act.number: act for act in in_repository(catalog, acts, reference.familiar_name)}
    about |= {act.number: act for act in of_container}
    return moves_of(moves, reference), list(about.values())


def _reference(text: str) -> Reference:
    try:
        reference = Reference.parse(text)
    except InvalidReference as error:
        raise NotPossible(str(error)) from None
    if reference.digest is not None:
        raise NotPossible(f"{text} names a digest: the moves of a tag or a repository are undone")
    return reference
