"""Waiting for a state instead of for a time."""

import time
from collections.abc import Callable

_PAUSE = 0.02


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Return as soon as `holds()` is true; raise `TimeoutError`, naming `what`, after `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        time.sleep(_PAUSE)
