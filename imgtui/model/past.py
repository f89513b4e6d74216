"""What images were called before, and which are gone: the tag log, read by image."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from imgtui.model.image import Image
from imgtui.model.keep import is_keep
from imgtui.model.moves import SECOND, Known, Move, in_order
from imgtui.model.reference import split_tagged


@dataclass(frozen=True, slots=True)
class FormerName:
    """A tag that pointed at an image."""

    repository: str
    tag: str
    until: int = 0
    """Seconds since the epoch: when it left, or the latest time when it is known to have been there."""
    source: str = ""
    """What proves it; empty for a move that was observed."""


@dataclass(frozen=True, slots=True)
class Past:
    """What the tag log knows of images."""

    names: Mapping[str, tuple[FormerName, ...]] = field(default_factory=dict)
    """Image ID to the names it had, the latest first."""
    images: Mapping[str, Image] = field(default_factory=dict)
    """Images as they were when they had a name, by ID."""

    def image(self, image_id: str) -> Image:
        """An image that is gone, as far as it is remembered."""
        known = self.images.get(image_id)
        if known is not None:
            return known
        return Image(image_id, created=max((name.until for name in self.names.get(image_id, ())), default=0))


def past_of(moves: Iterable[Move], images: Mapping[str, Image]) -> Past:
    """What the moves tell of images. What is known by evidence tells only where a tag pointed."""
    found: dict[str, dict[tuple[str, str], FormerName]] = {}
    for move in in_order(moves):
        image_id = move.target if move.known is Known.EVIDENCE else move.origin
        parts = split_tagged(move.reference)
        if image_id is None or parts is None or is_keep(move.reference):
            continue
        name = FormerName(*parts, move.at // SECOND, move.source)
        found.setdefault(image_id, {}).setdefault(parts, name)
    return Past({image_id: tuple(names.values()) for image_id, names in found.items()}, images)
