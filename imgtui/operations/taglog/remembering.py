"""Facts of images are written into the state file while the engine still has them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import TYPE_CHECKING

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, Unavailable
from imgtui.engine.wire.facts import mask_again
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import Store
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.state import StateUnusable
from imgtui.threads import in_background

if TYPE_CHECKING:
    from imgtui.store.cached.cache import Cache

BATCH = 32
"""Images whose facts are written at once: each write waits for the disk."""


class Remembering:
    """Keeps the facts of what has, or had, a tag or a keep: of each image once, and once asked for.

    `asks` is whether the engine is asked for what the cache does not have: where nobody looks at layers,
    nobody else does. `tell` hears what ends the thread of `follow` in a way that nobody foresaw.
    """

    def __init__(
        self,
        engine: Engine,
        recorder: Recorder,
        cache: Cache | None = None,
        *,
        asks: bool,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._engine = engine
        self._recorder = recorder
        self._cache = cache
        self._asks = asks
        self._tell = tell
        self._lock = threading.Lock()
        self._known: dict[Store, set[str]] = {}
        self._wanted: dict[str, None] = {}
        self._working = False

    def follow(self, store: Store, catalog: Catalog) -> None:
        """Keep the facts of the images of a catalog, in a thread."""
        missing = self._missing(store, _spoken_of(catalog))
        with self._lock:
            self._wanted = dict.fromkeys(missing)
            if self._working or not missing:
                return
            self._working = True
        in_background("facts-kept", partial(self._work, store), self._tell, self.close)

    def close(self) -> None:
        """Keep no more in the thread: what is missing is missing the next time too."""
        with self._lock:
            self._wanted = {}

    def save(self, store: Store, catalog: Catalog) -> None:
        """Keep the facts of the images of a catalog; returns when that is done. Raises Unavailable."""
        self.save_these(store, _spoken_of(catalog))

    def save_these(self, store: Store, image_ids: Collection[str]) -> None:
        """Keep the facts of these images; returns when that is done. Raises Unavailable."""
        missing = self._missing(store, image_ids)
        for start in range(0, len(missing), BATCH):
            self.keep(store, self._found(store, missing[start : start + BATCH]))

    def keep(self, store: Store, documents: Iterable[tuple[str, str]]) -> None:
        """Keep what somebody else has asked for, by image ID."""
        facts, known = self._recorder.facts, self._known_of(store)
        new = [(image_id, document) for image_id, document in documents if image_id not in known]
        if facts is None or not new:
            return
        try:
            self._recorder.attempt(lambda: facts.keep(store, new), writes=True)
        except StateUnusable:
            return  # `Recorder.problem` says so, and they are missing the next time too
        known.update(image_id for image_id, _ in new)

    def document(self, store: Store, image_id: str) -> str | None:
        """What is kept of an image."""
        return remembered(self._recorder, store, image_id)

    def _work(self, store: Store) -> None:
        try:
            while batch := self._next():
                self.keep(store, self._found(store, batch))
        except Unavailable:
            pass  # it is asked for again when the engine is back: `follow` comes with every connection
        finally:
            with self._lock:
                self._working = False

    def _next(self) -> list[str]:
        with self._lock:
            batch = list(self._wanted)[:BATCH]
            for image_id in batch:
                del self._wanted[image_id]
            return batch

    def _found(self, store: Store, image_ids: Iterable[str]) -> list[tuple[str, str]]:
        found = []
        for image_id in image_ids:
            document = self._cache.document(store, image_id) if self._cache is not None else None
            if document is None and self._asks:
                document = self._asked(image_id)
            if document is not None:
                found.append((image_id, document))
        return found

    def _asked(self, image_id: str) -> str | None:
        """What the engine tells; None of an image that it cannot tell of. Raises Unavailable."""
        try:
            return self._engine.document(image_id)
        except Unavailable:
            raise
        except (EngineError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None  # one image that cannot be inspected keeps no other from being known

    def _missing(self, store: Store, image_ids: Iterable[str]) -> list[str]:
        known = self._known_of(store)
        return [image_id for image_id in image_ids if image_id not in known]

    def _known_of(self, store: Store) -> set[str]:
        with self._lock:
            known = self._known.get(store)
        if known is None:
            facts = self._recorder.facts
            found = None if facts is None else self._recorder.guarded(lambda: facts.known(store))
            if found is None:
                return set()
            with self._lock:
                known = self._known.setdefault(store, found)
        return known


def remembered(recorder: Recorder, store: Store, image_id: str) -> str | None:
    """What the state file has of an image, as `Engine.document` told it; None where it has nothing.

    It is masked once more: it may have been written when less was known to be a secret.
    """
    facts = recorder.facts
    document = None if facts is None else recorder.guarded(lambda: facts.document(store, image_id))
    return None if document is None else mask_again(document)


def _spoken_of(catalog: Catalog) -> list[str]:
    """The images that are here and have, or had, a name; those that have one first."""
    here = catalog.images.values()
    named = [image.id for image in here if image.tags or image.keeps]
    former = [image.id for image in here if image.id in catalog.past.names]
    return list(dict.fromkeys([*named, *former]))
