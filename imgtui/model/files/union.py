"""The union of layers, as a container sees it: a flat table of paths.

Whiteouts and opaque folders are those of the OCI image specification (`layer.md`, "Applying Changesets").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from imgtui.model.files.columns import kind_of, outlines
from imgtui.model.files.entries import MOST_LINKS, REMOVING, FileEntry, Kind, LayerFiles

_LAYER: Final = 32
"""Bits of a place that tell the number of the entry in its layer."""
_ENTRY: Final = (1 << _LAYER) - 1

Place = int
"""Where an entry is: the number of its layer and its own. The entries of two large images take 100 MB."""


@dataclass
class Union:
    """What stands at each path after some layers, and which layer put it there."""

    places: dict[str, Place] = field(default_factory=dict)
    linked: dict[str, Place] = field(default_factory=dict)
    """Path of a hard link -> what it links to."""
    children: dict[str, set[str]] = field(default_factory=dict)
    """Folder -> paths directly in it; the root is the empty path."""
    sources: dict[int, Sequence[FileEntry]] = field(default_factory=dict)
    """Number of a layer, from 0 -> its entries."""

    @property
    def entries(self) -> Mapping[str, FileEntry]:
        """What stands at each path."""
        return {path: entry_at(self.sources, place) for path, place in self.places.items()}

    def layer(self, path: str) -> int | None:
        """The number of the layer that put there what stands at a path."""
        place = self.places.get(path)
        return None if place is None else place >> _LAYER

    def apply(self, files: LayerFiles, number: int) -> set[str]:
        """Put a layer on top; the paths that were there before and were touched or taken away.

        What takes away counts for the layers below alone, wherever it stands in the tar.
        """
        touched: set[str] = set()
        self.sources[number] = files.entries
        first = number << _LAYER
        for path, kind, _ in outlines(files.entries):
            if kind is Kind.WHITEOUT:
                touched |= self._remove(path)
            elif kind is Kind.OPAQUE:
                for below in list(self.children.get(path, ())):
                    touched |= self._remove(below)
        for at, (path, kind, _) in enumerate(outlines(files.entries)):
            if kind not in REMOVING:
                touched |= self._put(path, kind, first | at)
        for at, (path, kind, _) in enumerate(outlines(files.entries)):
            if kind is Kind.HARD_LINK:
                self._link(path, files.entries[at].link, number)
        return touched

    def copy(self) -> Union:
        """Another one, to put other layers on."""
        children = {path: set(below) for path, below in self.children.items()}
        return Union(self.places.copy(), self.linked.copy(), children, self.sources.copy())

    def resolved(self, path: str) -> FileEntry | None:
        """What stands at a path; of a hard link what it links to, under its own path.

        A link goes on to have the content that its layer gave it, whatever becomes of its other names.
        """
        place = self.resolved_place(path)
        return None if place is None else entry_at(self.sources, place, path)

    def resolved_place(self, path: str) -> Place | None:
        """Where that is."""
        place = self.places.get(path)
        if place is not None and self._kind(place) is Kind.HARD_LINK:
            return self.linked.get(path)
        return place

    def _kind(self, place: Place) -> Kind:
        return kind_of(self.sources[place >> _LAYER], place & _ENTRY)

    def _link(self, name: str, path: str, number: int) -> None:
        """Note what a hard link of a layer, `name`, links to; loops lead to nothing."""
        seen = {name}
        place = self.places.get(path)
        while place is not None and self._kind(place) is Kind.HARD_LINK and path not in seen:
            if len(seen) > MOST_LINKS:
                return
            if place >> _LAYER != number:
                place = self.linked.get(path)
                break
            seen.add(path)
            path = entry_at(self.sources, place).link
            place = self.places.get(path)
        if place is not None and self._kind(place) is not Kind.HARD_LINK:
            self.linked[name] = place

    def _put(self, path: str, kind: Kind, place: Place) -> set[str]:
        touched: set[str] = set()
        if path in self.places:
            touched.add(path)
        else:
            self._link_to_parent(path)
        if kind is not Kind.DIRECTORY:
            for below in list(self.children.get(path, ())):
                touched |= self._remove(below)
        self.places[path] = place
        return touched

    def _link_to_parent(self, path: str) -> None:
        """Folders that no entry names exist too; what is no folder any more makes room."""
        while path:
            folder = path.rpartition("/")[0]
            known = self.children.setdefault(folder, set())
            if path in known:
                return
            known.add(path)
            path = folder

    def _remove(self, path: str) -> set[str]:
        """Take a path and everything below it away; the paths."""
        gone: set[str] = set()
        waiting = [path]
        while waiting:
            here = waiting.pop()
            waiting += self.children.pop(here, ())
            if self.places.pop(here, None) is not None:
                gone.add(here)
        self.children.get(path.rpartition("/")[0], set()).discard(path)
        return gone


def entry_at(sources: Mapping[int, Sequence[FileEntry]], place: Place, path: str | None = None) -> FileEntry:
    """The entry at a place, under another path where that is wanted."""
    found = sources[place >> _LAYER][place & _ENTRY]
    return found if path is None or path == found.path else found._replace(path=path)


def union(layers: Iterable[LayerFiles]) -> Union:
    """The union of layers, bottom first."""
    found = Union()
    for number, files in enumerate(layers):
        found.apply(files, number)
    return found
