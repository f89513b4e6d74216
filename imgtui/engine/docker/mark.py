"""What a real engine has only as long as it runs, and where it was reached: by it engines are told apart."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from imgtui.engine.connect.addresses import without_password
from imgtui.engine.connect.contexts import DEFAULT_CONTEXT
from imgtui.engine.connect.endpoint import SOURCE_DEFAULT
from imgtui.engine.wire.answers import Entry, WrongShape
from imgtui.engine.wire.translate import PODMAN_API
from imgtui.model.core.image import EngineInfo, Store
from imgtui.model.core.printable import printable
from imgtui.model.taglog.identity import boot_mark

if TYPE_CHECKING:
    from imgtui.engine.connect.endpoint import Endpoint
    from imgtui.engine.docker.client import Client

MACHINE: Final = Path("/etc/machine-id")
SECONDS: Final = 10
_UPTIME: Final = re.compile(r"(\d{1,7})h (\d{1,2})m (\d{1,2})(?:\.\d+)?s")
_SECOND: Final = 1_000_000_000


def mark_of(client: Client, info: EngineInfo) -> str:
    """What no other engine has while this one runs; empty where it does not tell.

    Docker makes its default bridge network anew, with another ID, whenever it starts (20.10, 28.5; one that
    keeps containers alive over a restart, live-restore, may keep it). Podman has no such thing: it says since
    when its machine runs. It is a help: a proxy that forbids it must not keep anybody from the engine.
    """
    with suppress(OSError, WrongShape):  # what docker-py and requests raise are OSErrors
        if info.store is not Store.PODMAN:
            return Entry(client.get_json("/networks/bridge", seconds=SECONDS)).text("Id", 64)
        told = Entry(client.get_json(f"{PODMAN_API}/info", versioned=False, seconds=SECONDS)).entry("host")
        if info.clock_ns and (uptime := _UPTIME.match(told.text("uptime", 64))):
            hours, minutes, seconds = map(int, uptime.groups())
            return boot_mark(info.clock_ns // _SECOND - hours * 3600 - minutes * 60 - seconds)
    return ""


def address_of(endpoint: Endpoint) -> str:
    """The address of an endpoint; a socket is one of this machine."""
    host = without_password(endpoint.host)
    if not host.startswith("unix://"):
        return printable(host, 500)
    machine = ""
    with suppress(OSError, ValueError):
        machine = MACHINE.read_text(encoding="utf-8").strip()
    return printable(f"{host} {machine}".strip(), 500)


def host_of(endpoint: Endpoint) -> str:
    """What people call an endpoint: its docker context, else its address, where anybody has given one."""
    if endpoint.context is None and endpoint.source == SOURCE_DEFAULT:
        return DEFAULT_CONTEXT
    return printable(endpoint.context or without_password(endpoint.host), 200)
