"""What a form of a launch begins with: what was set for another container, else what the image says."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from imgtui.model.image import TakenPort
from imgtui.model.launch_form import NETWORKS, OWN_LABELS
from imgtui.model.launch_options import PublishedPort, taken_port
from imgtui.model.printable import printable
from imgtui.model.replacement import restart_flag
from imgtui.model.secrets import mask_arguments, mask_assignment

Json = Mapping[str, object]
"""JSON of the Engine API, as it came: every text of it that is shown passes `_shown` first."""

MOST_PORTS: Final = 8
"""Exposed ports that are proposed: a range of a thousand is nothing to publish unasked."""
_COMPOSE: Final = "com.docker.compose."
"""Labels by which Compose would take the new container for its own."""

_ELSEWHERE: Final = {
    "Privileged": "--privileged", "CapAdd": "--cap-add", "CapDrop": "--cap-drop", "Devices": "--device",
    "DeviceRequests": "--gpus", "ExtraHosts": "--add-host", "Dns": "--dns", "SecurityOpt": "--security-opt",
    "Sysctls": "--sysctl", "Tmpfs": "--tmpfs", "GroupAdd": "--group-add", "Links": "--link",
    "VolumesFrom": "--volumes-from", "PidMode": "--pid", "UTSMode": "--uts", "UsernsMode": "--userns",
    "ReadonlyRootfs": "--read-only", "Init": "--init", "CpuShares": "--cpu-shares",
    "CpusetCpus": "--cpuset-cpus", "PidsLimit": "--pids-limit", "OomKillDisable": "--oom-kill-disable",
}  # fmt: skip
"""What no field of the form can say, and docker's name for it."""
_OF_CONFIG: Final = {
    "WorkingDir": "--workdir", "StopSignal": "--stop-signal", "Healthcheck": "--health-cmd",
    "Domainname": "--domainname",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A field as it is opened: what stands in it, and what the masked words in it stand for."""

    text: str = ""
    held: Mapping[str, tuple[str, ...]] | None = None


def from_container(container: Json, own_image: Json | None, image: Json) -> dict[str, Field]:
    """What people had set for a container, by field, without what its own image had given it.

    `own_image` is the configuration of that image; None where it is gone: then a value whose name the new
    image knows is left to the new one.
    """
    config, host = _object(container, "Config"), _object(container, "HostConfig")
    before = image if own_image is None else own_image
    entrypoint = _texts(config, "Entrypoint")
    if entrypoint == _texts(before, "Entrypoint"):
        entrypoint = []
    command = _texts(config, "Cmd")
    if not entrypoint and command == _texts(before, "Cmd"):
        command = []
    user = _text(config, "User")
    return {
        "command": _field(command, mask_arguments),
        "entrypoint": _field(entrypoint, mask_arguments),
        "ports": _field(_published(host)),
        "environment": _field(_own_variables(config, own_image, image), _each(mask_assignment)),
        "volumes": _field(_volumes(config, host, before)),
        "network": _field(_network(host)),
        "restart": _field(_restart(host)),
        "user": _field([user] if user != _text(before, "User") else []),
        "memory": _field([_size(_number(host, "Memory"))] if _number(host, "Memory") else []),
        "cpus": _field([_cpus(_number(host, "NanoCpus"))] if _number(host, "NanoCpus") else []),
        "labels": _field(_own_labels(config, before), _each(mask_assignment)),
    }


def from_image(image: Json, taken: Sequence[TakenPort]) -> dict[str, Field]:
    """What an image proposes: its ports, on this machine alone, where the host has free ones."""
    ports: list[str] = []
    for exposed in sorted(_object(image, "ExposedPorts"))[:MOST_PORTS]:
        number, _, protocol = exposed.partition("/")
        if not number.isdecimal():
            continue
        host = next(
            (
                port
                for port in range(int(number), 65536)
                if taken_port(PublishedPort(f"{number}/{protocol or 'tcp'}", "127.0.0.1", str(port)), taken)
                is None
            ),
            None,
        )
        if host is not None:
            suffix = f"/{protocol}" if protocol not in {"", "tcp"} else ""
            ports.append(f"127.0.0.1:{host}:{number}{suffix}")
    return {"ports": _field(ports)}


def hints(image: Json) -> dict[str, str]:
    """What an empty field means, by field: the image's own, safe to be shown."""
    words = {
        "command": mask_arguments(_texts(image, "Cmd")),
        "entrypoint": mask_arguments(_texts(image, "Entrypoint")),
        "environment": [mask_assignment(entry) for entry in _texts(image, "Env")],
        "volumes": sorted(_object(image, "Volumes")),
        "user": [_text(image, "User")] if _text(image, "User") else [],
    }
    return {name: f"image: {printable(shlex.join(found), 300)}" for name, found in words.items() if found}


def left_out(container: Json, own_image: Json | None) -> tuple[str, ...]:
    """What a container has that no field of the form can say, as docker's options."""
    config, host = _object(container, "Config"), _object(container, "HostConfig")
    found = [flag for key, flag in _ELSEWHERE.items() if host.get(key) not in (None, False, "", 0, [], {})]
    if own_image is not None:
        found += [
            flag for key, flag in _OF_CONFIG.items() if config.get(key) and _differs(config, own_image, key)
        ]
    if any(_mount(mount) is None for mount in _objects(host, "Mounts")):
        found.append("--mount")
    if len(_object(_object(container, "NetworkSettings"), "Networks")) > 1:
        found.append("further networks")
    return tuple(found)


def _own_variables(config: Json, own_image: Json | None, image: Json) -> list[str]:
    entries = _texts(config, "Env")
    if own_image is not None:
        given = set(_texts(own_image, "Env"))
        return [entry for entry in entries if entry not in given]
    names = {entry.partition("=")[0] for entry in _texts(image, "Env")}
    return [entry for entry in entries if entry.partition("=")[0] not in names]


def _own_labels(config: Json, image: Json) -> list[str]:
    given = _object(image, "Labels")
    return [
        f"{key}={value}"
        for key, value in _object(config, "Labels").items()
        if given.get(key) != value and not key.startswith((_COMPOSE, OWN_LABELS))
    ]


def _published(host: Json) -> list[str]:
    options: list[str] = []
    for container, bound in _object(host, "PortBindings").items():
        number, _, protocol = container.partition("/")
        suffix = "" if protocol in {"", "tcp"} else f"/{protocol}"
        for binding in bound if isinstance(bound, list) else []:
            address, port = _text(binding, "HostIp"), _text(binding, "HostPort")
            if ":" in address:
                address = f"[{address}]"
            place = f"{address}:{port}:" if address else f"{port}:" if port else ""
            options.append(f"{place}{number}{suffix}")
    return options


def _volumes(config: Json, host: Json, image: Json) -> list[str]:
    mounts = [option for mount in _objects(host, "Mounts") if (option := _mount(mount)) is not None]
    anonymous = [target for target in _object(config, "Volumes") if target not in _object(image, "Volumes")]
    bound = {option.split(":")[1] for option in (*_texts(host, "Binds"), *mounts) if ":" in option}
    return [*_texts(host, "Binds"), *mounts, *(target for target in anonymous if target not in bound)]


def _mount(mount: Json) -> str | None:
    """A mount as `-v` says it; None where it cannot."""
    options = [key for key in ("VolumeOptions", "TmpfsOptions", "BindOptions") if mount.get(key)]
    if mount.get("Type") not in {"bind", "volume"} or options or not mount.get("Source"):
        return None
    mode = ":ro" if mount.get("ReadOnly") else ""
    return f"{_text(mount, 'Source')}:{_text(mount, 'Target')}{mode}"


def _network(host: Json) -> list[str]:
    mode = _text(host, "NetworkMode")
    return [mode] if mode not in NETWORKS - {"host", "none"} and mode else []


def _restart(host: Json) -> list[str]:
    flag = restart_flag(_object(host, "RestartPolicy"))
    return [flag] if flag != "no" and not host.get("AutoRemove") else []


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


def _differs(config: Json, image: Json, key: str) -> bool:
    return (config.get(key) or None) != (image.get(key) or None)


def _object(value: object, key: str) -> Json:
    found = value.get(key) if isinstance(value, Mapping) else None
    return {str(name): member for name, member in found.items()} if isinstance(found, Mapping) else {}


def _objects(value: Json, key: str) -> list[Json]:
    found = value.get(key)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _texts(value: Json, key: str) -> list[str]:
    found = value.get(key)
    return [str(each) for each in found] if isinstance(found, list | tuple) else []


def _text(value: object, key: str) -> str:
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else ""


def _number(value: Json, key: str) -> int:
    found = value.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0
