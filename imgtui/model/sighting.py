"""What was seen of an engine's tags, and when: on clocks that all processes of a machine share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from imgtui.model.event import Event
from imgtui.model.image import Image


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time on a clock that never steps back; comparable within one run of the machine."""

    boot: str
    """Which run of the machine."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where tags pointed at some moment between the question and the answer."""

    tags: Mapping[str, str | None]
    """Tagged familiar reference to image ID; None for a tag that was looked for and is not there."""
    asked: Moment
    answered: Moment
    now: int
    """When it was true, nanoseconds since the epoch."""
    whole: bool = False
    """Whether tags that are not in it are gone."""
    events: Sequence[Event] = ()
    """What the engine told since the sighting before, in its order."""
    images: Mapping[str, Image] = field(default_factory=dict)
    """Images that were seen, by ID."""
