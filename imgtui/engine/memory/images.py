"""Images in memory and the names that point at them, by the rules of Docker's two image stores."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from imgtui.engine.memory.blueprint import Blueprint, digest_of
from imgtui.model.core.image import Image, Store
from imgtui.model.core.reference import repository_of
from imgtui.model.keeps.keep import is_keep


class MemoryImages:
    """Which images there are, and which tag points at which. Not safe for threads by itself.

    Tags are whole familiar references. A tag points at one image; an image without a name stays until
    it is dropped.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._images: dict[str, Image] = {}
        self._blueprints: dict[str, Blueprint] = {}
        self._tags: dict[str, str] = {}
        self._digest_names: dict[str, tuple[str, ...]] = {}
        self._last_tags: dict[str, int] = {}

    def __contains__(self, image_id: object) -> bool:
        return image_id in self._images

    def __iter__(self) -> Iterator[Image]:
        return iter(self._images.values())

    def __len__(self) -> int:
        return len(self._images)

    def get(self, image_id: str) -> Image | None:
        """Return an image by its ID."""
        return self._images.get(image_id)

    def blueprint(self, image_id: str) -> Blueprint | None:
        """Return what an image is made of."""
        return self._blueprints.get(image_id)

    def tagged(self, tag: str) -> str | None:
        """Return the ID of the image that a tag points at."""
        return self._tags.get(tag)

    def matching(self, tags: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return the images of these tags by ID, each with those of the tags that point at it."""
        found: dict[str, tuple[str, ...]] = {}
        for tag in dict.fromkeys(tags):
            if image_id := self._tags.get(tag):
                found[image_id] = (*found.get(image_id, ()), tag)
        return found

    def add(self, blueprint: Blueprint, tags: tuple[str, ...] = ()) -> str:
        """Put an image there, if it is not there, with tags that no image has; its ID."""
        image_id, manifest = self._identity(blueprint)
        if image_id not in self._images:
            self._blueprints[image_id] = blueprint
            self._images[image_id] = Image(
                id=image_id,
                tags=tags,
                repo_digests=self._repo_digests(image_id, tags),
                created=blueprint.created,
                size=blueprint.size(self._store),
                manifest=manifest,
                platforms=blueprint.platforms if self._store is Store.CONTAINERD else (),
                compose=blueprint.compose,
            )
            self._tags.update(dict.fromkeys(tags, image_id))
        return image_id

    def point(self, tag: str, image_id: str) -> str | None:
        """Move a tag to an image; the ID of the image that lost it, if another one had it."""
        loser = self._tags.get(tag)
        if loser == image_id:
            return None
        if loser is not None:
            self.unpoint(tag)
        self._tags[tag] = image_id
        self._rename(image_id, (*self._names(image_id), tag))
        return loser

    def unpoint(self, tag: str) -> None:
        """Take a tag away; its image stays."""
        image_id = self._tags.pop(tag)
        self._rename(image_id, tuple(known for known in self._names(image_id) if known != tag))

    def name_by_digest(self, repository: str, image_id: str) -> None:
        """Give an image the name `repository@digest`, as a push or a pull does; moved tags leave it."""
        known = self._digest_names.get(image_id, ())
        self._digest_names[image_id] = tuple(dict.fromkeys((*known, repository)))
        self._rename(image_id, self._names(image_id))

    def unname_by_digest(self, repository: str, image_id: str) -> None:
        """Take the name `repository@digest` away; its image stays."""
        known = self._digest_names.pop(image_id, ())
        if left := tuple(name for name in known if name != repository):
            self._digest_names[image_id] = left
        self._rename(image_id, self._names(image_id))

    def unname_without_tag(self, image_id: str, repository: str) -> None:
        """Take `repository@digest` away with its last tag, as a graph driver does (Docker 20.10, 28.5)."""
        if not any(repository_of(tag) == repository for tag in self._names(image_id)):
            self.unname_by_digest(repository, image_id)

    def remote_digest(self, blueprint: Blueprint) -> str:
        """Return the digest under which a registry has what an image is made of."""
        image_id, _ = self._identity(blueprint)
        return self._manifest_digest(image_id)

    def mark(self, image_id: str) -> None:
        """Note that an image was tagged this moment, as `LastTagTime` does; untagging leaves it."""
        self._last_tags[image_id] = time.time_ns()

    def last_tag(self, image_id: str) -> int:
        """Return when an image was tagged last, in nanoseconds since the epoch; 0 where that is not known."""
        return self._last_tags.get(image_id, 0)

    def named(self, image_id: str) -> bool:
        """Tell whether any name points at an image."""
        return bool(self._names(image_id)) or image_id in self._digest_names

    def drop(self, image_id: str) -> None:
        """Take an image and all its names away."""
        for tag in self._names(image_id):
            del self._tags[tag]
        del self._images[image_id]
        del self._blueprints[image_id]
        self._last_tags.pop(image_id, None)
        self._digest_names.pop(image_id, None)

    def _identity(self, blueprint: Blueprint) -> tuple[str, str | None]:
        """Image ID and platform manifest: one is the config digest, or both are digests above it."""
        config = blueprint.config_digest
        if self._store is not Store.CONTAINERD:
            return config, None
        return digest_of(f"index {config} {blueprint.provenance}"), digest_of(f"manifest {config}")

    def _names(self, image_id: str) -> tuple[str, ...]:
        image = self._images[image_id]
        return (*image.tags, *image.keeps)

    def _rename(self, image_id: str, names: tuple[str, ...]) -> None:
        tags = tuple(name for name in names if not is_keep(name))
        self._images[image_id] = replace(
            self._images[image_id],
            tags=tags,
            keeps=tuple(filter(is_keep, names)),
            repo_digests=self._repo_digests(image_id, tags),
        )

    def _repo_digests(self, image_id: str, tags: Iterable[str]) -> tuple[str, ...]:
        """On the containerd store every tag makes its repository name the digest too."""
        names = dict.fromkeys(self._digest_names.get(image_id, ()))
        if self._store is Store.CONTAINERD:
            names.update((tag.rpartition(":")[0], None) for tag in tags)
        if not names:
            return ()
        return tuple([f"{name}@{self._manifest_digest(image_id)}" for name in names])

    def _manifest_digest(self, image_id: str) -> str:
        """A graph driver's image ID is no manifest digest: what a push makes is another digest."""
        return image_id if self._store is Store.CONTAINERD else digest_of(f"manifest {image_id}")
