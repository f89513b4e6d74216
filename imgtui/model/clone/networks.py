"""The networks of a container, as they are asked for when one like it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from imgtui.model.core.printable import printable
from imgtui.model.safety.json import Json, mapping, text, texts

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
    left: tuple[str, ...] = ()
    """The networks that a container is put in by its mode, and that this one was taken out of."""
    mac_address: str = ""
    """`MacAddress` of the whole container: only before API 1.44."""
    notes: tuple[str, ...] = ()


def shared_with(mode: object) -> str:
    """The container whose namespace a mode such as `container:ID` names; else empty."""
    kind, _, name = text(mode).partition(":")
    return name if kind == "container" else ""


def endpoints(container: Json, api: tuple[int, int], *, podman: bool = False) -> Endpoints:
    """What a container like this one must be told of its networks.

    Addresses that the engine chose are left out: `IPAMConfig` has those that were set, `Config.MacAddress`
    that of the main network. Of the MAC address in another network nobody tells whether it was set (Docker
    28.5): it stays, if it is told at all, which is while the container runs. Not so on Podman, which chooses
    them by chance and tells those that were set in its own document alone.
    """
    mode = text(mapping(container.get("HostConfig")).get("NetworkMode"))
    if mode.partition(":")[0] in _WITHOUT_NETWORKS:
        return Endpoints()
    networks = {
        name: mapping(settings)
        for name, settings in mapping(mapping(container.get("NetworkSettings")).get("Networks")).items()
    }
    if left := _left(mode, networks, podman=podman):
        return Endpoints(later={name: _asked(container, networks[name]) for name in networks}, left=left)
    main, mac = _main(mode, networks), text(mapping(container.get("Config")).get("MacAddress"))
    names = sorted(networks, key=lambda name: (name != main, name))
    asked: dict[str, Json] = {name: _asked(container, networks[name]) for name in names}
    if podman or api < SEVERAL_AT_ONCE:
        return Endpoints(
            {names[0]: asked[names[0]]}, {name: asked[name] for name in names[1:]}, mac_address=mac
        )
    unclear = [name for name in names if not (name == main and (mac or api < MAC_UNTOLD))]
    addresses = {name: mac if name not in unclear else _perhaps_set(networks[name]) for name in names}
    kept = [name for name in unclear if addresses[name]]
    untold = [name for name in unclear if not networks[name].get("MacAddress")]
    notes = [f"it keeps its MAC address in {printable(name)}, as nobody tells who chose it" for name in kept]
    notes += [f"a MAC address that was set in {printable(name)} is not told, and lost" for name in untold]
    return Endpoints(
        {name: _with_mac(asked[name], addresses.get(name, "")) for name in names}, notes=tuple(notes)
    )


def links(container: Json) -> list[str]:
    """`--link` of the default network: told as `/other:/this/alias`, asked for as `other:alias`."""
    found = texts(mapping(container.get("HostConfig")).get("Links"))
    parts = [entry.partition(":") for entry in found]
    return [f"{other.lstrip('/')}:{alias.rpartition('/')[2]}" for other, _, alias in parts]


def _left(mode: str, networks: Mapping[str, Json], *, podman: bool) -> tuple[str, ...]:
    """The network of its mode, where it is not in it. Podman tells one mode for all networks."""
    if podman:
        return () if networks else ("podman",)
    main = "bridge" if mode in {"", "default"} else mode
    ids = {text(settings.get("NetworkID")) for settings in networks.values()}
    return () if main in networks or any(each.startswith(main) for each in ids) else (main,)


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
    """An `EndpointConfig`, without what engines add to the aliases.

    That is the short ID (Docker 20.10, Podman), and behind it the host name that was set (Podman 5).
    """
    own, aliases = text(container.get("Id"))[:12], texts(settings.get("Aliases"))
    hostname = text(mapping(container.get("Config")).get("Hostname"))
    added = {place + 1 for place, alias in enumerate(aliases) if alias == own}
    wanted: dict[str, object] = {
        "IPAMConfig": settings.get("IPAMConfig"),
        "Links": texts(settings.get("Links")),
        "Aliases": [
            alias
            for place, alias in enumerate(aliases)
            if alias != own and not (place in added and alias == hostname)
        ],
        "DriverOpts": settings.get("DriverOpts"),
        "GwPriority": settings.get("GwPriority"),
    }
    return {key: value for key, value in wanted.items() if value}


def _with_mac(endpoint: Json, address: str) -> Json:
    return {**endpoint, "MacAddress": address} if address else endpoint


def _perhaps_set(settings: Json) -> str:
    """A MAC address, unless the engine surely made it: before 28 of `02:42` and the four bytes of the IP."""
    mac, address = text(settings.get("MacAddress")), text(settings.get("IPAddress"))
    made = "02:42:" + ":".join(f"{int(part):02x}" for part in address.split(".") if part.isdigit())
    return "" if mac == made else mac
