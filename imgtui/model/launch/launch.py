"""A container that is to be started from exactly one digest, as the Engine API and as docker take it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from imgtui.model.clone.shown_command import explained
from imgtui.model.core.digest import short
from imgtui.model.core.labels import CREATED_FROM
from imgtui.model.launch.options import (
    read_cpus,
    read_label,
    read_memory,
    read_ports,
    read_restart,
    read_volume,
)
from imgtui.model.launch.rest import NOTHING_MORE, Rest
from imgtui.model.plans.plan import Plan
from imgtui.model.safety.json import mapping
from imgtui.model.safety.secrets import mask_arguments, mask_assignment

SHELL: Final = "io.imgtui.shell"
"""Label of throw-away shells, and of the containers that only show which shell an image has."""
SHELL_NAME: Final = "imgtui-shell-"
"""How names of such containers begin."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What is to be started: options as they are typed for `docker run`, which docker would take.

    Values may be secrets: they are in `body` and `arguments`, never in text for people.
    """

    image_id: str
    name: str
    created_from: str | None = None
    """The tag that the digest had when it was chosen; only remembered, nothing is started by it."""
    entrypoint: tuple[str, ...] = ()
    """Empty for the image's own."""
    command: tuple[str, ...] = field(default=(), repr=False)
    ports: tuple[str, ...] = ()
    environment: tuple[str, ...] = field(default=(), repr=False)
    """`NAME=value`, or a name alone."""
    variables: tuple[str, ...] = field(default=(), repr=False)
    """What `env_files` and `environment` come to."""
    env_files: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    network: str = ""
    restart: str = ""
    user: str = ""
    memory: str = ""
    cpus: str = ""
    labels: tuple[str, ...] = field(default=(), repr=False)
    terminal: bool = False
    """Whether it runs in this terminal; else detached."""
    remove: bool = False
    """Whether it goes when it ends."""
    keep: Plan | None = None
    """A keep of the digest, which is made first."""
    rest: Rest = NOTHING_MORE
    """Options of another container that the fields above cannot say."""

    @property
    def title(self) -> str:
        """One line for the journal."""
        return f"run {short(self.image_id)} as {self.name}"

    @property
    def commands(self) -> tuple[str, ...]:
        """The docker commands that do the same, secrets masked."""
        return (*(self.keep.commands if self.keep else ()), *map(explained, self.run_commands))

    @property
    def run_commands(self) -> tuple[str, ...]:
        """Those that run it: it is in all its networks before it starts."""
        words = self.masked_arguments
        if not self.rest.networks:
            return (shlex.join(words),)
        program, _, attached, *rest = words
        start = ["start", *(["--attach", "--interactive"] if self.terminal else []), self.name]
        return (
            shlex.join([program, "create", *(["-it"] if attached == "-it" else []), *rest]),
            *(shlex.join([program, "network", "connect", each, self.name]) for each in self.rest.networks),
            shlex.join([program, *start]),
        )

    @property
    def masked_arguments(self) -> list[str]:
        """`docker run …` for people: what looks secret is masked."""
        return self._arguments(
            [mask_assignment(entry) for entry in self.environment],
            [mask_assignment(label) for label in self._labels],
            mask_arguments([*self.entrypoint, *self.command]),
        )

    @property
    def arguments(self) -> list[str]:
        """`docker run …` with every value."""
        return self._arguments(self.environment, self._labels, [*self.entrypoint, *self.command])

    @property
    def body(self) -> dict[str, object]:
        """Of `POST /containers/create`: what the docker client sends for `arguments`. Raises WrongOption."""
        binds = [volume for volume in self.volumes if read_volume(volume)[0]]
        anonymous = [read_volume(volume)[1] for volume in self.volumes if volume not in binds]
        bindings: dict[str, list[dict[str, str]]] = {}
        published = [port for option in self.ports for port in read_ports(option)]
        for port in published:
            bindings.setdefault(port.container, []).append({"HostIp": port.host_ip, "HostPort": port.host})
        host: dict[str, object] = {
            "PidsLimit": 0,
            **self.rest.host,
            "Binds": binds or None,
            "PortBindings": bindings,
            "NetworkMode": self.network or "default",
            "RestartPolicy": read_restart(self.restart or "no"),
            "AutoRemove": self.remove,
            "Memory": read_memory(self.memory) if self.memory else 0,
            "NanoCpus": read_cpus(self.cpus) if self.cpus else 0,
        }
        exposed: dict[str, object] = {port: {} for port in mapping(self.rest.config.get("ExposedPorts"))}
        body: dict[str, object] = {
            **self.rest.config,
            "Image": self.image_id,
            "Env": list(self.variables),
            "Labels": dict(map(read_label, self._labels)),
            "ExposedPorts": {**exposed, **{port.container: {} for port in published}},
            "Volumes": {target: {} for target in anonymous},
            "User": self.user,
            "HostConfig": host,
            **dict.fromkeys(("AttachStdin", "AttachStdout", "AttachStderr"), self.terminal),
            **dict.fromkeys(("Tty", "OpenStdin", "StdinOnce"), self.terminal),
        }
        # `--entrypoint` takes one word: further ones come before the command, as docker has them.
        words = [*self.entrypoint[1:], *self.command]
        if words:
            body["Cmd"] = words
        if self.entrypoint:
            body["Entrypoint"] = [self.entrypoint[0]]
        return dict(self.rest.own.on(body))

    @property
    def _labels(self) -> tuple[str, ...]:
        return (*self.labels, *((f"{CREATED_FROM}={self.created_from}",) if self.created_from else ()))

    def _arguments(
        self, environment: Sequence[str], labels: Sequence[str], words: Sequence[str]
    ) -> list[str]:
        flags = ["-it" if self.terminal else "-d", *(["--rm"] if self.remove else [])]
        options: list[tuple[str, Sequence[str]]] = [
            ("--name", [self.name] if self.name else []),
            ("-p", self.ports),
            ("--env-file", self.env_files),
            ("-e", environment),
            ("-v", self.volumes),
            ("--network", [self.network] if self.network else []),
            ("--restart", [self.restart] if self.restart else []),
            ("--user", [self.user] if self.user else []),
            ("--memory", [self.memory] if self.memory else []),
            ("--cpus", [self.cpus] if self.cpus else []),
            ("--label", labels),
            ("", self.rest.options),
            ("--entrypoint", words[:1] if self.entrypoint else []),
        ]
        given = [word for option, values in options for value in values for word in (option, value) if word]
        rest = words[1:] if self.entrypoint else words
        program = "podman" if self.rest.own.options else "docker"
        return [program, "run", *flags, *given, self.image_id, *rest]


@dataclass(frozen=True, slots=True)
class Shell:
    """A throw-away shell in a digest, whichever shell it has."""

    image_id: str
    tag: str | None = None

    @property
    def title(self) -> str:
        """One line for people."""
        return f"shell in {short(self.image_id)}"


@dataclass(frozen=True, slots=True)
class Discard:
    """A container that is to be stopped and removed; its volumes stay."""

    container_id: str
    name: str
    notes: tuple[str, ...] = ("its volumes stay", "it cannot be undone: r makes another one like it")
    risks: tuple[str, ...] = ()

    @classmethod
    def of_retired(cls, container_id: str, name: str) -> Self:
        """The removal of a container that a roll back has replaced."""
        lost = f"{name} goes with what it has written outside of volumes: it is the way back"
        return cls(container_id, name, ("its volumes stay", "undo then makes one like it"), (lost,))

    @property
    def title(self) -> str:
        """One line for the journal."""
        return f"stop and remove {self.name}"

    @property
    def commands(self) -> tuple[str, ...]:
        """The docker commands that do the same."""
        return f"docker stop {self.container_id}", f"docker rm {self.container_id}"
