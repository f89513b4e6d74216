"""What Podman's Docker-compatible API says of a container, said as Docker says it.

Measured with Podman 4.3.1 and 5.8.6, and read in its `pkg/api/handlers/compat/containers.go`
(`LibpodToContainerJSON`) and `containers_create.go` (`cliOpts`): some of what it says it does not take
back, some it never says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from imgtui.model.clone.config import name_of
from imgtui.model.clone.networks import shared_with
from imgtui.model.core.printable import printable
from imgtui.model.safety.json import Json, mapping, objects, text, texts

_PATH: Final = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ADDED: Final = {"TERM=xterm", "container=podman", _PATH}
"""What Podman adds where neither people nor the image set it (`pkg/env/env.go`, `GetDefaultEnv`)."""
_HIDDEN: Final = "*******"
"""What Podman 5 tells for the value of a secret, by the secret's name."""
_GENERATED: Final = (
    "io.container.manager", "io.kubernetes.cri-o.", "io.podman.annotations.", "org.opencontainers.image.",
    "org.systemd.property.KillSignal", "org.systemd.property.TimeoutStopUSec",
)  # fmt: skip
"""How annotations begin that Podman 5 writes by other options or the image, and tells as if they were set."""
_ASKED_USERNS: Final = "io.podman.annotations.userns"
"""The user namespace that was asked for, also where that is what every container has (Podman 5)."""
_KEEPS_WORDS: Final = (1, 44)
"""The API of Podman 5.8, from which it does not split the arguments of a health check."""
_SIGNALS: Final = {
    "HUP": 1, "INT": 2, "QUIT": 3, "ABRT": 6, "KILL": 9, "USR1": 10, "SEGV": 11, "USR2": 12, "PIPE": 13,
    "ALRM": 14, "TERM": 15, "CONT": 18, "STOP": 19, "TSTP": 20, "WINCH": 28, "PWR": 30, "RTMIN": 34,
}  # fmt: skip
"""Linux on most architectures (signal(7)): it is told of the engine's machine, not of this one."""


def as_docker_says(
    container: Json,
    image: Json,
    *,
    home_was_set: bool | None = None,
    from_secrets: Mapping[str, str] | None = None,
) -> Json:
    """The container with what Podman added taken out, and what is the image's spelled as the image does.

    `home_was_set` is whether somebody set the variable HOME, None where that is not known. `from_secrets` has
    the name of a secret by that of the variable that has its value: it is no part of a configuration.
    """
    config, host = mapping(container.get("Config")), mapping(container.get("HostConfig"))
    said = _config(config, host, image)
    uuid = f"container_uuid={text(container.get('Id'))[:32]}"  # where systemd is what runs in it
    secrets = from_secrets or {}
    generated = {uuid, *(f"{secret}={_HIDDEN}" for secret in secrets.values())}
    said["Env"] = [
        entry
        for entry in texts(said.get("Env"))
        if entry in texts(image.get("Env"))
        or not (entry in generated or name_of(entry) in secrets or _is_added_home(entry, home_was_set))
    ]
    return {**container, "Config": said, "HostConfig": _host(host)}


def cannot(body: Json, api: tuple[int, int]) -> tuple[str, ...]:
    """What Podman's Docker-compatible API would not do as it is meant, as it follows on `it loses`."""
    test = texts(mapping(body.get("Healthcheck")).get("Test"))
    if api < _KEEPS_WORDS and test[:1] == ["CMD"] and any(len(word.split()) != 1 for word in test):
        return ("the arguments of its health check: Podman splits them at blanks",)
    return ()


def refuses_update(container: Json) -> bool:
    """Whether Podman (5.8) refuses to change anything of it, a restart policy too.

    That is so for a health check without a limit of time, as `podman run --no-healthcheck` makes it.
    """
    check = mapping(mapping(container.get("Config")).get("Healthcheck"))
    return bool(texts(check.get("Test"))) and not check.get("Timeout")


def untold_ports(host: Json, image: Json, new_image: Json | None) -> tuple[str, ...]:
    """A note on ports that were perhaps published because the image exposes them (`-P`).

    Podman tells the ports that it chose as if somebody had set them.
    """
    if not host.get("PublishAllPorts") or new_image is None:
        return ()
    exposed = mapping(new_image.get("ExposedPorts"))
    left = [
        port
        for port in mapping(host.get("PortBindings"))
        if port in mapping(image.get("ExposedPorts")) and port not in exposed
    ]
    told = "stays published: Podman does not tell whether it was named or is the image's (-P)"
    return (f"published ports: {printable(', '.join(left))} {told}",) if left else ()


def _config(config: Json, host: Json, image: Json) -> dict[str, object]:
    said = dict(config)
    given = texts(image.get("Env"))
    hostname = f"HOSTNAME={text(config.get('Hostname'))}"
    hosts_name = "host" in {host.get("UTSMode"), host.get("NetworkMode")}
    said["Env"] = [
        entry
        for entry in texts(config.get("Env"))
        if entry in given
        or not (entry in _ADDED or entry == hostname or (hosts_name and name_of(entry) == "HOSTNAME"))
    ]
    signal = text(image.get("StopSignal"))
    if text(config.get("StopSignal")) == str(signal_number(signal or "TERM")):
        said["StopSignal"] = signal
    if not image.get("WorkingDir") and config.get("WorkingDir") == "/":
        said["WorkingDir"] = image.get("WorkingDir")
    return said


def _host(host: Json) -> dict[str, object]:
    """Names it does not read back, limits that it says twice, a file that it would write again."""
    said = {key: value for key, value in host.items() if key not in {"ContainerIDFile", "Runtime"}}
    said["Ulimits"] = [
        {**limit, "Name": text(limit.get("Name")).removeprefix("RLIMIT_").lower()}
        for limit in objects(host.get("Ulimits"))
    ]
    said["Devices"] = [  # Podman 5 tells no permissions, and refuses none
        {**device, "CgroupPermissions": text(device.get("CgroupPermissions")) or "rwm"}
        for device in objects(host.get("Devices"))
    ]
    if annotations := mapping(host.get("Annotations")):
        said["Annotations"] = {
            name: value for name, value in annotations.items() if not name.startswith(_GENERATED)
        }
        said["UsernsMode"] = host.get("UsernsMode") or text(annotations.get(_ASKED_USERNS))
    if host.get("IpcMode") in {"host", "none"}:
        said["ShmSize"] = 0  # refused there (Podman 5)
    for mode in ("PidMode", "UTSMode"):
        if host.get(mode) == "private":
            said[mode] = ""  # as Docker calls it, whose command knows no other word
    if host.get("CpuPeriod") or host.get("CpuQuota"):
        said["NanoCpus"] = 0
    if host.get("MemorySwappiness") in {-1, 0}:
        said["MemorySwappiness"] = None  # told of those for which nobody set it; 0, asked for, would be set
    bound = {} if shared_with(host.get("NetworkMode")) else mapping(host.get("PortBindings"))
    said["PortBindings"] = {
        port: where for port, where in bound.items() if where
    }  # null is an exposed port's
    return said


def _is_added_home(entry: str, was_set: bool | None) -> bool:
    """Podman sets HOME to the home of the user that it finds in the image's `/etc/passwd`, or to nothing."""
    name, _, value = entry.partition("=")
    if name != "HOME" or was_set:
        return False
    return was_set is False or value in {"", "/", "/root"} or value.startswith("/home/")


def signal_number(signal: str) -> int:
    """The number of `SIGUSR1`, `usr1`, `SIGRTMIN+3` or `10`; 0 for what is none."""
    name, _, more = signal.upper().removeprefix("SIG").partition("+")
    if name.isdecimal():
        return int(name)
    return _SIGNALS.get(name, 0) + (int(more) if more.isdecimal() else 0)
