"""Containers as rows and lines: what they run, and how they stand to the tag that they were created from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from imgtui.model.catalog.catalog import Version
from imgtui.model.catalog.drift import Drift, Standing
from imgtui.model.catalog.registry_tag import TagComparison
from imgtui.model.core.digest import short
from imgtui.model.core.image import Container
from imgtui.ui.explorer.knowledge import Knowledge
from imgtui.ui.taglog.text import when, when_exactly
from imgtui.ui.widgets.columns import Column
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.words import age, plural

CONTAINER_COLUMNS = (
    Column("NAME", 13, rank=9, stretch=2),
    Column("STATE", 9, rank=3),
    Column("RUNS", 12, rank=9),
    Column("CREATED FROM", 14, rank=8, stretch=3),
    Column("DRIFT", 8, rank=9),
    Column("BEHIND", 6, rank=6, right=True),
    Column("SINCE", 6, rank=7, right=True),
)
ASKED_COLUMNS = (*CONTAINER_COLUMNS, Column("REGISTRY", 9, rank=8))
"""The columns once a registry was asked."""

_STYLES = {
    Standing.DRIFT: "warn",
    Standing.TAG_GONE: "bad",
    Standing.REBUILT: "accent",
    Standing.CURRENT: "good",
    Standing.REPLACED: "dim",
    Standing.PINNED: "good",
    Standing.NO_TAG: "dim",
    Standing.UNKNOWN: "warn",
}
_MOVED = {
    Standing.DRIFT: "points at another image",
    Standing.TAG_GONE: "is gone",
    Standing.REBUILT: "was rebuilt to the same content",
    Standing.REPLACED: "left, and another container was put in the place of this one",
}
_HEALTH = {"healthy": "good", "unhealthy": "bad", "starting": "warn"}
_ENDED = re.compile(r"Exited \((-?\d+)\)")
_AT_REST = frozenset({Standing.CURRENT, Standing.PINNED, Standing.NO_TAG, Standing.UNKNOWN})
"""Where no move of a tag is of interest."""


def container_cells(drift: Drift, known: Knowledge) -> Sequence[Span]:
    """A row under `ASKED_COLUMNS`."""
    container = drift.container
    gone = container.image_id not in known.catalog.images
    return (
        Span(container.name, "strong" if container.running else ""),
        _state_cell(container),
        Span(short(container.image_id), "gone" if gone else ""),
        Span(source_of(container), "accent" if container.created_from else "dim"),
        Span(drift.standing.words, _STYLES[drift.standing]),
        Span(behind(drift)),
        Span(since(drift, known.now)),
        _registry(drift, known),
    )


def container_lines(drift: Drift, known: Knowledge) -> list[Line]:
    """The container in full, for the foot of the list."""
    container, asked = drift.container, known.compared(drift)
    digest = asked.remote.digest if asked is not None else None
    lines = [
        line(Span(f" {container.name}  ", "strong"), ", ".join(_about(container, known.now))),
        line(Span(" runs ", "dim"), container.image_id),
        line(Span(" tag  ", "dim"), _tag_now(drift)),
        line(Span(f" {_sentence(drift)}", _STYLES[drift.standing]), f"; {_place(drift, known)}"),
    ]
    if asked is not None:
        lines.append(line(Span(" registry: ", "dim"), Span(asked.words, _style(asked))))
    elif known.is_asking(container.created_from):
        lines.append(line(Span(" registry: asking…", "dim")))
    if digest is not None:
        lines.append(line(Span(" reg  ", "dim"), digest))
    return lines


def container_text(drift: Drift, known: Knowledge) -> str:
    """What a filter looks through."""
    container, asked = drift.container, known.compared(drift)
    parts = (
        container.name, container.state, container.image_id, container.created_from, drift.tag_now,
        container.health, drift.standing.words, container.compose_project, container.compose_service,
        "" if asked is None else asked.word,
    )  # fmt: skip
    return " ".join(filter(None, parts)).lower()


def containers(version: Version, known: Knowledge) -> list[Line]:
    """The tab Containers: those created from this image, and how they stand to the tag they came from."""
    users = [drift for drift in known.drifts() if drift.container.image_id == version.image.id]
    if not users:
        return [line(Span(" No container was created from this image.", "dim"))]
    width = max(len(drift.container.name) for drift in users)
    source = max(12, *(len(source_of(drift.container)) for drift in users))
    heading = f" {'NAME':<{width}}  {'STATE':<9} {'CREATED FROM':<{source}}  THAT TAG NOW"
    return [
        line(Span(heading, "heading")),
        *(_tab_line(drift, width, source, known.now) for drift in users),
    ]


def source_of(container: Container) -> str:
    """What a container was created from."""
    if container.untold:
        return "not known"
    pinned = f"{container.pinned}@…" if container.pinned is not None else None
    return container.created_from or pinned or "an image ID"


def since(drift: Drift, now: float) -> str:
    """How long ago the tag left; `?` where the log does not reach back so far."""
    if drift.standing in _AT_REST:
        return ""
    return "?" if drift.left is None else when(drift.left, now)


def behind(drift: Drift) -> str:
    """How many moves; `?` where the log does not reach back so far."""
    if drift.standing in _AT_REST:
        return ""
    return "?" if drift.behind is None else str(drift.behind)


def _tab_line(drift: Drift, width: int, source: int, now: float) -> Line:
    container = drift.container
    came_from = source_of(container)
    return line(
        f" {container.name:<{width}}  {container.state:<9} {came_from:<{source}}  ",
        Span(" ".join(_tab_words(drift, now)), _STYLES[drift.standing]),
    )


def _tab_words(drift: Drift, now: float) -> Iterator[str]:
    if drift.standing is Standing.CURRENT:
        yield "this image"
        return
    if drift.standing is Standing.NO_TAG:
        return
    if drift.standing is Standing.PINNED:
        yield "pinned to its digest"
        return
    yield "gone" if drift.tag_now is None else f"{short(drift.tag_now)}  {drift.standing.words}"
    if drift.left is None:
        yield " since before the log begins"
        return
    yield f" since {since(drift, now)}, {plural(drift.behind or 0, 'move')} behind"


def state_words(container: Container, now: float) -> str:
    """`running 9 s, healthy`: counted from when it came into its state, so that it moves by itself."""
    words = container.state
    if container.since:
        about = "" if container.since_exact else "~"
        words += f" {about}{age(container.since, now)}"
        words += "" if container.running else " ago"
    if ended := _ENDED.match(container.status):
        words = words.replace(container.state, f"{container.state} ({ended[1]})", 1)
    return f"{words}, {container.health}" if container.health else words


def _state_cell(container: Container) -> Span:
    """Its health where that is checked: it says that it runs."""
    if not container.running:
        return Span(container.state, "dim")
    return Span(container.health or container.state, _HEALTH.get(container.health, ""))


def _about(container: Container, now: float) -> Iterator[str]:
    yield state_words(container, now)
    if container.compose_project:
        yield f"Compose {container.compose_project}/{container.compose_service or ''}"


def _tag_now(drift: Drift) -> str:
    if drift.standing is Standing.UNKNOWN:
        return f"not known: {drift.container.untold}"
    if drift.standing is Standing.NO_TAG:
        return "created from an image ID or a digest, which never move"
    if drift.standing is Standing.PINNED and drift.tag_now is None:
        return f"there is no tag {drift.container.pinned} here"
    return drift.tag_now or f"{drift.container.created_from} is gone"


def _sentence(drift: Drift) -> str:
    name = drift.container.created_from
    if drift.standing is Standing.UNKNOWN:
        return "the engine does not tell what it was created from"
    if drift.standing is Standing.NO_TAG:
        return "no tag to drift from"
    if drift.standing is Standing.PINNED:
        here = "points elsewhere"
        if drift.tag_now in {None, drift.container.image_id}:
            here = "points at it" if drift.tag_now else "is not here"
        return f"pinned to its digest; {drift.container.pinned} {here} now"
    if drift.standing is Standing.CURRENT:
        return f"{name} points at what runs"
    what = f"{name} {_MOVED[drift.standing]}"
    if drift.left is None:
        return f"{what}; since when is not known, the log does not reach back so far"
    moves = plural(drift.behind or 0, "move")
    return f"{what}, {moves} behind, {drift.left.cause.value} {when_exactly(drift.left)}"


def _place(drift: Drift, known: Knowledge) -> str:
    return f"what runs is {known.where(drift.container.image_id).words}"


def _registry(drift: Drift, known: Knowledge) -> Span:
    asked = known.compared(drift)
    if asked is not None:
        return Span(asked.word, _style(asked))
    return Span("asking…" if known.is_asking(drift.container.created_from) else "", "dim")


def _style(asked: TagComparison) -> str:
    if asked.remote.digest is None:
        return "dim" if asked.remote.refused else "bad"
    return "warn" if asked.moved else "good" if asked.runs_it else "dim"
