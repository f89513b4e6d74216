"""What Podman's own API tells of a container that its Docker-compatible API does not.

`GET /libpod/containers/{name}/json` has the command line that made a container (`CreateCommand`); for one
that the Docker-compatible API made it is that of Podman's service. Of the options that this API
never tells, some can be asked for by it; the others are lost, by name (podman-create(1), Podman 4.3 and 5.8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from imgtui.model.carry_json import Json, mapping, text, texts

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
        *("--read-only-tmpfs", "--disable-content-trust", "--env-merge"),
    }
)
"""Options that take no value as a word of its own."""
_SHORT_SWITCHES: Final = frozenset("ditPqh")
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
        return Told(found, notes=(MADE_BY_DOCKER_API if words else NOT_KNOWN,), pod=in_pod)
    if sysctls := dict(value.partition("=")[::2] for name, value in made if name == "--sysctl"):
        found["Sysctls"] = sysctls
    values = dict(made)
    names = dict.fromkeys(name for name, value in made if name in _LOST and not _is_default(name, value))
    names |= dict.fromkeys(
        f"--log-opt {value.partition('=')[0]}" for name, value in made if _is_log(name, value)
    )
    names |= dict.fromkeys(
        "--network …:…" for name, value in made if name in {"--network", "--net"} and _has_options(value)
    )
    lost = (f"{', '.join(names)}, which Podman's Docker-compatible API cannot set",) if names else ()
    home = any(name in {"--env", "-e"} and value.partition("=")[0] == "HOME" for name, value in made)
    address, mac_address = values.get("--ip", ""), values.get("--mac-address", "")
    return Told(found, address, mac_address, lost, home_was_set=home or "--env-file" in values, pod=in_pod)


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
    """The options of `podman run` and `podman create`, as name and value; None for another command."""
    start = next((place for place, word in enumerate(words) if word in _MAKING), None)
    if start is None or "service" in words[:start]:
        return None
    found: list[tuple[str, str]] = []
    rest = iter(words[start + 1 :])
    for word in rest:
        if not word.startswith("-"):
            return found
        name, equals, value = word.partition("=")
        if equals:
            found.append((name, value))
        elif name in _SWITCHES or (not name.startswith("--") and set(name[1:]) <= _SHORT_SWITCHES):
            found.append((name, "true"))
        else:
            found.append((name, next(rest, "")))
    return found
