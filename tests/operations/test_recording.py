"""The tag log equals what happened, whoever watches and whatever is restarted meanwhile."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.errors import EngineError
from imgtui.model.core.clock import SECOND, MonotonicTime
from imgtui.model.core.event import Event
from imgtui.model.core.image import Store
from imgtui.model.taglog.moves import Cause, Move, Provenance
from imgtui.model.taglog.observation import Observation
from imgtui.operations.protocol.updates import Remembered
from imgtui.operations.session.session import Session
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.scan import everything
from imgtui.store.cached.cache import Cache
from imgtui.store.state import State
from imgtui.store.tag_log import TagLog
from tests.operations.listening import Listener, made
from tests.operations.watching import Watcher

TAGS = ("web:latest", "web:1", "api:latest")
STORES = (Store.GRAPH, Store.CONTAINERD)
both_stores = pytest.mark.parametrize("store", STORES, ids=["graph", "containerd"])
Step = tuple[str, str | None, str | None]
"""Tag, from, to."""


class Seconds:
    """A clock that has gone on by a second whenever somebody looks at it."""

    def __init__(self) -> None:
        self.now = time.time_ns()

    def __call__(self) -> int:
        self.now += SECOND
        return self.now


@dataclass
class World:
    """An engine, and what really happened to its tags."""

    store: Store = Store.GRAPH
    clock: Seconds = field(default_factory=Seconds)
    engine: MemoryEngine = field(init=False)
    happened: list[Step] = field(default_factory=list)
    made: int = 0

    def __post_init__(self) -> None:
        self.engine = MemoryEngine(store=self.store, clock=self.clock)

    def do(self, verb: str, tag: str, other: str) -> None:
        """Change something, if the engine lets it."""
        before = everything(self.engine).tags
        self.made += 1
        try:
            if verb == "build":
                self.engine.build(made(str(self.made)), tag)
            elif verb == "load":
                self.engine.load(made(str(self.made)), tag)
            elif verb == "pull":
                self.engine.receive(made(str(self.made)), tag)
            elif verb == "tag" and other in before:
                self.engine.tag(before[other], tag)
            elif verb == "remove" and tag in before:
                self.engine.remove(tag)
            elif verb == "delete" and tag in before:
                self.engine.remove(before[tag], force=True)
        except EngineError:
            return
        after = everything(self.engine).tags
        self.happened += [
            (name, before.get(name), after.get(name))
            for name in sorted({*before, *after})
            if before.get(name) != after.get(name)
        ]

    def restart(self) -> None:
        """The engine goes away and comes back: its events are forgotten, its images stay."""
        self.engine.stop_answering()
        self.engine.answer_again()


def steps(moves: Iterable[Move]) -> list[Step]:
    return [(move.reference, move.origin, move.target) for move in moves]


acts = st.tuples(
    st.sampled_from(["build", "load", "pull", "tag", "tag", "remove", "delete"]),
    st.sampled_from(TAGS),
    st.sampled_from(TAGS),
)


@given(st.sampled_from(STORES), st.lists(acts, max_size=25))
@settings(max_examples=200)
def test_the_log_of_who_always_watches_is_what_happened(
    store: Store, todo: list[tuple[str, str, str]]
) -> None:
    world = World(store)
    watcher = Watcher(world.engine, State(None))
    for act in todo:
        world.do(*act)
        watcher.look()
    for tag in TAGS:
        assert steps(m for m in watcher.moves if m.reference == tag) == [
            step for step in world.happened if step[0] == tag
        ]
    assert all(move.known is Provenance.EVENT for move in watcher.moves)
    inexact = [move for move in watcher.moves if move.not_before is not None]
    # Which of several names went when is not told by a graph driver.
    assert all(store is Store.GRAPH and move.target is None for move in inexact)
    assert all(move.at - (move.not_before or 0) < SECOND for move in inexact)


@given(
    st.sampled_from(STORES),
    st.lists(st.one_of(acts, st.sampled_from(["look", "look", "restart", "begin", "second"])), max_size=40),
)
@settings(max_examples=400)
def test_whatever_is_restarted_the_log_leads_to_what_is_and_has_nothing_twice(
    store: Store, todo: list[tuple[str, str, str] | str]
) -> None:
    world, state = World(store), State(None)
    watchers = [Watcher(world.engine, state), Watcher(world.engine, state)]
    for number, what in enumerate(todo):
        if isinstance(what, tuple):
            world.do(*what)
        elif what == "restart":
            world.restart()
            for watcher in watchers:
                watcher.start()
        elif what == "begin":
            watchers[number % 2] = Watcher(world.engine, state)
        else:
            watchers[what == "second"].look()
    for watcher in watchers:
        watcher.look()
    moves = watchers[0].moves
    now = everything(world.engine).tags
    for tag in TAGS:
        told = steps(move for move in moves if move.reference == tag)
        really = [step for step in world.happened if step[0] == tag]
        assert all(one[2] == other[1] for one, other in pairwise(told)), "a chain"
        assert (told[-1][2] if told else None) == now.get(tag)
        assert len(told) <= len(really)
        places = iter(really)
        assert all(any(step[2] == target for step in places) for _, _, target in told), "in order"


@both_stores
def test_what_happened_while_nobody_watched_is_told_by_the_events_that_the_engine_holds(store: Store) -> None:
    world, state = World(store), State(None)
    Watcher(world.engine, state)
    for act in [
        ("build", "web:latest", ""),
        ("build", "web:latest", ""),
        ("tag", "web:1", "web:latest"),
        ("build", "web:latest", ""),
        ("tag", "web:latest", "web:1"),
        ("remove", "web:1", ""),
        ("pull", "api:latest", ""),
    ]:
        world.do(*act)
    moves = Watcher(world.engine, state).moves
    assert steps(moves) == world.happened
    assert [move.cause for move in moves] == [
        Cause.BUILD, Cause.BUILD, Cause.TAG, Cause.BUILD, Cause.TAG, Cause.UNTAG, Cause.PULL,
    ]  # fmt: skip
    assert all(move.not_before is None for move in moves)


@both_stores
def test_after_a_restart_of_the_engine_only_the_result_is_known_and_between_which_times(store: Store) -> None:
    world, state = World(store), State(None)
    world.do("build", "web:latest", "")
    first = Watcher(world.engine, state)
    known = first.log.confirmed()
    origin = everything(world.engine).tags["web:latest"]
    for _ in range(3):
        world.do("build", "web:latest", "")
    world.restart()
    (move,) = Watcher(world.engine, state).moves
    assert (move.origin, move.target) == (origin, everything(world.engine).tags["web:latest"])
    assert (move.cause, move.known) == (Cause.UNKNOWN, Provenance.SNAPSHOT)
    assert move.not_before == known
    assert move.not_before is not None
    assert move.not_before < move.at


def test_the_first_sight_of_an_engine_records_no_move() -> None:
    world = World()
    world.do("build", "web:latest", "")
    assert Watcher(world.engine, State(None)).moves == []


def test_two_that_watch_at_once_record_each_move_once() -> None:
    world, state = World(), State(None)
    one, other = Watcher(world.engine, state), Watcher(world.engine, state)
    for number in range(10):
        world.do("build", "web:latest", "")
        if number % 3:
            one.look()
    other.look()
    one.look()
    assert steps(one.moves) == world.happened
    assert one.moves == other.moves


@pytest.mark.parametrize("ahead", [0, 3600, -3600])
def test_what_passes_until_an_engines_answer_is_used_is_no_difference_of_clocks(ahead: int) -> None:
    """Seen: 0.6 s on a busy machine; moves seen in snapshots were told once more by their events."""
    engine = MemoryEngine()
    info = replace(engine.connect(), clock_ns=(1000 + ahead) * SECOND, told_ns=1000 * SECOND)
    recorder = Recorder(engine, lambda: State(None), clock=lambda: 1002.5)
    recorder.follow(info)
    assert recorder.now == (1002 + ahead) * SECOND + SECOND // 2


def test_a_clock_that_steps_back_does_not_reorder_the_log() -> None:
    world, state = World(), State(None)
    watcher = Watcher(world.engine, state)
    world.do("build", "web:latest", "")
    watcher.look()
    world.restart()
    world.clock.now -= 3600 * SECOND
    watcher.start()
    world.do("build", "web:latest", "")
    again = Watcher(world.engine, state)
    assert steps(again.moves) == world.happened
    assert again.moves[0].at > again.moves[1].at


def test_a_prune_is_told_as_one_where_the_engine_tells_it() -> None:
    world, state = World(), State(None)
    watcher = Watcher(world.engine, state)
    world.do("build", "web:latest", "")
    world.engine.prune(everything=True)
    watcher.look()
    assert [move.cause for move in watcher.moves] == [Cause.BUILD, Cause.PRUNE]


def test_a_state_file_that_is_locked_for_a_while_is_used_again_and_nothing_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imgtui.store.state.BUSY_SECONDS", 0.05)
    path, engine, told = tmp_path / "state.db", MemoryEngine(), Listener()
    recorder = Recorder(engine, lambda: State(path))
    session = Session(engine, Cache(None), "", told, recorder=recorder)
    session.start()
    told.until_live()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        built = engine.build(made("web"), "web:latest")
        told.until(lambda: recorder.problem, "that nothing can be recorded")
        assert "locked" in str(recorder.problem)
        other.execute("ROLLBACK")
    told.until(lambda: any(isinstance(u, Remembered) and u.moves for u in told.heard), "the move")
    assert recorder.problem is None
    assert recorder.log is not None
    assert [move.target for move in recorder.log.moves()] == [built]
    session.close()


@pytest.mark.parametrize(
    ("action", "cause"), [("import", Cause.IMPORT), ("commit", Cause.COMMIT), ("create", Cause.BUILD)]
)
def test_a_cause_that_is_told_only_after_its_tag_was_recorded_is_put_right(action: str, cause: Cause) -> None:
    log, image_id, at = TagLog(State(None), "engine"), "sha256:1", 100 * SECOND

    def observation(*events: Event, whole: bool = False) -> Observation:
        now = MonotonicTime("boot", float(len(events)))
        tags = {"web:latest": image_id} if events else {}
        return Observation(tags, now, now, at + SECOND, whole, events, builds_told=True)

    log.record(observation(whole=True))
    log.record(observation(Event("image", "tag", image_id, "web:latest", at)))
    assert [move.cause for move in log.moves()] == [Cause.TAG]
    log.record(observation(Event("image", action, image_id, None, at + SECOND // 5)))
    assert [move.cause for move in log.moves()] == [cause]
    log.record(observation(Event("image", action, image_id, None, at + 60 * SECOND)))
    assert len(log.moves()) == 1
