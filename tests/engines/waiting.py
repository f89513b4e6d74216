"""Waiting for a state instead of for a time."""

import time
from collections.abc import Callable
from typing import Final

PATIENCE: Final = 120.0
"""Seconds after which a test gives up waiting for a state: a busy machine is many times slower."""

_PAUSE: Final = 0.02
_LONGEST_PAUSE: Final = 0.3
"""Between two looks, the longer the wait the more: a look may be a command, which costs time itself."""


def wait_until(holds: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Return as soon as `holds()` is true; raise `TimeoutError`, naming `what`, after `seconds`."""
    began = time.monotonic()
    while not holds():
        waited = time.monotonic() - began
        if waited > seconds:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        time.sleep(min(_PAUSE + waited / 10, _LONGEST_PAUSE))
