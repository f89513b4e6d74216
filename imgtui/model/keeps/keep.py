"""Keeps: references of imgtui's own in the engine, which hold a digest alive.

A keep says by itself what it keeps, so that it survives the loss of the state file:

    imgtui.invalid/keep/docker.io/library/web:sha256-<64 digits>-20261125T003551Z
    imgtui.invalid/rule/localhost__5000/team/api:sha256-<64 digits>-20261125T003551Z
    imgtui.invalid/keep:sha256-<64 digits>-20261125T003551Z

`.invalid` is reserved (RFC 2606): no registry can ever have that name, so that a keep cannot be pushed by
accident. The first word says who made it (`KeptBy`): a person, a keep rule, or imgtui before an act of its
own. What follows is the repository, with `__` for the colon of a port; an image of no repository has none.
At the end of a rule's stands which state file it belongs to, so that two that keep the same in one second do
not share a keep: `…-20261125T003551Z-9f02`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from imgtui.model.core.reference import InvalidReference, Reference

DOMAIN: Final = "imgtui.invalid"
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_TAG: Final = re.compile(r"sha256-(?P<digits>[0-9a-f]{64})-(?P<stamp>\d{8}T\d{6}Z)(?:-[0-9a-f]{4})?")
_PORT: Final = "__"
"""No host name has an underscore, so that this can stand for a colon, which no path may have."""


class KeptBy(StrEnum):
    """Who wants a digest to stay, or before what imgtui made sure that it does."""

    PERSON = "keep"
    """In engines that an earlier imgtui worked on also what it kept before an act of its own."""
    RULE = "rule"
    ROLLBACK = "rollback"
    REBUILD = "rebuild"
    BUILT = "built"
    """A build's result that has no tag yet."""
    PULL = "pull"
    LOAD = "load"
    MOVE = "move"

    @property
    def words(self) -> str:
        """What follows `kept`: `by you`, `before a roll back`."""
        return _WORDS[self]


_WORDS: Final = {
    KeptBy.PERSON: "by you",
    KeptBy.RULE: "by a keep rule",
    KeptBy.ROLLBACK: "before a roll back",
    KeptBy.REBUILD: "before a rebuild",
    KeptBy.BUILT: "as the result of a rebuild",
    KeptBy.PULL: "before a pull",
    KeptBy.LOAD: "before a load",
    KeptBy.MOVE: "before it lost its tag",
}


class CannotKeep(ValueError):
    """No keep can be made; the message is one line with the cause."""


@dataclass(frozen=True, slots=True)
class Keep:
    """A keep, as its reference says it."""

    image_id: str
    repository: str | None
    """Familiar name; None for an image of no repository."""
    made: int
    """Seconds since the epoch."""
    by: KeptBy
    reference: str
    """The reference in the engine."""


def keep_of(
    image_id: str, repository: str | None, made: int, by: KeptBy = KeptBy.PERSON, owner: str = ""
) -> Keep:
    """The keep of an image in a repository; raises CannotKeep where no reference can say it.

    `owner` is four hexadecimal digits, or nothing.
    """
    algorithm, _, digits = image_id.partition(":")
    stamp = datetime.fromtimestamp(made, UTC).strftime(_STAMP)
    path = f"{DOMAIN}/{by.value}"
    if repository is not None:
        name = Reference.parse(repository)
        path += f"/{name.domain.replace(':', _PORT)}/{name.path}"
    reference = f"{path}:{algorithm}-{digits}-{stamp}" + (f"-{owner}" if owner else "")
    kept = read_keep(reference)
    if kept is None or kept.repository != repository or kept.image_id != image_id:
        raise CannotKeep(f"no reference of a keep can name {repository or image_id}: its name is too unusual")
    return kept


def read_keep(reference: str) -> Keep | None:
    """What a reference keeps; None for every other reference."""
    if not is_keep(reference):
        return None
    try:
        parsed = Reference.parse(reference)
    except InvalidReference:
        return None
    match = _TAG.fullmatch(parsed.tag or "")
    by, _, name = parsed.path.partition("/")
    if match is None or by not in set(KeptBy):
        return None
    repository = None
    if name:
        domain, _, path = name.partition("/")
        try:
            repository = Reference.parse(f"{domain.replace(_PORT, ':')}/{path}").familiar_name
        except InvalidReference:
            return None
    try:
        made = datetime.strptime(match["stamp"], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Keep(f"sha256:{match['digits']}", repository, int(made.timestamp()), KeptBy(by), reference)


def keeps_on(image_id: str, references: Iterable[str]) -> tuple[Keep, ...]:
    """The keeps of an image: a reference that names another digest was not made by imgtui, and is none."""
    found = map(read_keep, references)
    return tuple(keep for keep in found if keep is not None and keep.image_id == image_id)


def is_keep(reference: str) -> bool:
    """Whether a tag or repo digest is one of imgtui's own: no tag that people see."""
    return reference.startswith(f"{DOMAIN}/")
