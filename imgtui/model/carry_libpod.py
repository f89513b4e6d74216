"""What Podman's own API tells of a container that its Docker-compatible API does not.

`GET /libpod/containers/{name}/json` has the command line that made a container (`CreateCommand`); for one
that the Docker-compatible API made it is that of Podman's service. Of the options that this API
never tells, some can be asked for by it; the others are lost, by name (podman-create(1), Podman 4.3 and 5.8).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from imgtui.model.carry_json import Json, mapping, text, texts
from imgtui.model.printable import printable

MADE_BY_DOCKER_API: Final = (
    "it was made by Podman's Docker-compatible API, which does not tell these, so that they are not carried"
    " over where they were set: fixed addresses (IP, MAC), sysctls, a domain name, device rules, unmasked"
    " paths, block I/O limits"
)
NOT_KNOWN: Final = (
    "Podman does not tell how it was made: secrets, fixed addresses (IP, MAC), sysctls, a time zone,"
    " annotations and more are not carried over where they were set"
)
_SWITCHES: Final = frozenset(
    {
        *("--detach", "--interactive", "--tty", "--rm", "--rmi", "--init", "--privileged", "--read-only"),
        *("--no-hosts", "--no-hostname", "--no-healthcheck", "--quiet", "--replace", "--publish-all"),
        *("--sig-proxy", "--tls-verify", "--http-proxy", "--oom-kill-disable", "--env-host", "--passwd"),
        *("--read-only-tmpfs", "--disable-content-trust", "--unsetenv-all", "--rootfs"),
    }
)
"""Options that take no value as a word of its own."""
_SHORT_SWITCHES: Final = frozenset("ditPq")
_SHORT: Final = {
    "e": "--env",
    "h": "--hostname",
    "l": "--label",
    "p": "--publish",
    "u": "--user",
    "v": "--volume",
    "w": "--workdir",
    "c": "--cpu-shares",
    "m": "--memory",
    "a": "--attach",
}
"""Short options that take a value, in the same word or in the next one."""
_LOST: Final = frozenset(
    {
        *("--secret", "--tz", "--systemd", "--no-hosts", "--no-hostname", "--requires", "--annotation"),
        *("--read-only-tmpfs", "--image-volume", "--passwd", "--passwd-entry", "--group-entry", "--hostuser"),
        *("--device-cgroup-rule", "--device-read-bps", "--device-read-iops", "--device-write-bps"),
        *("--device-write-iops", "--blkio-weight", "--blkio-weight-device", "--ip6", "--domainname"),
        *("--userns", "--uidmap", "--gidmap", "--subuidname", "--subgidname", "--pod", "--pod-id-file"),
        *("--rootfs", "--umask", "--timeout", "--sdnotify", "--seccomp-policy", "--variant", "--unsetenv"),
        *("--unsetenv-all", "--chrootdirs", "--health-on-failure", "--health-startup-cmd", "--personality"),
        *("--health-startup-interval", "--health-startup-retries", "--health-startup-success"),
        *("--health-startup-timeout", "--cgroups", "--cgroup-conf", "--rdt-class", "--shm-size-systemd"),
        *("--preserve-fds", "--preserve-fd", "--hosts-file", "--init-ctr", "--init-path"),
    }
)
"""Options whose effect is not told, and that the Docker-compatible API cannot be asked for."""
_IN_LABEL: Final = ("IpcMode", "LogConfig", "Sysctls")
_MAKING: Final = frozenset({"run", "create"})


@dataclass(frozen=True, slots=True)
class Told:
    """What is known more. Holds values: only `lost` and `notes` are for people."""

    host: Mapping[str, object] = field(default_factory=dict, repr=False)
    """Of `HostConfig`: to be asked for too."""
    address: str = ""
    """The IP address that was set in its network."""
    mac_address: str = ""
    lost: tuple[str, ...] = ()
    """As they follow on `it loses`; printable."""
    notes: tuple[str, ...] = ()
    home_was_set: bool | None = None
    """Whether somebody set the variable HOME, which Podman sets otherwise; None where that is not told."""
    pod: bool = False
    """Whether it is a member of a pod, and shares its namespaces."""

    def to_label(self) -> str:
        """The text of the label of a container that is given this; empty for nothing. No secret is in it."""
        known = {key: self.host[key] for key in _IN_LABEL if key in self.host}
        given = {"host": known, "address": self.address, "mac_address": self.mac_address}
        return json.dumps(given, separators=(",", ":")) if any(given.values()) else ""


def told_by_podman(container: Json | None) -> Told:
    """Read Podman's own document of a container; None where Podman does not tell it."""
    if container is None:
        return Told(notes=(NOT_KNOWN,))
    config, host = mapping(container.get("Config")), mapping(container.get("HostConfig"))
    log = mapping(host.get("LogConfig"))
    found: dict[str, object] = {}
    if text(host.get("IpcMode")) in {"host", "none"}:
        found["IpcMode"] = host["IpcMode"]
    if kind := text(log.get("Type")):  # the other API calls k8s-file json-file, and does not tell the size
        size = text(log.get("Size"))
        found["LogConfig"] = {"Type": kind, "Config": {} if size in {"", "0B"} else {"max-size": size}}
    words = texts(config.get("CreateCommand"))
    made = _options(words)
    in_pod = bool(container.get("Pod"))
    if made is None:
        return Told(found, notes=(MADE_BY_DOCKER_API if "service" in words else NOT_KNOWN,), pod=in_pod)
    if sysctls := dict(value.partition("=")[::2] for name, value in made if name == "--sysctl"):
        found["Sysctls"] = sysctls
    values = dict(made)
    names = dict.fromkeys(name for name, value in made if name in _LOST and not _is_default(name, value))
    names |= dict.fromkeys(
        printable(f"--log-opt {value.partition('=')[0]}", 100) for name, value in made if _is_log(name, value)
    )
    names |= dict.fromkeys(
        "--network …:…" for name, value in made if name in {"--network", "--net"} and _has_options(value)
    )
    lost = (f"{', '.join(names)}, which Podman's Docker-compatible API cannot set",) if names else ()
    home = any(name == "--env" and value.partition("=")[0] == "HOME" for name, value in made)
    address, mac_address = values.get("--ip", ""), values.get("--mac-address", "")
    return Told(found, address, mac_address, lost, home_was_set=home or "--env-file" in values, pod=in_pod)


def told_before(label: str) -> Told | None:
    """What `Told.to_label` wrote; None where there is no such label, or it is not understood."""
    try:
        said = json.loads(label)
    except ValueError:
        return None
    host = mapping(mapping(said).get("host"))
    address, mac_address = mapping(said).get("address"), mapping(said).get("mac_address")
    if not isinstance(address, str) or not isinstance(mac_address, str):
        return None
    return Told({key: host[key] for key in _IN_LABEL if key in host}, address, mac_address)


def _is_default(name: str, value: str) -> bool:
    """Whether it is what is so without the option too."""
    return (name, value) in {
        ("--passwd", "true"),
        ("--read-only-tmpfs", "true"),
        ("--systemd", "true"),
        ("--no-hosts", "false"),
        ("--userns", ""),
        ("--userns", "host"),
    }


def _is_log(name: str, value: str) -> bool:
    return name == "--log-opt" and value.partition("=")[0] != "max-size"


def _has_options(value: str) -> bool:
    """Whether a network is given with an address or another option: `net:ip=10.0.0.9`."""
    name, colon, options = value.partition(":")
    return bool(colon) and name not in {"container", "ns"} and bool(options)


def _options(words: Sequence[str]) -> list[tuple[str, str]] | None:
    """The options of `podman run` or `create`, as name and value; None where that is not understood."""
    start = next((place for place, word in enumerate(words) if word in _MAKING), None)
    if start is None or "service" in words[:start]:
        return None
    found: list[tuple[str, str]] = []
    rest = iter(words[start + 1 :])
    for word in rest:
        if not word.startswith("-") or word == "-":
            return found
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            if not equals:
                value = "true" if name in _SWITCHES else next(rest, "")
            found.append((name, value))
            continue
        letters = word[1:]
        while letters and letters[0] in _SHORT_SWITCHES:
            found.append((f"-{letters[0]}", "true"))
            letters = letters[1:]
        if letters and letters[0] not in _SHORT:
            return None  # what follows cannot be told from the image
        if letters:
            found.append((_SHORT[letters[0]], letters[1:].removeprefix("=") or next(rest, "")))
    return found
