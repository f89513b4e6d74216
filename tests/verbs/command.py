"""The installed command as a process of its own, on an engine of a test's own."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

IMGTUI = Path(sys.executable).with_name("imgtui")
SECONDS = 30.0


def environment(home: Path, host: str = "unix:///nowhere.sock") -> Mapping[str, str]:
    """All that the command sees of this machine: nothing of it is shared with other tests."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_STATE_HOME": str(home),
        "XDG_CACHE_HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "DOCKER_CONFIG": str(home),
        "DOCKER_HOST": host,
        "TERM": "xterm-256color",
        "TZ": "UTC",
    }


def call(environ: Mapping[str, str], *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Call imgtui and wait for its end; `text` is its standard input."""
    return subprocess.run(
        [str(IMGTUI), *arguments],
        env=environ,
        capture_output=True,
        text=True,
        input=text,
        check=False,
        timeout=60,
    )


class Recording:
    """A recorder that runs, and what it prints."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._out, self._err = _lines(process.stdout), _lines(process.stderr)

    def moved(self) -> list[str]:
        """The words of the next line on standard output."""
        return self._out.get(timeout=SECONDS).split()

    def said(self, *texts: str) -> str:
        """The next line on standard error that has these texts."""
        while True:
            line = self._err.get(timeout=SECONDS)
            if all(text in line for text in texts):
                return line

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal; exit status and seconds until the end."""
        begun = time.monotonic()
        self._process.send_signal(number)
        return self._process.wait(SECONDS), time.monotonic() - begun

    def ended(self) -> int:
        """The exit status of one that ends by itself."""
        return self._process.wait(SECONDS)


@contextmanager
def recording(environ: Mapping[str, str], *arguments: str) -> Iterator[Recording]:
    """`imgtui record`, ended with the test."""
    with subprocess.Popen(
        [str(IMGTUI), "record", *arguments],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Recording(process)
        finally:
            process.kill()


def _lines(stream: IO[str] | None) -> queue.SimpleQueue[str]:
    found: queue.SimpleQueue[str] = queue.SimpleQueue()
    assert stream is not None

    def read() -> None:
        for line in stream:
            found.put(line)

    threading.Thread(target=read, daemon=True).start()
    return found
