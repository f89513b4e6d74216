"""Runs a program that only tells something: within a time, within a size, and away from the terminal."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from imgtui.threads import alarm

SECONDS: Final = 30.0
LARGEST: Final = 16 * 1024 * 1024
"""Bytes that are read of what a program prints."""


def run(
    command: Sequence[str],
    environ: Mapping[str, str],
    folder: Path,
    *,
    seconds: float = SECONDS,
    largest: int = LARGEST,
) -> str | None:
    """Return what a program prints; None where there is none, it fails, takes too long or prints too much."""
    answer = talk(command, environ, folder, b"", seconds, largest=largest)
    return answer.printed if answer is not None and answer.status == 0 else None


@dataclass(frozen=True, slots=True)
class ProgramOutput:
    """What a program that has ended has said."""

    status: int
    printed: str = field(repr=False)


def talk(
    command: Sequence[str],
    environ: Mapping[str, str],
    folder: Path,
    given: bytes,
    seconds: float,
    *,
    largest: int = LARGEST,
) -> ProgramOutput | None:
    """Return what a program says that is given a little on its standard input.

    None where there is none, or where it had to be ended. It runs in a session of its own, so that nothing it
    starts can ask at the terminal, and all of that ends with it: a plugin of docker's would otherwise go on.
    """
    try:
        process = subprocess.Popen(
            command,
            env=dict(environ),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError):  # no file has such a name: a NUL, or half a surrogate pair
        return None
    with process, _Deadline(process, seconds):
        _give(process, given)
        printed = process.stdout.read(largest + 1) if process.stdout else b""
        if len(printed) > largest:
            _end(process)
    return (
        None
        if process.returncode < 0
        else ProgramOutput(process.returncode, printed.decode(errors="replace"))
    )


def _give(process: subprocess.Popen[bytes], given: bytes) -> None:
    if process.stdin is not None:
        with suppress(OSError), process.stdin as stdin:  # it may end without reading
            stdin.write(given)


class _Deadline:
    """Ends a process, and all that it started, when its time is over, or when nobody waits any more."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self._process = process
        self._over = alarm("program", seconds, lambda: _end(process))

    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None:
        if any(error):
            _end(self._process)
        else:
            self._process.wait()
        self._over.stop()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started; one that was waited for has no number of its own any more."""
    if process.returncode is None:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
