"""Who watches an engine can be seen, for exactly as long as they live."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from imgtui.store.presence import AlreadyHeld, hold, is_held

HOLDER = """
import sys
from pathlib import Path
from imgtui.store.presence import hold
presence = hold(Path(sys.argv[1]), "one")
print("held", flush=True)
sys.stdin.read()
"""


def test_an_engine_is_watched_until_the_lock_is_released(tmp_path: Path) -> None:
    assert not is_held(tmp_path, "one")
    with hold(tmp_path, "one") as presence:
        assert is_held(tmp_path, "one")
        presence.release()
        assert not is_held(tmp_path, "one")
    with hold(tmp_path, "one"):
        assert is_held(tmp_path, "one")
    assert not is_held(tmp_path, "one")


def test_a_second_one_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    with hold(tmp_path, "one"):
        with pytest.raises(AlreadyHeld):
            hold(tmp_path, "one")
        assert is_held(tmp_path, "one")


def test_engines_are_watched_each_by_itself(tmp_path: Path) -> None:
    with hold(tmp_path, "one"), hold(tmp_path, "../two\n"):
        assert is_held(tmp_path, "../two\n")
        assert not is_held(tmp_path, "three")
    assert all(
        file.parent == tmp_path and file.stat().st_mode & 0o777 == 0o600 for file in tmp_path.iterdir()
    )


def test_a_recorder_that_is_killed_is_not_seen_any_more(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert is_held(tmp_path, "one")
        holder.kill()
        holder.wait()
        assert not is_held(tmp_path, "one")


def test_asking_keeps_nobody_from_holding(tmp_path: Path) -> None:
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            is_held(tmp_path, "one")

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(50):
            hold(tmp_path, "one").release()
    finally:
        done.set()
        for thread in threads:
            thread.join()


def test_where_nothing_can_be_written_nobody_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert not is_held(file, "one")
    assert not is_held(tmp_path / "nowhere", "one")
    with pytest.raises(OSError, match="Not a directory"):
        hold(file, "one")
