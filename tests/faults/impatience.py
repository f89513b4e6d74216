"""A program that waits for tenths of a second where the product waits for minutes, and for megabytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

from imgtui.engine.docker import client
from imgtui.engine.docker import distribution as docker_distribution
from imgtui.engine.docker import mark as docker_mark
from imgtui.engine.wire import arrival, json_text
from imgtui.verbs.console import waiting

SECONDS: Final = 0.4
"""How long one answer is waited for."""
ONCE_MORE_SECONDS: Final = 4.0
"""The same where something went wrong: on a busy machine a right answer may come too late."""
MOST_BYTES: Final = 4 * 1024 * 1024
"""Of one answer."""
_WAITS: Final = (
    (client, "READ_SECONDS"),
    (client, "GREETING_SECONDS"),
    (client, "CONNECT_SECONDS"),
    (client, "PAST_SECONDS"),
    (docker_mark, "SECONDS"),
    (docker_distribution, "REGISTRY_SECONDS"),
)


@contextmanager
def impatience(seconds: float = SECONDS) -> Iterator[None]:
    """Shorten what the product waits for, how much it reads, and when it says what it waits for."""
    with pytest.MonkeyPatch.context() as patched:
        for module, name in _WAITS:
            patched.setattr(module, name, seconds)
        patched.setattr(arrival, "MOST_BYTES", MOST_BYTES)
        patched.setattr(json_text, "LONGEST_MESSAGE", MOST_BYTES // 4)
        patched.setattr(waiting, "AFTER_SECONDS", seconds / 4)
        patched.setattr(waiting, "EVERY_SECONDS", seconds / 8)
        yield
