"""Waiting for a state instead of for a time."""

import time
from collections.abc import Callable
from typing import Final

PATIENCE: Final = 120.0
"""Seconds after which a test gives up waiting for a state: a busy machine is many times slower."""

_PAUSE: Final = 0.02


def wait_until(holds: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Return as soon as `holds()` is true; raise `TimeoutError`, naming `what`, after `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        time.sleep(_PAUSE)
