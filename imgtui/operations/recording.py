"""Recording: what a session sees of tags becomes the tag log."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from imgtui.engine.port import Engine
from imgtui.model.catalog import Catalog
from imgtui.model.event import Event
from imgtui.model.image import EngineInfo, Store
from imgtui.model.moves import SECOND, Move
from imgtui.model.sighting import IN_FLIGHT, Moment, Sighting
from imgtui.store.pulls import Pulls
from imgtui.store.state import State, StateUnusable
from imgtui.store.tag_log import Recorded, TagLog

LOOKS = 5
"""How often a tag is looked at again that moved while others were recording: once is nearly always enough."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")

AWAY_SECONDS, AWAY_LOOKS = 0.02, 20
"""The pause before a tag is looked for again that should not be gone, and how often it is."""
FEW = 50
"""Tags that are looked for one by one when they are missing in a list."""

Found = TypeVar("Found")
Gather = Callable[[Catalog, Sequence[Event]], Iterable[Move]]


def moment() -> Moment:
    """Now, on the clock of the machine that never steps back."""
    seconds = time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
    try:
        return Moment(_BOOT.read_text().strip(), seconds)
    except OSError:
        return Moment("", seconds)


class Recorder:
    """Records the moves of the tags of one engine after the other, as long as the state file can be used.

    When it cannot, `problem` says why, and everything else goes on without it: for good, or until another
    program has let go of the file. `open_state` may raise StateUnusable.
    """

    def __init__(
        self,
        engine: Engine,
        open_state: Callable[[], State],
        *,
        gather: Gather | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._open_state = open_state
        self._gather = gather
        self._clock = clock
        self._state: State | None = None
        self.info: EngineInfo | None = None
        """The engine that is followed."""
        self._ahead = 0
        self.problem: str | None = None
        self._over = False
        self.behind = False
        """Whether something was seen that could not be recorded: everything has to be compared again."""

    @property
    def state(self) -> State | None:
        """The state file; None where it can be used no more."""
        return None if self._over else self._state

    @property
    def log(self) -> TagLog | None:
        """The log of the engine that is followed; None while it cannot be used."""
        if self.state is None or self.info is None:
            return None
        return TagLog(self.state, self.info.id)

    @property
    def pulls(self) -> Pulls | None:
        """Where images of the engine that is followed can be pulled from; None while it cannot be used."""
        if self.state is None or self.info is None:
            return None
        return Pulls(self.state, self.info.id)

    def follow(self, info: EngineInfo) -> int:
        """Record for this engine; since when what it did is not recorded (its clock, nanoseconds)."""
        self.info = info
        self._ahead = info.clock_ns - int(self._clock() * SECOND) if info.clock_ns else 0
        return max(0, (self.guarded(self._begin) or 0) - IN_FLIGHT)

    def take_all(self, catalog: Catalog, asked: Moment, events: Sequence[Event]) -> Recorded:
        """Everything was listed: compare all of it with what is recorded."""
        recorded = (self.guarded(self.log.tags) if self.log else None) or {}
        missing = [name for name in recorded if name not in catalog.tags]
        found = self._where(missing, events) if len(missing) <= FEW else {}
        tags = {**catalog.tags, **{name: target for name, target in found.items() if target}}
        self.behind = False
        return self._record(tags, catalog, asked, events, whole=True)

    def take(self, before: Catalog, after: Catalog, asked: Moment, events: Sequence[Event]) -> Recorded:
        """Something happened, and it was looked at what became of it."""
        names = {*before.tags, *after.tags}
        seen = {name for name in names if before.tags.get(name) != after.tags.get(name)}
        seen |= {event.reference for event in events if event.reference and event.kind == "image"}
        tags = {name: after.tags.get(name) for name in seen}
        tags |= self._where([name for name in seen if name not in after.tags], events)
        return self._record({**tags, **self._known_to_others(before, events)}, after, asked, events)

    def look_at(self, references: Iterable[str]) -> Recorded:
        """Ask the engine where these tags point, and record it. Raises EngineError."""
        asked, names = moment(), list(references)
        images = self._engine.find_images(names) if names else []
        found = {tag: image.id for image in images for tag in image.tags}
        seen = Catalog({image.id: image for image in images})
        return self._record({name: found.get(name) for name in names}, seen, asked, ())

    def gather_evidence(self, catalog: Catalog, events: Sequence[Event]) -> tuple[Move, ...]:
        """Look once in an engine's life for what happened before it was seen first: takes seconds.

        `events` are all that the engine held at the first sight. Raises Unavailable: it is tried again then.
        """
        log, gather = self.log, self._gather
        if log is None or gather is None or not self.guarded(log.wants_evidence):
            return ()
        found = list(gather(catalog, events))
        return tuple(self.guarded(lambda: log.add_evidence(found)) or ())

    def confirm(self) -> None:
        """Until just now what is recorded was true: the engine was followed all the time."""
        log = self.log
        if log is not None:
            self.guarded(lambda: log.confirm(self.now - IN_FLIGHT))

    def close(self) -> None:
        """Close the state file."""
        if self._state is not None:
            self._state.close()

    def guarded(self, use: Callable[[], Found]) -> Found | None:
        """What the state file says; None when it cannot be used, which `problem` then says."""
        if self._over:
            return None
        try:
            found = use()
        except StateUnusable as error:
            self.problem = str(error)
            self._over = not error.passing
            self.behind = error.passing
            return None
        self.problem = None
        return found

    def _known_to_others(self, before: Catalog, events: Sequence[Event]) -> Mapping[str, str | None]:
        """Where tags point now that another program has recorded on these images, and this one never saw."""
        log = self.log
        images = {event.id for event in events if event.kind == "image" and event.id}
        recorded = (self.guarded(lambda: log.pointing_at(images)) if log and images else None) or {}
        return self._where({name for name, image_id in recorded.items() if before.tags.get(name) != image_id})

    def _where(self, names: Collection[str], events: Sequence[Event] = ()) -> Mapping[str, str | None]:
        """Where tags point that may have moved while one image was asked for after the other.

        On the containerd store a tag that moves is nowhere for some milliseconds (Docker 28.5), but what
        takes one away names it: what no event took away is asked for again.
        """
        found = self._ask(names)
        if self.info is None or self.info.store is not Store.CONTAINERD:
            return found
        taken = {event.reference for event in events if event.action in {"untag", "delete"}}
        for _ in range(AWAY_LOOKS):
            missing = [name for name, target in found.items() if target is None and name not in taken]
            if not missing:
                break
            time.sleep(AWAY_SECONDS)
            found |= self._ask(missing)
        return found

    def _ask(self, names: Collection[str]) -> dict[str, str | None]:
        images = self._engine.find_images(list(names)) if names else []
        found = {tag: image.id for image in images for tag in image.tags}
        return {name: found.get(name) for name in names}

    def _begin(self) -> int | None:
        if self._state is None:
            self._state = self._open_state()
        return self.log.confirmed() if self.log is not None else None

    def _record(
        self,
        tags: Mapping[str, str | None],
        catalog: Catalog,
        asked: Moment,
        events: Sequence[Event],
        *,
        whole: bool = False,
        looks: int = LOOKS,
    ) -> Recorded:
        log, info = self.log, self.info
        if log is None or info is None or not (tags or events or whole):
            return Recorded()
        images, builds_told = catalog.images, _tells_builds(info)
        sighting = Sighting(tags, asked, moment(), self.now, whole, events, images, builds_told)
        recorded = self.guarded(lambda: log.record(sighting, name=info.name)) or Recorded()
        if not recorded.unsettled or not looks:
            return recorded
        asked = moment()
        again = self._record(self._where(recorded.unsettled), Catalog(), asked, (), looks=looks - 1)
        return Recorded((*recorded.moves, *again.moves), again.unsettled, recorded.first_sight)

    @property
    def wall(self) -> int:
        """The clock of this machine: nanoseconds since the epoch."""
        return int(self._clock() * SECOND)

    @property
    def now(self) -> int:
        """The engine's clock, by which events are told: nanoseconds since the epoch."""
        return self.wall + self._ahead


def _tells_builds(info: EngineInfo) -> bool:
    """Docker does from API 1.45 on with a `create` of the image, Podman with a `build` (as measured)."""
    minor = info.api_version.partition(".")[2]
    return info.store is Store.PODMAN or (minor.isdigit() and int(minor) >= 45)
