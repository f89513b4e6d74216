"""A catalog as text and back: compact, for a snapshot that is read before the first paint."""

from __future__ import annotations

import json
from dataclasses import astuple, replace
from typing import Any

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import Container, EngineInfo, Image, Store


def write(info: EngineInfo, catalog: Catalog) -> str:
    """One JSON text; fields by position, in the order of the dataclasses."""
    return json.dumps(
        [
            astuple(info),
            [
                [i.id, i.tags, i.repo_digests, i.created, i.size, i.manifest, i.platforms, i.keeps, i.compose]
                for i in catalog.images.values()
            ],
            [astuple(container) for container in catalog.containers.values()],
        ],
        separators=(",", ":"),
    )


def read(text: str) -> tuple[EngineInfo, Catalog]:
    """What `write` wrote. Raises ValueError, TypeError or KeyError on anything else."""
    info, images, containers = json.loads(text)
    known = (
        Image(
            image_id,
            tuple(tags),
            tuple(digests),
            created,
            size,
            manifest,
            tuple(platforms),
            tuple(keeps),
            compose,
        )
        for image_id, tags, digests, created, size, manifest, platforms, keeps, compose in images
    )
    running = (Container(*map(_field, fields)) for fields in containers)
    engine = EngineInfo(*info)
    return (
        replace(engine, store=Store(engine.store)),
        Catalog({image.id: image for image in known}, {container.id: container for container in running}),
    )


def _field(value: Any) -> Any:
    """JSON has lists where a container has tuples."""
    return tuple(value) if isinstance(value, list) else value
