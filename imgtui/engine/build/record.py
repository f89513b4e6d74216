"""One finished build, from the JSON of `docker buildx history inspect`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from imgtui.engine.wire.answers import NAME_LIMIT
from imgtui.engine.wire.translate import items, mapping, nanoseconds, text
from imgtui.model.core.digest import is_digest
from imgtui.model.taglog.traces import BuildRecord

INDEX_TYPES: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_IMAGE_TYPES: Final = (
    *INDEX_TYPES,
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.container.image.v1+json",
    "application/vnd.oci.image.config.v1+json",
)
"""What an image ID can be the digest of, the outermost first: on graph drivers of the configuration."""
IMPORTS: Final = "cache-imports"
MOST_IMPORTS: Final = 50

Names = Callable[[str], tuple[str, ...]]


def build_record(raw: object, names: Names) -> BuildRecord | None:
    """Read one record; None for a build that is not finished. `names` tells those of an index, by digest.

    Secrets in build arguments, labels and addresses are masked.
    """
    from imgtui.model.safety.secrets import mask_text  # its patterns take 8 ms

    entry = mapping(raw)
    completed = nanoseconds(entry.get("CompletedAt"))
    if not completed:
        return None
    kind, digest = _image(entry)
    failed = entry.get("Status") not in ("completed", None) or entry.get("Error") is not None
    return BuildRecord(
        ref=text(entry.get("Ref"), NAME_LIMIT),
        digest=None if failed else digest,
        completed=completed,
        started=nanoseconds(entry.get("StartedAt")),
        names=names(digest) if digest and kind in INDEX_TYPES and not failed else (),
        title=mask_text(text(entry.get("Name"), NAME_LIMIT)),
        context=mask_text(text(entry.get("Context"))),
        dockerfile=text(entry.get("Dockerfile")),
        target=text(entry.get("Target"), NAME_LIMIT),
        platforms=tuple(text(platform, 64) for platform in items(entry.get("Platform"))),
        arguments=_pairs(entry.get("BuildArgs")),
        labels=_pairs(entry.get("Labels")),
        repository=mask_text(text(entry.get("VCSRepository"))),
        revision=text(entry.get("VCSRevision"), NAME_LIMIT),
        network=_network(mapping(entry.get("Config")).get("Network")),
        cache_from=_cache_from(mapping(entry.get("Config"))),
        error=_error(entry) if failed else "",
    )


def _image(entry: Mapping[str, object]) -> tuple[str, str | None]:
    """Type and digest of what was built: the outermost of its attachments."""
    found = {
        str(attachment.get("Type")): text(attachment.get("Digest"), NAME_LIMIT)
        for attachment in map(mapping, reversed(items(entry.get("Attachments"))))
    }
    kinds = (kind for kind in _IMAGE_TYPES if is_digest(found.get(kind, "")))
    kind = next(kinds, "")
    return kind, found.get(kind)


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    from imgtui.model.safety.secrets import mask_value

    pairs = ((text(pair.get("Name"), 512), text(pair.get("Value"))) for pair in map(mapping, items(value)))
    return tuple((name, mask_value(name, said)) for name, said in pairs)


def _network(value: object) -> str:
    return text(value, 64) if value in {"none", "host"} else ""


def _cache_from(config: Mapping[str, object]) -> tuple[str, ...]:
    """BuildKit keeps it as JSON in a text: `[{"Type": "registry", "Attrs": {"ref": "web:cache"}}]`."""
    from imgtui.model.safety.secrets import mask_text

    raw = next(
        (
            pair.get("Value")
            for pair in map(mapping, items(config.get("RestRaw")))
            if pair.get("Name") == IMPORTS
        ),
        None,
    )
    try:
        imports = json.loads(raw) if isinstance(raw, str) else []
    except (ValueError, RecursionError):
        return ()
    found = []
    for each in map(mapping, items(imports)[:MOST_IMPORTS]):
        kind, attributes = text(each.get("Type"), 64), mapping(each.get("Attrs"))
        if kind == "registry" and set(attributes) == {"ref"}:
            found.append(text(attributes["ref"], NAME_LIMIT))
        elif kind:
            rest = [f"{text(name, 64)}={text(value, NAME_LIMIT)}" for name, value in attributes.items()]
            found.append(mask_text(",".join([f"type={kind}", *rest])))
    return tuple(found)


def _error(entry: Mapping[str, object]) -> str:
    from imgtui.model.safety.secrets import mask_text

    message = text(mapping(entry.get("Error")).get("Message"))
    return mask_text(message) or text(entry.get("Status"), 64) or "failed"
