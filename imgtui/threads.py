"""All threads of imgtui begin here.

Each has a name and an owner, who is told in one line of an error that nobody foresaw, and can have it stop.
They are daemon threads: an engine or a folder that does not answer keeps nobody from quitting.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Final, TypeVar

from imgtui.model.core.printable import printable

Tell = Callable[[str], object]
"""Hears in one line, printable, of an error that nobody foresaw."""
Given = TypeVar("Given")
Made = TypeVar("Made")
_LONGEST: Final = 500

unheard: Final[list[str]] = []
"""What nobody could be told: it is printed when the screen is given back."""


class Background:
    """Work in a thread of its own."""

    def __init__(self, thread: threading.Thread, stop: Callable[[], object]) -> None:
        self._thread = thread
        self.stop = stop
        """Has it end soon."""

    def wait(self, seconds: float) -> bool:
        """Wait for its end, at most so long; whether it has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()


def ends_by_itself() -> None:
    """How a few requests, each with a time limit, are stopped: who has left does not hear what they find."""


def in_background(
    name: str, work: Callable[[], object], tell: Tell, stop: Callable[[], object]
) -> Background:
    """Do it in a thread called `imgtui-NAME`. `stop` is called by the owner, and has it end soon."""

    def run() -> None:
        try:
            work()
        except BaseException as unforeseen:
            _report(unforeseen, tell)

    thread = threading.Thread(target=run, name=f"imgtui-{name}", daemon=True)
    thread.start()
    return Background(thread, stop)


def alarm(name: str, seconds: float, ring: Callable[[], object]) -> Background:
    """Call `ring` in so many seconds, unless it is stopped before."""
    stopped = threading.Event()

    def wait() -> None:
        if not stopped.wait(seconds):
            ring()

    return in_background(name, wait, unheard.append, stopped.set)


def side_by_side(
    name: str, number: int, do: Callable[[Given], Iterable[Made]], given: Iterable[Given]
) -> Iterator[Made]:
    """What is made of each, a few at a time, as it comes; whoever listens no longer stops what is left.

    Raises what `do` raises.
    """
    waiting: queue.SimpleQueue[Given] = queue.SimpleQueue()
    left = 0
    for each in given:
        waiting.put(each)
        left += 1
    made: queue.SimpleQueue[tuple[Made, ...] | BaseException | None] = queue.SimpleQueue()
    stopped = threading.Event()

    def work() -> None:
        while not stopped.is_set():
            try:
                each = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                for one in do(each):
                    if stopped.is_set():
                        return
                    made.put((one,))
            except BaseException as error:  # it is raised where somebody waits
                made.put(error)
            made.put(None)

    for _ in range(min(number, left)):
        in_background(name, work, unheard.append, stopped.set)
    try:
        while left:
            found = made.get()
            if isinstance(found, BaseException):
                raise found
            if found is None:
                left -= 1
            else:
                yield found[0]
    finally:
        stopped.set()


async def aside(name: str, work: Callable[[], Made]) -> Made:
    """What the work returns, while the event loop goes on; whoever waits no longer leaves it to itself."""
    import asyncio

    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Made] = loop.create_future()

    def give(take: Callable[[Any], None], found: object) -> None:
        if not answer.done():
            take(found)

    def run() -> None:
        take: Callable[[Any], None]
        found: object
        try:
            made = work()
        except Exception as error:  # it is raised where somebody waits
            take, found = answer.set_exception, error
        else:
            take, found = answer.set_result, made
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(give, take, found)

    in_background(name, run, unheard.append, answer.cancel)
    return await answer


def foreign(args: threading.ExceptHookArgs) -> None:
    """What ended a thread that a library has begun: a traceback would stand on the screen."""
    if args.exc_value is not None:
        unheard.append(in_one_line(args.exc_value))


def in_one_line(error: BaseException) -> str:
    """An error that nobody foresaw, printable."""
    return printable(f"{type(error).__name__}: {error}", _LONGEST)


def _report(error: BaseException, tell: Tell) -> None:
    try:
        tell(in_one_line(error))
    except BaseException as deaf:
        unheard.extend((in_one_line(error), in_one_line(deaf)))
