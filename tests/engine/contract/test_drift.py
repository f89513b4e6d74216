"""Drift of real containers: the tag moved by the docker client, watched and not, gone, rebuilt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from imgtui.model.catalog.drift import Drift, Standing, drifts
from imgtui.model.core.image import Store
from imgtui.model.taglog.moves import Cause, Provenance
from imgtui.store.state import State
from tests.engine.contract.conftest import archive
from tests.engine.contract.hands import DockerHands, Hands
from tests.engines.private import PrivateEngine
from tests.engines.waiting import wait_until
from tests.operations.watching import Watcher

RUNNABLE: dict[str, object] = {"Cmd": ["true"]}


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """A state file."""
    found = State(tmp_path / "state")
    yield found
    found.close()


def three(hands: Hands, name: str, containers: list[str]) -> tuple[str, str, str]:
    """Three images, and a container that was created from a tag of the first."""
    ids = [
        hands.load(archive(f"{name}:v{number}", f"{name} {number}", config=RUNNABLE)) for number in (1, 2, 3)
    ]
    hands.tag(f"{name}:v1", f"{name}:latest")
    containers.append(name)
    hands.create(name, f"{name}:latest")
    return ids[0], ids[1], ids[2]


def drift_of(watcher: Watcher, name: str) -> Drift:
    """Of the container of this name."""
    found = drifts(watcher.catalog, watcher.log.moves())
    (drift,) = [drift for drift in found if drift.container.name == name]
    return drift


def points(watcher: Watcher, tag: str, image_id: str | None) -> None:
    """Wait until a watcher knows where a tag points, and why: Podman tells its events a little late."""

    def known() -> bool:
        watcher.look()
        newest = next((move for move in watcher.log.moves() if move.reference == tag), None)
        return (
            watcher.log.tags().get(tag) == image_id == watcher.catalog.tags.get(tag)
            and newest is not None
            and newest.cause is not Cause.UNKNOWN
        )

    wait_until(known, f"{tag} points at {image_id}", 5)


def test_a_tag_that_moved_twice_under_watch_is_two_moves_ahead(
    hands: Hands, name: str, containers: list[str], state: State
) -> None:
    one, two, three_ = three(hands, name, containers)
    watcher = Watcher(hands.engine, state)
    before = drift_of(watcher, name)
    assert (before.standing, before.behind, before.tag_now) == (Standing.CURRENT, 0, one)
    for image_id in (two, three_):
        hands.tag(image_id, f"{name}:latest")
        points(watcher, f"{name}:latest", image_id)

    found = drift_of(watcher, name)
    assert (found.standing, found.container.image_id, found.tag_now) == (Standing.DRIFT, one, three_)
    assert found.behind == 2
    assert found.left is not None
    assert (found.left.origin, found.left.target, found.left.known) == (one, two, Provenance.EVENT)
    assert found.left.not_before is None


def test_a_tag_that_moved_twice_unseen_is_two_moves_ahead_as_the_engine_still_tells(
    hands: Hands, name: str, containers: list[str], state: State
) -> None:
    one, two, three_ = three(hands, name, containers)
    Watcher(hands.engine, state)
    for image_id in (two, three_):
        hands.tag(image_id, f"{name}:latest")
    watcher = Watcher(hands.engine, state)
    points(watcher, f"{name}:latest", three_)

    found = drift_of(watcher, name)
    assert (found.standing, found.tag_now, found.behind) == (Standing.DRIFT, three_, 2)
    assert found.left is not None
    assert (found.left.origin, found.left.target) == (one, two)


def test_what_moved_before_anybody_watched_has_no_time_and_no_number(
    hands: Hands, name: str, containers: list[str], state: State
) -> None:
    one, two, _ = three(hands, name, containers)
    hands.tag(two, f"{name}:latest")

    found = drift_of(Watcher(hands.engine, state), name)
    assert (found.standing, found.container.image_id, found.tag_now) == (Standing.DRIFT, one, two)
    assert (found.left, found.behind) == (None, None)


def test_a_tag_that_is_gone_is_told_apart(
    hands: Hands, name: str, containers: list[str], state: State
) -> None:
    one, two, _ = three(hands, name, containers)
    watcher = Watcher(hands.engine, state)
    hands.tag(two, f"{name}:latest")
    points(watcher, f"{name}:latest", two)
    assert hands.remove(f"{name}:latest")
    points(watcher, f"{name}:latest", None)

    found = drift_of(watcher, name)
    assert (found.standing, found.tag_now, found.behind) == (Standing.TAG_GONE, None, 2)
    assert found.left is not None
    assert (found.left.origin, found.left.target) == (one, two)


def test_a_container_of_an_image_id_has_no_tag(
    hands: Hands, name: str, containers: list[str], state: State
) -> None:
    """Podman says of such a container that it was created from a tag of the image (4.3)."""
    image_id = hands.load(archive(f"{name}:1", name, config=RUNNABLE))
    containers.append(name)
    hands.create(name, image_id)

    expected = Standing.CURRENT if hands.store is Store.PODMAN else Standing.NO_TAG
    assert drift_of(Watcher(hands.engine, state), name).standing is expected


@pytest.mark.parametrize("real_engine", ["docker28-containerd"], indirect=True)
def test_a_container_of_a_tag_with_a_digest_is_pinned(real_engine: PrivateEngine, name: str) -> None:
    hands = DockerHands(real_engine)
    image_id = hands.build(f"{name}:1", name)
    real_engine.docker("create", "--name", name, f"{name}:1@{image_id}")
    try:
        (found,) = [each for each in hands.engine.containers() if each.name == name]
        assert (found.created_from, found.pinned, found.image_id) == (None, f"{name}:1", image_id)
    finally:
        hands.discard(name)
        hands.engine.close()


def test_a_rebuild_of_equal_content_is_no_drift_though_its_image_is_another_one(
    hands: Hands, name: str, containers: list[str], state: State
) -> None:
    """On the containerd store BuildKit's provenance makes another index, and drops the one that runs."""
    before = hands.build(f"{name}:latest", name)
    containers.append(name)
    hands.create(name, f"{name}:latest")
    watcher = Watcher(hands.engine, state)
    after = hands.build(f"{name}:latest", name)
    if hands.store is not Store.CONTAINERD:
        assert after == before
        assert drift_of(watcher, name).standing is Standing.CURRENT
        return
    points(watcher, f"{name}:latest", after)
    found = drift_of(watcher, name)
    assert hands.engine.image(before) is None
    assert (found.standing, found.container.image_id, found.tag_now) == (Standing.REBUILT, before, after)
    assert (found.behind, found.drifted) == (1, False)

    changed = hands.build(f"{name}:latest", f"{name} changed")
    points(watcher, f"{name}:latest", changed)
    assert (drift_of(watcher, name).standing, drift_of(watcher, name).behind) == (Standing.DRIFT, 2)
