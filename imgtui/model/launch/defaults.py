"""What a form of a launch begins with: what was set for another container, else what the image says."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from imgtui.model.clone.config import set_by_people, set_by_people_or_unknown
from imgtui.model.clone.restart import restart_flag
from imgtui.model.core.digest import is_identifier
from imgtui.model.core.image import TakenPort
from imgtui.model.core.labels import OWN
from imgtui.model.core.printable import printable
from imgtui.model.launch.form import NETWORKS
from imgtui.model.launch.options import MODES, PublishedPort, free_port, mount_as_volume
from imgtui.model.safety.json import Json, mapping, objects, text, texts
from imgtui.model.safety.secrets import mask_arguments, mask_assignment

MOST_PORTS: Final = 8
"""Exposed ports that are proposed: a range of a thousand is nothing to publish unasked."""
_COMPOSE: Final = "com.docker.compose."
"""Labels by which Compose would take the new container for its own."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field as it is opened: what stands in it, and what the masked words in it stand for."""

    text: str = ""
    held: Mapping[str, tuple[str, ...]] | None = None


def from_container(container: Json, own: Json, image: Json, taken: Sequence[TakenPort]) -> dict[str, Field]:
    """What people had set for a container, by field; host ports that are `taken` give way to free ones.

    `own` is what they had set in its `Config`, `image` the configuration of the image that is run. The
    restart policy is not proposed: what is tried beside a service must not come back with the machine.
    """
    host = mapping(container.get("HostConfig"))
    memory, cpus = _number(host, "Memory"), _number(host, "NanoCpus")
    if period := _number(host, "CpuPeriod"):
        cpus = cpus or _number(host, "CpuQuota") * 10**9 // period
    labels = [
        f"{key}={value}"
        for key, value in mapping(own.get("Labels")).items()
        if not key.startswith((_COMPOSE, OWN))
    ]
    user = text(own.get("User"))
    return {
        "command": _field(texts(own.get("Cmd")), mask_arguments),
        "entrypoint": _field(texts(own.get("Entrypoint")), mask_arguments),
        "ports": _field(_published(host, taken)),
        "environment": _field(texts(own.get("Env")), _each(mask_assignment)),
        "volumes": _field(_volumes(own, host, image)),
        "network": _field(_network(host)),
        "restart": Field(),
        "user": _field([user] if user else []),
        "memory": _field([_size(memory)] if memory else []),
        "cpus": _field([_cpus(cpus)] if cpus else []),
        "labels": _field(labels, _each(mask_assignment)),
    }


def own_config(container: Json, own_image: Json | None, image: Json, *, ordered: bool) -> Json:
    """What people had set in the `Config` of a container.

    `own_image` is what its image gave it, None where that is gone; `image` is the new one. `ordered` is
    whether the engine keeps the order of variables.
    """
    config = mapping(container.get("Config"))
    if own_image is None:
        return set_by_people_or_unknown(config, image, ordered=ordered)
    return set_by_people(config, own_image, ordered=ordered)


def from_image(image: Json, taken: Sequence[TakenPort]) -> dict[str, Field]:
    """What an image proposes: its ports, on this machine alone, where the host has free ones."""
    ports: list[str] = []
    for exposed in sorted(mapping(image.get("ExposedPorts")))[:MOST_PORTS]:
        number, _, protocol = exposed.partition("/")
        if not (number.isascii() and number.isdecimal()):
            continue
        wanted = PublishedPort(f"{number}/{protocol or 'tcp'}", "127.0.0.1", number)
        host = free_port(wanted, taken)
        if host is not None:
            suffix = f"/{protocol}" if protocol not in {"", "tcp"} else ""
            ports.append(f"127.0.0.1:{host}:{number}{suffix}")
    return {"ports": _field(ports)}


def hints(image: Json, container: Json | None = None, source: str | None = None) -> dict[str, str]:
    """What an empty field means, by field, safe to be shown: the image's own.

    Of the restart policy it is said which one the container `source` has.
    """
    words = {
        "command": mask_arguments(texts(image.get("Cmd"))),
        "entrypoint": mask_arguments(texts(image.get("Entrypoint"))),
        "volumes": sorted(mapping(image.get("Volumes"))),
        "user": [text(image.get("User"))] if text(image.get("User")) else [],
    }
    told = {name: f"image: {printable(shlex.join(found), 300)}" for name, found in words.items() if found}
    policy = restart_flag(mapping(mapping((container or {}).get("HostConfig")).get("RestartPolicy")))
    return {**told, "restart": f"none; {source} has {printable(policy)}"} if policy != "no" else told


def _published(host: Json, taken: Sequence[TakenPort]) -> list[str]:
    options: list[str] = []
    for container, bound in mapping(host.get("PortBindings")).items():
        number, _, protocol = container.partition("/")
        suffix = "" if protocol in {"", "tcp"} else f"/{protocol}"
        for binding in objects(bound):
            address, port = text(binding.get("HostIp")), text(binding.get("HostPort"))
            wanted = PublishedPort(f"{number}/{protocol or 'tcp'}", address, port)
            port = (free_port(wanted, taken) or port) if port.isdecimal() else port
            if ":" in address:
                address = f"[{address}]"
            place = f"{address}:{port}:" if address else f"{port}:" if port else ""
            options.append(f"{place}{number}{suffix}")
    return options


def _volumes(own: Json, host: Json, image: Json) -> list[str]:
    """Volumes as `-v` has them. An anonymous one is made anew; one that the image has is made anyway."""
    mounts = [
        option for mount in objects(host.get("Mounts")) if (option := mount_as_volume(mount)) is not None
    ]
    named = [*map(_bind, texts(host.get("Binds"))), *mounts]
    anonymous = [*mapping(own.get("Volumes")), *(option for option in named if ":" not in option)]
    named = [option for option in named if ":" in option]
    bound = {*(option.split(":")[1] for option in named), *mapping(image.get("Volumes"))}
    return [*named, *(target for target in dict.fromkeys(anonymous) if target not in bound)]


def _bind(option: str) -> str:
    """A bind without what Podman adds by itself (4.3): `rw,rprivate,nosuid,nodev,rbind`.

    Podman has anonymous volumes among the binds, and so have containers that took over such a volume.
    """
    source, _, rest = option.partition(":")
    target, _, mode = rest.partition(":")
    if is_identifier(source):
        return target
    words = [word for word in mode.split(",") if word in MODES - {"rw", "rprivate"}]
    return ":".join([source, target, *([",".join(words)] if words else [])])


def _network(host: Json) -> list[str]:
    mode = text(host.get("NetworkMode"))
    return [mode] if mode not in NETWORKS - {"host", "none"} and mode else []


def _size(count_of_bytes: int) -> str:
    for unit, length in (("g", 1024**3), ("m", 1024**2), ("k", 1024)):
        if count_of_bytes % length == 0:
            return f"{count_of_bytes // length}{unit}"
    return str(count_of_bytes)


def _cpus(nano: int) -> str:
    return f"{nano // 10**9}.{nano % 10**9:09}".rstrip("0").rstrip(".")


def _field(words: Sequence[str], mask: Callable[[Sequence[str]], Sequence[str]] = list) -> Field:
    """Words as they are typed; one that must not be shown, or cannot, stands for what it is."""
    shown = [printable(word) for word in mask(words)]
    held: dict[str, tuple[str, ...]] = {}
    for masked, word in zip(shown, words, strict=True):
        if masked != word:
            held[masked] = (*held.get(masked, ()), word)
    return Field(shlex.join(shown), held)


def _each(mask: Callable[[str], str]) -> Callable[[Sequence[str]], list[str]]:
    return lambda words: [mask(word) for word in words]


def _number(value: Json, key: str) -> int:
    found = value.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0
