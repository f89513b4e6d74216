"""The image that another one was built on, as far as that can be known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from imgtui.model.core.digest import short
from imgtui.model.core.image import ImageFacts

NAME: Final = "org.opencontainers.image.base.name"
DIGEST: Final = "org.opencontainers.image.base.digest"
"""Annotation keys of the OCI image specification (annotations.md)."""

Tagged = tuple[str, Sequence[str]]
"""A tag, and the diff IDs of its image, bottom first."""


@dataclass(frozen=True, slots=True)
class Base:
    """What an image was built on."""

    name: str
    digest: str = ""
    layers: int | None = None
    """How many layers of it there are, where it is known by them; None where a label says it."""

    @property
    def words(self) -> str:
        """`python:3.12`, with its digest where a label tells it."""
        return f"{self.name or 'an image'}{f' ({short(self.digest)})' if self.digest else ''}"


@dataclass(frozen=True, slots=True)
class BaseChange:
    """Two images that were built on different ones; None for one that is not known."""

    a: Base | None
    b: Base | None

    @property
    def words(self) -> str:
        """`python:3.11 -> python:3.12`."""
        return " -> ".join(base.words if base else "not known" for base in (self.a, self.b))

    def swapped(self) -> BaseChange:
        """The same, seen from the other image."""
        return BaseChange(self.b, self.a)


def base_of(facts: ImageFacts, tagged: Iterable[Tagged]) -> Base | None:
    """What labels say, else the tagged image that has the most of its bottom layers, and no others."""
    labels = facts.config.labels
    if labels.get(NAME) or labels.get(DIGEST):
        return Base(labels.get(NAME, ""), labels.get(DIGEST, ""))
    own = [layer.diff_id for layer in facts.layers]
    found = [
        (-len(layers), tag)
        for tag, layers in tagged
        if 0 < len(layers) < len(own) and list(layers) == own[: len(layers)]
    ]
    return Base(min(found)[1], layers=-min(found)[0]) if found else None


def base_change(a: ImageFacts, b: ImageFacts, tagged: Sequence[Tagged], shared: int) -> BaseChange | None:
    """What both were built on, where that differs; `shared` counts the layers that are the same."""
    change = BaseChange(base_of(a, tagged), base_of(b, tagged))
    if change.a is None and change.b is None:
        return None
    if change.a is not None and change.b is not None and None in {change.a.layers, change.b.layers}:
        return change if _differ(change.a, change.b) else None
    # Known by layers alone: it is another one only where not all of them are shared.
    lengths = [base.layers for base in (change.a, change.b) if base is not None and base.layers is not None]
    return change if any(length > shared for length in lengths) else None


def _differ(a: Base, b: Base) -> bool:
    if a.digest and b.digest:
        return a.digest != b.digest
    return a.name != b.name
