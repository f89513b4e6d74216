"""A removal as lines: what it frees, each image that goes, and each that is left out; and the bulk plans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from imgtui.model.core.digest import short
from imgtui.model.removal.build_cache import CacheRemoval
from imgtui.model.removal.plan import Removal
from imgtui.ui.widgets.columns import Column
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.words import at_least, count, size

BULK_COLUMNS = (
    Column("WHAT", 24, rank=9, stretch=1),
    Column("VERSIONS", 8, rank=8, right=True),
    Column("FREES", 10, rank=7, right=True),
    Column("LEFT OUT", 8, rank=6, right=True),
)


def freed_line(plan: Removal) -> Line:
    """The bytes that it frees."""
    return line(
        Span(" frees ", "good"), Span(at_least(*plan.freed), "strong"), Span("  layers counted once", "dim")
    )


def removal_steps(plan: Removal) -> list[Line]:
    """What goes, in its order, then what is left out."""
    gone = _table((image.image_id, image.words, "dim" if image.intermediate else "") for image in plan.images)
    if not plan.left_out:
        return gone
    left = _table((image.image_id, image.words, "") for image in plan.left_out)
    return [*gone, line(""), line(Span(" left out", "heading")), *left]


def cache_steps(plan: CacheRemoval) -> list[Line]:
    """What of the build cache goes."""
    cache = plan.cache
    lines = [
        line(
            "   ", Span(size(cache.size), "strong"), f"  in {count(cache.records)} records of the build cache"
        )
    ]
    if cache.shared:
        lines.append(
            line(f"   {size(cache.shared)} of it images hold too: they stay as long as the images do")
        )
    if cache.in_use:
        lines.append(line(f"   {size(cache.in_use)} more are in use by a build, and stay"))
    return lines


def bulk_cells(label: str, found: int, freed: str, left_out: int) -> Sequence[Span]:
    """A bulk plan under `BULK_COLUMNS`."""
    return (
        Span(label),
        Span(count(found) if found else "none", "" if found else "dim"),
        Span(freed, "strong"),
        Span(count(left_out) if left_out else "", "warn"),
    )


def _table(rows: Iterable[tuple[str, str, str]]) -> list[Line]:
    return [
        line("   ", Span(short(image_id), style or "strong"), Span(f"  {words}", style))
        for image_id, words, style in rows
    ]
