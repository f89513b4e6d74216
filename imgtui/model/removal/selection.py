"""Which images a bulk plan is about, before it is looked at what needs them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from imgtui.model.catalog.catalog import NONE, Catalog, Version
from imgtui.model.core.clock import SECOND
from imgtui.model.core.digest import short
from imgtui.model.core.image import Image
from imgtui.model.core.reference import split_tagged
from imgtui.model.keeps.keep import is_keep
from imgtui.model.taglog.moves import Move, Provenance

DAY: Final = 86_400
_UNITS: Final = {"h": 3600, "d": DAY, "w": 7 * DAY}
_TIME: Final = re.compile(r"(\d{1,5})\s*([hdw])")
FIRST_HONEST: Final = 1_363_132_800
"""13 March 2013, when Docker was shown first: no image was built before that, whatever it says."""
FEW: Final = 5
"""Images that a note names."""
NOT_KNOWN: Final = "only containers that are still here tell when something ran: others left no trace"


class Bulk(StrEnum):
    """What a bulk plan looks for."""

    DANGLING = "dangling"
    UNUSED = "unused"
    KEEP_LAST = "keep-last"
    OLDER_THAN = "older-than"
    NOT_RUN_FOR = "not-run-for"

    def label(self, amount: str) -> str:
        """What people read, with what is given with it: `10`, `30d`."""
        return _LABELS[self].format(amount)

    @property
    def asks(self) -> str | None:
        """What has to be given with it: `versions`, `time`, or nothing."""
        return {Bulk.KEEP_LAST: "versions", Bulk.OLDER_THAN: "time", Bulk.NOT_RUN_FOR: "time"}.get(self)

    @property
    def usual(self) -> str:
        """What is offered where something has to be given."""
        return {"versions": "10", "time": "30d"}.get(self.asks or "", "")


_LABELS: Final = {
    Bulk.DANGLING: "without a tag",
    Bulk.UNUSED: "without a container",
    Bulk.KEEP_LAST: "all but the last {} of each repository",
    Bulk.OLDER_THAN: "created and tagged more than {} ago",
    Bulk.NOT_RUN_FOR: "not run for {}",
}


class WrongAmount(ValueError):
    """What was given is no number, or no time; the message is one line."""


@dataclass(frozen=True, slots=True)
class BulkSelection:
    """A bulk plan that somebody wants."""

    bulk: Bulk
    amount: int = 0
    """Versions of each repository, or seconds."""
    repositories: tuple[str, ...] = ()
    """Familiar names; empty for all."""


def read_amount(bulk: Bulk, text: str) -> int:
    """Versions, or seconds: `12h`, `30d`, `4w`. Raises WrongAmount."""
    if bulk.asks == "versions":
        if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 100_000:
            raise WrongAmount("a number of versions is wanted: 1 or more")
        return int(text)
    if bulk.asks == "time":
        found = _TIME.fullmatch(text)
        if found is None:
            raise WrongAmount("a time is wanted, such as 12h, 30d or 4w")
        return int(found[1]) * _UNITS[found[2]]
    return 0


def choose(
    catalog: Catalog,
    wanted: BulkSelection,
    moves: Iterable[Move],
    now: int,
    last_tags: Mapping[str, int] = MappingProxyType({}),
) -> list[str]:
    """The image IDs that a bulk plan is about, the oldest first. `now` is in seconds since the epoch.

    Of images that are here; kept ones, and those that containers need, are among them: the plan leaves them
    out and says so. Those whose age decides and is not known are not: `undated` has them. `last_tags` is when
    images got their last tag as the engine tells it, in seconds, where anybody has asked.
    """
    dates = _Dates(moves, now, last_tags)
    found = _within(catalog, wanted.repositories, _found(catalog, wanted, dates))
    return [
        image.id
        for image in sorted(catalog.images.values(), key=lambda image: (image.created, image.id))
        if image.id in found
    ]


def undated(
    catalog: Catalog,
    wanted: BulkSelection,
    moves: Iterable[Move],
    now: int,
    last_tags: Mapping[str, int] = MappingProxyType({}),
) -> list[str]:
    """The image IDs that a bulk plan leaves out because nothing says how old they are."""
    dates = _Dates(moves, now, last_tags)
    match wanted.bulk:
        case Bulk.KEEP_LAST:
            found = {
                version.image.id
                for name, repository in catalog.repositories.items()
                if name != NONE and (not wanted.repositories or name in wanted.repositories)
                for version in repository.versions
                if version.image.id in catalog.images and dates.rank(version) is None
            }
        case Bulk.OLDER_THAN | Bulk.NOT_RUN_FOR:
            unknown = {image.id for image in catalog.images.values() if not dates.newest(image)}
            found = _within(catalog, wanted.repositories, unknown)
        case _:
            found = set()
    return sorted(found)


def notes_of(wanted: BulkSelection, undated: Collection[str] = ()) -> tuple[str, ...]:
    """What has to be known of such a plan, which leaves out what is `undated`."""
    notes = [NOT_KNOWN] if wanted.bulk is Bulk.NOT_RUN_FOR else []
    if undated:
        named = ", ".join(map(short, sorted(undated)[:FEW])) + (" …" if len(undated) > FEW else "")
        notes.append(
            f"left out, {len(undated)} in all: {named}. The date in the image says nothing, and neither the"
            " tag log nor the engine knows since when it is here"
        )
    return tuple(notes)


class _Dates:
    """How old images are, as far as that is known.

    The date in an image is when it was built, which says nothing of when it came here; and it may say nothing
    at all: reproducible builds have it in the year 1, in 1970 or in 1980.
    """

    def __init__(self, moves: Iterable[Move], now: int, last_tags: Mapping[str, int]) -> None:
        self.now = now
        self.moves = [move for move in moves if not is_keep(move.reference)]
        self._last_tags = last_tags
        self._arrived: dict[str, int] = {}
        self._touched: dict[tuple[str, str], tuple[int, int]] = {}
        for move in self.moves:
            at = move.at // SECOND
            if move.target is not None:
                self._arrived[move.target] = max(at, self._arrived.get(move.target, 0))
            parts = split_tagged(move.reference)
            rank = (0 if move.known is Provenance.EVIDENCE else move.number, at)
            for image_id in (move.origin, move.target):
                if image_id is not None and parts is not None:
                    place = parts[0], image_id
                    self._touched[place] = max(rank, self._touched.get(place, (0, 0)))

    def newest(self, image: Image) -> int:
        """When it was built or got a tag, whatever was later; seconds since the epoch, 0 for not known."""
        honest = image.created if FIRST_HONEST <= image.created <= self.now + DAY else 0
        return max(honest, self._arrived.get(image.id, 0), self._last_tags.get(image.id, 0))

    def rank(self, version: Version) -> tuple[int, int] | None:
        """Greater for a version that a tag of its repository came to, or left, later; None for not known.

        First by the order of the log, then by time for what was never observed.
        """
        observed = self._touched.get((version.repository or "", version.image.id), (0, 0))
        until = max((name.until for name in version.former), default=0)
        rank = max(observed, (0, until or self.newest(version.image)))
        return rank if any(rank) else None


def _found(catalog: Catalog, wanted: BulkSelection, dates: _Dates) -> Collection[str]:
    used = catalog.in_use
    match wanted.bulk:
        case Bulk.DANGLING:
            return {image.id for image in catalog.images.values() if not image.tags}
        case Bulk.UNUSED:
            return {image_id for image_id in catalog.images if image_id not in used}
        case Bulk.KEEP_LAST:
            return _surplus(catalog, wanted.amount, wanted.repositories, dates)
        case Bulk.OLDER_THAN:
            return _older(catalog, dates, dates.now - wanted.amount)
        case Bulk.NOT_RUN_FOR:
            return _idle(catalog, dates, dates.now - wanted.amount)


def _older(catalog: Catalog, dates: _Dates, before: int) -> set[str]:
    return {image.id for image in catalog.images.values() if 0 < dates.newest(image) < before}


def _surplus(catalog: Catalog, last: int, repositories: Collection[str], dates: _Dates) -> set[str]:
    """Images that are beyond the last versions of every repository that they are in."""
    surplus: set[str] = set()
    needed: set[str] = set()
    for name, repository in catalog.repositories.items():
        here = [version for version in repository.versions if version.image.id in catalog.images]
        ids = {version.image.id for version in here}
        beyond: set[str] = set()
        if name != NONE and (not repositories or name in repositories):
            beyond = _beyond(here, last, dates)
        if name != NONE:
            needed |= ids - beyond
            surplus |= beyond
    return surplus - needed


def _beyond(versions: Sequence[Version], last: int, dates: _Dates) -> set[str]:
    """What comes after the last versions: those that have a tag count first, then what lost its tag last.

    Where it is not known which of two came later, both stay.
    """
    order = [
        ((bool(version.tags), *rank), version.image.id)
        for version in versions
        if (rank := dates.rank(version)) is not None
    ]
    order.sort(reverse=True)
    return {image_id for key, image_id in order[last:] if key != order[last - 1][0]}


def _idle(catalog: Catalog, dates: _Dates, before: int) -> set[str]:
    """Images that are older than a time, and of which since then no container and no tag knows."""
    lately: set[str | None] = {container.image_id for container in catalog.containers.values()}
    for move in dates.moves:
        if move.at // SECOND >= before:
            lately |= {move.origin, move.target}
    return _older(catalog, dates, before) - lately


def _within(catalog: Catalog, repositories: Sequence[str], found: Collection[str]) -> set[str]:
    """Those that belong to these repositories and to no others; all where none are named."""
    if not repositories:
        return set(found)
    members: dict[str, set[str]] = {}
    for name, repository in catalog.repositories.items():
        for version in repository.versions:
            members.setdefault(version.image.id, set()).add(name)
    return {image_id for image_id in found if members.get(image_id, {NONE}) <= set(repositories)}
