"""What images were called before, and which are gone: the tag log, read by image."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from imgtui.model.core.clock import SECOND
from imgtui.model.core.image import Image, Store
from imgtui.model.core.reference import repository_of, split_tagged
from imgtui.model.keeps.keep import is_keep
from imgtui.model.taglog.moves import Cause, Move, Provenance, in_order


@dataclass(frozen=True, slots=True)
class FormerName:
    """A tag that pointed at an image."""

    repository: str
    tag: str
    until: int = 0
    """Seconds since the epoch: when it left, or the latest time when it is known to have been there."""
    source: str = ""
    """What proves it; empty for a move that was observed."""
    number: int = 0
    """The place in the log of the move that took it away; 0 where that was not observed."""


@dataclass(frozen=True, slots=True)
class Past:
    """What the tag log knows of images."""

    names: Mapping[str, tuple[FormerName, ...]] = field(default_factory=dict)
    """Image ID to the names it had, the latest first."""
    images: Mapping[str, Image] = field(default_factory=dict)
    """Images as they were when they had a name, by ID."""
    pulls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Image ID to each `repository@digest` under which a registry is known to have had it."""

    def image(self, image_id: str) -> Image:
        """An image that is gone, as far as it is remembered."""
        known = self.images.get(image_id)
        if known is not None:
            return known
        return Image(image_id, created=max((name.until for name in self.names.get(image_id, ())), default=0))


def past_of(
    moves: Iterable[Move],
    images: Mapping[str, Image],
    store: Store | None = None,
    proved: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Past:
    """What the moves tell of images. What is known by evidence tells only where a tag pointed.

    `store` is that of the engine; None where it is not known. `proved` is what imgtui itself has pushed or
    pulled: image ID to each `repository@digest`.
    """
    newest_first = in_order(moves)
    found: dict[str, dict[tuple[str, str], FormerName]] = {}
    for move in newest_first:
        image_id = move.target if move.known is Provenance.EVIDENCE else move.origin
        parts = split_tagged(move.reference)
        if image_id is None or parts is None or is_keep(move.reference):
            continue
        number = 0 if move.known is Provenance.EVIDENCE else move.number
        name = FormerName(*parts, move.at // SECOND, move.source, number)
        found.setdefault(image_id, {}).setdefault(parts, name)
    names = {image_id: tuple(known.values()) for image_id, known in found.items()}
    known = pulls(newest_first, images, store)
    again = {
        image_id: tuple(dict.fromkeys((*proved.get(image_id, ()), *known.get(image_id, ()))))
        for image_id in proved.keys() | known.keys()
    }
    return Past(names, images, again)


def pulls(
    moves: Iterable[Move], images: Mapping[str, Image], store: Store | None
) -> dict[str, tuple[str, ...]]:
    """The repo digests by which a registry can be asked, of images that are gone or are going to be.

    On a graph driver an image has one only by a push or a pull. The containerd store and Podman give one to
    every tag (Docker 28.5, Podman 4.3): there only what was seen to be pulled from a repository counts.
    """
    pulled = {(move.target, repository_of(move.reference)) for move in moves if move.cause is Cause.PULL}
    return {
        image_id: digests
        for image_id, image in images.items()
        if (
            digests := tuple(
                name
                for name in image.repo_digests
                if not is_keep(name) and (store is Store.GRAPH or (image_id, repository_of(name)) in pulled)
            )
        )
    }
