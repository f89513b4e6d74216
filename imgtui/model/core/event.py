"""What an engine says that happened."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened to an image or a container. It says where to look, not what is true."""

    kind: str
    """`image` or `container`."""
    action: str
    id: str | None = None
    """Image ID with its algorithm, or container ID."""
    reference: str | None = None
    """Tagged familiar reference, where the event names one."""
    time_ns: int = 0
    """The engine's clock, nanoseconds since the epoch."""
    begun: bool = False
    """Whether the time is when it began: what it moves has moved later (Podman's `pull` and load)."""
    health: str | None = None
    """Of a container, where the event is about it: as in `Container`; empty where it does not say which."""
    repo_digest: str | None = None
    """`repository@digest`, where a pull by digest names it: it moves no tag."""

    @property
    def key(self) -> str:
        """What tells this event from every other one of its engine, also when it is told again."""
        return f"{self.time_ns} {self.action} {self.id or ''} {self.reference or ''}"
