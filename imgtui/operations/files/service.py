"""Reads the files of images for whoever looks at them: one image at a time, the one looked at last."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError
from imgtui.model.files.entries import LayerFiles
from imgtui.operations.files.updates import FilesAnswered, FilesUpdated
from imgtui.operations.protocol.updates import Publish
from imgtui.store.cached.layer_lists import LayerLists
from imgtui.threads import Tell, in_background, in_one_line

if TYPE_CHECKING:  # a start does not pay for what few sessions do
    from imgtui.model.files.view import FilesView
    from imgtui.operations.files.layer_files import Reading

REST_SECONDS: Final = 0.3
"""How long an image is looked at before the engine is asked: a cursor that passes by asks for nothing."""
GROW_SECONDS: Final = 0.5
"""How often the tree grows: a tree of tens of thousands of files is made anew in a tenth of a second."""
GROW_SHARE: Final = 10
"""At most so much longer than making a tree takes, nothing grows: reading has the rest of the time."""


class FilesService:
    """Reads lists of files and single files; each in a thread."""

    def __init__(self, engine: Engine, lists: LayerLists, publish: Publish) -> None:
        self._engine = engine
        self._lists = lists
        self._publish = publish
        self._lock = threading.Lock()
        self._asked: tuple[str, threading.Event] | None = None
        """The image that is read now, and what stops it."""
        self._other = threading.Event()
        """Stops what reads a file."""

    def ask(self, image_id: str, diff_ids: Sequence[str], *, at_once: bool = False) -> None:
        """Read the files of an image, and leave another that is being read; `FilesUpdated` tells of it."""
        with self._lock:
            if self._asked is not None:
                if self._asked[0] == image_id:
                    return
                self._asked[1].set()
            stop = threading.Event()
            self._asked = image_id, stop
        rest = 0.0 if at_once else REST_SECONDS
        self._start(
            lambda: self._read(image_id, tuple(diff_ids), stop, rest),
            lambda error: self._publish(FilesUpdated(image_id, None, None, None, error)),
            stop,
        )

    def look_ahead(self, view: FilesView) -> None:
        """Work out what a key may ask for next: the layers beside a view's, the other way to count."""
        from imgtui.model.files.view import view_of

        missing = [key for key in view.near if key not in view.tree.views]
        stop = self._other

        def run() -> None:
            for layer, aggregated in missing:
                if not stop.is_set():
                    view_of(view.tree, layer, aggregated=aggregated)

        if missing:
            self._start(run, lambda error: self._publish(FilesAnswered(problem=error)), stop)

    def read(self, image_id: str, diff_id: str, path: str) -> None:
        """Read the beginning of a file; `FilesAnswered` has it."""
        from imgtui.operations.files.reading_files import read_file

        self._do(
            lambda heard, stop: FilesAnswered(
                content=read_file(self._engine, image_id, diff_id, path, heard, stop)
            )
        )

    def stop(self) -> None:
        """Have everything stop: what was read stays known."""
        with self._lock:
            if self._asked is not None:
                self._asked[1].set()
            self._other.set()

    def _read(self, image_id: str, diff_ids: Sequence[str], stop: threading.Event, rest: float) -> None:
        """Tell of the tree that is kept, or read: the second look does not pay for what reads archives."""
        from imgtui.model.files.view import view_of

        known = self._lists.tree(diff_ids) if diff_ids else None
        if known is None:
            self._read_layers(image_id, diff_ids, stop, rest)
            return
        view_of(known[0], len(diff_ids) - 1, aggregated=False)
        self._leave(image_id, stop)
        self._publish(FilesUpdated(image_id, *known))

    def _read_layers(
        self, image_id: str, diff_ids: Sequence[str], stop: threading.Event, rest: float
    ) -> None:
        from imgtui.model.files.tree import FileTree
        from imgtui.model.files.view import view_of
        from imgtui.model.files.waste import efficiency
        from imgtui.operations.files.layer_files import Reading, read_files

        found = self._lists.get(diff_ids)
        grows_at = 0.0

        def tree_of(known: Mapping[str, LayerFiles]) -> FileTree:
            tree = FileTree([known.get(diff_id) for diff_id in diff_ids])
            if diff_ids:
                view_of(tree, len(diff_ids) - 1, aggregated=False)
            return tree

        def heard(reading: Reading) -> None:
            self._publish(FilesUpdated(image_id, None, None, reading))

        def grow() -> None:
            """Tell of the tree of what was read so far: not so often that it would slow the reading down."""
            nonlocal grows_at
            begun = time.monotonic()
            if begun >= grows_at:
                self._publish(
                    FilesUpdated(image_id, tree_of(found), None, Reading(len(found), len(diff_ids)))
                )
                now = time.monotonic()
                grows_at = now + max(GROW_SECONDS, (now - begun) * GROW_SHARE)

        problem = ""
        try:
            if len(found) < len(set(diff_ids)):
                grow()
                stop.wait(rest)
                for files in read_files(self._engine, self._lists, image_id, diff_ids, heard, stop):
                    if files.diff_id not in found:
                        found[files.diff_id] = files
                        grow()
        except EngineError as error:
            problem = str(error)
        except Exception as unforeseen:  # somebody waits for the end
            problem = in_one_line(unforeseen)
        tree = tree_of(found)
        layers = [found[diff_id] for diff_id in diff_ids if diff_id in found]
        if len(layers) == len(diff_ids):
            # What it wastes takes as long again as the tree: that is shown before.
            self._publish(FilesUpdated(image_id, tree, None, Reading(len(layers), len(layers))))
        self._leave(image_id, stop)
        wasted = efficiency(layers, tree) if len(layers) == len(diff_ids) else None
        self._publish(FilesUpdated(image_id, tree, wasted, None, problem))
        if wasted is not None and diff_ids:
            self._lists.keep_tree(diff_ids, tree, wasted)

    def _leave(self, image_id: str, stop: threading.Event) -> None:
        """The image is no longer read: who asks for it again is answered anew."""
        with self._lock:
            if self._asked == (image_id, stop):
                self._asked = None

    def _do(self, work: Callable[[Callable[[Reading], None], threading.Event], FilesAnswered]) -> None:
        with self._lock:
            self._other.set()
            stop = self._other = threading.Event()
        told_at = 0.0

        def heard(reading: Reading) -> None:
            nonlocal told_at
            if time.monotonic() - told_at > GROW_SECONDS:
                told_at = time.monotonic()
                self._publish(FilesAnswered(reading=reading))

        def run() -> None:
            try:
                answer = work(heard, stop)
            except EngineError as error:
                answer = FilesAnswered(problem=str(error))
            self._publish(answer)

        self._start(run, lambda error: self._publish(FilesAnswered(problem=error)), stop)

    def _start(self, run: Callable[[], None], tell: Tell, stop: threading.Event) -> None:
        in_background("files", run, tell, stop.set)
