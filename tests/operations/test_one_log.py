"""Several that follow one engine and share a state file tell the same, whoever has written it first."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.engine import EventStream, Listing
from imgtui.engine.port.errors import EngineError
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.clock import SECOND
from imgtui.model.core.event import Event
from imgtui.model.core.image import EngineInfo, Image, Store
from imgtui.model.keeps.keep import is_keep
from imgtui.model.keeps.rules import KeepRule
from imgtui.model.plans.plan import plan_tag
from imgtui.model.taglog.moves import Cause, Move, Provenance
from imgtui.operations.protocol.updates import ActEnded, EngineState, LayersLearned, Phase, Remembered
from imgtui.operations.session import session as sessions
from imgtui.operations.session.session import Session
from imgtui.operations.taglog.reconcile import reconcile
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.replayed import prove
from imgtui.operations.taglog.scan import everything, look
from imgtui.store.cached.cache import Cache
from imgtui.store.state import State
from tests.engines.waiting import wait_until
from tests.operations.listening import SECONDS, Counted, Listener, made
from tests.operations.watching import Watcher


class Waiting(Counted):
    """An engine that can be held while it is asked for one image."""

    def __init__(self, memory: MemoryEngine) -> None:
        super().__init__(memory)
        self.open = threading.Event()
        self.open.set()
        self.waits = threading.Event()

    def image(self, name: str) -> Image | None:
        if not self.open.is_set():
            self.waits.set()
            assert self.open.wait(SECONDS)
        return super().image(name)


@contextmanager
def following(engine: Counted, path: Path, told: Listener) -> Iterator[Session]:
    """A session that is live, as an explorer has it."""
    recorder = Recorder(engine, lambda: State(path))
    session = Session(engine, Cache(None), "", told, recorder=recorder)
    session.start()
    told.until_live()
    yield session
    session.close()


def requests(engine: Counted) -> int:
    """How often it was asked what there is; facts of what is here already may still be fetched."""
    return sum(engine.count(request) for request in ("connect", "list", "find", "image", "past events"))


def log_of(told: Listener) -> list[Move]:
    """What was told last of the log, the newest first."""
    return list([update for update in told.heard if isinstance(update, Remembered)][-1].log)


def test_who_comes_second_to_record_a_move_tells_it_all_the_same(tmp_path: Path) -> None:
    memory, told = MemoryEngine(store=Store.CONTAINERD), Listener()
    engine, path = Waiting(memory), tmp_path / "state.db"
    old = memory.build(made("old"), "web:latest")
    with following(engine, path, told):
        other = Watcher(memory, State(path))
        engine.open.clear()
        new = memory.build(made("new"), "web:latest")
        assert engine.waits.wait(SECONDS), "the session has heard of it"
        other.look()
        engine.open.set()
        told.until_live(lambda catalog: old in catalog.past.names, "the version before")
        assert [(move.origin, move.target) for move in log_of(told)] == [(old, new)]
        assert told.catalog.former_tags == {old: ("web:latest",)}
        assert log_of(told) == other.log.moves()


def test_what_another_one_writes_is_told_without_a_request(tmp_path: Path) -> None:
    memory, told = MemoryEngine(), Listener()
    engine, path = Counted(memory), tmp_path / "state.db"
    here = memory.build(made("here"), "web:latest")
    with following(engine, path, told):
        other = Watcher(memory, State(path))
        asked = requests(engine)
        move = Move("api:1", here, None, 5 * SECOND, None, Cause.UNTAG, Provenance.EVENT)
        other.log.add([move])
        told.until_live(lambda catalog: here in catalog.past.names, "the move")
        assert [replace(found, number=0) for found in log_of(told)] == [move]
        assert requests(engine) == asked
    assert sessions.WATCH_SECONDS + sessions.BURST_SECONDS < 0.5, "the longest time that it may take"


def test_a_change_of_the_file_that_changes_nothing_in_the_log_is_not_told(tmp_path: Path) -> None:
    memory, told = MemoryEngine(), Listener()
    path = tmp_path / "state.db"
    here = memory.build(made("here"), "web:latest")
    with following(Counted(memory), path, told):
        other, heard = Watcher(memory, State(path)), len(told.heard)
        other.recorder.confirm()
        other.log.add([Move("api:1", here, None, 5 * SECOND, None, Cause.UNTAG, Provenance.EVENT)])
        told.until_live(lambda catalog: here in catalog.past.names, "what came after it")
        news = [type(update) for update in told.heard[heard:] if not isinstance(update, LayersLearned)]
        assert news == [Remembered, EngineState]


def test_an_act_that_ends_when_the_engine_goes_is_told_though_it_never_comes_back(tmp_path: Path) -> None:
    memory, told = MemoryEngine(), Listener()
    engine = Waiting(memory)
    here = memory.build(made("here"), "web:latest")
    with following(engine, tmp_path / "state.db", told) as session:
        act = plan_tag(told.catalog, here, "web:2", 5)
        engine.open.clear()
        memory.tag(here, "web:3")
        assert engine.waits.wait(SECONDS), "the session looks at what it has heard"
        memory.stop_answering()
        session.services.acts.act(act)
        engine.open.set()
        told.until(lambda: told.state.phase is Phase.LOST, "the loss")
        told.until(lambda: any(isinstance(update, ActEnded) for update in told.heard), "the end of the act")


# ------------------------------------------------------------------ answers that fail


class Deaf(Counted):
    """An engine whose events a proxy forbids."""

    def past_events(self, since: int) -> list[Event]:
        raise EngineError("forbidden by a proxy", status=403)

    def events(self) -> EventStream:
        raise EngineError("forbidden by a proxy", status=403)


def test_a_look_goes_on_where_events_are_forbidden(tmp_path: Path) -> None:
    memory, state = MemoryEngine(), State(tmp_path / "state.db")
    old = memory.build(made("old"), "web:latest")
    look(Deaf(memory), Recorder(Deaf(memory), lambda: state))
    new = memory.build(made("new"), "web:latest")
    engine = Deaf(memory)
    recorder = Recorder(engine, lambda: state)
    (move,) = look(engine, recorder).moves
    assert (move.origin, move.target, move.known) == (old, new, Provenance.SNAPSHOT)
    assert move.not_before is not None
    assert recorder.unheard == "forbidden by a proxy"


def test_an_explorer_shows_an_engine_that_tells_no_events_and_says_that_it_cannot_follow(
    tmp_path: Path,
) -> None:
    memory, told = MemoryEngine(), Listener()
    here = memory.build(made("here"), "web:latest")
    engine = Deaf(memory)
    session = Session(
        engine, Cache(None), "", told, recorder=Recorder(engine, lambda: State(tmp_path / "state.db"))
    )
    session.start()
    told.until(lambda: told.states and told.state.phase is Phase.LOST and told.state.problem, "the reason")
    assert set(told.catalog.images) == {here}
    assert "tells no events" in str(told.state.problem)
    session.close()


class Lacking(Counted):
    """An engine whose lists lack a tag that it knows by its name (moby issue 47674)."""

    def list_images(self) -> Iterator[Listing]:
        for part in super().list_images():
            yield replace(part, images=tuple(self._without(part.images)))

    def find_images(self, references: Sequence[str]) -> list[Image]:
        return self._without(super().find_images(references))

    def _without(self, images: Iterable[Image]) -> list[Image]:
        return [replace(image, tags=tuple(set(image.tags) - {"web:lacking"})) for image in images]


def test_a_tag_that_a_list_lacks_is_not_removed(tmp_path: Path) -> None:
    memory, state = MemoryEngine(), State(tmp_path / "state.db")
    image_id = memory.build(made("one"), "web:latest", "web:lacking")
    look(memory, Recorder(memory, lambda: state))
    recorder = Recorder(Lacking(memory), lambda: state)
    assert look(Lacking(memory), recorder).moves == ()
    memory.untag("web:lacking")
    (move,) = look(Lacking(memory), recorder).moves
    assert (move.reference, move.origin, move.target) == ("web:lacking", image_id, None)


class Hiding(Counted):
    """An engine that builds without an event, as Docker 26.1 with the containerd store does."""

    def connect(self) -> EngineInfo:
        return replace(super().connect(), api_version="1.45")

    def events(self) -> EventStream:
        return Muted(super().events())


@dataclass(frozen=True)
class Muted:
    """A stream of which nothing of images is heard."""

    stream: EventStream

    def __iter__(self) -> Iterator[Event]:
        return (event for event in self.stream if event.kind != "image")

    def close(self) -> None:
        self.stream.close()


def test_an_engine_that_hides_its_builds_is_looked_at_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each build is kept before the next one drops it; while nothing is built nothing is written."""
    monkeypatch.setattr(sessions, "SAVE_SECONDS", 0.05)
    monkeypatch.setattr(sessions, "UNTOLD_SECONDS", 0.05)
    memory, told, state = MemoryEngine(store=Store.CONTAINERD), Listener(), State(tmp_path / "state.db")
    engine = Hiding(memory)
    recorder = Recorder(engine, lambda: state)
    session = Session(engine, Cache(None), "", told, recorder=recorder, rules=[KeepRule("web", last=5)])
    session.start()
    told.until_live()
    built: list[str] = []

    def is_kept(seen: Catalog) -> bool:
        return built[-1] in seen.images and bool(seen.images[built[-1]].keeps)

    for number in range(4):
        built.append(memory.build(made(f"web {number}"), "web:latest"))
        told.until_live(is_kept, "the keep of a build")
    assert [move.target for move in log_of(told) if not is_keep(move.reference)] == built[::-1]
    assert set(built) <= set(told.catalog.images)
    heard, looks = len(told.heard), engine.count("list")
    wait_until(lambda: engine.count("list") > looks + 3, "some more looks")
    assert len(told.heard) == heard
    session.close()


def test_a_clock_that_was_set_back_hides_no_move_and_dates_none_wrongly(tmp_path: Path) -> None:
    memory, state = MemoryEngine(), State(tmp_path / "state.db")
    old = memory.build(made("old"), "web:latest")
    look(memory, Recorder(memory, lambda: state))
    with state.changing() as file:
        file.execute("UPDATE engines SET confirmed = confirmed + ?", (3600 * SECOND,))
    new = memory.build(made("new"), "web:latest")
    memory.stop_answering()  # what it told is forgotten
    memory.answer_again()
    (move,) = look(memory, Recorder(memory, lambda: state)).moves
    assert (move.origin, move.target, move.not_before) == (old, new, 0)


# ------------------------------------------------------------------ lists that take their time


class Moving(Counted):
    """An engine in which a tag moves while its images are listed, part by part."""

    def list_images(self) -> Iterator[Listing]:
        (first,) = self.memory.list_images()
        yield first
        self.memory.build(made("new"), "web:latest")
        (second,) = self.memory.list_images()
        yield Listing(tuple(image for image in second.images if image not in first.images))


@pytest.mark.parametrize("store", [Store.GRAPH, Store.CONTAINERD])
def test_a_tag_that_moves_while_images_are_listed_is_on_one_of_them(store: Store) -> None:
    engine = Moving(MemoryEngine(store=store))
    old = engine.memory.build(made("old"), "web:latest")
    seen = everything(engine)
    assert [image.id for image in seen.images.values() if "web:latest" in image.tags] == [
        engine.memory.image("web:latest").id  # type: ignore[union-attr]  # it is there
    ]
    assert (old in seen.images) is (store is Store.GRAPH)


def test_an_event_asks_for_all_images_that_seem_to_have_its_tag() -> None:
    memory = MemoryEngine(store=Store.CONTAINERD)
    old = memory.build(made("old"), "web:latest")
    stale = {image.id: image for part in memory.list_images() for image in part.images}
    new = memory.build(made("new"), "web:latest")
    both = Catalog({**stale, **{i.id: i for part in memory.list_images() for i in part.images}})
    assert set(both.images) == {old, new}
    seen = reconcile(memory, both, [Event("image", "tag", new, "web:latest")])
    assert set(seen.images) == {new}


def test_who_is_ended_while_evidence_is_gathered_has_lost_none_of_it(tmp_path: Path) -> None:
    """What the engine's events prove is written with the first sight: later ones do not have them."""
    memory, state = MemoryEngine(store=Store.GRAPH), State(tmp_path / "state.db")
    old = memory.build(made("old"), "web:latest")
    new = memory.build(made("new"), "web:latest")
    proved = Move("web:1", None, old, 5 * SECOND, 0, known=Provenance.EVIDENCE, source="container web")

    def ended(*_: object) -> list[Move]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        look(memory, Recorder(memory, lambda: state, prove=prove, gather=ended))
    memory.stop_answering()  # what it told is forgotten
    memory.answer_again()
    recorder = Recorder(memory, lambda: state, prove=prove, gather=lambda *_: [proved])
    assert [move.target for move in look(memory, recorder).proved] == [old]
    assert recorder.log is not None
    moves = [(move.reference, move.target) for move in recorder.log.moves()]
    assert moves == [("web:latest", new), ("web:latest", old), ("web:1", old)]


def test_two_that_gather_evidence_at_once_write_it_once(tmp_path: Path) -> None:
    memory, path = MemoryEngine(store=Store.GRAPH), tmp_path / "state.db"
    here = memory.build(made("here"), "web:latest")
    proved = Move("web:1", None, here, 5 * SECOND, 0, known=Provenance.EVIDENCE, source="container web")
    other = Recorder(memory, lambda: State(path), gather=lambda *_: [replace(proved, at=6 * SECOND)])

    def gather(*_: object) -> list[Move]:
        look(memory, other)
        return [proved]

    recorder = Recorder(memory, lambda: State(path), gather=gather)
    assert look(memory, recorder).proved == ()
    assert recorder.log is not None
    assert [move.at for move in recorder.log.moves()] == [6 * SECOND]
