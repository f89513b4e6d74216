"""An engine behind ssh: the user's own ssh, with their configuration, agent and known hosts.

Each connection to a private local socket becomes one `ssh HOST docker system dial-stdio`, which is
what the docker CLI starts (docker/cli `cli/connhelper`). The connection itself is handed to ssh as
its standard input and output, so that nothing is copied here and closing it ends ssh.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlsplit

from imgtui.model.printable import printable

COMPLAINT_BYTES = 2000


class SshTunnel:
    """A local socket whose connections reach the engine of another host.

    ssh gets no terminal: it cannot ask anything across the screen, so keys must be in an agent.
    """

    def __init__(self, host: str) -> None:
        self._command = ssh_command(host)
        self._folder = Path(tempfile.mkdtemp(prefix="imgtui-ssh-"))
        self._complaints = (self._folder / "stderr").open("wb+")
        self._children: list[subprocess.Popen[bytes]] = []
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self._folder / "engine.sock"))
        self._listener.listen(16)
        threading.Thread(target=self._serve, name="imgtui-ssh", daemon=True).start()

    @property
    def url(self) -> str:
        """Where the engine answers on this machine."""
        return f"unix://{self._folder / 'engine.sock'}"

    def complaint(self) -> str:
        """The end of what ssh said on standard error."""
        path = self._folder / "stderr"
        if not path.exists():
            return ""
        said = path.read_bytes()[-COMPLAINT_BYTES:].decode(errors="replace").strip()
        return printable(said.splitlines()[-1] if said else "", 300)

    def close(self) -> None:
        """End every ssh that was started here and remove the socket."""
        self._listener.close()
        for child in self._children:
            if child.poll() is None:
                child.terminate()
        self._complaints.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._children = [child for child in self._children if child.poll() is None]
                try:
                    self._children.append(
                        subprocess.Popen(
                            self._command,
                            stdin=connection.fileno(),
                            stdout=connection.fileno(),
                            stderr=self._complaints,
                            start_new_session=True,
                        )
                    )
                except OSError as error:
                    self._complaints.write(f"{self._command[0]}: {error.strerror}\n".encode())
                    self._complaints.flush()


def ssh_command(host: str) -> list[str]:
    """The argument list for `ssh://[user@]host[:port]`."""
    parts = urlsplit(host)
    command = ["ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=30"]
    if parts.username:
        command += ["-l", parts.username]
    if parts.port:
        command += ["-p", str(parts.port)]
    return [*command, "--", parts.hostname or "", "docker", "system", "dial-stdio"]
