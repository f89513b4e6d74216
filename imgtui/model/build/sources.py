"""What records, Compose files and labels tell of how an image was built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from imgtui.model.build.recipe import Clue, Origin, Words
from imgtui.model.core.printable import printable
from imgtui.model.safety.json import mapping, texts
from imgtui.model.safety.secrets import mask_assignment, mask_text
from imgtui.model.taglog.traces import BuildRecord

_SOURCE: Final = "org.opencontainers.image.source"
_REVISION: Final = "org.opencontainers.image.revision"
_COMPOSE: Final = "com.docker.compose."
_LONGEST: Final = 4096
NOT_HERE: Final = (
    "the build record does not say the folder: it was built by another user, or on another machine"
)


def clue_of_record(record: BuildRecord, origin: Origin = Origin.RECORD) -> Clue:
    """What the record of a build tells, or its provenance."""
    notes = (NOT_HERE,) if origin is Origin.RECORD and not record.context else ()
    return _clue(
        origin,
        {
            "tags": record.names,
            "context": _one(record.context),
            "dockerfile": _one(record.dockerfile),
            "target": _one(record.target),
            "arguments": _pairs(record.arguments),
            "labels": _pairs(record.labels),
            "platform": _one(",".join(record.platforms)),
            "secrets": tuple(f"id={secret}" for secret in record.secrets),
            "cache_from": record.cache_from,
            "network": _one(record.network),
            "repository": _one(record.repository),
            "revision": _one(record.revision),
        },
        notes,
    )


def clue_of_compose(
    service: Mapping[str, object], of_image: Mapping[str, object] = MappingProxyType({})
) -> Clue | None:
    """What `docker compose config` says of a service; None where it builds nothing.

    `of_image` are the labels of the image: those by which Compose knows it for its own are kept. Compose
    gives them to what it builds, and no file has them.
    """
    build = mapping(service.get("build"))
    context = _text(build.get("context"))
    if not context:
        return None
    secrets = [mapping(secret).get("source") for secret in _items(build.get("secrets"))]
    named = [service.get("image"), *texts(build.get("tags"))]
    own = {name: value for name, value in of_image.items() if name.startswith(_COMPOSE)}
    labels = {**mapping(build.get("labels")), **own}
    notes: tuple[str, ...] = ()
    if _text(build.get("dockerfile_inline")):
        notes = ("the Dockerfile is written in the Compose file itself: build it with docker compose build",)
    return _clue(
        Origin.COMPOSE,
        {
            "tags": tuple(filter(None, map(_text, named))),
            "context": (context,),
            "dockerfile": _one(_text(build.get("dockerfile"))),
            "target": _one(_text(build.get("target"))),
            "arguments": tuple(_assignment(*pair) for pair in mapping(build.get("args")).items()),
            "labels": tuple(_assignment(*pair) for pair in labels.items()),
            "platform": _one(",".join(map(_text, texts(build.get("platforms"))))),
            "secrets": tuple(f"id={_text(secret)}" for secret in secrets if secret),
            "cache_from": tuple(map(_text, texts(build.get("cache_from")))),
            "network": _one(_text(build.get("network"))),
        },
        notes,
    )


def clue_of_labels(labels: Mapping[str, object]) -> Clue:
    """What the labels of an image say of its source (OCI image specification, annotations.md)."""
    return _clue(
        Origin.LABELS,
        {"repository": _one(_text(labels.get(_SOURCE))), "revision": _one(_text(labels.get(_REVISION)))},
    )


def _clue(origin: Origin, values: Mapping[str, Words], notes: tuple[str, ...] = ()) -> Clue:
    return Clue(origin, {name: found for name, found in values.items() if found}, notes)


def _pairs(pairs: Sequence[tuple[str, str]]) -> Words:
    return tuple(f"{name}={value}" for name, value in pairs)


def _assignment(name: str, value: object) -> str:
    """`NAME=value`; a name alone is a value that the environment has."""
    if value is None:
        return _text(name)
    return mask_assignment(f"{_text(name)}={_text(value)}")


def _text(value: object) -> str:
    return "" if value is None else mask_text(printable(value, _LONGEST))


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _one(value: str) -> Words:
    return (value,) if value else ()
