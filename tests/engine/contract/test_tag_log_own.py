"""What an engine tells of imgtui's own references, and of names that it does not say, invents no move."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from imgtui.model.core.image import Store
from imgtui.model.keeps.keep import KeptBy, is_keep
from imgtui.model.plans.plan import Plan, plan_keep, plan_tag, plan_unkeep, plan_untag
from imgtui.model.taglog.moves import Cause, Move
from imgtui.operations.acts.acts import Acts
from imgtui.operations.taglog.scan import everything
from imgtui.store.state import State
from tests.engine.contract.hands import DockerHands, Hands
from tests.engine.contract.story import CLOCK, Story, steps
from tests.engine.contract.test_tag_log import of, told_of_all
from tests.engines.registry import Registry
from tests.engines.waiting import wait_until
from tests.operations.watching import Watcher


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """A state file."""
    found = State(tmp_path / "state")
    yield found
    found.close()


class Imgtui:
    """An imgtui as one calls its verbs: each looks, acts, and ends."""

    def __init__(self, hands: Hands, state: State) -> None:
        self._hands = hands
        self._state = state

    def look(self) -> Watcher:
        """`imgtui log`."""
        return Watcher(self._hands.engine, self._state)

    def keep(self, image_id: str, repository: str) -> None:
        """`imgtui keep`."""
        self._act(lambda seen: plan_keep(seen.catalog, image_id, repository, now(), by=KeptBy.PERSON))

    def unkeep(self, image_id: str) -> None:
        """`imgtui unkeep`."""
        self._act(lambda seen: plan_unkeep(seen.catalog, image_id))

    def there_and_back(self, reference: str, one: str, other: str) -> None:
        """An act that fails in the middle, and puts back what it has done."""
        seen = self.look()
        for image_id in (one, other):
            catalog = everything(self._hands.engine)
            Acts(self._hands.engine, seen.recorder).perform(plan_tag(catalog, image_id, reference, now()))

    def away_and_back(self, reference: str, image_id: str) -> None:
        """Takes a tag away and puts it back, without a look in between."""
        seen = self.look()
        perform = Acts(self._hands.engine, seen.recorder).perform
        perform(plan_untag(everything(self._hands.engine), reference, now()))
        perform(plan_tag(everything(self._hands.engine), image_id, reference, now()))

    def untag(self, reference: str) -> None:
        """`imgtui untag`."""
        self._act(lambda seen: plan_untag(seen.catalog, reference, now()))

    def _act(self, plan: Callable[[Watcher], Plan]) -> None:
        seen = self.look()
        Acts(self._hands.engine, seen.recorder).perform(plan(seen))


@pytest.fixture
def imgtui(hands: Hands, state: State) -> Imgtui:
    """The one whose log is looked at."""
    return Imgtui(hands, state)


@pytest.fixture
def other(hands: Hands) -> Imgtui:
    """Somebody else's, who has a log of his own."""
    return Imgtui(hands, State(None))


def now() -> int:
    return int(time.time())


def two(hands: Hands, name: str, *, named_twice: bool = False) -> tuple[Story, str, str]:
    """A story whose tag points at the second of two images, which has another name too if that is wanted."""
    story = Story(hands, name)
    story.load("one", "one")
    story.load("two", "two")
    story.tag("two", "latest")
    one, second = story.points_at[f"{name}:one"], story.points_at[f"{name}:two"]
    if not named_twice:
        story.remove("two")
    story.happened.clear()
    return story, one, second


def at_rest(hands: Hands, story: Story, imgtui: Imgtui) -> list[Move]:
    """What is in the log when the engine has told everything."""
    wait_until(told_of_all(hands, story), "the engine has told everything", 5)
    return [move for move in of(story, imgtui.look()) if not is_keep(move.reference)]


def test_a_keep_that_is_released_moves_no_tag(hands: Hands, name: str, imgtui: Imgtui) -> None:
    story, one, second = two(hands, name)
    imgtui.look()
    imgtui.keep(second, name)
    imgtui.unkeep(second)
    story.tag("one", "latest")

    (move,) = at_rest(hands, story, imgtui)
    (made,) = story.happened
    assert (move.reference, move.origin, move.target) == (f"{name}:latest", second, one)
    assert (move.cause, move.not_before) == (Cause.TAG, None)
    assert made.begun - CLOCK <= move.at <= made.ended + CLOCK


def test_a_keep_that_is_released_beside_a_prune_prunes_no_tag(
    hands: Hands, name: str, imgtui: Imgtui
) -> None:
    story, one, second = two(hands, name)
    imgtui.look()
    imgtui.keep(second, name)
    imgtui.unkeep(second)
    if isinstance(hands, DockerHands):
        hands.real.docker("image", "prune", "--force")
    story.tag("one", "latest")

    (move,) = at_rest(hands, story, imgtui)
    assert (move.origin, move.target, move.cause) == (second, one, Cause.TAG)


@pytest.mark.parametrize("seen", [True, False], ids=["seen", "unseen"])
def test_a_keep_of_another_imgtui_moves_no_tag(
    hands: Hands, name: str, imgtui: Imgtui, other: Imgtui, *, seen: bool
) -> None:
    """Its log is another one: all that is known here is what the engine tells."""
    story, one, second = two(hands, name)
    imgtui.look()
    other.keep(second, name)
    if seen:
        imgtui.look()
    other.unkeep(second)
    story.tag("one", "latest")

    assert steps(at_rest(hands, story, imgtui)) == [(f"{name}:latest", second, one)]


def test_a_tag_that_imgtui_takes_away_is_not_taken_for_another_of_the_same_image(
    hands: Hands, name: str, imgtui: Imgtui
) -> None:
    story, one, second = two(hands, name, named_twice=True)
    imgtui.look()
    imgtui.untag(f"{name}:two")
    story.tag("one", "latest")

    moves = at_rest(hands, story, imgtui)
    assert steps(moves) == [(f"{name}:two", second, None), (f"{name}:latest", second, one)]
    assert [move.actor for move in moves] == ["imgtui", "outside"]


def test_a_tag_that_one_act_moves_there_and_back_is_moved_no_more_by_the_events_of_it(
    hands: Hands, name: str, imgtui: Imgtui
) -> None:
    story, one, second = two(hands, name)
    imgtui.look()
    imgtui.there_and_back(f"{name}:latest", one, second)
    story.tag("one", "new")

    moves = [move for move in at_rest(hands, story, imgtui) if move.reference == f"{name}:latest"]
    assert [(move.origin, move.target) for move in moves] == [(second, one), (one, second)]


def test_a_tag_that_was_taken_away_and_put_back_is_not_taken_away_again_by_the_event_of_it(
    hands: Hands, name: str, imgtui: Imgtui
) -> None:
    story, one, second = two(hands, name)
    imgtui.look()
    imgtui.away_and_back(f"{name}:latest", second)
    story.tag("one", "latest")

    moves = [move for move in at_rest(hands, story, imgtui) if move.reference == f"{name}:latest"]
    assert [(m.origin, m.target) for m in moves] == [(second, None), (None, second), (second, one)]


def test_who_follows_meanwhile_takes_no_keep_for_a_tag(hands: Hands, name: str, imgtui: Imgtui) -> None:
    story, one, second = two(hands, name)
    recorder = imgtui.look()
    imgtui.keep(second, name)
    recorder.look()
    imgtui.unkeep(second)
    story.tag("one", "latest")
    recorder.look()

    assert steps(at_rest(hands, story, imgtui)) == [(f"{name}:latest", second, one)]


def test_of_two_names_that_were_removed_one_after_the_other_no_time_is_told_that_is_not_so(
    hands: Hands, name: str, imgtui: Imgtui
) -> None:
    story, _, _ = two(hands, name, named_twice=True)
    imgtui.look()
    story.remove("two")
    story.remove("latest")

    moves = at_rest(hands, story, imgtui)
    assert sorted(steps(moves)) == sorted(steps(story.happened))
    for move in moves:
        (real,) = [made for made in story.happened if made.reference == move.reference]
        assert (move.not_before or move.at) <= real.ended
        assert move.at >= real.begun


def test_a_repo_digest_that_is_removed_is_no_move_of_a_tag(
    hands: Hands, name: str, imgtui: Imgtui, registry: Registry | None
) -> None:
    """On graph drivers that is told as an untagging of the image."""
    if hands.store is not Store.GRAPH or not isinstance(hands, DockerHands):
        pytest.skip("repo digests that stay without a tag: graph drivers")
    story = Story(hands, name, registry)
    story.pull("pulled", "one")
    story.load("other", "other")
    image_id = story.points_at[story.happened[0].reference]
    (digest,) = hands.engine.image(image_id).repo_digests  # type: ignore[union-attr]  # it was just pulled
    story.tag(image_id, "latest")
    story.happened.clear()
    imgtui.look()
    story.remove("pulled")
    story.tag("other", "latest")
    moves = at_rest(hands, story, imgtui)
    latest = [move for move in moves if move.reference == f"{name}:latest"]
    assert steps(latest) == [(f"{name}:latest", image_id, story.points_at[f"{name}:other"])]
    assert digest
