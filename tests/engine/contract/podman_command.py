"""The podman command on a private Podman, and what its own API and the runtime tell of a container."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any, Final

from tests.engines.kinds import KINDS, PODMANS
from tests.engines.private import CommandFailedError, PrivateEngine

KINDS_OF_PODMAN: Final = [kind for kind in KINDS if kind in PODMANS]
_HEX: Final = re.compile(r"[0-9a-f]{64}|netns-[0-9a-f-]{36}|(?<=/overlay/)[0-9]+")
OF_ONE_CONTAINER: Final = frozenset(
    {
        *("Id", "Name", "Created", "State", "Image", "ImageDigest", "ImageName", "GraphDriver"),
        *("ResolvConfPath", "HostnamePath", "HostsPath", "StaticDir", "ConmonPidFile", "PidFile"),
        *("NetworkSettings", "Config.Image", "Config.CreateCommand", "HostConfig.LogConfig.Path"),
        *("HostConfig.ContainerIDFile", "ExecIDs", "RestartCount"),
        *(
            "Config.Annotations.io.podman.annotations.cid-file",
            "Config.Annotations.io.kubernetes.cri-o.Created",
        ),
        *(
            "MountLabel",
            "ProcessLabel",
            "OCIConfigPath",
            "LockNumber",
            "lockNumber",
            "Path",
            "Args",
            "EffectiveCaps",
        ),
    }
)
"""What is different for every container; path, arguments and capabilities are in the OCI config too."""
OF_ONE_RUN: Final = frozenset({"root.path", "annotations.io.kubernetes.cri-o.Created"})


class Podman:
    """The podman command of a private Podman."""

    def __init__(self, engine: PrivateEngine) -> None:
        self.engine = engine

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """What it prints. Raises CommandFailedError."""
        command = self.engine.inside("podman", "--remote", "--url", self.engine.host, *arguments)
        done = subprocess.run(command, input=stdin, check=False, capture_output=True, text=True)
        if done.returncode:
            raise CommandFailedError(done.stderr)
        return done.stdout

    def told(self, name: str) -> dict[str, Any]:
        """What Podman's own API tells."""
        found: dict[str, Any] = self.engine.ask("GET", f"/v4.0.0/libpod/containers/{name}/json")
        return found

    def settings(self, name: str) -> dict[str, Any]:
        """What is compared: Podman's own document and the OCI `config.json`, flat, without what is of one."""
        document = self.told(name)
        own = (document["Id"], document["Id"][:32], document["Id"][:12], document["Name"])
        found = dict(_flat(_neutral(document, own), ""))
        found = {key: value for key, value in found.items() if not _is_of_one(key)}
        found["Networks"] = _networks(document)
        config = Path(document["StaticDir"]) / "config.json"
        if config.exists():
            said = _neutral(json.loads(config.read_text()), own)
            found |= {f"oci {key}": value for key, value in _flat(said, "") if key not in OF_ONE_RUN}
        return {key: value for key, value in found.items() if value not in (None, "", [], {})}


def _is_of_one(key: str) -> bool:
    return any(key == each or key.startswith(f"{each}.") for each in OF_ONE_CONTAINER) or key.startswith(
        "Config.Labels.io.imgtui."
    )


def _networks(document: dict[str, Any]) -> dict[str, Any]:
    """What was set of each network; which address the engine chose does not count."""
    own = {document["Id"][:12], document["Name"]}
    return {
        name: (sorted({*(said.get("Aliases") or [])} - own), said.get("IPAMConfig"))
        for name, said in (document["NetworkSettings"].get("Networks") or {}).items()
    }


def _neutral(value: Any, own: tuple[str, ...]) -> Any:
    """Without the container's own ID and name and the names of anonymous volumes; lists are sorted."""
    if isinstance(value, dict):
        return {key: _neutral(each, own) for key, each in value.items()}
    if isinstance(value, list):
        found = [_neutral(each, own) for each in value]
        return sorted(found, key=lambda each: json.dumps(each, sort_keys=True))
    if isinstance(value, str):
        for text, word in zip(own, ("ID", "UUID", "SHORT", "NAME"), strict=True):
            value = value.replace(text, word)
        return _HEX.sub("HEX", value)
    return value


def _flat(value: dict[str, Any], path: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, inner in value.items():
        found += (
            _flat(inner, f"{path}{key}.") if isinstance(inner, dict) and inner else [(f"{path}{key}", inner)]
        )
    return found
