"""Time: nanoseconds of an engine, and a clock that never steps back."""

from __future__ import annotations

from dataclasses import dataclass

SECOND = 1_000_000_000
"""Nanoseconds."""


@dataclass(frozen=True, slots=True)
class MonotonicTime:
    """A point in time on a clock that never steps back; comparable within one run of the machine."""

    boot: str
    """Which run of the machine."""
    seconds: float
