"""Engine JSON to the model: what is absent is absent, what is not understood is an error, text is made safe.

An engine's answer is read by `answers`: what makes a model of it raises WrongShape. `mapping`,
`items` and `number` are lenient: they are for what images carry (provenance, build records, archives), which
are claims that may be missing or wrong, and never for an answer.

Every string that enters the model passes `printable` here; values that look secret are masked
before a document is kept. Differences between engines that were measured are named where they
matter: Docker 20.10 (API 1.41), Docker 28.5 on both stores (API 1.51), Podman 4.3 (API 1.41).
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from imgtui.engine.port.containers import FileStat
from imgtui.engine.wire.answers import LARGEST, NAME_LIMIT, Entry, WrongShape
from imgtui.engine.wire.container_status import health_of, health_told, since_of
from imgtui.model.core.digest import digest_from, is_digest
from imgtui.model.core.event import Event
from imgtui.model.core.image import Container, EngineInfo, Image, Store
from imgtui.model.core.labels import REPLACES
from imgtui.model.core.printable import printable
from imgtui.model.core.reference import InvalidReference, Reference, repository_of, split_tagged
from imgtui.model.keeps.keep import is_keep

LINE_LIMIT = 500
_WORKING_NAME = re.compile(r"(?:localhost/)?[0-9a-f]{64}-tmp:latest")
"""What Podman 4.3 calls a step of a build, in the form docker prints, until the step has its image."""
"""Characters of an error, or of a line that an engine tells of its work."""

PODMAN_API = "/v4.0.0/libpod"
"""Podman's own API, in the oldest version that Podman 4 and 5 speak."""

COMPOSE_PROJECT, COMPOSE_SERVICE = "com.docker.compose.project", "com.docker.compose.service"
_HOST_TEXTS = (
    "Binds", "VolumesFrom", "Links", "CapAdd", "CapDrop", "Dns", "DnsOptions", "DnsSearch", "ExtraHosts",
    "GroupAdd", "SecurityOpt",
)  # fmt: skip
"""Fields of `HostConfig` that are lists of texts."""
_HOST_NUMBERS = (
    "BlkioWeight", "CpuCount", "CpuPercent", "CpuPeriod", "CpuQuota", "CpuRealtimePeriod", "CpuShares",
    "CpuRealtimeRuntime", "Memory", "MemoryReservation", "MemorySwap", "MemorySwappiness", "NanoCpus",
    "OomScoreAdj", "PidsLimit", "ShmSize",
)  # fmt: skip
_HOST_FLAGS = ("AutoRemove", "Init", "OomKillDisable", "Privileged", "PublishAllPorts", "ReadonlyRootfs")
_GO_MODE_TYPE = 0x8F280000
"""The bits of Go's `os.ModeType`: folder, link, pipe, socket, device, irregular."""
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
    """A tagged reference in the form docker prints, `web:latest`; None for `<none>:<none>`.

    None also for what Podman calls a step of a build for some milliseconds: nobody gave that name.
    """
    # An ID reads as tag of a repository `sha256` too.
    parts = split_tagged(value) if isinstance(value, str) and not is_digest(value) else None
    tag = f"{parts[0]}:{parts[1]}" if parts else None
    return None if tag is None or _WORKING_NAME.fullmatch(tag) else tag


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
    """`/version` and `/info` to who answers. Raises WrongShape."""
    versions, details = Entry(version), Entry(info)
    podman = any(each.text("Name").startswith("Podman") for each in versions.entries("Components"))
    containerd = "io.containerd.snapshotter.v1" in _driver_status(details)
    name, root = details.needed_text("Name", NAME_LIMIT), details.text("DockerRootDir")
    # The ID that Podman sends is another one at every request (4.3, 5.4, 5.8).
    identifier = f"podman {name} {root[:NAME_LIMIT]}" if podman else details.needed_text("ID", NAME_LIMIT)
    return EngineInfo(
        id=identifier,
        name=name,
        version=versions.needed_text("Version", 64),
        api_version=versions.needed_text("ApiVersion", 16),
        store=Store.PODMAN if podman else Store.CONTAINERD if containerd else Store.GRAPH,
        driver=details.needed_text("Driver", 64),
        architecture=versions.text("Arch", 64),
        product="Podman" if podman else "Docker",
        records=details.number("Images"),
        clock_ns=nanoseconds(details.text("SystemTime", 64)),
        root=root,
    )


def _driver_status(details: Entry) -> list[object]:
    """All that stands in it: pairs of texts, and nothing in some versions of Podman."""
    pairs = details.raw.get("DriverStatus")
    if pairs is None:
        return []
    if not isinstance(pairs, list) or not all(isinstance(pair, list) for pair in pairs):
        raise WrongShape("DriverStatus is no list of pairs")
    return [word for pair in pairs for word in pair]


def listed_image(entry: Entry, engine: EngineInfo) -> Image:
    """One entry of `/images/json`. Raises WrongShape.

    On the containerd store a list names one repo digest only, though each tag is one
    (Docker 28.5): the others follow from tag and ID.
    """
    identifier = entry.image_id("Id")
    tags, keeps = _tags(entry)
    return Image(
        id=identifier,
        tags=tags,
        repo_digests=_repo_digests(entry, identifier, tags, engine.store),
        created=moment(entry.number("Created")),
        size=entry.number("Size"),
        manifest=_platform_manifest(entry, engine),
        platforms=tuple(_platform(manifest) for manifest in _image_manifests(entry)),
        keeps=keeps,
        compose=_compose(entry.text_values("Labels")),
    )


def inspected_image(raw: object, engine: EngineInfo) -> Image:
    """`/images/{name}/json` in the form of a list entry. Raises WrongShape.

    On the containerd store its `Size` counts the content of one platform only and no snapshots
    (Docker 28.5: 1.1 MB against 3.1 MB in the list), so it is left at 0.
    """
    entry = Entry(raw)
    identifier = entry.image_id("Id")
    tags, keeps = _tags(entry)
    size = entry.number("Size")
    return Image(
        id=identifier,
        tags=tags,
        repo_digests=_repo_digests(entry, identifier, tags, engine.store),
        created=seconds(entry.text("Created", 64)),
        size=0 if engine.store is Store.CONTAINERD else size,
        manifest=_platform_manifest(entry, engine),
        platforms=tuple(_platform(manifest) for manifest in _image_manifests(entry)),
        keeps=keeps,
        compose=_compose(entry.entry("Config").text_values("Labels")),
    )


def listed_container(
    entry: Entry, created_from: str | None, now: float, own: Mapping[str, str] | None = None
) -> Container:
    """One entry of `/containers/json`, listed at `now`, and the reference it was created from.

    `own` are the labels that imgtui gave to it. Raises WrongShape.
    """
    names = [text(name, NAME_LIMIT).lstrip("/") for name in entry.texts("Names")]
    labels = entry.text_values("Labels")
    status = entry.text("Status", 128)
    since = since_of(status, now)
    once = labels.get("com.docker.compose.oneoff") == "True"  # `compose run`: no replica of the service
    return Container(
        id=entry.container_id("Id"),
        name=min(names, key=lambda name: (name.count("/"), name), default=""),
        image_id=entry.optional_image_id("ImageID"),
        created_from=created_from,
        state=entry.needed_text("State", 32).lower(),
        status=status,
        since=since.at,
        since_exact=since.exact,
        health=health_of(status),
        created=moment(entry.number("Created")),
        compose_project=text(labels.get(COMPOSE_PROJECT), NAME_LIMIT) or None,
        compose_service=None if once else text(labels.get(COMPOSE_SERVICE), NAME_LIMIT) or None,
        replaces=text((own or {}).get(REPLACES), NAME_LIMIT) or None,
        manifest=entry.entry("ImageManifestDescriptor").text("digest", NAME_LIMIT) or None,
    )


def mounted_images(entry: Entry) -> tuple[str, ...]:
    """The images that a container of `/containers/json` mounts: tags, digests or IDs. Raises WrongShape."""
    named = [
        mount.text("Name", NAME_LIMIT) for mount in entry.entries("Mounts") if mount.text("Type") == "image"
    ]
    return tuple(created_from(name) or name for name in named if name)


def inspected_container(raw: object) -> Mapping[str, object]:
    """`/containers/{name}/json` as it came, when it has what a container always has. Raises WrongShape.

    A container that is put in its place is made of this: what would be missing in it would be missing there.
    Docker 20.10 and 28.5 and Podman 4.3 send all of these of every container, also of one that never ran.
    """
    entry = Entry(raw)
    entry.container_id("Id")
    entry.optional_image_id("Image")  # Podman's infra container has none
    entry.needed_text("Name")
    entry.needed_entry("State").needed_text("Status")
    config, host = entry.needed_entry("Config"), entry.needed_entry("HostConfig")
    for key in ("Env", "Cmd", "OnBuild"):
        config.texts(key)
    for key in ("Volumes", "ExposedPorts", "Healthcheck"):
        config.entry(key)
    config.text_values("Labels")
    for key in _HOST_TEXTS:
        host.texts(key)
    for key in _HOST_NUMBERS:
        host.number(key)
    for key in _HOST_FLAGS:
        host.flag(key)
    for key in ("Mounts", "Devices", "DeviceRequests", "Ulimits"):
        host.entries(key)
    for key in ("PortBindings", "LogConfig", "Tmpfs", "Sysctls", "StorageOpt"):
        host.entry(key)
    host.needed_text("NetworkMode")
    host.needed_entry("RestartPolicy")
    networks = entry.needed_entry("NetworkSettings").needed_entry("Networks")
    for name in networks.raw:
        networks.entry(name)
    for mount in entry.needed_entries("Mounts"):
        mount.needed_text("Destination")
    return entry.raw


def podman_container(raw: object) -> Mapping[str, object]:
    """`/libpod/containers/{name}/json` as it came. Raises WrongShape."""
    entry = Entry(raw)
    entry.container_id("Id")
    entry.needed_entry("Config").texts("CreateCommand")
    entry.needed_entry("HostConfig").entry("LogConfig")
    return entry.raw


def file_stat(header: str) -> FileStat | None:
    """The header `X-Docker-Container-Path-Stat`: JSON in base64; None for what is no regular file.

    `mode` is that of Go's `os.FileMode`, whose type bits are the highest ones. Raises WrongShape.
    """
    try:
        raw = json.loads(base64.b64decode(header, validate=True))
    except ValueError as error:
        raise WrongShape("the header about a file is no JSON in base64") from error
    entry = Entry(raw)
    if entry.number("mode") & _GO_MODE_TYPE:
        return None
    return FileStat(entry.number("size"), nanoseconds(entry.text("mtime", 64)))


def inspected_config(raw: object) -> Mapping[str, object]:
    """`Config` of `/images/{name}/json` as it came. Raises WrongShape."""
    entry = Entry(raw)
    entry.image_id("Id")
    config = entry.needed_entry("Config")
    for key in ("Env", "Cmd", "OnBuild"):
        config.texts(key)
    for key in ("Volumes", "ExposedPorts", "Healthcheck"):
        config.entry(key)
    config.text_values("Labels")
    return config.raw


def inspected_state(container: Container, entry: Entry, ahead: float) -> Container:
    """A listed container with what `inspect` tells to the second: since when, and its health.

    `ahead` are the seconds by which the engine's clock is ahead of this machine's, by which ages are told.
    Raises WrongShape.
    """
    state = entry.needed_entry("State")
    began = seconds(state.text("StartedAt" if state.flag("Running") else "FinishedAt", 64))
    health = state.entry("Health").text("Status", 32)
    return replace(
        container,
        since=max(0, int(began - ahead)) if began else 0,
        since_exact=True,
        health="" if health == "none" else health,
    )


def platform(entry: Entry) -> str:
    """An OCI platform as `linux/arm64/v8`. Raises WrongShape."""
    parts = (entry.text(key, 64) for key in ("os", "architecture", "variant"))
    return "/".join(part for part in parts if part)


def created_from(value: object) -> str | None:
    """A container's `Config.Image` as a tagged reference; None for an ID or a digest."""
    reference = _named(value)
    if reference is None or reference.digest is not None:
        return None
    return reference.with_default_tag().familiar


def pinned_to(value: object) -> str | None:
    """The tagged reference in a container's `Config.Image` that has a tag and a digest; else None."""
    reference = _named(value)
    if reference is None or reference.digest is None or reference.tag is None:
        return None
    return replace(reference, digest=None).familiar


def _named(value: object) -> Reference | None:
    """What a container's `Config.Image` names; None for an ID."""
    if not isinstance(value, str) or is_digest(value):
        return None
    try:
        return Reference.parse(value)
    except InvalidReference:
        return None


def event(raw: object) -> Event | None:
    """One message of `/events`; None for what is about neither images nor containers. Raises WrongShape.

    What an event says of an image differs: on graph drivers `untag` carries the image ID as
    name, on the containerd store the reference; `pull` carries the reference as ID; Podman's
    IDs are bare digits, its `build` has the ID as name only, and its `loadfromarchive` none.
    Podman's `pull` and load have the time when they began, all others when they were done (4.3).
    `commit` is told of the container; what it makes is an image, which Podman does not name.
    """
    entry = Entry(raw)
    kind, action = entry.needed_text("Type", 32), entry.needed_text("Action", 64)
    if kind not in {"image", "container"}:
        return None
    actor = entry.needed_entry("Actor")
    attributes, actor_id = actor.text_values("Attributes"), actor.raw_text("ID")
    time_ns = entry.number("timeNano")
    if action == "commit":
        made = image_id(attributes.get("imageID")) or None
        named = familiar_tag(attributes.get("imageRef"))
        return Event("image", action, made, named, time_ns)
    identifier = image_id(actor_id) if kind == "image" else text(actor_id, NAME_LIMIT)
    reference, pulled = None, None
    if kind == "image":
        name = attributes.get("name")
        reference = familiar_tag(name)
        pulled = repo_digest(actor_id or name) if action == "pull" else None
        identifier = identifier or (isinstance(name, str) and digest_from(name)) or ""
        if identifier and not identifier.startswith("sha256:"):
            reference = created_from(identifier) or reference
            identifier = ""
    podman_began = action == "loadfromarchive" or (action == "pull" and not actor_id)
    return Event(
        kind=kind,
        action=action,
        id=identifier or None,
        reference=reference,
        time_ns=time_ns,
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


def _tags(entry: Entry) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tags, and imgtui's own references among them."""
    found = (familiar_tag(tag) for tag in entry.texts("RepoTags"))
    names = dict.fromkeys(tag for tag in found if tag)
    return tuple(name for name in names if not is_keep(name)), tuple(filter(is_keep, names))


def _compose(labels: Mapping[str, str]) -> str | None:
    """Compose names what it builds after project and service, and labels it with both."""
    project, service = labels.get(COMPOSE_PROJECT), labels.get(COMPOSE_SERVICE)
    return None if project is None or service is None else repository_of(f"{project}-{service}")


def _repo_digests(entry: Entry, identifier: str, tags: Iterable[str], store: Store) -> tuple[str, ...]:
    found = [repo_digest(value) for value in entry.texts("RepoDigests")]
    if store is Store.CONTAINERD:
        found += [f"{tag.rpartition(':')[0]}@{identifier}" for tag in tags]
    return tuple(dict.fromkeys(value for value in found if value and not is_keep(value)))


def _platform_manifest(entry: Entry, engine: EngineInfo) -> str | None:
    """The platform manifest an engine names: `Manifests` (API 1.47), Podman's `Digest`."""
    if engine.store is Store.PODMAN:
        return entry.text("Digest", NAME_LIMIT) or None
    manifests = _image_manifests(entry)
    native = [m for m in manifests if _platform(m).split("/")[:2] == ["linux", engine.architecture]]
    best = native or (manifests if len(manifests) == 1 else [])
    return best[0].text("ID", NAME_LIMIT) or None if best else None


def _image_manifests(entry: Entry) -> list[Entry]:
    manifests = entry.entries("Manifests")
    return [m for m in manifests if m.text("Kind") == "image" and m.flag("Available") is not False]


def available_platforms(entry: Entry) -> list[Mapping[str, object]]:
    """The platforms that an image is here for, as the engine tells them. Raises WrongShape."""
    return [manifest.entry("ImageData").entry("Platform").raw for manifest in _image_manifests(entry)]


def _platform(manifest: Entry) -> str:
    return platform(manifest.entry("ImageData").entry("Platform"))
