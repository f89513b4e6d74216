"""What has become of an image: whether it is still here, and if not, how it may be had again."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from enum import StrEnum

from imgtui.model.catalog import Catalog
from imgtui.model.image import Store
from imgtui.model.keep import is_keep
from imgtui.model.moves import Cause, Move


class Now(StrEnum):
    """Whether an image is on the engine."""

    HERE = "here"
    KEPT = "kept"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where an image is, and for one that is gone where it may be."""

    now: Now
    pull: str | None = None
    """`repository@digest` under which a registry may have it."""
    certain: bool = False
    """Whether a registry had it: on the containerd store what was only built has a repo digest too."""

    @property
    def words(self) -> str:
        """In words: `here`, `kept`, `gone`, `gone, pull by digest: web@sha256:…`."""
        if self.pull is None:
            return self.now.value
        return f"{self.now.value}, {'pull by digest' if self.certain else 'if it was pushed'}: {self.pull}"


def whereabouts(
    catalog: Catalog, moves: Iterable[Move], store: Store | None = None
) -> dict[str, Whereabouts]:
    """Of every image that the moves speak of, by ID; the catalog has the past of those that are gone."""
    pulled = {move.target for move in moves if move.cause is Cause.PULL}
    ids = {end for move in moves for end in (move.origin, move.target) if end}
    return {image_id: whereabouts_of(catalog, image_id, pulled, store) for image_id in ids}


def whereabouts_of(
    catalog: Catalog, image_id: str, pulled: Container[str | None], store: Store | None
) -> Whereabouts:
    """Of one image; `pulled` are those that are known to have come from a registry."""
    image = catalog.images.get(image_id)
    if image is not None:
        return Whereabouts(Now.KEPT if image.keeps else Now.HERE)
    digests = [name for name in catalog.past.image(image_id).repo_digests if not is_keep(name)]
    if not digests:
        return Whereabouts(Now.GONE)
    return Whereabouts(Now.GONE, digests[0], image_id in pulled or store is not Store.CONTAINERD)
