"""A container engine of a test's own, which shares nothing with the machine's engines."""

import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote, urlencode

from tests.bench.engine_api import EngineApi, EngineError
from tests.engines import kinds, rootless
from tests.engines.enclosure import Daemon, Enclosure
from tests.engines.kinds import Kind, Place, TlsPort
from tests.engines.provision import (
    EngineUnavailableError,
    docker_programs,
    install_system_packages,
    podman_programs,
)
from tests.engines.ssh_server import SshServer, make_known
from tests.engines.waiting import wait_until

_COLLECT_RARELY: Final = {"GOGC": "800"}
"""Engines are written in Go: memory is cheaper here than a processor."""
_REMOVING: Final = {"--force": "force", "-f": "force", "--volumes": "v", "-v": "v"}
"""Options of `docker rm` as the Engine API has them."""
_SYSTEM_PATH: Final = "/usr/sbin:/usr/bin:/sbin:/bin"


_COMMAND_SECONDS: Final = 600
"""After which a docker command is taken for one that never ends."""


class CommandFailedError(RuntimeError):
    """A docker command or a request failed; the message has its standard error, or the engine's answer."""


class RefusedError(CommandFailedError):
    """The engine has answered a request with an error. Others failed because there was no answer."""


class PrivateEngine:
    """An engine with its own socket, data, processes, mounts, bridge and address range.

    `start` after `kill` finds the data again; `stop` ends the engine for good and deletes everything. The
    firewall is never touched: containers reach the machine (a registry on 127.0.0.1 is the engine's own
    127.0.0.1 too), not the world. If the owner dies, the engine dies.

    With `tls_port` a Docker listens there too.

    Raises `EngineUnavailableError` where it cannot be had.
    """

    def __init__(self, kind: Kind, *, tls_port: TlsPort | None = None) -> None:
        self.kind: Final = kind
        install_system_packages()
        self._programs = docker_programs(kinds.SUITES[kind])
        self._place = _claim_place(kind)
        self._enclosure = Enclosure(self.folder, self.links)
        if kind == "podman":
            # It asks dpkg at each `/info` which packages its programs are from: 0.1 s of a processor.
            self._put_over("/bin/true", "/usr/bin/dpkg", "/usr/bin/dpkg-query")
        if kind == "docker28-rootless":
            rootless.prepare(self.folder, self._enclosure, self._programs)
        if kind == "podman5":
            self._put_over(f"{podman_programs()}/usr", "/usr")
        self._command, self._variables = kinds.prepare(kind, self._place, tls_port)
        self._daemon: Daemon | None = None
        self._loopback: rootless.Loopback | None = None
        self._changing = threading.RLock()
        """A gate kills the engine while the test goes on."""
        self.env: Final = {"DOCKER_HOST": self.host, "DOCKER_CONFIG": str(_client_config(self))}
        self._far = self._behind_ssh() if kind == "docker28-ssh" else None

    @property
    def folder(self) -> Path:
        """Where everything of this engine is."""
        return self._place.folder

    @property
    def is_running(self) -> bool:
        """Whether the daemon runs."""
        return self._daemon is not None and self._daemon.is_running

    @property
    def programs(self) -> Path:
        """The root of the unpacked Docker packages."""
        return self._programs

    def inside(self, *command: str) -> tuple[str, ...]:
        """The command that runs `command` among the engine's own programs and files."""
        return self._enclosure.inside(*command)

    @property
    def bridge(self) -> str:
        """The network bridge that only this engine uses."""
        return self._place.bridge

    @property
    def links(self) -> tuple[str, ...]:
        """The network links of this machine that are this engine's."""
        return (self._place.podman_bridge, self._place.bridge)

    @property
    def host(self) -> str:
        """The address for DOCKER_HOST."""
        return f"unix://{self._place.socket}"

    @property
    def address(self) -> str:
        """How imgtui reaches it: by this machine's socket, or as one that is far away."""
        return f"ssh://{self._far.name}" if self._far else self.host

    def start(self) -> Self:
        """Start the engine, if it does not run, and wait until it answers."""
        with self._changing:
            return self._start()

    def _start(self) -> Self:
        if self._daemon and self._daemon.is_running:
            return self
        for leftover in (
            self._place.socket,
            self.folder / "dockerd.pid",
            self.folder / "xdg/dockerd.pid",
        ):
            leftover.unlink(missing_ok=True)
        log = self.folder / "log"
        daemon = self._daemon = Daemon(self._enclosure, self._command, self._daemon_env(), log)
        with suppress(TimeoutError):
            wait_until(lambda: not daemon.is_running or self._answers(), "an answer")
        if not self._answers():
            raise EngineUnavailableError(f"{self.kind} does not come up:\n{_tail(log)}")
        if self.kind == "docker28-rootless":
            self._loopback = rootless.Loopback(daemon.pid)
        return self

    def kill(self) -> None:
        """Kill the daemon, as a crash would; its data stays, and a socket file that nobody serves."""
        self._end_daemon(signal.SIGKILL)

    def rename_host(self, name: str) -> None:
        """Start the daemon, from the next time on, on a host of this name: Podman's ID has it."""
        self._command = ("unshare", "--uts", "sh", "-ec", 'hostname "$0"; exec "$@"', name, *self._command)

    def restart(self) -> None:
        """End the daemon in order and start it again: the data stays, the socket goes away for a moment."""
        self._end_daemon(signal.SIGTERM)
        self.start()

    def stop(self) -> None:
        """End the engine for good and delete its data, bridge, processes and mounts.

        One that does not answer is not asked twice.
        """
        if self._daemon and self._daemon.is_running:
            with suppress(CommandFailedError):
                self._remove_containers()
        if self._far:
            self._far.stop()
        self._enclosure.close()
        self._end_daemon(signal.SIGKILL)

    def docker(self, *arguments: str, stdin: str | bytes | None = None) -> str:
        """Run the docker command that fits this engine; return its standard output.

        Containers are removed without starting one: no test is about how that is asked for.
        """
        if arguments[0] == "rm" and {word for word in arguments if word.startswith("-")} <= _REMOVING.keys():
            self._remove(arguments[1:])
            return ""
        data = stdin.encode() if isinstance(stdin, str) else stdin
        return self._run((str(self._programs / "usr/bin/docker"), *arguments), data or b"")

    def _remove(self, words: Sequence[str]) -> None:
        """`docker rm`: by force, what is not there is no failure. Raises `CommandFailedError` in the end."""
        query = urlencode([(key, "1") for key in sorted({_REMOVING[w] for w in words if w.startswith("-")})])
        failed: list[str] = []
        for name in (word for word in words if not word.startswith("-")):
            try:
                self.ask("DELETE", f"/containers/{quote(name)}?{query}")
            except RefusedError as error:
                if "force=1" not in query or ": 404 " not in str(error):
                    failed.append(str(error))
        if failed:
            raise CommandFailedError("\n".join(failed))

    def build(self, *arguments: str) -> str:
        """`docker build`; where BuildKit's client does it, that is called as docker calls it.

        docker would first start it to ask what it is.
        """
        client = self.folder / "config/cli-plugins/docker-buildx"
        if not client.exists():
            return self.docker("build", *arguments)
        return self._run((str(client), "build", *arguments), b"")

    def _run(self, command: tuple[str, ...], data: bytes) -> str:
        shown = " ".join((Path(command[0]).name, *command[1:]))
        try:
            done = subprocess.run(
                command,
                check=False,
                env=self.client_env(),
                input=data,
                capture_output=True,
                timeout=_COMMAND_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise CommandFailedError(f"{shown}: not ended after {_COMMAND_SECONDS} s") from error
        if done.returncode != 0:
            errors = done.stderr.decode(errors="replace")
            raise CommandFailedError(f"{shown}: exit {done.returncode}\n{errors}")
        return done.stdout.decode()

    def ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        """What the engine answers to a request; None where that is no JSON document.

        For what is done so often that no docker command is started for it. Raises `RefusedError`, and
        `CommandFailedError` where there is no answer.
        """
        try:
            answer = EngineApi(self.host).request(method, path, body)
        except EngineError as error:
            raise RefusedError(f"{method} {path}: {error}") from error
        except (OSError, HTTPException) as error:
            raise CommandFailedError(f"{method} {path}: {error}") from error
        try:
            return json.loads(answer)
        except ValueError:
            return None

    def client_env(self) -> dict[str, str]:
        """The whole environment for a client of this engine, without other DOCKER_ variables."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("DOCKER_")}
        return clean | self.env

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _behind_ssh(self) -> SshServer:
        """A machine of its own to log in to, where docker talks to this engine."""
        folder = self.folder / "far"
        folder.mkdir()
        path = f"{self.programs}/usr/bin:/usr/bin:/bin"
        server = SshServer(folder, {"PATH": path, **self.env}, f"far-{self.folder.name}").start()
        make_known(server)
        return server

    def _put_over(self, source: str, *places: str) -> None:
        """Let the engine, and nobody else, see `source` in these places."""
        for place in places:
            subprocess.run(
                self._enclosure.inside("mount", "--bind", source, place), check=True, capture_output=True
            )

    def _daemon_env(self) -> dict[str, str]:
        first = self._variables.get("PATH", f"{self._programs}/usr/sbin:{self._programs}/usr/bin")
        own = {"HOME": str(self.folder), "PATH": f"{first}:{_SYSTEM_PATH}"}
        return {**_COLLECT_RARELY, **self._variables, **own}

    def _end_daemon(self, number: signal.Signals) -> None:
        with self._changing:
            if self._loopback:
                self._loopback.close()
                self._loopback = None
            if self._daemon:
                own = rootless.daemon_of(self._daemon.pid) if self.kind == "docker28-rootless" else None
                if own is not None:
                    os.kill(own, number)  # rootlesskit ends with it
                    self._daemon.wait()
                else:
                    self._daemon.end(number)
                self._daemon = None

    def _remove_containers(self) -> None:
        """Let the engine take back the control groups and networks it made, which are the machine's."""
        if containers := self.docker("ps", "--all", "--quiet").split():
            self.docker("rm", "--force", *containers)
        self.docker("network", "prune", "--force")

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            try:
                connection.connect(str(self._place.socket))
                connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n")
                return b" 200 " in connection.recv(64)
            except OSError:
                return False


def _claim_place(kind: Kind) -> Place:
    """Claim a number by making the bridge that it names, which the kernel lets only one process do."""
    folder = Path(tempfile.mkdtemp(prefix=f"imgtui-{kind}-"))
    for number in range(1, 255):
        place = Place(folder, number)
        if _ip("link", "add", "name", place.bridge, "type", "bridge"):
            if kind not in kinds.PODMANS:
                _ip("address", "add", f"{place.gateway}/24", "dev", place.bridge)
                _ip("link", "set", place.bridge, "up")
            return place
    folder.rmdir()
    raise EngineUnavailableError("no network bridge can be made")


def _ip(*arguments: str) -> bool:
    return subprocess.run(("/sbin/ip", *arguments), check=False, capture_output=True).returncode == 0


def _client_config(engine: PrivateEngine) -> Path:
    """A DOCKER_CONFIG with the plugins that come with the engine's Docker: buildx and compose, or none."""
    plugins = engine.folder / "config/cli-plugins"
    plugins.mkdir(parents=True)
    for plugin in engine.programs.glob("usr/libexec/docker/cli-plugins/*"):
        (plugins / plugin.name).symlink_to(plugin)
    return plugins.parent


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:]) if log.exists() else "no log"
