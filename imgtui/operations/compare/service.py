"""Compares pairs of images: each question in a thread, one at a time of each kind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.compare.packages import PackagesDifference
from imgtui.model.compare.text import TextDifference
from imgtui.model.core.image import Image, Store
from imgtui.operations.compare.comparing import (
    ComparedFiles,
    Pair,
    Subject,
    compare_file,
    compare_files,
    compare_images,
    compare_packages,
    tagged_layers,
)
from imgtui.operations.compare.updates import Compared, FileCompared, FilesCompared, PackagesCompared
from imgtui.operations.files.layer_files import Heard, Reading
from imgtui.operations.protocol.updates import Publish
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.cached.cache import Cache
from imgtui.threads import in_background

TELL_SECONDS: Final = 0.5
"""How often it is told how far the reading is."""

Found = TypeVar("Found")


class CompareService:
    """Compares, and publishes what was found; reading goes on until something else is asked, or `stop`."""

    def __init__(
        self, engine: Engine, cache: Cache, publish: Publish, recorder: Recorder | None = None
    ) -> None:
        self._engine = engine
        self._cache = cache
        self._publish = publish
        self._recorder = recorder
        self._lock = threading.Lock()
        self._stop = threading.Event()

    def compare(self, a: Image, b: Image, store: Store, catalog: Catalog) -> None:
        """Compare the facts of two images; `Compared` tells what was found."""

        def work(_: Heard, __: threading.Event) -> Pair:
            tagged = tagged_layers(self._cache, store, catalog.tags)
            left, right = (Subject(self._engine, store, image.id, image.manifest) for image in (a, b))
            return compare_images(left, right, self._cache, tagged, self._recorder)

        def tell(found: Pair | None, _: Reading | None, problem: str) -> None:
            if found is not None or problem:
                self._publish(Compared(a.id, b.id, found, problem))

        self._do(work, tell)

    def files(self, pair: Pair) -> None:
        """Compare the files; `FilesCompared` tells how far it is, and what was found."""

        def work(heard: Heard, stop: threading.Event) -> ComparedFiles:
            found = compare_files(pair, self._cache.layer_lists, heard, stop)
            found.tree(times=False)
            return found

        def tell(found: ComparedFiles | None, reading: Reading | None, problem: str) -> None:
            self._publish(FilesCompared(pair, found, reading, problem))
            if found is not None:
                found.look_ahead()

        self._do(work, tell)

    def packages(self, pair: Pair, files: ComparedFiles) -> None:
        """Compare the packages; `PackagesCompared` tells how far it is, and what was found."""

        def work(heard: Heard, stop: threading.Event) -> PackagesDifference:
            return compare_packages(pair, files, heard, stop)

        def tell(found: PackagesDifference | None, reading: Reading | None, problem: str) -> None:
            self._publish(PackagesCompared(pair, found, reading, problem))

        self._do(work, tell)

    def file(self, pair: Pair, files: ComparedFiles, path: str) -> None:
        """Compare the content of one file; `FileCompared` tells what was found."""

        def work(heard: Heard, stop: threading.Event) -> TextDifference:
            return compare_file(pair, files, path, heard, stop)

        def tell(found: TextDifference | None, reading: Reading | None, problem: str) -> None:
            self._publish(FileCompared(pair, path, found, reading, problem))

        self._do(work, tell)

    def stop(self) -> None:
        """Have what is read stop: lists that were read stay known."""
        with self._lock:
            self._stop.set()

    def _do(
        self,
        work: Callable[[Heard, threading.Event], Found],
        tell: Callable[[Found | None, Reading | None, str], None],
    ) -> None:
        with self._lock:
            self._stop.set()
            stop = self._stop = threading.Event()
        told_at = 0.0

        def heard(reading: Reading) -> None:
            nonlocal told_at
            if time.monotonic() - told_at > TELL_SECONDS:
                told_at = time.monotonic()
                tell(None, reading, "")

        def run() -> None:
            try:
                found = work(heard, stop)
            except EngineError as error:
                tell(None, None, str(error))
            else:
                tell(found, None, "")

        in_background("compare", run, lambda error: tell(None, None, error), stop.set)
