"""A pull is told seldom, can be stopped at any time, and keeps nobody waiting."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.errors import EngineError
from imgtui.engine.port.registry import Pull
from imgtui.model.core.digest import short
from imgtui.model.jobs.progress import Transfer
from imgtui.model.plans.plan import Step, Verb
from imgtui.model.taglog.moves import Cause
from imgtui.operations.acts import pulling
from imgtui.operations.protocol.cancellation import Stopped
from tests.engine.relay import Relay
from tests.engines.waiting import PATIENCE
from tests.operations.listening import Counted, made

TAG = "registry.example.com/web:1"


@pytest.fixture
def engine() -> MemoryEngine:
    """An engine, and a registry that has an image."""
    found = MemoryEngine()
    found.publish(TAG, made("web"))
    return found


@pytest.fixture
def step(engine: MemoryEngine) -> Step:
    """The pull of that image by its digest."""
    for _ in engine.pull(TAG):
        pass
    image = engine.image(TAG)
    assert image is not None
    engine.remove(image.id, force=True)
    return Step(Verb.PULL, image.repo_digests[0], image.id, None, Cause.PULL)


def test_what_is_told_is_one_short_line(engine: MemoryEngine, step: Step) -> None:
    told: list[str] = []
    pulling.pull(engine, step, told.append)
    assert told[0] == f"pulling {short(step.image_id)}: 500 B of 1.0 kB, 0 of 1 layer"
    assert engine.image(step.image_id) is not None


def test_an_engine_that_waits_for_a_registry_keeps_nobody_waiting(
    engine: MemoryEngine, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "PATIENCE_SECONDS", 0.0)
    asked, answered, ended = threading.Event(), threading.Event(), threading.Event()

    class Waiting(Counted):
        def pull(self, reference: str) -> Pull:
            asked.set()
            assert answered.wait(PATIENCE)
            return Closing(super().pull(reference))

    class Closing:
        def __init__(self, behind: Pull) -> None:
            self._behind = behind

        def __iter__(self) -> Iterator[Transfer]:
            yield from self._behind
            ended.set()

        def close(self) -> None:
            self._behind.close()

    stop, told = threading.Event(), list[str]()

    def tell(line: str) -> None:
        told.append(line)
        assert asked.wait(PATIENCE)
        stop.set()

    with pytest.raises(Stopped, match="while the engine waits for the registry"):
        pulling.pull(Waiting(engine), step, tell, stop)
    assert told == [f"pulling {short(step.image_id)}: the registry is asked"]
    answered.set()
    assert ended.wait(PATIENCE)
    assert engine.image(step.image_id) is None


def test_a_failure_after_it_was_stopped_is_still_a_stop(engine: MemoryEngine, step: Step) -> None:
    stop = threading.Event()

    class Failing(Relay):
        def image(self, name: str) -> None:
            return None

        def pull(self, reference: str) -> Pull:
            assert stop.wait(PATIENCE)
            raise EngineError("the registry does not answer")

    with pytest.raises(Stopped):
        pulling.pull(Failing(engine), step, lambda _: stop.set(), stop)  # type: ignore[arg-type]
