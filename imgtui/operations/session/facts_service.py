"""Fetches facts of images: what is looked at first, a few at a time, each one once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Iterable, Sequence

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError
from imgtui.engine.wire.facts import read_facts
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import Layer, Store
from imgtui.operations.protocol.updates import FactsReady, Failed, LayersLearned, Publish
from imgtui.operations.taglog.remembering import Remembering
from imgtui.store.cached.cache import Cache
from imgtui.threads import in_background

SIDE_BY_SIDE = 4
BATCH = 1000
"""Images whose layers are told at once."""
FLUSH_EVERY = 32
"""Images fetched by one worker between two tellings."""

Known = tuple[str, tuple[Layer, ...]]


class FactsService:
    """Fetches facts by image ID from the cache, else from the engine, and publishes them.

    Two kinds of demand: `ask` for the facts of one image that somebody looks at, answered with
    `FactsReady`; and the layers of every image of the catalog, told with `LayersLearned`, those
    in view (`in_view`) first. At most four requests are under way at once.
    """

    def __init__(
        self, engine: Engine, cache: Cache, publish: Publish, remembering: Remembering | None = None
    ) -> None:
        self._engine = engine
        self._cache = cache
        self._remembering = remembering
        self._publish = publish
        self._store = Store.GRAPH
        self._condition = threading.Condition()
        self._asked: deque[tuple[str, bool]] = deque()
        self._view: dict[str, None] = {}
        self._here: Collection[str] = ()
        """The images that the engine has."""
        self._backlog: dict[str, None] = {}
        self._learned: set[str] = set()
        """Images whose layers were told or are being fetched."""
        self._gone: set[str] = set()
        """Images that are gone, whose layers were told or looked for."""
        self._closed = False
        self._workers = 0

    def known_as(self, store: Store) -> None:
        """Of which kind of store the facts are: sizes of layers differ between kinds."""
        self._store = store

    def forget(self) -> None:
        """Another engine is followed: nothing was told of its images yet."""
        with self._condition:
            self._learned.clear()
            self._gone.clear()
            self._backlog.clear()

    def ask(self, image_id: str, *, reveal: bool = False) -> None:
        """Fetch the facts of one image next; the latest demand first."""
        with self._condition:
            if (image_id, reveal) not in self._asked:
                self._asked.append((image_id, reveal))
        self._staff()

    def in_view(self, image_ids: Sequence[str]) -> None:
        """These images are on the screen: their layers come first."""
        with self._condition:
            self._view = dict.fromkeys(image_ids)

    def recall(self, store: Store, catalog: Catalog) -> None:
        """Tell the layers that the cache knows of these images."""
        self._store = store
        batch: list[Known] = []
        for image_id, layers in self._cache.layers(store):
            if image_id in catalog.images and image_id not in self._learned:
                self._learned.add(image_id)
                batch.append((image_id, layers))
                if len(batch) == BATCH:
                    self._publish(LayersLearned(tuple(batch)))
                    batch = []
        if batch:
            self._publish(LayersLearned(tuple(batch)))

    def follow(self, store: Store, catalog: Catalog) -> None:
        """Have the layers of every image of the catalog, from the cache or the engine."""
        if not self._learned:
            self.recall(store, catalog)
        self._store = store
        with self._condition:
            self._learned &= catalog.images.keys()
            self._gone -= catalog.images.keys()
            newest_first = [version.image.id for version in catalog.everything]
            wanted = catalog.images.keys() - self._learned
            gone = [key for key in newest_first if key not in catalog.images and key not in self._gone]
            self._backlog = dict.fromkeys([*(key for key in newest_first if key in wanted), *gone])
            self._here = catalog.images.keys()
        self._staff()

    def close(self) -> None:
        """Take no more work."""
        with self._condition:
            self._closed = True
            self._backlog.clear()
            self._asked.clear()

    def _staff(self) -> None:
        """Have as many workers as there is work for; they leave when there is none."""
        with self._condition:
            needed = min(SIDE_BY_SIDE, len(self._asked) + len(self._backlog))
            missing = max(0, needed - self._workers) if not self._closed else 0
            self._workers += missing
        for _ in range(missing):
            in_background("facts", self._work, self._fail, self.close)

    def _work(self) -> None:
        batch: list[tuple[str, tuple[Layer, ...], str]] = []
        try:
            while (job := self._next_job()) is not None:
                image_id, reveal = job
                try:
                    if reveal is None:
                        batch += self._layers_of(image_id)
                    else:
                        self._answer(image_id, reveal=reveal)
                except EngineError:
                    self._forget(image_id)
                except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                    # A document of another shape: this image's facts cannot be had, those of others can.
                    if reveal is not None:
                        self._publish(FactsReady(image_id, None, revealed=reveal))
                if len(batch) >= FLUSH_EVERY:
                    self._flush(batch)
                    batch = []
        except BaseException:
            with self._condition:
                self._workers -= 1
            raise
        finally:
            self._flush(batch)

    def _fail(self, error: str) -> None:
        self._publish(Failed(f"facts of images could not be had ({error})"))

    def _next_job(self) -> tuple[str, bool | None] | None:
        with self._condition:
            if self._asked and not self._closed:
                return self._asked.pop()
            in_view = (image_id for image_id in self._view if image_id in self._backlog)
            next_one = next(in_view, None) or next(iter(self._backlog), None)
            if next_one is None:
                self._workers -= 1
                return None
            del self._backlog[next_one]
            (self._learned if next_one in self._here else self._gone).add(next_one)
            return next_one, None

    def _answer(self, image_id: str, *, reveal: bool) -> None:
        document = None if reveal else self._known(image_id)
        if document is None:
            document = self._engine.document(image_id, reveal=reveal)
        facts = None if document is None else read_facts(document)
        if document is not None and facts is not None and not reveal:
            self._keep([(image_id, facts.layers, document)])
        self._publish(FactsReady(image_id, facts, document or "", reveal))

    def _layers_of(self, image_id: str) -> Iterable[tuple[str, tuple[Layer, ...], str]]:
        document = self._known(image_id)
        if document is None and image_id in self._here:
            document = self._engine.document(image_id)
        if document is None:
            return []
        return [(image_id, read_facts(document).layers, document)]

    def _flush(self, batch: list[tuple[str, tuple[Layer, ...], str]]) -> None:
        if not batch:
            return
        self._keep(batch)
        self._publish(LayersLearned(tuple((image_id, layers) for image_id, layers, _ in batch)))

    def _forget(self, image_id: str) -> None:
        """The engine refused or went away: the image is asked for again with the next catalog."""
        with self._condition:
            self._learned.discard(image_id)

    def _known(self, image_id: str) -> str | None:
        """What the cache has, else the state file: of an image that is gone nobody else has anything."""
        document = self._cache.document(self._store, image_id)
        if document is None and self._remembering is not None:
            document = self._remembering.document(self._store, image_id)
        return document

    def _keep(self, batch: list[tuple[str, tuple[Layer, ...], str]]) -> None:
        self._cache.keep_facts(self._store, batch)
        if self._remembering is not None:
            self._remembering.keep(self._store, [(image_id, document) for image_id, _, document in batch])
