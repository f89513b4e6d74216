"""What keep rules hold and will release, rule by rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from imgtui.model.keeps.keep import Keep, KeptBy
from imgtui.model.keeps.rules import Candidate, KeepRule, OwnBytes, Unwanted, changes, nearest, wanted


@dataclass(frozen=True, slots=True)
class RuleHolding:
    """A version that a rule holds, or is going to."""

    repository: str
    image_id: str
    kept: bool
    """Whether its keep is there already."""


@dataclass(frozen=True, slots=True)
class Release:
    """A version that no rule wants any more."""

    unwanted: Unwanted
    seconds: float
    """Until it is released; 0 for at once."""


@dataclass(frozen=True, slots=True)
class RuleReport:
    """One rule."""

    rule: KeepRule
    repositories: tuple[str, ...]
    """Those that it matches."""
    nearest: str | None
    """The repository whose name is most like its own; only where it matches none."""
    holds: tuple[RuleHolding, ...]
    held_bytes: int
    """What only this rule protects of it."""
    releases: tuple[Release, ...]
    """Of repositories that no rule before it matches."""
    released_bytes: int


def report(
    rules: Sequence[KeepRule],
    repositories: Mapping[str, Sequence[Candidate]],
    keeps: Iterable[Keep],
    now: int,
    own_bytes: OwnBytes,
    remaining: Callable[[Unwanted], float],
    others: Sequence[KeepRule] = (),
) -> list[RuleReport]:
    """Each rule, in their order. `remaining` is the seconds until a version may be released.

    What rules of `others` with the same state file want is not released.
    """
    kept = list(keeps)
    by_rule = {(keep.repository, keep.image_id) for keep in kept if keep.by is KeptBy.RULE}
    by_others = {(keep.repository, keep.image_id) for keep in kept} - by_rule
    unwanted = changes((*rules, *others), repositories, kept, now, own_bytes).drop
    found = []
    for rule in rules:
        matched = tuple(name for name in repositories if rule.matches(name))
        held = [
            (name, each)
            for name in matched
            for each in _named(wanted(rule, repositories[name], now, own_bytes), repositories[name])
            if (name, each.image_id) not in by_others
        ]
        releases = tuple(Release(each, max(0.0, remaining(each))) for each in unwanted if each.rule is rule)
        found.append(
            RuleReport(
                rule,
                matched,
                None if matched else nearest(rule.repository, repositories),
                tuple(
                    RuleHolding(name, each.image_id, (name, each.image_id) in by_rule) for name, each in held
                ),
                own_bytes(frozenset(each.image_id for _, each in held if each.free)),
                releases,
                own_bytes(frozenset(each.unwanted.image_id for each in releases)),
            )
        )
    return found


def _named(image_ids: Iterable[str], candidates: Sequence[Candidate]) -> list[Candidate]:
    by_id = {each.image_id: each for each in candidates}
    return [by_id[image_id] for image_id in image_ids]
