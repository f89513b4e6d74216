"""A roll back that is interrupted anywhere is finished or reversed: never neither, never both."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from imgtui.engine.memory.blueprint import Blueprint
from imgtui.engine.memory.containers import ENDS
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.containers import Document
from imgtui.engine.port.errors import EngineError, Problem, ProblemKind, Unavailable
from imgtui.engine.wire.translate import mapping
from imgtui.model.containers.pending import Pending
from imgtui.model.containers.replacement import Replacement, Stage
from imgtui.model.containers.rollback import Rollback
from imgtui.model.core.labels import CREATED_FROM, REPLACES
from imgtui.model.plans.plan import plan_keep, plan_tag
from imgtui.operations.acts.acts import Acts
from imgtui.operations.containers.replacing import Watch
from imgtui.operations.containers.rollback import Rollbacks
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.scan import everything
from imgtui.store.journal import Journal
from imgtui.store.state import State
from tests.operations.listening import NOW, made

ALWAYS = {"Name": "always", "MaximumRetryCount": 0}
AT_ONCE = Watch(settling=0)
CHANGES = 9
"""Changes of containers that a roll back makes: make, spare or policy, stop, policy, start, two names."""


class Killed(BaseException):
    """The program is gone: nothing catches it."""


class Breaking(MemoryEngine):
    """Breaks at the change of a container with a number: before or after it has done it."""

    at: int | None = None
    after = False
    error: BaseException = Killed()
    lasting = False
    """Whether it can be asked nothing any more afterwards, until it is restarted."""
    changes = 0
    _away = False

    @contextmanager
    def _breaking(self) -> Iterator[None]:
        self.changes += 1
        here = self.changes == self.at
        self._away = self._away or (here and self.lasting)
        if here and not self.after:
            raise self.error
        yield
        if here and self.after:
            raise self.error

    def inspect_container(self, name: str) -> Document | None:
        if self._away:
            raise self.error
        return super().inspect_container(name)

    def restart_engine(self) -> None:
        self._away = False
        super().restart_engine()

    def create_container(self, name: str, body: Document, *, platform: str = "") -> str:
        with self._breaking():
            return super().create_container(name, body, platform=platform)

    def start_container(self, container_id: str) -> None:
        with self._breaking():
            super().start_container(container_id)

    def stop_container(self, container_id: str) -> None:
        with self._breaking():
            super().stop_container(container_id)

    def rename_container(self, container_id: str, name: str) -> None:
        with self._breaking():
            super().rename_container(container_id, name)

    def set_restart(self, container_id: str, policy: Document) -> bool:
        with self._breaking():
            return super().set_restart(container_id, policy)

    def remove_container(self, container_id: str, *, volumes: bool = False) -> None:
        with self._breaking():
            super().remove_container(container_id, volumes=volumes)


@dataclass
class Server:
    """An engine whose container `api` runs the newest of two images."""

    goes: bool = False
    """Whether it goes when it stops (`--rm`)."""
    engine: Breaking = field(default_factory=Breaking)
    state: State = field(default_factory=lambda: State(None))

    def __post_init__(self) -> None:
        self.old = self.engine.load(made("old"), "web:1")
        self.new = self.engine.load(made("new"), "web:latest")
        policy = {} if self.goes else ALWAYS
        self.host = {"AutoRemove": self.goes, **({"RestartPolicy": policy} if policy else {})}
        body = {"Image": self.new, "Labels": {CREATED_FROM: "web:latest"}, "HostConfig": self.host}
        self.api = self.engine.create_container("api", body)
        self.engine.start_container(self.api)
        self.engine.changes = 0

    def rollbacks(self) -> Rollbacks:
        """As a program that was just started has it."""
        recorder = Recorder(self.engine, lambda: self.state)
        recorder.follow(self.engine.connect())
        return Rollbacks(self.engine, recorder, Acts(self.engine, recorder))

    def plan(self, target: str | None = None) -> Rollback:
        image = target or self.old
        catalog = everything(self.engine)
        labels = {REPLACES: self.api, CREATED_FROM: "web:latest"}
        body = {"Image": image, "Labels": labels, "HostConfig": self.host}
        spare = {"Image": self.new, "Labels": labels, "HostConfig": self.host}
        return Rollback(
            "roll back api",
            image,
            (
                Replacement(
                    self.api,
                    "api",
                    running=True,
                    origin=self.new,
                    target=image,
                    restart={} if self.goes else ALWAYS,
                    retired="api-new",
                    body=body,
                    spare=spare if self.goes else None,
                    command="docker create …",
                ),
            ),
            plan_keep(catalog, self.new, "web", NOW),
            plan_tag(catalog, image, "web:latest", NOW),
        )

    @property
    def running(self) -> dict[str, str]:
        """What runs: name to image."""
        return {known.name: known.image_id for known in self.engine.containers() if known.running}

    @property
    def names(self) -> set[str]:
        return {known.name for known in self.engine.containers()}

    def policy(self, name: str) -> object:
        found = self.engine.inspect_container(name)
        assert found is not None
        return mapping(mapping(found.get("HostConfig")).get("RestartPolicy")).get("Name")


def as_it_was(server: Server) -> None:
    assert server.running == {"api": server.new}
    assert server.names == {"api"}
    assert everything(server.engine).tags["web:latest"] == server.new
    assert server.policy("api") == ("no" if server.goes else "always")


def done(server: Server) -> None:
    assert server.running == {"api": server.old}
    assert server.names == {"api", "api-new"}
    assert everything(server.engine).tags["web:latest"] == server.old
    assert (server.policy("api"), server.policy("api-new")) == ("no" if server.goes else "always", "no")


def take_up(server: Server) -> None:
    """What was interrupted is finished or reversed; where an engine has removed all of it, that is said."""
    again = server.rollbacks()
    (pending,) = again.pending()
    assert "interrupted" in pending.words
    if server.names:
        again.take_up(pending, lambda _: None, AT_ONCE)
        (done if pending.journey.ready else as_it_was)(server)
    else:
        assert server.goes
        said = [*_said(again, pending)]
        assert "neither the old nor the new api is there any more" in said[0]
    assert server.rollbacks().pending() == []


def _said(rollbacks: Rollbacks, pending: Pending) -> Iterator[str]:
    try:
        yield rollbacks.take_up(pending, lambda _: None, AT_ONCE)
    except EngineError as error:
        yield str(error)


@pytest.fixture(params=[False, True], ids=["stays", "goes-when-it-stops"])
def server(request: pytest.FixtureRequest) -> Server:
    return Server(goes=request.param)


def test_the_digest_runs_under_the_name_and_the_one_before_stays_stopped(server: Server) -> None:
    heard: list[str] = []
    said = server.rollbacks().perform(server.plan(), heard.append, AT_ONCE)
    done(server)
    assert "api runs" in said
    assert "stopped, as api-new" in said
    assert [line for line in heard if line.startswith("stopping api")]
    assert everything(server.engine).images[server.new].keeps
    journal = Journal(server.state, server.engine.connect().id)
    assert [entry.outcome for entry in journal.entries()] == ["done", "done", "done"]
    assert server.rollbacks().pending() == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, CHANGES + 1))
@pytest.mark.parametrize("restarted", [False, True], ids=["", "engine-restarted"])
def test_killed_at_any_change_it_is_taken_up(server: Server, at: int, after: bool, restarted: bool) -> None:
    server.engine.at, server.engine.after = at, after
    try:
        server.rollbacks().perform(server.plan(), lambda _: None, AT_ONCE)
    except Killed:
        pass
    else:
        done(server)
        return
    if restarted:
        server.engine.at = None
        server.engine.restart_engine()
    take_up(server)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, CHANGES + 1))
def test_refused_at_any_change_everything_is_as_it_was(server: Server, at: int, after: bool) -> None:
    server.engine.at, server.engine.after = at, after
    server.engine.error = EngineError("no space left on device", status=500)
    try:
        server.rollbacks().perform(server.plan(), lambda _: None, AT_ONCE)
    except EngineError as error:
        assert "no space left on device; everything is as it was" in str(error)  # noqa: PT017
        as_it_was(server)
    else:
        done(server)
    assert server.rollbacks().pending() == []


@pytest.mark.parametrize("at", range(1, CHANGES + 1))
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_where_only_one_answer_is_lost_everything_is_as_it_was(server: Server, at: int, after: bool) -> None:
    server.engine.at, server.engine.after = at, after
    server.engine.error = Unavailable(Problem(ProblemKind.INTERRUPTED, "gone", "start it"))
    try:
        server.rollbacks().perform(server.plan(), lambda _: None, AT_ONCE)
    except EngineError as error:
        assert "gone; everything is as it was" in str(error)  # noqa: PT017
        as_it_was(server)
    else:
        done(server)
    assert server.rollbacks().pending() == []


@pytest.mark.parametrize("at", range(1, CHANGES + 1))
def test_an_engine_that_goes_away_leaves_it_to_be_taken_up(server: Server, at: int) -> None:
    server.engine.at, server.engine.lasting = at, True
    server.engine.error = Unavailable(Problem(ProblemKind.INTERRUPTED, "gone", "start it"))
    try:
        server.rollbacks().perform(server.plan(), lambda _: None, AT_ONCE)
    except Unavailable:
        server.engine.restart_engine()
        take_up(server)
    else:
        done(server)


def test_interrupted_while_it_is_taken_up_it_can_be_taken_up_again(server: Server) -> None:
    server.engine.at = 4
    with pytest.raises(Killed):
        server.rollbacks().perform(server.plan(), lambda _: None, AT_ONCE)
    for at in range(1, 6):
        server.engine.changes, server.engine.at, server.engine.after = 0, at, True
        again = server.rollbacks()
        pending = again.pending()
        if not pending:
            break
        try:
            again.take_up(pending[0], lambda _: None, AT_ONCE)
        except Killed:
            continue
    as_it_was(server)


def test_each_step_is_in_the_journal_before_the_engine_is_asked_for_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, Stage]] = []

    def watched(name: str) -> None:
        call = getattr(server.engine, name)

        def asking(*arguments: object, **options: object) -> object:
            (unfinished,) = Journal(server.state, server.engine.connect().id).unfinished()
            assert unfinished.journey is not None
            (progress,) = unfinished.journey.containers
            asked.append((name, progress.stage))
            return call(*arguments, **options)

        monkeypatch.setattr(server.engine, name, asking)

    plan = server.plan()
    for name in ("create_container", "stop_container", "rename_container", "start_container"):
        watched(name)
    server.rollbacks().perform(plan, lambda _: None, AT_ONCE)

    assert {stage for name, stage in asked if name == "create_container"} == {Stage.MAKE}
    assert asked[-4:] == [
        ("stop_container", Stage.STOP),
        ("rename_container", Stage.START),
        ("rename_container", Stage.START),
        ("start_container", Stage.START),
    ]


def test_while_one_is_unfinished_no_other_is_begun(server: Server) -> None:
    server.engine.at, plan = 4, server.plan()
    with pytest.raises(Killed):
        server.rollbacks().perform(plan, lambda _: None, AT_ONCE)
    server.engine.at = None
    with pytest.raises(EngineError, match="roll back api was interrupted: take it up first"):
        server.rollbacks().perform(plan, lambda _: None, AT_ONCE)


def test_one_that_is_interrupted_is_in_nobody_s_way_but_that_of_its_containers(server: Server) -> None:
    server.engine.at, plan = 4, server.plan()
    with pytest.raises(Killed):
        server.rollbacks().perform(plan, lambda _: None, AT_ONCE)
    server.engine.at = None
    other = server.engine.create_container("other", {"Image": server.new, "HostConfig": server.host})
    server.engine.start_container(other)
    (api,) = plan.containers
    elsewhere = replace(api, container_id=other, name="other", retired="other-new", spare=None)
    body = {**api.body, "Labels": {REPLACES: other}}

    another = replace(plan, containers=(replace(elsewhere, body=body),), keeping=None, tag=None)
    server.rollbacks().perform(another, lambda _: None, AT_ONCE)

    assert server.running["other"] == server.old
    assert len(server.rollbacks().pending()) == 1


def test_one_whose_containers_are_gone_is_in_nobody_s_way(server: Server) -> None:
    server.engine.at, plan = 4, server.plan()
    with pytest.raises(Killed):
        server.rollbacks().perform(plan, lambda _: None, AT_ONCE)
    server.engine.at = None
    for known in server.engine.containers():
        server.engine.discard(known.id)
    body = {"Image": server.new, "Labels": {CREATED_FROM: "web:latest"}, "HostConfig": server.host}
    server.api = server.engine.create_container("api", body)
    server.engine.start_container(server.api)
    (api,) = plan.containers
    labels = {REPLACES: server.api, CREATED_FROM: "web:latest"}
    again, spare = {**api.body, "Labels": labels}, api.spare and {**api.spare, "Labels": labels}

    containers = (replace(api, container_id=server.api, body=again, spare=spare),)
    server.rollbacks().perform(replace(plan, containers=containers, keeping=None), lambda _: None, AT_ONCE)

    done(server)


def test_one_that_is_given_up_is_over_and_nothing_is_done(server: Server) -> None:
    server.engine.at, plan = 4, server.plan()
    with pytest.raises(Killed):
        server.rollbacks().perform(plan, lambda _: None, AT_ONCE)
    server.engine.at = None
    before = server.engine.containers()

    assert server.rollbacks().give_up() == ["roll back api"]

    assert server.engine.containers() == before
    assert server.rollbacks().pending() == []
    assert server.rollbacks().give_up() == []


def test_two_programs_at_once_one_of_which_waits(server: Server, tmp_path: Path) -> None:
    server.state = State(tmp_path / "state.db")
    first, second, plan = server.rollbacks(), server.rollbacks(), server.plan()
    said: list[str] = []

    def meanwhile(line: str) -> None:
        if line.startswith("stopping"):
            assert second.pending() == []
            with pytest.raises(EngineError, match="another imgtui rolls back on this engine"):
                second.perform(plan, said.append, AT_ONCE)

    first.perform(plan, meanwhile, AT_ONCE)
    assert said == []
    done(server)


def test_what_cannot_be_written_down_is_not_done(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imgtui.store.state.BUSY_SECONDS", 0.01)
    server.state = State(tmp_path / "state.db")
    with closing(sqlite3.connect(tmp_path / "state.db", isolation_level=None)) as somebody_else:

        def meanwhile(line: str) -> None:
            if line.startswith("making"):
                somebody_else.execute("BEGIN EXCLUSIVE")

        with pytest.raises(EngineError, match=r"has it locked .*; everything is as it was"):
            server.rollbacks().perform(server.plan(), meanwhile, AT_ONCE)
        as_it_was(server)
    take_up(server)  # that it was put back could not be written down either
    as_it_was(server)


@pytest.mark.parametrize("at", [4, 6, 7])
def test_where_somebody_has_removed_the_old_one_the_new_one_has_its_place(at: int) -> None:
    server = Server()
    server.engine.at = at
    with pytest.raises(Killed):
        server.rollbacks().perform(server.plan(), lambda _: None, AT_ONCE)
    server.engine.discard(server.api)
    again = server.rollbacks()
    (pending,) = again.pending()

    said = again.take_up(pending, lambda _: None, AT_ONCE)

    assert pending.journey.ready or said == "the old api is gone: the new one has its place"
    assert server.running == {"api": server.old}
    assert server.policy("api") == "always"
    assert server.rollbacks().pending() == []


def test_a_log_that_cannot_be_read_keeps_nothing_from_being_put_back() -> None:
    class Mute(Breaking):
        def container_log(self, container_id: str, lines: int) -> tuple[str, ...]:
            raise EngineError("the log cannot be read", status=500)

    server = Server(engine=Mute())
    ends = server.engine.load(Blueprint((), NOW, {"Cmd": [ENDS]}), "web:ends")
    with pytest.raises(EngineError, match="it ended with code 1; everything is as it was"):
        server.rollbacks().perform(server.plan(ends), lambda _: None, AT_ONCE)
    as_it_was(server)


def test_stopped_by_hand_everything_is_as_it_was(server: Server) -> None:
    stop = threading.Event()

    def watching(line: str) -> None:
        if "settling" in line:
            stop.set()

    with pytest.raises(EngineError, match="stopped by hand; everything is as it was"):
        server.rollbacks().perform(server.plan(), watching, Watch(settling=60, stop=stop))
    as_it_was(server)


def test_one_that_does_not_run_is_replaced_by_one_that_does_not() -> None:
    server = Server()
    server.engine.stop_container(server.api)
    plan = server.plan()
    (container,) = plan.containers
    server.rollbacks().perform(
        replace(plan, containers=(replace(container, running=False),)), lambda _: None, AT_ONCE
    )
    assert server.running == {}
    assert server.names == {"api", "api-new"}
    assert (server.policy("api"), server.policy("api-new")) == ("always", "no")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"containers": [{"stage": "x"}], "tag": null}'])
def test_what_another_version_wrote_is_left_alone(server: Server, text: str) -> None:
    rollbacks = server.rollbacks()
    Journal(server.state, server.engine.connect().id).begin("roll back", (), 1, progress=text)
    assert rollbacks.pending() == []
    rollbacks.perform(server.plan(), lambda _: None, AT_ONCE)
    done(server)
