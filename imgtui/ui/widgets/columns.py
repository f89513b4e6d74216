"""Columns of a table: which fit, and how wide they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

GAP = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. Where there is no room, columns of low rank are left out."""

    title: str
    width: int
    rank: int = 0
    stretch: int = 0
    """Share of the cells that are left over."""
    right: bool = False


def fit(text: str, width: int) -> str:
    """The text in exactly `width` cells; `…` stands for what was cut."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1) + "…" if width > 0 else ""


def aligned(text: str, width: int, *, right: bool) -> str:
    """The text in exactly `width` cells."""
    if right and (spare := width - cell_len(text)) > 0:
        return " " * spare + text
    return fit(text, width)


def fitting(columns: Sequence[Column], room: int) -> list[int]:
    """The width of each column, 0 for those left out: the lowest rank goes first."""
    kept = list(range(len(columns)))
    needed = sum(column.width + GAP for column in columns)
    for index in sorted(kept, key=lambda i: columns[i].rank):
        if needed <= room or columns[index].rank >= 9:
            break
        kept.remove(index)
        needed -= columns[index].width + GAP
    spare = max(0, room - needed)
    shares = sum(columns[index].stretch for index in kept) or 1
    widths = [0] * len(columns)
    for index in kept:
        widths[index] = columns[index].width + spare * columns[index].stretch // shares
    return widths
