"""Keep rules on every store: what a rule wants runs, and what it releases is gone from its names."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from imgtui.engine.port.engine import Engine
from imgtui.model.core.clock import SECOND
from imgtui.model.keeps.rules import KeepRule
from imgtui.model.taglog.moves import Cause
from imgtui.operations.keeps.keeping import Keeping
from imgtui.operations.taglog.scan import everything
from imgtui.store.state import State
from tests.engine.contract.hands import Hands
from tests.operations.clocks import Clocks
from tests.operations.watching import Watcher

DAY = 86_400.0


def test_an_engine_tells_its_clock(hands: Hands) -> None:
    before = time.time_ns()
    told = hands.engine.clock()
    assert before - SECOND <= told <= time.time_ns() + SECOND


class Later:
    """An engine whose clock goes as these clocks do, and everything else as it is."""

    def __init__(self, behind: Engine, clocks: Clocks) -> None:
        self._behind = behind
        self._clocks = clocks

    def clock(self) -> int:
        """As it is told to go."""
        return self._clocks.engine()

    def __getattr__(self, name: str) -> object:
        return getattr(self._behind, name)


class Shelf:
    """A repository on an engine, whose rule is applied after each build."""

    def __init__(self, hands: Hands, name: str, rule: KeepRule) -> None:
        self.hands, self.name = hands, name
        self.clocks = Clocks(time.time())
        self.watcher = Watcher(hands.engine, State(None), clock=self.clocks.wall)
        engine: Engine = Later(hands.engine, self.clocks)  # type: ignore[assignment] # passes all on
        self.keeping = Keeping(engine, self.watcher.recorder, [rule], lambda _: (), clock=self.clocks.moment)

    def build(self, *tags: str) -> str:
        """Build, and apply the rule; the image ID."""
        self.hands.build(f"{self.name}:{tags[0]}", str(time.time_ns()))
        for tag in tags[1:]:
            self.hands.tag(f"{self.name}:{tags[0]}", f"{self.name}:{tag}")
        self.apply()
        return everything(self.hands.engine).tags[f"{self.name}:{tags[0]}"]

    def apply(self) -> list[str | None]:
        """Look, and apply the rule here; what is released."""
        self.watcher.start()
        return [move.origin for move in self.keeping.apply(self.watcher.catalog, [self.name])]

    def has(self, image_id: str) -> bool:
        """Whether an image is there under any name that holds it."""
        image = self.hands.engine.image(image_id)
        return image is not None and bool(image.tags or image.keeps)


@pytest.fixture
def shelf(hands: Hands, name: str) -> Iterator[Shelf]:
    """Two of each tag are held beyond what anything else does."""
    familiar = f"localhost/{name}" if _is_podman(hands) else name
    found = Shelf(hands, familiar, KeepRule(familiar, last=2))
    yield found
    for image in everything(hands.engine).images.values():
        for reference in (*image.tags, *image.keeps):
            if name in reference:
                hands.engine.untag(reference)


def _is_podman(hands: Hands) -> bool:
    return hands.engine.connect().product != "Docker"


def test_the_last_of_a_tag_stay_and_the_others_go_after_their_grace_time(shelf: Shelf) -> None:
    tagged = [shelf.build("latest", f"{number}.0") for number in range(2)]
    plain = [shelf.build("latest") for _ in range(4)]
    assert all(map(shelf.has, (*tagged, *plain)))
    shelf.clocks.wait(DAY - 60)
    assert shelf.apply() == []
    shelf.clocks.wait(120)
    assert shelf.apply() == plain[:1]
    assert [shelf.has(image_id) for image_id in plain] == [False, True, True, True]
    assert all(map(shelf.has, tagged))
    (release,) = (move for move in shelf.watcher.log.moves() if move.cause is Cause.RELEASE)
    assert (release.origin, release.target, release.source) == (plain[0], None, f"rule {shelf.name}")


def test_what_a_container_runs_stays_until_it_is_gone_and_its_grace_time_over(
    shelf: Shelf, containers: list[str]
) -> None:
    first = shelf.build("latest")
    runner = f"{shelf.name.rpartition('/')[2]}-runs"
    containers.append(runner)
    shelf.hands.create(runner, first)
    for _ in range(4):
        shelf.build("latest")
    shelf.clocks.wait(2 * DAY)
    assert first not in shelf.apply()
    shelf.hands.discard(runner)
    assert shelf.apply() == []
    shelf.clocks.wait(DAY)
    assert shelf.apply() == [first]
