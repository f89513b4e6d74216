"""What the machine's recorder saw is taken over: the same log, each move once, whoever watched when."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.core.image import Store
from imgtui.model.taglog.moves import Move, Provenance
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.remembering import remembered
from imgtui.operations.taglog.scan import look
from imgtui.store.state import State
from tests.operations.listening import made
from tests.operations.watching import Watcher


class Machine:
    """An engine, its recorder, and somebody who looks now and then."""

    def __init__(self, folder: Path, opened: ExitStack, store: Store = Store.GRAPH) -> None:
        self.engine = MemoryEngine(store=store)
        self.images = [self.engine.build(made(str(number)), f"base:{number}") for number in range(4)]
        self.path = folder / "machine" / "state.db"
        self.mine = folder / "mine" / "state.db"
        self.recorder = Watcher(self.engine, opened.enter_context(closing(State(self.path))))
        self.opened = opened

    def look(self) -> Recorder:
        """One call of somebody: a program of its own."""
        recorder = Recorder(
            self.engine, lambda: self.opened.enter_context(closing(State(self.mine))), machine=self.path
        )
        look(self.engine, recorder)
        assert recorder.problem is None
        return recorder


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with ExitStack() as opened:
        yield Machine(tmp_path, opened)


def told(moves: list[Move]) -> list[tuple[str, str | None, str | None]]:
    return [(move.reference, move.origin, move.target) for move in moves]


def log_of(recorder: Recorder) -> list[Move]:
    assert recorder.log is not None
    return recorder.log.moves()


def test_the_first_call_has_the_whole_log_with_its_times(machine: Machine) -> None:
    for image_id in machine.images:
        machine.engine.tag(image_id, "web:latest")
        machine.recorder.look()
    theirs = machine.recorder.log.moves()
    mine = log_of(machine.look())
    assert [(m.at, m.cause, m.known, m.origin, m.target) for m in mine] == [
        (m.at, m.cause, m.known, m.origin, m.target) for m in theirs
    ]


@pytest.mark.parametrize("seed", range(30))
def test_whoever_watches_when_each_move_is_told_once(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with ExitStack() as opened:
        # There an event names each tag that is taken away: what both see is the same.
        machine = Machine(tmp_path, opened, Store.CONTAINERD)
        done: list[tuple[str, str | None, str | None]] = []
        where: dict[str, str | None] = {}
        for _ in range(25):
            what = chance.choice(["tag", "tag", "recorder", "look", "untag"])
            tag = chance.choice(["web:1", "web:2"])
            if what == "tag":
                image_id = chance.choice(machine.images)
                if where.get(tag) != image_id:
                    machine.engine.tag(image_id, tag)
                    done.append((tag, where.get(tag), image_id))
                    where[tag] = image_id
            elif what == "untag" and where.get(tag):
                machine.engine.untag(tag)
                done.append((tag, where[tag], None))
                where[tag] = None
            elif what == "recorder":
                machine.recorder.look()
            else:
                machine.look()
        machine.recorder.look()
        mine = log_of(machine.look())
        observed = [move for move in mine if move.known is not Provenance.EVIDENCE]
        for tag in ("web:1", "web:2"):
            assert [m for m in told(observed)[::-1] if m[0] == tag] == [m for m in done if m[0] == tag]
        theirs = machine.recorder.log.moves()
        assert Counter(told(observed)) == Counter(told(theirs)) == Counter(done), "each once"


def test_what_came_before_ones_own_log_stands_before_it(machine: Machine) -> None:
    machine.engine.tag(machine.images[0], "web:latest")
    machine.recorder.look()
    machine.path.rename(machine.path.with_name("not yet"))
    machine.look()
    machine.engine.tag(machine.images[1], "web:latest")
    machine.recorder.look()
    machine.look()
    machine.path.with_name("not yet").rename(machine.path)
    mine = log_of(machine.look())
    assert told(mine) == [
        ("web:latest", machine.images[0], machine.images[1]),
        ("web:latest", None, machine.images[0]),
    ]


def test_facts_of_what_is_gone_are_taken_over(tmp_path: Path) -> None:
    with ExitStack() as opened:
        machine = Machine(tmp_path, opened, Store.CONTAINERD)
        facts = machine.recorder.recorder.facts
        assert facts is not None
        facts.keep(Store.CONTAINERD, [("sha256:gone", "{}")])
        machine.engine.tag(machine.images[1], "web:latest")
        machine.recorder.look()
        assert remembered(machine.look(), Store.CONTAINERD, "sha256:gone") == "{}"


def test_a_machines_log_that_cannot_be_read_is_said_and_everything_goes_on(machine: Machine) -> None:
    machine.path.chmod(0o666)
    recorder = machine.look()
    assert "is not read, as others can write it" in str(recorder.remark)
    machine.path.chmod(0o600)
    assert machine.look().remark is None


def test_rows_of_it_that_are_not_understood_are_not_taken_over(machine: Machine) -> None:
    for image_id in machine.images[:3]:
        machine.engine.tag(image_id, "web:latest")
        machine.recorder.look()
    state = machine.recorder.recorder.state
    assert state is not None
    with state.changing() as file:
        file.execute("UPDATE moves SET cause = 'taf' WHERE number = 2")
    recorder = machine.look()
    assert len(log_of(recorder)) == 2
    assert "row 2 of moves" in str(recorder.remark)
