"""Pulls exactly one image: by digest, told while it arrives, stopped by hand; or leaves what was there."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from typing import Final

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError
from imgtui.engine.port.registry import Pull
from imgtui.model.core.digest import short
from imgtui.model.core.image import Image
from imgtui.model.jobs.progress import Transfer
from imgtui.model.plans.plan import Step
from imgtui.operations.protocol.cancellation import Stopped, Tell
from imgtui.threads import in_background
from imgtui.words import plural, size

TELL_SECONDS: Final = 0.2
"""At most five lines a second are told: a slow terminal paints each."""
LOOK_SECONDS: Final = 0.05
"""How soon it is seen that somebody wants it stopped."""
PATIENCE_SECONDS: Final = 2.0
"""How long a pull that is stopped is waited for: it ends at once, unless the engine waits for a registry."""
STOPPED: Final = "stopped by hand: nothing was changed"


def pull(engine: Engine, step: Step, tell: Tell, stop: threading.Event | None = None) -> None:
    """Do the step of a plan that pulls; its image is there when this returns.

    Raises Stopped and EngineError: then nothing that was there is changed.
    """
    told, told_at = "", 0.0
    for transfer in _Arriving(engine, step).transfers(stop or threading.Event()):
        if time.monotonic() - told_at >= TELL_SECONDS and (line := _line(step, transfer)) != told:
            told, told_at = line, time.monotonic()
            tell(line)


class _Arriving:
    """A pull in a thread of its own: an engine that waits for a registry must not keep anybody waiting."""

    def __init__(self, engine: Engine, step: Step) -> None:
        self._engine = engine
        self._step = step
        self._news: queue.SimpleQueue[Transfer | None] = queue.SimpleQueue()
        """How far it has come; None when it is over."""
        self._pull: Pull | None = None
        self._error: Exception | None = None
        self._given_up = threading.Event()
        in_background("pull", self._run, self._fail, self._give_up)

    def transfers(self, stop: threading.Event) -> Iterator[Transfer]:
        """How far it has come, again and again until the image is there. Raises EngineError, Stopped."""
        deadline, last = None, Transfer()
        while True:
            if deadline is None and stop.is_set():
                deadline = time.monotonic() + PATIENCE_SECONDS
                self._give_up()
            try:
                news = self._news.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                if deadline is not None and time.monotonic() > deadline:
                    raise Stopped("stopped by hand, while the engine waits for the registry") from None
                news = last
            if news is None:
                break
            last = news
            yield news
        if self._error is None:
            return
        if self._given_up.is_set() and not isinstance(self._error, Stopped):
            raise Stopped(STOPPED) from self._error
        raise self._error

    def _give_up(self) -> None:
        self._given_up.set()
        if self._pull is not None:
            self._pull.close()

    def _run(self) -> None:
        try:
            before = self._engine.image(self._step.reference)
            self._arrive()
            self._verify(before)
        except Exception as error:  # it is raised where somebody waits
            self._error = error
        self._news.put(None)

    def _fail(self, error: str) -> None:
        self._error = EngineError(error)
        self._news.put(None)

    def _arrive(self) -> None:
        arriving = self._pull = self._engine.pull(self._step.reference)
        if self._given_up.is_set():
            arriving.close()
        for transfer in arriving:
            self._news.put(transfer)

    def _verify(self, before: Image | None) -> None:
        """Whether exactly the wanted image is there; if not, the name that the pull gave goes again.

        A repo digest may name an index: an engine takes from it what is for its platform, and on a graph
        driver that decides the image ID.
        """
        step, found = self._step, self._engine.image(self._step.reference)
        stopped = self._given_up.is_set()
        if not stopped and found is not None and found.id == step.image_id:
            return
        if found is not None and before is None:
            self._engine.untag(step.reference)
        if stopped:
            raise Stopped(STOPPED)
        what = "nothing" if found is None else short(found.id)
        raise EngineError(f"{step.reference} is {what}, not {short(step.image_id)}: nothing was changed")


def _line(step: Step, transfer: Transfer) -> str:
    """`pulling 9ef5fb85c6a1: 12.3 MB of 31.2 MB, 3 of 7 layers`, without bytes where none are told.

    Short, for a footer of 80 columns: the plan has told the repository.
    """
    name = short(step.image_id)
    if not transfer.layers:
        return f"pulling {name}: the registry is asked"
    layers = f"{transfer.layers_done} of {plural(len(transfer.layers), 'layer')}"
    counted = f"{size(transfer.done)} of {size(transfer.total)}, " if transfer.total else ""
    return f"pulling {name}: {counted}{layers}"
