"""Keep rules: which versions of a repository are to be held without anybody asking for each.

Each repository is judged by itself, also its budget: `budget = "20 GB"` for `web*` is that for each one that
matches. Nothing is lost through a rule that is not there: what no rule judges stays as it is.

A rule counts what it alone protects: a version that has a tag, a keep of another kind or a container uses up
no place and no budget, and is never released. It is held all the same if the rule would want it without
them, so that it is still there at the moment when they go.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from imgtui.model.keeps.keep import Keep, KeptBy

DAY_SECONDS: Final = 86_400
DAY: Final = DAY_SECONDS * 1_000_000_000
"""Nanoseconds."""
GRACE: Final = float(DAY_SECONDS)
"""Seconds that a version is held on after nothing wants it any more, where a rule does not say."""

OwnBytes = Callable[[frozenset[str]], int]
"""The bytes that only these image IDs together hold, each layer once; never more for fewer of them."""


class Loss(NamedTuple):
    """A tag that left an image."""

    tag: str
    at: int
    """When it left, or the latest time when it is known to have been there; nanoseconds since the epoch."""
    number: int = 0
    """The place of the move in the tag log; 0 where it was not observed, which is before all that was."""

    @property
    def recency(self) -> tuple[int, int]:
        """Greater for what happened later: in the order of recording, as a clock may step back."""
        return self.number, self.at


class Candidate(NamedTuple):
    """An image that a repository has, or had, a tag on."""

    image_id: str
    tags: tuple[str, ...] = ()
    """The tags of the repository that point at it now."""
    losses: tuple[Loss, ...] = ()
    """The tags of the repository that left it and have not come back."""
    runs: bool = False
    """Whether a container was made from it."""
    held: bool = False
    """Whether something else than a rule holds it too: a tag of any repository, a keep of another kind."""

    @property
    def free(self) -> bool:
        """Whether nothing but a rule protects it."""
        return not (self.tags or self.runs or self.held)

    @property
    def recency(self) -> tuple[int, int]:
        """Greater for what lost a tag later."""
        return max((loss.recency for loss in self.losses), default=(0, 0))


@dataclass(frozen=True, slots=True)
class KeepRule:
    """What is to be held in repositories that match: what any of `last`, `days` and `all` asks for."""

    repository: str
    """Shell-style pattern for the familiar name; `*` matches slashes too, and case counts."""
    last: int | None = None
    """So many versions of each tag, those that lost it last."""
    days: float | None = None
    """The versions that a tag pointed at within so many days."""
    all: bool = False
    budget: int | None = None
    """Bytes that what only the rule holds of one repository may take; None: any number."""
    grace: float = GRACE
    """Seconds for which nothing is released after it was wanted last."""

    def matches(self, repository: str) -> bool:
        """Whether the rule is for this repository, a familiar name such as `localhost:5000/team/api`."""
        return fnmatchcase(repository, self.repository)


@dataclass(frozen=True, slots=True)
class Unwanted:
    """A version that rules hold and none wants any more; nothing else protects it."""

    repository: str
    image_id: str
    keeps: tuple[Keep, ...]
    """The keeps that rules made of it in the repository."""
    rule: KeepRule
    """The first rule that matches the repository."""
    grace: float
    """Seconds: the longest of all rules that match."""


@dataclass(frozen=True, slots=True)
class RuleChanges:
    """What has to be done for the rules to be kept, in the order to do it: first add, then drop."""

    add: tuple[tuple[str, str], ...] = ()
    """Repository and image ID, by repository as they came, newest first."""
    drop: tuple[Unwanted, ...] = ()
    """By repository as they came, what lost its tag first at the beginning."""


def in_order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those that have a tag now, then the others: what lost a tag last comes first."""
    number, at = 0, 1
    return sorted(
        candidates, key=lambda each: (not each.tags, -each.recency[number], -each.recency[at], each.image_id)
    )


def wanted(rule: KeepRule, candidates: Sequence[Candidate], now: int, own_bytes: OwnBytes) -> list[str]:
    """The image IDs that a rule wants held in a repository, in their order.

    `candidates` has each image once; `now` is in nanoseconds since the epoch. A budget takes away what lost
    its tag first, until the rest fits; never what anything else protects, which costs it nothing.
    """
    ordered = in_order(candidates)
    among_last = _among_last(rule.last, ordered)
    asked = [
        each
        for each in ordered
        if each.tags
        or each.runs
        or rule.all
        or each.image_id in among_last
        or (rule.days is not None and any(now - loss.at <= rule.days * DAY for loss in each.losses))
    ]
    affordable = _affordable(rule.budget, [each.image_id for each in asked if each.free], own_bytes)
    return [each.image_id for each in asked if not each.free or each.image_id in affordable]


def changes(
    rules: Sequence[KeepRule],
    repositories: Mapping[str, Sequence[Candidate]],
    keeps: Iterable[Keep],
    now: int,
    own_bytes: OwnBytes,
) -> RuleChanges:
    """What is to be added and dropped for the engine to hold what the rules want.

    Where several rules match a repository, it gets what any of them wants. What is kept there already, by a
    person or a rule, is not added again. Dropped are only keeps that a rule made, of images that a rule has
    judged, none wants any more, and nothing else protects. So these stay: keeps made by a person; keeps in
    repositories that no rule matches, because taking a rule out of the configuration, or losing the file,
    must not delete images; and keeps of images that are not among the candidates, because a lost tag log must
    not delete them either.
    """
    kept: dict[tuple[str | None, str], list[Keep]] = {}
    for keep in keeps:
        kept.setdefault((keep.repository, keep.image_id), []).append(keep)
    add: list[tuple[str, str]] = []
    drop: list[Unwanted] = []
    for repository, candidates in repositories.items():
        matching = [rule for rule in rules if rule.matches(repository)]
        if not matching:
            continue
        wants = {image_id for rule in matching for image_id in wanted(rule, candidates, now, own_bytes)}
        grace = max(rule.grace for rule in matching)
        ordered = in_order(candidates)
        add += [
            (repository, each.image_id)
            for each in ordered
            if each.image_id in wants and (repository, each.image_id) not in kept
        ]
        for each in reversed(ordered):
            there = kept.get((repository, each.image_id), ())
            by_rule = tuple(keep for keep in there if keep.by is KeptBy.RULE)
            if by_rule and each.free and each.image_id not in wants:
                drop.append(Unwanted(repository, each.image_id, by_rule, matching[0], grace))
    return RuleChanges(tuple(add), tuple(drop))


def rule_of(rules: Iterable[KeepRule], keep: Keep) -> KeepRule | None:
    """The rule that a keep is by: the first that matches; None for one that no rule made, or matches."""
    if keep.by is not KeptBy.RULE or keep.repository is None:
        return None
    return next((rule for rule in rules if rule.matches(keep.repository or "")), None)


def nearest(pattern: str, repositories: Iterable[str]) -> str | None:
    """The name that is most like a pattern which matches none; None where none is like it.

    Names are compared whole and by their last part, as people forget the host and the path.
    """
    names = {name.lower(): name for name in repositories}
    parts = {name.rpartition("/")[2]: whole for name, whole in names.items()}
    plain = "".join(letter for letter in pattern if letter not in "*?[]").lower()
    for text, known in ((plain, names), (plain.rpartition("/")[2], parts)):
        if found := get_close_matches(text, known, n=1, cutoff=0.5):
            return known[found[0]]
    return None


def _among_last(last: int | None, ordered: Sequence[Candidate]) -> Collection[str]:
    """The images for which fewer than `last` others that need a place lost the same tag later.

    All tags that are gone share the places of one: else every tag of a build number would hold an image for
    ever, once it is removed.
    """
    if last is None:
        return ()
    live = {tag for each in ordered for tag in each.tags}
    displaced: dict[str | None, dict[str, tuple[int, int]]] = {}
    for each in ordered:
        for loss in each.losses:
            of_tag = displaced.setdefault(loss.tag if loss.tag in live else None, {})
            of_tag[each.image_id] = max(loss.recency, of_tag.get(each.image_id, (0, 0)))
    free = {each.image_id: each.free for each in ordered}
    found: set[str] = set()
    for of_tag in displaced.values():
        places = last
        for image_id in sorted(of_tag, key=lambda image_id: of_tag[image_id], reverse=True):
            if places <= 0:
                break
            found.add(image_id)
            places -= free[image_id]
    return found


def _affordable(budget: int | None, newest_first: Sequence[str], own_bytes: OwnBytes) -> Sequence[str]:
    """As many of the newest as the budget pays for."""
    if budget is None:
        return newest_first
    counts = range(1, len(newest_first) + 1)
    return newest_first[: bisect_right(counts, budget, key=lambda n: own_bytes(frozenset(newest_first[:n])))]
