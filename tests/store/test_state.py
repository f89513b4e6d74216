"""The state file survives: it is migrated forward, never overwritten, and says in one line what is wrong."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.taglog.moves import Cause, Move, Provenance
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.pulls import Pulls
from imgtui.store.state import MIGRATIONS, State, StateUnusable
from imgtui.store.tag_log import TagLog
from tests.operations.listening import made
from tests.operations.watching import Watcher

MOVE = Move("web:latest", None, "sha256:1", 5, 3, Cause.BUILD, Provenance.EVENT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "state.db"


def problem_of(path: Path) -> str:
    with pytest.raises(StateUnusable) as raised:
        State(path)
    text = str(raised.value)
    assert "\n" not in text
    assert text.isprintable()
    return text


def file_of_version(path: Path, version: int) -> None:
    """A file as the imgtui of a schema version left it."""
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as connection:
        for number in range(version):
            connection.executescript(MIGRATIONS[number])
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()


def test_what_is_recorded_is_there_after_a_restart(path: Path) -> None:
    state = State(path)
    (written,) = TagLog(state, "engine").add([MOVE])
    state.close()
    again = State(path)
    assert TagLog(again, "engine").moves() == [written]
    assert TagLog(again, "another engine").moves() == []
    again.close()


def test_where_images_can_be_pulled_from_is_known_after_a_restart_the_latest_first(path: Path) -> None:
    state = State(path)
    pulls = Pulls(state, "engine")
    for image_id, name in (("sha256:1", "web@sha256:a"), ("sha256:2", "api@sha256:b")):
        pulls.add(image_id, name)
    for name in ("reg.example/web@sha256:a", "web@sha256:a"):
        pulls.add("sha256:1", name)
    state.close()
    again = State(path)
    assert Pulls(again, "engine").all() == {
        "sha256:1": ("web@sha256:a", "reg.example/web@sha256:a"),
        "sha256:2": ("api@sha256:b",),
    }
    assert Pulls(again, "another engine").all() == {}
    again.close()


def test_the_file_and_its_folder_are_their_owners_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        state = State(path)
        TagLog(state, "engine").add([MOVE])
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        state.close()
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("version", range(len(MIGRATIONS) + 1))
def test_a_file_of_every_earlier_schema_is_migrated_and_keeps_what_it_has(path: Path, version: int) -> None:
    file_of_version(path, version)
    if version:
        with sqlite3.connect(path) as connection:
            connection.execute(
                "INSERT INTO moves (engine, reference, target, at, cause, known, source, actor)"
                " VALUES ('engine', 'web:latest', 'sha256:1', 5, 'build', 'event', '', 'outside')"
            )
        connection.close()
    state = State(path)
    assert [move.reference for move in TagLog(state, "engine").moves()] == ["web:latest"] * bool(version)
    TagLog(state, "engine").add([MOVE])
    Pulls(state, "engine").add("sha256:1", "web@sha256:2")
    assert Pulls(state, "engine").all() == {"sha256:1": ("web@sha256:2",)}
    state.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    connection.close()


def test_a_file_of_a_newer_imgtui_is_left_alone(path: Path) -> None:
    file_of_version(path, len(MIGRATIONS))
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = path.read_bytes()
    assert "newer imgtui" in problem_of(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"no database at all " * 300, b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_damaged_file_is_set_aside_whole_and_the_next_start_begins_anew(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert "set aside" in problem_of(path)
    (aside,) = path.parent.glob("state.db.damaged-*")
    assert aside.read_bytes() == content
    assert not path.exists()
    State(path).close()
    path.write_bytes(content)
    problem_of(path)
    assert len(list(path.parent.glob("state.db.damaged-*"))) == 2


def test_a_page_that_is_damaged_is_found_at_the_start(path: Path) -> None:
    state = State(path)
    TagLog(state, "engine").add([MOVE] * 2000)
    state.close()
    content = bytearray(path.read_bytes())
    for start in range(8192, len(content), 4096):
        content[start : start + 4096] = b"\xa5" * 4096
    path.write_bytes(content)
    assert "damaged" in problem_of(path)
    (aside,) = path.parent.glob("state.db.damaged-*")
    assert aside.read_bytes() == content


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be written" in problem_of(tmp_path / "file" / "state.db")


def test_a_file_of_another_user_is_left_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    State(path).close()
    before = path.read_bytes()
    monkeypatch.setattr("imgtui.store.state.os.geteuid", lambda: os.getuid() + 4242)
    assert "belongs to user" in problem_of(path)
    assert path.read_bytes() == before


def test_a_full_disk_loses_nothing_that_was_recorded_and_everything_goes_on(path: Path) -> None:
    state, engine = State(path), MemoryEngine()
    watcher = Watcher(engine, state)
    engine.build(made("one"), "web:latest")
    watcher.look()
    with state.reading() as file:
        (pages,) = file.execute("PRAGMA page_count").fetchone()
        file.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(2000):
        engine.tag("web:latest", f"web:{number}")
    watcher.look()
    assert "full" in str(watcher.recorder.problem)
    engine.tag("web:latest", "web:more")
    watcher.look()
    state.close()
    again = State(path)
    assert [move.reference for move in TagLog(again, engine.connect().id).moves()] == ["web:latest"]
    again.close()


def test_without_a_usable_file_a_recorder_says_why_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    engine = MemoryEngine()
    recorder = Recorder(engine, lambda: State(tmp_path / "file" / "state.db"))
    assert recorder.follow(engine.connect()) == 0
    assert "cannot be written" in str(recorder.problem)
    assert recorder.log is None
    assert recorder.look_at(["web:latest"]).moves == ()
    recorder.confirm()


def test_two_programs_write_one_log(path: Path) -> None:
    one, other = State(path), State(path)
    TagLog(one, "engine").add([MOVE])
    TagLog(other, "engine").add([MOVE])
    assert len(TagLog(one, "engine").moves()) == 2
    one.close()
    other.close()
