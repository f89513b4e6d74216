"""Another machine to log in to: a real sshd on the loopback, with keys, users and a home of its own."""

import atexit
import os
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.engines.enclosure import Daemon, Enclosure
from tests.engines.provision import EngineUnavailableError, ssh_server_programs
from tests.engines.waiting import wait_until

HOST: Final = "far-machine"
"""What the client's configuration calls it; no name service knows it."""

_USERS: Final = """\
root:*:0:0:root:{home}:/bin/sh
sshd:*:65533:65534:privilege separation:/run/sshd:/usr/sbin/nologin
"""
_PASSWORDS: Final = "root:*:19000:0:99999:7:::\nsshd:*:19000:0:99999:7:::\n"
_SERVER: Final = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
AuthenticationMethods publickey
PermitRootLogin yes
PidFile none
StrictModes no
UsePAM no
UseDNS no
SetEnv {environment}
"""
_CLIENT: Final = """\
Host {host}
    HostName 127.0.0.1
    Port {port}
    User root
    HostKeyAlias {host}
    IdentityFile {key}
    IdentitiesOnly yes
    IdentityAgent none
    StrictHostKeyChecking yes
    GlobalKnownHostsFile /dev/null
    UserKnownHostsFile {known}
"""


class SshServer:
    """An sshd whose logins, all of root's, see `environment`; and the ssh that knows the way to it.

    Neither `/etc` nor `/run` nor anybody's `~/.ssh` is touched: where sshd has paths built into it, it has
    mounts of its own. If the owner dies, sshd and all logins die.

    Raises `EngineUnavailableError` where it cannot be had.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], name: str = HOST) -> None:
        self.name: Final = name
        self._programs = ssh_server_programs()
        self._folder = folder
        self._log = folder / "log"
        self._port = _free_port()
        self._enclosure: Enclosure | None = None
        self._daemon: Daemon | None = None
        for key in ("host_key", "user_key"):
            _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key))
        self._write_server(environment)
        self._write_client()

    @property
    def client(self) -> Path:
        """The folder for PATH whose `ssh` is the system's, with the configuration of a user who has a key.

        OpenSSH looks for it in the home that the password database names, whatever HOME says.
        """
        return self._folder / "client"

    def logins(self) -> int:
        """How often somebody has logged in since the beginning."""
        return self._log.read_text(errors="replace").count("Accepted publickey for root")

    def start(self) -> Self:
        """Start sshd and wait until it greets."""
        enclosure = self._enclosure = Enclosure(Path(tempfile.mkdtemp(prefix="imgtui-sshd-")), ())
        _run(*enclosure.inside("mkdir", "/run/sshd"))
        for name in ("passwd", "shadow"):
            _run(*enclosure.inside("mount", "--bind", str(self._folder / name), f"/etc/{name}"))
        libraries = ":".join(str(path) for path in self._programs.rglob("lib/*-linux-gnu"))
        command = (str(self._programs / "usr/sbin/sshd"), "-D", "-e", "-f", str(self._folder / "sshd_config"))
        variables = {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": libraries}
        daemon = self._daemon = Daemon(enclosure, command, variables, self._log)
        with suppress(TimeoutError):
            wait_until(lambda: not daemon.is_running or self._greets(), "a greeting")
        if not self._greets():
            self.stop()
            raise EngineUnavailableError(f"sshd does not come up:\n{self._log.read_text(errors='replace')}")
        return self

    def stop(self) -> None:
        """End sshd and every login at once, as switching a machine off does; `start` brings it back."""
        if self._enclosure:
            self._enclosure.close()
            self._enclosure = None
        if self._daemon:
            self._daemon.end(signal.SIGKILL)
            self._daemon = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _write_server(self, environment: Mapping[str, str]) -> None:
        variables = " ".join(f'"{name}={value}"' for name, value in environment.items())
        settings = _SERVER.format(port=self._port, folder=self._folder, environment=variables)
        (self._folder / "sshd_config").write_text(settings)
        (self._folder / "passwd").write_text(_USERS.format(home=self._folder))
        (self._folder / "shadow").write_text(_PASSWORDS)

    def _write_client(self) -> None:
        self.client.mkdir()
        config, program, known = (self.client / name for name in ("config", "ssh", "known_hosts"))
        known.write_text(f"{self.name} {(self._folder / 'host_key.pub').read_text()}")
        config.write_text(
            _CLIENT.format(host=self.name, port=self._port, key=self._folder / "user_key", known=known)
        )
        _write_program(program, config)

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=5) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False


@cache
def _every_way() -> Path:
    """The configuration of the first `ssh` in this process's PATH, which knows each way that is added."""
    folder = Path(tempfile.mkdtemp(prefix="imgtui-ssh-client-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    config = folder / "config"
    config.touch()
    _write_program(folder / "ssh", config)
    os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"
    return config


def make_known(server: SshServer) -> None:
    """Have every `ssh` of this process know the way to a server by its name."""
    with _every_way().open("a") as config:
        config.write((server.client / "config").read_text())


def _write_program(program: Path, config: Path) -> None:
    program.write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {shlex.quote(str(config))} "$@"\n')
    program.chmod(0o755)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise EngineUnavailableError(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
