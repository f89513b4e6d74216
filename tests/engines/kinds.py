"""The kinds of engine under test, and the configuration that makes each of them."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from tests.engines import rootless
from tests.engines.provision import Suite

Everyday = Literal["docker20-overlay2", "docker28-overlay2", "docker28-containerd", "podman"]
More = Literal["docker26-overlay2", "docker26-containerd", "podman5", "docker28-ssh", "docker28-rootless"]
Kind = Everyday | More
EVERYDAY: Final[tuple[Everyday, ...]] = get_args(Everyday)
MORE: Final[tuple[More, ...]] = get_args(More)
EVERY_KIND: Final[tuple[Kind, ...]] = (*EVERYDAY, *MORE)

VARIABLE: Final = "IMGTUI_TEST_ENGINES"
"""Names the kinds to be tested, comma-separated."""


def named_kinds() -> frozenset[str] | None:
    """What the variable names; None where it is not set."""
    wanted = os.environ.get(VARIABLE)
    return None if wanted is None else frozenset(name.strip() for name in wanted.split(",")) - {"none", ""}


KINDS: Final[tuple[Kind, ...]] = (*EVERYDAY, *(kind for kind in MORE if kind in (named_kinds() or ())))
"""The kinds that tests are made for: those of every day, and of the others those that are named."""

PODMANS: Final[tuple[Kind, ...]] = ("podman", "podman5")
DOCKER26: Final[tuple[Kind, ...]] = ("docker26-overlay2", "docker26-containerd")
DOCKER28: Final[tuple[Kind, ...]] = (
    "docker28-overlay2", "docker28-containerd", "docker28-ssh", "docker28-rootless",
)  # fmt: skip
SINCE_DOCKER26: Final = (*DOCKER26, *DOCKER28)
DOCKERS: Final[tuple[Kind, ...]] = ("docker20-overlay2", *SINCE_DOCKER26)
BUILDS_AS_TAGS: Final[tuple[Kind, ...]] = ("docker20-overlay2", "docker26-overlay2")
"""Those that tell a build as `docker tag` is told, and nothing more."""
HIDES_BUILDS: Final[Kind] = "docker26-containerd"
"""It tells builds and prunes by no event at all, and an import without its tag."""
CONTAINERD_STORES: Final[tuple[Kind, ...]] = ("docker26-containerd", "docker28-containerd")

# The Docker whose command line speaks to each kind. Podman 4.3 answers with API 1.41, as Docker 20.10 does;
# both generations of Podman are spoken to by one, so that what differs between them is theirs.
SUITES: Final[dict[Kind, Suite]] = {
    "docker20-overlay2": "bookworm",
    "docker26-overlay2": "trixie",
    "docker26-containerd": "trixie",
    "docker28-overlay2": "sid",
    "docker28-containerd": "sid",
    "docker28-ssh": "sid",
    "docker28-rootless": "sid",
    "podman": "bookworm",
    "podman5": "bookworm",
}
_IMAGE_STORES: Final[dict[Kind, dict[str, object]]] = {
    "docker20-overlay2": {"storage-driver": "overlay2"},
    "docker26-overlay2": {"storage-driver": "overlay2", "features": {"containerd-snapshotter": False}},
    "docker26-containerd": {"features": {"containerd-snapshotter": True}},
    "docker28-overlay2": {"storage-driver": "overlay2", "features": {"containerd-snapshotter": False}},
    "docker28-containerd": {"features": {"containerd-snapshotter": True}},
    "docker28-ssh": {"storage-driver": "overlay2", "features": {"containerd-snapshotter": False}},
    "docker28-rootless": {"storage-driver": "overlay2", "features": {"containerd-snapshotter": False}},
}
# netavark 1.4 cannot be told to leave the firewall alone, as dockerd can: it finds this one instead.
_NO_FIREWALL: Final = """\
#!/bin/sh
case "$*" in *--version*) echo "iptables v1.8.9 (nf_tables)" ;; esac
"""
# netavark 1.17 can.
_FIREWALL_LEFT_ALONE: Final = 'firewall_driver = "none"\n'
# dockerd takes every registry on the loopback for one without TLS by itself.
_INSECURE_REGISTRIES: Final = """\
[[registry]]
prefix = "127.0.0.1"
location = "127.0.0.1"
insecure = true
"""


@dataclass(frozen=True)
class Place:
    """Where one engine lives: its folder, and a number that no other engine of this machine has."""

    folder: Path
    number: int

    @property
    def bridge(self) -> str:
        return f"imgtui-t{self.number}"

    @property
    def podman_bridge(self) -> str:
        """Made and removed by netavark as it needs it."""
        return f"imgtui-p{self.number}"

    @property
    def gateway(self) -> str:
        return f"10.232.{self.number}.1"

    @property
    def socket(self) -> Path:
        return self.folder / "docker.sock"


@dataclass(frozen=True)
class TlsPort:
    """A port of 127.0.0.1 on which dockerd talks only to who shows a certificate that `ca` has signed."""

    port: int
    ca: Path
    cert: Path
    key: Path

    def settings(self, place: Place) -> dict[str, object]:
        """What it is in `daemon.json`."""
        return {
            "hosts": [f"unix://{place.socket}", f"tcp://127.0.0.1:{self.port}"],
            "tlsverify": True,
            "tlscacert": str(self.ca),
            "tlscert": str(self.cert),
            "tlskey": str(self.key),
        }


def prepare(
    kind: Kind, place: Place, tls_port: TlsPort | None = None
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Write the configuration of an engine; return the command that runs it, and variables for it.

    Podman has no TLS port.
    """
    if kind in PODMANS:
        return _prepare_podman(kind, place)
    config = place.folder / "daemon.json"
    more = tls_port.settings(place) if tls_port else {}
    settings = _dockerd_settings(place) | _IMAGE_STORES[kind] | more
    if kind == "docker28-rootless":
        del settings["bridge"]  # of its own network namespace
        settings |= {"exec-root": f"{place.folder}/xdg/exec", "pidfile": f"{place.folder}/xdg/dockerd.pid"}
    config.write_text(json.dumps(settings))
    if kind == "docker28-rootless":
        return rootless.command(place.folder)
    return ("dockerd", "--config-file", str(config)), {}


def _dockerd_settings(place: Place) -> dict[str, object]:
    return {
        "data-root": str(place.folder / "data"),
        "exec-root": str(place.folder / "exec"),
        "pidfile": str(place.folder / "dockerd.pid"),
        "hosts": [f"unix://{place.socket}"],
        "bridge": place.bridge,
        "default-address-pools": [{"base": f"10.233.{place.number}.0/24", "size": 27}],
        "iptables": False,
        "ip6tables": False,
        "ip-forward": False,
        "exec-opts": ["native.cgroupdriver=cgroupfs"],
        "insecure-registries": ["127.0.0.0/8"],
        "max-download-attempts": 1,
    }


def _prepare_podman(kind: Kind, place: Place) -> tuple[tuple[str, ...], dict[str, str]]:
    folder = place.folder
    networks, programs, config = folder / "networks", folder / "bin", folder / "containers.conf"
    networks.mkdir()
    programs.mkdir()
    (folder / "registries.conf").write_text(_INSECURE_REGISTRIES)
    for name in ("iptables", "ip6tables"):
        (programs / name).write_text(_NO_FIREWALL)
        (programs / name).chmod(0o755)
    (networks / "podman.json").write_text(json.dumps(_podman_network(place)))
    # Podman's own default limits are above what a machine with a low hard limit lets it set.
    config.write_text(
        "[containers]\n"
        'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n'
        "[network]\n"
        f'network_config_dir = "{networks}"\n'
        f"{'' if kind == 'podman' else _FIREWALL_LEFT_ALONE}"
        "[engine]\n"
        'cgroup_manager = "cgroupfs"\n'
        'events_logger = "file"\n'
        'runtime = "runc"\n'
        f'tmp_dir = "{folder / "state"}"\n'
    )
    storage = ("--root", f"{folder}/data", "--runroot", f"{folder}/run")
    command = ("podman", *storage, "system", "service", "--time=0", f"unix://{place.socket}")
    return command, {
        "CONTAINERS_CONF": str(config),
        "CONTAINERS_REGISTRIES_CONF": str(folder / "registries.conf"),
        "PATH": str(programs),
        "PODMAN_IGNORE_CGROUPSV1_WARNING": "1",
    }


def _podman_network(place: Place) -> dict[str, object]:
    return {
        "name": "podman",
        "id": hashlib.sha256(b"podman").hexdigest(),
        "driver": "bridge",
        "network_interface": place.podman_bridge,
        "created": "2020-01-01T00:00:00Z",
        "subnets": [{"subnet": f"10.232.{place.number}.0/24", "gateway": place.gateway}],
        "ipv6_enabled": False,
        "internal": False,
        "dns_enabled": False,
        "ipam_options": {"driver": "host-local"},
    }
