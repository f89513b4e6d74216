"""Listening to what an engine does, so that a hung engine, or registry, keeps nobody from stopping it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Final, Generic, TypeVar

from imgtui.engine.port.errors import EngineError
from imgtui.engine.port.registry import UnderWay
from imgtui.operations.protocol.cancellation import Stopped
from imgtui.threads import in_background

LOOK_SECONDS: Final = 0.05
"""How soon it is seen that somebody wants it stopped."""
PATIENCE_SECONDS: Final = 2.0
"""How long one that is stopped is waited for: it ends at once, unless the engine waits for somebody."""
_HELD: Final = 16
"""News that nobody has taken yet; an engine that tells more waits."""

News = TypeVar("News")


class StillGoing(Stopped):
    """It is waited for no longer, and the engine may do it yet."""


def follow(begin: Callable[[], UnderWay[News]], stop: threading.Event) -> Iterator[News | None]:
    """What is told of something that an engine does, until it is done; None while nothing is told.

    Raises what it raises; Stopped once `stop` is set, whether or not it was done by then.
    """
    return _Following(begin).news(stop)


class _Following(Generic[News]):
    def __init__(self, begin: Callable[[], UnderWay[News]]) -> None:
        self._begin = begin
        self._told: queue.Queue[News] = queue.Queue(_HELD)
        self._over = threading.Event()
        self._given_up = threading.Event()
        self._under_way: UnderWay[News] | None = None
        self._error: Exception | None = None

    def news(self, stop: threading.Event) -> Iterator[News | None]:
        in_background("following", self._run, self._fail, self._give_up)
        try:
            while not stop.is_set():
                over = self._over.is_set()
                try:
                    yield self._told.get(timeout=0 if over else LOOK_SECONDS)
                except queue.Empty:
                    if over:
                        break
                    yield None
            else:
                self._stop()
        finally:
            self._give_up()
        if self._error is not None:
            raise self._error

    def _stop(self) -> None:
        """Raises Stopped."""
        self._give_up()
        if not self._over.wait(PATIENCE_SECONDS):
            raise StillGoing("stopped by hand; the engine may still be at it")
        raise Stopped("stopped by hand")

    def _give_up(self) -> None:
        self._given_up.set()
        if self._under_way is not None:
            self._under_way.close()

    def _run(self) -> None:
        try:
            under_way = self._under_way = self._begin()
            if self._given_up.is_set():
                under_way.close()
            for news in under_way:
                self._put(news)
        except Exception as error:  # it is raised where somebody waits
            self._error = error
        self._over.set()

    def _fail(self, error: str) -> None:
        self._error = EngineError(error)
        self._over.set()

    def _put(self, news: News) -> None:
        while not self._given_up.is_set():
            try:
                self._told.put(news, timeout=LOOK_SECONDS)
            except queue.Full:
                continue
            return
