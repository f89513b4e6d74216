"""One look at an engine: everything that is there, with all layers counted."""

from __future__ import annotations

import queue
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from imgtui.engine.facts import read_facts
from imgtui.engine.port import Engine
from imgtui.model.catalog import Catalog
from imgtui.model.image import EngineInfo, Layer
from imgtui.model.layers import LayerTree
from imgtui.operations.facts import SIDE_BY_SIDE
from imgtui.operations.look import look
from imgtui.operations.recording import Recorder
from imgtui.operations.remembering import Remembering
from imgtui.store.cache import Cache

Fetched = tuple[str, tuple[Layer, ...], str]


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found."""

    info: EngineInfo
    catalog: Catalog
    tree: LayerTree
    diff_ids: Mapping[str, tuple[str, ...]]
    """Diff IDs of each image, bottom first."""


def survey(engine: Engine, cache: Cache, recorder: Recorder) -> Survey:
    """List everything and count every layer; facts that are known are not asked for. Raises EngineError."""
    seen = look(engine, recorder)
    info, catalog = seen.info, seen.catalog
    tree = LayerTree()
    diff_ids: dict[str, tuple[str, ...]] = {}
    for image_id, layers in layers_of(engine, cache, info, catalog.images.keys()):
        tree.add(image_id, layers)
        diff_ids[image_id] = tuple(layer.diff_id for layer in layers)
    Remembering(engine, recorder, cache, asks=False).save(info.store, catalog)
    return Survey(info, catalog, tree, diff_ids)


def layers_of(
    engine: Engine, cache: Cache, info: EngineInfo, images: Collection[str]
) -> Iterator[tuple[str, tuple[Layer, ...]]]:
    """The layers of images, by ID; facts that are known are not asked for. Raises EngineError."""
    known = {image_id: layers for image_id, layers in cache.layers(info.store) if image_id in images}
    yield from known.items()
    fetched: list[Fetched] = []
    for found in _fetch(engine, [image_id for image_id in images if image_id not in known]):
        fetched.append(found)
        yield found[0], found[1]
    cache.keep_facts(info.store, fetched)


def _fetch(engine: Engine, image_ids: Iterable[str]) -> Iterator[Fetched]:
    """Facts of these images, a few requests at a time; images that vanish meanwhile are left out."""
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    expected = 0
    for image_id in image_ids:
        waiting.put(image_id)
        expected += 1
    answers: queue.SimpleQueue[Fetched | Exception | None] = queue.SimpleQueue()

    def work() -> None:
        while True:
            try:
                image_id = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                document = engine.document(image_id)
                answers.put(None if document is None else (image_id, read_facts(document).layers, document))
            except Exception as error:
                answers.put(error)

    for _ in range(min(SIDE_BY_SIDE, expected)):
        threading.Thread(target=work, name="imgtui-survey", daemon=True).start()
    for _ in range(expected):
        answer = answers.get()
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            yield answer
