"""The tab Layers: rows are layers, columns are sibling versions, so that the eye sees where they part."""

from __future__ import annotations

from collections.abc import Sequence

from imgtui.model.catalog.catalog import Version
from imgtui.model.core.digest import short
from imgtui.model.core.image import HistoryEntry, ImageFacts
from imgtui.model.core.instruction import instruction
from imgtui.ui.explorer.knowledge import Knowledge
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.words import plural, size

DIGEST, SIZE, CELL = 12, 9, 5
HELD, ABSENT, UNKNOWN = "■", "·", "?"
UNTOLD = "(no instruction is known for this layer)"


def layer_map(
    version: Version, facts: ImageFacts, siblings: Sequence[Version], known: Knowledge, width: int
) -> list[Line]:
    """The lines of the tab, for a pane of a width in cells."""
    others = [sibling for sibling in siblings if sibling.image.id != version.image.id]
    room = max(0, (width * 11 // 20 - DIGEST - SIZE) // CELL)
    columns = [version, *others][: max(1, room)]
    places = [known.tree.places(column.image.id) for column in columns]
    holders = known.tree.holders(version.image.id)
    lines = [_summary(facts, others, columns, known), _header(columns)]
    depth = 0
    for entry in facts.history:
        if entry.diff_id is None:
            lines.append(_plain(entry, len(columns)))
            continue
        lines.append(_layer(entry, depth, places, holders))
        depth += 1
    return lines


def _summary(
    facts: ImageFacts, others: Sequence[Version], columns: Sequence[Version], known: Knowledge
) -> Line:
    hidden = len(others) + 1 - len(columns)
    more = f", {plural(hidden, 'version')} more than fit" if hidden > 0 else ""
    certain = "" if facts.sizes_certain else "  some sizes are not told by the engine: placed by instruction"
    layers = f"{plural(len(facts.layers), 'layer')}, {size(facts.unpacked)} unpacked"
    return line(Span(f" {layers}; {HELD} = the version holds it{more}", "dim"), Span(certain, "warn"))


def _header(columns: Sequence[Version]) -> Line:
    marks = "".join(f"{short(column.image.id)[:4]:<{CELL}}" for column in columns)
    return line(Span(f" {'LAYER':<{DIGEST}} {'SIZE':>{SIZE}}  {marks} INSTRUCTION, oldest first", "heading"))


def _layer(entry: HistoryEntry, depth: int, places: Sequence[Sequence[int]], holders: Sequence[int]) -> Line:
    shared = depth < len(holders) and holders[depth] > 1
    cells = "".join(f"{_mark(places[0], other, depth):<{CELL}}" for other in places)
    return line(
        Span(
            f" {short(entry.diff_id or ''):<{DIGEST}} {size(entry.size):>{SIZE}}  ",
            "" if shared else "strong",
        ),
        Span(cells, "dim" if shared else "accent"),
        Span(f" {instruction(entry.created_by) or entry.comment or UNTOLD}", "" if shared else "strong"),
    )


def _mark(own: Sequence[int], other: Sequence[int], depth: int) -> str:
    if not other or not own:
        return UNKNOWN
    held = depth < len(own) and depth < len(other) and own[depth] == other[depth]
    return HELD if held else ABSENT


def _plain(entry: HistoryEntry, columns: int) -> Line:
    blank = " " * (DIGEST + SIZE + 4 + columns * CELL)
    return line(Span(f"{blank} {instruction(entry.created_by)}", "dim"))
