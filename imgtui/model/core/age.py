"""The words for how long ago something was, and when they change."""

from __future__ import annotations

from typing import Final

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86_400, 365 * 86_400
UNITS: Final = (("y", YEAR), ("d", DAY), ("h", HOUR), ("m", MINUTE))


def age(then: int, now: float) -> str:
    """How long ago, in at most five characters: `40 s`, `2 h`, `8 d`, `3 y`; `-` for no time.

    Both are in seconds since the epoch.
    """
    if then <= 0:
        return "-"
    seconds = max(0, int(now) - then)
    for unit, length in UNITS:
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
