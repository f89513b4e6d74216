"""Acts that were interrupted are put right by who comes next, and by nobody while somebody is at them."""

from __future__ import annotations

import queue
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.acts.begun import Begun, NewContainer, OldContainer
from imgtui.model.keeps.keep import is_keep
from imgtui.model.launch.launch import Discard, Launch
from imgtui.model.plans.plan import Step, Verb, plan_keep, plan_tag
from imgtui.model.removal.plan import Doomed, Removal
from imgtui.model.taglog.moves import IMGTUI, Cause, Provenance
from imgtui.operations.acts.act_journal import ActJournal
from imgtui.operations.acts.acts import Acts
from imgtui.operations.launch.launching import Launching
from imgtui.operations.protocol.updates import Settled, Update
from imgtui.operations.recovery.interrupted import (
    AS_IT_WAS,
    CREATED_WITHIN,
    TRANSFERRED_WITHIN,
    Interruptions,
)
from imgtui.operations.removal.execute import Removing
from imgtui.operations.session.session import Session
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.scan import everything
from imgtui.store.cached.cache import Cache
from imgtui.store.journal import Journal, JournalEntry
from imgtui.store.state import State
from tests.engines.waiting import PATIENCE
from tests.operations.listening import NOW, made
from tests.operations.watching import Watcher


class Killed(BaseException):
    """The program is gone: nothing catches it."""


class Mortal(MemoryEngine):
    """An engine before whose next change but so many the program is killed; None: it lives."""

    lives: int | None = None

    def _cut(self) -> None:
        if self.lives is not None:
            self.lives -= 1
            if self.lives < 0:
                raise Killed

    def tag(self, image_id: str, reference: str) -> None:
        self._cut()
        super().tag(image_id, reference)

    def untag(self, reference: str) -> None:
        self._cut()
        super().untag(reference)

    def start_container(self, container_id: str) -> None:
        self._cut()
        super().start_container(container_id)

    def remove_container(self, container_id: str, *, volumes: bool = False) -> None:
        self._cut()
        super().remove_container(container_id, volumes=volumes)


class World:
    """Two versions of web, and who acts on them with a state file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = Mortal()
        self.old = self.engine.load(made("old"), "web:1")
        self.new = self.engine.load(made("new"), "web:latest")
        self.state = State(path)
        self.watcher = Watcher(self.engine, self.state)
        self.watcher.look()
        self.recorder = self.watcher.recorder
        self.acts = Acts(self.engine, self.recorder)

    def killed_at(self, change: int, act: Callable[[], object]) -> None:
        """Have the program killed before a change of an act."""
        self.engine.lives = change
        with pytest.raises(Killed):
            act()
        self.engine.lives = None

    def settle(self) -> tuple[str, ...]:
        """What the next imgtui says, which has looked before."""
        self.watcher.look()
        return Interruptions(self.engine, self.recorder).settle()

    def pass_time(self, seconds: int) -> None:
        """What was begun was begun so much earlier."""
        with closing(sqlite3.connect(self.path)) as file, file:
            file.execute("UPDATE acts SET begun = begun - ?", (seconds * 1_000_000_000,))

    @property
    def entry(self) -> JournalEntry:
        """The newest act."""
        return Journal(self.state, self.engine.connect().id).entries()[0]

    @property
    def names(self) -> dict[str, set[str]]:
        """Of each image."""
        return {key: {*image.tags, *image.keeps} for key, image in everything(self.engine).images.items()}

    def move(self) -> None:
        """`web:1` leaves its image, which is kept first."""
        self.acts.perform(plan_tag(everything(self.engine), self.new, "web:1", NOW))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    found = World(tmp_path / "state.db")
    yield found
    found.state.close()


@pytest.mark.parametrize("change", [0, 1])
def test_what_was_done_in_part_is_put_back(world: World, change: int) -> None:
    before = world.names
    world.killed_at(change, world.move)
    assert world.entry.outcome is None

    (said,) = world.settle()

    assert said == f"{world.entry.title} was interrupted: {AS_IT_WAS}"
    assert world.names == before
    assert world.entry.outcome == f"interrupted: {AS_IT_WAS}"
    assert world.settle() == ()


def test_what_was_done_is_said_to_be_and_is_an_act_of_imgtuis_in_the_log(world: World) -> None:
    journal = Journal(world.state, world.engine.connect().id)
    step = Step(Verb.TAG, "web:2", world.old, None, Cause.TAG)
    journal.begin("tag", [], world.recorder.now, steps=(step,), begun_as=Begun((step,)).to_json())
    world.engine.tag(world.old, "web:2")

    (said,) = world.settle()

    assert said == "tag was interrupted: done"
    assert world.entry.outcome == "done"
    (move,) = [move for move in world.watcher.log.moves() if move.reference == "web:2"]
    assert (move.known, move.actor) == (Provenance.ACT, IMGTUI)


def test_a_keep_that_is_the_last_name_by_now_stays(world: World) -> None:
    world.killed_at(1, world.move)
    world.engine.tag(world.new, "web:1")  # somebody else does it meanwhile
    world.settle()
    assert all(map(is_keep, world.names[world.old]))
    assert world.names[world.old]


def test_an_image_that_is_still_there_has_its_names_again(world: World) -> None:
    world.engine.tag(world.old, "web:old")
    world.watcher.look()
    tags = ("web:1", "web:old")
    removal = Removal("remove two", (Doomed(world.old, tags), Doomed(world.new, ("web:latest",))))
    world.killed_at(1, lambda: Removing(world.engine, world.recorder).perform(removal))
    assert world.names[world.old] == {"web:old"}

    assert world.settle() == (f"remove two was interrupted: {AS_IT_WAS}",)
    assert world.names == {world.old: set(tags), world.new: {"web:latest"}}


def test_a_removal_that_was_done_in_part_says_how_much_is_gone(world: World) -> None:
    removal = Removal("remove two", (Doomed(world.old, ("web:1",)), Doomed(world.new, ("web:latest",))))
    world.killed_at(1, lambda: Removing(world.engine, world.recorder).perform(removal))

    assert world.settle() == ("remove two was interrupted: 1 version removed, the rest is as it was",)
    assert world.names == {world.new: {"web:latest"}}


def test_a_container_that_was_never_started_is_removed_and_no_other_one(world: World) -> None:
    launching = Launching(world.engine, world.recorder, lambda _: None)
    theirs = world.engine.create_container("theirs", {"Image": world.old})

    def launch() -> None:
        launching.start(launching.make(Launch(world.old, "mine"), lambda _: None), lambda _: None)

    world.killed_at(0, launch)
    assert len(world.engine.containers()) == 2

    (said,) = world.settle()

    assert said.endswith("its container was never started, and is removed")
    assert [each.id for each in world.engine.containers()] == [theirs]


def test_a_container_that_an_engine_may_be_making_is_waited_for(world: World) -> None:
    begun = Begun(launched=NewContainer("mine", world.old, "a word"))
    ActJournal(world.recorder).begin("run", [], begun_as=begun)
    assert world.settle() == ()
    assert world.entry.outcome is None

    world.pass_time(CREATED_WITHIN + 1)
    assert world.settle() == ("run was interrupted: no container is left of it",)


def test_a_container_that_was_only_stopped_runs_again(world: World) -> None:
    container = world.engine.run("api", world.old)
    launching = Launching(world.engine, world.recorder, lambda _: None)
    world.killed_at(0, lambda: launching.discard(Discard(container, "api")))
    assert not world.engine.containers()[0].running

    assert world.settle() == ("stop and remove api was interrupted: api is started again",)
    assert world.engine.containers()[0].running


def test_what_was_kept_for_a_load_is_let_go_when_the_engine_cannot_be_at_it_any_more(world: World) -> None:
    keep = plan_keep(everything(world.engine), world.old, "web", NOW)
    begun = Begun(origins={"web:1": world.old}, keeps=keep.steps)
    ActJournal(world.recorder).begin("load a.tar", [], begun_as=begun)
    world.acts.perform(keep)
    assert world.settle() == ()

    world.pass_time(TRANSFERRED_WITHIN + 1)
    assert world.settle() == ("load a.tar was interrupted: no tag has moved",)
    assert world.names[world.old] == {"web:1"}


def test_a_load_that_was_done_is_done_whatever_else_its_tag_might_have_been_called(world: World) -> None:
    begun = Begun(origins={"web:1": world.old, "localhost/web:1": None})
    ActJournal(world.recorder).begin("load a.tar", [], begun_as=begun)
    world.engine.tag(world.new, "web:1")
    assert world.settle() == ("load a.tar was interrupted: done",)
    assert world.entry.outcome == "done"


def test_nothing_is_done_while_somebody_is_at_work(world: World) -> None:
    world.killed_at(1, world.move)
    between = world.names
    with ActJournal(world.recorder).at_work():
        assert world.settle() == ()
    assert world.names == between
    assert len(world.settle()) == 1


def test_a_journal_in_memory_has_nothing_that_another_one_left() -> None:
    engine = Mortal()
    recorder = Watcher(engine, State(None)).recorder
    ActJournal(recorder).begin("an act", [], begun_as=Begun())
    assert Interruptions(engine, recorder).settle() == ()


def test_what_an_earlier_imgtui_has_begun_is_left_alone(world: World) -> None:
    ActJournal(world.recorder).begin("an act of long ago", [])
    assert world.settle() == ()
    assert world.entry.outcome is None


def test_who_may_change_nothing_leaves_it_for_the_next_one(world: World) -> None:
    world.killed_at(1, world.move)
    between = world.names
    world.engine.read_only = True
    assert world.settle() == ()
    assert (world.names, world.entry.outcome) == (between, None)
    world.engine.read_only = False
    assert len(world.settle()) == 1


def test_a_session_puts_it_right_when_it_has_connected_and_says_so(world: World) -> None:
    world.killed_at(1, world.move)
    told: queue.SimpleQueue[Update] = queue.SimpleQueue()
    recorder = Recorder(world.engine, lambda: State(world.path))
    session = Session(world.engine, Cache(None), "memory", told.put, recorder=recorder)
    session.start()
    while not isinstance(settled := told.get(timeout=PATIENCE), Settled):
        pass
    session.close()
    recorder.close()

    assert settled.lines == (f"{world.entry.title} was interrupted: {AS_IT_WAS}",)
    assert world.names[world.old] == {"web:1"}


def test_what_was_to_be_done_is_read_as_it_was_written(world: World) -> None:
    begun = Begun(
        steps=(Step(Verb.TAG, "web:2", world.old, None, Cause.TAG, 3),),
        removal=Removal("", (Doomed(world.old, ("web:1",), ("web:0",), ("imgtui.invalid/keep:x",)),)),
        launched=NewContainer("mine", world.old, "a word"),
        discarded=OldContainer("1" * 64, "api", "stop and remove api", ran=True),
        origins={"web:1": None, "web:2": world.old},
        pulls="web@sha256:" + "1" * 64,
        keeps=(Step(Verb.TAG, "imgtui.invalid/keep:x", world.old, None, Cause.TAG),),
    )
    assert Begun.from_json(begun.to_json()) == begun
    for text in ("{}", "[]", "null", begun.to_json().replace('"reference": "web:2"', '"reference": 7')):
        with pytest.raises(ValueError, match="not what an act"):
            Begun.from_json(text)
