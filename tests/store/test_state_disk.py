"""A full or a read-only disk: real ones. What was recorded is read, what cannot be written is said."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.plans.plan import plan_tag
from imgtui.operations.acts.act_journal import NotWrittenDown
from imgtui.operations.acts.acts import Acts
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.scan import look
from imgtui.store.state import State, StateUnusable
from imgtui.store.tag_log import TagLog
from tests.operations.listening import NOW, made


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 300 kB."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts disks")
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k,mode=700", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path) -> None:
    with (disk / "fill").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 1024)
        except OSError:
            return


def engine_with_a_log(path: Path) -> MemoryEngine:
    engine = MemoryEngine()
    for name in ("one", "two"):
        engine.build(made(name), "web:latest")
        recorder = Recorder(engine, lambda: State(path))
        look(engine, recorder)
        recorder.close()
    return engine


@pytest.mark.parametrize("what", ["full", "read-only"])
def test_the_log_is_read_and_who_agrees_can_act(disk: Path, what: str) -> None:
    path = disk / "state.db"
    engine = engine_with_a_log(path)
    before = path.read_bytes()
    if what == "full":
        fill(disk)
    else:
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    with closing(State(path)) as state:
        assert len(TagLog(state, engine.connect().id).moves()) == 1
    recorder = Recorder(engine, lambda: State(path))
    catalog = look(engine, recorder).catalog
    assert f"cannot be written (the disk is {what}): " in str(recorder.problem)
    assert recorder.log is not None
    assert len(recorder.log.moves()) == 1
    assert not recorder.can_write
    acts = Acts(engine, recorder)
    plan = plan_tag(catalog, catalog.tags["web:latest"], "web:again", int(NOW))
    with pytest.raises(NotWrittenDown, match="nothing was done"):
        acts.perform(plan)
    recorder.told_unwritten = True
    acts.perform(plan)
    assert path.read_bytes() == before
    if what == "full":
        (disk / "fill").unlink()
    else:
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    look(engine, recorder)
    assert recorder.problem is None
    assert recorder.log is not None
    assert recorder.log.moves()[0].reference == "web:again"
    recorder.close()


def test_on_a_full_disk_no_half_a_file_is_begun(disk: Path) -> None:
    fill(disk)
    with pytest.raises(StateUnusable, match=r"cannot be written .*: free some room on that disk"):
        State(disk / "state.db")
    assert [file.name for file in disk.iterdir()] == ["fill"]
