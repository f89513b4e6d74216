"""Wrong answers of an engine, or of something between: nothing is shown, recorded or planned from them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from itertools import product
from pathlib import Path

import pytest

from imgtui import cli
from imgtui.model.taglog.moves import Move
from imgtui.store.engines import Engines
from imgtui.store.state import State
from imgtui.store.tag_log import TagLog
from imgtui.verbs.console.output import Exit
from tests.engines import content
from tests.engines.private import CommandFailedError, PrivateEngine
from tests.engines.wrong_answers import ANSWERS, Wrong, WrongAnswers
from tests.suite.sample import Share
from tests.verbs.command import environment

pytestmark = pytest.mark.in_turn

VERBS: Mapping[str, tuple[str, ...]] = {
    "ls": ("ls", "--json"),
    "log": ("log", "--json"),
    "drift": ("drift", "--json"),
    "record": ("record", "--once"),
    "rm": ("rm", "--unused", "--plan"),
    "rollback": ("rollback", "misread", "--to", "misread:2", "--plan"),
    "keep": ("keep", "misread:1", "--yes"),
}
LISTS = {"images": "/images/json", "containers": "/containers/json"}
CONNECTING = {"version": "/version", "info": "/info"}
SINGLE = {
    "image": "/images/[^/]+/json",
    "container": "/containers/[^/]+/json",
    "history": "/images/[^/]+/history",
}


@dataclass
class Called:
    """What a call came to."""

    status: int
    out: str
    err: str


class Caller:
    """Somebody who calls imgtui through what may answer wrongly."""

    def __init__(self, between: WrongAnswers, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.between = between
        self.home = home
        self._monkeypatch = monkeypatch

    def call(self, *arguments: str) -> Called:
        out, err = StringIO(), StringIO()
        with self._monkeypatch.context() as patched:
            wanted = environment(self.home, self.between.host)
            for name in os.environ.keys() - wanted.keys():
                patched.delenv(name)
            for name, value in wanted.items():
                patched.setenv(name, value)
            patched.setattr(sys, "stdout", out)
            patched.setattr(sys, "stderr", err)
            try:
                status = cli.main(arguments)
            except SystemExit as ended:
                status = int(ended.code or 0)
        return Called(status, out.getvalue(), err.getvalue())

    def moves(self) -> list[Move]:
        """All that is recorded."""
        state = State(self.home / "imgtui/state.db")
        try:
            return [move for known in Engines(state).known() for move in TagLog(state, known.key).moves()]
        finally:
            state.close()

    def forget_facts(self) -> None:
        """Have images asked for again."""
        for file in (self.home / "imgtui").glob("cache.db*"):
            file.unlink()


@pytest.fixture
def caller(real_engine: PrivateEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Caller]:
    """One who has looked at the engine rightly before: two moves, and a container that can be rolled back."""
    with WrongAnswers(tmp_path, real_engine.host) as between:
        found = Caller(between, tmp_path / "home", monkeypatch)
        try:
            content.build(real_engine, "misread:1", version="1")
            real_engine.docker("tag", "misread:1", "misread:latest")
            assert found.call("record", "--once").status == Exit.DONE
            content.run(real_engine, "misread", "misread:latest")
            content.build(real_engine, "misread:2", version="2")
            real_engine.docker("tag", "misread:2", "misread:latest")
            assert found.call("record", "--once").status == Exit.DONE
            yield found
        finally:
            between.answer({})
            for name in ("misread:1", "misread:2", "misread:latest"):
                try:
                    real_engine.docker("rm", "--force", "misread")
                    real_engine.docker("rmi", "--force", name)
                except CommandFailedError:  # it is gone already
                    continue


def misled(caller: Caller, request: str, wrong: Wrong, verb: str) -> Called:
    """Call with one request answered wrongly; nothing must come of it."""
    before = caller.moves()
    caller.between.answer({request: wrong})
    called = caller.call(*VERBS[verb])
    where = f"{verb} with {request} answered by {wrong}: {called}"
    assert caller.between.answered, where
    assert caller.moves() == before, where
    assert not caller.between.changes, where
    assert "Traceback" not in called.err, where
    return called


@pytest.mark.parametrize("request_", LISTS)
def test_a_list_that_is_not_understood_is_an_error_that_names_it(
    caller: Caller, request_: str, share: Share
) -> None:
    for verb, wrong in share.of(product(VERBS, ANSWERS)):
        called = misled(caller, LISTS[request_], wrong, verb)
        assert (called.status, called.out) == (Exit.FAILED, ""), f"{wrong}: {called}"
        assert called.err.count("\n") == 1, f"{wrong}: {called}"
        assert f"GET {LISTS[request_]}" in called.err, f"{wrong}: {called}"


def test_what_does_not_say_who_it_is_is_no_engine(caller: Caller, share: Share) -> None:
    for verb, request_, wrong in share.of(product(("ls", "record", "keep"), CONNECTING, ANSWERS)):
        called = misled(caller, CONNECTING[request_], wrong, verb)
        assert (called.status, called.out) == (Exit.NO_ENGINE, ""), f"{wrong}: {called}"
        assert called.err.count("\n") == 1, f"{wrong}: {called}"


def test_a_roll_back_is_not_planned_from_what_is_not_understood(caller: Caller, share: Share) -> None:
    assert caller.call(*VERBS["rollback"]).status == Exit.DONE
    for request_, wrong in share.of(product(("image", "container"), ANSWERS)):
        called = misled(caller, SINGLE[request_], wrong, "rollback")
        assert (called.status, called.out) == (Exit.FAILED, ""), f"{wrong}: {called}"
        assert "is not understood" in called.err, f"{wrong}: {called}"


@pytest.mark.parametrize("request_", ["image", "history"])
def test_an_image_that_cannot_be_read_is_listed_without_its_layers_and_said(
    caller: Caller, request_: str, share: Share
) -> None:
    caller.between.answer({})
    right = caller.call("ls", "misread", "--json")
    assert right.status == Exit.DONE
    for wrong in share.of(ANSWERS):
        caller.forget_facts()
        called = misled(caller, SINGLE[request_], wrong, "ls")
        assert called.status == Exit.FAILED, f"{wrong}: {called}"
        assert "cannot read" in called.err, f"{wrong}: {called}"
        assert '"own_size": null' in called.out, f"{wrong}: {called}"
    caller.between.answer({})
    assert caller.call("ls", "misread", "--json").out == right.out  # nothing of it was kept


def test_events_that_are_not_understood_are_no_moves(caller: Caller, share: Share) -> None:
    before = caller.moves()
    for wrong in share.of(ANSWERS):
        caller.between.answer({"/events": wrong})
        called = caller.call("log", "--json")
        assert caller.moves() == before, f"{wrong}: {called}"
        assert "Traceback" not in called.err


def test_a_wrong_answer_to_every_list_is_no_removal_of_every_tag(caller: Caller, share: Share) -> None:
    before = caller.moves()
    for wrong in share.of(ANSWERS):
        caller.between.answer({"/images/json": wrong, "/events": wrong, "/images/[^/]+/json": wrong})
        assert caller.call("record", "--once").status != Exit.DONE, f"{wrong}"
        assert caller.moves() == before, f"{wrong}"
    caller.between.answer({})
    assert caller.call("record", "--once").status == Exit.DONE
    assert caller.moves() == before
