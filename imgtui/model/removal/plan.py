"""Removal plans: the images that go, what goes with each, and what is left out, before anything is done.

An image that a container needs stays, also where that is stopped; so does one that another was built from,
where the engine would only hide it (Docker, classic builder). With an image go the intermediate images of its
build that nothing else was built from: without them nothing is freed, and they would turn up as dangling.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Final

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.digest import short
from imgtui.model.core.image import Container, Image, Layer, Store
from imgtui.model.keeps.keep import KeptBy, is_keep
from imgtui.model.plans.plan import NothingToDo, NotPossible, Step, Verb, keeps_of
from imgtui.model.removal.bytes import Blobs, Freed, Share, StoredSize, freed_by, shares_of
from imgtui.model.removal.lineage import Lineage
from imgtui.model.taglog.history import pulls
from imgtui.model.taglog.moves import Cause, Move

BUILD_CACHE: Final = (
    "what was built here the build cache may go on holding on the disk: docker builder prune frees it"
)


@dataclass(frozen=True, slots=True)
class Doomed:
    """An image that goes, as it was when the plan was made."""

    image_id: str
    tags: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    """Tags that pointed at it before."""
    keeps: tuple[str, ...] = ()
    """References of imgtui's own, which go too."""
    pull: str | None = None
    """`repository@digest` by which a registry is known to have had it."""
    entries: Mapping[str, int] = field(default_factory=dict)
    """By tag, how many entries of the tag log cannot be undone, or rolled back to, when it is gone."""
    intermediate: bool = False
    """Whether it is a step of a build, which no list shows."""

    @property
    def names(self) -> tuple[str, ...]:
        """The references that are taken away, one after the other."""
        return (*self.tags, *self.keeps)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The same, as steps."""
        return tuple(
            Step(Verb.UNTAG, name, self.image_id, self.image_id, Cause.DELETE) for name in self.names
        )

    @property
    def words(self) -> str:
        """What is to be known of it, in one line, besides its digest."""
        if self.intermediate:
            return "a step of a build, which nothing else was built from"
        kept = ", kept" if self.keeps else ""
        again = f"pulled again by {self.pull}" if self.pull else "nothing brings it back"
        return f"{_called(self.tags, self.former)}{kept}; {again}"

    @property
    def commands(self) -> tuple[str, ...]:
        """The docker commands that do the same."""
        return tuple(
            shlex.join(["docker", "rmi", "--no-prune", name]) for name in self.names or (self.image_id,)
        )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An image that was asked for, and stays."""

    image_id: str
    reason: str
    """In words: `container api (exited) needs it`."""
    tags: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    """Tags that pointed at it before."""
    containers: tuple[str, ...] = ()
    """Names of those that need it."""

    @property
    def words(self) -> str:
        """Tags and reason, in one line."""
        return f"{_called(self.tags, self.former)}; {self.reason}"


@dataclass(frozen=True, slots=True)
class Removal:
    """Exactly these images are removed, in this order: what was built from another one first."""

    title: str
    images: tuple[Doomed, ...]
    left_out: tuple[LeftOut, ...] = ()
    shares: tuple[Share, ...] = ()
    remarks: tuple[str, ...] = ()
    """What has to be known of the kind of plan it is."""
    entries: Mapping[str, int] = field(default_factory=dict)
    """By tag, how many entries of the tag log are of no use any more."""

    @property
    def versions(self) -> tuple[Doomed, ...]:
        """Without intermediate images."""
        return tuple(image for image in self.images if not image.intermediate)

    @property
    def freed(self) -> Freed:
        """The bytes that it frees."""
        return self.freed_by(image.image_id for image in self.images)

    def part(self, gone: Iterable[str]) -> Removal:
        """The removal of these of its images alone."""
        there = frozenset(gone)
        images = tuple(image for image in self.images if image.image_id in there)
        return replace(self, title=_title([i for i in images if not i.intermediate]), images=images)

    def freed_by(self, gone: Iterable[str]) -> Freed:
        """The bytes that are free when these of its images are gone."""
        return freed_by(self.shares, frozenset(gone))

    @property
    def lost(self) -> tuple[Doomed, ...]:
        """The versions that nothing brings back."""
        return tuple(image for image in self.versions if image.pull is None)

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be known before, besides what is left out."""
        found: list[str] = []
        if kept := [short(image.image_id) for image in self.versions if image.keeps]:
            found.append(f"kept, and kept no longer: {', '.join(kept)}")
        if self.entries:
            tags = ", ".join(f"{tag} ({count})" for tag, count in self.entries.items())
            found.append(f"entries of the tag log that cannot be undone any more: {tags}")
        return (*found, *self.remarks)

    @property
    def risks(self) -> tuple[str, ...]:
        """One line for all, which begins with what has to be typed."""
        lost = self.lost
        if not lost:
            return ()
        if len(lost) == 1:
            image = lost[0]
            return (f"{short(image.image_id)} goes for good: no registry is known to have it",)
        return (f"{self.word}: no registry is known to have these versions, nothing brings them back",)

    @property
    def word(self) -> str:
        """What is typed to have it done; empty where a nod is enough."""
        lost = self.lost
        return short(lost[0].image_id) if len(lost) == 1 else f"delete {len(lost)}" if lost else ""

    @property
    def commands(self) -> tuple[str, ...]:
        """The docker commands that do the same."""
        return tuple(command for image in self.images for command in image.commands)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What becomes of tags, for the log and the journal."""
        return tuple(step for image in self.images for step in image.steps if not is_keep(step.reference))


@dataclass(frozen=True, slots=True)
class PlanInputs:
    """What a plan is made on, besides the catalog."""

    store: Store
    layers: Mapping[str, Sequence[Layer]]
    """Of every image, and of the intermediate ones that those to be removed were built from."""
    holdings: Mapping[str, StoredSize]
    """Of every image, intermediate ones too."""
    moves: Sequence[Move] = ()
    """The tag log."""
    blobs: Mapping[str, Blobs] = field(default_factory=dict)
    """Of the images that `to_measure` names, as far as they are known."""
    unread: str = ""
    """Which images the engine cannot read, in words: nobody knows what they share. Empty for none."""


class NothingToRemove(NothingToDo):
    """A plan for many images finds none that it may remove; `plan` has what it left out."""

    def __init__(self, plan: Removal) -> None:
        super().__init__("; ".join((plan.title, *plan.remarks)))
        self.plan = plan


def plan_removal(
    catalog: Catalog,
    chosen: Sequence[str],
    ground: PlanInputs,
    *,
    bulk: bool = False,
    remarks: tuple[str, ...] = (),
) -> Removal:
    """Remove images, by ID. A `bulk` plan, which nobody chose one by one, leaves out all that is kept.

    Raises NotPossible where there is nothing to remove, and for an image that is gone.
    """
    wanted = list(dict.fromkeys(chosen))
    for image_id in wanted:
        if image_id not in catalog.images:
            raise NotPossible(f"{short(image_id)} is gone from this engine already")
    left_out = [left for image_id in wanted if (left := _why_stays(catalog, image_id, bulk=bulk))]
    stays = {left.image_id for left in left_out}
    doomed = {image_id for image_id in wanted if image_id not in stays}
    kin = Lineage(catalog, ground.store, ground.holdings)
    blocked = kin.settle(doomed)
    left_out += [_left(catalog, image_id, reason) for image_id, reason in blocked.items()]
    if not doomed:
        if bulk:
            raise NothingToRemove(Removal(_nothing(left_out), (), tuple(left_out), remarks=tuple(remarks)))
        raise NotPossible(_nothing(left_out))
    order = kin.children_first(doomed, wanted)
    about = _by_image(ground.moves, doomed)
    going = {image_id: catalog.images[image_id] for image_id in order if image_id in catalog.images}
    again = {**pulls(ground.moves, going, ground.store), **catalog.past.pulls}
    images = tuple(
        _doomed(catalog, image_id, about.get(image_id, ()), again.get(image_id, ())) for image_id in order
    )
    title = _title([image for image in images if not image.intermediate])
    shares = shares_of(doomed, ground.store, ground.layers, ground.holdings, ground.blobs)
    lost = (about.get(image.image_id, ()) for image in images if image.pull is None)
    entries = _entries({id(move): move for moves in lost for move in moves}.values())
    if ground.store is not Store.PODMAN:
        remarks = (*remarks, BUILD_CACHE)
    if ground.unread:
        shares = tuple(replace(share, freed=Freed(0, share.freed.about)) for share in shares)
        remarks = (
            f"{ground.unread}; what these share with it is not known: they may free less",
            *remarks,
        )
    return Removal(title, images, tuple(left_out), shares, remarks, entries)


def why_kept(image: Image) -> str | None:
    """Why a bulk plan leaves out an image that is kept; None for one that is not."""
    by = {keep.by for keep in keeps_of(image)}
    if others := sorted(by - {KeptBy.RULE}):
        return f"kept {others[0].words}"
    return "kept by a keep rule, which would keep it again" if by else None


def needed_by(users: Sequence[Container]) -> str:
    """Which containers need an image, in words."""
    return ", ".join(f"{user.name} ({user.state})" for user in users)


def _why_stays(catalog: Catalog, image_id: str, *, bulk: bool) -> LeftOut | None:
    users = catalog.in_use.get(image_id, ())
    if users:
        need = "need" if len(users) > 1 else "needs"
        names = tuple(user.name for user in users)
        return _left(catalog, image_id, f"{needed_by(users)} {need} it", names)
    kept = why_kept(catalog.images[image_id]) if bulk else None
    return _left(catalog, image_id, kept) if kept is not None else None


def _left(catalog: Catalog, image_id: str, reason: str, containers: tuple[str, ...] = ()) -> LeftOut:
    return LeftOut(image_id, reason, catalog.images[image_id].tags, _former(catalog, image_id), containers)


def _doomed(catalog: Catalog, image_id: str, moves: Sequence[Move], again: Sequence[str]) -> Doomed:
    image = catalog.images.get(image_id)
    if image is None:
        return Doomed(image_id, intermediate=True)
    pull = next(iter(again), None)
    entries = {} if pull else _entries(moves)
    return Doomed(image_id, image.tags, _former(catalog, image_id), image.keeps, pull, entries)


def _former(catalog: Catalog, image_id: str) -> tuple[str, ...]:
    return catalog.former_tags.get(image_id, ())


def _called(tags: Sequence[str], former: Sequence[str]) -> str:
    """`web:2, web:latest`; `no tag (was web:1)`."""
    return ", ".join(tags) or (f"no tag (was {', '.join(former)})" if former else "no tag")


def _by_image(moves: Iterable[Move], doomed: Set[str]) -> dict[str, list[Move]]:
    """The entries of the tag log that speak of these images, and need them to be put back."""
    found: dict[str, list[Move]] = {}
    for move in moves:
        if not is_keep(move.reference):
            for image_id in doomed & {move.origin, move.target}:
                found.setdefault(image_id, []).append(move)
    return found


def _entries(moves: Iterable[Move]) -> dict[str, int]:
    found: dict[str, int] = {}
    for move in moves:
        found[move.reference] = found.get(move.reference, 0) + 1
    return dict(sorted(found.items()))


def _title(versions: Sequence[Doomed]) -> str:
    return (
        f"remove {short(versions[0].image_id)}" if len(versions) == 1 else f"remove {len(versions)} versions"
    )


def _nothing(left_out: Sequence[LeftOut]) -> str:
    if len(left_out) == 1:
        return f"{short(left_out[0].image_id)} is not removed: {left_out[0].reason}"
    if not left_out:
        return "there is nothing to remove"
    first = left_out[0]
    return f"nothing is removed: all {len(left_out)} are left out ({short(first.image_id)}: {first.reason} …)"
