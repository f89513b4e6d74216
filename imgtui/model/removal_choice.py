"""Which images a bulk plan is about, before it is looked at what needs them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from imgtui.model.catalog import NONE, Catalog, Repository
from imgtui.model.keep import is_keep
from imgtui.model.moves import SECOND, Move

DAY: Final = 86_400
_UNITS: Final = {"h": 3600, "d": DAY, "w": 7 * DAY}
_TIME: Final = re.compile(r"(\d{1,5})\s*([hdw])")
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
    Bulk.OLDER_THAN: "created more than {} ago",
    Bulk.NOT_RUN_FOR: "not run for {}",
}


class WrongAmount(ValueError):
    """What was given is no number, or no time; the message is one line."""


@dataclass(frozen=True, slots=True)
class Wanted:
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


def choose(catalog: Catalog, wanted: Wanted, moves: Iterable[Move], now: int) -> list[str]:
    """The image IDs that a bulk plan is about, the oldest first. `now` is in seconds since the epoch.

    Of images that are here; kept ones, and those that containers need, are among them: the plan leaves them
    out and says so.
    """
    found = _found(catalog, wanted, moves, now)
    images = [image for image in catalog.images.values() if image.id in found]
    if wanted.repositories:
        within = _within(catalog, wanted.repositories)
        images = [image for image in images if image.id in within]
    return [image.id for image in sorted(images, key=lambda image: (image.created, image.id))]


def notes_of(wanted: Wanted) -> tuple[str, ...]:
    """What has to be known of such a plan."""
    return (NOT_KNOWN,) if wanted.bulk is Bulk.NOT_RUN_FOR else ()


def _found(catalog: Catalog, wanted: Wanted, moves: Iterable[Move], now: int) -> Collection[str]:
    used = catalog.containers_of
    match wanted.bulk:
        case Bulk.DANGLING:
            return {image.id for image in catalog.images.values() if not image.tags}
        case Bulk.UNUSED:
            return {image_id for image_id in catalog.images if image_id not in used}
        case Bulk.KEEP_LAST:
            return _surplus(catalog, wanted.amount, wanted.repositories)
        case Bulk.OLDER_THAN:
            before = now - wanted.amount
            return {image.id for image in catalog.images.values() if 0 < image.created < before}
        case Bulk.NOT_RUN_FOR:
            return _idle(catalog, moves, now - wanted.amount)


def _surplus(catalog: Catalog, last: int, repositories: Collection[str]) -> set[str]:
    """Images that are beyond the last versions of every repository that they are in."""
    surplus: set[str] = set()
    needed: set[str] = set()
    for name, repository in catalog.repositories.items():
        if name == NONE:
            continue
        newest_first = _newest_first(catalog, repository)
        count = last if not repositories or name in repositories else len(newest_first)
        needed.update(newest_first[:count])
        surplus.update(newest_first[count:])
    return surplus - needed


def _newest_first(catalog: Catalog, repository: Repository) -> list[str]:
    """As keep rules count: what tags point at now first, then what they left last."""
    here = [version for version in repository.versions if version.image.id in catalog.images]
    left = {
        version.image.id: max((name.until for name in version.former), default=version.image.created)
        for version in here
    }
    return [
        version.image.id
        for version in sorted(here, key=lambda version: (not version.tags, -left[version.image.id]))
    ]


def _idle(catalog: Catalog, moves: Iterable[Move], before: int) -> set[str]:
    """Images that are older than a time, and of which since then no container and no tag knows."""
    lately: set[str | None] = {container.image_id for container in catalog.containers.values()}
    for move in moves:
        if move.at // SECOND >= before and not is_keep(move.reference):
            lately |= {move.origin, move.target}
    return {
        image.id for image in catalog.images.values() if image.id not in lately and image.created < before
    }


def _within(catalog: Catalog, repositories: Sequence[str]) -> set[str]:
    """Images of these repositories, and of no others."""
    members: dict[str, set[str]] = {}
    for name, repository in catalog.repositories.items():
        for version in repository.versions:
            members.setdefault(version.image.id, set()).add(name)
    return {image_id for image_id, names in members.items() if names <= set(repositories)}
