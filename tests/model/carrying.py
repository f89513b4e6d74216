"""Containers as an engine tells of them, carried on to another image."""

from typing import Any

from imgtui.model.clone.clone import Carried, carried

IDENTIFIER = "0123456789ab" + "c" * 52
SHORT = IDENTIFIER[:12]
VOLUME = "f" * 64
NEW = "sha256:" + "e" * 64
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
BEFORE_SEVERAL, SEVERAL, WITHOUT_MAC = (1, 43), (1, 44), (1, 52)


def container(
    config: dict[str, Any] | None = None,
    host: dict[str, Any] | None = None,
    networks: dict[str, Any] | None = None,
    mounts: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    return {
        "Id": IDENTIFIER,
        "Name": "/api",
        "Config": {"Hostname": SHORT, "Image": "web:1", **(config or {})},
        "HostConfig": {"NetworkMode": "bridge", **(host or {})},
        "NetworkSettings": {"Networks": {"bridge": {}} if networks is None else networks},
        "Mounts": mounts or [],
    }


def again(document: dict[str, Any], old: dict[str, Any] | None = None, **more: Any) -> Carried:
    return carried(document, {} if old is None else old, image=NEW, **more)


def endpoints(result: Carried) -> dict[str, Any]:
    configuration: Any = result.body["NetworkingConfig"]
    return dict(configuration["EndpointsConfig"])


def host_of(result: Carried) -> dict[str, Any]:
    host: Any = result.body["HostConfig"]
    return dict(host)
