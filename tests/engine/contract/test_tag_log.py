"""The tag log equals what the docker client did: watched, unwatched, and over a restart of the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from imgtui.model.core.image import Store
from imgtui.model.taglog.moves import Cause, Move, Provenance
from imgtui.store.state import State
from tests.engine.contract.hands import DockerHands, Hands
from tests.engine.contract.story import CLOCK, Story, assert_told, steps
from tests.engines.kinds import BUILDS_AS_TAGS, HIDES_BUILDS
from tests.engines.looked_at import not_on
from tests.engines.private import PrivateEngine
from tests.engines.registry import Registry
from tests.engines.waiting import wait_until
from tests.operations.watching import Watcher

Act = Callable[[Story], object]
tells_builds = not_on(HIDES_BUILDS, why="it tells no builds, which only a look at all images finds")

REBUILDS: tuple[Act, ...] = tuple(partial(Story.build, tag="latest", text=str(number)) for number in range(5))
RETAGS: tuple[Act, ...] = (
    lambda story: story.build("latest", "new"),
    lambda story: story.tag("latest", "new"),
    lambda story: story.build("old", "old"),
    lambda story: story.tag("old", "latest"),
    lambda story: story.tag("new", "latest"),
    lambda story: story.tag("old", "latest"),
    lambda story: story.remove("latest"),
    lambda story: story.tag("new", "latest"),
    lambda story: story.remove("old"),
)
ARRIVALS: tuple[Act, ...] = (
    lambda story: story.load("removed", "one"),
    lambda story: story.remove("removed"),
    lambda story: story.pull("pulled", "one"),
    lambda story: story.pull("pulled", "two"),
    lambda story: story.load("loaded", "one"),
    lambda story: story.load("loaded", "two"),
    lambda story: story.bring_in("imported", "one"),
    lambda story: story.bring_in("imported", "two"),
    lambda story: story.commit(story.name, "committed", "one"),
    lambda story: story.commit(story.name, "committed", "two"),
    lambda story: story.prune(),
)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """A state file."""
    found = State(tmp_path / "state")
    yield found
    found.close()


def of(story: Story, watcher: Watcher) -> list[Move]:
    """What is recorded of a story's tags, oldest first."""
    return [move for move in watcher.moves if f"{story.name}:" in move.reference]


def knows(watcher: Watcher, story: Story, after: int = 0) -> Callable[[], bool]:
    """Whether a watcher, looking once more, knows where every tag of a story points, and why.

    Podman 4.3 writes down an event up to 0.1 s after the act that it tells.
    """

    def look() -> bool:
        watcher.look()
        there = {tag: at for tag, at in watcher.log.tags().items() if f"{story.name}:" in tag}
        return there == story.points_at and all(
            move.cause is not Cause.UNKNOWN for move in of(story, watcher)[after:]
        )

    return look


@tells_builds
@pytest.mark.parametrize("acts", [REBUILDS, RETAGS, ARRIVALS], ids=["rebuilds", "retags", "arrivals"])
def test_whoever_looks_after_each_move_has_each_once_with_its_time_and_cause(
    hands: Hands,
    name: str,
    containers: list[str],
    state: State,
    registry: Registry | None,
    acts: tuple[Act, ...],
) -> None:
    story = begun(hands, name, containers, registry, acts)
    watcher = Watcher(hands.engine, state)
    for act in acts:
        act(story)
        wait_until(knows(watcher, story), f"knows {story.happened[-1:]}", 5)

    moves = of(story, watcher)
    assert_told(moves, story.expected())
    if hands.store is not Store.PODMAN:
        assert steps(moves) == steps(story.happened)
        assert all((move.known, move.not_before) == (Provenance.EVENT, None) for move in moves)


@tells_builds
@pytest.mark.parametrize("acts", [REBUILDS, RETAGS, ARRIVALS], ids=["rebuilds", "retags", "arrivals"])
def test_what_happened_while_nobody_watched_is_found_as_far_as_the_engine_tells_it(
    hands: Hands,
    name: str,
    containers: list[str],
    state: State,
    registry: Registry | None,
    acts: tuple[Act, ...],
) -> None:
    """Of what no event tells whole (`load`, `pull`, Podman's `build` and `commit`) the last is known.

    Podman 4.3's loads name nothing, as commits do: with both of them about, neither's cause is known. A load
    of Podman 5.8 names the image.
    """
    story = begun(hands, name, containers, registry, acts)
    Watcher(hands.engine, state)
    for act in acts:
        act(story)
    wait_until(told_of_all(hands, story), "the engine has told everything", 5)
    moves = of(story, Watcher(hands.engine, state))

    made = story.expected(watched=False)
    if isinstance(hands, DockerHands) and hands.real.kind == "podman" and acts is ARRIVALS:
        nameless = {f"{name}:loaded", f"{name}:committed"}
        unknown = [move for move in moves if move.reference in nameless]
        assert {move.cause for move in unknown} == {Cause.UNKNOWN}
        assert all(move.not_before is not None for move in unknown)
        moves = [move for move in moves if move.reference not in nameless]
        made = [real for real in made if real.reference not in nameless]
    assert_told(moves, made)


def begun(
    hands: Hands, name: str, containers: list[str], registry: Registry | None, acts: tuple[Act, ...]
) -> Story:
    """A story, with a container to be committed where one is."""
    if acts is ARRIVALS and isinstance(hands, DockerHands):
        Story(hands, f"{name}-base").load("1", "base")
        hands.create(name, f"{name}-base:1")
        containers.append(name)
    return Story(hands, name, registry)


def told_of_all(hands: Hands, story: Story) -> Callable[[], bool]:
    """Whether an event is held that is as late as the last move: Podman writes them one after the other."""
    last = story.happened[-1]
    return lambda: any(e.time_ns >= last.begun - CLOCK for e in hands.engine.past_events(last.begun - CLOCK))


@tells_builds
def test_over_a_restart_of_the_engine_only_podman_tells_what_happened(
    own_engine: PrivateEngine, state: State
) -> None:
    """Docker holds its events in memory: after a restart only the difference is known, and since when."""
    hands = DockerHands(own_engine)
    story = Story(hands, "web")
    story.build("other", "before")
    watcher = Watcher(hands.engine, state)
    wait_until(knows(watcher, story), "knows what is there", 5)
    story.happened.clear()
    for act in (*RETAGS, *REBUILDS[:2]):
        act(story)
    wait_until(told_of_all(hands, story), "the engine has told everything", 5)
    own_engine.restart()
    watcher.start()
    moves = of(story, watcher)

    if hands.store is Store.PODMAN:
        assert_told(moves, story.expected(watched=False))
    else:
        last = {made.reference: made for made in story.happened}
        first = {made.reference: made for made in reversed(story.happened)}
        changed = {tag for tag in last if first[tag].origin != last[tag].target}
        assert sorted(steps(moves)) == [(tag, first[tag].origin, last[tag].target) for tag in sorted(changed)]
        for move in moves:
            assert (move.cause, move.known) == (Cause.UNKNOWN, Provenance.SNAPSHOT)
            assert move.not_before is not None
            assert move.not_before <= first[move.reference].begun < last[move.reference].ended <= move.at
    story.build("latest", "after")
    wait_until(knows(watcher, story, len(moves)), "knows the move after the restart", 5)
    assert of(story, watcher)[-1].cause is Cause.BUILD
    hands.engine.close()


def test_a_load_that_another_move_followed_unseen_is_not_known(hands: Hands, name: str, state: State) -> None:
    """`load` does not say which tag it moved; of the tag's moves only the `docker tag` after it is told."""
    story = Story(hands, name)
    story.load("other", "other")
    story.load("latest", "first")
    Watcher(hands.engine, state)
    story.happened.clear()
    story.load("latest", "second")
    story.tag("other", "latest")
    wait_until(told_of_all(hands, story), "the engine has told everything", 5)
    (move,) = of(story, Watcher(hands.engine, state))

    load, tag = story.happened
    assert (move.origin, move.target) == (load.origin, tag.target)
    assert (move.cause, move.known, move.not_before) == (Cause.TAG, Provenance.EVENT, None)
    assert tag.begun - CLOCK <= move.at <= tag.ended + CLOCK


@tells_builds
def test_a_rebuild_of_nothing_new_is_a_build_where_the_builder_says_so(
    hands: Hands, name: str, state: State
) -> None:
    """Others send for a build from the cache what `docker tag` sends."""
    story = Story(hands, name)
    story.build("latest", "one")
    story.tag("latest", "other")
    story.build("latest", "two")
    watcher = Watcher(hands.engine, state)
    story.happened.clear()
    story.build("latest", "one")
    wait_until(knows(watcher, story), "knows the rebuild", 5)
    (move,) = of(story, watcher)

    as_tag = isinstance(hands, DockerHands) and hands.real.kind in BUILDS_AS_TAGS
    assert move.cause is (Cause.TAG if as_tag else Cause.BUILD)
    same = hands.store is not Store.CONTAINERD  # there every build has a provenance of its own
    assert (move.target == story.points_at[f"{name}:other"]) == same
