"""Whether enough time has passed to release what no rule wants, and whether the clock that says so is right.

A version is not released when it is first seen that no rule wants it, but a grace time after that: longer
still after it lost its last tag. So whatever made it unwanted (a rebuild, an edited rule, a container that
was removed, a wrong clock) can be put right in the meantime.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from imgtui.model.core.clock import SECOND, MonotonicTime

STEP_SECONDS: Final = 60.0
"""Two clocks that part by more have jumped: NTP slews them by no more than 43 s a day."""
STEADY_SECONDS: Final = 3600.0
"""For so long a clock must have gone evenly after a jump, or since the machine started."""


@dataclass(frozen=True, slots=True)
class Notice:
    """When it was first seen that no rule wants a version any more."""

    since: int
    """Nanoseconds since the epoch."""
    moment: MonotonicTime

    def remaining(self, grace: float, now: int, moment: MonotonicTime) -> float:
        """Seconds until the grace time is over, by both clocks where both can tell; negative when it is."""
        by_wall = grace - (now - self.since) / SECOND
        if moment.boot != self.moment.boot:
            return by_wall
        return max(by_wall, grace - (moment.seconds - self.moment.seconds))


@dataclass(frozen=True, slots=True)
class ClockMark:
    """How the wall clock stood to the clock that never steps, when it was looked at last."""

    boot: str
    """Which run of the machine."""
    ahead: int
    """Nanoseconds: the wall clock less the time since the machine started."""
    steady: float
    """Since when it goes evenly, in seconds since the machine started."""

    def steady_in(self, moment: MonotonicTime) -> float:
        """Seconds until it has gone evenly for long enough; 0 or less when it has."""
        return STEADY_SECONDS - (moment.seconds - self.steady)


def look_at_clock(mark: ClockMark | None, now: int, moment: MonotonicTime) -> ClockMark:
    """The mark after one more look; `now` is the wall clock in nanoseconds since the epoch.

    The first look of all trusts the clock: nothing was seen to jump.
    """
    ahead = now - int(moment.seconds * SECOND)
    if mark is None:
        return ClockMark(moment.boot, ahead, moment.seconds - STEADY_SECONDS)
    if mark.boot != moment.boot or abs(ahead - mark.ahead) > STEP_SECONDS * SECOND:
        return ClockMark(moment.boot, ahead, moment.seconds)
    return ClockMark(mark.boot, ahead, mark.steady)


def parted(engine_clock: int, now: int) -> float:
    """Seconds by which the engine's clock and this machine's differ, if that is more than a step; else 0."""
    apart = (engine_clock - now) / SECOND
    return apart if engine_clock and abs(apart) > STEP_SECONDS else 0.0
