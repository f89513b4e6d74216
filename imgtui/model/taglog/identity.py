"""Which engine answers: recognised by more than the ID that it gives.

Docker's ID lies in a file of its data root (20.10: in /etc/docker), so that machines cloned from one image
give the same, and one whose file is lost gives a new one. Podman's ID is another one at every request: its
host name and storage folder stand for it, and two machines may have the same of both. So an engine is also
told by where it was reached, its name, its data root, its store, and by a mark that it has only as long as it
runs. Podman's mark is when its machine was started, which machines that are powered on together share: it
does not prove that an engine is the same. Where these do not say whose log it is, the person is asked, and
nothing is recorded until then.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from imgtui.model.core.image import EngineInfo

SECOND: Final = 1_000_000_000
_BOOT: Final = "boot "


@dataclass(frozen=True, slots=True)
class Place:
    """An engine, as it was found at one address."""

    reported: str
    """The ID that it gave."""
    address: str
    host: str
    """What people call the address: a docker context, or the value of -H."""
    name: str
    root: str
    store: str
    run: str
    """What it has only as long as it runs; empty where it is not known."""
    seen: int = 0
    """When it was found there last, nanoseconds since the epoch."""

    @property
    def look(self) -> tuple[str, str, str]:
        """What stays the same when it is started again."""
        return self.name, self.root, self.store


@dataclass(frozen=True, slots=True)
class KnownEngine:
    """An engine of which there is a log."""

    key: str
    """What its log is kept under: the ID that it gave first."""
    name: str
    last: int
    """When what is recorded was known to be true last, nanoseconds since the epoch."""
    moves: int
    places: tuple[Place, ...] = ()
    """The last first; none in what earlier versions have recorded."""

    @property
    def words(self) -> str:
        """`web-01 (context a, last seen 2026-11-30 08:00 UTC)`."""
        place = next(iter(self.places), None)
        where = f"{place.host}, " if place is not None and place.host else ""
        return f"{self.name or self.key} ({where}last seen {self.when})"

    @property
    def seen(self) -> int:
        """When it was seen last, nanoseconds since the epoch."""
        return max((self.last, *(place.seen for place in self.places)))

    @property
    def when(self) -> str:
        """The same in words."""
        return f"{datetime.fromtimestamp(self.seen // SECOND, UTC):%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much of what is recorded of one engine is found on the one that answers."""

    tags: int
    """Tags that are recorded."""
    unmoved: int
    """Those of them that point at the same image here."""
    digests: int
    """Images that they point at."""
    here: int
    """Those of them that are here."""

    @property
    def continues(self) -> bool:
        """Whether at least half of it is as it was: few engines lose more between two looks."""
        return self.unmoved * 2 >= self.tags


class Why(StrEnum):
    """Why it is not clear which engine answers."""

    COPY = "copy"
    """It gives the ID of one that is known, and may be a copy of it."""
    RETURN = "return"
    """It gives an ID that is not known, and has what one has that is known."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """It is not clear which engine answers: nothing is recorded until somebody says it."""

    why: Why
    here: Place
    candidates: tuple[KnownEngine, ...]
    """Those that it may be, the likeliest first."""
    overlap: Overlap

    @property
    def question(self) -> str:
        """One sentence, without the remedy."""
        known, here = self.candidates[0], f"{self.here.name} at {self.here.host or 'this address'}"
        if self.why is Why.COPY:
            return f"{here} gives the same ID as {known.words}, and may be a copy of it"
        shared = f"{self.overlap.here} of {self.overlap.digests} digests"
        return f"{here} gives a new ID, and has {shared} of one known as {known.words}"

    @property
    def words(self) -> str:
        """One line, with the remedy for the command line."""
        key = shlex.quote(self.candidates[0].key)
        more = "; others are in imgtui log --engines" if len(self.candidates) > 1 else ""
        return (
            f"{self.question}: nothing is recorded until you say which it is."
            f" The same: imgtui log --adopt {key}; another one: imgtui log --as-new{more}"
        )


def place_of(info: EngineInfo, seen: int = 0) -> Place:
    """Where and how an engine was found."""
    return Place(info.id, info.address, info.host, info.name, info.root, info.store.value, info.run, seen)


def identify(
    here: Place, known: Sequence[KnownEngine], overlap: Callable[[KnownEngine], Overlap | None]
) -> str | Doubt:
    """The key of the log of the engine that answers, or why that is not clear.

    `overlap` compares what is recorded with what is here, which costs a list; None where that cannot be had,
    and then a doubt is as good as none. It is asked for only where it matters.
    """
    same = [each for each in known if here.reported in _ids(each)]
    if (found := _running(here, same) or _where_it_was(here, same)) is not None:
        return found.key
    if same:
        return _settle_copy(here, same, overlap)
    returned = [each for each in known if _may_return(here, each)]
    compared = [(each, shared) for each in returned if (shared := overlap(each)) is not None]
    like = [(each, shared) for each, shared in compared if shared.here * 2 > shared.digests]
    if like:
        like.sort(key=lambda pair: (pair[1].here, pair[0].last), reverse=True)
        return Doubt(Why.RETURN, here, tuple(each for each, _ in like), like[0][1])
    return here.reported


def boot_mark(started: int) -> str:
    """The mark of a machine that tells when it was started (seconds since the epoch), roughly."""
    return f"{_BOOT}{started}"


def _ids(known: KnownEngine) -> set[str]:
    return {place.reported for place in known.places} or {known.key}


def _running(here: Place, same: Sequence[KnownEngine]) -> KnownEngine | None:
    """The one that is known to run, whatever the address; a time of a start is no proof."""
    if not here.run or here.run.startswith(_BOOT):
        return None
    for each in same:
        if any(place.run == here.run and place.look == here.look for place in each.places):
            return each
    return None


def _where_it_was(here: Place, same: Sequence[KnownEngine]) -> KnownEngine | None:
    """The one that was found at this address last, and looks as it did."""
    found = [
        (place.seen, each)
        for each in same
        for place in each.places
        if place.address == here.address and place.look == here.look
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _settle_copy(
    here: Place, same: Sequence[KnownEngine], overlap: Callable[[KnownEngine], Overlap | None]
) -> str | Doubt:
    """The ID is known. Only where nothing speaks against it what is here decides that it is the same."""
    newest = max(same, key=lambda each: each.seen)
    shared = overlap(newest)
    if len(same) == 1 and _could_be(here, newest) and (shared is None or shared.continues):
        return newest.key
    rest = tuple(each for each in same if each is not newest)
    return Doubt(Why.COPY, here, (newest, *rest), shared or Overlap(0, 0, 0, 0))


def _could_be(here: Place, known: KnownEngine) -> bool:
    """Whether it may be the same: renamed or moved at its address, or reached by another address."""
    if not known.places:
        return known.name in {"", here.name}
    if any(place.address == here.address for place in known.places):
        return True
    # Two that run are told by their marks: a mark that differs is of another engine, or of an earlier run.
    return any(place.look == here.look and not (place.run and here.run) for place in known.places)


def _may_return(here: Place, known: KnownEngine) -> bool:
    """Whether it is at the place of one that gave another ID: that was installed anew, or renamed."""
    if not known.places:
        return known.name == here.name or (
            here.reported.startswith("podman ") and known.key.endswith(here.root)
        )
    return any(
        place.address == here.address or (place.name, place.root) == (here.name, here.root)
        for place in known.places
    )
