"""What is in the writable layer of a container: files that Compose put into it, and what it has written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imgtui.engine.port.containers import COPIED_BYTES, Document
from imgtui.engine.port.engine import Engine
from imgtui.engine.wire.translate import mapping, nanoseconds
from imgtui.model.containers.compose import service_of
from imgtui.model.containers.written import (
    MOST_LOOKED_AT,
    is_injected,
    likely_injected_first,
    outside_of_mounts,
    worth_telling,
    written_words,
)
from imgtui.model.core.image import Container
from imgtui.model.safety.json import objects


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """What the container in its place gets, and does not get."""

    copied: tuple[str, ...]
    """Paths that Compose put into it."""
    risks: tuple[str, ...]


def written_files(
    engine: Engine, container: Container, document: Document, retired: str | None
) -> WrittenFiles:
    """Look at the changed files of a container; `retired` is what it will be called, None where it goes.

    Raises EngineError.

    Of one that goes when it stops it is said elsewhere that all of it goes.
    """
    host = mapping(document.get("HostConfig"))
    mounts = objects(document.get("Mounts"))
    places = [str(mount["Destination"]) for mount in mounts if "Destination" in mount]
    places += list(mapping(host.get("Tmpfs")))
    changed = outside_of_mounts(engine.changed_paths(container.id), places)
    labels = mapping(mapping(document.get("Config")).get("Labels"))
    copied: tuple[str, ...] = ()
    risks: list[str] = []
    if service_of(labels) is not None:
        copied = _injected(engine, container, document, changed)
        if len(changed) > MOST_LOOKED_AT:
            risks.append(
                f"{container.name} has {len(changed)} changed files, of which {MOST_LOOKED_AT} are looked at:"
                " configs of Compose among the others are not copied"
            )
    written = [path for path in worth_telling(changed) if path not in copied]
    if written and not host.get("AutoRemove"):
        risks.append(f"{container.name} {written_words(written, retired)}")
    return WrittenFiles(copied, tuple(risks))


def _injected(
    engine: Engine, container: Container, document: Document, changed: Sequence[str]
) -> tuple[str, ...]:
    created = nanoseconds(document.get("Created"))
    started = max(created, nanoseconds(mapping(document.get("State")).get("StartedAt")))
    copied = container.replaces is not None
    found = []
    for path in likely_injected_first(changed)[:MOST_LOOKED_AT]:
        stat = engine.file_stat(container.id, path)
        if stat is None or stat.size > COPIED_BYTES:
            continue
        if is_injected(stat.modified, created, started, copied=copied):
            found.append(path)
    return tuple(found)
