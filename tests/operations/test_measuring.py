"""The blobs of images: asked for once, used only where they add up, waited for only so long."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.errors import NotFound, Problem, ProblemKind, Unavailable
from imgtui.model.core.image import Store
from imgtui.operations.removal.measuring import blobs_of
from imgtui.store.cached.cache import Cache
from tests.engine.archive.test_blobs import LAYERS, archive_of, manifest_of, stored

IMAGE = manifest_of(LAYERS)
BLOBS = {digest: len(blob) for digest, blob in stored(LAYERS).items()}
CONTENT = sum(BLOBS.values())
NOT_HERE = f"sha256:{'0' * 64}"


class Save:
    """An export that may hang until it is closed."""

    def __init__(self, content: bytes, *, hangs: bool) -> None:
        self._content = content
        self._hangs = hangs
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        if self._hangs:
            self._closed.wait()
        else:
            yield self._content

    def close(self) -> None:
        """Let it end."""
        self._closed.set()


class Exporting(MemoryEngine):
    """An engine whose export is an OCI layout, as that of a containerd store is."""

    def __init__(self, *, hangs: bool = False, refuses: Exception | None = None) -> None:
        super().__init__(store=Store.CONTAINERD)
        self.refuses = refuses
        """Raised where the image that is not there is asked for."""
        self.asked: list[Sequence[str]] = []
        self.hangs = hangs

    def save_images(self, names: Sequence[str]) -> Save:
        """Save always the same."""
        self.asked.append(names)
        if self.refuses is not None and NOT_HERE in names:
            raise self.refuses
        return Save(archive_of(*stored(LAYERS).values()), hangs=self.hangs)


def test_what_was_read_once_is_not_asked_for_again(tmp_path: Path) -> None:
    engine, cache = Exporting(), Cache(tmp_path / "cache.db")
    assert blobs_of(engine, cache, {IMAGE: CONTENT}) == {IMAGE: BLOBS}
    cache.close()
    assert blobs_of(engine, Cache(tmp_path / "cache.db"), {IMAGE: CONTENT}) == {IMAGE: BLOBS}
    assert engine.asked == [[IMAGE]]


def test_what_does_not_add_up_to_what_the_engine_counts_is_not_used() -> None:
    engine, cache = Exporting(), Cache(None)
    cache.keep_blobs({IMAGE: {"sha256:other": 1}})
    assert blobs_of(engine, cache, {IMAGE: CONTENT}) == {IMAGE: BLOBS}
    assert blobs_of(engine, Cache(None), {IMAGE: CONTENT + 1}) == {}


def test_an_engine_that_hangs_is_waited_for_only_so_long() -> None:
    engine = Exporting(hangs=True)
    assert blobs_of(engine, Cache(None), {IMAGE: CONTENT}, seconds=0.01) == {}
    assert engine.asked


def test_an_image_that_is_gone_keeps_no_other_one_from_being_known() -> None:
    engine = Exporting(refuses=NotFound("no such image"))
    assert blobs_of(engine, Cache(None), {NOT_HERE: 1, IMAGE: CONTENT}) == {IMAGE: BLOBS}
    assert engine.asked == [[NOT_HERE, IMAGE], [NOT_HERE], [IMAGE]]


def test_a_lost_engine_is_said() -> None:
    engine = Exporting(refuses=Unavailable(Problem(ProblemKind.INTERRUPTED, "it broke off", "wait")))
    with pytest.raises(Unavailable):
        blobs_of(engine, Cache(None), {NOT_HERE: 1, IMAGE: CONTENT})
