"""The process that owns the pty: starts the program, stamps all it writes and all it is sent.

Nothing but this loop lies between the program and the clock: the emulation of the screen, which is slow,
happens in another process from the stamped records. Run as `python -m tests.bench.recorder COLUMNS ROWS
RATE FOLDER COMMAND...` (RATE is how many bytes a second the terminal takes, 0 for all there are): keys come
in on standard input, records go out on standard output (a file, so that nobody can be too slow to read them).
The end of standard input kills the program.
"""

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

from tests.bench.queries import Queries

HEADER = struct.Struct("<QQcI")
"""CLOCK_MONOTONIC ns, CPU ns the program has used, kind, length of the payload that follows."""
STARTED, OUTPUT, INPUT, EXITED = b"s", b"o", b"i", b"x"

_RECORDS = 1
_KEYS = 0
_DRAIN_SECONDS = 0.1
_TICK_MS = 5
_PARTS = 50
"""How often in a second a slow terminal takes something."""


def cpu_ns(pid: int) -> int:
    """CPU time of all threads of `pid` so far, in ns; 0 when it is gone (clock_getcpuclockid(3))."""
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)
    except OSError:
        return 0


def _write(file: int, kind: bytes, at: int, cpu: int, payload: bytes) -> None:
    os.write(file, HEADER.pack(at, cpu, kind, len(payload)) + payload)


def _become(command: list[str], folder: str, terminal: int) -> None:
    """Turn this process into the program; its start is stamped at the last moment before exec."""
    records = os.dup(_RECORDS)
    os.login_tty(terminal)
    os.chdir(folder)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    _write(records, STARTED, time.monotonic_ns(), 0, b"%d" % os.getpid())
    os.execvp(command[0], command)


def _start(command: list[str], folder: str, columns: int, rows: int) -> tuple[int, int, int]:
    master, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, columns * 8, rows * 16))
    pid = os.fork()
    if pid == 0:
        try:
            _become(command, folder, terminal)
        except OSError as error:
            os.write(2, f"{command[0]}: {error.strerror}\n".encode())
        finally:
            os._exit(127)
    with contextlib.suppress(OSError):
        os.nice(-10)
    return pid, master, terminal


class Recorder:
    """The loop between one program and its terminal."""

    def __init__(self, pid: int, master: int, terminal: int, rate: int = 0) -> None:
        self._pid, self._master, self._terminal = pid, master, terminal
        self._rate = rate
        self._resting = 0.0
        """Until when a slow terminal takes nothing; 0 for one that takes what comes."""
        self._queries = Queries()

    def run(self) -> None:
        """Record until the program has ended and everything it wrote has been read."""
        ended = os.pidfd_open(self._pid)
        poll = select.poll()
        for file in (self._master, ended, _KEYS):
            poll.register(file, select.POLLIN)
        while True:
            ready = {file for file, _event in poll.poll(_TICK_MS if self._resting else None)}
            if self._resting and time.monotonic() >= self._resting:
                self._resting = 0.0
                poll.register(self._master, select.POLLIN)
            if self._master in ready:
                self._output()
                if self._resting:
                    poll.unregister(self._master)
            if _KEYS in ready and not self._keys():
                poll.unregister(_KEYS)
            if ended in ready:
                self._finish(time.monotonic_ns())
                return

    def _output(self) -> None:
        data = os.read(self._master, max(1, self._rate // _PARTS) if self._rate else 65536)
        self._resting = time.monotonic() + len(data) / self._rate if self._rate else 0.0
        _write(_RECORDS, OUTPUT, time.monotonic_ns(), cpu_ns(self._pid), data)
        for answer in self._queries.answers(data):
            os.write(self._master, answer)

    def _keys(self) -> bool:
        keys = os.read(_KEYS, 4096)
        if not keys:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._pid, signal.SIGKILL)
            return False
        _write(_RECORDS, INPUT, time.monotonic_ns(), cpu_ns(self._pid), keys)
        os.write(self._master, keys)
        return True

    def _finish(self, at: int) -> None:
        """Read what is still in the pty; a descendant that goes on writing is not waited for."""
        cpu = cpu_ns(self._pid)
        until = time.monotonic() + _DRAIN_SECONDS
        while time.monotonic() < until and select.select([self._master], [], [], 0.01)[0]:
            self._output()
        _pid, status, _usage = os.wait4(self._pid, 0)
        flags = termios.tcgetattr(self._terminal)[3]
        cooked = bool(flags & termios.ICANON and flags & termios.ECHO)
        ending = {"status": os.waitstatus_to_exitcode(status), "cooked": cooked}
        _write(_RECORDS, EXITED, at, cpu, json.dumps(ending).encode())


def main(arguments: list[str]) -> None:
    """Start the program and record it to its end."""
    columns, rows, rate, folder, *command = arguments
    Recorder(*_start(command, folder, int(columns), int(rows)), int(rate)).run()


if __name__ == "__main__":
    main(sys.argv[1:])
