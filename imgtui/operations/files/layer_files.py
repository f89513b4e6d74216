"""The lists of files of layers: from the cache, else out of the engine's export as it streams by."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from imgtui.engine.archive.budget import Budget, Cost
from imgtui.engine.archive.engine import ArchiveEngine
from imgtui.engine.archive.errors import ArchiveError
from imgtui.engine.archive.export import read_layers
from imgtui.engine.archive.pieces import Parts, Source
from imgtui.engine.port.engine import Engine
from imgtui.model.files.entries import LayerFiles
from imgtui.operations.protocol.cancellation import Stopped
from imgtui.operations.tasks.following import follow
from imgtui.store.cached.layer_lists import LayerLists

if TYPE_CHECKING:  # what only reads layers does not pay for trees
    from imgtui.model.files.tree import FileTree
    from imgtui.model.files.waste import Efficiency

TELL_SECONDS: Final = 0.2
"""At most five times a second it is told how far the reading is: a slow terminal paints each time."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How far the reading of an image's layers is."""

    read: int
    """Layers whose lists are known."""
    layers: int
    bytes: int = 0
    """Bytes of the archive that went by."""
    entries: int = 0
    """Entries of the layer that is read now."""


Heard = Callable[[Reading], None]


def read_files(
    engine: Engine,
    lists: LayerLists,
    image_id: str,
    diff_ids: Sequence[str],
    heard: Heard = lambda _: None,
    stop: threading.Event | None = None,
    *,
    also: Sequence[str] = (),
    budget: Budget | None = None,
) -> Iterator[LayerFiles]:
    """The lists of these layers of one image: those that are known first, the others as they are read.

    Some may be of images of the same engine that are `also` named: all stream by together. `budget` is that
    of whoever reads several images.
    Raises Stopped, EngineError: lists that were read before it stay known.
    """
    layers = list(dict.fromkeys(diff_ids))
    known = lists.get(layers)
    yield from known.values()
    wanted = set(layers) - known.keys()
    if not wanted:
        return
    budget = budget or Budget()
    for files in known.values():
        budget.charge(Cost.ENTRIES, len(files.entries))
    count, told_at = len(known), time.monotonic()
    stopping = stop or threading.Event()

    def told(passed: int, entries: int) -> None:
        nonlocal told_at
        if stopping.is_set():
            raise Stopped("stopped by hand")
        if time.monotonic() - told_at >= TELL_SECONDS:
            told_at = time.monotonic()
            heard(Reading(count, len(layers), passed, entries))

    if stopping.is_set():
        raise Stopped("stopped by hand")
    heard(Reading(count, len(layers)))
    with exported(engine, [image_id, *also], stopping) as archive:
        for files in read_layers(archive, wanted, told, budget=budget):
            lists.keep(files)
            count += 1
            yield files


def files_of(
    engine: Engine,
    lists: LayerLists,
    image_id: str,
    diff_ids: Sequence[str],
    heard: Heard = lambda _: None,
    stop: threading.Event | None = None,
) -> list[LayerFiles]:
    """The lists of all layers of an image, bottom first. Raises Stopped, EngineError."""
    found = {files.diff_id: files for files in read_files(engine, lists, image_id, diff_ids, heard, stop)}
    return [found[diff_id] for diff_id in diff_ids]


@dataclass(frozen=True, slots=True)
class ReadTree:
    """The files of an image, as far as they can be read."""

    tree: FileTree
    efficiency: Efficiency | None
    """None where a layer is missing in it."""
    problem: str = ""
    """Why layers are missing, in one line."""


def tree_of(
    engine: Engine,
    lists: LayerLists,
    image_id: str,
    diff_ids: Sequence[str],
    heard: Heard = lambda _: None,
    stop: threading.Event | None = None,
) -> ReadTree:
    """The tree of an image and what it wastes; what was joined is kept.

    Raises Stopped, EngineError; ArchiveError only where no layer can be read at all.
    """
    from imgtui.model.files.tree import FileTree
    from imgtui.model.files.waste import efficiency

    known = lists.tree(diff_ids)
    if known is not None:
        return ReadTree(*known)
    found: dict[str, LayerFiles] = {}
    try:
        for files in read_files(engine, lists, image_id, diff_ids, heard, stop):
            found[files.diff_id] = files
    except ArchiveError as error:
        if not found:
            raise
        return ReadTree(FileTree([found.get(diff_id) for diff_id in diff_ids]), None, str(error))
    layers = [found[diff_id] for diff_id in diff_ids]
    tree = FileTree(layers)
    wasted = efficiency(layers, tree)
    lists.keep_tree(diff_ids, tree, wasted)
    return ReadTree(tree, wasted)


@contextmanager
def exported(
    engine: Engine, image_ids: Sequence[str], stop: threading.Event
) -> Generator[Source, None, None]:
    """The archive of images. Raises EngineError; Stopped once `stop` is set, also of an engine that hangs."""
    if isinstance(engine, ArchiveEngine):
        with closing(engine.save_images(image_ids)) as archive:
            yield archive
        return
    parts = _parts(engine, image_ids, stop)
    with closing(parts):
        yield Parts(parts)


def _parts(engine: Engine, image_ids: Sequence[str], stop: threading.Event) -> Generator[bytes, None, None]:
    for part in follow(lambda: engine.save_images(image_ids), stop):
        if part is not None:
            yield part
