"""The command as a process of its own, on an engine of a test's own."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tests.engines.waiting import PATIENCE
from tests.verbs.warm_server import Call

IMGTUI = Path(sys.executable).with_name("imgtui")
HEARS_SIGNALS = ("env", "--default-signal=INT,HUP,TERM")
"""Goes before a command that signals shall end: what runs in the background of a shell ignores them."""
SECONDS = PATIENCE
CLI = "imgtui.cli"


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


def call_installed(
    environ: Mapping[str, str], *arguments: str, text: str = ""
) -> subprocess.CompletedProcess[str]:
    """Call the installed command as a shell does, and wait for its end; `text` is its standard input."""
    return subprocess.run(
        [str(IMGTUI), *arguments],
        env=environ,
        capture_output=True,
        text=True,
        input=text,
        check=False,
        timeout=SECONDS,
    )


def call(
    environ: Mapping[str, str],
    *arguments: str,
    text: str = "",
    module: str = CLI,
    seconds: float = SECONDS,
) -> subprocess.CompletedProcess[str]:
    """Call imgtui in a process that need not import it first, and wait for its end.

    `module` is another one whose `main` is called instead.
    """
    with (
        tempfile.TemporaryFile("w+") as typed,
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as err,
    ):
        typed.write(text)
        typed.seek(0)
        process = _warm().begin(environ, arguments, (typed, out, err), module)
        status = process.wait(seconds)
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess([str(IMGTUI), *arguments], status, out.read(), err.read())


class Begun:
    """A call of imgtui that goes on: what of `subprocess.Popen` tests use."""

    def __init__(self, connection: socket.socket, stderr: IO[str] | None = None) -> None:
        self._connection = connection
        self._answers = connection.makefile()
        self.pid = int(self._answers.readline())
        self.stderr = stderr
        self.returncode: int | None = None

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, if it has not ended."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def wait(self, seconds: float = SECONDS) -> int:
        """Wait until it has ended; its exit status. Raises `TimeoutError`, and kills it."""
        if self.returncode is None:
            self._connection.settimeout(seconds)
            try:
                status = int(self._answers.readline())
            except TimeoutError:
                self.kill()
                raise
            self.returncode = os.waitstatus_to_exitcode(status)
            self._answers.close()
            self._connection.close()
        return self.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.kill()
        self.wait()
        if self.stderr:
            self.stderr.close()


def begin(environ: Mapping[str, str], *arguments: str, module: str = CLI) -> Begun:
    """Begin to call imgtui, or another module's `main`; nobody reads its standard output."""
    reading, writing = os.pipe()
    with (
        Path(os.devnull).open() as nothing,
        Path(os.devnull).open("w") as nowhere,
        os.fdopen(writing, "w") as err,
    ):
        process = _warm().begin(environ, arguments, (nothing, nowhere, err), module)
    process.stderr = os.fdopen(reading)
    return process


class _Warm:
    """The server that forks for each call, of this test process."""

    def __init__(self) -> None:
        self._path = Path(tempfile.mkdtemp(prefix="imgtui-warm-")) / "socket"
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.verbs.warm_server", str(self._path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            text=True,
            start_new_session=True,
        )
        assert self._server.stdout
        assert self._server.stdout.readline() == "ready\n"

    def begin(
        self,
        environ: Mapping[str, str],
        arguments: tuple[str, ...],
        streams: tuple[IO[str], ...],
        module: str,
    ) -> Begun:
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(self._path))
        message = json.dumps(Call(module, str(IMGTUI), [*arguments], dict(environ), str(Path.cwd())))
        socket.send_fds(connection, [message.encode()], [stream.fileno() for stream in streams])
        return Begun(connection)


@cache
def _warm() -> _Warm:
    return _Warm()


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
        [*HEARS_SIGNALS, str(IMGTUI), "record", *arguments],
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
