"""The steps of a pull, a push, a save or a load, as lines of its plan."""

from __future__ import annotations

from imgtui.model.core.digest import short
from imgtui.model.jobs.plans import LoadPlan, PullPlan, PushPlan, SavePlan, TransferPlan
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.words import size

MOST_TAGS = 200
"""Tags of an archive that a plan shows."""


def transfer_steps(plan: TransferPlan) -> list[Line]:
    """What it does, without what is kept before."""
    if isinstance(plan, PullPlan):
        return [line("   pull ", Span(plan.reference, "accent"))]
    if isinstance(plan, PushPlan):
        ends = Span(short(plan.image_id), "strong"), " -> ", Span(plan.registry, "accent")
        return [line("   push ", Span(plan.tag, "accent"), "  ", *ends)]
    if isinstance(plan, SavePlan):
        return _save(plan)
    return _load(plan) if isinstance(plan, LoadPlan) else []


def _save(plan: SavePlan) -> list[Line]:
    return [
        line("   save to ", Span(plan.path, "accent")),
        *(
            line("     ", Span(short(image_id), "strong"), f"  {', '.join(tags) or 'by its digest'}")
            for image_id, tags in plan.held
        ),
    ]


def _load(plan: LoadPlan) -> list[Line]:
    tags = plan.archive.tags
    lines = [
        line("   load ", Span(plan.archive.path, "accent"), f"  {size(plan.archive.size)}"),
        *(line("     ", Span(tag, "accent")) for tag in tags[:MOST_TAGS]),
    ]
    if len(tags) > MOST_TAGS:
        lines.append(line(Span(f"     and {len(tags) - MOST_TAGS:,} more tags", "dim")))
    return lines
