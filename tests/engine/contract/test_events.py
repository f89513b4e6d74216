"""Events say where to look, from the moment the stream is open until it is closed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from imgtui.model.core.event import Event
from imgtui.model.core.image import Store
from tests.engine.contract.conftest import archive
from tests.engine.contract.hands import Hands
from tests.engines.waiting import wait_until

PROMPTLY = 5.0


class Listener:
    """Collects the events of a stream in a thread of its own."""

    def __init__(self, hands: Hands) -> None:
        self.stream = hands.engine.events()
        self.heard: list[Event] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def wait_for(self, wanted: Callable[[Event], bool]) -> Event:
        wait_until(lambda: any(map(wanted, self.heard)), "the event", 15)
        return next(filter(wanted, self.heard))

    def ended(self) -> bool:
        self._thread.join(PROMPTLY)
        return not self._thread.is_alive()

    def _listen(self) -> None:
        for event in self.stream:
            self.heard.append(event)


@contextmanager
def listening(hands: Hands) -> Iterator[Listener]:
    listener = Listener(hands)
    try:
        yield listener
    finally:
        listener.stream.close()
        assert listener.ended()


def test_a_tag_event_names_the_image_and_the_tag(hands: Hands, name: str) -> None:
    loaded = hands.load(archive(f"{name}:1", name))
    with listening(hands) as listener:
        hands.tag(f"{name}:1", f"localhost:5000/{name}:2")
        event = listener.wait_for(lambda event: event.kind == "image" and event.action == "tag")

    assert event.id == loaded
    assert event.reference == f"localhost:5000/{name}:2"
    assert event.time_ns > 1_700_000_000 * 10**9


def test_an_act_right_after_the_stream_is_open_is_seen(hands: Hands, name: str) -> None:
    loaded = hands.load(archive(f"{name}:1", name))
    for number in range(5):
        with listening(hands) as listener:
            hands.tag(loaded, f"{name}:again-{number}")
            listener.wait_for(lambda event: event.id == loaded and event.action == "tag")


def test_a_moved_tag_tells_nothing_of_the_image_that_lost_it(hands: Hands, name: str) -> None:
    loser = hands.load(archive(f"{name}:1", name, "loser"))
    winner = hands.load(archive(f"{name}:2", name, "winner"))
    with listening(hands) as listener:
        hands.tag(f"{name}:2", f"{name}:1")
        hands.tag(f"{name}:2", f"{name}:end")
        listener.wait_for(lambda event: event.reference == f"{name}:end")

    # Podman may tell of the loads when they are over, without a name.
    heard = [event for event in listener.heard if event.action != "loadfromarchive"]
    assert {event.id for event in heard if event.kind == "image"} == {winner}
    assert loser not in {event.id for event in listener.heard}


def test_a_build_names_the_image_it_made_or_its_tag(hands: Hands, name: str) -> None:
    with listening(hands) as listener:
        built = hands.build(f"{name}:1", name)
        listener.wait_for(lambda event: event.id == built or event.reference == f"{name}:1")


def test_an_untag_event_names_the_image_and_on_the_containerd_store_the_tag(hands: Hands, name: str) -> None:
    loaded = hands.load(archive(f"{name}:1", name))
    hands.tag(loaded, f"{name}:2")
    with listening(hands) as listener:
        hands.remove(f"{name}:2")
        event = listener.wait_for(lambda event: event.action == "untag")

    assert event.id == loaded
    assert event.reference == (None if hands.store is Store.GRAPH else f"{name}:2")


def test_a_removed_image_is_told_by_its_id(hands: Hands, name: str) -> None:
    loaded = hands.load(archive(f"{name}:1", name))
    with listening(hands) as listener:
        hands.remove(f"{name}:1")
        listener.wait_for(lambda event: event.action == "delete" and event.id == loaded)


def test_a_loaded_image_is_told(hands: Hands, name: str) -> None:
    with listening(hands) as listener:
        loaded = hands.load(archive(f"{name}:1", name))
        event = listener.wait_for(lambda event: event.action.startswith("load"))

    # Podman's `loadfromarchive` names nothing: only a list tells what was loaded.
    assert event.id == (None if hands.store is Store.PODMAN else loaded)


def test_a_container_is_told_by_its_id_when_it_comes_and_goes(hands: Hands, name: str) -> None:
    hands.load(archive(f"{name}:1", name, config={"Cmd": ["true"]}))
    with listening(hands) as listener:
        made = hands.create(name, f"{name}:1")
        listener.wait_for(lambda event: (event.kind, event.action, event.id) == ("container", "create", made))
        hands.discard(name)
        gone = "remove" if hands.store is Store.PODMAN else "destroy"
        listener.wait_for(lambda event: (event.kind, event.action, event.id) == ("container", gone, made))


def test_two_listeners_both_hear(hands: Hands, name: str) -> None:
    loaded = hands.load(archive(f"{name}:1", name))
    with listening(hands) as first, listening(hands) as second:
        hands.tag(loaded, f"{name}:2")
        for listener in (first, second):
            listener.wait_for(lambda event: event.id == loaded)


def test_closing_from_another_thread_ends_the_iteration_at_once(hands: Hands) -> None:
    listener = Listener(hands)
    listener.stream.close()

    assert listener.ended()


def test_closing_twice_and_after_the_engine_is_harmless(hands: Hands) -> None:
    listener = Listener(hands)
    hands.engine.close()
    listener.stream.close()
    listener.stream.close()

    assert listener.ended()
