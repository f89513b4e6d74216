"""Two images compared: their facts at once; their files, packages and the content of a file on demand."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from imgtui.engine.archive.budget import Budget, Cost
from imgtui.engine.archive.engine import ArchiveEngine
from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, NotFound
from imgtui.engine.wire.facts import read_facts
from imgtui.model.build.verdict import Side
from imgtui.model.compare.base import Tagged
from imgtui.model.compare.compare import Comparison, compare
from imgtui.model.compare.files import FilesDifference, FilesTree
from imgtui.model.compare.packages import (
    LARGEST,
    PackagesDifference,
    manager_of,
    packages_difference,
    tells_of_packages,
)
from imgtui.model.compare.text import MOST_BYTES, Half, TextDifference, text_difference
from imgtui.model.core.digest import short
from imgtui.model.core.image import ImageFacts, Store
from imgtui.model.files.changes import FileChange, changes
from imgtui.model.files.columns import outlines
from imgtui.model.files.entries import MOST_LINKS, FileEntry, Kind, LayerFiles
from imgtui.model.safety.mask import MASK
from imgtui.operations.files.contents import Wanted, read_all
from imgtui.operations.files.layer_files import Heard, read_files
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.remembering import remembered
from imgtui.store.cached.cache import Cache
from imgtui.store.cached.layer_lists import LayerLists

_SHAPES: Final = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What a document of another shape raises."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One of two images, and where it is."""

    engine: Engine
    store: Store
    image_id: str
    manifest: str | None = None
    """Digest of its platform manifest, where the engine tells it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two images whose facts were compared."""

    a: Subject
    b: Subject
    comparison: Comparison

    def swapped(self) -> Pair:
        """The same, seen from the other image."""
        return Pair(self.b, self.a, self.comparison.swapped())


@dataclass(frozen=True, slots=True)
class ComparedFiles:
    """What differs in the files of a pair."""

    difference: FilesDifference
    a: tuple[LayerFiles, ...]
    """The layers of both, bottom first: where their files are."""
    b: tuple[LayerFiles, ...]
    _swapped: list[ComparedFiles] = field(default_factory=list, repr=False, compare=False)
    trees: dict[bool, FilesTree] = field(default_factory=dict, repr=False, compare=False)
    """What was made by `tree`."""

    def swapped(self) -> ComparedFiles:
        """The same, seen from the other image; made once."""
        if not self._swapped:
            other = ComparedFiles(self.difference.swapped(), self.b, self.a)
            other._swapped.append(self)
            self._swapped.append(other)
        return self._swapped[0]

    def tree(self, *, times: bool) -> FilesTree:
        """What differs as a tree, made once; `times`: with what only has another time."""
        times = times and bool(self.difference.times)
        if times not in self.trees:
            self.trees[times] = FilesTree(self.difference, times=times)
        return self.trees[times]

    def look_ahead(self) -> None:
        """Make what a key may ask for."""
        for files in (self, self.swapped()):
            files.tree(times=False)
            files.tree(times=True)


# ------------------------------------------------------------------ facts


def compare_images(
    a: Subject, b: Subject, cache: Cache, tagged: Sequence[Tagged] = (), recorder: Recorder | None = None
) -> Pair:
    """Compare two images by their facts, out of the cache, else the state file, where these have them.

    Raises NotFound, EngineError.
    """
    documents = _document(a, cache, recorder), _document(b, cache, recorder)
    facts = _facts(a, documents[0]), _facts(b, documents[1])
    hidden = all(MASK in document for document in documents)
    real = _real(a, b) if hidden else facts
    side_a, side_b = Side(a.image_id, facts[0], a.manifest), Side(b.image_id, facts[1], b.manifest)
    return Pair(a, b, compare(side_a, side_b, tagged, real))


def tagged_layers(cache: Cache, store: Store, tags: Mapping[str, str]) -> list[Tagged]:
    """Tags (reference -> image ID) with the layers of their images, as far as the cache knows them."""
    layers = dict(cache.layers(store))
    return [
        (tag, [layer.diff_id for layer in layers[image_id]])
        for tag, image_id in sorted(tags.items())
        if image_id in layers
    ]


def _document(subject: Subject, cache: Cache, recorder: Recorder | None) -> str:
    """Documents of archives are at hand, and tell of other sizes: they are not kept."""
    kept = not isinstance(subject.engine, ArchiveEngine)
    document = cache.document(subject.store, subject.image_id) if kept else None
    if document is None and kept and recorder is not None:
        document = remembered(recorder, subject.store, subject.image_id)
    if document is None:
        document = subject.engine.document(subject.image_id)
        if document is None:
            raise NotFound(
                f"the engine does not have {short(subject.image_id)} any more, and its facts were not kept"
            )
        if kept:
            layers = _facts(subject, document).layers
            cache.keep_facts(subject.store, [(subject.image_id, layers, document)])
    return document


def _facts(subject: Subject, document: str) -> ImageFacts:
    try:
        return read_facts(document)
    except _SHAPES as error:
        raise EngineError(f"the engine does not tell the facts of {short(subject.image_id)}") from error


def _real(a: Subject, b: Subject) -> tuple[ImageFacts, ImageFacts] | None:
    """The facts of both with what is masked in them, where the engine still tells them."""
    try:
        found = a.engine.document(a.image_id, reveal=True), b.engine.document(b.image_id, reveal=True)
    except EngineError:
        return None
    if found[0] is None or found[1] is None:
        return None
    return _facts(a, found[0]), _facts(b, found[1])


# ------------------------------------------------------------------ files


def compare_files(
    pair: Pair, lists: LayerLists, heard: Heard = lambda _: None, stop: threading.Event | None = None
) -> ComparedFiles:
    """What differs in the files; only layers whose lists are not known are read.

    Raises Stopped, EngineError.
    """
    of_a, of_b = (
        [layer.diff_id for layer in side.facts.layers] for side in (pair.comparison.a, pair.comparison.b)
    )
    found = lists.get([*of_a, *of_b])
    budget = Budget()
    for files in found.values():
        budget.charge(Cost.ENTRIES, len(files.entries))
    for subject, own, other in ((pair.a, of_a, of_b), (pair.b, of_b, of_a)):
        missing = [diff_id for diff_id in own if diff_id not in found]
        if not missing:
            continue
        also: list[str] = []
        if pair.a.engine is pair.b.engine and subject is pair.a:
            elsewhere = [diff_id for diff_id in other if diff_id not in {*found, *own}]
            also = [pair.b.image_id] if elsewhere else []
            missing += elsewhere
        for files in read_files(
            subject.engine, lists, subject.image_id, missing, heard, stop, also=also, budget=budget
        ):
            found[files.diff_id] = files
    layers = [found[diff_id] for diff_id in of_a], [found[diff_id] for diff_id in of_b]
    return ComparedFiles(FilesDifference(*changes(*layers)), tuple(layers[0]), tuple(layers[1]))


def compare_file(
    pair: Pair,
    found: ComparedFiles,
    path: str,
    heard: Heard = lambda _: None,
    stop: threading.Event | None = None,
) -> TextDifference:
    """The difference of one file, in lines. Raises NotFound, Stopped, EngineError."""
    change = found.difference.where(lambda each: each == path)
    if not change:
        raise NotFound("this file does not differ")
    halves = _contents(pair, found, change, MOST_BYTES, heard, stop)
    return text_difference(halves[0].get(path), halves[1].get(path))


def compare_packages(
    pair: Pair, found: ComparedFiles, heard: Heard = lambda _: None, stop: threading.Event | None = None
) -> PackagesDifference:
    """The packages that differ: only files that differ are read for it. Raises Stopped, EngineError."""
    content = found.difference.where(tells_of_packages)
    databases = [change for change in content if manager_of(change.path) is not None]
    halves = _contents(pair, found, databases, LARGEST, heard, stop)
    a, b = (
        {path: half.content for path, half in each.items() if len(half.content) == half.size}
        for each in halves
    )
    return packages_difference(content, a, b)


def _contents(
    pair: Pair,
    found: ComparedFiles,
    changes: Sequence[FileChange],
    limit: int,
    heard: Heard,
    stop: threading.Event | None,
) -> tuple[dict[str, Half], dict[str, Half]]:
    """The beginnings of files of both images, by path; without those that are no files."""
    places: list[dict[str, Wanted]] = []
    for layers, sides in (
        (found.a, [(change.path, change.a) for change in changes]),
        (found.b, [(change.path, change.b) for change in changes]),
    ):
        wanted = {path for path, entry in sides if entry is not None and entry.kind is Kind.FILE}
        places.append(located(layers, wanted))
    if pair.a.engine is pair.b.engine:
        owners = [subject.image_id for subject, own in zip((pair.a, pair.b), places, strict=True) if own]
        everything = {*places[0].values(), *places[1].values()}
        halves = read_all(pair.a.engine, owners, everything, limit, heard, stop)
        a, b = halves, halves
    else:
        a, b = (
            read_all(subject.engine, [subject.image_id], set(own.values()), limit, heard, stop)
            for subject, own in zip((pair.a, pair.b), places, strict=True)
        )
    return (
        {path: a[place] for path, place in places[0].items() if place in a},
        {path: b[place] for path, place in places[1].items() if place in b},
    )


def located(layers: Sequence[LayerFiles], paths: set[str]) -> dict[str, Wanted]:
    """Where the content of each path of an image is: the diff ID of the layer, and the path in its tar."""
    found: dict[str, Wanted] = {}
    for files in reversed(layers):
        left = paths - found.keys()
        if not left:
            break
        here = {path: number for number, (path, _, _) in enumerate(outlines(files.entries))}

        def entry_of(path: str) -> FileEntry | None:
            number = here.get(path)  # noqa: B023 - it is called in this round alone
            return None if number is None else files.entries[number]  # noqa: B023

        for path in left & here.keys():
            target, seen = entry_of(path), {path}
            while target is not None and target.kind is Kind.HARD_LINK and target.link not in seen:
                if len(seen) > MOST_LINKS:
                    break
                seen.add(target.link)
                target = entry_of(target.link)
            if target is not None and target.kind is Kind.FILE:
                found[path] = files.diff_id, target.path
    return found
