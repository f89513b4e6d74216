"""What only Podman's own API can be asked for is rolled back by that, and all else with it.

The yardstick is a container that the podman command made with the same options from the older image. What is
compared is what `podman inspect` tells, and the OCI `config.json`.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pytest

from tests.engine.contract.configurations import CONFIGURATIONS, Configuration
from tests.engine.contract.podman_command import KINDS_OF_PODMAN, Podman
from tests.engine.contract.rolling import Site
from tests.engine.contract.test_rollback_matrix import NEW, OLD
from tests.engines import content
from tests.engines.private import CommandFailedError
from tests.suite.report import TABLE
from tests.suite.sample import Share

pytestmark = [pytest.mark.parametrize("real_engine", KINDS_OF_PODMAN, indirect=True)]

OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "secret": ("--secret", "{secret}"),
    "secret with owner": ("--secret", "{secret},target=/run/own,uid=5,gid=6,mode=0440"),
    "secret named": ("--secret", "source={secret},target=mine,type=mount"),
    "secret env": ("--secret", "{secret},type=env,target=TOKEN"),
    "two secrets": ("--secret", "{secret}", "--secret", "{secret},type=env"),
    "tz": ("--tz=Europe/Berlin",),
    "annotation": ("--annotation", "team=web", "--annotation", "two=b=c"),
    "annotations in one": ("--annotation", "a=b,c=d"),
    "no-hosts": ("--no-hosts",),
    "systemd false": ("--systemd=false",),
    "systemd always": ("--systemd=always",),
    "passwd": ("--passwd=false",),
    "passwd-entry": ("--passwd-entry", "web:*:77:77::/:/bin/sh", "--user", "77"),
    "hostuser": ("--hostuser", "daemon"),
    "image-volume ignore": ("--image-volume", "ignore"),
    "image-volume tmpfs": ("--image-volume=tmpfs",),
    "umask": ("--umask", "0077"),
    "read-only-tmpfs": ("--read-only", "--read-only-tmpfs=false"),
    "read-only": ("--read-only", "--umask", "0077"),
    "requires": ("--requires", "{needed}"),
    "timeout": ("--timeout", "3000"),
    "sdnotify": ("--sdnotify", "ignore"),
    "seccomp-policy": ("--seccomp-policy", "default"),
    "unsetenv": ("--unsetenv", "LEVEL"),
    "unsetenv-all": ("--unsetenv-all",),
    "health-on-failure": ("--health-cmd", "true", "--health-on-failure", "kill"),
    "health with blanks": ("--health-cmd", '["true", "a b"]', "--tz", "UTC"),
    "personality": ("--personality", "LINUX"),
    "cgroups": ("--cgroups", "disabled"),
    "device-cgroup-rule": ("--device-cgroup-rule", "c 1:3 rwm"),
    "device-read-bps": ("--device-read-bps", "/dev/loop0:1mb"),
    "device-write-iops": ("--device-write-iops", "/dev/loop0:100"),
    "blkio-weight": ("--blkio-weight", "300"),
    "log-opt tag": ("--log-opt", "tag=web", "--log-opt", "max-size=1m"),
    "log-opt path": ("--log-opt", "path=/tmp/{name}.log"),
    "network ip": ("--network", "{network}:ip={address},mac=02:11:22:33:44:66,alias=w"),
    "two networks": ("--network", "{network}:ip={address}", "--network", "{other}:alias=w"),
    "interface": ("--network", "{network}:interface_name=lan0"),
    "chrootdirs": ("--chrootdirs", "/jail"),
    "unmask": ("--security-opt", "unmask=ALL"),
    "mask": ("--security-opt", "mask=/proc/uptime", "--security-opt", "no-new-privileges"),
    "proc-opts": ("--security-opt", "proc-opts=hidepid=2"),
    "dns none": ("--dns", "none"),
    "device read-only": ("--device", "/dev/null:/dev/mynull:r", "--device", "/dev/zero"),
    "image mounted": ("--mount", "type=image,source={image},destination=/img"),
    "overlay": ("--volume", "/usr:/over:O"),
    "cgroupns": ("--cgroupns", "host"),
}
"""Options that the Docker-compatible API does not tell, or cannot be asked for."""
ANY: Final = ("--annotation", "team=web")
"""With this one every configuration is made by Podman's own API."""


NOTED_LIMIT: Final = "io.podman.annotations.pids-limit"
"""The command shown names the limit that is so anyway, which Podman 5 notes; the limit is compared too."""
TOGETHER: Final = 6
"""Containers in one roll back."""


class Bench:
    """Containers of one site, each to be rolled back and compared with one of the older image."""

    def __init__(self, site: Site, podman: Podman) -> None:
        self.site, self.podman = site, podman
        self.needed, self.secret = f"{site.name}-needed", f"{site.name}-secret"
        self.network, self.other = f"{site.name}-net", f"{site.name}-other"
        for network in (self.network, self.other):
            content.network(site.real, network)
        podman("secret", "create", self.secret, "-", stdin="sesame")
        self.old = site.build(f"{site.name}:mold", OLD)
        self.new = site.build(f"{site.name}:mnew", NEW)
        self.tag = f"{site.name}:matrix"
        site.real.docker("tag", self.old, self.tag)
        site.imgtui("record", "--once")
        site.real.docker("tag", self.new, self.tag)
        site.run("-v", "/theirs", "--ipc", "shareable", name=self.needed, image=site.old)
        told = site.real.ask("GET", f"/networks/{self.network}")["IPAM"]["Config"][0]
        first = str(told.get("Gateway") or told["Subnet"]).partition("/")[0].rpartition(".")[0]
        self._addresses = (f"{first}.{number}" for number in range(100, 250))

    def words(self, number: int, options: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        """The name of a container, and its options."""
        name = f"{self.site.name}-c{number}"
        known = {
            "name": name, "needed": self.needed, "network": self.network, "other": self.other,
            "secret": self.secret, "image": self.old, "port": str(29000 + number),
            "address": next(self._addresses) if "{address}" in str(options) else "",
        }  # fmt: skip
        return name, tuple(option.format(**known) for option in options)

    def clean(self) -> None:
        """The site removes the rest."""
        self.site.remove_containers()
        self.podman("secret", "rm", self.secret)


@pytest.fixture
def bench(site: Site) -> Iterator[Bench]:
    found = Bench(site, Podman(site.real))
    yield found
    found.clean()


def compared(bench: Bench, cases: Mapping[str, Configuration], share: Share) -> list[str]:
    """Roll all back; what is otherwise than with one of the older image, a line each."""
    site, podman = bench.site, bench.podman
    table = Counter[str]()
    made: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {}
    for number, (key, case) in enumerate(cases.items()):
        name, words = bench.words(number, case.options)
        try:
            podman("run", "-d", "--name", name, *words, bench.tag, *case.command)
        except CommandFailedError:
            table["not possible here"] += 1
            site.real.docker("rm", "-f", name)
        else:
            made[key] = name, words, case.command
    lost: list[str] = []
    shown: dict[str, str] = {}
    names = [name for name, *_ in made.values()]
    for some in (names[at : at + TOGETHER] for at in range(0, len(names), TOGETHER)):
        with_all = [word for name in some for word in ("--with", name)]
        plan = site.plan(bench.tag, "--to", bench.old, *with_all)
        lost += [risk for risk in plan["risks"] if "loses --" in risk]
        shown |= {each["name"]: each["commands"][0] for each in plan["containers"]}
        site.roll_back(bench.tag, "--to", bench.old, *with_all, "--settle", "0", "--no-health")
    for key, (name, words, command) in made.items():
        chosen = "HostConfig.PortBindings" if "publish any" in key else "-"  # told as if it was set
        after = podman.settings(name)
        site.real.docker("rm", "-f", "-v", name)
        podman("run", "-d", "--name", name, *words, bench.old, *command)
        yardstick = podman.settings(name)
        site.real.docker("rm", "-f", "-v", name)
        lines = {"kept": differing(after, yardstick, chosen)}
        if "#" not in shown[name]:
            made_by_hand = {
                key: value
                for key, value in by_hand(podman, name, shown[name]).items()
                if key in yardstick or not key.endswith(NOTED_LIMIT)
            }
            lines["kept by the command shown"] = differing(made_by_hand, yardstick, chosen)
            site.real.docker("rm", "-f", "-v", name)
        for how, line in lines.items():
            table["lost" if line else how] += 1
            lost += [f"{key}, {how}: {line}"] if line else []
    share.item.user_properties.append((TABLE, ", ".join(f"{word} {count}" for word, count in table.items())))
    assert made, table
    return lost


def by_hand(podman: Podman, name: str, shown: str) -> dict[str, Any]:
    """What is told of a container that a person makes with the command of the plan."""
    program, *words = shlex.split(shown.replace(f"{name}-imgtui-new", name))
    assert program == "podman"
    podman(*words)
    podman("start", name)
    return podman.settings(name)


def differing(found: Mapping[str, Any], yardstick: Mapping[str, Any], without: str) -> str:
    keys = sorted(
        key
        for key in found.keys() | yardstick.keys()
        if found.get(key) != yardstick.get(key) and not key.startswith(without)
    )
    return "; ".join(f"{key}: {found.get(key)} instead of {yardstick.get(key)}" for key in keys)


def test_what_only_podman_s_own_api_takes_is_kept(bench: Bench, share: Share) -> None:
    keys = share.of(OPTIONS)
    lost = compared(bench, {key: Configuration(OPTIONS[key]) for key in keys}, share)
    assert not lost, "\n".join(lost)


def test_all_else_is_kept_when_that_api_makes_the_container(bench: Bench, share: Share) -> None:
    keys = share.of(key for key, made in CONFIGURATIONS.items() if "podman" in made.on)
    cases = {
        key: Configuration((*CONFIGURATIONS[key].options, *ANY), CONFIGURATIONS[key].command) for key in keys
    }
    lost = compared(bench, cases, share)
    assert not lost, "\n".join(lost)
