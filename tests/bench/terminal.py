"""A program in a real pty: its screen, and every byte it wrote with the time it was read."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.bench.keys import encode
from tests.bench.process import in_the_background
from tests.bench.recorder import EXITED, HEADER, INPUT, OUTPUT, STARTED
from tests.bench.screen import Screen

_ROOT = Path(__file__).parents[2]
_POLL_SECONDS = 0.004
_BURST_OVER_NS = 12_000_000
_LONGEST_LAG_NS = 150_000_000
_APPLICATION_CURSOR = 1

Shows = Callable[[list[str]], bool]
"""Whether the lines of a screen show what is waited for."""


@dataclass(frozen=True)
class Stamped:
    """Bytes read from or sent to the program: when (CLOCK_MONOTONIC, ns), and its CPU ns by then."""

    at: int
    cpu: int
    data: bytes


@dataclass(frozen=True)
class Ending:
    """When the program ended (ns), its exit status, whether the line discipline was put back."""

    at: int
    status: int
    cooked: bool


class TerminalSession:
    """One run of a program in a terminal of (columns, rows); leaving the context kills what still runs.

    `rate` is how many bytes a second the terminal takes; 0 is all there are. Where the program is `measured`
    the emulator takes only time that nobody wants: on a busy machine it would never be done.
    """

    def __init__(
        self,
        command: Sequence[str],
        size: tuple[int, int],
        environment: Mapping[str, str],
        *,
        rate: int = 0,
        measured: bool = False,
    ) -> None:
        columns, rows = size
        self._measured = measured
        self.screen = Screen(columns, rows)
        self.outputs: list[Stamped] = []
        self.inputs: list[Stamped] = []
        self.ending: Ending | None = None
        self.started = 0
        self.pid = 0
        self._shown = 0
        self._parsed = 0
        self._records = os.fdopen(os.memfd_create("records"), "rb", buffering=0)
        self._recorder = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.bench.recorder",
                str(columns),
                str(rows),
                str(rate),
                str(Path.cwd()),
                *command,
            ],
            stdin=subprocess.PIPE,
            stdout=self._records,
            cwd=_ROOT,
            env=dict(environment),
            start_new_session=True,
        )
        while not self.started and self._recorder.poll() is None:
            self.wait(_POLL_SECONDS)
        self.receive()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def receive(self) -> None:
        """Take over what the recorder has written so far."""
        file = self._records.fileno()
        while len(head := os.pread(file, HEADER.size, self._parsed)) == HEADER.size:
            at, cpu, kind, length = HEADER.unpack(head)
            payload = os.pread(file, length, self._parsed + HEADER.size)
            if len(payload) < length:
                return
            self._parsed += HEADER.size + length
            self._take(kind, Stamped(at, cpu, payload))

    def wait(self, seconds: float) -> None:
        """Let the program run on for `seconds`."""
        time.sleep(seconds)
        self.receive()

    def show(self, shows: Shows | None = None, *, until: int | None = None) -> Stamped | None:
        """Bring the screen up to date, to the time `until`, or to the first output that `shows` something."""
        with in_the_background() if self._measured else contextlib.nullcontext():
            while self._shown < len(self.outputs):
                output = self.outputs[self._shown]
                if until is not None and output.at >= until:
                    return None
                self._shown += 1
                self.screen.feed(output.data)
                if shows is not None and shows(self.screen.lines):
                    return output
        return None

    def wait_until(self, shows: Shows, seconds: float) -> Stamped | None:
        """The output that made the screen show something; None after `seconds` or the program's end.

        What the screen shows already counts as shown by the last output that is on it.

        The emulator works only in pauses of the program (or when it lags too far behind), so that it takes no
        time from it.
        """
        if self._shown and shows(self.screen.lines):
            return self.outputs[self._shown - 1]
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.receive()
            if self._shown < len(self.outputs):
                now = time.monotonic_ns()
                paused = now - self.outputs[-1].at > _BURST_OVER_NS
                if (paused or now - self.outputs[self._shown].at > _LONGEST_LAG_NS) and (
                    found := self.show(shows)
                ):
                    return found
            elif self.ending is not None:
                return None
            time.sleep(_POLL_SECONDS)
        return None

    def wait_quiet(self, seconds: float, deadline: float, busy: Callable[[], bool] = lambda: False) -> bool:
        """Wait until nothing was written for `seconds` and nothing is `busy`; False after `deadline`."""
        began = time.monotonic_ns()
        until = time.monotonic() + deadline
        while time.monotonic() < until and self.ending is None:
            self.wait(_POLL_SECONDS)
            last = max(began, self.outputs[-1].at if self.outputs else 0)
            if time.monotonic_ns() - last > seconds * 1e9:
                if not busy():
                    return True
                self.wait(0.1)
        return False

    def press(self, keys: str) -> int:
        """Send key presses; when they were written to the pty, in ns."""
        assert self._recorder.stdin is not None
        before = len(self.inputs)
        application_cursor = self.screen.modes.get(_APPLICATION_CURSOR, False)
        with contextlib.suppress(BrokenPipeError):
            self._recorder.stdin.write(encode(keys, application_cursor=application_cursor))
            self._recorder.stdin.flush()
        while len(self.inputs) == before and self.ending is None and self._recorder.poll() is None:
            self.wait(0.0005)
        return self.inputs[-1].at if len(self.inputs) > before else time.monotonic_ns()

    def between(self, start: int, end: int | None = None) -> list[Stamped]:
        """What was read from the program from `start` up to `end` (ns), end excluded."""
        return [output for output in self.outputs if start <= output.at and (end is None or output.at < end)]

    def wait_end(self, seconds: float) -> Ending | None:
        """Wait for the program to end; None when it has not in time."""
        until = time.monotonic() + seconds
        while self.ending is None and self._recorder.poll() is None and time.monotonic() < until:
            self.wait(0.002)
        self.receive()
        return self.ending

    def close(self) -> None:
        """Kill the program if it still runs; its screen stays."""
        if self._recorder.stdin is not None:
            self._recorder.stdin.close()
        self._recorder.wait()
        if not self._records.closed:
            self.receive()
            self.show()
            self._records.close()

    def _take(self, kind: bytes, record: Stamped) -> None:
        if kind == OUTPUT:
            self.outputs.append(record)
        elif kind == INPUT:
            self.inputs.append(record)
        elif kind == STARTED:
            self.started, self.pid = record.at, int(record.data)
        elif kind == EXITED:
            ending = json.loads(record.data)
            self.ending = Ending(record.at, int(ending["status"]), bool(ending["cooked"]))
