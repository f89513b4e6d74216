"""Where the state file is: nothing is followed, shared, overwritten or lost, and one line says what to do."""

from __future__ import annotations

import os
import socket
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from imgtui.model.taglog.moves import Cause, Move, Provenance
from imgtui.store.state import APPLICATION_ID, MIGRATIONS, State, StateUnusable
from imgtui.store.state_errors import of_sqlite
from imgtui.store.tag_log import TagLog

MOVE = Move("web:latest", None, "sha256:1", 5, 3, Cause.BUILD, Provenance.EVENT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "state.db"


def problem_of(path: Path) -> str:
    """One line with a cause and a remedy."""
    with pytest.raises(StateUnusable) as raised:
        State(path)
    text = str(raised.value)
    assert text.isprintable()
    cause, between, remedy = text.rpartition(": ")
    assert cause
    assert between
    assert remedy
    return text


def everything_in(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Each file with its mode and content."""
    return {
        file.name: (file.lstat().st_mode, file.read_bytes() if file.is_file() else b"")
        for file in folder.iterdir()
    }


def test_an_empty_file_is_set_aside_and_said_with_what_belongs_to_it(path: Path) -> None:
    with closing(State(path)) as state:
        TagLog(state, "engine").add([MOVE])
        kept = path.with_name("state.db-wal").read_bytes()
        os.truncate(path, 0)
    path.with_name("state.db-wal").write_bytes(kept)
    os.truncate(path, 0)
    said = problem_of(path)
    assert "was empty (0 bytes)" in said
    assert "restore" in said
    (aside,) = (p for p in path.parent.glob("state.db.damaged-*") if not p.name.endswith(("-wal", "-shm")))
    assert path.with_name(f"{aside.name}-wal").read_bytes() == kept
    assert not path.exists()
    with closing(State(path)) as again:
        assert TagLog(again, "engine").moves() == []


def link(path: Path, outside: Path) -> None:
    outside.write_bytes(b"")
    path.symlink_to(outside)


def dangling(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def to_null(path: Path, outside: Path) -> None:
    del outside
    path.symlink_to("/dev/null")


def pipe(path: Path, outside: Path) -> None:
    del outside
    os.mkfifo(path)


def folder(path: Path, outside: Path) -> None:
    del outside
    path.mkdir()


def listening(path: Path, outside: Path) -> None:
    del outside
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(path.parent)  # the name of a socket may have 107 bytes
        try:
            server.bind(path.name)
        finally:
            os.chdir(here)


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (link, "is a link to "),
        (dangling, "is a link to "),
        (to_null, "is a link to /dev/null"),
        (pipe, "is a named pipe"),
        (folder, "is a folder"),
        (listening, "is a socket"),
    ],
)
def test_only_a_plain_file_is_opened(
    path: Path, tmp_path: Path, make: Callable[[Path, Path], None], kind: str
) -> None:
    path.parent.mkdir(mode=0o700)
    outside = tmp_path / "outside.db"
    make(path, outside)
    before = everything_in(path.parent), outside.exists()
    assert kind in problem_of(path)
    assert (everything_in(path.parent), outside.exists()) == before


@pytest.mark.parametrize("mode", [0o666, 0o602, 0o777])
def test_a_file_that_others_can_write_is_left_alone(path: Path, mode: int) -> None:
    State(path).close()
    path.chmod(mode)
    before = everything_in(path.parent)
    assert f"chmod go-w {path}" in problem_of(path)
    assert everything_in(path.parent) == before


@pytest.mark.parametrize("mode", [0o777, 0o703, 0o1777])
def test_a_folder_that_others_can_write_is_not_used(path: Path, mode: int) -> None:
    path.parent.mkdir()
    path.parent.chmod(mode)
    assert f"chmod go-w {path.parent}" in problem_of(path)
    assert everything_in(path.parent) == {}


def test_what_others_can_read_is_its_owners_alone_again(path: Path) -> None:
    State(path).close()
    path.chmod(0o644)
    with closing(State(path)) as state:
        TagLog(state, "engine").add([MOVE])
        modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {0o600}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_belongs_to_somebody_else_is_left_alone(path: Path, what: str) -> None:
    State(path).close()
    os.chown(path if what == "file" else path.parent, 4242, -1)
    before = everything_in(path.parent)
    said = problem_of(path)
    assert "belongs to user 4242: run as that user" in said
    assert everything_in(path.parent) == before


def foreign(path: Path, *statements: str) -> None:
    path.parent.mkdir(mode=0o700)
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE bookmarks (name TEXT)",),
        ("CREATE TABLE bookmarks (name TEXT)", "PRAGMA user_version = 4"),
        ("CREATE TABLE bookmarks (name TEXT)", "PRAGMA user_version = 99"),
        ("PRAGMA application_id = 252006675",),
        (*(f"CREATE TABLE {name} (id TEXT)" for name in ("engines", "tags", "moves")),),
    ],
)
def test_the_database_of_another_program_is_not_touched(path: Path, statements: tuple[str, ...]) -> None:
    foreign(path, *statements)
    before = everything_in(path.parent)
    assert "is the database of another program" in problem_of(path)
    assert everything_in(path.parent) == before


def test_a_database_that_was_only_begun_is_imgtuis(path: Path) -> None:
    foreign(path, "PRAGMA journal_mode = WAL")
    with closing(State(path)) as state:
        TagLog(state, "engine").add([MOVE])


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_a_file_says_whose_it_is_also_one_from_before(path: Path, version: int) -> None:
    foreign(
        path,
        *(s for each in MIGRATIONS[:version] for s in each.split(";")),
        f"PRAGMA user_version = {version}",
    )
    State(path).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


def test_a_new_file_is_whole_when_it_gets_its_name(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    give = Path.hardlink_to

    def look(self: Path, target: Path) -> None:
        seen.append(self.exists())
        give(self, target)
        with closing(sqlite3.connect(self)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()
        assert version == (len(MIGRATIONS),)

    monkeypatch.setattr(Path, "hardlink_to", look)
    State(path).close()
    assert seen == [False]
    assert [file.name for file in path.parent.iterdir()] == ["state.db"]


def test_a_file_system_without_hard_links_will_do(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    with closing(State(path)) as state:
        TagLog(state, "engine").add([MOVE])
    assert [file.name for file in path.parent.iterdir()] == ["state.db"]


def test_the_file_of_who_was_faster_stays(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    give = Path.hardlink_to

    def be_late(self: Path, target: Path) -> None:
        monkeypatch.setattr(Path, "hardlink_to", give)
        with closing(State(path)) as faster:
            TagLog(faster, "engine").add([MOVE])
        give(self, target)

    monkeypatch.setattr(Path, "hardlink_to", be_late)
    with closing(State(path)) as state:
        assert len(TagLog(state, "engine").moves()) == 1


def failure(code: int, text: str = "what SQLite says") -> sqlite3.Error:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "locked", "passing", "remedy"),
    [
        (5, True, True, "try again"),  # SQLITE_BUSY
        (261, True, True, "try again"),  # SQLITE_BUSY_RECOVERY
        (517, True, True, "try again"),  # SQLITE_BUSY_SNAPSHOT
        (773, True, True, "try again"),  # SQLITE_BUSY_TIMEOUT
        (6, True, True, "try again"),  # SQLITE_LOCKED
        (262, True, True, "try again"),  # SQLITE_LOCKED_SHAREDCACHE
        (15, True, True, "try again"),  # SQLITE_PROTOCOL
        (13, False, False, "free some room"),  # SQLITE_FULL
        (8, False, False, "mount the disk writable"),  # SQLITE_READONLY
        (1032, False, False, "start imgtui again"),  # SQLITE_READONLY_DBMOVED
        (778, False, False, "dmesg"),  # SQLITE_IOERR_WRITE
        (14, False, False, "rights of the folder"),  # SQLITE_CANTOPEN
        (267, False, False, "sets a damaged file aside"),  # SQLITE_CORRUPT_VTAB
    ],
)
def test_every_failure_of_sqlite_has_its_own_remedy(
    code: int, remedy: str, *, locked: bool, passing: bool
) -> None:
    found = of_sqlite(failure(code), Path("/var/lib/imgtui/state.db"))
    assert (found.locked, found.passing) == (locked, passing)
    assert remedy in str(found).rpartition(": ")[2]
