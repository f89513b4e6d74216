"""The union of layers, as a container sees it: a flat table of paths.

Whiteouts and opaque folders are those of the OCI image specification (`layer.md`, "Applying Changesets").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from imgtui.model.layer_files import MOST_LINKS, REMOVING, Entry, Kind, LayerFiles


@dataclass
class Union:
    """What stands at each path after some layers, and which layer put it there."""

    entries: dict[str, Entry] = field(default_factory=dict)
    layers: dict[str, int] = field(default_factory=dict)
    """Path -> the number of the layer, from 0."""
    linked: dict[str, Entry] = field(default_factory=dict)
    """Path of a hard link -> what it links to."""
    children: dict[str, set[str]] = field(default_factory=dict)
    """Folder -> paths directly in it; the root is the empty path."""

    def apply(self, files: LayerFiles, number: int) -> set[str]:
        """Put a layer on top; the paths that were there before and were touched or taken away.

        What takes away counts for the layers below alone, wherever it stands in the tar.
        """
        touched: set[str] = set()
        entries = tuple(files.entries)
        for entry in entries:
            if entry.kind is Kind.WHITEOUT:
                touched |= self._remove(entry.path)
            elif entry.kind is Kind.OPAQUE:
                for path in list(self.children.get(entry.path, ())):
                    touched |= self._remove(path)
        for entry in entries:
            if entry.kind not in REMOVING:
                touched |= self._put(entry, number)
        for entry in entries:
            if entry.kind is Kind.HARD_LINK:
                self._link(entry, number)
        return touched

    def copy(self) -> Union:
        """Another one, to put other layers on."""
        children = {path: set(below) for path, below in self.children.items()}
        return Union(self.entries.copy(), self.layers.copy(), self.linked.copy(), children)

    def resolved(self, path: str) -> Entry | None:
        """What stands at a path; of a hard link what it links to, under its own path.

        A link goes on to have the content that its layer gave it, whatever becomes of its other names.
        """
        found = self.entries.get(path)
        if found is not None and found.kind is Kind.HARD_LINK:
            found = self.linked.get(path)
        if found is None or found.path == path:
            return found
        return found._replace(path=path)

    def _link(self, entry: Entry, number: int) -> None:
        """Note what a hard link of a layer links to; loops lead to nothing."""
        seen = {entry.path}
        path = entry.link
        found = self.entries.get(path)
        while found is not None and found.kind is Kind.HARD_LINK and path not in seen:
            if len(seen) > MOST_LINKS:
                return
            if self.layers[path] != number:
                found = self.linked.get(path)
                break
            seen.add(path)
            path = found.link
            found = self.entries.get(path)
        if found is not None and found.kind is not Kind.HARD_LINK:
            self.linked[entry.path] = found

    def _put(self, entry: Entry, number: int) -> set[str]:
        touched: set[str] = set()
        path = entry.path
        if path in self.entries:
            touched.add(path)
        else:
            self._link_to_parent(path)
        if entry.kind is not Kind.DIRECTORY:
            for below in list(self.children.get(path, ())):
                touched |= self._remove(below)
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
