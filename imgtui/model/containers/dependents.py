"""Which containers need another one: they go on with the one they were made for when it is replaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from imgtui.model.clone.networks import shared_with
from imgtui.model.core.printable import printable
from imgtui.model.safety.json import Json, mapping, text, texts

_MODES: Final = (("network", "NetworkMode"), ("PID", "PidMode"), ("IPC", "IpcMode"), ("UTS", "UTSMode"))
NAMESPACES: Final = frozenset(kind for kind, _ in _MODES)
"""What a container shares with another one that runs, and loses with it."""

LINK, LINK_BY_NAME = "link", "link by name"
"""In the default network a link is to the very container, in any other one to whatever has its name."""

RECREATED: Final = NAMESPACES | {LINK}
"""What is lost when another container is in the place of the one that it was made for."""

START: Final = "start"
DEPENDENCIES: Final = "Dependencies"
"""The IDs of what Podman starts before a container, as its own API tells them: `--requires`, namespaces."""


@dataclass(frozen=True, slots=True)
class Need:
    """One container that another one names in its configuration."""

    kind: str
    """One of `NAMESPACES`, `volumes`, `link`, `link by name` or `start`."""
    reference: str
    """The name or ID that it is named by, as the engine told it."""


@dataclass(frozen=True, slots=True)
class Dependent:
    """A container that needs another one. Its name is printable."""

    container_id: str
    name: str
    kinds: tuple[str, ...]
    """What it needs of it, as in `Need`."""


def needs(container: Json) -> tuple[Need, ...]:
    """The containers that a container cannot be made, or cannot start, without."""
    host = mapping(container.get("HostConfig"))
    found = [Need(kind, reference) for kind, key in _MODES if (reference := shared_with(host.get(key)))]
    found += [Need("volumes", entry.partition(":")[0]) for entry in texts(host.get("VolumesFrom"))]
    found += [_link(LINK, entry) for entry in texts(host.get("Links"))]
    for settings in mapping(mapping(container.get("NetworkSettings")).get("Networks")).values():
        found += [_link(LINK_BY_NAME, entry) for entry in texts(mapping(settings).get("Links"))]
    found += [Need(START, other) for other in texts(container.get(DEPENDENCIES))]
    return tuple(dict.fromkeys(found))


def dependents(container: Json, others: Iterable[Json]) -> tuple[Dependent, ...]:
    """Those of `others` that need `container`, by name. All are what the engine tells of a container each.

    A namespace is that of the very container (engines keep its ID), and so is a link of the default network;
    volumes of `--volumes-from` were taken over when the other was made, and stay.
    """
    documents = list(others)
    names = {_name(document) for document in documents} | {_name(container)}
    found = []
    for document in documents:
        kinds = dict.fromkeys(need.kind for need in needs(document) if _is(need.reference, container, names))
        if len(kinds) > 1:
            kinds.pop(START, None)  # what shares a namespace is started after it anyway
        if kinds and document.get("Id") != container.get("Id"):
            found.append(Dependent(text(document.get("Id")), printable(_name(document)), tuple(kinds)))
    return tuple(sorted(found, key=lambda dependent: dependent.name))


def joins(container: Json, others: Iterable[Json]) -> dict[str, str]:
    """The IDs of those of `others` that a container cannot be made without, by what it calls them.

    It shares their namespaces, is linked to them, or is started after them.
    """
    documents = list(others)
    names = {_name(document) for document in documents}
    return {
        need.reference: text(other.get("Id"))
        for need in needs(container)
        if need.kind in RECREATED | {START}
        for other in documents
        if _is(need.reference, other, names)
    }


def joined(body: Json, others: Mapping[str, str], like: Json | None = None) -> dict[str, object]:
    """The body of `POST /containers/create` with the namespaces of other containers.

    `others` has what a container is to be called, by what `like` calls it, else the body itself.
    """
    host, named = dict(mapping(body.get("HostConfig"))), mapping((like or body).get("HostConfig"))
    for _, key in _MODES:
        if (reference := shared_with(named.get(key))) in others:
            host[key] = f"container:{others[reference]}"
    return {**body, "HostConfig": host}


def _link(kind: str, entry: str) -> Need:
    return Need(kind, entry.partition(":")[0].lstrip("/"))


def _is(reference: str, container: Json, names: set[str]) -> bool:
    """Whether a reference means a container: a name goes before the beginning of an ID, as in engines."""
    if reference in names:
        return reference == _name(container)
    return bool(reference) and text(container.get("Id")).startswith(reference)


def _name(container: Json) -> str:
    return text(container.get("Name")).lstrip("/")
