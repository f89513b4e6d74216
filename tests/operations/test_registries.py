"""Registries are asked once for each tag, a few at a time; none holds up the others."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.errors import EngineError
from imgtui.model.catalog.registry_tag import RemoteTag
from imgtui.operations.protocol.updates import RegistryAnswered
from imgtui.operations.transfers.registry_tags import SIDE_BY_SIDE, remote_tags
from tests.operations.conftest import Following
from tests.operations.listening import SECONDS, Counted, made


class Slow(Counted):
    """Registries that answer when a test lets them."""

    def __init__(self, answer: Callable[[str], None]) -> None:
        super().__init__(MemoryEngine())
        self._answer = answer
        self._lock = threading.Lock()
        self._now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        """The most requests at one time, to each registry and in all."""

    def remote_tag(self, reference: str) -> RemoteTag:
        place = reference.partition("/")[0]
        with self._lock:
            self._now.update((place, "all"))
            self.most |= self._now
        try:
            self._answer(reference)
            return super().remote_tag(reference)
        finally:
            with self._lock:
                self._now.subtract((place, "all"))


def test_where_tags_point_is_told_with_digest_and_platforms() -> None:
    engine = MemoryEngine()
    engine.publish("web:1", made("one"))
    (answer,) = remote_tags(engine, ["web:1"])
    assert answer.reference == "web:1"
    assert answer.digest is not None
    assert answer.digest.startswith("sha256:")
    assert (answer.platforms, answer.error) == (("linux/amd64",), "")


def test_each_tag_is_asked_for_once() -> None:
    engine = Counted(MemoryEngine())
    answers = list(remote_tags(engine, ["web:1", "web:2", "web:1"]))
    assert sorted(engine.of("remote")) == ["web:1", "web:2"]
    assert [answer.reference for answer in answers] == ["web:1", "web:2"]


@pytest.mark.parametrize(
    ("status", "refused"), [(404, True), (401, True), (403, True), (500, False), (None, False)]
)
def test_a_failure_is_an_answer_and_a_refusal_is_told_apart(status: int | None, refused: bool) -> None:
    engine = MemoryEngine()
    engine.publish("web:1", EngineError("no\x1b[2J", status))
    (answer,) = remote_tags(engine, ["web:1"])
    assert (answer.digest, answer.refused) == (None, refused)
    assert answer.error == "no␛[2J"


def test_what_nobody_foresaw_is_an_answer_too() -> None:
    def fail(_: str) -> None:
        raise ValueError("unforeseen")

    (answer,) = remote_tags(Slow(fail), ["web:1"])
    assert (answer.error, answer.refused) == ("ValueError: unforeseen", False)


def test_a_registry_that_is_slow_holds_up_only_its_own_tags() -> None:
    others = threading.Event()

    def answer(reference: str) -> None:
        if reference.startswith("slow.example/"):
            assert others.wait(SECONDS)

    engine = Slow(answer)
    tags = ["slow.example/web:1", "slow.example/web:2", *(f"fast.example/web:{n}" for n in range(10))]
    answers = remote_tags(engine, tags)
    first = [next(answers).reference for _ in range(10)]
    assert all(reference.startswith("fast.example/") for reference in first)
    others.set()
    assert {answer.reference for answer in answers} == set(tags[:2])


def test_never_more_than_a_few_at_once_and_one_at_a_registry() -> None:
    together = threading.Barrier(SIDE_BY_SIDE)

    def answer(_: str) -> None:
        together.wait(SECONDS)

    engine = Slow(answer)
    tags = [f"r{place}.example/web:{tag}" for place in range(SIDE_BY_SIDE) for tag in range(3)]
    assert len(list(remote_tags(engine, tags))) == len(tags)
    assert engine.most.pop("all") == SIDE_BY_SIDE
    assert set(engine.most.values()) == {1}


@pytest.mark.parametrize(("status", "asked"), [(None, 1), (429, 1), (500, 3), (404, 3)])
def test_a_registry_that_would_fail_again_is_not_asked_for_the_rest(status: int | None, asked: int) -> None:
    engine = Counted(MemoryEngine())
    for number in range(3):
        engine.memory.publish(f"web:{number}", EngineError("down", status))
    answers = list(remote_tags(engine, [f"web:{number}" for number in range(3)]))
    assert len(engine.of("remote")) == asked
    assert [answer.error for answer in answers] == ["down"] * 3


def test_a_session_tells_each_answer_and_asks_nothing_by_itself(following: Following) -> None:
    following.memory.publish("web:1", made("one"))
    following.live()
    assert following.engine.of("remote") == []
    following.session.services.ask_registries(["web:1", "web:2"])

    def answers() -> list[RemoteTag]:
        return [update.tag for update in following.told.heard if isinstance(update, RegistryAnswered)]

    following.told.until(lambda: len(answers()) == 2, "both answers")
    assert [answer.digest is not None for answer in answers()] == [True, False]
