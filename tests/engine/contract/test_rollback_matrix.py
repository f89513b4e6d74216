"""Every configuration of a container is rolled back, and compared with one made from the older image.

Containers of one engine are made side by side and rolled back with their tag. What is compared is what the
engine tells of the container (`inspect`) and what the runtime got (the OCI `config.json`). The yardstick is a
container that was made with the same options from the older image.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.engine.contract.carrying import settings
from tests.engine.contract.configurations import CONFIGURATIONS, Configuration
from tests.engine.contract.rolling import Site
from tests.engines import content
from tests.engines.private import CommandFailedError
from tests.suite.report import TABLE
from tests.suite.sample import Share

# Of the user nobody can tell who set it: tests/engine/contract/test_carry.py has that.
WAITS: Final = 'ENTRYPOINT ["/bin/busybox"]\nCMD ["sleep", "100000"]\n'
OLD: Final = WAITS + "ENV LEVEL=old OLD=1\nLABEL who=old\nWORKDIR /old\nVOLUME /data\nEXPOSE 80\n"
NEW: Final = WAITS + "ENV LEVEL=new NEW=1\nLABEL who=new\nWORKDIR /new\nVOLUME /data\nEXPOSE 90\n"
_ANONYMOUS: Final = re.compile(r"[0-9a-f]{64}")
WORDS: Final = {
    "Config.WorkingDir": "working directory", "oci cwd": "working directory", "Config.Env": "variables",
    "oci env": "variables", "Config.Entrypoint": "entry point", "Config.Cmd": "command",
    "oci args": "command", "HostConfig.PortBindings": "published ports",
    "oci sysctl": "sysctls", "oci masked": "unmasked paths", "oci domain name": "a domain name",
    "oci devices": "device rules", "oci blockIO": "block I/O limits",
    "Config.ExposedPorts": "exposed ports", "Config.Volumes": "volumes", "Config.User": "user",
    "oci user": "user", "Config.Healthcheck": "health check",
}  # fmt: skip
"""What a plan calls it."""
SECONDS_EACH: Final = 5.0
"""Of one roll back of many containers: each takes 0.5 s where nothing else is done."""
FIRST_PORT: Final = 28000
OWN: Final = ("ExecIDs", "NetworkSettings.", "Config.Hostname", "HostConfig.Links", "Mounts")
"""What is different for each container that runs: addresses, the name of its host, anonymous volumes."""


@dataclass
class Bench:
    """A site with containers of these configurations, each beside one of the older image."""

    site: Site
    configurations: Mapping[str, Configuration]

    def __post_init__(self) -> None:
        self.needed, self.network = f"{self.site.name}-needed", f"{self.site.name}-net"
        content.network(self.site.real, self.network)
        self.old = self.site.build(f"{self.site.name}:mold", OLD)
        self.new = self.site.build(f"{self.site.name}:mnew", NEW)
        self.tag = f"{self.site.name}:matrix"
        self.site.real.docker("tag", self.old, self.tag)
        self.site.imgtui("record", "--once")
        self.site.real.docker("tag", self.new, self.tag)
        self.site.run("-v", "/theirs", "--ipc", "shareable", name=self.needed, image=self.site.old)
        self._addresses = self._free_addresses()
        self.keys: dict[str, str] = {}
        """The configuration of each container, by name."""

    def _free_addresses(self) -> Iterator[str]:
        told = self.site.real.ask("GET", f"/networks/{self.network}")
        gateway = told["IPAM"]["Config"][0].get("Gateway") or told["IPAM"]["Config"][0]["Subnet"]
        first = gateway.partition("/")[0].rpartition(".")[0]
        return (f"{first}.{number}" for number in range(100, 250))

    def make(self, key: str, image: str, suffix: str, port: int) -> str:
        """A container of a configuration; its name. Raises CommandFailedError."""
        made, name = self.configurations[key], f"{self.site.name}-{_slug(key)}-{suffix}"
        words = {
            "name": name,
            "needed": self.needed,
            "network": self.network,
            "port": str(port),
            "address": next(self._addresses) if "{address}" in str(made.options) else "",
        }
        self.keys[name] = key
        options = [option.format(**words) for option in made.options]
        self.site.run(*options, name=name, image=image, command=made.command)
        for command in made.later:
            self.site.real.docker(*(word.format(**words) for word in command))
        if image == self.old and any("update" in command for command in made.later):
            self.site.real.docker("restart", "-t", "0", name)  # the runtime is told anew
        return name

    def told(self, name: str) -> dict[str, Any]:
        """What is compared of a container."""
        document = self.site.told(name)
        found = {key: value for key, value in settings(document).items() if not key.startswith(OWN)}
        binds = [str(bind).replace(name, "NAME") for bind in found.get("HostConfig.Binds", [])]
        found["HostConfig.Binds"] = sorted(_ANONYMOUS.sub("ANONYMOUS", bind) for bind in binds)
        if self.keys.get(name) in {"publish any", "publish-all"}:
            # Podman tells the ports that it chose as if they were set.
            found = {key: "chosen" if "PortBindings" in key else value for key, value in found.items()}
        found["Mounts"] = {mount["Destination"]: (mount["Type"], mount["RW"]) for mount in document["Mounts"]}
        found["Networks"] = sorted(document["NetworkSettings"]["Networks"])
        return {**found, **self._runtime(document)}

    def _bundle(self, container_id: str) -> Path:
        """Where the engine has the `config.json` of a container."""
        folder = self.site.real.folder
        if self.site.podman:
            return folder / "data/overlay-containers" / container_id / "userdata/config.json"
        moby = folder / "exec/containerd/daemon/io.containerd.runtime.v2.task/moby"
        return moby / container_id / "config.json"

    def _runtime(self, document: dict[str, Any]) -> dict[str, Any]:
        """Of the OCI `config.json`, of what runs: process, limits and namespaces."""
        path = self._bundle(document["Id"])
        if not (document["State"]["Running"] and path.exists()):
            return {}
        said = json.loads(path.read_text())
        process, linux = said["process"], said["linux"]
        env = [each for each in process.get("env", []) if not each.startswith("HOSTNAME=")]
        domain = said.get("domainname")
        return {
            "oci args": process["args"],
            "oci cwd": process["cwd"],
            "oci user": {
                key: sorted(value) if isinstance(value, list) else value
                for key, value in process["user"].items()
                if key != "umask"
            },
            "oci env": sorted(env),
            "oci capabilities": process.get("capabilities"),
            "oci rlimits": process.get("rlimits"),
            **{f"oci {key}": value for key, value in (linux.get("resources") or {}).items() if value},
            "oci masked": (linux.get("maskedPaths"), linux.get("readonlyPaths")),
            "oci sysctl": linux.get("sysctl"),
            **({"oci domain name": domain} if domain else {}),
            "oci namespaces": sorted(each["type"] for each in linux["namespaces"]),
        }


@pytest.mark.in_turn
def test_every_configuration_is_kept_or_what_is_not_is_told(site: Site, share: Share) -> None:
    keys = share.of(key for key, made in CONFIGURATIONS.items() if site.real.kind in made.on)
    bench = Bench(site, {key: CONFIGURATIONS[key] for key in keys})
    names: dict[str, str] = {}
    impossible: dict[str, str] = {}
    for number, key in enumerate(keys):
        try:
            names[key] = bench.make(key, bench.tag, "c", FIRST_PORT + number)
        except CommandFailedError as error:
            impossible[key] = str(error).splitlines()[-1]
    plan = site.plan(bench.tag, "--to", bench.old, *(w for name in names.values() for w in ("--with", name)))
    told = {
        key: [line for line in (*plan["changes"], *plan["notes"], *plan["risks"]) if name in line]
        for key, name in names.items()
    }

    site.roll_back(
        bench.tag,
        "--to",
        bench.old,
        *(w for name in names.values() for w in ("--with", name)),
        "--settle",
        "0",
        seconds=len(names) * SECONDS_EACH,
    )

    table = Counter[str]()
    lost: list[str] = []
    for key, name in names.items():
        after = bench.told(name)
        site.real.docker("rm", "-f", name)
        yardstick = bench.told(bench.make(key, bench.old, "y", FIRST_PORT + keys.index(key)))
        differ = {each for each in after.keys() | yardstick.keys() if after.get(each) != yardstick.get(each)}
        differ -= {"Config.Labels", "HostConfig.RestartPolicy.MaximumRetryCount"}
        differ = {each for each in differ if not each.startswith("Config.Labels")}
        if not differ:
            table["kept"] += 1
        elif all(any(_word(each) in line for line in told[key]) for each in differ):
            table["explained"] += 1
        else:
            table["lost"] += 1
            lost.append(f"{key}: {sorted((each, after.get(each), yardstick.get(each)) for each in differ)}")
    table["not possible here"] += len(impossible)
    share.item.user_properties.append((TABLE, ", ".join(f"{word} {count}" for word, count in table.items())))
    assert not lost, "\n".join(lost)
    assert table["kept"] > len(names) / 2, table


def _word(path: str) -> str:
    """The word that a plan has for what differs."""
    return next((word for start, word in WORDS.items() if path.startswith(start)), path)


def _slug(key: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in key)
