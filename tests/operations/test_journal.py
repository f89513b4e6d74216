"""The journal of acts as a session tells it: safe text, the newest acts, and why it cannot be read."""

from __future__ import annotations

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.core.image import Store
from imgtui.model.launch.launch import Launch
from imgtui.model.safety.mask import MASK
from imgtui.operations.acts.journal import NEWEST, read_journal
from imgtui.operations.launch.launching import Launching
from imgtui.operations.protocol.updates import JournalRead
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.journal import Journal
from imgtui.store.state import State, StateUnusable
from tests.operations.conftest import Following
from tests.operations.listening import clock, made


def journal_of(state: State) -> tuple[Recorder, Journal]:
    """A recorder of an engine, and the journal of that engine."""
    engine = MemoryEngine(store=Store.GRAPH)
    recorder = Recorder(engine, lambda: state, clock=clock)
    info = engine.connect()
    recorder.follow(info)
    return recorder, Journal(state, info.id)


def test_what_was_written_is_read_the_newest_first_with_its_outcome() -> None:
    recorder, journal = journal_of(State(None))
    journal.begin("one", ["docker tag a b", "docker tag a c"], 1)
    journal.end(journal.begin("two", ["docker rmi b"], 2), 5, "failed: no such image")
    two, one = read_journal(recorder).entries
    assert (one.title, one.command, one.ended, one.outcome) == (
        "one",
        "docker tag a b\ndocker tag a c",
        None,
        None,
    )
    assert (two.title, two.begun, two.ended, two.outcome) == ("two", 2, 5, "failed: no such image")


def test_another_engine_s_acts_are_not_told() -> None:
    state = State(None)
    recorder, _ = journal_of(state)
    Journal(state, "another").begin("one", [], 1)
    assert read_journal(recorder) == JournalRead()


def test_text_from_the_file_is_made_safe_again_and_commands_stay_lines() -> None:
    recorder, journal = journal_of(State(None))
    journal.end(journal.begin("t\x1b[2J\n", ["docker\x07", "a\u202eb"], 1), 2, "failed: \x9b\n")
    (entry,) = read_journal(recorder).entries
    assert (entry.title, entry.command, entry.outcome) == ("t␛[2J↵", "docker␇\na⟨202e⟩b", "failed: ⟨9b⟩↵")


def test_no_more_than_the_newest_are_told() -> None:
    recorder, journal = journal_of(State(None))
    for number in range(NEWEST + 5):
        journal.begin(f"act {number}", [], number)
    entries = read_journal(recorder).entries
    assert [entry.title for entry in (entries[0], entries[-1])] == [f"act {NEWEST + 4}", "act 5"]
    assert len(entries) == NEWEST


def test_a_file_that_cannot_be_read_is_told_in_one_line() -> None:
    def nowhere() -> State:
        raise StateUnusable("the state file /nowhere cannot be written")

    engine = MemoryEngine(store=Store.GRAPH)
    recorder = Recorder(engine, nowhere, clock=clock)
    assert read_journal(recorder) == JournalRead(problem="no engine has answered yet")
    recorder.follow(engine.connect())
    assert read_journal(recorder) == JournalRead(problem="the state file /nowhere cannot be written")


def test_a_file_that_was_closed_is_told_too() -> None:
    state = State(None)
    recorder, _ = journal_of(state)
    state.close()
    problem = read_journal(recorder).problem
    assert problem is not None
    assert "cannot be used" in problem


def test_a_session_reads_it_only_when_it_is_asked(following: Following) -> None:
    following.live()
    assert not [update for update in following.told.heard if isinstance(update, JournalRead)]
    following.session.services.read_journal()
    following.told.until(lambda: JournalRead() in following.told.heard, "the journal")


def test_of_a_launch_no_secret_is_in_the_file() -> None:
    state = State(None)
    engine = MemoryEngine(store=Store.GRAPH)
    image = engine.build(made("web"), "web:1")
    recorder = Recorder(engine, lambda: state, clock=clock)
    recorder.follow(engine.connect())
    launch = Launch(
        image,
        "web",
        environment=("DB_PASSWORD=hunter2", "MODE=fast"),
        variables=("DB_PASSWORD=hunter2", "MODE=fast"),
        command=("serve", "--token", "s3cr3t-t0k3n"),
        labels=("api_key=correcthorse",),
    )
    Launching(engine, recorder, lambda _: None).make(launch, lambda _: None)
    (entry,) = read_journal(recorder).entries
    assert "MODE=fast" in entry.command
    assert f"DB_PASSWORD={MASK}" in entry.command
    with state.reading() as file:
        written = "\n".join(file.iterdump())
    assert entry.title in written
    assert not [secret for secret in ("hunter2", "s3cr3t-t0k3n", "correcthorse") if secret in written]
