"""Several processes record into one file, and some are killed: no move is lost, none is there twice."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

from imgtui.engine.docker.engine import DockerEngine
from imgtui.model.taglog.moves import Move
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.scan import look
from imgtui.store.state import State
from imgtui.store.tag_log import TagLog
from tests.engine.contract.conftest import archive
from tests.engine.contract.hands import DockerHands, connect
from tests.engines.private import PrivateEngine
from tests.engines.waiting import wait_until

KILLS = 15
MOVES_A_KILL = 40
"""Docker holds 256 events: what happens while no recorder gets to record must be among them."""


@contextmanager
def recording(engine: PrivateEngine, path: Path) -> Iterator[subprocess.Popen[str]]:
    """A recorder that is live; killed at the end."""
    command = (sys.executable, "-m", "tests.operations.recording_process", engine.host, str(path))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "live\n"
            yield process
        finally:
            process.kill()


class Mover(threading.Thread):
    """Moves a tag from image to image, as fast as the engine lets it or with pauses, and remembers."""

    def __init__(self, engine: DockerEngine, images: list[str], tag: str, pause: float = 0.0) -> None:
        super().__init__(daemon=True)
        self._engine, self._images, self._tag, self._pause = engine, itertools.cycle(images), tag, pause
        self.made: list[str] = []
        self.enough = threading.Event()
        self.allowed = threading.Semaphore(1_000_000)
        """How many moves it may make yet."""

    def move(self) -> None:
        image_id = next(self._images)
        self._engine.tag(image_id, self._tag)
        self.made.append(image_id)

    def run(self) -> None:
        while self.allowed.acquire() and not self.enough.wait(self._pause):
            self.move()


def three(hands: DockerHands, name: str) -> list[str]:
    return [hands.load(archive(f"{name}:{number}", f"{name} {number}")) for number in range(3)]


def assert_chain(moves: list[Move], made: list[str]) -> None:
    """Each move once, in order; what stands where the two part is shown."""
    names = {image_id: letter for letter, image_id in zip("ABC", dict.fromkeys(made), strict=False)}
    told = [
        f"{names.get(move.target or '', '-')} {move.known} {move.not_before or ''}..{move.at}"
        for move in moves
    ]
    wrong = next((n for n, pair in enumerate(zip(moves, made, strict=False)) if pair[0].target != pair[1]), 0)
    assert [move.target for move in moves] == made, "\n".join(told[max(0, wrong - 8) : wrong + 8])


def moves_of(state: State, engine: DockerEngine, tag: str) -> list[Move]:
    """What is recorded of a tag, oldest first."""
    moves = TagLog(state, engine.connect().id).moves()
    return [move for move in moves if move.reference == tag][::-1]


def test_two_processes_and_two_threads_record_each_move_once(
    docker28_overlay2: PrivateEngine, tmp_path: Path
) -> None:
    hands, path = DockerHands(docker28_overlay2), tmp_path / "state"
    images = three(hands, "crowd")
    state = State(path)
    look(hands.engine, Recorder(hands.engine, lambda: state))
    with recording(docker28_overlay2, path), recording(docker28_overlay2, path):
        movers = [Mover(connect(docker28_overlay2), images, f"crowd:t{number}", 0.002) for number in range(2)]
        for mover in movers:
            mover.start()
        wait_until(lambda: all(len(mover.made) >= 60 for mover in movers), "enough moves")
        for mover in movers:
            mover.enough.set()
            mover.join()
        for number, mover in enumerate(movers):

            def told(tag: str = f"crowd:t{number}", made: list[str] = mover.made) -> bool:
                return [move.target for move in moves_of(state, hands.engine, tag)] == made

            with suppress(TimeoutError):
                wait_until(told, "each move once", 20)
            assert_chain(moves_of(state, hands.engine, f"crowd:t{number}"), mover.made)
    state.close()
    hands.engine.close()


def test_a_recorder_that_is_killed_at_any_instant_loses_no_move_and_has_none_twice(
    docker28_overlay2: PrivateEngine, tmp_path: Path
) -> None:
    hands, path, chance = DockerHands(docker28_overlay2), tmp_path / "state", random.Random(3)
    images, tag = three(hands, "killed"), "killed:t"
    state = State(path)
    look(hands.engine, Recorder(hands.engine, lambda: state))
    mover = Mover(connect(docker28_overlay2), images, tag, 0.02)
    mover.allowed = threading.Semaphore(0)
    mover.start()
    seen: list[Move] = []
    for _ in range(KILLS):
        mover.allowed.release(MOVES_A_KILL)
        with recording(docker28_overlay2, path) as process:
            instant = time.monotonic() + chance.uniform(0.0, 0.15)
            wait_until(lambda instant=instant: time.monotonic() >= instant, "an instant")  # type: ignore[misc]
            process.kill()
        now = moves_of(state, hands.engine, tag)
        rest = iter(move.target for move in now)
        assert all(move.target in rest for move in seen), "what was recorded is still there, in order"
        seen = now
    mover.enough.set()
    mover.allowed.release()
    mover.join()
    look(hands.engine, Recorder(hands.engine, lambda: state))

    moves = moves_of(state, hands.engine, tag)
    assert moves[0].origin is None
    assert all(one.target == other.origin for one, other in pairwise(moves))
    assert_chain(moves, mover.made)
    state.close()
    hands.engine.close()
