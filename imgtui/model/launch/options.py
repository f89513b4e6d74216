"""Values of options as people type them for `docker run`: read as docker reads them.

The rules are those of docker/cli `opts` and `cli/command/container/opts.go`, and of the packages that they
use: docker/go-connections `nat`, docker/go-units, moby `volume/mounts`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from imgtui.model.core.image import TakenPort
from imgtui.model.safety.json import Json, text

_UNITS: Final = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4, "p": 1024**5}
_SIZE: Final = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?) ?(?P<unit>[bkmgtp]?)(?:ib|b)?", re.IGNORECASE)
_LEAST_MEMORY: Final = 6 * 1024**2
"""moby `daemon_unix.go`: a container does not start with less than 6 MB."""
_DIGITS: Final = re.compile(r"[0-9]{1,9}")
_PROTOCOLS: Final = frozenset({"tcp", "udp", "sctp"})
_VOLUME_NAME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
MODES: Final = frozenset(
    [
        "ro",
        "rw",
        "z",
        "Z",
        "nocopy",
        "shared",
        "rshared",
        "slave",
        "rslave",
        "private",
        "rprivate",
        "cached",
        "delegated",
        "consistent",
    ]
)
_POLICIES: Final = frozenset({"no", "always", "unless-stopped", "on-failure"})


class WrongOption(ValueError):
    """docker would not take it; the message is one short line."""


@dataclass(frozen=True, slots=True)
class PublishedPort:
    """A port of the container, and where the host has it."""

    container: str
    """`80/tcp`."""
    host_ip: str = ""
    """Empty for all addresses."""
    host: str = ""
    """A port, a range `8000-8010` to choose from, or empty for any that is free."""


def read_ports(option: str) -> tuple[PublishedPort, ...]:
    """`-p`: `80`, `8080:80`, `127.0.0.1:8080:80/udp`, `[::1]::80`, ranges of equal length.

    Raises WrongOption.
    """
    rest, _, protocol = option.partition("/")
    protocol = protocol.lower() or "tcp"
    if protocol not in _PROTOCOLS:
        raise WrongOption(f"{option}: the protocol is tcp, udp or sctp")
    head, _, container = rest.rpartition(":")
    address, _, host = head.rpartition(":") if ":" in head else ("", "", head)
    address = address.removeprefix("[").removesuffix("]")
    if address:
        try:
            ipaddress.ip_address(address)
        except ValueError:
            raise WrongOption(f"{option}: {address} is no IP address") from None
    inner, outer = _range(option, container), _range(option, host) if host else None
    if outer is not None and len(outer) != len(inner):
        if len(inner) > 1:
            raise WrongOption(f"{option}: the two ranges have different lengths")
        return (PublishedPort(f"{inner[0]}/{protocol}", address, f"{outer[0]}-{outer[-1]}"),)
    return tuple(
        PublishedPort(f"{port}/{protocol}", address, str(outer[number]) if outer is not None else "")
        for number, port in enumerate(inner)
    )


def taken_port(port: PublishedPort, taken: Iterable[TakenPort]) -> str | None:
    """Which container has this host port already; None where it is free, or any other of a range will do."""
    protocol = port.container.partition("/")[2]
    for other in taken:
        everywhere = {"", "0.0.0.0", "::"} & {port.host_ip, other.host_ip}  # noqa: S104 - compared, not bound
        if other.port == f"{port.host}/{protocol}" and (everywhere or port.host_ip == other.host_ip):
            return f"{port.host} is taken by {other.by}"
    return None


def free_port(port: PublishedPort, taken: Sequence[TakenPort]) -> str | None:
    """The first host port from the one that is wanted on that nobody has; None where there is none."""
    return next(
        (
            str(number)
            for number in range(int(port.host), 65536)
            if taken_port(replace(port, host=str(number)), taken) is None
        ),
        None,
    )


def mount_as_volume(mount: Json) -> str | None:
    """A mount of `HostConfig.Mounts` as `-v` says it; None where it cannot."""
    options = [key for key in ("VolumeOptions", "TmpfsOptions", "BindOptions") if mount.get(key)]
    if mount.get("Type") not in {"bind", "volume"} or options or not mount.get("Source"):
        return None
    mode = ":ro" if mount.get("ReadOnly") else ""
    return f"{text(mount.get('Source'))}:{text(mount.get('Target'))}{mode}"


def read_volume(option: str) -> tuple[str, str, str]:
    """`-v`: source (a volume's name, an absolute path, or empty), target, and mode. Raises WrongOption."""
    parts = option.split(":")
    if len(parts) > 3:
        raise WrongOption(f"{option}: at most source:target:mode")
    source, target, mode = ("", parts[0], "") if len(parts) == 1 else (*parts, "")[:3]
    if not target.startswith("/"):
        raise WrongOption(f"{option}: the path in the container is not absolute")
    if target.rstrip("/") == "":
        raise WrongOption(f"{option}: the root of the container cannot be a volume")
    if len(parts) > 1 and not source.startswith("/"):
        if "/" in source or source.startswith((".", "~")):
            raise WrongOption(f"{option}: the path on the host is not absolute")
        if _VOLUME_NAME.fullmatch(source) is None:
            raise WrongOption(f"{option}: a volume's name has letters, digits, _ . -, and at least two")
    wrong = {word for word in mode.split(",") if word} - MODES
    if wrong:
        raise WrongOption(f"{option}: no mode is called {min(wrong)}")
    return source, target, mode


def read_variable(option: str, environ: Mapping[str, str]) -> str:
    """`-e`: `NAME=value`, or `NAME` alone for the value it has in `environ`. Raises WrongOption.

    A name that is not there stays alone, as docker sends it: the engine then takes the image's value away.
    """
    name, equals, _ = option.partition("=")
    if not name or name.isspace():
        raise WrongOption(f"{option}: a variable has a name")
    return f"{name}={environ[name]}" if not equals and name in environ else option


def read_environment_file(text: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The lines of an `--env-file`: comments with `#`; a name alone is left out where `environ` has none.

    Raises WrongOption.
    """
    found: list[str] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        entry = line.lstrip()
        if not entry or entry.startswith("#"):
            continue
        name, equals, _ = entry.partition("=")
        if not name or (equals and any(character.isspace() for character in name)):
            raise WrongOption(f"line {number} has no name before =, or one with a space")
        if equals:
            found.append(entry)
        elif (value := environ.get(name.strip())) is not None:
            found.append(f"{name.strip()}={value}")
    return tuple(found)


def read_memory(option: str) -> int:
    """`--memory`: bytes of `512m`, `1.5g`. Raises WrongOption."""
    match = _SIZE.fullmatch(option)
    if match is None:
        raise WrongOption(f"{option}: a number with b, k, m or g after it")
    size = int(float(match["number"]) * _UNITS[match["unit"].lower()])
    if 0 < size < _LEAST_MEMORY:
        raise WrongOption(f"{option}: the least that an engine takes is 6m")
    return size


def read_cpus(option: str) -> int:
    """`--cpus`: billionths of a CPU. Raises WrongOption."""
    whole = re.fullmatch(r"[0-9]{0,6}(?:\.[0-9]{0,9})?", option)
    if whole is None or not any(map(str.isdigit, option)):
        raise WrongOption(f"{option}: a number such as 1.5")
    before, _, after = option.partition(".")
    return int(before or 0) * 10**9 + int(after.ljust(9, "0") or 0)


def read_restart(option: str) -> dict[str, object]:
    """`--restart`: the `RestartPolicy` of the Engine API. Raises WrongOption."""
    name, colon, count = option.partition(":")
    if name not in _POLICIES:
        raise WrongOption(f"{option}: no, always, unless-stopped, on-failure or on-failure:3")
    if colon and (name != "on-failure" or _DIGITS.fullmatch(count) is None):
        raise WrongOption(f"{option}: only on-failure has a number of tries")
    return {"Name": name, "MaximumRetryCount": int(count or 0)}


def read_label(option: str) -> tuple[str, str]:
    """`--label`: key and value. Raises WrongOption."""
    key, _, value = option.partition("=")
    if not key:
        raise WrongOption(f"{option}: a label has a key")
    return key, value


def _range(option: str, text: str) -> range:
    first, dash, last = text.partition("-")
    if not (_DIGITS.fullmatch(first) and (_DIGITS.fullmatch(last) or not dash)):
        raise WrongOption(f"{option}: {text or 'nothing'} is no port")
    start, end = int(first), int(last or first)
    if not 0 < start <= end <= 65535:
        raise WrongOption(f"{option}: a port is a number from 1 to 65535")
    return range(start, end + 1)
