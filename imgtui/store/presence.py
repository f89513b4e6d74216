"""Whether a program has a role on an engine: it holds a lock beside the state file for as long as it lives.

The kernel gives a lock back however its holder ends, so that none is ever stale. The files stay: to remove
one that another program is about to lock would let two hold it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import time
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Final, Self

TRIES: Final = 5
PAUSE: Final = 0.02
"""Seconds: who asks whether a lock is held, holds it for microseconds."""


class Role(StrEnum):
    """What only one program at a time does on an engine."""

    RECORD = "record"
    """Watch it without a screen."""
    RULES = "rules"
    """Apply keep rules."""
    CONTAINERS = "containers"
    """Put one container in the place of another."""
    ACTS = "acts"
    """Put right what was interrupted: alone. Whoever does an act has the role together with others."""


class AlreadyHeld(Exception):
    """Another program has this role on the engine."""


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


def hold(
    folder: Path, engine_id: str, role: Role = Role.RECORD, *, together: bool = False, tries: int = TRIES
) -> Presence:
    """Take a role on this engine for the state file in a folder.

    `together` with all others who take it so; who takes it alone keeps them out. Raises AlreadyHeld, and
    OSError where the folder cannot be written.
    """
    descriptor = os.open(_file(folder, engine_id, role), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    _let_the_same_read(descriptor, folder)
    kind = fcntl.LOCK_SH if together else fcntl.LOCK_EX
    for _ in range(tries):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return Presence(descriptor)
        time.sleep(PAUSE)
    os.close(descriptor)
    raise AlreadyHeld(f"another imgtui has the role {role.value} on engine {engine_id}")


def _let_the_same_read(descriptor: int, folder: Path) -> None:
    """Who may read the machine's state file may see whether its recorder runs."""
    found = folder.stat()
    if found.st_gid != os.getegid() and found.st_uid == os.geteuid():
        with contextlib.suppress(OSError):
            os.fchown(descriptor, -1, found.st_gid)
            os.fchmod(descriptor, 0o640)


def is_held(folder: Path, engine_id: str, role: Role = Role.RECORD) -> bool:
    """Whether a program has this role; False where that cannot be told."""
    try:
        descriptor = os.open(_file(folder, engine_id, role), os.O_RDONLY | os.O_CLOEXEC)
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


def _file(folder: Path, engine_id: str, role: Role) -> Path:
    """An engine's ID is text from an engine: only its hash becomes a name."""
    return folder / f"{role.value}-{hashlib.sha256(engine_id.encode()).hexdigest()[:16]}.lock"
