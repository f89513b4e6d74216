"""Clocks that go when they are told to."""

from __future__ import annotations

from imgtui.model.core.clock import SECOND, MonotonicTime

START = 1_760_000_000
"""Seconds since the epoch."""


class Clocks:
    """The wall clock of a machine, the engine's, and the one that never steps."""

    def __init__(self, start: float = START) -> None:
        self._wall = start
        self._up = 100_000.0
        self._boot = 0
        self.engine_ahead = 0.0

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self._wall += seconds
        self._up += seconds

    def jump(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self._wall += seconds

    def restart(self) -> None:
        """The machine is restarted, in no time."""
        self._boot += 1
        self._up = 5.0

    def wall(self) -> float:
        """Seconds since the epoch."""
        return self._wall

    def engine(self) -> int:
        """The engine's clock, nanoseconds since the epoch."""
        return int((self._wall + self.engine_ahead) * SECOND)

    def moment(self) -> MonotonicTime:
        """The clock that never steps."""
        return MonotonicTime(str(self._boot), self._up)
