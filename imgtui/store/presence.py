"""Whether a recorder watches an engine: it holds a lock beside the state file for as long as it lives.

The kernel gives a lock back however its holder ends, so that none is ever stale. The files stay: to remove
one that another program is about to lock would let two hold it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_TRIES: Final = 5
_PAUSE: Final = 0.02
"""Seconds: who asks whether a lock is held, holds it for microseconds."""


class AlreadyHeld(Exception):
    """Another program watches this engine."""


class Presence:
    """A lock that is held until it is released, or the program ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Let go; doing it again does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def hold(folder: Path, engine_id: str) -> Presence:
    """Be the one that watches this engine for the state file in a folder.

    Raises AlreadyHeld, and OSError where the folder cannot be written.
    """
    descriptor = os.open(_file(folder, engine_id), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for _ in range(_TRIES):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return Presence(descriptor)
        time.sleep(_PAUSE)
    os.close(descriptor)
    raise AlreadyHeld(f"a recorder watches engine {engine_id} already")


def is_held(folder: Path, engine_id: str) -> bool:
    """Whether a program watches this engine; False where that cannot be told."""
    try:
        descriptor = os.open(_file(folder, engine_id), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def _file(folder: Path, engine_id: str) -> Path:
    """An engine's ID is text from an engine: only its hash becomes a name."""
    return folder / f"record-{hashlib.sha256(engine_id.encode()).hexdigest()[:16]}.lock"
