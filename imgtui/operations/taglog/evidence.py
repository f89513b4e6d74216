"""Evidence for moves of tags from before an engine was seen first: what proves them, and how exactly.

A proof says that a tag pointed at an image at some time, so that it was moved there no later; when exactly is
known of events and builds only. Of everything else a move's `not_before` is the creation of the image, 0
where that is not known. What is told of all proofs together: `imgtui/model/taglog/proofs.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, Unavailable
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.clock import SECOND
from imgtui.model.core.digest import is_digest, short
from imgtui.model.core.event import Event
from imgtui.model.core.image import Image
from imgtui.model.keeps.keep import is_keep
from imgtui.model.taglog.moves import FRESH, Cause, Move, Provenance
from imgtui.model.taglog.proofs import BUILDX, EVENT, IDENTITY, LAST_TAG_TIME, PODMAN
from imgtui.model.taglog.traces import BuildRecord, Traces
from imgtui.operations.taglog.replayed import moves_of_events


def gather(
    engine: Engine,
    catalog: Catalog,
    events: Sequence[Event],
    *,
    builds: Iterable[BuildRecord] | None,
    failed: Callable[[str], None] = lambda _: None,
    clock: Callable[[], int] = time.time_ns,
) -> Iterator[Move]:
    """Tell the moves that something proves, the cheapest proof first: the caller may stop at any time.

    `events` are all that the engine replays; `clock` gives nanoseconds since the epoch. Asks for the traces
    of each image, the newest first; `failed` hears why those of one could not be had. Raises Unavailable.
    """
    yield from _Gathering(engine, catalog, failed, clock).all(events, builds or ())


class _Gathering:
    """One gathering: what proves the same act twice is told once."""

    def __init__(
        self, engine: Engine, catalog: Catalog, failed: Callable[[str], None], clock: Callable[[], int]
    ) -> None:
        self._engine = engine
        self._catalog = catalog
        self._failed = failed
        self._clock = clock
        self._exact: dict[tuple[str, str | None], list[int]] = {}

    def all(self, events: Sequence[Event], builds: Iterable[BuildRecord]) -> Iterator[Move]:
        for move in moves_of_events(events, self._catalog, EVENT):
            self._exact.setdefault((move.reference, move.target), []).append(move.at)
            yield move
        yield from self._of_containers()
        for record in builds:
            for move in filter(self._is_news, self._of_build(record)):
                self._exact.setdefault((move.reference, move.target), []).append(move.at)
                yield move
        for version in self._catalog.everything:
            if version.image.id in self._catalog.images:
                yield from filter(self._is_news, self._of_traces(version.image))

    def _of_containers(self) -> Iterator[Move]:
        """A container's `Config.Image` named, when it was created, the image that it runs."""
        for container in sorted(self._catalog.containers.values(), key=lambda c: (c.created, c.name)):
            name = container.proof
            if name and not is_keep(name) and container.created and is_digest(container.image_id):
                # The engine tells whole seconds: it was no later than at the end of this one.
                at = (container.created + 1) * SECOND - 1
                yield self._by(name, container.image_id, at, f"container {container.name}")

    def _of_build(self, record: BuildRecord) -> Iterator[Move]:
        """By the names of its provenance, else by the one tag that the image has."""
        if record.digest is None or not record.completed or record.error:
            return
        names = record.names or self._given_by_build(record.digest, record.completed)
        for name in names:
            if not is_keep(name):
                yield _evidence(name, record.digest, record.completed, None, BUILDX, Cause.BUILD)

    def _given_by_build(self, image_id: str, completed: int) -> tuple[str, ...]:
        """The only tag of an image, unless it was set long after the build."""
        image = self._catalog.images.get(image_id)
        name = None if image is None else _only_tag(image)
        if name is None or self._traces(image_id).last_tag > completed + FRESH:
            return ()
        return (name,)

    def _of_traces(self, image: Image) -> Iterator[Move]:
        traces, name = self._traces(image.id), _only_tag(image)
        now = self._clock()
        for former in traces.names:
            if former not in image.tags:
                yield self._by(former, image.id, now, PODMAN)
        if name is None:
            return
        set_later = bool(traces.builds) and traces.last_tag > traces.builds[-1] + FRESH
        if traces.builds and not set_later:
            yield _evidence(name, image.id, traces.builds[-1], None, IDENTITY, Cause.BUILD)
        elif traces.last_tag:
            pulled = not traces.builds and traces.pulled_from == (name.rpartition(":")[0],)
            source, cause = (IDENTITY, Cause.PULL) if pulled else (LAST_TAG_TIME, Cause.UNKNOWN)
            yield self._by(name, image.id, traces.last_tag, source, cause)

    def _traces(self, image_id: str) -> Traces:
        try:
            return self._engine.traces(image_id)
        except Unavailable:
            raise
        except EngineError as error:
            self._failed(f"{short(image_id)}: {error}")
            return Traces()

    def _by(self, reference: str, image_id: str, at: int, source: str, cause: Cause = Cause.UNKNOWN) -> Move:
        """The tag was moved between the creation of the image and this time."""
        image = self._catalog.images.get(image_id)
        created = image.created * SECOND if image else 0
        return _evidence(reference, image_id, at, created if created <= at else 0, source, cause)

    def _is_news(self, move: Move) -> bool:
        """Whether no event and no build told the same act."""
        told = self._exact.get((move.reference, move.target), ())
        return all(abs(move.at - at) > FRESH for at in told)


def _evidence(
    reference: str, image_id: str, at: int, not_before: int | None, source: str, cause: Cause
) -> Move:
    return Move(reference, None, image_id, at, not_before, cause, Provenance.EVIDENCE, source)


def _only_tag(image: Image) -> str | None:
    """The one name that an image has: of several nothing says which was set when."""
    return image.tags[0] if len(image.tags) == 1 and not image.keeps else None
