"""The networks of a container, as they are asked for when one like it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from imgtui.model.carry_json import Json, mapping, text, texts
from imgtui.model.printable import printable

SEVERAL_AT_ONCE: Final = (1, 44)
"""API from which a container is made in several networks, and a MAC address is that of one network."""
_WITHOUT_NETWORKS: Final = {"host", "none", "container", "slirp4netns", "pasta"}
"""Modes of Docker, and of Podman, that leave a container without a network of the engine."""
MAC_UNTOLD: Final = (1, 52)
"""API from which `Config.MacAddress` is gone."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a container was connected, and what was set there."""

    at_once: Mapping[str, Json] = field(default_factory=dict)
    """By network name: `NetworkingConfig.EndpointsConfig`."""
    later: Mapping[str, Json] = field(default_factory=dict)
    """The networks to be connected when the container is made."""
    mac_address: str = ""
    """`MacAddress` of the whole container: only before API 1.44."""
    notes: tuple[str, ...] = ()


def shared_with(mode: object) -> str:
    """The container whose namespace a mode such as `container:ID` names; else empty."""
    kind, _, name = text(mode).partition(":")
    return name if kind == "container" else ""


def endpoints(container: Json, api: tuple[int, int]) -> Endpoints:
    """What a container like this one must be told of its networks.

    Addresses that the engine had chosen are left out: `IPAMConfig` has those that were set, and
    `Config.MacAddress` that of the main network. That of another network is told only while it is used, and
    then whether it was set or not (Docker 20.10, 28.5).
    """
    mode = text(mapping(container.get("HostConfig")).get("NetworkMode"))
    if mode.partition(":")[0] in _WITHOUT_NETWORKS:
        return Endpoints()
    networks = {
        name: mapping(settings)
        for name, settings in mapping(mapping(container.get("NetworkSettings")).get("Networks")).items()
    }
    main = _main(mode, networks)
    asked: dict[str, Json] = {
        name: _asked(container, networks[name]) for name in sorted(networks, key=lambda name: name != main)
    }
    mac = text(mapping(container.get("Config")).get("MacAddress"))
    unknown = [
        name
        for name, settings in networks.items()
        if (name != main or (api >= MAC_UNTOLD and not mac)) and _may_be_set(settings, api)
    ]
    notes = () if not unknown else (_untold(unknown),)
    if not networks:
        notes = (f"it was taken out of all networks: the new one is in {printable(mode) or 'bridge'}",)
    if api >= SEVERAL_AT_ONCE:
        if mac and main in asked:
            asked[main] = {**asked[main], "MacAddress": mac}
        return Endpoints(asked, {}, "", notes)
    first = dict(list(asked.items())[:1])
    return Endpoints(first, dict(list(asked.items())[1:]), mac, notes)


def links(container: Json) -> list[str]:
    """`--link` of the default network: told as `/other:/this/alias`, asked for as `other:alias`."""
    found = texts(mapping(container.get("HostConfig")).get("Links"))
    parts = [entry.partition(":") for entry in found]
    return [f"{other.lstrip('/')}:{alias.rpartition('/')[2]}" for other, _, alias in parts]


def _main(mode: str, networks: Mapping[str, Json]) -> str:
    """The name of the network that the mode names: by its name, its ID, or `default`."""
    if mode in networks:
        return mode
    by_id = (
        name
        for name, settings in networks.items()
        if mode and text(settings.get("NetworkID")).startswith(mode)
    )
    return next(by_id, "bridge")


def _asked(container: Json, settings: Json) -> dict[str, object]:
    """An `EndpointConfig`, without the short ID that engines add to the aliases (Docker 20.10, Podman)."""
    own = text(container.get("Id"))[:12]
    wanted: dict[str, object] = {
        "IPAMConfig": settings.get("IPAMConfig"),
        "Links": texts(settings.get("Links")),
        "Aliases": [alias for alias in texts(settings.get("Aliases")) if alias != own],
        "DriverOpts": settings.get("DriverOpts"),
        "GwPriority": settings.get("GwPriority"),
    }
    return {key: value for key, value in wanted.items() if value}


def _may_be_set(settings: Json, api: tuple[int, int]) -> bool:
    """Whether people may have set the MAC address of a network that is not the main one.

    Only since API 1.44 they can. Engines before 28 make it of the address: `02:42` and the four bytes.
    """
    if api < SEVERAL_AT_ONCE:
        return False
    address = text(settings.get("IPAddress"))
    made_of_it = "02:42:" + ":".join(f"{int(part):02x}" for part in address.split(".") if part.isdigit())
    return text(settings.get("MacAddress")) != made_of_it


def _untold(names: list[str]) -> str:
    listed = ", ".join(printable(name) for name in sorted(names))
    return f"the engine does not tell whether the MAC address in {listed} was set: it chooses a new one"
