"""What the reading of one archive may cost: every reader charges it before it does, or holds, anything.

An archive of a few kilobytes can ask for hours of work, or for all memory there is. Limits on single things
do not keep it from that, as it may have many of them: what counts is the sum. The limits are far above what
images have, and low enough that a reading takes at most 150 MB (`tests/engine/archive/bombs.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Final

from imgtui.engine.archive.errors import ArchiveError

LARGEST_JSON: Final = 1 << 22
"""Bytes of a manifest or configuration: registries refuse manifests above 4 MiB."""
MOST_VALUES: Final = 300_000
"""Values in one JSON document: `[[],[],…]` takes twenty times its bytes."""
ORDINARY_GROWTH: Final = 100
"""Times to which a stream may grow without being charged for it: files of an image grow to 2 to 10 times,
zeros to 1,000 times by gzip and to 30,000 times by zstd."""


class Cost(Enum):
    """Something of which an archive may have only so much; the value is how a line names it."""

    MEMBERS = "members of an archive are not read"
    ENTRIES = "entries are not listed"
    NAMES = "bytes of names, links and attributes are not listed"
    HEADERS = "headers of entries are not read"
    RECORDS = "records of pax headers are not read"
    PIECES = "pieces of sparse files are not read"
    VISITS = "descriptors of manifests and layers are not followed"
    JSON = "bytes of JSON are not read"
    HELD = "bytes of manifests and configurations are not held"
    VALUES = "values in manifests and configurations are not held"
    STREAMS = "members of packed streams are not read"
    GROWTH = "bytes that are packed into next to nothing are not read"


LIMITS: Final = {
    Cost.MEMBERS: 100_000,
    Cost.ENTRIES: 250_000,
    Cost.NAMES: 1 << 25,
    Cost.HEADERS: 10_000_000,
    Cost.RECORDS: 10_000_000,
    Cost.PIECES: 1_000_000,
    Cost.VISITS: 100_000,
    Cost.JSON: 1 << 28,
    Cost.HELD: 1 << 24,
    Cost.VALUES: 500_000,
    Cost.STREAMS: 1_000_000,
    Cost.GROWTH: 8 << 30,
}


class TooMuch(ArchiveError):
    """An archive has more of something than is read: nothing of it is read any further."""


class Budget:
    """What may still be spent on one reading of an archive."""

    def __init__(self, limits: Mapping[Cost, int] = LIMITS) -> None:
        self._limits = limits
        self._left = dict(limits)

    def charge(self, cost: Cost, amount: int = 1) -> None:
        """Spend some of it. Raises TooMuch, which says the limit in one line."""
        left = self._left[cost] - amount
        self._left[cost] = left
        if left < 0:
            raise TooMuch(f"more than {self._limits[cost]:,} {cost.value}")

    def json(self, content: bytes) -> object:
        """What a JSON text says; None for what is none, is nested too deep, or has too many values."""
        self.charge(Cost.JSON, len(content))
        if values_in(content) <= MOST_VALUES:
            try:
                return json.loads(content)
            except (ValueError, RecursionError):
                return None
        return None

    def hold(self, content: bytes) -> None:
        """A document of so many bytes and values stays in memory."""
        self.charge(Cost.HELD, len(content))
        self.charge(Cost.VALUES, values_in(content))


def values_in(content: bytes) -> int:
    """How many values a JSON text has at most, counted without reading it."""
    return 1 + content.count(b",") + content.count(b"[") + content.count(b"{")
