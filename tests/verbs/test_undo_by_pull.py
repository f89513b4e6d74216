"""`imgtui undo` of the removal of an image that a registry has: done, stopped by Ctrl+C, broken off."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from imgtui.verbs.console.output import Exit
from tests.engine.contract.source import image
from tests.engines import content
from tests.engines.faulty_registry import FaultyRegistry
from tests.engines.private import CommandFailedError, PrivateEngine
from tests.engines.registry import Registry
from tests.verbs.command import HEARS_SIGNALS, IMGTUI, SECONDS, call, environment


@dataclass(frozen=True)
class Removed:
    """An image that was pulled from a registry and removed with `docker rmi`, and imgtui's files."""

    engine: PrivateEngine
    registry: FaultyRegistry
    home: Path
    tag: str
    image_id: str

    @property
    def points_at(self) -> str | None:
        """Where the tag points, as the docker client sees it."""
        try:
            return content.image_id(self.engine, self.tag)
        except CommandFailedError:
            return None

    @property
    def is_here(self) -> bool:
        """Whether the engine has the image, under whatever name."""
        try:
            content.image_id(self.engine, self.image_id)
        except CommandFailedError:
            return False
        return True


@pytest.fixture
def removed(real_engine: PrivateEngine, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Removed]:
    """Each engine in turn, watched by `imgtui log` between the two acts."""
    with Registry() as behind, FaultyRegistry(behind.address) as registry:
        behind.publish("undone:1", image(request.node.name))
        tag = f"{registry.address}/undone:1"
        environ = environment(tmp_path, real_engine.host)
        assert call(environ, "log").returncode == Exit.DONE
        real_engine.docker("pull", "-q", tag)
        image_id = content.image_id(real_engine, tag)
        assert call(environ, "log").returncode == Exit.DONE
        real_engine.docker("rmi", tag)
        found = Removed(real_engine, registry, tmp_path, tag, image_id)
        assert (found.points_at, found.is_here) == (None, False)
        yield found


def read(terminal: int, text: str) -> str:
    """What comes from a terminal, up to a text."""
    told = ""
    while text not in told:
        ready, _, _ = select.select([terminal], [], [], SECONDS)
        assert ready, f"not within {SECONDS:g} s: {text!r} after {told!r}"
        told += os.read(terminal, 4096).decode()
    return told


def test_exactly_that_digest_and_tag_are_back(removed: Removed) -> None:
    done = call(environment(removed.home, removed.engine.host), "undo", "--yes", "--json")
    assert (done.returncode, done.stderr) == (Exit.DONE, "")
    document = json.loads(done.stdout)
    assert [step["verb"] for step in document["steps"]] == ["pull", "tag"]
    assert {step["image"] for step in document["steps"]} == {removed.image_id}
    assert [(move["ref"], move["to"], move["cause"]) for move in document["moves"]] == [
        (removed.tag, removed.image_id, "undo")
    ]
    assert removed.points_at == removed.image_id


def test_ctrl_c_in_the_middle_ends_it_with_one_line_and_nothing_was_changed(removed: Removed) -> None:
    removed.registry.gate.clear()
    removed.registry.in_the_middle.clear()
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*HEARS_SIGNALS, str(IMGTUI), "undo", "--yes"],
        env=environment(removed.home, removed.engine.host),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    ) as process:
        os.close(theirs)
        told = read(ours, f"\rpulling {removed.image_id[7:19]}: ")
        assert removed.registry.in_the_middle.wait(SECONDS)
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == Exit.FAILED
        told += read(ours, "changed\r\n")
        assert process.stdout is not None
        assert process.stdout.read().splitlines()[0].startswith(f"Point {removed.tag} at ")
    os.close(ours)
    assert told.endswith("\rimgtui: stopped by hand: nothing was changed\r\n")
    removed.registry.gate.set()
    assert (removed.points_at, removed.is_here) == (None, False)


def test_without_a_terminal_a_failure_is_one_line(removed: Removed) -> None:
    removed.registry.broken.set()
    failed = call(environment(removed.home, removed.engine.host), "undo", "--yes")
    assert failed.returncode == Exit.FAILED
    assert failed.stderr.startswith("imgtui: ")
    assert failed.stderr.count("\n") == 1
    assert (removed.points_at, removed.is_here) == (None, False)
