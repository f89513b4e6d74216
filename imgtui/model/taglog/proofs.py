"""Proofs of where tags pointed before an engine was seen first, brought into one order.

A proof says that a tag pointed at an image at some time, so that it was moved there no later. Several can
prove one move, and some have no time but "before now": what is told has each move once, and is never against
what the tags pointed at when the engine was seen first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from imgtui.model.core.clock import SECOND
from imgtui.model.taglog.moves import FRESH, Move, Provenance

EVENT: Final = "event"
BUILDX: Final = "buildx history"
IDENTITY: Final = "Identity"
LAST_TAG_TIME: Final = "LastTagTime"
PODMAN: Final = "Podman's name history"
HERE: Final = "where it points"
"""What `Move.source` says; of a container `container NAME`. `HERE`: the first look at the tag itself."""


@dataclass(frozen=True, slots=True)
class FirstSight:
    """What is known of the first look at a tag."""

    target: str | None
    """The image that it pointed at."""
    at: int
    """Nanoseconds since the epoch: what happened before nobody saw."""


def each_once(
    there: Sequence[Move],
    found: Iterable[Move],
    seen: Mapping[str, FirstSight],
    created: Mapping[str, int],
) -> list[Move]:
    """The moves to add that these proofs tell beside those that are there.

    `there` are the moves that are known by evidence already, `seen` the first sight of each tag, `created`
    when images were created (seconds since the epoch). What was observed needs no proof: proofs of later
    than the first sight are left out.
    """
    tags: dict[str, _Tag] = {}
    for move in there:
        tags.setdefault(move.reference, _Tag(seen.get(move.reference))).there.append(move)
    for proof in found:
        tags.setdefault(proof.reference, _Tag(seen.get(proof.reference))).add(proof)
    return [move for tag in tags.values() for move in tag.told(created)]


class _Tag:
    """The proofs of one tag."""

    def __init__(self, sight: FirstSight | None) -> None:
        self.there: list[Move] = []
        self._sight = sight
        self._found: list[Move] = []
        self._new: list[Move] = []

    def add(self, proof: Move) -> None:
        """Add what somebody found, unless it is of a time that was observed."""
        sight = self._sight
        if sight is not None and proof.at >= sight.at:
            if proof.source != PODMAN or (proof.not_before or 0) >= sight.at:
                return
            proof = replace(proof, at=sight.at - 1)
        self._found.append(proof)

    def told(self, created: Mapping[str, int]) -> list[Move]:
        """What to add, in order."""
        proofs = sorted(self._found, key=lambda proof: (proof.source == PODMAN, _place(proof)))
        for proof in proofs:
            if proof.not_before is None and not self._is_told(proof):
                self._new.append(proof)
        for proof in proofs:
            if proof.not_before is not None and not self._is_proved(proof):
                self._new.append(proof)
        if self._sight is not None and self._sight.target is not None:
            self._end_at(self._sight.target, self._sight.at - 1, created)
        return sorted(self._new, key=_place)

    @property
    def _all(self) -> list[Move]:
        return sorted((*self.there, *self._new), key=_place)

    def _is_told(self, exact: Move) -> bool:
        """Whether the same act is told by something else: its time differs a little."""
        return any(
            move.target == exact.target and abs(move.at - exact.at) <= FRESH
            for move in self._all
            if move.not_before is None
        )

    def _is_proved(self, proof: Move) -> bool:
        """Whether the tag is known to have pointed there at that time."""
        if proof.source == PODMAN:  # without a time: it did at some time
            return any(move.target == proof.target for move in self._all)
        before = [move for move in self._all if move.at <= proof.at]
        if before and before[-1].target == proof.target:
            return True
        # Whole seconds, and clocks of several programs: a little earlier or later is the same time.
        exact = [move for move in self._all if move.not_before is None]
        left = {one.at: other.at for one, other in pairwise(exact)}
        return any(
            move.target == proof.target
            and move.at <= proof.at + FRESH
            and left.get(move.at, proof.at) >= proof.at - FRESH
            for move in exact
        )

    def _end_at(self, target: str, now: int, created: Mapping[str, int]) -> None:
        """Have the order end where the tag pointed when it was seen first."""
        others = [move for move in self._all if move.target != target]
        here = next((move for move in reversed(self._all) if move.target == target), None)
        if not others or (here is not None and _place(here) > _place(others[-1])):
            return
        last = others[-1]
        timeless = [move for move in self._new if move.source == PODMAN and move.target != target]
        # Names that an image had at some time had gone to another image before the tag came here.
        if here is not None and all(move in timeless for move in others if _place(move) >= _place(here)):
            bound = here.at - 1
            self._new = [
                replace(move, at=bound, not_before=min(move.not_before or 0, bound))
                if move in timeless and move.at > bound
                else move
                for move in self._new
            ]
            return
        self._new = [
            move for move in self._new if not (move.target == target and move.not_before is not None)
        ]
        self._new = [replace(move, at=now - 1) if move.at >= now else move for move in self._new]
        known = [move for move in self._all if move.source != PODMAN]
        earliest = max([created.get(target, 0) * SECOND, *(move.at - FRESH for move in known[-1:])])
        self._new.append(
            Move(
                last.reference, None, target, now, min(earliest, now), known=Provenance.EVIDENCE, source=HERE
            )
        )


def _place(move: Move) -> tuple[int, int]:
    """Where a move stands in time: by the latest time when it can have happened, then by the earliest."""
    return move.at, move.at if move.not_before is None else move.not_before
