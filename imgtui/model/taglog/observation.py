"""What was seen of an engine's tags, and when: on clocks that all processes of a machine share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from imgtui.model.core.clock import SECOND, MonotonicTime
from imgtui.model.core.event import Event
from imgtui.model.core.image import Image

IN_FLIGHT = 5 * SECOND
"""Nanoseconds that an event may take from the engine to the log."""


def true_since(confirmed: int, now: int) -> int:
    """Since when nobody saw what happened: when all was known to be true last, by the engine's clock.

    0, which is not known, where that is in the future: the clock was set back since. All in nanoseconds.
    """
    return min(confirmed, now) if confirmed <= now + IN_FLIGHT else 0


@dataclass(frozen=True, slots=True)
class Observation:
    """Where tags pointed at some moment between the question and the answer."""

    tags: Mapping[str, str | None]
    """Tagged familiar reference to image ID; None for a tag that was looked for and is not there.

    Keeps are among them: without them an event that names only an image could not be understood.
    """
    asked: MonotonicTime
    answered: MonotonicTime
    now: int
    """When it was true, nanoseconds since the epoch."""
    whole: bool = False
    """Whether tags that are not in it are gone."""
    events: Sequence[Event] = ()
    """What the engine told since the observation before and had told when it was asked, in its order."""
    images: Mapping[str, Image] = field(default_factory=dict)
    """Images that were seen, by ID."""
    create_first: bool | None = None
    """As `moves_between` takes it."""
    builds_told: bool = False
    """Whether the engine tells each build as one: API 1.45, and Podman."""
    followed: bool = True
    """Whether the engine was followed until then: a look at a few tags alone says nothing of the others."""

    @property
    def true_until(self) -> int:
        """The time up to which nothing can have moved without being seen, nanoseconds since the epoch.

        Of a part it was looked at what events had told by then: others may have been on their way.
        """
        asking = self.answered.seconds - self.asked.seconds if self.answered.boot == self.asked.boot else 0
        return self.now - int(asking * SECOND) - (0 if self.whole else IN_FLIGHT)
