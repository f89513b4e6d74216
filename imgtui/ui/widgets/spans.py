"""Lines of styled text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """A piece of text in one style: a name of `Lines.STYLES`, or nothing for the plain one."""

    text: str
    style: str = ""


Line = Sequence[Span]


def line(*parts: str | Span) -> Line:
    """A line of pieces; plain strings are plain spans."""
    return [part if isinstance(part, Span) else Span(part) for part in parts]
