"""What takes its time on the command line: one line that tells how it goes, and how it is stopped."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from imgtui.model.plans.plan import Plan
from imgtui.operations.acts.acts import Acts, Done
from imgtui.verbs.console.output import in_place

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stoppable() -> Iterator[threading.Event]:
    """Ctrl+C, SIGTERM and a terminal that goes away have it put back what it has done.

    A signal that is ignored stays so: `nohup` has it go on without a terminal. A second one ends it at once,
    as an engine may not answer: the next imgtui puts right what is left.
    """
    stop = threading.Event()

    def set_stop(number: int, frame: FrameType | None) -> None:
        del frame
        if stop.is_set():
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        stop.set()

    heard = [number for number in STOPPING if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, set_stop) for number in heard}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def perform(acts: Acts, plan: Plan) -> Done:
    """Do a plan, which can be stopped between its steps, and while something is pulled.

    Raises EngineError.
    """
    with stoppable() as stop, progress_line() as tell:
        return acts.perform(plan, tell=tell, stop=stop)


@contextmanager
def progress_line() -> Iterator[Callable[[str], None]]:
    """A line on a terminal's standard error that each call writes anew, and that is gone at the end."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    width = shutil.get_terminal_size().columns - 1

    try:
        yield lambda line: in_place(line, width)
    finally:
        in_place("", width)
