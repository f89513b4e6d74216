"""Events that an engine still holds: which, from when on, and what a restart leaves of them."""

from __future__ import annotations

from imgtui.model.core.event import Event
from imgtui.model.core.image import Store
from tests.engine.contract.conftest import archive
from tests.engine.contract.hands import DockerHands, Hands
from tests.engines.private import PrivateEngine
from tests.engines.waiting import wait_until


def tagged(hands: Hands, name: str, since: int = 0) -> list[Event]:
    """The `tag` events that are held of a repository's tags."""
    held = hands.engine.past_events(since)
    return [e for e in held if e.action == "tag" and (e.reference or "").startswith(f"{name}:t")]


def tag_times(hands: Hands, name: str, count: int) -> list[Event]:
    """Tag an image some times; what is held of that."""
    loaded = hands.load(archive(f"{name}:1", name))
    for number in range(count):
        hands.tag(loaded, f"{name}:t{number}")
    # Podman 4.3 writes an event up to 0.1 s after the act.
    wait_until(lambda: len(tagged(hands, name)) >= min(count, 200), "the events are held")
    return tagged(hands, name)


def test_past_events_are_told_in_order_with_tag_and_image_and_the_answer_ends(
    hands: Hands, name: str
) -> None:
    held = tag_times(hands, name, 3)

    assert [event.reference for event in held] == [f"{name}:t{number}" for number in range(3)]
    assert all(event.id for event in held)
    assert [event.time_ns for event in held] == sorted(event.time_ns for event in held)


def test_since_is_a_bound_to_the_nanosecond_and_belongs_to_what_is_told(hands: Hands, name: str) -> None:
    """Podman 4.3 reads it as a floating-point number of seconds, which is exact to about 0.0000002 s."""
    held = tag_times(hands, name, 3)
    least = 1_000_000 if hands.store is Store.PODMAN else 1
    before = held[1].time_ns - (least if hands.store is Store.PODMAN else 0)
    assert tagged(hands, name, before) == held[1:]
    assert tagged(hands, name, held[1].time_ns + least) == held[2:]
    assert tagged(hands, name, held[2].time_ns + least) == []


def test_a_restart_leaves_nothing_with_docker_and_everything_with_podman(own_engine: PrivateEngine) -> None:
    """Docker holds its last 256 events of all kinds, in memory; Podman's file logger keeps all."""
    hands = DockerHands(own_engine)
    loaded = hands.load(archive("web:1", "web"))
    hands.engine.connect()
    for number in range(270):
        hands.engine.tag(loaded, f"web:t{number}")
    wait_until(lambda: tagged(hands, "web")[-1].reference == "web:t269", "the last event is held", 5)
    podman = hands.store is Store.PODMAN

    assert len(tagged(hands, "web")) == (270 if podman else 256)
    own_engine.restart()
    hands.engine.connect()
    assert len(tagged(hands, "web")) == (270 if podman else 0)
    hands.engine.close()
