"""A job: work that goes on while one looks elsewhere, such as a build or a pull."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from imgtui.model.core.printable import printable

ENOUGH: Final = 0.05
"""How much of a job has to be done before the rest can be estimated from it."""


def extraction_title(path: str) -> str:
    """The title of the job that takes a path out of an image."""
    return f"extract /{printable(path, 200)}"


class JobState(StrEnum):
    """What has become of a job."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    """By hand."""


@dataclass(frozen=True, slots=True)
class JobBar:
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
    def over(self) -> bool:
        """Whether nothing of it is still to be done."""
        return self.state in {"done", "cached"}

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
    bars: tuple[JobBar, ...] = ()
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
        """How much of it is done, from 0 to 1; None where that cannot be said.

        By bytes where those of all bars are known, else each bar is as large as every other.
        """
        if not self.bars or (self.done and not self.total):
            return None
        if all(bar.total for bar in self.bars):
            return min(1.0, self.done / self.total)
        return sum(1.0 if bar.over else bar.fraction or 0.0 for bar in self.bars) / len(self.bars)

    def left(self, now: float) -> float | None:
        """Seconds that it will still take, if it goes on as lately, else as it went; None for no idea."""
        fraction = self.fraction
        if fraction is None or not self.running:
            return None
        if self.speed > 0 and all(bar.total for bar in self.bars):
            return (self.total - self.done) / self.speed
        return (now - self.begun) * (1 - fraction) / fraction if fraction > ENOUGH else None
