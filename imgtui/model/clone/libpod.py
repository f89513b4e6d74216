"""What Podman's own API tells of a container that its Docker-compatible API does not.

`GET /libpod/containers/{name}/json` has the command line that made a container (`CreateCommand`); for one
that the Docker-compatible API made it is that of Podman's service (4.3), or there is none (5.8). Of the
options that this API never tells, some can be asked for by it, most by Podman's own API alone
(`libpod_options`); the others are lost, by name (podman-create(1), Podman 4.3 and 5.8).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from imgtui.model.clone.libpod_options import READERS, Option, fields_of, is_understood
from imgtui.model.core.printable import printable
from imgtui.model.safety.json import Json, mapping, text, texts

MADE_BY_DOCKER_API: Final = (
    "it was made by Podman's Docker-compatible API, which does not tell these, so that they are not carried"
    " over where they were set: fixed addresses (IP, MAC), sysctls, a domain name, device rules, unmasked"
    " paths, block I/O limits, a memory swappiness of 0"
)
NOT_KNOWN: Final = (
    "Podman does not tell how it was made: secrets, fixed addresses (IP, MAC), sysctls, device rules,"
    " unmasked paths, block I/O limits, a memory swappiness of 0, a time zone, annotations (before Podman 5)"
    " and more are not carried over where they were set"
)
NO_MACHINE_HOSTS: Final = "the names of the machine's /etc/hosts are not in the /etc/hosts of the new one"
_OWN_HOSTS: Final = "none"
"""`HostsFile` of what the Docker-compatible API made (Podman 5): it begins with nothing of the machine's."""
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
_ALSO: Final = {"--net": "--network"}
_LOST: Final = frozenset(
    {
        *("--userns", "--uidmap", "--gidmap", "--subuidname", "--subgidname", "--pod", "--pod-id-file"),
        *(
            "--gpus",
            "--pidfile",
            "--rootfs",
            "--variant",
            "--domainname",
            "--preserve-fds",
            "--preserve-fd",
            "--init-ctr",
        ),
    }
)
"""Options whose effect is not told, and that are not asked for again."""
_NOTED: Final = frozenset(
    {
        "io.kubernetes.cri-o.TTY",
        *(
            f"io.podman.annotations.{each}"
            for each in ("apparmor", "cpuset", "label", "memory-nodes", "pids-limit", "seccomp", "userns")
        ),
    }
)
"""Annotations that the podman command adds (`FillOutSpecGen`, 4.3 and 5.8)."""
_SHOWN: Final = {
    "--network": "…:…",
    "--security-opt": "…",
    "--dns": "none",
    "--mount": "type=image,…",
    "--volume": "…:O",
    "--group-add": "keep-groups",
}
"""What people see after the name of an option of which only some values are meant."""
_NO_SIZE: Final = {"", "0B", "-1B"}
"""What Podman 4.3 and 5.8 tell of a log without a limit."""
_IN_LABEL: Final = ("IpcMode", "LogConfig", "Sysctls", "MemorySwappiness")
_MAKING: Final = frozenset({"run", "create"})


@dataclass(frozen=True, slots=True)
class LibpodTold:
    """What is known more. Holds values: only `lost` and `notes` are for people."""

    host: Mapping[str, object] = field(default_factory=dict, repr=False)
    """Of `HostConfig`: to be asked for too."""
    address: str = ""
    """The IP address that was set in its network."""
    mac_address: str = ""
    options: tuple[Option, ...] = ()
    """What only Podman's own API can be asked for."""
    command: tuple[str, ...] = field(default=(), repr=False)
    """The words of the podman command that made it; empty where that did not. They may be secrets."""
    noted: Mapping[str, str] = field(default_factory=dict)
    """Annotations with which that command has noted options."""
    lost: tuple[str, ...] = ()
    """Names of options that cannot be asked for; printable."""
    notes: tuple[str, ...] = ()
    annotates: bool = False
    """Whether the Docker-compatible API tells and takes annotations (Podman 5)."""
    machine_hosts: bool = False
    """Whether its `/etc/hosts` begins with that of the machine: by the Docker-compatible API none does."""
    home_was_set: bool | None = None
    """Whether somebody set the variable HOME, which Podman sets otherwise; None where that is not told."""
    pod: bool = False
    """Whether it is a member of a pod, and shares its namespaces."""

    @property
    def from_secrets(self) -> Mapping[str, str]:
        """The name of a secret by that of the variable that has its value."""
        found = mapping(fields_of(self.options).get("secret_env"))
        return {name: str(secret) for name, secret in found.items()}

    @property
    def beyond_docker(self) -> tuple[str, ...]:
        """Names of the options that the Docker-compatible API cannot be asked for."""
        return named([each for each in self.options if not (self.annotates and each[0] == "--annotation")])

    def to_label(self) -> str:
        """The text of the label of a container that is given this; empty for nothing. No secret is in it."""
        if self.command:
            return ""  # Podman's own API tells it
        known = {key: self.host[key] for key in _IN_LABEL if key in self.host}
        given = {"host": known, "address": self.address, "mac_address": self.mac_address}
        return json.dumps(given, separators=(",", ":")) if any(given.values()) else ""


def told_by_podman(container: Json | None) -> LibpodTold:
    """Read Podman's own document of a container; None where Podman does not tell it."""
    if container is None:
        return LibpodTold(notes=(NOT_KNOWN,))
    config, host = mapping(container.get("Config")), mapping(container.get("HostConfig"))
    log = mapping(host.get("LogConfig"))
    found: dict[str, object] = {}
    if text(host.get("IpcMode")) in {"host", "none"}:
        found["IpcMode"] = host["IpcMode"]
    if kind := text(log.get("Type")):  # the other API calls k8s-file json-file, and does not tell the size
        size = text(log.get("Size"))
        found["LogConfig"] = {"Type": kind, "Config": {} if size in _NO_SIZE else {"max-size": size}}
    names = host.get("HostsFile", _OWN_HOSTS) != _OWN_HOSTS
    words = texts(config.get("CreateCommand"))
    made = _options(words)
    in_pod = bool(container.get("Pod"))
    if made is None:
        unknown = MADE_BY_DOCKER_API if "service" in words else NOT_KNOWN
        return LibpodTold(found, notes=(unknown,), machine_hosts=names, pod=in_pod)
    if sysctls := dict(value.partition("=")[::2] for name, value in made if name == "--sysctl"):
        found["Sysctls"] = sysctls
    values = dict(made)
    if values.get("--memory-swappiness") == "0":
        found["MemorySwappiness"] = 0  # told as 0 also where nobody set it
    more = [option for option in made if _is_more(option)]
    more = _with_annotations(more, mapping(config.get("Annotations")))
    home = any(name == "--env" and value.partition("=")[0] == "HOME" for name, value in made)
    return LibpodTold(
        found,
        values.get("--ip", ""),
        values.get("--mac-address", ""),
        tuple(option for option in more if is_understood(option)),
        tuple(words),
        {key: text(said) for key, said in mapping(config.get("Annotations")).items() if key in _NOTED},
        named([option for option in more if not is_understood(option)]),
        annotates="Annotations" in host,
        machine_hosts=names,
        home_was_set=home or "--env-file" in values,
        pod=in_pod,
    )


def named(options: Sequence[Option]) -> tuple[str, ...]:
    """The names of options as people know them, each once; printable, without their values."""
    return tuple(dict.fromkeys(map(_name, options)))


def told_before(label: str) -> LibpodTold | None:
    """What `LibpodTold.to_label` wrote; None where there is no such label, or it is not understood."""
    try:
        said = json.loads(label)
    except ValueError:
        return None
    host = mapping(mapping(said).get("host"))
    address, mac_address = mapping(said).get("address"), mapping(said).get("mac_address")
    if not isinstance(address, str) or not isinstance(mac_address, str):
        return None
    return LibpodTold({key: host[key] for key in _IN_LABEL if key in host}, address, mac_address)


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


def _is_more(option: Option) -> bool:
    """Whether it has an effect that the Docker-compatible API neither tells nor can be asked for."""
    name, value = option
    if name in _SOMETIMES:
        return _SOMETIMES[name](value)
    return (name in _LOST or name in READERS) and not _is_default(name, value)


def _name(option: Option) -> str:
    name, value = option
    if name == "--log-opt":
        return printable(f"--log-opt {value.partition('=')[0]}", 100)
    return f"{name} {_SHOWN[name]}" if name in _SHOWN else name


def _with_annotations(options: Sequence[Option], told: Json) -> list[Option]:
    """Each annotation as an option of its own: Podman 4 takes several with commas between, Podman 5 not."""
    found: list[Option] = []
    for name, value in options:
        key, _, said = value.partition("=")
        parts = [value] if name != "--annotation" or told.get(key) == said else value.split(",")
        found += [(name, part) for part in parts]
    return found


def _has_options(value: str) -> bool:
    """Whether a network is given with an address or another option: `net:ip=10.0.0.9`."""
    name, colon, options = value.partition(":")
    return bool(colon) and name not in {"container", "ns"} and bool(options)


_SOMETIMES: Final[Mapping[str, Callable[[str], bool]]] = {
    "--log-opt": lambda value: value.partition("=")[0] != "max-size",
    "--network": _has_options,
    "--security-opt": lambda value: value.startswith(
        ("mask=", "unmask=", "proc-opts=", "systempaths=", "label=nested")
    ),
    "--dns": lambda value: value == "none",
    "--mount": lambda value: not {"type=image", "type=artifact"}.isdisjoint(value.split(",")),
    "--volume": lambda value: "O" in value.split(":")[-1].split(",") and value.count(":") > 1,
    "--group-add": lambda value: value == "keep-groups",
}
"""Options of which only some values are neither told nor can be asked for."""


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
            found.append((_ALSO.get(name, name), value))
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
