"""How an image was built: each field, and where it is known from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

FIELDS: Final = (
    "tags", "context", "dockerfile", "target", "arguments", "labels", "platform", "secrets", "cache_from",
    "network", "builder", "repository", "revision",
)  # fmt: skip
"""The fields of a recipe, by the names of `Build`; the last two tell of the source."""

Words = tuple[str, ...]


class Origin(StrEnum):
    """Where something of a recipe is known from; what comes first in a list of clues counts."""

    VERSION = "this version"
    """The tags that it has now."""
    REBUILD = "the last rebuild"
    """What imgtui wrote down then."""
    RECORD = "buildx history"
    PROVENANCE = "provenance"
    """What BuildKit attested beside the image."""
    COMPOSE = "Compose"
    """The files of the Compose project that its labels, or those of a container, name."""
    LABELS = "labels"
    """The annotations of the OCI image specification, as labels of the image."""


@dataclass(frozen=True, slots=True)
class Clue:
    """What one source tells. Text is printable, values that look secret are masked."""

    origin: Origin
    values: Mapping[str, Words]
    """By field; a field that it does not tell is not there."""
    notes: tuple[str, ...] = ()
    """What a person has to know of it."""


@dataclass(frozen=True, slots=True)
class KnownField:
    """A field of a recipe that something tells."""

    values: Words
    origin: Origin
    others: tuple[tuple[Origin, Words], ...] = ()
    """What other sources say that is not the same."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that is known of how an image was built."""

    fields: Mapping[str, KnownField] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def values(self, name: str) -> Words:
        """What a field holds; nothing where nothing tells it."""
        found = self.fields.get(name)
        return found.values if found is not None else ()


def recipe_of(clues: Iterable[Clue]) -> Recipe:
    """Put together what several sources tell: of each field the first one counts."""
    fields: dict[str, KnownField] = {}
    notes: dict[str, None] = {}
    for clue in clues:
        notes.update(dict.fromkeys(clue.notes))
        for name, values in clue.values.items():
            known = fields.get(name)
            if name not in FIELDS or not values:
                continue
            if known is None:
                fields[name] = KnownField(values, clue.origin)
            elif sorted(values) not in map(sorted, (known.values, *(other for _, other in known.others))):
                fields[name] = KnownField(known.values, known.origin, (*known.others, (clue.origin, values)))
    return Recipe(fields, tuple(notes))
