"""Plans of transfers: pulls, pushes, saves and loads, which are jobs.

Nobody knows before a pull or a load whether it moves a tag: what would lose its last name by it is kept
first, and no longer where the tag did not move.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from imgtui.model.catalog.catalog import Catalog, Version
from imgtui.model.core.digest import short
from imgtui.model.core.image import Store
from imgtui.model.core.reference import InvalidReference, Reference, repository_of, split_tagged
from imgtui.model.keeps.keep import DOMAIN, KeptBy, is_keep
from imgtui.model.plans.plan import NotPossible, Plan, plan_keep, together
from imgtui.model.taglog.moves import Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferPlan:
    """What all of them have. Text is printable."""

    title: str
    command: str
    """The docker command that does the same."""
    origins: Mapping[str, str | None] = field(default_factory=dict)
    """Where the tags that it is about point while the plan is made; None where one is not there."""
    keeping: Plan | None = None
    """What is done before."""
    notes: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    """What cannot be undone: such a plan is typed, not nodded."""

    @property
    def commands(self) -> tuple[str, ...]:
        """The docker commands that do the same."""
        return (*(self.keeping.commands if self.keeping is not None else ()), self.command)

    @property
    def cause(self) -> Cause | None:
        """What the log will say of the tags that it moves; None where it moves none."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class PullPlan(TransferPlan):
    """Have an image from its registry."""

    reference: str
    """`web:latest`, or `web@sha256:…`."""

    @property
    def cause(self) -> Cause | None:
        """A pull by digest moves no tag."""
        return Cause.PULL if self.origins else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PushPlan(TransferPlan):
    """Have a registry take what a tag points at."""

    tag: str
    image_id: str

    @property
    def registry(self) -> str:
        """Where it goes."""
        return Reference.parse(self.tag).domain


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePlan(TransferPlan):
    """Write images into a file."""

    path: str
    """Absolute."""
    held: tuple[tuple[str, tuple[str, ...]], ...]
    """The image IDs, each with the tags that will be in the archive."""
    replaces: bool = False
    """Whether another file has the path now."""

    @property
    def names(self) -> tuple[str, ...]:
        """What the engine is asked for: tags, and the ID of what has none."""
        return tuple(name for image_id, tags in self.held for name in tags or (image_id,))


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """An archive as it was when somebody looked into it."""

    path: str
    """Absolute."""
    size: int
    """Bytes."""
    stamp: tuple[int, int, int]
    """Device, inode and time of the last change: another file has others."""
    tags: tuple[str, ...]
    """The tags that it names, as they stand there; printable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan(TransferPlan):
    """Take the images and tags of a file."""

    archive: ArchiveFile

    @property
    def cause(self) -> Cause | None:
        """It is known which tags the archive names."""
        return Cause.LOAD


def plan_pull_of(catalog: Catalog, text: str, now: int) -> PullPlan:
    """Pull a tag or a digest of any repository. `now` is in seconds since the epoch. Raises NotPossible."""
    try:
        named = Reference.parse(text).resolved()
    except InvalidReference as error:
        raise NotPossible(str(error)) from None
    name = named.familiar
    if is_keep(name):
        raise NotPossible(f"{DOMAIN} is no registry: imgtui keeps its own references there")
    command = shlex.join(["docker", "pull", name])
    if named.digest is not None:
        return PullPlan(title=f"pull {name}", command=command, reference=name)
    keeping, notes = keep_first(catalog, [name], now, KeptBy.PULL)
    return PullPlan(
        title=f"pull {name}",
        command=command,
        origins={name: catalog.tags.get(name)},
        keeping=keeping,
        notes=notes,
        reference=name,
    )


def plan_push(catalog: Catalog, tag: str, image_id: str) -> PushPlan:
    """Push a tag, as long as it points at this image. Raises NotPossible."""
    if is_keep(tag):
        raise NotPossible(f"{DOMAIN} is where imgtui keeps its own references: they are never pushed")
    if catalog.tags.get(tag) != image_id:
        raise NotPossible(f"{tag} does not point at {short(image_id)}")
    command = shlex.join(["docker", "push", tag])
    return PushPlan(title=f"push {tag}", command=command, origins={tag: image_id}, tag=tag, image_id=image_id)


def plan_save(catalog: Catalog, versions: Sequence[Version], path: str, *, replaces: bool) -> SavePlan:
    """Write versions into a file: with their tags in their repository, else with all that they have.

    `replaces` is whether there is a file of this path. Raises NotPossible.
    """
    held: list[tuple[str, tuple[str, ...]]] = []
    for version in versions:
        image = catalog.images.get(version.image.id)
        if image is None:
            raise NotPossible(f"{short(version.image.id)} is gone from this engine")
        own = tuple(tag for tag in image.tags if version.repository == repository_of(tag))
        held.append((image.id, own or image.tags))
    if not held:
        raise NotPossible("there is nothing to save")
    tags = {tag: image_id for image_id, names in held for tag in names}
    names = [name for image_id, names in held for name in names or (image_id,)]
    bare = [f"{short(image_id)} has no tag: it is loaded without a name" for image_id, own in held if not own]
    what = short(held[0][0]) if len(held) == 1 else f"{len(held)} versions"
    file = PurePath(path).name
    return SavePlan(
        title=f"save {what} to {file}",
        command=shlex.join(["docker", "save", "-o", path, *names]),
        origins=tags,
        notes=tuple(bare),
        risks=(f"replace {path}: there is such a file, and nothing brings it back",) if replaces else (),
        path=path,
        held=tuple(held),
        replaces=replaces,
    )


def plan_load(catalog: Catalog, archive: ArchiveFile, store: Store | None, now: int) -> LoadPlan:
    """Load an archive. Raises NotPossible."""
    tags = list(dict.fromkeys(tag for named in archive.tags for tag in _loaded_as(named, store)))
    keeping, notes = keep_first(catalog, tags, now, KeptBy.LOAD)
    if not archive.tags:
        notes = (*notes, "the archive names no tag: what it holds is loaded without a name")
    return LoadPlan(
        title=f"load {PurePath(archive.path).name}",
        command=shlex.join(["docker", "load", "-i", archive.path]),
        origins={tag: catalog.tags.get(tag) for tag in tags},
        keeping=keeping,
        notes=notes,
        archive=archive,
    )


def keep_first(
    catalog: Catalog, tags: Collection[str], now: int, by: KeptBy
) -> tuple[Plan | None, tuple[str, ...]]:
    """A keep of each image that would have no other name if all of these tags moved."""
    keeps, notes = [], []
    for tag in tags:
        image_id = catalog.tags.get(tag)
        image = catalog.images.get(image_id or "")
        if image is None:
            continue
        last = set(tags).issuperset((*image.tags, *image.keeps))
        kept = ": it is kept first, and no longer if the tag does not move" if last else ""
        notes.append(f"{tag} points at {short(image.id)}{kept}")
        if last:
            keeps.append(plan_keep(catalog, image.id, repository_of(tag), now, by=by))
    unique = {plan.references: plan for plan in keeps}
    return together("keep", list(unique.values())) if unique else None, tuple(notes)


def _loaded_as(tag: str, store: Store | None) -> Sequence[str]:
    """The tags that one in an archive becomes: Podman 4.3 has names without a registry be of `localhost`."""
    parts = split_tagged(tag)
    if parts is None or is_keep(tag):
        return ()
    familiar = f"{parts[0]}:{parts[1]}"
    if store is Store.PODMAN and Reference.parse(familiar).domain == "docker.io":
        return familiar, f"localhost/{tag}"
    return (familiar,)
