"""The journal of acts as rows and lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from imgtui.model.core.clock import SECOND
from imgtui.store.journal import JournalEntry
from imgtui.ui.taglog.text import stamp
from imgtui.ui.widgets.columns import Column
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.words import age

JOURNAL_COLUMNS = (
    Column("WHEN", 6, rank=8, right=True),
    Column("WHAT", 30, rank=9, stretch=3),
    Column("OUTCOME", 10, rank=9, stretch=2),
    Column("TOOK", 6, rank=7, right=True),
)
DONE: Final = "done"
UNFINISHED: Final = "unfinished"
TENTHS: Final = 10
"""Seconds below which tenths are told."""

_COMMAND: Final = re.compile(r"""(?:'[^']*'|"(?:\\.|[^"\\])*"|[^\n])+""", re.DOTALL)
"""A line, and the lines after it while a quotation mark is open."""


def journal_cells(entry: JournalEntry, now: float) -> Sequence[Span]:
    """When, what, how it ended, how long it took."""
    return (
        Span(age(entry.begun // SECOND, now)),
        Span(entry.title, "accent"),
        outcome(entry),
        Span(took(entry), "dim"),
    )


def journal_lines(entry: JournalEntry) -> list[Line]:
    """An act in full: its commands are the docker commands that do the same."""
    length = f", took {took(entry)}" if entry.ended is not None else ""
    note = "" if entry.ended is not None else ": it goes on, or imgtui was ended in the middle"
    return [
        line(Span(f" {entry.title}  ", "accent"), f"{stamp(entry.begun)}{length}"),
        line(" ", outcome(entry), Span(note, "dim")),
        *[line(Span(" $ ", "dim"), command.replace("\n", "↵ ")) for command in commands_of(entry)],
    ]


def outcome(entry: JournalEntry) -> Span:
    """How an act ended."""
    if entry.outcome is None:
        return Span(UNFINISHED, "warn")
    return Span(entry.outcome, "good" if entry.outcome == DONE else "bad")


def took(entry: JournalEntry) -> str:
    """How long an act took: `0.3 s`, `12 s`, `3 m`; `-` where it has not ended."""
    if entry.ended is None:
        return "-"
    seconds = max(0, entry.ended - entry.begun) / SECOND
    return f"{seconds:.1f} s" if seconds < TENTHS else age(1, 1 + seconds)


def commands_of(entry: JournalEntry) -> list[str]:
    """Each command of an act; one that has a line break between quotation marks is one."""
    return _COMMAND.findall(entry.command)


def text_of(entry: JournalEntry) -> str:
    """What a filter looks through."""
    return f"{entry.title}\n{entry.command}\n{outcome(entry).text}".lower()
