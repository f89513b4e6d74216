"""What an engine holds at one moment, and the questions that are asked of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from imgtui.model.core.digest import short
from imgtui.model.core.image import Container, Image
from imgtui.model.core.reference import repository_of, split_tagged
from imgtui.model.keeps.keep import keeps_on
from imgtui.model.taglog.history import FormerName, Past

NONE = "<none>"
"""The name under which images stand that nothing places in a repository."""


@dataclass(frozen=True, slots=True)
class Version:
    """An image as a member of a repository: it has, or had, a tag or a repo digest there."""

    image: Image
    repository: str | None
    """Familiar name; None for an image that nothing places."""
    tags: tuple[str, ...] = ()
    """Tags alone (`latest`) in this repository now."""
    former: tuple[FormerName, ...] = ()
    """Names that are known to have pointed here, and do not now."""

    @property
    def former_tags(self) -> tuple[str, ...]:
        """Former names in the form of `tags`."""
        if self.repository is not None:
            return tuple(name.tag for name in self.former)
        return tuple(f"{name.repository}:{name.tag}" for name in self.former)


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository with its versions, newest first."""

    name: str
    versions: tuple[Version, ...]

    @property
    def newest(self) -> int:
        """Creation time of the newest version, seconds since the epoch."""
        return self.versions[0].image.created if self.versions else 0


@dataclass(frozen=True)
class Catalog:
    """Images and containers of one engine. Never changes: what follows from it is kept."""

    images: Mapping[str, Image] = field(default_factory=dict)
    containers: Mapping[str, Container] = field(default_factory=dict)
    past: Past = field(default_factory=Past)
    """What the tag log knows of names that images had, also of images that are gone."""

    @cached_property
    def tags(self) -> Mapping[str, str]:
        """Tagged reference to image ID."""
        return {tag: image.id for image in self.images.values() for tag in image.tags}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Tagged reference to image ID, imgtui's own references (keeps) among them."""
        keeps = {keep: image.id for image in self.images.values() for keep in image.keeps}
        return {**self.tags, **keeps}

    @cached_property
    def containers_of(self) -> Mapping[str, tuple[Container, ...]]:
        """Image ID to the containers created from it, by name."""
        users: dict[str, list[Container]] = {}
        for container in sorted(self.containers.values(), key=lambda c: c.name):
            users.setdefault(container.image_id, []).append(container)
        return {image_id: tuple(found) for image_id, found in users.items()}

    @cached_property
    def mounted_by(self) -> Mapping[str, tuple[Container, ...]]:
        """Image ID to the containers that mount it, by name.

        A tag is taken for where it points now: where it pointed when it was mounted is not told.
        """
        users: dict[str, list[Container]] = {}
        for container in sorted(self.containers.values(), key=lambda c: c.name):
            for reference in container.mounts:
                image_id = reference if reference in self.images else self.tags.get(reference)
                if image_id is None and "@" in reference:
                    named = (image.id for image in self.images.values() if reference in image.repo_digests)
                    image_id = next(named, None)
                if image_id is not None:
                    users.setdefault(image_id, []).append(container)
        return {image_id: tuple(found) for image_id, found in users.items()}

    @cached_property
    def in_use(self) -> Mapping[str, tuple[Container, ...]]:
        """Image ID to the containers that need it: that were created from it, and that mount it."""
        both = {image_id: self.containers_of.get(image_id, ()) for image_id in self.mounted_by}
        merged = {key: tuple(dict.fromkeys((*found, *self.mounted_by[key]))) for key, found in both.items()}
        return {**self.containers_of, **merged}

    @cached_property
    def everything(self) -> tuple[Version, ...]:
        """Each image once, newest first, tags as whole references."""
        return tuple(
            Version(image, None, image.tags, self._former.get(image.id, ())) for image in self._newest_first
        )

    @cached_property
    def former_tags(self) -> Mapping[str, tuple[str, ...]]:
        """Image ID to the tags that are known to have pointed at it and do not now, the latest first."""
        return {
            image_id: tuple(f"{name.repository}:{name.tag}" for name in names)
            for image_id, names in self._former.items()
        }

    @cached_property
    def repositories(self) -> Mapping[str, Repository]:
        """Every repository by name, in order of names; `<none>` last, if anything is there."""
        found: dict[str, list[Version]] = {}
        for image in self._newest_first:
            for version in self._versions_of(image):
                found.setdefault(version.repository or NONE, []).append(version)
        unplaced = found.pop(NONE, None)
        repositories = {name: Repository(name, tuple(found[name])) for name in sorted(found)}
        if unplaced:
            repositories[NONE] = Repository(NONE, tuple(unplaced))
        return repositories

    def drifted(self, container: Container) -> bool:
        """Whether the tag the container was created from points at other content now."""
        return self._left(container) and not self.rebuilt(container) and not self.is_spare(container)

    def is_spare(self, container: Container) -> bool:
        """Whether it is stopped and another one has its place, by a roll back or the undoing of one."""
        return self._next(container) is not None

    def runs_instead(self, container: Container) -> bool:
        """Whether it is stopped and what has its place now, after however many roll backs, runs."""
        seen, last = {container.id}, self._next(container)
        while last is not None and not last.running and last.id not in seen:
            seen.add(last.id)
            last = self._next(last)
        return last is not None and last.running

    def _next(self, container: Container) -> Container | None:
        """What took its place, by a roll back or the undoing of one; None of one that runs."""
        if container.running:
            return None
        by = self._replaced_by.get(container.id)
        if by is not None and not _stands_aside(by, container):
            return by
        before = self.containers.get(container.replaces or "")
        return before if before is not None and _stands_aside(container, before) else None

    def rebuilt(self, container: Container) -> bool:
        """Whether its tag points at another image now that has the same content.

        On the containerd store an image is an index, in which BuildKit puts what it attests of a build:
        builds of the same content differ in it, and have the same platform manifest.
        """
        now = self.images.get(self.tag_now(container) or "")
        return self._left(container) and now is not None and now.manifest in self._manifests(container)

    def tag_now(self, container: Container) -> str | None:
        """The image its tag points at now; None without a tag or when the tag is gone."""
        return self.tags.get(container.created_from) if container.created_from else None

    def _left(self, container: Container) -> bool:
        return self.tag_now(container) not in {None, container.image_id}

    def _manifests(self, container: Container) -> set[str]:
        """The platform manifests that it is known to run."""
        image = self.images.get(container.image_id)
        return {manifest for manifest in (container.manifest, image and image.manifest) if manifest}

    def with_images(self, images: Iterable[Image]) -> Catalog:
        """These images as they are now; a tag that one of them has leaves the image that had it.

        They were asked for in this order: a tag that two of them have has moved meanwhile, to the later one.
        """
        arriving = {image.id: image for image in images}
        claimed = {tag: image.id for image in arriving.values() for tag in image.tags}
        updated = {**self.images, **arriving}
        losers = {self.tags[tag] for tag in claimed if tag in self.tags} | arriving.keys()
        for loser in losers:
            kept = tuple(tag for tag in updated[loser].tags if claimed.get(tag, loser) == loser)
            if kept != updated[loser].tags:
                updated[loser] = replace(updated[loser], tags=kept)
        return replace(self, images=updated)

    def without_images(self, ids: Iterable[str]) -> Catalog:
        """The catalog when these images are gone."""
        gone = set(ids)
        left = {key: image for key, image in self.images.items() if key not in gone}
        return replace(self, images=left)

    def with_containers(self, containers: Iterable[Container], asked: Iterable[str] = ()) -> Catalog:
        """These containers as they are now; those asked for and not found are gone."""
        gone = set(asked)
        updated = {key: known for key, known in self.containers.items() if key not in gone}
        updated.update((container.id, container) for container in containers)
        return replace(self, containers=updated)

    @cached_property
    def _replaced_by(self) -> Mapping[str, Container]:
        """By its ID, what a roll back made to take the place of a container."""
        return {known.replaces: known for known in self.containers.values() if known.replaces}

    @cached_property
    def _newest_first(self) -> list[Image]:
        """All images, and those that are gone but still run by a container or known to the tag log."""
        ids = [*self.past.names, *(container.image_id for container in self.containers.values())]
        gone = {
            image_id: self.past.image(image_id)
            for image_id in ids
            if image_id and image_id not in self.images
        }
        # An engine tells whole seconds: of rebuilds within one, what a tag points at is the newest.
        return sorted((*self.images.values(), *gone.values()), key=lambda i: (-i.created, not i.tags, i.id))

    @cached_property
    def _former(self) -> Mapping[str, tuple[FormerName, ...]]:
        """Image ID to the names that it had: by the tag log, or when a container was created from it.

        A container's `Config.Image` is the name it was created from and its image ID is what that
        name was then (Engine API), so a name that points elsewhere now pointed here before.
        """
        former: dict[str, dict[tuple[str, str], FormerName]] = {}
        for image_id, names in self.past.names.items():
            for name in names:
                if self.tags.get(f"{name.repository}:{name.tag}") != image_id:
                    former.setdefault(image_id, {})[name.repository, name.tag] = name
        for container in sorted(self.containers.values(), key=lambda container: container.name):
            if not container.proof or self.tag_now(container) == container.image_id:
                continue
            if parts := split_tagged(container.proof):
                proof = FormerName(*parts, container.created, f"container {container.name}")
                former.setdefault(container.image_id, {}).setdefault(parts, proof)
        return {
            image_id: tuple(sorted(found.values(), key=lambda name: (-name.until, name.repository, name.tag)))
            for image_id, found in former.items()
        }

    def _versions_of(self, image: Image) -> list[Version]:
        tags: dict[str, list[str]] = {}
        for reference in image.tags:
            if parts := split_tagged(reference):
                tags.setdefault(parts[0], []).append(parts[1])
        former: dict[str, list[FormerName]] = {}
        for past_name in self._former.get(image.id, ()):
            former.setdefault(past_name.repository, []).append(past_name)
        names = dict.fromkeys([*tags, *former])
        names.update((keep.repository, None) for keep in keeps_on(image.id, image.keeps) if keep.repository)
        names.update((name, None) for name in map(repository_of, image.repo_digests) if name)
        if not names and image.compose:
            names[image.compose] = None
        if not names:
            return [Version(image, None)]
        return [
            Version(image, name, tuple(tags.get(name, ())), tuple(former.get(name, ()))) for name in names
        ]


def _stands_aside(container: Container, other: Container) -> bool:
    """Whether it has the name that one gets whose place another one has taken."""
    return container.name.startswith(f"{other.name}-{short(container.image_id)}")
