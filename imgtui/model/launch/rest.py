"""What a container has that no field of the form of a launch can say: another one like it gets that too.

What belongs to one container alone is left out: two with one address or MAC address would disturb each other,
and a shared alias would send the one's requests to the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from imgtui.model.clone.clone import without_generated
from imgtui.model.clone.create_command import options_of
from imgtui.model.clone.networks import endpoints, links
from imgtui.model.launch.libpod import NO_OPTIONS, OwnOptions
from imgtui.model.launch.options import mount_as_volume
from imgtui.model.safety.json import Json, mapping, objects, text, texts

_CONFIG_FIELDS: Final = frozenset(
    {
        *("Image", "Cmd", "Entrypoint", "Env", "Labels", "Volumes", "User", "MacAddress", "ArgsEscaped"),
        *("AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce", "OnBuild"),
    }
)
"""Of `Config`: what the form has fields for, and what belongs to one container."""
_HOST_FIELDS: Final = frozenset(
    {
        *(
            "Binds",
            "Mounts",
            "PortBindings",
            "NetworkMode",
            "RestartPolicy",
            "AutoRemove",
            "Memory",
            "NanoCpus",
        ),
        *("CpuPeriod", "CpuQuota", "ContainerIDFile", "ConsoleSize", "Links"),
    }
)
"""Of `HostConfig`: likewise."""
_TWICE: Final = 2
"""Engines set `MemorySwap` to twice the memory where nobody did."""


@dataclass(frozen=True, slots=True)
class Rest:
    """More options of a container. Holds values that may be secrets: only `options` is for people."""

    config: Mapping[str, object] = field(default_factory=dict, repr=False)
    """Fields of the body of `POST /containers/create`."""
    host: Mapping[str, object] = field(default_factory=dict, repr=False)
    """Of its `HostConfig`."""
    networks: tuple[str, ...] = ()
    """Further networks that it is connected to."""
    options: tuple[str, ...] = ()
    """Words of `docker run`, secrets masked."""
    own: OwnOptions = NO_OPTIONS
    """What only Podman's own API can be asked for: then that makes the container."""
    left: tuple[str, ...] = ()
    """docker's options for what belongs to one container alone, which another one does not get."""

    @property
    def flags(self) -> tuple[str, ...]:
        """The names of the options."""
        return tuple(word.partition("=")[0] for word in self.options if word.startswith("--"))


NOTHING_MORE: Final = Rest()


def rest_of(container: Json, own: Json, api: tuple[int, int], *, podman: bool = False) -> Rest:
    """What no field can say. `own` is what people had set in the `Config` of `container`."""
    said = mapping(container.get("HostConfig"))
    config = {key: value for key, value in without_generated({**container, "Config": own}).items() if value}
    config = {key: value for key, value in config.items() if key not in _CONFIG_FIELDS}
    published = mapping(said.get("PortBindings"))
    exposed: dict[str, object] = {
        port: {} for port in mapping(config.pop("ExposedPorts", None)) if port not in published
    }
    if exposed:
        config["ExposedPorts"] = exposed
    host = {key: value for key, value in said.items() if key not in _HOST_FIELDS}
    memory = said.get("Memory")
    if isinstance(memory, int) and host.get("MemorySwap") == _TWICE * memory:
        host.pop("MemorySwap")
    mounts = [mount for mount in objects(said.get("Mounts")) if mount_as_volume(mount) is None]
    host |= {"Mounts": mounts} if mounts else {}
    host |= {"Links": links(container)} if said.get("Links") else {}
    joined = endpoints(container, api, podman=podman)
    connected = {**joined.at_once, **joined.later}
    main = text(said.get("NetworkMode"))
    further = tuple(
        name for name in connected if name != main and (main not in {"", "default"} or name != "bridge")
    )
    alone = [mapping(container.get("Config")), *connected.values()]
    left = [
        flag
        for flag, has in (
            ("--ip", any(mapping(each.get("IPAMConfig")) for each in connected.values())),
            ("--mac-address", any(each.get("MacAddress") for each in alone)),
            ("--network-alias", any(texts(each.get("Aliases")) for each in connected.values())),
        )
        if has
    ]
    body = {**config, "HostConfig": host}
    return Rest(config, host, further, tuple(options_of(body)), left=tuple(left))
