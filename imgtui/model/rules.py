"""Keep rules: which versions of a repository are to be held without anybody asking for each.

Each repository is judged by itself, also its budget: `budget = "20 GB"` for `web*` is that for each one that
matches. Nothing is lost through a rule that is not there: what no rule judges stays as it is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from imgtui.model.keep import Keep, KeptBy

DAY: Final = 86_400 * 1_000_000_000
"""Nanoseconds."""

OwnBytes = Callable[[frozenset[str]], int]
"""The bytes that only these image IDs together hold, each layer once; never more for fewer of them."""


class Candidate(NamedTuple):
    """An image that a repository has, or had, a tag on."""

    image_id: str
    since: int
    """When a tag of the repository pointed at it last, nanoseconds since the epoch; unused if `current`."""
    current: bool
    """Whether a tag of the repository points at it now."""


@dataclass(frozen=True, slots=True)
class KeepRule:
    """What is to be held in repositories that match: what any of `last`, `days` and `all` asks for."""

    repository: str
    """Shell-style pattern for the familiar name; `*` matches slashes too, and case counts."""
    last: int | None = None
    """The newest versions, so many."""
    days: float | None = None
    """The versions that a tag pointed at within so many days."""
    all: bool = False
    budget: int | None = None
    """Bytes that what is held of one repository may take beyond what its tags hold; None: any number."""

    def matches(self, repository: str) -> bool:
        """Whether the rule is for this repository, a familiar name such as `localhost:5000/team/api`."""
        return fnmatchcase(repository, self.repository)


@dataclass(frozen=True, slots=True)
class Changes:
    """What has to be done for the rules to be kept, in the order to do it: first add, then drop."""

    add: tuple[tuple[str, str], ...] = ()
    """Repository and image ID, by repository as they came, newest first."""
    drop: tuple[Keep, ...] = ()


def wanted(rule: KeepRule, candidates: Sequence[Candidate], now: int, own_bytes: OwnBytes) -> list[str]:
    """The image IDs that a rule wants held in a repository, newest first.

    `candidates` has each image once, newest first; `now` is in nanoseconds since the epoch. A budget takes
    the oldest away until the rest fits. It never takes an image that has a tag now, which costs it nothing
    either: the tag holds the image anyway.
    """
    asked = [
        candidate
        for place, candidate in enumerate(candidates)
        if rule.all
        or (rule.last is not None and place < rule.last)
        or (rule.days is not None and (candidate.current or now - candidate.since <= rule.days * DAY))
    ]
    affordable = _affordable(rule.budget, [each.image_id for each in asked if not each.current], own_bytes)
    return [each.image_id for each in asked if each.current or each.image_id in affordable]


def changes(
    rules: Sequence[KeepRule],
    repositories: Mapping[str, Sequence[Candidate]],
    keeps: Iterable[Keep],
    now: int,
    own_bytes: OwnBytes,
) -> Changes:
    """What is to be added and dropped for the engine to hold what the rules want.

    Where several rules match a repository, it gets what any of them wants. What is kept there already, by a
    person or a rule, is not added again. Dropped are only keeps that a rule made, of images that a rule has
    judged and none wants any more. So these stay: keeps made by a person; keeps in repositories that no rule
    matches, because taking a rule out of the configuration, or losing the file, must not delete images; and
    keeps of images that are not among the candidates, because a lost tag log must not delete them either.
    """
    judged: dict[tuple[str, str], bool] = {}
    for repository, candidates in repositories.items():
        matching = [rule for rule in rules if rule.matches(repository)]
        if not matching:
            continue
        wants = {image_id for rule in matching for image_id in wanted(rule, candidates, now, own_bytes)}
        judged.update(((repository, each.image_id), each.image_id in wants) for each in candidates)
    kept = list(keeps)
    there = {(keep.repository, keep.image_id) for keep in kept}
    return Changes(
        tuple(version for version, is_wanted in judged.items() if is_wanted and version not in there),
        tuple(keep for keep in kept if keep.by is KeptBy.RULE and _unwanted(keep, judged)),
    )


def _affordable(budget: int | None, newest_first: Sequence[str], own_bytes: OwnBytes) -> Sequence[str]:
    """As many of the newest as the budget pays for."""
    if budget is None:
        return newest_first
    counts = range(1, len(newest_first) + 1)
    return newest_first[: bisect_right(counts, budget, key=lambda n: own_bytes(frozenset(newest_first[:n])))]


def _unwanted(keep: Keep, judged: Mapping[tuple[str, str], bool]) -> bool:
    return keep.repository is not None and not judged.get((keep.repository, keep.image_id), True)
