"""However looks and events of several programs overtake each other, the log has each move once, in order.

A tag moves, and programs look where it is: each asks, is answered, and gets to write some time later, with
the events that had arrived before it asked. What is true when is known; in what order they come is chance.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from typing import Final

from imgtui.model.core.clock import SECOND, MonotonicTime
from imgtui.model.core.event import Event
from imgtui.model.core.image import Image
from imgtui.model.taglog.moves import Move
from imgtui.model.taglog.observation import Observation
from imgtui.store.state import State
from imgtui.store.tag_log import TagLog
from tests.suite.sample import Share

TAG: Final = "web:latest"
IMAGES: Final = [f"sha256:{digit * 64}" for digit in "abc"]
SEEDS: Final = 2_000


@dataclass(frozen=True, order=True)
class Look:
    """One look of a program, in seconds."""

    written: float
    """When it gets to write what it saw."""
    program: int
    asked: float
    seen: float
    """When it is where the tag was seen."""
    answered: float


class Race:
    """A tag that moves, and programs that record it."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.log = TagLog(State(None), "engine")
        count = chance.randint(2, 8)
        images = itertools.cycle(IMAGES[: chance.choice([2, 3, 3])])
        self.made = [(at, next(images)) for at in self._times(count, 10.0, 11.0)]
        self._over = 11.0 + chance.choice([0.1, 0.5])
        """By then everything has been told."""

    def _times(self, count: int, least: float, most: float) -> list[float]:
        return sorted(self._chance.uniform(least, most) for _ in range(count))

    def run(self) -> None:
        """Until all is told: never is anything recorded that did not happen, or twice."""
        self._record(Look(0.0, -1, 0.0, 0.0, 0.0), [], whole=True)
        programs = range(self._chance.choice([2, 2, 3]))
        told = [self._arriving() for _ in programs]
        looks = [look for program in programs for look in self._looks(program)]
        last = [
            Look(at, program, at, at, at) for program, at in zip(programs, (12.0, 12.1, 12.2), strict=False)
        ]
        for look in (*sorted(looks), *last):
            events = [event for at, event in told[look.program] if at <= look.asked]
            del told[look.program][: len(events)]
            self._record(look, events)

    def _arriving(self) -> list[tuple[float, Event]]:
        """When a program is told of each move: in order, and late."""
        late = self._times(len(self.made), 10.0 + self._chance.choice([0.0, 0.5]), self._over)
        return [
            (max(at, when), Event("image", "tag", image_id, TAG, _ns(at)))
            for (at, image_id), when in zip(self.made, late, strict=True)
        ]

    def _looks(self, program: int) -> list[Look]:
        """One after the other."""
        times = iter(self._times(4 * self._chance.randint(1, 6), 10.0, self._over))
        return [
            Look(written, program, *rest) for *rest, written in zip(times, times, times, times, strict=True)
        ]

    def _record(self, look: Look, events: list[Event], *, whole: bool = False) -> None:
        target = next((image_id for at, image_id in reversed(self.made) if at <= look.seen), None)
        tags = {} if whole and target is None else {TAG: target}
        moments = MonotonicTime("boot", look.asked), MonotonicTime("boot", look.answered)
        images = {image_id: Image(image_id, ()) for image_id in IMAGES}
        now = _ns(look.answered)
        self.log.record(Observation(tags, *moments, now, whole, events, images, builds_told=True))
        made = iter(self.made)
        assert all(any(move.target == target for _, target in made) for move in self.moves), look

    @property
    def moves(self) -> list[Move]:
        """What is recorded, oldest first."""
        return self.log.moves()[::-1]


def _ns(seconds: float) -> int:
    return int((1000 + seconds) * SECOND)


def test_each_move_is_told_once_and_in_order_whoever_is_late(share: Share) -> None:
    for seed in share.of(range(SEEDS)):
        race = Race(random.Random(seed))
        race.run()
        assert [move.target for move in race.moves] == [image_id for _, image_id in race.made], f"seed {seed}"
