"""Configurations of containers, as options of `docker run`: each flag that changes what a container is.

What needs hardware, another machine or a kernel that the tests cannot count on is left out: `--gpus`, CDI
devices, `--isolation`, real-time scheduling, `--storage-opt`, `--checkpoint`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tests.engines import kinds

DOCKER: Final = frozenset(kinds.DOCKERS)
NEWER: Final = frozenset(kinds.SINCE_DOCKER26)
PODMAN5: Final = frozenset({*kinds.DOCKERS, "podman5"})
"""Docker, and Podman 5."""
ALL: Final = frozenset(kinds.EVERY_KIND)


@dataclass(frozen=True)
class Configuration:
    """How one container is made, and what is done to it before it is rolled back."""

    options: tuple[str, ...] = ()
    """`{name}` is the container's own name, `{needed}` another one that runs, `{network}` a network."""
    command: tuple[str, ...] = ()
    on: frozenset[str] = ALL
    """Engines that have it."""
    later: tuple[tuple[str, ...], ...] = ()
    """docker commands afterwards; words likewise."""


def _options(*options: str, on: frozenset[str] = ALL) -> Configuration:
    return Configuration(options, on=on)


CONFIGURATIONS: Final[Mapping[str, Configuration]] = {
    "nothing": Configuration(),
    "add-host": _options("--add-host", "db:1.2.3.4"),
    "annotation": _options("--annotation", "a=b", on=NEWER),
    "blkio-weight": _options("--blkio-weight", "300", on=PODMAN5),
    "cap-add": _options("--cap-add", "SYS_PTRACE"),
    "cap-drop": _options("--cap-drop", "MKNOD", "--cap-drop", "CHOWN"),
    "cgroup-parent": _options("--cgroup-parent", "/imgtui-matrix", on=PODMAN5),
    "cgroupns": _options("--cgroupns", "host", on=PODMAN5),
    "cpu-shares": _options("--cpu-shares", "100"),
    "cpu-quota": _options("--cpu-quota", "20000", "--cpu-period", "50000"),
    "cpus": _options("--cpus", "0.5"),
    "cpuset": _options("--cpuset-cpus", "0", "--cpuset-mems", "0"),
    "device": _options("--device", "/dev/null:/dev/mynull:rw"),
    "device without mode": _options("--device", "/dev/zero:/dev/myzero"),
    "device-cgroup-rule": _options("--device-cgroup-rule", "c 1:3 rwm", on=PODMAN5),
    "device-read-bps": _options("--device-read-bps", "/dev/loop0:1mb", on=frozenset({*NEWER, "podman5"})),
    "dns": _options("--dns", "1.1.1.1", "--dns-option", "ndots:2", "--dns-search", "a.example"),
    "domainname": _options("--domainname", "example.org", on=PODMAN5),
    "entrypoint": Configuration(("--entrypoint", "/bin/sleep"), ("1000",)),
    "no entrypoint": Configuration(("--entrypoint", ""), ("sleep", "1000")),
    "command": Configuration((), ("sh", "-c", "sleep 1000 # two  words")),
    "env": _options("-e", "MODE=mine", "-e", "EMPTY=", "-e", "MULTI=a b"),
    "env as the image's": _options("-e", "LEVEL=old"),
    "env taken away": _options("-e", "LEVEL", on=PODMAN5),
    "expose": _options("--expose", "99", "--expose", "100-102/udp"),
    "group-add": _options("--group-add", "55", "--group-add", "66"),
    "health-cmd": _options(
        "--health-cmd", "true", "--health-interval", "1s", "--health-retries", "2", on=PODMAN5
    ),
    "health timing": _options("--health-timeout", "3s", "--health-start-period", "5s", on=DOCKER),
    "health-start-interval": _options("--health-cmd", "true", "--health-start-interval", "1s", on=NEWER),
    "no-healthcheck": _options("--no-healthcheck"),
    "hostname": _options("--hostname", "own-name"),
    "init": _options("--init", on=PODMAN5),
    "ipc shareable": _options("--ipc", "shareable"),
    "ipc host": _options("--ipc", "host", on=PODMAN5),
    "ipc none": _options("--ipc", "none", on=PODMAN5),
    "ipc of another": _options("--ipc", "container:{needed}"),
    "label": _options("-l", "team=web", "-l", "flag"),
    "label as the image's": _options("-l", "who=old"),
    "link": _options("--link", "{needed}:db", on=DOCKER),
    "log-driver none": _options("--log-driver", "none"),
    "log-opt": _options("--log-opt", "max-size=1m", "--log-opt", "max-file=3", on=PODMAN5),
    "mac-address": _options("--mac-address", "02:11:22:33:44:55", on=PODMAN5),
    "memory": _options("--memory", "64m"),
    "memory-reservation": _options("--memory", "64m", "--memory-reservation", "32m"),
    "memory-swap": _options("--memory", "64m", "--memory-swap", "96m"),
    "memory-swappiness": _options("--memory-swappiness", "3", on=PODMAN5),
    "mount bind": _options("--mount", "type=bind,src=/usr,dst=/host,readonly"),
    "mount propagation": _options("--mount", "type=bind,src=/usr,dst=/host,bind-propagation=private"),
    "mount volume": _options("--mount", "type=volume,src={name}-v,dst=/data2,volume-label=a=b"),
    "mount nocopy": _options("--mount", "type=volume,src={name}-n,dst=/etc,volume-nocopy", on=PODMAN5),
    "mount anonymous": _options("--mount", "type=volume,dst=/anon"),
    "mount tmpfs": _options("--mount", "type=tmpfs,dst=/quick,tmpfs-size=100000,tmpfs-mode=700"),
    "network none": _options("--network", "none"),
    "network host": _options("--network", "host"),
    "network of another": _options("--network", "container:{needed}"),
    "network-alias": _options("--network", "{network}", "--network-alias", "web", "--network-alias", "w"),
    "ip": _options("--network", "{network}", "--ip", "{address}", on=PODMAN5),
    "network later": Configuration(
        later=(("network", "connect", "--alias", "second", "{network}", "{name}"),), on=PODMAN5
    ),
    "network left": Configuration(later=(("network", "disconnect", "bridge", "{name}"),), on=DOCKER),
    "network left and back": Configuration(
        later=(
            ("network", "disconnect", "bridge", "{name}"),
            ("network", "connect", "--alias", "second", "{network}", "{name}"),
        ),
        on=DOCKER,
    ),
    "network left on Podman": Configuration(
        later=(("network", "disconnect", "podman", "{name}"),), on=frozenset({"podman", "podman5"})
    ),
    "oom-kill-disable": _options("--memory", "64m", "--oom-kill-disable", on=PODMAN5),
    "oom-score-adj": _options("--oom-score-adj", "100"),
    "pid host": _options("--pid", "host"),
    "pid of another": _options("--pid", "container:{needed}"),
    "pids-limit": _options("--pids-limit", "50"),
    "publish": _options("-p", "127.0.0.1:{port}:80"),
    "publish udp": _options("-p", "127.0.0.1:{port}:81/udp"),
    "publish any": _options("-p", "80"),
    "publish-all": _options("-P", on=PODMAN5),
    "read-only": _options("--read-only"),
    "restart always": _options("--restart", "always"),
    "restart on-failure": _options("--restart", "on-failure:3"),
    "restart unless-stopped": _options("--restart", "unless-stopped"),
    "rm": _options("--rm"),
    "security-opt": _options("--security-opt", "no-new-privileges", "--security-opt", "seccomp=unconfined"),
    "systempaths": _options("--security-opt", "systempaths=unconfined", on=PODMAN5),
    "shm-size": _options("--shm-size", "1m"),
    "stop-signal": _options("--stop-signal", "KILL"),
    "stop-timeout": _options("--stop-timeout", "3"),
    "sysctl": _options("--sysctl", "net.ipv4.ip_forward=1", on=PODMAN5),
    "tmpfs": _options("--tmpfs", "/quick:size=1m,noexec", "--tmpfs", "/other"),
    "tty": _options("-t", "-i"),
    "ulimit": _options("--ulimit", "nofile=512:600"),
    "user": _options("--user", "1001:1002"),
    "user root": _options("--user", "0"),
    "userns host": _options("--userns", "host"),
    "uts host": _options("--uts", "host"),
    "volume": _options("-v", "{name}-data:/data"),
    "volume read-only": _options("-v", "{name}-ro:/data:ro"),
    "volume of the host": _options("-v", "/usr:/folder:ro"),
    "volume anonymous": _options("-v", "/own"),
    "volumes-from": _options("--volumes-from", "{needed}"),
    "volumes-from read-only": _options("--volumes-from", "{needed}:ro"),
    "workdir": _options("-w", "/tmp"),
    "workdir as the image's": _options("-w", "/new"),
    "stopped": Configuration(later=(("stop", "{name}"),)),
    "restarted": Configuration(later=(("restart", "{name}"),)),
    "renamed": Configuration(
        later=(("rename", "{name}", "{name}-else"), ("rename", "{name}-else", "{name}"))
    ),
    "updated": Configuration(
        ("--memory", "64m"),
        later=(("update", "--memory", "80m", "--memory-swap", "160m", "--restart", "always", "{name}"),),
        on=PODMAN5,
    ),
    "updated shares": Configuration(later=(("update", "--cpu-shares", "77", "{name}"),), on=PODMAN5),
    "written to": Configuration(later=(("exec", "-u", "0", "{name}", "sh", "-c", "echo 1 > /written"),)),
}
