"""Verbs on what engines really answered, with mistakes in it: lines that are drawn, no secret anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tests.engine.replay.calls import VERBS, engine_at
from tests.engine.replay.mistakes import wrong
from tests.engine.replay.record import SECRET
from tests.engine.replay.server import Recorded
from tests.engine.test_wrong_answers import KINDS, Replay
from tests.suite.examples import examples
from tests.verbs.test_printed import call, is_drawn

MARKS = (SECRET.encode(), b"\x1b]0;MARKED-ESCAPE")
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


class Calling(Replay):
    """Verbs on the answers of an engine, with a state file that has seen them before."""

    def __init__(self, kind: str, folder: Path) -> None:
        super().__init__(kind, folder)
        self.home = folder / "home"
        self.told: dict[str, tuple[int, str]] = {}
        """Status and words of each verb on the right answers."""
        for verb in VERBS:
            self.told[verb] = self.verb(verb)
            self.requests[verb] = list(dict.fromkeys(key for key in self.asked if key in self.answers))

    def verb(self, verb: str, instead: Recorded | None = None) -> tuple[int, str]:
        """Its status and what it wrote."""
        self.asked = []
        self.replace(instead)
        engine = engine_at(self.serving.host, self.home)
        return call(engine, self.home, *VERBS[verb](self.names))

    @property
    def marked(self) -> list[str]:
        """Files in which a planted mark stands."""
        files = [path for path in self.home.rglob("*") if path.is_file()]
        return [str(path) for path in files if any(mark in path.read_bytes() for mark in MARKS)]


@pytest.fixture(scope="module", params=[pytest.param(kind, marks=pytest.mark.matrix) for kind in KINDS])
def calling(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calling]:
    """Each engine that was recorded."""
    found = Calling(request.param, tmp_path_factory.mktemp("verbs"))
    with found.serving:
        yield found


def judged(verb: str, status: int, written: str) -> None:
    assert status in {0, 1, 3, 4}, written
    assert "Traceback" not in written, written
    assert is_drawn(written), ascii(written)[:1000]
    assert not any(mark.decode() in written for mark in MARKS), written
    if "--json" in verb and status == 0:
        json.JSONDecoder().raw_decode(written)


def test_what_was_recorded_is_told(calling: Calling) -> None:
    for verb, (status, written) in calling.told.items():
        judged(verb, status, written)
        assert status in {0, 1}, (verb, written)
    assert calling.told["ls"][0] == 0
    assert calling.told["rollback"][0] == 0
    assert not calling.marked


@examples(25)
@given(data=st.data())
def test_a_verb_goes_on_or_says_in_a_line_why_not(calling: Calling, data: st.DataObject) -> None:
    verb = data.draw(st.sampled_from([verb for verb, asked in calling.requests.items() if asked]))
    key = data.draw(st.sampled_from(calling.requests[verb]))
    instead, done = data.draw(wrong(calling.answers[key]))
    status, written = calling.verb(verb, instead)
    event(f"{verb}: {status}")
    judged(verb, status, written)
    assert not calling.marked, done


def test_after_all_of_that_what_was_known_is_known(calling: Calling) -> None:
    """Nothing of the wrong answers was recorded, or lost."""
    status, written = calling.verb("ls --json")
    assert (status, written) == calling.told["ls --json"]
