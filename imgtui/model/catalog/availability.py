"""What has become of an image: whether it is still here, and if not, how it may be had again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.keeps.keep import is_keep
from imgtui.model.taglog.moves import Move


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
    """Whether a registry is known to have had it, so that an undo pulls it (`taglog.history`)."""

    @property
    def words(self) -> str:
        """In words: `here`, `kept`, `gone`, `gone, pull by digest: web@sha256:…`."""
        if self.pull is None:
            return self.now.value
        return f"{self.now.value}, {'pull by digest' if self.certain else 'if it was pushed'}: {self.pull}"


def whereabouts(catalog: Catalog, moves: Iterable[Move]) -> dict[str, Whereabouts]:
    """Of every image that the moves speak of, by ID; the catalog has the past of those that are gone."""
    ids = {end for move in moves for end in (move.origin, move.target) if end}
    return {image_id: whereabouts_of(catalog, image_id) for image_id in ids}


def whereabouts_of(catalog: Catalog, image_id: str) -> Whereabouts:
    """Of one image."""
    image = catalog.images.get(image_id)
    if image is not None:
        return Whereabouts(Now.KEPT if image.keeps else Now.HERE)
    pulls = catalog.past.pulls.get(image_id, ())
    if pulls:
        return Whereabouts(Now.GONE, pulls[0], certain=True)
    digests = [name for name in catalog.past.image(image_id).repo_digests if not is_keep(name)]
    return Whereabouts(Now.GONE, digests[0] if digests else None)
