"""What each verb that acts plans: from the words of the call to plans, made when their turn comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from imgtui.model.catalog import Catalog
from imgtui.model.moves import Move, to_redo, to_undo
from imgtui.model.naming import find_image, moves_of
from imgtui.model.plan import (
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
from imgtui.model.reference import InvalidReference, Reference

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


def undoing(text: str | None, *, redo: bool) -> Planner:
    """Put back the newest move of a tag, a repository or the engine; or do again what was put back."""

    def plan(catalog: Catalog, moves: Moves, now: int) -> Plan:
        known = moves()
        if text is not None:
            known = moves_of(known, _reference(text))
        move = to_redo(known) if redo else to_undo(known, partial(points_at, catalog))
        if move is None:
            of = f" of {text}" if text else ""
            raise NotPossible(f"there is no move{of} to {'do again' if redo else 'undo'}")
        return (plan_redo if redo else plan_undo)(catalog, move, now)

    return plan


def _reference(text: str) -> Reference:
    try:
        reference = Reference.parse(text)
    except InvalidReference as error:
        raise NotPossible(str(error)) from None
    if reference.digest is not None:
        raise NotPossible(f"{text} names a digest: the moves of a tag or a repository are undone")
    return reference
