"""The union of layers, as a container sees it: a flat table of paths.

Whiteouts and opaque folders are those of the OCI image specification (`layer.md`, "Applying Changesets").
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from imgtui.model.layer_files import REMOVING, Entry, Kind, LayerFiles


@dataclass
class Union:
    """What stands at each path after some layers, and which layer put it there."""

    entries: dict[str, Entry] = field(default_factory=dict)
    layers: dict[str, int] = field(default_factory=dict)
    """Path -> the number of the layer, from 0."""
    children: dict[str, set[str]] = field(default_factory=dict)
    """Folder -> paths directly in it; the root is the empty path."""

    def apply(self, files: LayerFiles, number: int) -> set[str]:
        """Put a layer on top; the paths that were there before and were touched or taken away.

        What takes away counts for the layers below alone, wherever it stands in the tar.
        """
        touched: set[str] = set()
        for entry in files.entries:
            if entry.kind is Kind.WHITEOUT:
                touched |= self._remove(entry.path)
            elif entry.kind is Kind.OPAQUE:
                for path in list(self.children.get(entry.path, ())):
                    touched |= self._remove(path)
        for entry in files.entries:
            if entry.kind not in REMOVING:
                touched |= self._put(entry, number)
        return touched

    def resolved(self, path: str) -> Entry | None:
        """What stands at a path; of a hard link what it links to, under its own path."""
        return resolve(self.entries, path)

    def _put(self, entry: Entry, number: int) -> set[str]:
        touched: set[str] = set()
        path = entry.path
        if path in self.entries:
            touched.add(path)
            if entry.kind is not Kind.DIRECTORY:
                for below in list(self.children.get(path, ())):
                    touched |= self._remove(below)
        else:
            self._link_to_parent(path)
        self.entries[path] = entry
        self.layers[path] = number
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
            if self.entries.pop(here, None) is not None:
                self.layers.pop(here, None)
                gone.add(here)
        self.children.get(path.rpartition("/")[0], set()).discard(path)
        return gone


def union(layers: Iterable[LayerFiles]) -> Union:
    """The union of layers, bottom first."""
    found = Union()
    for number, files in enumerate(layers):
        found.apply(files, number)
    return found


def resolve(entries: Mapping[str, Entry], path: str) -> Entry | None:
    """What stands at a path; of a hard link what it links to, under its own path. Links to links are followed
    as often as there are names for one file: Linux allows 65,000, loops end."""
    found = entries.get(path)
    seen = {path}
    while found is not None and found.kind is Kind.HARD_LINK:
        if found.link in seen:
            return None
        seen.add(found.link)
        found = entries.get(found.link)
    return None if found is None else found._replace(path=path)


def parents(path: str) -> Iterable[str]:
    """The folders above a path, the nearest first, without the root."""
    while path := posixpath.dirname(path):
        yield path
