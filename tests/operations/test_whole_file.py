"""A file is there whole, or not at all, or as it was."""

from __future__ import annotations

import os
import resource
import signal
from pathlib import Path

import pytest

from imgtui.engine.port.errors import EngineError
from imgtui.operations.tasks.atomic_file import FileNotWritten, whole_file


def test_it_takes_its_name_when_all_of_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "new"
    with whole_file(path, replace=False) as file:
        file.write(b"content")
        assert not path.exists()
    assert path.read_bytes() == b"content"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["new"]


def test_of_what_fails_in_the_middle_nothing_stays(tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_bytes(b"before")

    def breaks_off() -> None:
        with whole_file(path, replace=True) as file:
            file.write(b"half")
            raise EngineError("broken off")

    with pytest.raises(EngineError, match="broken off"):
        breaks_off()
    assert path.read_bytes() == b"before"
    assert [found.name for found in tmp_path.iterdir()] == ["old"]


def test_a_file_that_came_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "new"

    def comes_late() -> None:
        with whole_file(path, replace=False) as file:
            file.write(b"mine")
            path.write_bytes(b"somebody else's")

    with pytest.raises(FileNotWritten, match="is there by now"):
        comes_late()
    assert path.read_bytes() == b"somebody else's"
    assert [found.name for found in tmp_path.iterdir()] == ["new"]


def test_a_file_is_replaced_where_that_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_bytes(b"before")
    with whole_file(path, replace=True) as file:
        file.write(b"after")
    assert path.read_bytes() == b"after"


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "new"
    with whole_file(path, replace=False) as file:
        file.write(b"content")
    assert path.read_bytes() == b"content"
    with pytest.raises(FileNotWritten, match="is there by now"), whole_file(path, replace=False):
        pass
    assert [found.name for found in tmp_path.iterdir()] == ["new"]


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "none" / "new"
    with pytest.raises(FileNotWritten) as failed, whole_file(path, replace=False):
        pass
    assert str(failed.value) == f"{path} cannot be written: No such file or directory"


def test_what_has_no_room_leaves_nothing(tmp_path: Path) -> None:
    """A limit on the size of files does what a full disk does: a write fails in the middle."""
    path = tmp_path / "large"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(FileNotWritten) as failed, whole_file(path, replace=False) as file:
            file.write(bytes(1_000_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert str(failed.value) == f"{path} cannot be written: File too large"
    assert [found.name for found in tmp_path.iterdir()] == []
