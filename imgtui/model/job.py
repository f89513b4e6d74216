"""A job: work that goes on while one looks elsewhere, such as a build or a pull."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class JobState(StrEnum):
    """What has become of a job."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    """By hand."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a job that is counted by itself: a layer, a step of a build. Text is printable."""

    name: str
    state: str
    """One word: `waiting`, `downloading`, `cached`, `done`."""
    done: int = 0
    total: int = 0
    """Bytes, or 0 where nothing is counted."""
    seconds: float | None = None
    """How long it has taken, where that is known."""

    @property
    def fraction(self) -> float | None:
        """How much of it is done, from 0 to 1; None where nothing is counted."""
        return min(1.0, self.done / self.total) if self.total > 0 else None


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands at one moment. Text is printable."""

    number: int
    """From 1, in the order in which they were begun."""
    title: str
    state: JobState = JobState.RUNNING
    line: str = ""
    """What it does now; how it ended."""
    bars: tuple[Bar, ...] = ()
    speed: float = 0.0
    """Bytes a second, lately."""
    begun: float = 0.0
    """Seconds since the epoch."""
    ended: float | None = None
    logged: int = 0
    """Lines that its log has."""

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self.state is JobState.RUNNING

    @property
    def done(self) -> int:
        """Bytes of all bars that are done."""
        return sum(bar.done for bar in self.bars)

    @property
    def total(self) -> int:
        """Bytes of all bars, as far as they are known."""
        return sum(bar.total for bar in self.bars)

    @property
    def fraction(self) -> float | None:
        """How much of it is done, from 0 to 1: by bytes, else by bars that are over; None where neither tells."""
        if self.total:
            return min(1.0, self.done / self.total)
        if self.done:
            return None
        over = sum(bar.state in {"done", "cached"} for bar in self.bars)
        return over / len(self.bars) if self.bars else None

    @property
    def left(self) -> float | None:
        """Seconds that it will still take at this speed; None where that cannot be said."""
        return (self.total - self.done) / self.speed if self.speed > 0 and self.total else None
