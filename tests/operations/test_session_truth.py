"""What a session shows and does stays true and in time: while others write, connections end, reads fail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.core.clock import SECOND
from imgtui.model.core.image import EngineInfo, Image, Store
from imgtui.model.taglog.identity import KnownEngine, Place, place_of
from imgtui.model.taglog.moves import Cause, Move, Provenance
from imgtui.operations.keeps.rule_book import RuleBook
from imgtui.operations.protocol.updates import Phase, Remembered, RulesUpdated
from imgtui.operations.session import session as sessions
from imgtui.operations.session.session import Session
from imgtui.operations.taglog import recording
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.cached.cache import Cache
from imgtui.store.config.settings import read_settings
from imgtui.store.engines import Engines
from imgtui.store.state import State
from imgtui.store.state_errors import StateUnusable
from imgtui.store.tag_log import TagLog
from tests.engines.waiting import wait_until
from tests.operations.listening import SECONDS, Counted, Listener, made

RULE = '[[keep]]\nrepository = "web"\nlast = 3\n'


@contextmanager
def following(
    engine: Counted, told: Listener, open_state: Callable[[], State], *, rules: RuleBook | None = None
) -> Iterator[Session]:
    """A session that has begun, as an explorer has it."""
    recorder = Recorder(engine, open_state)
    session = Session(engine, Cache(None), "", told, recorder=recorder, rules=rules or RuleBook())
    session.start()
    try:
        yield session
    finally:
        session.close()


def remembered(told: Listener) -> Remembered:
    """What was told last of the log."""
    return [update for update in told.heard if isinstance(update, Remembered)][-1]


# ------------------------------------------------------------------ a busy state file


@contextmanager
def writing(state: State) -> Iterator[None]:
    """Somebody writes into the state file again and again, faster than it is ever quiet."""
    over = threading.Event()

    def write() -> None:
        number = 0
        while not over.wait(0.05):
            number += 1
            place = Place("another", "ssh://other", "other", "other", "/", "graph", "", number)
            Engines(state).saw("another", place)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quiet is half a second, in which the file is looked at some times."""
    monkeypatch.setattr(sessions, "SAVE_SECONDS", 0.5)
    monkeypatch.setattr(sessions, "WATCH_SECONDS", 0.05)
    monkeypatch.setattr(sessions, "RULES_SECONDS", 0.1)


@pytest.mark.usefixtures("soon")
def test_a_rule_is_in_force_though_others_write_all_the_time(tmp_path: Path) -> None:
    memory, told, config = MemoryEngine(store=Store.CONTAINERD), Listener(), tmp_path / "config.toml"
    memory.build(made("one"), "web:latest")
    path = tmp_path / "state.db"
    with following(Counted(memory), told, lambda: State(path), rules=RuleBook(config)):
        told.until_live()
        with writing(State(path)):
            config.write_text(RULE)
            told.until(
                lambda: any(isinstance(each, RulesUpdated) and each.rules for each in told.heard), "the rule"
            )
            told.until_live(lambda catalog: any(image.keeps for image in catalog.images.values()), "the keep")


@pytest.mark.usefixtures("soon")
def test_what_could_not_be_recorded_is_compared_though_others_write_all_the_time(tmp_path: Path) -> None:
    memory, told, path = MemoryEngine(store=Store.GRAPH), Listener(), tmp_path / "state.db"
    memory.build(made("one"), "web:latest")
    with following(Counted(memory), told, lambda: State(path)) as session:
        told.until_live()
        with writing(State(path)):
            session.recorder.behind = True
            new = memory.build(made("two"), "web:latest")
            told.until(lambda: new in {move.target for move in remembered(told).log}, "the move recorded")
        assert not session.recorder.behind


@pytest.mark.usefixtures("soon")
def test_what_could_not_be_recorded_is_compared_though_the_engine_is_never_quiet(tmp_path: Path) -> None:
    memory, told, path = MemoryEngine(store=Store.GRAPH), Listener(), tmp_path / "state.db"
    here = memory.build(made("one"), "web:latest")
    over = threading.Event()

    def busy() -> None:
        while not over.wait(0.05):
            memory.discard(memory.run("site", "web:latest"))

    with following(Counted(memory), told, lambda: State(path)) as session:
        told.until_live()
        thread = threading.Thread(target=busy)
        thread.start()
        try:
            session.recorder.behind = True
            memory.tag(here, "web:2")
            told.until(lambda: "web:2" in {move.reference for move in remembered(told).log}, "the move")
        finally:
            over.set()
            thread.join()


# ------------------------------------------------------------------ answers


class Held(Counted):
    """An engine that can be held while it is asked for one image, or before it lists."""

    def __init__(self, memory: MemoryEngine) -> None:
        super().__init__(memory)
        self.open = threading.Event()
        self.open.set()
        self.waits = threading.Event()

    def _hold(self) -> None:
        if not self.open.is_set():
            self.waits.set()
            assert self.open.wait(SECONDS)

    def image(self, name: str) -> Image | None:
        self._hold()
        return super().image(name)

    def connect(self) -> EngineInfo:
        self._hold()
        return super().connect()


def offering(told: Listener) -> bool:
    """Whether a first rule is offered."""
    return any(isinstance(update, RulesUpdated) and update.offered for update in told.heard)


def test_an_answer_is_kept_where_the_list_is_asked_for_anew_at_the_same_time(tmp_path: Path) -> None:
    memory, told, config = MemoryEngine(store=Store.CONTAINERD), Listener(), tmp_path / "config.toml"
    memory.build(made("one"), "web:latest")
    with following(Counted(memory), told, lambda: State(None), rules=RuleBook(config)) as session:
        told.until_live(lambda _: offering(told))
        session.refresh()
        session.answer_offer(agreed=True)
        wait_until(config.exists, "the rule written")
        told.until_live(lambda catalog: any(image.keeps for image in catalog.images.values()), "the keep")
        assert [rule.last for rule in read_settings(config).keep] == [5]


def test_an_answer_is_kept_where_the_session_connects(tmp_path: Path) -> None:
    memory, told, config = MemoryEngine(store=Store.CONTAINERD), Listener(), tmp_path / "config.toml"
    memory.build(made("one"), "web:latest")
    engine = Held(memory)
    with following(engine, told, lambda: State(None), rules=RuleBook(config)) as session:
        told.until_live(lambda _: offering(told))
        engine.open.clear()
        session.refresh()
        assert engine.waits.wait(SECONDS), "it connects"
        session.answer_offer(agreed=True)
        engine.open.set()
        told.until_live(lambda catalog: any(image.keeps for image in catalog.images.values()), "the keep")


def test_an_answer_is_kept_where_the_engine_goes_while_it_is_looked_at(tmp_path: Path) -> None:
    memory, told, config = MemoryEngine(store=Store.CONTAINERD), Listener(), tmp_path / "config.toml"
    here = memory.build(made("one"), "web:latest")
    engine = Held(memory)
    with following(engine, told, lambda: State(None), rules=RuleBook(config)) as session:
        told.until_live(lambda _: offering(told))
        engine.open.clear()
        memory.tag(here, "web:2")
        assert engine.waits.wait(SECONDS), "the session looks at what it has heard"
        session.answer_offer(agreed=True)
        memory.stop_answering()
        engine.open.set()
        told.until(lambda: told.state.phase is Phase.LOST, "the loss")
        wait_until(config.exists, "the rule written")


def test_an_answer_is_written_while_the_engine_is_away(tmp_path: Path) -> None:
    memory, told, config = MemoryEngine(store=Store.CONTAINERD), Listener(), tmp_path / "config.toml"
    memory.build(made("one"), "web:latest")
    with following(Counted(memory), told, lambda: State(None), rules=RuleBook(config)) as session:
        told.until_live(lambda _: offering(told))
        memory.stop_answering()
        told.until(lambda: told.state.phase is Phase.LOST, "the loss")
        session.answer_offer(agreed=True)
        wait_until(config.exists, "the rule written")


def test_what_was_added_is_told_where_the_connection_ends_at_the_same_time() -> None:
    memory, told = MemoryEngine(), Listener()
    here = memory.build(made("one"), "web:latest")
    engine = Held(memory)
    added = Move("web:1", None, here, 5 * SECOND, 0, known=Provenance.EVIDENCE, source="container web")
    with following(engine, told, lambda: State(None)) as session:
        told.until_live()
        engine.open.clear()
        session.refresh()
        assert engine.waits.wait(SECONDS), "it connects"
        session._added((added,))
        engine.open.set()
        told.until(
            lambda: any(isinstance(each, Remembered) and added in each.moves for each in told.heard), "it"
        )


# ------------------------------------------------------------------ doubts


class Address(Counted):
    """An address at which now one engine answers, now another that gives the same ID."""

    name = "one"

    def connect(self) -> EngineInfo:
        return replace(super().connect(), id="twin", name=self.name, address="tcp://a", run=self.name)

    def go_to(self, memory: MemoryEngine, name: str) -> None:
        """From now on another one answers."""
        before, self.memory, self._behind, self.name = self.memory, memory, memory, name
        before.stop_answering()


def in_doubt(told: Listener) -> bool:
    """Whether it is not clear which engine this is."""
    return any(isinstance(update, Remembered) for update in told.heard) and remembered(told).doubt is not None


def test_in_doubt_nothing_is_shown_of_the_engine_before(tmp_path: Path) -> None:
    path, told = tmp_path / "state.db", Listener()
    first, second = MemoryEngine(store=Store.GRAPH), MemoryEngine(store=Store.GRAPH)
    old = first.build(made("old"), "web:latest")
    engine = Address(first)
    with following(engine, told, lambda: State(path)) as session:
        told.until_live()
        new = first.build(made("new"), "web:latest")
        told.until_live(lambda catalog: catalog.past.names.get(old), "the move")
        other = second.build(made("other"), "api:latest")
        heard = len(told.states)
        engine.go_to(second, "two")
        told.until(lambda: in_doubt(told), "the doubt")
        told.until_live(lambda catalog: other in catalog.images, "the other engine")
        assert list(remembered(told).log) == []
        assert told.catalog.past.names == {}
        listed = [state for state in told.states[heard:] if state.phase in {Phase.LISTING, Phase.LIVE}]
        after = [state for state in listed if state.info and state.info.name == "two"]
        assert after
        assert all(not {old, new} & set(state.catalog.images) for state in after)
        assert session.recorder.doubt is not None


@pytest.mark.parametrize("adopt", [True, False], ids=["adopted", "as new"])
def test_a_doubt_that_is_settled_elsewhere_is_over(tmp_path: Path, adopt: bool) -> None:
    path, told = tmp_path / "state.db", Listener()
    other = State(path)
    Engines(other).saw("twin", Place("twin", "ssh://b", "b", "other", "/", "graph", "run", 1))
    memory = MemoryEngine(store=Store.GRAPH)
    here = memory.build(made("one"), "web:latest")
    engine = Address(memory)
    with following(engine, told, lambda: State(path)):
        told.until_live(lambda _: in_doubt(told), "the doubt")
        place = place_of(engine.connect(), 5)
        key = Engines(other).adopt("twin", place)[0] if adopt else Engines(other).begin(place)
        told.until(lambda: not in_doubt(told), "clear")
        wait_until(lambda: TagLog(other, key).tags() == {"web:latest": here}, "recorded")


@pytest.mark.usefixtures("soon")
def test_a_doubt_asks_the_engine_nothing_while_others_write(tmp_path: Path) -> None:
    path, told = tmp_path / "state.db", Listener()
    other = State(path)
    Engines(other).saw("twin", Place("twin", "ssh://b", "b", "other", "/", "graph", "run", 1))
    memory, config = MemoryEngine(store=Store.CONTAINERD), tmp_path / "config.toml"
    memory.build(made("one"), "web:latest")
    engine = Address(memory)
    with following(engine, told, lambda: State(path), rules=RuleBook(config)):
        told.until_live(lambda _: in_doubt(told), "the doubt")
        wait_until(lambda: engine.count("document") >= 1, "the facts")
        with writing(other):
            wait_until(lambda: len(Engines(other).known()) == 2, "another engine known")
            told.until(lambda: engine.count("connect") == 2, "it is looked at once more")
            config.write_text(RULE)
            told.until(
                lambda: any(isinstance(each, RulesUpdated) and each.rules for each in told.heard), "the rule"
            )
            assert engine.count("connect") == 2


# ------------------------------------------------------------------ reads that fail


class Failing(TagLog):
    """A tag log whose reads fail while they are told to, as a lock or the disk makes them."""

    fails = threading.Event()

    def moves(self) -> list[Move]:
        """As a tag log does."""
        if self.fails.is_set():
            raise StateUnusable("another program has it locked", passing=True, locked=True)
        return super().moves()


class Unreadable(Engines):
    """Engines of a state file that cannot be read while they are told so."""

    fails = threading.Event()

    def known(self) -> list[KnownEngine]:
        """As engines do."""
        if self.fails.is_set():
            raise StateUnusable("another program has it locked", passing=True, locked=True)
        return super().known()


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """While it is set the log cannot be read."""
    monkeypatch.setattr(recording, "TagLog", Failing)
    yield Failing.fails
    Failing.fails.clear()


@pytest.fixture
def unreadable(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """While it is set nobody can tell which engine it is."""
    monkeypatch.setattr(recording, "Engines", Unreadable)
    yield Unreadable.fails
    Unreadable.fails.clear()


def untagged(image_id: str, name: str) -> Move:
    """A move that another program recorded."""
    return Move(name, image_id, None, 5 * SECOND, None, Cause.UNTAG, Provenance.EVENT)


def test_a_read_that_fails_leaves_what_was_known_and_is_tried_again(
    tmp_path: Path, failing: threading.Event
) -> None:
    path, told, memory = tmp_path / "state.db", Listener(), MemoryEngine(store=Store.GRAPH)
    old = memory.build(made("old"), "web:latest")
    with following(Counted(memory), told, lambda: State(path)) as session:
        told.until_live()
        memory.build(made("new"), "web:latest")
        told.until_live(lambda catalog: old in catalog.past.names, "the move")
        log = TagLog(State(path), session.recorder.key or "")
        failing.set()
        log.add([untagged(old, "api:1")])
        told.until(lambda: remembered(told).problem, "that it cannot be read")
        assert [move.origin for move in remembered(told).log] == [old]
        assert old in told.catalog.past.names
        failing.clear()
        told.until(lambda: len(remembered(told).log) == 2, "read again")
        told.until(lambda: remembered(told).problem is None, "that it can be read")
        told.until(lambda: len(told.catalog.past.names[old]) == 2, "shown")


@pytest.mark.usefixtures("soon")
def test_an_engine_that_is_not_recognised_for_a_lock_is_tried_again(
    tmp_path: Path, unreadable: threading.Event
) -> None:
    path, told, memory = tmp_path / "state.db", Listener(), MemoryEngine(store=Store.GRAPH)
    old = memory.build(made("old"), "web:latest")
    with following(Counted(memory), told, lambda: State(path)) as session:
        told.until_live()
        new = memory.build(made("new"), "web:latest")
        told.until_live(lambda catalog: old in catalog.past.names, "the move")
        unreadable.set()
        heard = len(told.states)
        session.refresh()
        told.until(lambda: Phase.LIVE in {state.phase for state in told.states[heard:]}, "live again")
        assert session.recorder.key is None
        assert [move.target for move in remembered(told).log] == [new]
        unreadable.clear()
        memory.tag(new, "web:2")
        told.until(lambda: "web:2" in {move.reference for move in remembered(told).log}, "recorded")
