"""What a verb waits for, for a person at a terminal: an engine may take minutes, or never answer."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from imgtui.engine.port.errors import short_request
from imgtui.engine.wire.waits import WAITS
from imgtui.threads import in_background
from imgtui.verbs.console.output import aside, in_place

AFTER_SECONDS = 3.0
"""Of silence, after which it is said what is waited for."""
EVERY_SECONDS = 0.5


@contextmanager
def waiting_line() -> Iterator[None]:
    """Say it in a line on standard error that is taken back; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield
        return
    over = threading.Event()
    teller = in_background("waiting", lambda: _tell(over), lambda error: aside(f"{error}\n"), over.set)
    try:
        yield
    finally:
        teller.stop()
        teller.wait(EVERY_SECONDS)


def _tell(over: threading.Event) -> None:
    width = shutil.get_terminal_size().columns - 1
    said = False
    while not over.wait(EVERY_SECONDS):
        request, seconds = WAITS.longest() or ("", 0.0)
        if seconds >= AFTER_SECONDS:
            in_place(f"waiting for the engine, {seconds:.0f} s: {short_request(request)}", width)
            said = True
        elif said:
            in_place("", width)
            said = False
    if said:
        in_place("", width)
