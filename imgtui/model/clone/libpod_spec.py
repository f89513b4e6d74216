"""A container as Podman's own API is asked for it: the body of `POST /libpod/containers/create`.

Made of the body that Docker's API is asked with, as Podman does it for its Docker-compatible API (`cliOpts`
in `pkg/api/handlers/compat/containers_create.go`, `FillOutSpecGen` in `pkg/specgenutil`), with the options
that only this API takes. Measured with Podman 4.3 and 5.8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from imgtui.model.clone.config import clean
from imgtui.model.clone.libpod_options import Option, fields_of, in_bytes, joined
from imgtui.model.clone.mounts import bind_parts
from imgtui.model.clone.podman import signal_number
from imgtui.model.safety.json import LIBPOD, Json, mapping, objects, text, texts

_OPTIONS, _COMMAND, _NOTED = "Options", "CreateCommand", "Annotations"

_IMPLIED: Final = {
    "systemd": "true",
    "sdnotifyMode": "container",
    "image_volume_mode": "anonymous",
    "create_working_dir": True,
}
"""What the podman command asks for where nobody says otherwise; a missing working directory is made, as by
the Docker-compatible API: without it such a container does not start."""
_INTERVAL, _RETRIES = 30_000_000_000, 3
"""Nanoseconds; `libpod/define/healthchecks.go`."""
_PERIOD: Final = 100_000
"""Microseconds of `--cpus`."""
_MODES: Final = {"private", "host", "shareable", "none"}
_PROTOCOLS: Final = {"tcp", "udp", "sctp"}

Reader = Callable[[object], Json]


class NoTranslation(ValueError):
    """A body has something that is not known to be the same by Podman's own API; its name is the message."""


def with_libpod(
    body: Json, options: Iterable[Option], command: Iterable[str], noted: Mapping[str, str]
) -> dict[str, object]:
    """The body with options that only Podman's own API takes.

    `command` is that which had them, `noted` what it noted in annotations: Podman tells it as options.
    """
    more = {_OPTIONS: [list(each) for each in options], _COMMAND: list(command), _NOTED: dict(noted)}
    return {**body, LIBPOD: more}


def libpod_options(body: Json) -> list[Option]:
    """The options of a body that only Podman's own API takes."""
    found = mapping(body.get(LIBPOD)).get(_OPTIONS)
    return [(str(each[0]), str(each[1])) for each in found] if isinstance(found, list) else []


def spec_generator(name: str, body: Json) -> dict[str, object]:
    """The SpecGenerator of a container. Raises NoTranslation."""
    asked = fields_of(libpod_options(body))
    host = mapping(body.get("HostConfig"))
    image = text(body.get("Image")).removeprefix("sha256:")  # as Podman tells it: it finds a name then
    spec: Json = {**_IMPLIED, "name": name, "image": image}
    for record, table in ((body, _OF_CONFIG), (host, _OF_HOST)):
        for key, value in record.items():
            if value is None or (not value and key not in _EVEN_EMPTY):
                continue
            if key not in table:
                raise NoTranslation(key)
            spec = joined(spec, table[key](value))
    spec = joined(spec, _processor(host))
    spec = joined(spec, _networks(body, asked))
    spec = joined(spec, {"annotations": {**mapping(mapping(body.get(LIBPOD)).get(_NOTED))}})
    spec = joined(spec, {key: value for key, value in asked.items() if key not in {"networks", "ip6"}})
    spec = _without_made(spec, asked)
    if command := texts(mapping(body.get(LIBPOD)).get(_COMMAND)):
        spec = {**spec, "containerCreateCommand": command}
    if spec.get("read_only_filesystem"):
        return {"read_write_tmpfs": True, **spec}  # Podman 5; 4.3 tells those folders like every tmpfs
    return {key: value for key, value in spec.items() if key != "read_write_tmpfs"}


# ---------------------------------------------------------------------- what depends on several fields


def _networks(body: Json, asked: Json) -> Json:
    """Networks with their addresses and names; options name the network, as it was called then."""
    mode = text(mapping(body.get("HostConfig")).get("NetworkMode"))
    given = {
        name: _network(mapping(endpoint))
        for name, endpoint in mapping(mapping(body.get("NetworkingConfig")).get("EndpointsConfig")).items()
    }
    first = mode if mode in given else next(iter(given), "")
    if first and (mac_address := text(body.get("MacAddress"))):
        given[first] = joined(given[first], {"static_mac": mac_address})
    if first and (ip6 := text(asked.get("ip6"))):
        given[first] = joined(given[first], {"static_ips": [ip6]})
    for name, options in mapping(asked.get("networks")).items():
        place = first if name in {"bridge", "default"} and name not in given else name
        if place not in given:
            continue  # it was taken out of it
        known = given[place]
        fresh = {
            key: [each for each in value if each not in texts(known.get(key))]
            if isinstance(value, list)
            else value
            for key, value in mapping(options).items()
        }
        given[place] = joined(known, fresh)
    return {"Networks": given} if given else {}


def _without_made(spec: Json, asked: Json) -> Json:
    """Without what Podman tells of volumes, devices and paths that options ask for."""
    volumes = [*objects(asked.get("overlay_volumes")), *objects(asked.get("image_volumes"))]
    places = {clean(volume.get("destination") or volume.get("Destination")) for volume in volumes}
    mounts = objects(spec.get("mounts"))
    made = {text(mount.get("destination")) for mount in mounts if mount.get("type") == "overlay"}
    if made - places:
        raise NoTranslation("Binds")
    told_too = {key: asked[key] for key in ("devices", "mask", "unmask") if key in asked}
    left = [mount for mount in mounts if clean(mount.get("destination")) not in places]
    return {**spec, **({"mounts": left} if mounts else {}), **told_too}


def _network(endpoint: Json) -> Json:
    ipam = mapping(endpoint.get("IPAMConfig"))
    if unknown := {key for key, value in endpoint.items() if value} - {"IPAMConfig", "Aliases", "MacAddress"}:
        raise NoTranslation(min(unknown))
    addresses = [text(ipam.get(key)) for key in ("IPv4Address", "IPv6Address") if ipam.get(key)]
    found = {
        "static_ips": addresses,
        "aliases": texts(endpoint.get("Aliases")),
        "static_mac": text(endpoint.get("MacAddress")),
    }
    return {key: value for key, value in found.items() if value}


def _processor(host: Json) -> Json:
    """A share of processors as period and quota."""
    nano = host.get("NanoCpus")
    found = {
        "period": _PERIOD if nano else host.get("CpuPeriod"),
        "quota": nano // 10_000 if isinstance(nano, int) and nano else host.get("CpuQuota"),
        "shares": host.get("CpuShares"),
        "realtimePeriod": host.get("CpuRealtimePeriod"),
        "realtimeRuntime": host.get("CpuRealtimeRuntime"),
        "cpus": host.get("CpusetCpus"),
        "mems": host.get("CpusetMems"),
    }
    cpu = {key: value for key, value in found.items() if value}
    return {"resource_limits": {"cpu": cpu}} if cpu else {}


# ---------------------------------------------------------------------- one field each


def _to(key: str) -> Reader:
    return lambda value: {key: value}


def _nothing(_: object) -> Json:
    """Not asked for, or asked for with another field."""
    return {}


def _only(*usual: object) -> Reader:
    """A field that is not asked for: it may have no other value than these."""

    def read(value: object) -> Json:
        if value not in usual:
            raise NoTranslation(str(value))
        return {}

    return read


def _environment(value: object) -> Json:
    pairs = [entry.partition("=") for entry in texts(value)]
    if any(not equals for _, equals, _ in pairs):
        raise NoTranslation("Env")
    return {"env": {name: said for name, _, said in pairs}}


def _exposed(value: object) -> Json:
    found: dict[str, str] = {}
    for port in mapping(value):
        number, _, protocol = port.partition("/")
        if not number.isdecimal() or (protocol or "tcp") not in _PROTOCOLS:
            raise NoTranslation("ExposedPorts")
        found[number] = ",".join(filter(None, (found.get(number), protocol or "tcp")))
    return {"expose": found}


def _entrypoint(value: object) -> Json:
    return {"entrypoint": texts(value)}


def _health(value: object) -> Json:
    check = mapping(value)
    if not texts(check.get("Test")):
        raise NoTranslation("Healthcheck")
    implied = {"Interval": _INTERVAL, "Timeout": _INTERVAL, "Retries": _RETRIES}
    if texts(check.get("Test"))[:1] == ["NONE"]:
        return {"healthconfig": {"Test": ["NONE"]}}
    return {"healthconfig": {**implied, **{key: said for key, said in check.items() if said}}}


def _stop_signal(value: object) -> Json:
    if not (number := signal_number(text(value))):
        raise NoTranslation("StopSignal")
    return {"stop_signal": number}


def _anonymous(value: object) -> Json:
    return {"volumes": [{"Name": "", "Dest": path, "Options": None} for path in mapping(value)]}


def _binds(value: object) -> Json:
    """`specgen.GenVolumeMounts`."""
    mounts: list[Json] = []
    volumes: list[Json] = []
    for bind in texts(value):
        source, target, mode = bind_parts(bind)
        options = [word for word in mode.split(",") if word]
        if "lowerdir" in mode:  # what an option has made: `_without_made` looks whether it is there
            mounts.append({"destination": target, "type": "overlay"})
            continue
        if "O" in options or "idmap" in mode:
            raise NoTranslation("Binds")
        if source.startswith("/"):
            mounts.append({"destination": target, "type": "bind", "source": source, "options": options})
        else:
            volumes.append({"Name": source, "Dest": target, "Options": options})
    return {key: found for key, found in (("mounts", mounts), ("volumes", volumes)) if found}


def _mounts(value: object) -> Json:
    """Volumes alone: of others Podman tells otherwise (`Binds`, `Tmpfs`)."""
    volumes = []
    for mount in objects(value):
        options = mapping(mount.get("VolumeOptions"))
        if mount.get("Type") != "volume" or any(options.get(key) for key in options if key != "NoCopy"):
            raise NoTranslation("Mounts")
        modes = [*(["ro"] if mount.get("ReadOnly") else []), *(["nocopy"] if options.get("NoCopy") else [])]
        volumes.append(
            {"Name": text(mount.get("Source")), "Dest": text(mount.get("Target")), "Options": modes}
        )
    return {"volumes": volumes}


def _tmpfs(value: object) -> Json:
    return {
        "mounts": [
            {
                "destination": path,
                "type": "tmpfs",
                "source": "tmpfs",
                "options": [word for word in text(options).split(",") if word],
            }
            for path, options in mapping(value).items()
        ]
    }


def _log(value: object) -> Json:
    log = mapping(value)
    options = {**mapping(log.get("Config"))}
    size = text(options.pop("max-size", ""))
    path = text(options.pop("path", ""))
    found = {
        "driver": text(log.get("Type")),
        "size": in_bytes(size, 1000) if size else 0,
        "path": path,
        "options": options,
    }
    return {"log_configuration": {key: said for key, said in found.items() if said}}


def _ports(value: object) -> Json:
    found: list[Json] = []
    for port, bound in mapping(value).items():
        number, _, protocol = port.partition("/")
        for binding in objects(bound):
            at = text(binding.get("HostPort")) or "0"
            if not (number.isdecimal() and at.isdecimal()):
                raise NoTranslation("PortBindings")
            place = {"host_ip": text(binding.get("HostIp")), "host_port": int(at)}
            found.append({**place, "container_port": int(number), "protocol": protocol or "tcp"})
    return {"portmappings": found}


def _restart(value: object) -> Json:
    policy = mapping(value)
    name, count = text(policy.get("Name")), policy.get("MaximumRetryCount")
    if not name:
        return {}
    tries = {"restart_tries": count} if name == "on-failure" and count else {}
    return {"restart_policy": name, **tries}


def _remove(_: object) -> Json:
    return {"remove": True, "volatile": True}


def _namespace(key: str) -> Reader:
    def read(value: object) -> Json:
        mode, _, place = text(value).partition(":")
        if place and mode in {"container", "ns"}:
            return {key: {"nsmode": "path" if mode == "ns" else mode, "value": place}}
        if mode not in _MODES or place:
            raise NoTranslation(text(value))
        return {key: {"nsmode": mode}}

    return read


def _network_mode(value: object) -> Json:
    mode = text(value)
    if mode.startswith(("container:", "ns:")) or mode in {"host", "none", "private"}:
        return _namespace("netns")(mode)
    if ":" in mode or mode in {"slirp4netns", "pasta", "pod"}:
        raise NoTranslation(mode)
    return {"netns": {"nsmode": "bridge"}}


def _security(value: object) -> Json:
    found: Json = {}
    for option in texts(value):
        kind, said = _security_option(option)
        if kind == "no-new-privileges":
            found = joined(found, {"no_new_privileges": said != "false"})
        elif kind == "seccomp":
            found = joined(found, {"seccomp_profile_path": said})
        elif kind == "apparmor":
            found = joined(found, {"apparmor_profile": said})
        elif kind == "label":
            found = joined(found, {"selinux_opts": said.split(",label=")})
        else:  # Podman 5 tells more kinds
            try:
                found = joined(found, fields_of([("--security-opt", option)]))
            except ValueError as error:
                raise NoTranslation(kind) from error
    return found


def _security_option(option: str) -> tuple[str, str]:
    kind, _, said = option.partition("=" if "=" in option else ":")
    return kind, said


def _memory(key: str) -> Reader:
    return lambda value: {"resource_limits": {"memory": {key: value}}}


def _swap(value: object) -> Json:
    return _memory("swap")(value) if isinstance(value, int) and value > 0 else {}


def _pids(value: object) -> Json:
    return {"resource_limits": {"pids": {"limit": value}}}


def _rlimits(value: object) -> Json:
    return {
        "r_limits": [
            {"type": text(limit.get("Name")), "soft": limit.get("Soft"), "hard": limit.get("Hard")}
            for limit in objects(value)
        ]
    }


def _rates(key: str) -> Reader:
    """Podman tells any path that has the numbers of the device, which is as good."""
    return lambda value: {
        key: {text(each.get("Path")): {"rate": each.get("Rate")} for each in objects(value)}
    }


def _devices(value: object) -> Json:
    keys = ("PathOnHost", "PathInContainer", "CgroupPermissions")
    return {"devices": [{"path": ":".join(text(each.get(key)) for key in keys)} for each in objects(value)]}


_EVEN_EMPTY: Final = frozenset({"StopTimeout", "MemorySwappiness"})
_OF_CONFIG: Final[Mapping[str, Reader]] = {
    **dict.fromkeys(("Image", "HostConfig", "NetworkingConfig", "MacAddress", "StdinOnce", LIBPOD), _nothing),
    **dict.fromkeys(("AttachStdin", "AttachStdout", "AttachStderr"), _nothing),
    "Hostname": _to("hostname"),
    "User": _to("user"),
    "WorkingDir": _to("work_dir"),
    "Tty": _to("terminal"),
    "OpenStdin": _to("stdin"),
    "Env": _environment,
    "Labels": _to("labels"),
    "ExposedPorts": _exposed,
    "Entrypoint": _entrypoint,
    "Cmd": _to("command"),
    "Healthcheck": _health,
    "StopSignal": _stop_signal,
    "StopTimeout": _to("stop_timeout"),
    "Volumes": _anonymous,
}
_OF_HOST: Final[Mapping[str, Reader]] = {
    **dict.fromkeys(("CpuShares", "CpuPeriod", "CpuQuota", "NanoCpus", "CpusetCpus", "CpusetMems"), _nothing),
    **dict.fromkeys(("CpuRealtimePeriod", "CpuRealtimeRuntime"), _nothing),
    **dict.fromkeys(("ConsoleSize", "Annotations"), _nothing),  # Podman 5 tells those of `--annotation`
    "Binds": _binds,
    "Mounts": _mounts,
    "Tmpfs": _tmpfs,
    "VolumesFrom": _to("volumes_from"),
    "LogConfig": _log,
    "NetworkMode": _network_mode,
    "PortBindings": _ports,
    "PublishAllPorts": _to("publish_image_ports"),
    "RestartPolicy": _restart,
    "AutoRemove": _remove,
    "CapAdd": _to("cap_add"),
    "CapDrop": _to("cap_drop"),
    "Dns": _to("dns_server"),
    "DnsOptions": _to("dns_option"),
    "DnsSearch": _to("dns_search"),
    "ExtraHosts": _to("hostadd"),
    "GroupAdd": _to("groups"),
    "IpcMode": _namespace("ipcns"),
    "PidMode": _namespace("pidns"),
    "UTSMode": _namespace("utsns"),
    "UsernsMode": _only("host"),
    "CgroupnsMode": _nothing,
    "Cgroups": _only("default"),
    "CgroupParent": _to("cgroup_parent"),
    "OomScoreAdj": _to("oom_score_adj"),
    "Privileged": _to("privileged"),
    "ReadonlyRootfs": _to("read_only_filesystem"),
    "Init": _to("init"),
    "SecurityOpt": _security,
    "ShmSize": _to("shm_size"),
    "Sysctls": _to("sysctl"),
    "Memory": _memory("limit"),
    "MemoryReservation": _memory("reservation"),
    "MemorySwap": _swap,
    "MemorySwappiness": _memory("swappiness"),
    "OomKillDisable": _memory("disableOOMKiller"),
    "PidsLimit": _pids,
    "Ulimits": _rlimits,
    "Devices": _devices,
    "BlkioDeviceReadBps": _rates("throttleReadBpsDevice"),
    "BlkioDeviceWriteBps": _rates("throttleWriteBpsDevice"),
    "BlkioDeviceReadIOps": _rates("throttleReadIOPSDevice"),
    "BlkioDeviceWriteIOps": _rates("throttleWriteIOPSDevice"),
}
