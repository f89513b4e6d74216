"""What `Status` of a listed container says: since when it is in its state, and its health.

The text is docker's for people (moby `container/state.go`): `Up 9 seconds (healthy)`, `Exited (0) 3 minutes
ago`, `Created`; a duration of it is that of go-units (`HumanDuration`), which rounds down to its unit.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_UNITS: Final = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "week": 7 * 86_400,
    "month": 30 * 86_400,
    "year": 365 * 86_400,
}
_DURATION: Final = re.compile(
    r"(?P<less>less than a second)|about an? (?P<about>minute|hour)"
    r"|(?P<count>\d{1,9}) (?P<unit>second|minute|hour|day|week|month|year)s?",
    re.IGNORECASE,
)
_HEALTH: Final = re.compile(r"\((?:health: )?(starting|healthy|unhealthy)\)")
_HEALTH_EVENT: Final = "health_status"


class Since(NamedTuple):
    """When a container came into its state."""

    at: int
    """Seconds since the epoch; 0 where it is not known."""
    exact: bool
    """To the second; else it may be earlier by less than the unit that was told."""


UNKNOWN: Final = Since(0, exact=True)


def since_of(status: str, now: float) -> Since:
    """By the text of a list that was made at `now`, seconds since the epoch."""
    found = _DURATION.search(status)
    if found is None:
        return UNKNOWN
    if found["less"]:
        return Since(int(now), exact=True)
    unit = _UNITS[(found["about"] or found["unit"]).lower()]
    return Since(int(now) - int(found["count"] or 1) * unit, unit == 1)


def health_of(status: str) -> str:
    """`starting`, `healthy`, `unhealthy`; empty where there is no check."""
    found = _HEALTH.search(status)
    return found[1] if found is not None else ""


def health_told(action: str) -> str | None:
    """The health that the action of an event tells: `health_status: healthy`.

    Empty where it only says that it was checked (Podman); None for every other action.
    """
    name, _, told = action.partition(":")
    return told.strip() if name == _HEALTH_EVENT else None
