"""One look at an engine: everything that is there, with all layers counted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, Unavailable
from imgtui.engine.wire.facts import read_facts
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.digest import short
from imgtui.model.core.image import EngineInfo, Layer
from imgtui.model.core.layers import LayerTree
from imgtui.model.core.printable import printable
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.remembering import Remembering
from imgtui.operations.taglog.scan import look
from imgtui.store.cached.cache import Cache
from imgtui.threads import side_by_side

SIDE_BY_SIDE: Final = 4
"""Images whose facts are fetched at once."""
NAMED: Final = 5
"""Images that are named in one line."""

Fetched = tuple[str, tuple[Layer, ...], str]


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found."""

    info: EngineInfo
    catalog: Catalog
    tree: LayerTree
    diff_ids: Mapping[str, tuple[str, ...]]
    """Diff IDs of each image, bottom first."""
    unread: Mapping[str, str]
    """Images whose layers are not counted as the engine cannot read them: ID to what it says."""


@dataclass(frozen=True, slots=True)
class FoundLayers:
    """The layers of images, by ID."""

    layers: Mapping[str, tuple[Layer, ...]]
    unread: Mapping[str, str]
    """Those that the engine cannot read: ID to what it says. One that is broken does not hide the others."""


def survey(engine: Engine, cache: Cache, recorder: Recorder) -> Survey:
    """List everything and count every layer; facts that are known are not asked for. Raises EngineError."""
    seen = look(engine, recorder)
    info, catalog = seen.info, seen.catalog
    tree = LayerTree()
    diff_ids: dict[str, tuple[str, ...]] = {}
    found = layers_of(engine, cache, info, catalog.images.keys())
    for image_id, layers in found.layers.items():
        tree.add(image_id, layers)
        diff_ids[image_id] = tuple(layer.diff_id for layer in layers)
    Remembering(engine, recorder, cache, asks=False).save(info.store, catalog)
    return Survey(info, catalog, tree, diff_ids, found.unread)


def unread_words(unread: Mapping[str, str]) -> str:
    """In one line which images cannot be read, and why the first cannot; empty for none."""
    if not unread:
        return ""
    which = ", ".join(short(image_id) for image_id in list(unread)[:NAMED])
    more = f" and {len(unread) - NAMED} more" if len(unread) > NAMED else ""
    return f"the engine cannot read {which}{more}: {next(iter(unread.values()))}"


def layers_of(engine: Engine, cache: Cache, info: EngineInfo, images: Collection[str]) -> FoundLayers:
    """The layers of images; facts that are known are not asked for. Raises Unavailable."""
    layers = {image_id: layers for image_id, layers in cache.layers(info.store) if image_id in images}
    unread: dict[str, str] = {}
    fetched: list[Fetched] = []
    for found in _fetch(engine, [image_id for image_id in images if image_id not in layers]):
        if isinstance(found, _Unread):
            unread[found.image_id] = found.cause
        else:
            fetched.append(found)
            layers[found[0]] = found[1]
    cache.keep_facts(info.store, fetched)
    return FoundLayers(layers, unread)


@dataclass(frozen=True, slots=True)
class _Unread:
    """An image that the engine cannot read."""

    image_id: str
    cause: str


def _fetch(engine: Engine, image_ids: Iterable[str]) -> Iterator[Fetched | _Unread]:
    """Facts of these images, a few requests at a time; images that vanish meanwhile are left out."""

    def fetch(image_id: str) -> list[Fetched | _Unread]:
        try:
            document = engine.document(image_id)
            return [] if document is None else [(image_id, read_facts(document).layers, document)]
        except Unavailable:
            raise
        except (EngineError, ValueError) as error:
            return [_Unread(image_id, printable(error, 300))]

    return side_by_side("survey", SIDE_BY_SIDE, fetch, image_ids)
