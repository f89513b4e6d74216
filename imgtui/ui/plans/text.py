"""A plan as lines: the change itself, what is risked by it, what else there is to know, docker commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from imgtui.model.acts.steps import Piece, step_words, steps_of
from imgtui.model.containers.pending import Pending
from imgtui.model.containers.rollback import Rollback
from imgtui.model.containers.said_together import each_together
from imgtui.model.core.digest import short
from imgtui.model.core.printable import printable
from imgtui.model.jobs.plans import TransferPlan
from imgtui.model.launch.launch import Discard
from imgtui.model.plans.plan import Plan
from imgtui.model.removal.build_cache import CacheRemoval
from imgtui.model.removal.plan import Removal
from imgtui.ui.jobs.transfers_text import transfer_steps
from imgtui.ui.removal.text import cache_steps, freed_line, removal_steps
from imgtui.ui.widgets.spans import Line, Span, line

LONGEST: Final = 100_000
"""Characters of a command: environments can be long."""
Shown = Plan | Rollback | Discard | TransferPlan | Removal | CacheRemoval | Pending
"""What is shown before it is done."""


def plan_lines(plan: Shown, also: tuple[str, ...] = ()) -> list[Line]:
    """What is done and changed by it, risks, those that it has `also`, notes, commands."""
    changes = plan.changes if isinstance(plan, Rollback) else ()
    done = [*_steps(plan), *(line("   ", change) for change in changes)]
    if isinstance(plan, Removal):
        done.append(freed_line(plan))
    told = [line(Span(" RISK  ", "bad"), Span(risk, "bad")) for risk in each_together((*plan.risks, *also))]
    told += [line(Span(" note  ", "warn"), note) for note in plan.notes]
    for each in plan.overrides if isinstance(plan, Rollback) else ():
        told.append(line(Span(" w     ", "accent"), f"writes {each.path}, which pins the digest; then"))
        told.append(line(Span(f"         {each.command}", "dim")))
    commands = [part for command in plan.commands for part in command.split("\n")]
    shown = [line(Span(f"   {printable(command, LONGEST)}", "dim")) for command in commands]
    if shown:
        shown.insert(0, line(Span(" the same with docker", "heading")))
    parts = [part for part in (done, told, shown) if part]
    return [each for part in parts for each in (line(""), *part)][1:]


def _steps(plan: Shown) -> list[Line]:
    if isinstance(plan, Removal):
        return removal_steps(plan)
    if isinstance(plan, CacheRemoval):
        return cache_steps(plan)
    if isinstance(plan, TransferPlan):
        before = plan.keeping.steps if plan.keeping is not None else ()
        return [*map(_line, map(step_words, before)), *transfer_steps(plan)]
    if isinstance(plan, Pending):
        return [line(f"   {step}") for step in plan.steps]
    if isinstance(plan, Discard):
        return [
            line("   ", Span(plan.name, "accent"), f"  {short(plan.container_id)}  stopped, then removed")
        ]
    return [_line(pieces) for pieces in steps_of(plan)]


def _line(pieces: Sequence[Piece]) -> Line:
    return line("   ", *(Span(text, style) for text, style in pieces))
