"""Reading JSON of the Engine API: what is absent, null, or of another kind, is empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Json = Mapping[str, object]
"""A JSON object as the engine sent it: its text is not printable, its secrets are not masked."""

LIBPOD: Final = "Libpod"
"""The key of a body that has what only Podman's own API takes; where it is, that API is asked."""


def mapping(value: object) -> Json:
    """The value if it is an object."""
    return value if isinstance(value, Mapping) else {}


def objects(value: object) -> list[Json]:
    """The objects in an array."""
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def texts(value: object) -> list[str]:
    """The strings in an array."""
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def text(value: object) -> str:
    """The value if it is a string."""
    return value if isinstance(value, str) else ""
