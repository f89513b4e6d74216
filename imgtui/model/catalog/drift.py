"""Drift: what containers run, and where the tags that they were created from point now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import Container
from imgtui.model.keeps.keep import is_keep
from imgtui.model.taglog.moves import Move, Provenance


class Standing(StrEnum):
    """How a container stands to the tag that it was created from, the most urgent first."""

    DRIFT = "drift"
    """The tag points at other content."""
    TAG_GONE = "tag_gone"
    """There is no such tag any more."""
    UNKNOWN = "unknown"
    """The engine does not tell what it was created from."""
    REBUILT = "rebuilt"
    """The tag points at another image with the same platform manifest."""
    CURRENT = "current"
    """The tag points at the image that the container runs."""
    REPLACED = "replaced"
    """It is stopped, and a roll back put another container in its place."""
    PINNED = "pinned"
    """It was created from a digest that a tag stands beside (`redis:7@sha256:…`): it never drifts."""
    NO_TAG = "no_tag"
    """It was created from an image ID, a digest or a keep, which never move."""

    @property
    def words(self) -> str:
        """What people read."""
        return _WORDS[self]


_WORDS = {
    Standing.DRIFT: "drift",
    Standing.TAG_GONE: "tag gone",
    Standing.UNKNOWN: "not known",
    Standing.REBUILT: "rebuilt",
    Standing.CURRENT: "current",
    Standing.REPLACED: "replaced",
    Standing.PINNED: "pinned",
    Standing.NO_TAG: "no tag",
}


@dataclass(frozen=True, slots=True)
class Drift:
    """A container and its tag."""

    container: Container
    standing: Standing
    tag_now: str | None = None
    """The image ID that the tag points at; None without a tag."""
    left: Move | None = None
    """The move by which the tag left the image that the container runs; None where the log does not tell."""
    behind: int | None = None
    """Moves of the tag since it pointed at that image; None where the log does not reach back so far."""

    @property
    def drifted(self) -> bool:
        """Whether its tag points at other content."""
        return self.standing is Standing.DRIFT


def drifts(catalog: Catalog, log: Iterable[Move]) -> list[Drift]:
    """Every container of an engine: those that drift first, then by name. `log` is newest first."""
    moves: dict[str | None, list[Move]] = {user.created_from: [] for user in catalog.containers.values()}
    for move in log:
        if move.reference in moves:
            moves[move.reference].append(move)
    found = [drift_of(user, catalog, moves[user.created_from]) for user in catalog.containers.values()]
    order = {standing: number for number, standing in enumerate(Standing)}
    return sorted(found, key=lambda drift: (order[drift.standing], drift.container.name, drift.container.id))


def untold_words(containers: Iterable[Container]) -> list[str]:
    """A line for each container of which it is not known what it was created from."""
    told = sorted((user.name, user.untold) for user in containers if user.untold)
    return [f"what container {name} was created from is not known: {why}" for name, why in told]


def drift_of(container: Container, catalog: Catalog, moves: Sequence[Move]) -> Drift:
    """One container; `moves` are those of the tag that it was created from, newest first."""
    if container.untold:
        return Drift(container, Standing.UNKNOWN)
    now = catalog.tag_now(container)
    if container.created_from is None or is_keep(container.created_from):
        if container.pinned is not None:
            return Drift(container, Standing.PINNED, catalog.tags.get(container.pinned))
        return Drift(container, Standing.NO_TAG)
    if now == container.image_id:
        spare = catalog.is_spare(container)
        return Drift(container, Standing.REPLACED if spare else Standing.CURRENT, now, None, 0)
    left, behind = _since(moves, container.image_id, now)
    if catalog.is_spare(container):
        standing = Standing.REPLACED
    elif now is None:
        standing = Standing.TAG_GONE
    else:
        standing = Standing.REBUILT if catalog.rebuilt(container) else Standing.DRIFT
    return Drift(container, standing, now, left, behind)


def _since(moves: Sequence[Move], image_id: str, now: str | None) -> tuple[Move | None, int | None]:
    """The newest move of a tag away from an image, and how many have been made with it and since.

    A log whose last move does not lead to where the tag points now lacks some. A proof is no move that
    was observed: nobody knows what happened before and after it.
    """
    observed = [move for move in moves if move.known is not Provenance.EVIDENCE]
    if not observed or observed[0].target != now:
        return None, None
    for number, move in enumerate(observed, 1):
        if move.known is Provenance.UNREAD:
            break
        if move.origin == image_id:
            return move, number
    return None, None
