"""Moves of tags as rows and lines."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from imgtui.model.catalog.availability import Now, Whereabouts
from imgtui.model.core.clock import SECOND
from imgtui.model.core.digest import short
from imgtui.model.taglog.moves import Move, Provenance
from imgtui.ui.widgets.columns import Column
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.words import age

MOVE_COLUMNS = (
    Column("WHEN", 6, rank=8, right=True),
    Column("TAG", 14, rank=7, stretch=3),
    Column("FROM", 12, rank=9),
    Column("TO", 12, rank=9),
    Column("CAUSE", 8, rank=6),
    Column("KNOWN BY", 9, rank=3, stretch=1),
    Column("NOW", 7, rank=5),
)
Where = Callable[[str], Whereabouts]
"""What has become of an image, by ID."""
LINES = 500
"""Moves that a tab shows: the whole log has a screen of its own."""

_NOTHING = "-" * 12


def move_cells(move: Move, where: Where, now: float) -> Sequence[Span]:
    """When, which tag, from where to where, why, how that is known, and what became of TO."""
    return (
        Span(when(move, now)),
        Span(move.reference, "accent"),
        _origin(move, where),
        digest(move.target, where),
        Span(move.cause.value),
        Span(known_by(move), "dim"),
        left(move, where),
    )


def move_line(move: Move, where: Where, now: float, image_id: str) -> Line:
    """A move in the detail of a version: ends that are this version stand out."""
    ends = [
        Span(
            f"{short(end) if end else _NOTHING:<13}",
            "strong" if end == image_id else digest(end, where).style,
        )
        for end in (move.origin, move.target)
    ]
    tag = move.reference.rpartition(":")[2]
    return line(
        f" {when(move, now):>6}  ",
        Span(f"{tag:<20} ", "accent"),
        *ends,
        f"{move.cause.value:<9}",
        Span(f"{known_by(move)}  ", "dim"),
        left(move, where),
    )


def log_lines(moves: Sequence[Move], where: Where, now: float, image_id: str) -> list[Line]:
    """The tag log of a repository, the newest move first."""
    if not moves:
        return [
            line(
                Span(" No move of a tag is known here yet. The log begins when imgtui sees an engine.", "dim")
            )
        ]
    heading = f" {'WHEN':>6}  {'TAG':<20} {'FROM':<13}{'TO':<13}{'CAUSE':<9}KNOWN BY"
    more = f" {len(moves) - LINES} older ones: L has all" if len(moves) > LINES else ""
    lines = [line(Span(heading, "heading"))]
    lines += [move_line(move, where, now, image_id) for move in moves[:LINES]]
    return [*lines, line(Span(more, "dim"))] if more else lines


def when(move: Move, now: float) -> str:
    """How long ago; `~` where that is only the latest time, `?` where it is not understood."""
    if not move.at and move.known is Provenance.UNREAD:
        return "?"
    ago = age(move.at // SECOND, now)
    return ago if move.not_before is None else f"~{ago}"


def when_exactly(move: Move) -> str:
    """The instant, or between which two; in the terminal's own time zone."""
    if move.not_before is None:
        return stamp(move.at)
    if move.not_before <= 0:
        return f"no later than {stamp(move.at)}"
    return f"between {stamp(move.not_before)} and {stamp(move.at)}"


def stamp(nanoseconds: int) -> str:
    """`2026-11-25 01:10:05`."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(nanoseconds // SECOND))


def known_by(move: Move) -> str:
    """How a move is known: what was observed and what is only proved are told apart."""
    if move.known is Provenance.EVIDENCE:
        return f"proof: {move.source}"
    if move.known is Provenance.UNREAD:
        return f"{move.source} is not understood"
    return "imgtui" if move.known is Provenance.ACT else move.known.value


def _origin(move: Move, where: Where) -> Span:
    """A proof tells where a tag pointed, not where it came from."""
    if move.origin is None and move.target is not None and move.known is Provenance.EVIDENCE:
        return Span("?", "dim")
    return digest(move.origin, where)


def digest(image_id: str | None, where: Where) -> Span:
    """A short digest, struck out where the image is gone."""
    if image_id is None:
        return Span(_NOTHING, "dim")
    return Span(short(image_id), "gone" if where(image_id).now is Now.GONE else "")


def left(move: Move, where: Where) -> Span:
    """What became of the image that the tag came to; where it was removed, of the one it left."""
    image_id = move.target or move.origin
    if image_id is None:
        return Span("")
    place = where(image_id)
    if place.now is Now.GONE:
        return Span("pull" if place.certain else "gone", "bad")
    return Span(place.now.value, "good" if place.now is Now.KEPT else "")


def text_of(move: Move) -> str:
    """What a filter looks through."""
    ends = f"{move.origin or ''} {move.target or ''}"
    return f"{move.reference} {ends} {move.cause.value} {known_by(move)}".lower()
