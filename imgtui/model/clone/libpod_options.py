"""Options of `podman create` that only Podman's own API takes, as fields of its SpecGenerator.

Read in Podman `cmd/podman/common/create.go`, `pkg/specgenutil/specgen.go` (`FillOutSpecGen`) and
`pkg/specgen/specgen.go`, measured with 4.3 and 5.8.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from imgtui.model.safety.json import Json
from imgtui.model.safety.secrets import mask_assignment

Option = tuple[str, str]
"""A name with its dashes, and its value."""
Reader = Callable[[str], Mapping[str, object]]

_SECRET_MODE: Final = 0o444
_ON_FAILURE: Final = {"none": 0, "kill": 2, "restart": 3, "stop": 4}
"""Podman `libpod/define/healthchecks.go`."""
_UNITS: Final = {"": 0, "b": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_NETWORK: Final = {
    "ip": "static_ips", "ip6": "static_ips", "mac": "static_mac", "alias": "aliases",
    "interface_name": "interface_name",
}  # fmt: skip
"""Options of one network, and fields of `PerNetworkOptions`."""
_MAY_BE_SECRET: Final = {"--annotation", "--log-opt", "--passwd-entry"}
"""Of a secret the command has only the name."""
_DURATION: Final = re.compile(r"([0-9.]+)(h|ms|us|ns|m|s)")
_SECONDS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


def fields_of(options: Iterable[Option]) -> dict[str, object]:
    """The fields for options of which each `is_understood`. Raises ValueError, KeyError."""
    found: Json = {}
    for name, value in options:
        found = joined(found, READERS[name](value))
    return dict(found)


def is_understood(option: Option) -> bool:
    """Whether an option can be asked for as it was given."""
    try:
        fields_of([option])
    except (AttributeError, KeyError, ValueError):
        return False
    return True


def words_of(options: Iterable[Option]) -> list[str]:
    """The words of the command, with what looks secret masked."""
    return [
        f"{name}={mask_assignment(value) if name in _MAY_BE_SECRET else value}" for name, value in options
    ]


def joined(one: Json, other: Json) -> dict[str, object]:
    """Both: objects are united, arrays put one after the other, of anything else the other's is taken."""
    found = dict(one)
    for key, value in other.items():
        before = found.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            found[key] = joined(before, value)
        elif isinstance(before, list) and isinstance(value, list):
            found[key] = [*before, *value]
        else:
            found[key] = value
    return found


def in_bytes(text: str, base: int = 1024) -> int:
    """`64m`, `1.5 MB` as bytes (docker/go-units). Raises ValueError."""
    number = text.strip().lower().removesuffix("b").removesuffix("i")
    unit = number[-1:] if number[-1:] in _UNITS else ""
    return int(float(number.removesuffix(unit)) * base ** _UNITS[unit])


# ---------------------------------------------------------------------- how one value is read


def _text(key: str) -> Reader:
    return lambda value: {key: value}


def _flag(key: str) -> Reader:
    return lambda value: {key: is_true(value)}


def _number(key: str) -> Reader:
    return lambda value: {key: int(value)}


def _list(key: str) -> Reader:
    """Several of them with commas between (pflag `StringSlice`)."""
    return lambda value: {key: _parts(value)}


def _pair(key: str) -> Reader:
    return lambda value: {key: dict([_assignment(value)])}


def is_true(value: str) -> bool:
    """As Go's `strconv.ParseBool`. Raises ValueError."""
    if value not in {"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"}:
        raise ValueError(value)
    return value[0] in "1tT"


def _parts(value: str) -> list[str]:
    return [part for line in csv.reader([value]) for part in line]


def _assignment(value: str) -> tuple[str, str]:
    name, equals, text = value.partition("=")
    if not (name and equals):
        raise ValueError(value)
    return name, text


def _secret(value: str) -> dict[str, object]:
    """`name` or `name,type=env,target=T`; uid, gid and mode are of a file (`parseSecrets`)."""
    first, *rest = value.split(",")
    given = dict(_assignment(part) for part in ([] if "=" in first else [f"source={first}"]))
    given |= dict(_assignment(part) for part in ([first, *rest] if "=" in first else rest))
    known = {key.lower(): text for key, text in given.items()}
    if known.keys() - {"source", "type", "target", "mode", "uid", "gid"} or not known.get("source"):
        raise ValueError(value)
    source, kind, target = known["source"], known.get("type", "mount"), known.get("target", "")
    if kind == "env":
        return {"secret_env": {target or source: source}}
    if kind != "mount":
        raise ValueError(kind)
    mode = int(known["mode"], 8) if "mode" in known else _SECRET_MODE
    owner = {"UID": int(known.get("uid", "0")), "GID": int(known.get("gid", "0"))}
    return {"secrets": [{"Source": source, "Target": target, **owner, "Mode": mode}]}


def _image_volume(value: str) -> dict[str, object]:
    return {"image_volume_mode": "anonymous" if value == "bind" else value}


def _device_rules(value: str) -> dict[str, object]:
    """`c 1:3 rwm` (`parseLinuxResourcesDeviceAccess`)."""
    return {"device_cgroup_rule": [_device_rule(part) for part in _parts(value)]}


def _device_rule(value: str) -> dict[str, object]:
    kind, numbers, access = value.split(" ")
    major, _, minor = numbers.partition(":")
    found = {"allow": True, "type": kind, "access": access}
    given = {"major": major, "minor": minor}
    return found | {key: int(number) for key, number in given.items() if number not in {"", "*"}}


def _device_weights(value: str) -> dict[str, object]:
    """`/dev/sda:300`."""
    pairs = [part.rpartition(":") for part in _parts(value)]
    return {"weightDevice": {path: {"weight": int(weight)} for path, _, weight in pairs}}


def _weight(value: str) -> dict[str, object]:
    return {"resource_limits": {"blockIO": {"weight": int(value)}}}


def _cgroup_conf(value: str) -> dict[str, object]:
    return {"resource_limits": {"unified": dict(_assignment(part) for part in _parts(value))}}


def _on_failure(value: str) -> dict[str, object]:
    return {"health_check_on_failure_action": _ON_FAILURE[value]}


def _startup(key: str, read: Callable[[str], object]) -> Reader:
    return lambda value: {"startupHealthConfig": {key: read(value)}}


def _test(value: str) -> list[str]:
    """Words in JSON are a command; else it is one of a shell (`MakeHealthCheckFromCli`)."""
    words = json.loads(value) if value.startswith("[") else [value]
    if not words or words[0].split(" ")[0].upper() in {"CMD", "CMD-SHELL", "NONE"}:
        raise ValueError(value)
    return ["CMD", *words] if len(words) > 1 else ["CMD-SHELL", *words]


def _nanoseconds(value: str) -> int:
    """`1m30s` (Go's `time.ParseDuration`)."""
    parts = _DURATION.findall(value)
    if "".join(number + unit for number, unit in parts) != value:
        raise ValueError(value)
    return int(sum(float(number) * _SECONDS[unit] for number, unit in parts) * 1e9)


def _log(value: str) -> dict[str, object]:
    """Its `max-size` is told and asked for otherwise."""
    name, text = _assignment(value)
    if "," in value or name.lower() in {"driver", "max-size"}:
        raise ValueError(value)
    return {"log_configuration": {"path": text} if name.lower() == "path" else {"options": {name: text}}}


def _network(value: str) -> dict[str, object]:
    """`front:ip=10.0.0.9,alias=web` (`parseBridgeNetworkOptions`)."""
    name, _, options = value.partition(":")
    if not name or name in {"slirp4netns", "pasta"}:
        raise ValueError(value)
    found: Json = {}
    for key, text in map(_assignment, options.split(",")):
        field = _NETWORK[key]
        found = joined(found, {field: [text] if field in {"static_ips", "aliases"} else text})
    return {"networks": {name: found}}


def _security(value: str) -> dict[str, object]:
    """What is hidden from it, and how /proc is mounted; Podman tells the other kinds."""
    kind, said = _assignment(value)
    if kind == "proc-opts":
        return {"procfs_opts": said.split(",")}
    if kind == "mask":
        return {"mask": said.split(":")}
    if (kind, said) == ("label", "nested"):
        return {"label_nested": True}
    if kind == "unmask" or (kind, said) == ("systempaths", "unconfined"):
        return {"unmask": [said if kind == "unmask" else "ALL"]}
    raise ValueError(value)


def _no_dns(value: str) -> dict[str, object]:
    if value != "none":
        raise ValueError(value)
    return {"use_image_resolve_conf": True}


def _devices(value: str) -> dict[str, object]:
    return {"devices": [{"path": path} for path in _parts(value)]}


def _image_mount(value: str) -> dict[str, object]:
    """`type=image,source=web:1,destination=/x` (`getImageVolume`)."""
    given = dict(_assignment(part) for part in _parts(value))
    source = given.pop("source", "") or given.pop("src", "")
    place = given.pop("destination", "") or given.pop("target", "") or given.pop("dst", "")
    writable = is_true(given.pop("rw", "") or given.pop("readwrite", "false"))
    inside = given.pop("subpath", "")
    if given != {"type": "image"} or not (source and place):
        raise ValueError(value)
    more = {"subPath": inside} if inside else {}
    return {"image_volumes": [{"Source": source, "Destination": place, "ReadWrite": writable, **more}]}


def _overlay(value: str) -> dict[str, object]:
    """`/folder:/x:O` (`GenVolumeMounts`)."""
    source, place, mode = value.split(":")
    if "O" not in mode.split(",") or not source.startswith("/"):
        raise ValueError(value)
    return {"overlay_volumes": [{"source": source, "destination": place, "options": mode.split(",")}]}


def _cgroup_namespace(value: str) -> dict[str, object]:
    if value not in {"host", "private"}:
        raise ValueError(value)
    return {"cgroupns": {"nsmode": value}}


READERS: Final[Mapping[str, Reader]] = {
    "--secret": _secret,
    "--tz": _text("timezone"),
    "--annotation": _pair("annotations"),
    "--no-hosts": _flag("use_image_hosts"),
    "--no-hostname": _flag("use_image_hostname"),
    "--hosts-file": _text("base_hosts_file"),
    "--systemd": lambda value: {"systemd": value.lower()},
    "--passwd": _flag("manage_password"),
    "--passwd-entry": _text("passwd_entry"),
    "--group-entry": _text("group_entry"),
    "--hostuser": _list("hostusers"),
    "--image-volume": _image_volume,
    "--umask": _text("umask"),
    "--read-only-tmpfs": _flag("read_write_tmpfs"),
    "--requires": _list("dependencyContainers"),
    "--timeout": _number("timeout"),
    "--sdnotify": _text("sdnotifyMode"),
    "--seccomp-policy": _text("seccomp_policy"),
    "--unsetenv": lambda value: {"unsetenv": [value]},
    "--unsetenv-all": _flag("unsetenvall"),
    "--chrootdirs": _list("chroot_directories"),
    "--personality": lambda value: {"personality": {"domain": value}},
    "--init-path": _text("init_path"),
    "--cgroups": _text("cgroups_mode"),
    "--cgroup-conf": _cgroup_conf,
    "--rdt-class": lambda value: {"intelRdt": {"closID": value}},
    "--shm-size-systemd": lambda value: {"shm_size_systemd": in_bytes(value)},
    "--device-cgroup-rule": _device_rules,
    "--blkio-weight": _weight,
    "--blkio-weight-device": _device_weights,
    "--health-on-failure": _on_failure,
    "--health-startup-cmd": _startup("Test", _test),
    "--health-startup-interval": _startup("Interval", _nanoseconds),
    "--health-startup-timeout": _startup("Timeout", _nanoseconds),
    "--health-startup-retries": _startup("Retries", int),
    "--health-startup-success": _startup("Successes", int),
    "--log-opt": _log,
    "--health-log-destination": _text("healthLogDestination"),
    "--health-max-log-count": _number("healthMaxLogCount"),
    "--health-max-log-size": _number("healthMaxLogSize"),
    "--network": _network,
    "--security-opt": _security,
    "--dns": _no_dns,
    "--device": _devices,
    "--mount": _image_mount,
    "--volume": _overlay,
    "--cgroupns": _cgroup_namespace,
    "--conmon-pidfile": _text("conmon_pid_file"),
    "--rmi": _flag("removeImage"),
    "--storage-opt": _pair("storage_opts"),
    "--ip6": _text("ip6"),
}
"""How the value of each becomes fields. `ip6` and `networks` are for `libpod_spec` to give to a network."""
