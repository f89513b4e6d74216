"""What the events that an engine replays at first sight prove."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.clock import SECOND
from imgtui.model.core.event import Event
from imgtui.model.keeps.keep import is_keep
from imgtui.model.taglog.moves import ARRIVALS, Move, Provenance, moves_between
from imgtui.model.taglog.proofs import EVENT


def prove(catalog: Catalog, events: Sequence[Event]) -> Iterator[Move]:
    """Tell what the events that an engine holds prove."""
    return moves_of_events(events, catalog, EVENT)


def moves_of_events(events: Sequence[Event], catalog: Catalog, source: str) -> Iterator[Move]:
    """Tell the moves that events prove; where a tag pointed before the first of them is not known.

    An event that names only the tag (`pull`) or only the image (`load`, Podman's `build`) proves that a tag
    points where it does now no later than since then, unless something else arrived there afterwards.
    """
    usable = [event for event in events if (event.id or event.reference) and not _of_keep(event)]
    after: dict[str, str | None] = {event.reference: None for event in usable if event.reference}
    after.update(catalog.tags)
    created = {image.id: image.created for image in catalog.images.values()}
    for move in moves_between({}, usable, after, since=0, now=0, created=created):
        proved = replace(move, known=Provenance.EVIDENCE, source=source)
        if move.known is not Provenance.EVENT:
            continue
        if move.target is None or any(_tells(event, move) for event in usable):
            yield proved
        elif not any(_arrived_later(event, move) for event in usable):
            born = created.get(move.target, 0) * SECOND
            yield replace(proved, not_before=born if born <= move.at else 0)


def _of_keep(event: Event) -> bool:
    return event.reference is not None and is_keep(event.reference)


def _tells(event: Event, move: Move) -> bool:
    """Whether an event is about this move itself."""
    return (event.action, event.reference, event.time_ns) == ("tag", move.reference, move.at)


def _arrived_later(event: Event, move: Move) -> bool:
    about = event.reference == move.reference or event.id == move.target
    return about and event.kind == "image" and event.time_ns > move.at and event.action in ARRIVALS
