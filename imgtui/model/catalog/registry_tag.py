"""Where tags point in their registries, compared with what is on an engine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.catalog.drift import Drift, Standing
from imgtui.model.core.image import Container
from imgtui.model.core.reference import Reference, repository_of


@dataclass(frozen=True, slots=True)
class RemoteTag:
    """What a registry said of one tag."""

    reference: str
    """Tagged familiar reference."""
    digest: str | None = None
    """Digest of the manifest or index that it points at; None where the registry did not tell."""
    platforms: tuple[str, ...] = ()
    error: str = ""
    """Why it did not tell: one line; empty where it did."""
    refused: bool = False
    """Whether that is the registry's answer: it has no such tag, or does not show it."""


@dataclass(frozen=True, slots=True)
class TagComparison:
    """A container, its local tag and the tag in the registry. None: it cannot be told."""

    remote: RemoteTag
    runs_it: bool | None = None
    """Whether the container runs what the registry's tag points at."""
    tag_is_it: bool | None = None
    """Whether the local tag points at it; None without a local tag."""

    @property
    def moved(self) -> bool:
        """Whether the tag in the registry is known to point at something else than what runs."""
        return self.runs_it is False

    @property
    def word(self) -> str:
        """In one word or two."""
        if self.remote.digest is None:
            return "not there" if self.remote.refused else "failed"
        if self.runs_it:
            return "same"
        if self.runs_it is None:
            return "?"
        return "local tag" if self.tag_is_it else "other"

    @property
    def words(self) -> str:
        """In a sentence without its end."""
        if self.remote.digest is None:
            return f"{self.word} ({self.remote.error})"
        if self.runs_it:
            return "what this container runs"
        if self.runs_it is None:
            return "cannot be compared: what runs was never pushed there or pulled from there"
        if self.tag_is_it is None:
            return "not what this container runs"
        return "what the local tag points at" if self.tag_is_it else "neither what runs nor the local tag"


def references(drifts: Iterable[Drift]) -> tuple[str, ...]:
    """The tags that containers were created from, each once, in the order of the containers."""
    tagless = {Standing.PINNED, Standing.NO_TAG, Standing.UNKNOWN}
    named = (drift for drift in drifts if drift.standing not in tagless)
    return tuple(dict.fromkeys(filter(None, (drift.container.created_from for drift in named))))


def compare(drift: Drift, catalog: Catalog, remote: RemoteTag) -> TagComparison:
    """What a registry said, in relation to a container that was created from that tag."""
    if remote.digest is None:
        return TagComparison(remote)
    runs_it = _is(drift.container.image_id, catalog, remote, drift.container)
    tag_is_it = None if drift.tag_now is None else _is(drift.tag_now, catalog, remote)
    return TagComparison(remote, runs_it, tag_is_it)


def _is(image_id: str, catalog: Catalog, remote: RemoteTag, user: Container | None = None) -> bool | None:
    """Whether an image is what a tag of a registry points at; None where that cannot be told.

    On the containerd store a registry's digest is the image ID or the platform manifest of an image. A graph
    driver's image ID is neither: there only repo digests can be compared, and an image can have several
    in one repository. One that it got by a pull or a push never changes (OCI distribution specification).
    """
    image = catalog.images.get(image_id) or catalog.past.image(image_id)
    repository = Reference.parse(remote.reference).familiar_name
    named = {name.rpartition("@")[2] for name in image.repo_digests if repository_of(name) == repository}
    manifests = {manifest for manifest in (image.manifest, user and user.manifest) if manifest}
    if remote.digest in {image_id, *named, *manifests}:
        return True
    return False if named or manifests else None
