"""What a plan does, step by step, in words: the same on the screen and on the command line."""

from __future__ import annotations

from collections.abc import Sequence

from imgtui.model.containers.replacement import Replacement
from imgtui.model.containers.rollback import Rollback
from imgtui.model.core.digest import short
from imgtui.model.keeps.keep import read_keep
from imgtui.model.plans.plan import Plan, Step, Verb

Piece = tuple[str, str]
"""A text, and how it is shown: a style of the screen, or empty."""


def steps_of(plan: Plan | Rollback) -> list[Sequence[Piece]]:
    """A line for each step, in order."""
    if isinstance(plan, Plan):
        return [step_words(step) for step in plan.steps]
    before = plan.keeping.steps if plan.keeping is not None else ()
    after = plan.tag.steps if plan.tag is not None else ()
    containers = (_container(each) for each in plan.containers)
    return [*map(step_words, before), *containers, *map(step_words, after)]


def lines_of(plan: Plan | Rollback) -> list[str]:
    """The steps, and what is otherwise by them, for people."""
    changes = plan.changes if isinstance(plan, Rollback) else ()
    return [*("".join(text for text, _ in pieces) for pieces in steps_of(plan)), *changes]


def step_words(step: Step) -> Sequence[Piece]:
    """One change of a tag or a keep, or a pull."""
    if step.verb is Verb.PULL:
        return ("pull ", ""), (short(step.image_id), "strong"), (" by ", ""), (step.reference, "accent")
    keep = read_keep(step.reference)
    if keep is not None:
        verb = "keep " if step.target else "stop keeping "
        place = f" of {keep.repository}" if keep.repository else ""
        return (verb, ""), (short(step.image_id), "strong"), (place, "")
    return (step.reference, "accent"), ("  ", ""), *_ends(step.origin, step.target)


def _container(what: Replacement) -> Sequence[Piece]:
    if what.aside is not None:
        how = f"{what.aside.name} takes its place" + (", started, watched" if what.running else "")
    elif what.joins and what.running:
        how = "stopped first, recreated, started, watched"
    else:
        how = "made, the old one stopped, started, watched" if what.running else "made, not started"
    again = (("again ", ""), (short(what.target), "strong"))
    ends = again if what.origin == what.target else _ends(what.origin, what.target)
    return (what.name, "accent"), ("  ", ""), *ends, (f"  {how}", "dim")


def _ends(before: str | None, after: str | None) -> Sequence[Piece]:
    origin, target = (short(each) if each else "nothing" for each in (before, after))
    return (origin, ""), (" -> ", ""), (target, "strong")
