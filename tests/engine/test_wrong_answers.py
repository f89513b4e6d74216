"""What engines really answered, with mistakes in it: every function tells the truth, or in a line why not."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, Unavailable
from imgtui.model.core.printable import safe_for_terminal
from tests.engine.payloads import is_safe, texts
from tests.engine.replay.calls import CALLS, call_all, engine_at
from tests.engine.replay.mistakes import wrong
from tests.engine.replay.record import FOLDER, SECRET
from tests.engine.replay.server import Recorded, Request, Serving, read
from tests.suite.examples import examples

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""docker-py leaves the socket of an answer that is cut off to the collector."""
KINDS: Final = ("docker20-overlay2", "docker28-containerd", "podman")
RAW: Final = frozenset({"inspect_container", "podman_document", "image_config", "changed_paths", "read_file"})
"""Functions whose text is given back to the engine as it came (`port_containers.Document`)."""
SECONDS: Final = 5.0
"""The longest that any function takes over a wrong answer."""


class Replay:
    """An engine that answers as it did, but for one answer."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.names, self.answers = read(FOLDER / f"answers-{kind}.json")
        self.names = {**self.names, "context": str(folder / "context")}
        self._folder = folder
        self._instead: dict[tuple[str, str], Recorded] = {}
        self.asked: list[tuple[str, str]] = []
        self.right: dict[str, object] = {}
        """What came of the right answers."""
        self.serving = Serving(folder, self._answer)
        self.requests: dict[str, list[tuple[str, str]]] = {}
        """What each of what is called asks."""

    def call(self, name: str, instead: Recorded | None = None) -> object:
        """What a function makes of the answers; an error that it raises is returned."""
        self.asked = []
        self.replace(instead)
        engine = engine_at(self.serving.host, self._folder)
        return call_all(engine, self.names, [name])[name]

    def replace(self, answer: Recorded | None) -> None:
        """Have one answer replaced from now on."""
        self._instead = {} if answer is None else {answer.key: answer}

    def _answer(self, request: Request) -> Recorded:
        key = request.method, request.path
        self.asked.append(key)
        absent = Recorded(*key, 404, (("Content-Type", "application/json"),), b'{"message": "no such thing"}')
        return self._instead.get(key) or self.answers.get(key, absent)


@pytest.fixture(scope="module", params=KINDS)
def replay(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    """The answers of each engine that was recorded."""
    found = Replay(request.param, tmp_path_factory.mktemp("replay"))
    with found.serving:
        for name in CALLS:
            found.right[name] = found.call(name)
            found.requests[name] = list(dict.fromkeys(key for key in found.asked if key in found.answers))
        yield found


def test_every_function_of_the_port_is_called() -> None:
    wanted = {
        name
        for kind in Engine.__mro__
        if kind is not Protocol
        for name in vars(kind)
        if not name.startswith("_")
    }
    assert wanted - {"close"} == CALLS.keys()


def test_what_was_recorded_is_understood(replay: Replay) -> None:
    for name, made in replay.right.items():
        assert not isinstance(made, Exception) or isinstance(made, EngineError), name
        assert not isinstance(made, Unavailable), f"{name}: {made}"


def test_a_list_that_leaves_the_filter_aside_tells_what_was_asked_for(replay: Replay) -> None:
    """The answers are told whatever the query: a proxy may do that too."""
    made = replay.right["containers"]
    assert isinstance(made, tuple)
    everything, asked = made
    assert len(everything) > 1
    assert [container.id for container in asked] == [replay.names["container"]]


def judged(name: str, made: object) -> str:
    """What came of it; raises what is neither an answer nor an error of the port."""
    if isinstance(made, EngineError):
        assert str(made)
        assert safe_for_terminal(str(made)), ascii(str(made))[:500]
        problem = made.problem if isinstance(made, Unavailable) else None
        assert problem is None or all(map(is_safe, texts(problem)))
        return type(made).__name__
    if isinstance(made, Exception):
        if name == "events":  # who follows them takes any error for the end of the stream (`Session._listen`)
            return "the end of a stream"
        raise made
    if name not in RAW:
        assert all(map(is_safe, texts(made))), name
    if name == "document" and made is not None:
        assert isinstance(made, str)
        json.loads(made)
        assert SECRET not in made
    return "an answer"


@examples(60)
@given(data=st.data())
def test_a_wrong_answer_is_told_or_understood(replay: Replay, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for name, asked in replay.requests.items() if asked]))
    key = data.draw(st.sampled_from(replay.requests[name]))
    instead, done = data.draw(wrong(replay.answers[key]))
    began = time.monotonic()
    made = replay.call(name, instead)
    took = time.monotonic() - began
    event(judged(name, made))
    assert took < SECONDS, f"{name} took {took:.1f} s: {' '.join(key)}: {done}"
