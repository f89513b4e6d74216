"""Who watches an engine can be seen, for exactly as long as they live."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from imgtui.model.taglog.identity import Place
from imgtui.store.engines import Engines
from imgtui.store.machine import is_watched
from imgtui.store.presence import AlreadyHeld, Role, hold, is_held
from imgtui.store.state import State

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


def test_a_role_that_is_held_together_is_held_alone_by_nobody(tmp_path: Path) -> None:
    with hold(tmp_path, "one", Role.ACTS, together=True):
        with hold(tmp_path, "one", Role.ACTS, together=True), pytest.raises(AlreadyHeld):
            hold(tmp_path, "one", Role.ACTS)
        with pytest.raises(AlreadyHeld):
            hold(tmp_path, "one", Role.ACTS)
    with hold(tmp_path, "one", Role.ACTS), pytest.raises(AlreadyHeld):
        hold(tmp_path, "one", Role.ACTS, together=True)


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


def test_the_machines_recorder_is_found_by_the_key_that_it_has_in_its_own_file(tmp_path: Path) -> None:
    here = Place("ID-A", "ssh://web-02", "web", "web-01", "/var/lib/docker", "graph", "run-2", 100)
    twin = replace(here, address="ssh://web-01", run="run-1")
    own, machine = tmp_path / "own" / "state.db", tmp_path / "machine" / "state.db"
    with closing(State(machine)) as state:
        Engines(state).saw("ID-A", here)
        twins = Engines(state).begin(twin)
    with closing(State(own)) as state:
        Engines(state).saw("ID-A", twin)
        key = Engines(state).begin(here)
    assert key == twins == "ID-A~2"
    with hold(machine.parent, "ID-A"):
        assert is_watched(own, machine, key, here)
        assert not is_watched(own, machine, "ID-A", twin)
        assert not is_watched(own, None, key, here)
    with hold(machine.parent, twins):
        assert not is_watched(own, machine, key, here)
    with hold(own.parent, key):
        assert is_watched(own, machine, key, here)
    unknown = replace(here, address="ssh://web-03", run="run-3")  # nobody knows which of the two it is
    with hold(machine.parent, "ID-A"):
        assert not is_watched(own, machine, "ID-A~3", unknown)
        machine.unlink()
        assert is_watched(own, machine, "ID-A", here)
