"""Engine JSON to the model: tolerant of absent fields, and the place where text is made safe.

Every string that enters the model passes `printable` here; values that look secret are masked
before a document is kept. Differences between engines that were measured are named where they
matter: Docker 20.10 (API 1.41), Docker 28.5 on both stores (API 1.51), Podman 4.3 (API 1.41).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from imgtui.engine.container_status import health_of, health_told, since_of
from imgtui.model.digest import digest_from, is_digest
from imgtui.model.event import Event
from imgtui.model.image import Container, EngineInfo, Image, Store
from imgtui.model.keep import is_keep
from imgtui.model.labels import REPLACES
from imgtui.model.printable import printable
from imgtui.model.reference import InvalidReference, Reference, repository_of, split_tagged

NAME_LIMIT = 320
"""Characters of a name: 255 of a repository name, 128 of a tag, rarely both."""
LINE_LIMIT = 500
"""Characters of an error, or of a line that an engine tells of its work."""

COMPOSE_PROJECT, COMPOSE_SERVICE = "com.docker.compose.project", "com.docker.compose.service"
LARGEST = 2**63 - 1
LAST_MOMENT = 253_402_300_799
"""The last second of the year 9999, which is the last that Python's datetime knows."""


def mapping(value: object) -> Mapping[str, object]:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    """The value if it is a JSON array, else an empty one: engines send null for empty lists."""
    return value if isinstance(value, list) else []


def text(value: object, limit: int = 4096) -> str:
    """The value made printable; empty for null."""
    return "" if value is None else printable(value, limit)


def number(value: object) -> int:
    """The value if it is a number, else 0; held within 64 bits, as the Engine API has them."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    if isinstance(value, float) and not math.isfinite(value):
        return 0
    return max(-LARGEST, min(int(value), LARGEST))


def moment(value: object) -> int:
    """Seconds since the epoch; 0 for what is before it, or after the year 9999."""
    count = number(value)
    return count if 0 <= count <= LAST_MOMENT else 0


def image_id(value: object) -> str:
    """An image ID with its algorithm: Podman sends bare hexadecimal digits in some places."""
    name = text(value, NAME_LIMIT)
    if len(name) == 64 and not name.startswith("sha256:"):
        return f"sha256:{name}"
    return name


def familiar_tag(value: object) -> str | None:
    """A tagged reference in the form docker prints, `web:latest`; None for `<none>:<none>`."""
    # An ID reads as tag of a repository `sha256` too.
    parts = split_tagged(value) if isinstance(value, str) and not is_digest(value) else None
    return f"{parts[0]}:{parts[1]}" if parts else None


def repo_digest(value: object) -> str | None:
    """A repo digest in familiar form; None for `<none>@<none>` and what is no reference."""
    if not isinstance(value, str):
        return None
    try:
        reference = Reference.parse(value)
    except InvalidReference:
        return None
    if reference.digest is None or reference.path.endswith("moby-dangling"):
        return None
    return f"{reference.familiar_name}@{reference.digest}"


def engine_info(version: object, info: object) -> EngineInfo:
    """`/version` and `/info` to who answers."""
    versions, details = mapping(version), mapping(info)
    components = [mapping(component) for component in items(versions.get("Components"))]
    podman = any(text(component.get("Name")).startswith("Podman") for component in components)
    status = [items(pair) for pair in items(details.get("DriverStatus"))]
    containerd = any("io.containerd.snapshotter.v1" in pair for pair in status)
    return EngineInfo(
        id=_podman_id(details) if podman else text(details.get("ID"), NAME_LIMIT),
        name=text(details.get("Name"), NAME_LIMIT),
        version=text(versions.get("Version"), 64),
        api_version=text(versions.get("ApiVersion"), 16),
        store=Store.PODMAN if podman else Store.CONTAINERD if containerd else Store.GRAPH,
        driver=text(details.get("Driver"), 64),
        architecture=text(versions.get("Arch"), 64),
        product="Podman" if podman else "Docker",
        records=number(details.get("Images")),
        clock_ns=nanoseconds(details.get("SystemTime")),
    )


def _podman_id(details: Mapping[str, object]) -> str:
    """Host and storage folder: the ID that Podman 4.3 sends is another one at every request."""
    return f"podman {text(details.get('Name'), NAME_LIMIT)} {text(details.get('DockerRootDir'), NAME_LIMIT)}"


def listed_image(raw: object, engine: EngineInfo) -> Image:
    """One entry of `/images/json`.

    On the containerd store a list names one repo digest only, though each tag is one
    (Docker 28.5): the others follow from tag and ID.
    """
    entry = mapping(raw)
    identifier = image_id(entry.get("Id"))
    tags, keeps = _tags(entry)
    return Image(
        id=identifier,
        tags=tags,
        repo_digests=_repo_digests(entry, identifier, tags, engine.store),
        created=moment(entry.get("Created")),
        size=number(entry.get("Size")),
        manifest=_platform_manifest(entry, engine),
        platforms=tuple(_platform(manifest) for manifest in _image_manifests(entry)),
        keeps=keeps,
        compose=_compose(mapping(entry.get("Labels"))),
    )


def inspected_image(raw: object, engine: EngineInfo) -> Image:
    """`/images/{name}/json` in the form of a list entry.

    On the containerd store its `Size` counts the content of one platform only and no snapshots
    (Docker 28.5: 1.1 MB against 3.1 MB in the list), so it is left at 0.
    """
    entry = mapping(raw)
    identifier = image_id(entry.get("Id"))
    tags, keeps = _tags(entry)
    return Image(
        id=identifier,
        tags=tags,
        repo_digests=_repo_digests(entry, identifier, tags, engine.store),
        created=seconds(entry.get("Created")),
        size=0 if engine.store is Store.CONTAINERD else number(entry.get("Size")),
        manifest=_platform_manifest(entry, engine),
        platforms=tuple(_platform(manifest) for manifest in _image_manifests(entry)),
        keeps=keeps,
        compose=_compose(mapping(mapping(entry.get("Config")).get("Labels"))),
    )


def listed_container(raw: object, created_from: str | None, now: float) -> Container:
    """One entry of `/containers/json`, listed at `now`, and the reference it was created from."""
    entry = mapping(raw)
    status = text(entry.get("Status"), 128)
    since = since_of(status, now)
    names = [text(name, NAME_LIMIT).lstrip("/") for name in items(entry.get("Names"))]
    labels = mapping(entry.get("Labels"))
    return Container(
        id=text(entry.get("Id"), NAME_LIMIT),
        name=min(names, key=lambda name: (name.count("/"), name), default=""),
        image_id=image_id(entry.get("ImageID")),
        created_from=created_from,
        state=text(entry.get("State"), 32).lower(),
        status=status,
        since=since.at,
        since_exact=since.exact,
        health=health_of(status),
        created=moment(entry.get("Created")),
        compose_project=text(labels.get(COMPOSE_PROJECT), NAME_LIMIT) or None,
        compose_service=text(labels.get(COMPOSE_SERVICE), NAME_LIMIT) or None,
        replaces=text(labels.get(REPLACES), NAME_LIMIT) or None,
        manifest=text(mapping(entry.get("ImageManifestDescriptor")).get("digest"), NAME_LIMIT) or None,
    )


def inspected_state(container: Container, document: Mapping[str, object], ahead: float) -> Container:
    """A listed container with what `inspect` tells to the second: since when, and its health.

    `ahead` are the seconds by which the engine's clock is ahead of this machine's, by which ages are told.
    """
    state = mapping(document.get("State"))
    began = seconds(state.get("StartedAt" if state.get("Running") is True else "FinishedAt"))
    health = text(mapping(state.get("Health")).get("Status"), 32)
    return replace(
        container,
        since=max(0, int(began - ahead)) if began else 0,
        since_exact=True,
        health="" if health == "none" else health,
    )


def platform(value: object) -> str:
    """An OCI platform as `linux/arm64/v8`."""
    parts = (text(mapping(value).get(key), 64) for key in ("os", "architecture", "variant"))
    return "/".join(part for part in parts if part)


def created_from(value: object) -> str | None:
    """A container's `Config.Image` as a tagged reference; None for an ID or a digest."""
    if not isinstance(value, str) or is_digest(value):
        return None
    try:
        reference = Reference.parse(value)
    except InvalidReference:
        return None
    if reference.digest is not None:
        return None
    return reference.with_default_tag().familiar


def event(raw: object) -> Event | None:
    """One message of `/events`; None for what is about neither images nor containers.

    What an event says of an image differs: on graph drivers `untag` carries the image ID as
    name, on the containerd store the reference; `pull` carries the reference as ID; Podman's
    IDs are bare digits, its `build` has the ID as name only, and its `loadfromarchive` none.
    Podman's `pull` and load have the time when they began, all others when they were done (4.3).
    `commit` is told of the container; what it makes is an image, which Podman does not name.
    """
    entry = mapping(raw)
    kind = text(entry.get("Type"), 32)
    action = text(entry.get("Action"), 64)
    if kind not in {"image", "container"}:
        return None
    actor = mapping(entry.get("Actor"))
    attributes = mapping(actor.get("Attributes"))
    if action == "commit":
        made = image_id(attributes.get("imageID")) or None
        named = familiar_tag(attributes.get("imageRef"))
        return Event("image", action, made, named, number(entry.get("timeNano")))
    identifier = image_id(actor.get("ID")) if kind == "image" else text(actor.get("ID"), NAME_LIMIT)
    reference, pulled = None, None
    if kind == "image":
        name = attributes.get("name")
        reference = familiar_tag(name)
        pulled = repo_digest(actor.get("ID") or name) if action == "pull" else None
        identifier = identifier or (isinstance(name, str) and digest_from(name)) or ""
        if identifier and not identifier.startswith("sha256:"):
            reference = created_from(identifier) or reference
            identifier = ""
    podman_began = action == "loadfromarchive" or (action == "pull" and not actor.get("ID"))
    return Event(
        kind=kind,
        action=action,
        id=identifier or None,
        reference=reference,
        time_ns=number(entry.get("timeNano")),
        begun=podman_began,
        health=health_told(action) if kind == "container" else None,
        repo_digest=pulled,
    )


def seconds(value: object) -> int:
    """RFC 3339 to seconds since the epoch; 0 for what is no time, or Go's zero time."""
    whole, _, rest = text(value, 64).partition(".")
    stamp = whole + rest.lstrip("0123456789")
    try:
        told = datetime.fromisoformat(stamp)
        return max(0, int(told.replace(tzinfo=told.tzinfo or UTC).timestamp()))
    except (ValueError, OverflowError):
        return 0


def nanoseconds(value: object) -> int:
    """RFC 3339 to nanoseconds since the epoch; 0 where `seconds` is 0."""
    whole = seconds(value)
    fraction = text(value, 64).partition(".")[2]
    digits = fraction[: len(fraction) - len(fraction.lstrip("0123456789"))]
    return whole * 1_000_000_000 + int(f"{digits[:9]:<09}") if whole and digits else whole * 1_000_000_000


def _tags(entry: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tags, and imgtui's own references among them."""
    found = (familiar_tag(tag) for tag in items(entry.get("RepoTags")))
    names = dict.fromkeys(tag for tag in found if tag)
    return tuple(name for name in names if not is_keep(name)), tuple(filter(is_keep, names))


def _compose(labels: Mapping[str, object]) -> str | None:
    """Compose names what it builds after project and service, and labels it with both."""
    project, service = labels.get(COMPOSE_PROJECT), labels.get(COMPOSE_SERVICE)
    if not (isinstance(project, str) and isinstance(service, str)):
        return None
    return repository_of(f"{project}-{service}")


def _repo_digests(
    entry: Mapping[str, object], identifier: str, tags: Iterable[str], store: Store
) -> tuple[str, ...]:
    found = [repo_digest(value) for value in items(entry.get("RepoDigests"))]
    if store is Store.CONTAINERD:
        found += [f"{tag.rpartition(':')[0]}@{identifier}" for tag in tags]
    return tuple(dict.fromkeys(value for value in found if value and not is_keep(value)))


def _platform_manifest(entry: Mapping[str, object], engine: EngineInfo) -> str | None:
    """The platform manifest an engine names: `Manifests` (API 1.47), Podman's `Digest`."""
    if engine.store is Store.PODMAN:
        return text(entry.get("Digest"), NAME_LIMIT) or None
    manifests = _image_manifests(entry)
    native = [m for m in manifests if _platform(m).split("/")[:2] == ["linux", engine.architecture]]
    best = native or (manifests if len(manifests) == 1 else [])
    return text(best[0].get("ID"), NAME_LIMIT) if best else None


def _image_manifests(entry: Mapping[str, object]) -> list[Mapping[str, object]]:
    manifests = (mapping(manifest) for manifest in items(entry.get("Manifests")))
    return [m for m in manifests if m.get("Kind") == "image" and m.get("Available") is not False]


def _platform(manifest: Mapping[str, object]) -> str:
    return platform(mapping(manifest.get("ImageData")).get("Platform"))
