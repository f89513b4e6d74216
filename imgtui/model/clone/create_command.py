"""`docker create …` for a body of `POST /containers/create`: for people to read, and to run by hand.

Values that look secret are masked. Options are those of docker/cli (`cli/command/container/opts.go`, `opts`),
fields those of the Engine API; what the client gives no option to is left out. A health check without a shell
is shown as one with a shell, which is the only form that the client has.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from imgtui.model.clone.create_networks import in_one, network_options
from imgtui.model.clone.restart import restart_flag
from imgtui.model.safety.secrets import mask_arguments, mask_assignment

Values = Sequence[str]
Reader = Callable[[object], Values]

HIDDEN: Final = "\0"
"""Around a mark in the place of a value that is not shown: it is shown, as no value can have it."""
NANOSECONDS: Final = 1_000_000_000
_CONTAINER_DEVICES: Final = "cdi"


def create_command(name: str, body: Mapping[str, object]) -> str:
    """One line, quoted for a shell."""
    host = _mapping(body.get("HostConfig"))
    options = [
        *options_of(body),
        *network_options(host, _mapping(_mapping(body.get("NetworkingConfig")).get("EndpointsConfig"))),
    ]
    entry, words = _words(body)
    chosen = ["--entrypoint", entry] if entry is not None else []
    command = ["docker", "create", "--name", name, *options, *chosen, str(body.get("Image", ""))]
    return shlex.join([*command, *masked_words(words)])


def masked_words(words: Sequence[str]) -> list[str]:
    """The words of a command, with what looks secret masked."""
    masked = mask_arguments(words)
    return [word if HIDDEN in word else other for word, other in zip(words, masked, strict=True)]


def options_of(body: Mapping[str, object]) -> list[str]:
    """The options for what a body has, without its networks, name, image and command."""
    host = _mapping(body.get("HostConfig"))
    hidden = (host.get("MaskedPaths"), host.get("ReadonlyPaths"))
    shown = (
        ["--security-opt", "systempaths=unconfined"]
        if hidden == ([], []) and not host.get("Privileged")
        else []
    )
    pairs = (*_options(body, _OF_CONFIG), *_options(host, _OF_HOST))
    return [*(word for pair in pairs for word in pair if word), *shown]


def settings_of_one(config: Mapping[str, object], host: Mapping[str, object]) -> list[tuple[str, str]]:
    """Options, with their values, for what is of one container whatever its image, mounts and networks."""
    own = [each for each in _OF_CONFIG if each[0] in _OF_ONE]
    rest = [each for each in _OF_HOST if each[0] not in _OF_PLACES]
    return [*_options(config, own), *_options(host, rest)]


def _options(record: Mapping[str, object], table: Sequence[tuple[str, str, Reader]]) -> list[tuple[str, str]]:
    """Options and values, which are empty for a switch."""
    return [
        (option, text) for key, option, read in table if (value := record.get(key)) for text in read(value)
    ]


def _words(body: Mapping[str, object]) -> tuple[str | None, list[str]]:
    """`--entrypoint` takes one word: further ones come before the command."""
    entry = [str(word) for word in _items(body.get("Entrypoint"))]
    command = [str(word) for word in _items(body.get("Cmd"))]
    return (entry[0], [*entry[1:], *command]) if entry else (None, command)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


# ---------------------------------------------------------------------- how one value is written


def _text(value: object) -> Values:
    return [str(value)]


def _flag(_: object) -> Values:
    return [""]


def _list(value: object) -> Values:
    return [str(item) for item in _items(value)]


def _masked(assignment: str) -> str:
    return assignment if HIDDEN in assignment else mask_assignment(assignment)


def _assignments(value: object) -> Values:
    return [_masked(str(item)) for item in _items(value)]


def _pairs(value: object) -> Values:
    return [_masked(f"{key}={text}") for key, text in _mapping(value).items()]


def _keys(value: object) -> Values:
    return list(_mapping(value))


def _bytes(value: object) -> Values:
    return [f"{value}b"] if isinstance(value, int) and value > 0 else ["-1"]


def _cpus(value: object) -> Values:
    return [f"{value / NANOSECONDS:g}"] if isinstance(value, int) else []


def _restart(value: object) -> Values:
    flag = restart_flag(_mapping(value))
    return [] if flag == "no" else [flag]


def _ports(value: object) -> Values:
    """`PortBindings`: container port to where it is bound."""
    return [
        ":".join(filter(None, (_host_ip(_mapping(bound)), str(_mapping(bound).get("HostPort") or ""), port)))
        for port, bindings in _mapping(value).items()
        for bound in _items(bindings) or [{}]
    ]


def _host_ip(bound: Mapping[str, object]) -> str:
    address = str(bound.get("HostIp") or "")
    return f"[{address}]" if ":" in address else address


def _mounts(value: object) -> Values:
    """`Mounts`, in the words of `--mount`."""
    found = []
    for mount in map(_mapping, _items(value)):
        parts = [f"type={mount.get('Type')}", *([f"src={mount['Source']}"] if mount.get("Source") else [])]
        parts.append(f"dst={mount.get('Target')}")
        parts += ["readonly"] if mount.get("ReadOnly") else []
        propagation = _mapping(mount.get("BindOptions")).get("Propagation")
        parts += [f"bind-propagation={propagation}"] if propagation else []
        parts += _bind_recursion(_mapping(mount.get("BindOptions")))
        parts += _volume_options(_mapping(mount.get("VolumeOptions")))
        tmpfs = _mapping(mount.get("TmpfsOptions"))
        parts += [f"tmpfs-size={tmpfs['SizeBytes']}"] if tmpfs.get("SizeBytes") else []
        mode = tmpfs.get("Mode")
        parts += [f"tmpfs-mode={mode:o}"] if isinstance(mode, int) and mode else []
        inside = _mapping(mount.get("ImageOptions")).get("Subpath")
        parts += [f"image-subpath={inside}"] if inside else []
        found.append(in_one(parts))
    return found


def _bind_recursion(options: Mapping[str, object]) -> list[str]:
    if options.get("NonRecursive"):
        return ["bind-recursive=disabled"]
    if options.get("ReadOnlyNonRecursive"):
        return ["bind-recursive=writable"]
    return ["bind-recursive=readonly"] if options.get("ReadOnlyForceRecursive") else []


def _volume_options(options: Mapping[str, object]) -> list[str]:
    driver = _mapping(options.get("DriverConfig"))
    return [
        *(["volume-nocopy"] if options.get("NoCopy") else []),
        *([f"volume-subpath={options['Subpath']}"] if options.get("Subpath") else []),
        *(f"volume-label={key}={value}" for key, value in _mapping(options.get("Labels")).items()),
        *([f"volume-driver={driver['Name']}"] if driver.get("Name") else []),
        *(
            f"volume-opt={_masked(f'{key}={value}')}"
            for key, value in _mapping(driver.get("Options")).items()
        ),
    ]


def _devices(value: object) -> Values:
    return [
        ":".join(str(device.get(key) or "") for key in ("PathOnHost", "PathInContainer", "CgroupPermissions"))
        for device in map(_mapping, _items(value))
    ]


def _gpus(value: object) -> Values:
    """Device requests but those of CDI have no other option than this one (docker/cli `opts/gpus.go`)."""
    return [
        _gpu(request)
        for request in map(_mapping, _items(value))
        if request.get("Driver") != _CONTAINER_DEVICES
    ]


def _gpu(request: Mapping[str, object]) -> str:
    count, devices = request.get("Count"), [str(each) for each in _items(request.get("DeviceIDs"))]
    capabilities = [str(each) for group in _items(request.get("Capabilities")) for each in _items(group)]
    fields = [f"driver={request['Driver']}"] if request.get("Driver") else []
    fields += [f"device={','.join(devices)}"] if devices else []
    wanted = [each for each in capabilities if each != "gpu"]
    fields += [f"capabilities={','.join(wanted)}"] if wanted else []
    fields += (
        [f"options={','.join(f'{k}={v}' for k, v in options.items())}"]
        if (options := _mapping(request.get("Options")))
        else []
    )
    number = "all" if count == -1 else str(count or "")
    if not fields:
        return number
    return in_one([*([f"count={number}"] if number and not devices else []), *fields])


def _container_devices(value: object) -> Values:
    """Devices by the Container Device Interface."""
    requests = (each for each in map(_mapping, _items(value)) if each.get("Driver") == _CONTAINER_DEVICES)
    return [str(device) for request in requests for device in _items(request.get("DeviceIDs"))]


def _rates(value: object) -> Values:
    """Limits of single devices: bytes or operations a second, or a weight."""
    return [
        f"{each.get('Path')}:{each.get('Rate') or each.get('Weight')}"
        for each in map(_mapping, _items(value))
    ]


def _ulimits(value: object) -> Values:
    return [
        f"{limit.get('Name')}={limit.get('Soft')}:{limit.get('Hard')}"
        for limit in map(_mapping, _items(value))
    ]


def _log_driver(value: object) -> Values:
    """`json-file` is what nearly every engine takes by itself."""
    driver = str(_mapping(value).get("Type") or "")
    return [] if driver in {"", "json-file"} else [driver]


def _log_options(value: object) -> Values:
    return _pairs(_mapping(value).get("Config"))


def _tmpfs(value: object) -> Values:
    return [f"{path}:{options}" if options else path for path, options in _mapping(value).items()]


def _health(value: object) -> Values:
    test = [str(word) for word in _items(_mapping(value).get("Test"))]
    if test[:1] == ["CMD-SHELL"]:
        return masked_words(test[1:2])
    return [shlex.join(masked_words(test[1:]))] if test[:1] == ["CMD"] else []


def _no_health(value: object) -> Values:
    return [""] if _items(_mapping(value).get("Test"))[:1] == ["NONE"] else []


def _health_time(key: str) -> Reader:
    def read(value: object) -> Values:
        found = _mapping(value).get(key)
        return [f"{found / NANOSECONDS:g}s"] if isinstance(found, int) and found else []

    return read


def _health_retries(value: object) -> Values:
    found = _mapping(value).get("Retries")
    return [str(found)] if found else []


_OF_ONE: Final = frozenset({"Hostname", "Domainname", "Tty", "OpenStdin", "StopTimeout"})
"""Of `Config`: what no image gives."""
_OF_PLACES: Final = frozenset({"Binds", "Mounts", "VolumesFrom", "RestartPolicy", "Links", "Annotations"})
"""Of `HostConfig`: what is told elsewhere, has the name of the container in it, or is the engine's own."""
_OF_CONFIG: Final[Sequence[tuple[str, str, Reader]]] = (
    ("Hostname", "--hostname", _text),
    ("Domainname", "--domainname", _text),
    ("MacAddress", "--mac-address", _text),
    ("User", "--user", _text),
    ("WorkingDir", "--workdir", _text),
    ("Tty", "--tty", _flag),
    ("OpenStdin", "--interactive", _flag),
    ("Env", "--env", _assignments),
    ("Labels", "--label", _pairs),
    ("ExposedPorts", "--expose", _keys),
    ("Volumes", "--volume", _keys),
    ("StopSignal", "--stop-signal", _text),
    ("StopTimeout", "--stop-timeout", _text),
    ("Healthcheck", "--no-healthcheck", _no_health),
    ("Healthcheck", "--health-cmd", _health),
    ("Healthcheck", "--health-interval", _health_time("Interval")),
    ("Healthcheck", "--health-timeout", _health_time("Timeout")),
    ("Healthcheck", "--health-start-period", _health_time("StartPeriod")),
    ("Healthcheck", "--health-start-interval", _health_time("StartInterval")),
    ("Healthcheck", "--health-retries", _health_retries),
)

_OF_HOST: Final[Sequence[tuple[str, str, Reader]]] = (
    ("AutoRemove", "--rm", _flag),
    ("RestartPolicy", "--restart", _restart),
    ("PortBindings", "--publish", _ports),
    ("PublishAllPorts", "--publish-all", _flag),
    ("Binds", "--volume", _list),
    ("Mounts", "--mount", _mounts),
    ("VolumesFrom", "--volumes-from", _list),
    ("Tmpfs", "--tmpfs", _tmpfs),
    ("Links", "--link", _list),
    ("Dns", "--dns", _list),
    ("DnsOptions", "--dns-option", _list),
    ("DnsSearch", "--dns-search", _list),
    ("ExtraHosts", "--add-host", _list),
    ("PidMode", "--pid", _text),
    ("IpcMode", "--ipc", lambda value: [] if value == "private" else [str(value)]),
    ("UTSMode", "--uts", _text),
    ("UsernsMode", "--userns", _text),
    ("Privileged", "--privileged", _flag),
    ("CapAdd", "--cap-add", _list),
    ("CapDrop", "--cap-drop", _list),
    ("SecurityOpt", "--security-opt", _list),
    ("GroupAdd", "--group-add", _list),
    ("ReadonlyRootfs", "--read-only", _flag),
    ("Init", "--init", _flag),
    ("Runtime", "--runtime", lambda value: [] if value in {"runc", "oci", "crun"} else [str(value)]),
    ("Devices", "--device", _devices),
    ("DeviceRequests", "--gpus", _gpus),
    ("DeviceRequests", "--device", _container_devices),
    ("DeviceCgroupRules", "--device-cgroup-rule", _list),
    ("Ulimits", "--ulimit", _ulimits),
    ("Sysctls", "--sysctl", _pairs),
    ("Memory", "--memory", _bytes),
    ("MemoryReservation", "--memory-reservation", _bytes),
    ("MemorySwap", "--memory-swap", _bytes),
    ("NanoCpus", "--cpus", _cpus),
    ("MemorySwappiness", "--memory-swappiness", _text),
    ("KernelMemory", "--kernel-memory", _bytes),
    ("BlkioWeight", "--blkio-weight", _text),
    ("BlkioWeightDevice", "--blkio-weight-device", _rates),
    ("BlkioDeviceReadBps", "--device-read-bps", _rates),
    ("BlkioDeviceWriteBps", "--device-write-bps", _rates),
    ("BlkioDeviceReadIOps", "--device-read-iops", _rates),
    ("BlkioDeviceWriteIOps", "--device-write-iops", _rates),
    ("CpuRealtimePeriod", "--cpu-rt-period", _text),
    ("CpuRealtimeRuntime", "--cpu-rt-runtime", _text),
    ("CpuShares", "--cpu-shares", _text),
    ("CpuPeriod", "--cpu-period", _text),
    ("CpuQuota", "--cpu-quota", _text),
    ("CpusetCpus", "--cpuset-cpus", _text),
    ("CpusetMems", "--cpuset-mems", _text),
    ("PidsLimit", "--pids-limit", _text),
    ("OomKillDisable", "--oom-kill-disable", _flag),
    ("OomScoreAdj", "--oom-score-adj", _text),
    ("ShmSize", "--shm-size", lambda value: [] if value == 64 << 20 else _bytes(value)),
    ("CgroupParent", "--cgroup-parent", _text),
    ("CgroupnsMode", "--cgroupns", lambda value: [] if value == "private" else [str(value)]),
    ("LogConfig", "--log-driver", _log_driver),
    ("LogConfig", "--log-opt", _log_options),
    ("StorageOpt", "--storage-opt", _pairs),
    ("Annotations", "--annotation", _pairs),
    ("VolumeDriver", "--volume-driver", _text),
)
