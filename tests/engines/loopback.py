"""What the tests have listening on this machine's loopback, for engines whose loopback is another one."""

from collections.abc import Callable
from typing import Final

_PORTS: Final[list[int]] = []
_HEARERS: Final[list[Callable[[int], None]]] = []


def announce(port: int) -> int:
    """Something listens on this port; the port."""
    _PORTS.append(port)
    for hear_of in _HEARERS:
        hear_of(port)
    return port


def hear(hear_of: Callable[[int], None]) -> None:
    """Hear of every port that was and will be announced."""
    _HEARERS.append(hear_of)
    for port in _PORTS:
        hear_of(port)


def leave(hear_of: Callable[[int], None]) -> None:
    """Hear no more."""
    _HEARERS.remove(hear_of)
