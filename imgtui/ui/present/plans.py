"""A plan as lines: what has to be known before, then what will be done, in digests and docker commands."""

from __future__ import annotations

from typing import Final

from imgtui.model.build_cache import CacheRemoval
from imgtui.model.digest import short
from imgtui.model.keep import read_keep
from imgtui.model.launch import Discard
from imgtui.model.pending import Pending
from imgtui.model.plan import Plan, Step, Verb
from imgtui.model.printable import printable
from imgtui.model.removal import Removal
from imgtui.model.replacement import Replacement
from imgtui.model.rollback import Rollback
from imgtui.model.transfer_plans import TransferPlan
from imgtui.ui.present.removal import cache_steps, freed_line, removal_steps
from imgtui.ui.present.spans import Line, Span, line
from imgtui.ui.present.transfers import transfer_steps

LONGEST: Final = 100_000
"""Characters of a command: environments can be long."""
Shown = Plan | Rollback | Discard | TransferPlan | Removal | CacheRemoval | Pending
"""What is shown before it is done."""


def plan_lines(plan: Shown, also: tuple[str, ...] = ()) -> list[Line]:
    """Risks, those that it has `also`, and notes, steps, commands: a small box shows the risks."""
    lines = [line(Span(" RISK  ", "bad"), Span(risk, "bad")) for risk in (*plan.risks, *also)]
    if isinstance(plan, Removal):
        lines.append(freed_line(plan))
    lines += [line(Span(" note  ", "warn"), note) for note in plan.notes]
    if isinstance(plan, Rollback):
        for each in plan.overrides:
            lines.append(line(Span(" w     ", "accent"), f"writes {each.path}, which pins the digest; then"))
            lines.append(line(Span(f"         {each.command}", "dim")))
    if lines:
        lines.append(line(""))
    lines += _steps(plan)
    if plan.commands:
        lines += [line(""), line(Span(" the same with docker", "heading"))]
    commands = (part for command in plan.commands for part in command.split("\n"))
    lines += [line(Span(f"   {printable(command, LONGEST)}", "dim")) for command in commands]
    return lines


def _steps(plan: Shown) -> list[Line]:
    if isinstance(plan, Removal):
        return removal_steps(plan)
    if isinstance(plan, CacheRemoval):
        return cache_steps(plan)
    if isinstance(plan, TransferPlan):
        before = plan.keeping.steps if plan.keeping is not None else ()
        return [*map(_step, before), *transfer_steps(plan)]
    if isinstance(plan, Pending):
        return [line(f"   {step}") for step in plan.steps]
    if isinstance(plan, Discard):
        return [
            line("   ", Span(plan.name, "accent"), f"  {short(plan.container_id)}  stopped, then removed")
        ]
    return _rollback_steps(plan) if isinstance(plan, Rollback) else [_step(step) for step in plan.steps]


def _rollback_steps(plan: Rollback) -> list[Line]:
    before = plan.keeping.steps if plan.keeping is not None else ()
    after = plan.tag.steps if plan.tag is not None else ()
    return [*map(_step, before), *(_container(each) for each in plan.containers), *map(_step, after)]


def _container(what: Replacement) -> Line:
    if what.aside is not None:
        how = f"{what.aside.name} takes its place" + (", started, watched" if what.running else "")
    elif what.joins and what.running:
        how = "stopped first, recreated, started, watched"
    else:
        how = "made, the old one stopped, started, watched" if what.running else "made, not started"
    before = (Span(short(what.origin)), " -> ") if what.origin != what.target else ("again ",)
    ends = *before, Span(short(what.target), "strong")
    return line("   ", Span(what.name, "accent"), "  ", *ends, Span(f"  {how}", "dim"))


def _step(step: Step) -> Line:
    if step.verb is Verb.PULL:
        return line("   pull ", Span(short(step.image_id), "strong"), " by ", Span(step.reference, "accent"))
    keep = read_keep(step.reference)
    origin = short(step.origin) if step.origin else "nothing"
    target = short(step.target) if step.target else "nothing"
    if keep is not None:
        verb = "keep" if step.target else "stop keeping"
        place = f" of {keep.repository}" if keep.repository else ""
        return line(f"   {verb} ", Span(short(step.image_id), "strong"), place)
    return line("   ", Span(step.reference, "accent"), "  ", Span(origin), " -> ", Span(target, "strong"))
