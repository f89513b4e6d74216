"""Launches as a session does them: what is told, what is kept, and what an ended imgtui has left."""

from __future__ import annotations

import os
import queue
import subprocess
from collections.abc import Callable

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.errors import EngineError
from imgtui.model.acts.changes import RemovedForGood
from imgtui.model.core.image import Store
from imgtui.model.launch.launch import SHELL, SHELL_NAME, Discard, Launch, Shell
from imgtui.operations.launch.service import ABANDONED_SECONDS, LaunchService, is_over, owner
from imgtui.operations.protocol.updates import ContainerSeen, LaunchDrafted, Proposed, TerminalWanted, Update
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.scan import everything
from imgtui.store.journal import Journal
from imgtui.store.state import State
from tests.engine.contract.hands import MemoryHands
from tests.engines.waiting import PATIENCE

SECONDS = PATIENCE


class Desk:
    """A desk on an engine in memory, and what it tells."""

    def __init__(self, *, later: float = 0.0) -> None:
        self.hands = MemoryHands(Store.CONTAINERD)
        self.image = self.hands.build("web:1", "1")
        state = self.state = State(None)
        recorder = Recorder(self.engine, lambda: state, clock=lambda: self.hands.clock.now / 1e9 + later)
        recorder.follow(self.engine.connect())
        recorder._ahead = 0
        self.told: queue.SimpleQueue[Update] = queue.SimpleQueue()
        self.desk = LaunchService(self.engine, recorder, self.told.put, lambda _: None, {})

    @property
    def engine(self) -> MemoryEngine:
        return self.hands.engine

    @property
    def names(self) -> list[str]:
        return [container.name for container in self.engine.containers()]

    def next(self) -> Update:
        return self.told.get(timeout=SECONDS)


def ignore(_: str) -> None:
    """Nobody listens."""


def test_a_draft_is_told_with_what_it_can_collide_with() -> None:
    desk = Desk()
    desk.desk.draft(everything(desk.engine), desk.image, "web", "no terminal here")
    told = desk.next()
    assert isinstance(told, LaunchDrafted)
    assert told.draft.image_id == desk.image
    assert told.around.no_terminal == "no terminal here"


def test_why_there_is_no_draft_is_told() -> None:
    desk = Desk()
    desk.desk.draft(everything(desk.engine), "sha256:" + "0" * 64, "web", None)
    told = desk.next()
    assert told == Proposed(None, "000000000000 is gone from this engine")


def test_a_launch_tells_what_became_of_it() -> None:
    desk = Desk()
    said = desk.desk.perform(Launch(desk.image, "web"), ignore)
    told = desk.next()
    assert isinstance(told, ContainerSeen)
    assert (told.name, told.image_id, told.state) == ("web", desk.image, "running")
    assert said == "web is started: running"
    assert desk.desk.perform(Discard(told.container_id, "web"), ignore) == "web is stopped and removed"
    assert desk.names == []


@pytest.mark.parametrize("refused", ["stop_container", "remove_container", None])
def test_only_a_container_that_is_gone_is_a_change_that_cannot_be_undone(
    refused: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk()
    desk.desk.perform(Launch(desk.image, "web"), ignore)
    told = desk.next()
    assert isinstance(told, ContainerSeen)

    def refuse(*_: object, **__: object) -> None:
        raise EngineError("the engine does not do it")

    what, journal = Discard(told.container_id, "web"), Journal(desk.state, desk.engine.connect().id)
    if refused is None:
        desk.desk.perform(what, ignore)
    else:
        monkeypatch.setattr(desk.engine, refused, refuse)
        with pytest.raises(EngineError):
            desk.desk.perform(what, ignore)
    assert [act.container for act in journal.over() if isinstance(act, RemovedForGood)] == (
        [] if refused else ["web"]
    )


def test_a_terminal_is_asked_for_and_the_container_looked_at_when_it_is_back() -> None:
    desk = Desk()
    desk.desk.perform(Shell(desk.image, "web:1"), ignore)
    wanted = desk.next()
    assert isinstance(wanted, TerminalWanted)
    (name,) = desk.names
    assert name.startswith(SHELL_NAME)
    desk.engine.start_container(wanted.container_id)
    desk.engine.stop_container(wanted.container_id)
    desk.desk.left(wanted.container_id, "")
    told = desk.next()
    assert isinstance(told, ContainerSeen)
    assert told.gone
    assert told.name == name


def test_what_the_terminal_never_started_is_removed_with_the_reason() -> None:
    desk = Desk()
    desk.desk.perform(Launch(desk.image, "web", terminal=True), ignore)
    wanted = desk.next()
    assert isinstance(wanted, TerminalWanted)
    desk.desk.left(wanted.container_id, "client version 1.24 is too old")
    assert desk.next() == Proposed(None, "web did not start and was removed: client version 1.24 is too old")
    assert desk.names == []


def left_behind(desk: Desk, process: str, *, running: bool) -> None:
    launch = Launch(desk.image, f"{SHELL_NAME}1", labels=(f"{SHELL}={process}",), terminal=True, remove=True)
    made = desk.engine.create_container(launch.name, launch.body)
    if running:
        desk.engine.start_container(made)


def ended_process() -> str:
    done = subprocess.Popen(["true"])
    done.wait()
    return f"{owner().rpartition('/')[0]}/{done.pid}"


@pytest.mark.parametrize(
    ("process", "running", "later", "stays"),
    [
        (owner, True, 0.0, True),
        (owner, False, 0.0, True),
        (owner, False, ABANDONED_SECONDS + 2.0, False),
        (ended_process, True, 0.0, False),
        (ended_process, False, 0.0, False),
        (lambda: "another machine/pid:[1]/1", True, ABANDONED_SECONDS + 2.0, True),
    ],
    ids=["used", "just made", "forgotten", "running for nobody", "made for nobody", "elsewhere"],
)
def test_what_an_imgtui_left_that_was_ended_is_removed_and_nothing_else(
    process: Callable[[], str], running: bool, later: float, stays: bool
) -> None:
    desk = Desk(later=later)
    left_behind(desk, process(), running=running)
    desk.engine.run("web", "web:1")
    desk.engine.run(f"{SHELL_NAME}of-mine", "web:1")
    desk.desk.tidy(everything(desk.engine))
    assert sorted(desk.names) == sorted(
        ["web", f"{SHELL_NAME}of-mine", *([f"{SHELL_NAME}1"] if stays else [])]
    )


def test_a_process_of_another_boot_or_namespace_is_not_taken_for_over() -> None:
    assert not is_over(owner())
    assert not is_over("other/pid:[1]/999999999")
    assert not is_over(f"{owner().rpartition('/')[0]}/none")
    assert str(os.getpid()) in owner()
