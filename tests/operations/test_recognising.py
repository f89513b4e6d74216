"""Whose log is written: only that of the engine that was recognised, whatever the file does meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.taglog.identity import Place, place_of
from imgtui.operations.acts.act_journal import ActJournal, NotWrittenDown
from imgtui.operations.acts.journal import read_journal
from imgtui.operations.session.session import Session
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.scan import look
from imgtui.store.cached.cache import Cache
from imgtui.store.engines import Engines
from imgtui.store.state import State, StateUnusable
from imgtui.store.tag_log import TagLog
from tests.engines.waiting import PATIENCE
from tests.operations.listening import Counted, Listener, made

OTHER = Place("memory-twin", "ssh://other", "other", "twin", "/var/lib/docker", "graph", "run-1", 1)
LOCKED = StateUnusable("another program has it locked: try again", passing=True, locked=True)


def opening(state: State, *refusals: StateUnusable) -> Callable[[], State]:
    """What opens the file only after so many refusals."""
    left = list(refusals)

    def open_state() -> State:
        if left:
            raise left.pop(0)
        return state

    return open_state


@pytest.fixture
def engine() -> MemoryEngine:
    found = MemoryEngine(name="twin")
    found.build(made("one"), "web:latest")
    return found


@pytest.fixture
def state() -> State:
    """A state file with the log of another engine that gives the same ID."""
    found = State(None)
    Engines(found).saw("memory-twin", OTHER)
    return found


def test_a_lock_at_the_start_leads_a_copy_into_no_other_log(engine: MemoryEngine, state: State) -> None:
    own = Engines(state).begin(place_of(engine.connect(), 2))
    assert own == "memory-twin~2"
    recorder = Recorder(engine, opening(state, LOCKED))
    look(engine, recorder)
    assert (recorder.key, recorder.log, recorder.behind) == (None, None, True)
    assert "locked" in str(recorder.problem)
    look(engine, recorder)
    assert (recorder.key, recorder.behind, recorder.problem) == (own, False, None)
    assert TagLog(state, "memory-twin").tags() == {}
    assert set(TagLog(state, own).tags()) == {"web:latest"}


def test_a_lock_at_the_start_does_not_pass_by_the_question(engine: MemoryEngine, state: State) -> None:
    recorder = Recorder(engine, opening(state, LOCKED))
    look(engine, recorder)
    assert recorder.log is None
    look(engine, recorder)
    assert recorder.doubt is not None
    assert TagLog(state, "memory-twin").tags() == {}


def test_a_lock_while_it_is_recognised_is_tried_again(
    engine: MemoryEngine, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, known = Engines(state).begin(place_of(engine.connect(), 2)), Engines.known

    def refuse(_: Engines) -> None:
        raise LOCKED

    recorder = Recorder(engine, lambda: state)
    monkeypatch.setattr(Engines, "known", refuse)
    look(engine, recorder)
    assert (recorder.key, recorder.behind) == (None, True)
    with pytest.raises(NotWrittenDown, match="locked"):
        ActJournal(recorder).begin("an act", ["docker tag a b"], unwritten=True)
    monkeypatch.setattr(Engines, "known", known)
    look(engine, recorder)
    assert (recorder.key, recorder.behind) == (own, False)


def test_an_act_is_done_without_a_file_only_where_people_were_told(engine: MemoryEngine) -> None:
    def refuse() -> State:
        raise StateUnusable("the file is broken: restore it")

    recorder = Recorder(engine, refuse)
    look(engine, recorder)
    assert recorder.key is None
    with pytest.raises(NotWrittenDown, match="restore it"):
        ActJournal(recorder).begin("an act", ["docker tag a b"])
    recorder.told_unwritten = True
    assert ActJournal(recorder).begin("an act", ["docker tag a b"]) is None


def test_a_doubt_is_said_wherever_the_log_is_asked_for(engine: MemoryEngine, state: State) -> None:
    recorder = Recorder(engine, lambda: state)
    look(engine, recorder)
    assert recorder.doubt is not None
    doubt = recorder.doubt.words
    assert str(recorder.trouble) == doubt
    with pytest.raises(NotWrittenDown, match="gives the same ID"):
        ActJournal(recorder).begin("an act", ["docker tag a b"])
    with pytest.raises(Exception, match="gives the same ID"):
        ActJournal(recorder).unfinished()
    assert read_journal(recorder).problem == doubt
    assert (recorder.problem, recorder.behind) == (doubt, False)


def test_an_explorer_that_doubts_does_not_list_again_and_again(
    engine: MemoryEngine, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imgtui.operations.session.session.SAVE_SECONDS", 0)
    counted, told = Counted(engine), Listener()
    session = Session(counted, Cache(None), "", told, recorder=Recorder(counted, lambda: state))
    quiet: list[bool] = []
    long = threading.Event()
    look_at_due = session._look_at_due

    def note() -> None:
        look_at_due()
        quiet.append(session.recorder.behind)
        if len(quiet) == 3:
            long.set()

    monkeypatch.setattr(session, "_look_at_due", note)
    session.start()
    told.until_live()
    assert long.wait(PATIENCE)
    lists = counted.count("connect")
    session.close()
    assert session.recorder.doubt is not None
    assert (any(quiet), lists) == (False, 1)
