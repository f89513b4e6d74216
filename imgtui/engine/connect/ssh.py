"""An engine behind ssh: the user's own ssh, with their configuration, agent and known hosts.

Each connection to a private local socket becomes one `ssh HOST docker system dial-stdio`, which is
what the docker CLI starts (docker/cli `cli/connhelper`). The connection itself is handed to ssh as
its standard input and output, so that nothing is copied here and closing it ends ssh. All of them
share the first one's login (ssh's ControlMaster).
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from imgtui.engine.connect.ssh_command import configuration, dial_command, environment
from imgtui.threads import in_background

COMPLAINT_BYTES = 4000
FRESH_SECONDS = 10
"""What ssh said this long ago has nothing to do with a failure of now."""
END_SECONDS = 2


class SshTunnel:
    """A local socket whose connections reach the engine of another host.

    ssh gets no terminal: it cannot ask anything across the screen, so keys must be in an agent.
    Raises FileNotFoundError where there is no ssh.
    """

    def __init__(self, host: str) -> None:
        configured = configuration(host)
        self._folder = Path(tempfile.mkdtemp(prefix="imgtui-ssh-"))
        self._command = dial_command(host, configured, self._folder / "login")
        self._dials: list[_Dial] = []
        self._refused = ""
        self._lock = threading.Lock()
        self._closed = False
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self._folder / "engine.sock"))
        self._listener.listen(16)
        self._serving = in_background("ssh", self._serve, self._fail, self.close)

    @property
    def url(self) -> str:
        """Where the engine answers on this machine."""
        return f"unix://{self._folder / 'engine.sock'}"

    def complaint(self) -> str:
        """What ssh said on standard error just now, the last of it at the end; several lines."""
        with self._lock:
            said = sorted(dial.said() for dial in self._dials)
            refused, self._refused = self._refused, ""
        return "\n".join([words for _, words in said if words] or [refused])

    def close(self) -> None:
        """End every ssh that was started here and remove the socket. Closing again does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for dial in self._dials:
                dial.end()
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as last:
            # Closing a listener does not wake the thread that waits on it, one more connection does.
            last.connect(str(self._folder / "engine.sock"))
        self._serving.wait(END_SECONDS)
        self._listener.close()
        for dial in self._dials:
            dial.forget()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _fail(self, error: str) -> None:
        with self._lock:
            self._refused = error
        self._listener.close()  # who asks next is refused, and told why

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, self._lock:
                if self._closed:
                    return
                self._dials = [dial for dial in self._dials if dial.matters()]
                try:
                    self._dials.append(_Dial(self._command, connection))
                except (
                    OSError
                ) as error:  # no file and no process can be had: the next connection may be luckier
                    self._refused = f"ssh cannot be started: {error.strerror}"


class _Dial:
    """One ssh, and what it says."""

    def __init__(self, command: list[str], connection: socket.socket) -> None:
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed when nobody asks any more
        self._child: subprocess.Popen[bytes] | None = None
        try:
            self._child = subprocess.Popen(
                command,
                stdin=connection.fileno(),
                stdout=connection.fileno(),
                stderr=self._stderr,
                env=environment(),
                start_new_session=True,
            )
        except OSError as error:
            self._stderr.write(f"{command[0]}: {error.strerror}\n".encode())
            self._stderr.flush()

    def said(self) -> tuple[float, str]:
        """When it said something last, and the end of that; (0, "") when it was silent of late."""
        status = os.fstat(self._stderr.fileno())
        if not status.st_size or time.time() - status.st_mtime > FRESH_SECONDS:
            return 0.0, ""
        start = max(0, status.st_size - COMPLAINT_BYTES)
        said = os.pread(self._stderr.fileno(), COMPLAINT_BYTES, start)
        return status.st_mtime, said.decode(errors="replace").strip()

    def matters(self) -> bool:
        """Whether it runs, or said something just now; otherwise it is forgotten."""
        if (self._child is not None and self._child.poll() is None) or self.said()[1]:
            return True
        self._stderr.close()
        return False

    def end(self) -> None:
        """Tell it to end, with the commands that it started itself to get through (ProxyCommand)."""
        self._signal(signal.SIGTERM)

    def forget(self) -> None:
        """Wait until it has ended."""
        if self._child is not None:
            try:
                self._child.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._signal(signal.SIGKILL)
                self._child.wait()
        self._stderr.close()

    def _signal(self, number: signal.Signals) -> None:
        if self._child is not None and self._child.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, number)
