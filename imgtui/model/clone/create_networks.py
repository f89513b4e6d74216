"""The networks of a container in the words of the docker command (docker/cli `opts/network.go`)."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from imgtui.model.safety.json import mapping

_DEFAULT_NETWORK: Final = frozenset({"bridge", "default"})


def without_further_networks(body: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """The body, and the networks that the command cannot name beside the default one: for later.

    docker/cli refuses that (`cannot attach both user-defined and non-user-defined network-modes`).
    """
    mode = str(mapping(body.get("HostConfig")).get("NetworkMode") or "default")
    config = mapping(body.get("NetworkingConfig"))
    endpoints = mapping(config.get("EndpointsConfig"))
    if len(endpoints) < 2 or mode not in _DEFAULT_NETWORK or "bridge" not in endpoints:
        return dict(body), {}
    further = {name: endpoint for name, endpoint in endpoints.items() if name != "bridge"}
    only = {"bridge": endpoints["bridge"]}
    return {**body, "NetworkingConfig": {**config, "EndpointsConfig": only}}, further


def connect_commands(name: str, networks: Mapping[str, object]) -> tuple[str, ...]:
    """`docker network connect …` for each further network; what that cannot ask for is said behind it."""
    return tuple(_connect(name, network, mapping(endpoint)) for network, endpoint in networks.items())


def _connect(name: str, network: str, endpoint: Mapping[str, object]) -> str:
    fixed = mapping(endpoint.get("IPAMConfig"))
    options = [
        *_endpoint(endpoint, "--alias"),
        *_each("--link-local-ip", _items(fixed.get("LinkLocalIPs"))),
        *_each(
            "--driver-opt", [f"{key}={value}" for key, value in mapping(endpoint.get("DriverOpts")).items()]
        ),
        *_each("--gw-priority", [endpoint.get("GwPriority")]),
    ]
    line = shlex.join(["docker", "network", "connect", *options, network, name])
    mac = endpoint.get("MacAddress")
    return f"{line}  # and --mac-address {mac}, which this command has not" if mac else line


def disconnect_commands(name: str, networks: Sequence[str]) -> tuple[str, ...]:
    """`docker network disconnect …` for each network that it is put in, and is not to be in."""
    return tuple(shlex.join(["docker", "network", "disconnect", network, name]) for network in networks)


def network_options(host: Mapping[str, object], endpoints: Mapping[str, object]) -> list[str]:
    """The first network by its own options; further ones as `--network name=…` (API 1.44 on)."""
    mode = str(host.get("NetworkMode") or "")
    main = mode if mode in endpoints or not endpoints else next(iter(endpoints))
    further = {name: mapping(endpoint) for name, endpoint in endpoints.items() if name != main}
    if further:
        named = {main: mapping(endpoints.get(main)), **further}
        return [word for name, endpoint in named.items() for word in ("--network", _long(name, endpoint))]
    chosen = ["--network", main] if main and main not in {"bridge", "default"} else []
    return [*chosen, *_endpoint(mapping(endpoints.get(main)), "--network-alias")]


def _long(name: str, endpoint: Mapping[str, object]) -> str:
    """A network in the long form of `--network` (docker/cli `opts/network.go`)."""
    fixed = mapping(endpoint.get("IPAMConfig"))
    fields = [("name", name), *(("alias", str(alias)) for alias in _items(endpoint.get("Aliases")))]
    fields += [
        (key, str(value))
        for key, value in (
            ("ip", fixed.get("IPv4Address")),
            ("ip6", fixed.get("IPv6Address")),
            ("mac-address", endpoint.get("MacAddress")),
            ("gw-priority", endpoint.get("GwPriority")),
        )
        if value
    ]
    fields += [("link-local-ip", str(each)) for each in _items(fixed.get("LinkLocalIPs"))]
    fields += [("driver-opt", f"{key}={value}") for key, value in mapping(endpoint.get("DriverOpts")).items()]
    return in_one(f"{key}={value}" for key, value in fields)


def _endpoint(endpoint: Mapping[str, object], alias: str) -> list[str]:
    fixed = mapping(endpoint.get("IPAMConfig"))
    options = [
        *_each("--ip", [fixed.get("IPv4Address")]),
        *_each("--ip6", [fixed.get("IPv6Address")]),
        *_each(alias, _items(endpoint.get("Aliases"))),
        *_each("--link", _items(endpoint.get("Links"))),
    ]
    if alias == "--network-alias":
        options += _each("--mac-address", [endpoint.get("MacAddress")])
    return options


def _each(option: str, values: Iterable[object]) -> list[str]:
    return [word for value in values if value for word in (option, str(value))]


def in_one(fields: Iterable[str]) -> str:
    """Fields of one option: one with a comma or a quote in it is quoted (RFC 4180)."""
    return ",".join(
        '"' + text.replace('"', '""') + '"' if {",", '"'} & set(text) else text for text in fields
    )


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []
