"""The form of a launch: what is typed in its fields, and what is wrong with it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from imgtui.model.containers.replacement import is_container_name
from imgtui.model.core.digest import short
from imgtui.model.core.image import TakenPort
from imgtui.model.core.labels import OWN
from imgtui.model.launch.launch import Launch
from imgtui.model.launch.libpod import untranslated
from imgtui.model.launch.options import (
    WrongOption,
    read_cpus,
    read_environment_file,
    read_label,
    read_memory,
    read_ports,
    read_restart,
    read_variable,
    read_volume,
    taken_port,
)
from imgtui.model.launch.rest import NOTHING_MORE, Rest
from imgtui.model.plans.plan import Plan
from imgtui.model.safety.mask import MASK

FIELDS: Final = (
    "name", "command", "entrypoint", "ports", "environment", "env_files", "volumes", "network", "restart",
    "user", "memory", "cpus", "labels",
)  # fmt: skip
"""What is typed; several values in one field are separated as a shell would have them."""
_NAME_DIGITS: Final = 4
"""Digits of the digest in a name that is proposed."""
NETWORKS: Final = frozenset({"bridge", "host", "none", "default"})
"""Networks that every engine has, whether it lists them or not."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a launch can collide with, and where names alone find their values."""

    names: Mapping[str, str] = field(default_factory=dict)
    """Name of each container to its ID."""
    ports: Sequence[TakenPort] = ()
    networks: frozenset[str] = frozenset()
    volumes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Volumes by name, and folders by path, to the running containers that can write to them."""
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    read_file: Callable[[str], str] = lambda _: ""
    """The text of an environment file. Raises OSError, ValueError."""
    no_terminal: str | None = None
    """Why no container can run in this terminal."""
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Variables that `docker run` adds by itself where they are not given."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as it is opened."""

    image_id: str
    tag: str | None
    """A tag of the digest, to be remembered."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """What stands in the fields, secrets masked."""
    held: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict, repr=False)
    """For each field the masked words in it, and what each stands for, in order."""
    hints: Mapping[str, str] = field(default_factory=dict)
    """What an empty field means: the image's own, printable and masked."""
    source: str | None = None
    """The container that it was filled from; None for the image alone."""
    rest: Rest = NOTHING_MORE
    """What that container has and no field can say."""
    keep: Plan | None = None
    """What would keep the digest; None where it is kept."""
    loses: bool = False
    """Whether the engine drops the image without a keep, though a container runs it."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a person has made of a form."""

    texts: Mapping[str, str] = field(repr=False)
    terminal: bool = False
    remove: bool = False
    keep: bool = False
    rest: bool = True
    """Whether it gets what the container has that the form was filled from, and no field can say."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A launch as far as it can be read, and what is wrong: one short line for a field."""

    launch: Launch
    faults: Mapping[str, str]
    warnings: Mapping[str, str] = field(default_factory=dict)
    """What may be unwanted, likewise; the launch is possible."""


def check(draft: Draft, filled: Filled, around: Surroundings) -> Checked:
    """Read a form. A field that cannot be read is left out of the launch; all faults are told at once."""
    reading = _Reading(draft, filled, around)
    launch = Launch(
        draft.image_id,
        reading.value("name"),
        draft.tag,
        entrypoint=reading.words("entrypoint"),
        command=reading.words("command"),
        ports=reading.words("ports"),
        environment=reading.words("environment"),
        env_files=tuple(map(reading.at_home, reading.words("env_files"))),
        volumes=reading.words("volumes"),
        network=reading.value("network"),
        restart=reading.value("restart"),
        user=reading.value("user"),
        memory=reading.value("memory"),
        cpus=reading.value("cpus"),
        labels=reading.words("labels"),
        terminal=filled.terminal,
        remove=filled.remove,
        keep=draft.keep if filled.keep else None,
        rest=draft.rest if filled.rest else NOTHING_MORE,
    )
    reading.judge(launch)
    given = {variable.partition("=")[0] for variable in reading.variables}
    added = [f"{name}={value}" for name, value in around.proxies.items() if name not in given]
    launch = replace(launch, variables=(*reading.variables, *added))
    if not reading.faults and launch.rest.own.options and (why := untranslated(launch.body)) is not None:
        reading.faults["rest"] = f"not with {why}: Podman's own API, which has them, is not asked for it"
    return Checked(launch, reading.faults, reading.warnings(launch))


def free_name(repository: str | None, image_id: str, taken: Mapping[str, str]) -> str:
    """A name that no container has, with the digest: `myapp-2473`, `myapp-2473-2`."""
    last = (repository or "").rpartition("/")[2]
    base = f"{last if is_container_name(last) else 'container'}-{short(image_id, _NAME_DIGITS)}"
    number = 1
    while (name := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return name


class _Reading:
    """Reads fields one after the other, and gathers what is wrong with them."""

    def __init__(self, draft: Draft, filled: Filled, around: Surroundings) -> None:
        self._draft = draft
        self._filled = filled
        self._around = around
        self.faults: dict[str, str] = {}
        self.variables: list[str] = []

    def value(self, name: str) -> str:
        """The only value of a field."""
        return self._filled.texts.get(name, "").strip()

    def at_home(self, path: str) -> str:
        """A path as a shell would give it to docker."""
        home = self._around.environ.get("HOME", "")
        return home + path[1:] if home and path.startswith("~/") else path

    def words(self, name: str) -> tuple[str, ...]:
        """The values of a field; a masked word that was there from the beginning is what it stands for."""
        try:
            words = shlex.split(self._filled.texts.get(name, ""))
        except ValueError:
            self.faults[name] = "a quote is not closed"
            return ()
        held = self._draft.held.get(name, {})
        for word, meant in held.items():
            places = [number for number, typed in enumerate(words) if typed == word]
            if len(places) not in {0, len(meant)} and len(set(meant)) > 1:
                self.faults[name] = f"which {MASK} is which? type the values"
                continue
            for place, value in zip(places, meant * len(places), strict=False):
                words[place] = value
        return tuple(words)

    def judge(self, launch: Launch) -> None:
        """Look for everything that docker, or the engine, would refuse."""
        self._each("ports", launch.ports, self._check_port)
        self._each("volumes", launch.volumes, read_volume)
        self._each("labels", launch.labels, _check_label)
        self._each("env_files", launch.env_files, self._read_file)
        self._each("environment", launch.environment, self._read_variable)
        for name, read in (("memory", read_memory), ("cpus", read_cpus), ("restart", read_restart)):
            value: str = getattr(launch, name)
            self._each(name, (value,) if value else (), read)
        self._each("name", (launch.name,) if launch.name else (), self._check_name)
        self._each("network", (launch.network,) if launch.network else (), self._check_network)
        if "volumes" not in self.faults:
            targets = [read_volume(volume)[1].rstrip("/") for volume in launch.volumes]
            if len(set(targets)) < len(targets):
                self.faults["volumes"] = "two volumes at one path"
        if launch.remove and launch.restart not in {"", "no"}:
            self.faults.setdefault("remove", "not with a restart policy")
        if launch.terminal and self._around.no_terminal:
            self.faults["terminal"] = self._around.no_terminal

    def warnings(self, launch: Launch) -> dict[str, str]:
        """What others use that it would write to."""
        if "volumes" in self.faults:
            return {}
        for source, _, mode in map(read_volume, launch.volumes):
            writers = self._around.volumes.get(source.rstrip("/"), ())
            if writers and "ro" not in mode.split(","):
                return {"volumes": f"{source} is in use by {', '.join(writers)}, which writes to it"}
        return {}

    def _each(self, name: str, values: Sequence[str], read: Callable[[str], object]) -> None:
        try:
            for value in values:
                read(value)
        except WrongOption as error:
            self.faults.setdefault(name, str(error))

    def _check_name(self, name: str) -> None:
        if not is_container_name(name):
            raise WrongOption("letters, digits, _ . -, and at least two")
        if name in self._around.names:
            raise WrongOption(f"{name} is taken")

    def _check_network(self, network: str) -> None:
        plain = network in NETWORKS or network.startswith("container:")
        if not plain and network not in self._around.networks:
            raise WrongOption(f"there is no network {network}")

    def _check_port(self, option: str) -> None:
        for port in read_ports(option):
            if by := taken_port(port, self._around.ports):
                raise WrongOption(by)

    def _read_variable(self, option: str) -> None:
        self.variables.append(read_variable(option, self._around.environ))

    def _read_file(self, path: str) -> None:
        try:
            text = self._around.read_file(path)
        except OSError as error:
            raise WrongOption(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
        except ValueError:
            raise WrongOption(f"{path}: this is no text") from None
        try:
            self.variables.extend(read_environment_file(text, self._around.environ))
        except WrongOption as error:
            raise WrongOption(f"{path}: {error}") from None


def _check_label(option: str) -> None:
    if read_label(option)[0].startswith(OWN):
        raise WrongOption(f"{OWN}* are imgtui's own")
