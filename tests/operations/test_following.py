"""What an engine does is followed to its end, and nobody has to wait for one that hangs."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from imgtui.engine.port.errors import EngineError
from imgtui.operations.protocol.cancellation import Stopped
from imgtui.operations.tasks import following
from imgtui.operations.tasks.following import StillGoing, follow
from tests.engines.waiting import PATIENCE

SECONDS = PATIENCE


class Counting:
    """Tells numbers until it is closed."""

    def __init__(self, end: int | None = None, error: Exception | None = None) -> None:
        self.closed = threading.Event()
        self.told = 0
        self._end = end
        self._error = error

    def __iter__(self) -> Iterator[int]:
        while not self.closed.is_set() and (self._end is None or self.told < self._end):
            self.told += 1
            yield self.told
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        self.closed.set()


def test_everything_is_told_in_order_and_then_it_is_over() -> None:
    assert [news for news in follow(lambda: Counting(1000), threading.Event()) if news] == [*range(1, 1001)]


def test_what_it_raises_is_raised_after_what_it_told() -> None:
    told: list[int | None] = []
    with pytest.raises(EngineError, match="broken"):
        told.extend(follow(lambda: Counting(3, EngineError("broken")), threading.Event()))
    assert [news for news in told if news] == [1, 2, 3]


def test_it_is_closed_when_somebody_wants_it_stopped() -> None:
    counting, stop = Counting(), threading.Event()
    news = follow(lambda: counting, stop)
    assert next(number for number in news if number) == 1
    stop.set()
    with pytest.raises(Stopped, match="stopped by hand"):
        list(news)
    assert counting.closed.is_set()


def test_it_is_closed_when_nobody_listens_any_more() -> None:
    counting = Counting()
    for _ in follow(lambda: counting, threading.Event()):
        break
    assert counting.closed.wait(SECONDS)


def test_one_that_tells_more_than_is_taken_waits() -> None:
    counting, stop = Counting(), threading.Event()
    news = follow(lambda: counting, stop)
    assert next(one for one in news if one) == 1
    assert next(one for one in news if one is None or one) is not None
    assert counting.told < 100
    news.close()  # type: ignore[attr-defined]  # it is a generator


def test_an_engine_that_hangs_before_it_begins_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "PATIENCE_SECONDS", 0.0)
    begun, answered, stop, counting = threading.Event(), threading.Event(), threading.Event(), Counting()

    def begin() -> Counting:
        begun.set()
        assert answered.wait(SECONDS)
        return counting

    news = follow(begin, stop)
    assert next(news) is None
    assert begun.wait(SECONDS)
    stop.set()
    with pytest.raises(StillGoing):
        list(news)
    answered.set()
    assert counting.closed.wait(SECONDS)  # as soon as it answers
