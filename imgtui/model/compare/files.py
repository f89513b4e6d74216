"""The files that differ between two images: those that only have another time apart, folders summed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from imgtui.model.files.changes import Change, Changes, FileChange
from imgtui.model.files.entries import FileEntry, Kind


@dataclass(frozen=True, slots=True)
class FilesDifference:
    """All paths that differ, by path."""

    content: Sequence[FileChange] = ()
    """What came, went, or differs in more than its time."""
    times: Sequence[FileChange] = ()
    """What is the same, made at another time."""

    def count(self, change: Change) -> int:
        """How many of `content` came, went, or are not the same."""
        if isinstance(self.content, Changes):
            return self.content.count(change)
        return sum(1 for each in self.content if each.change is change)

    def where(self, is_wanted: Callable[[str], bool]) -> list[FileChange]:
        """Those of `content` whose path is wanted."""
        if isinstance(self.content, Changes):
            return self.content.where(is_wanted)
        return [each for each in self.content if is_wanted(each.path)]

    def swapped(self) -> FilesDifference:
        """The same, seen from the other image."""
        return FilesDifference(_swapped(self.content), _swapped(self.times))


def _swapped(changes: Sequence[FileChange]) -> Sequence[FileChange]:
    return changes.swapped() if isinstance(changes, Changes) else tuple(map(swapped, changes))


def swapped(change: FileChange) -> FileChange:
    """The same, seen from the other image."""
    how = {Change.ADDED: Change.REMOVED, Change.REMOVED: Change.ADDED}.get(change.change, change.change)
    return FileChange(change.path, how, change.b, change.a, change.differs, change.layer_b, change.layer_a)


def size(entry: FileEntry | None) -> int | None:
    """Bytes of what is there; None for what is not."""
    return None if entry is None else entry.size


def weight(change: FileChange) -> int:
    """Bytes of content that differ: of a file that is not the same, those of the larger one."""
    if change.change is Change.CHANGED and not {"content", "kind"} & set(change.differs):
        return 0
    return max(size(change.a) or 0, size(change.b) or 0)


def is_folder(change: FileChange) -> bool:
    """Whether it is a folder in every image that has it."""
    kinds = {entry.kind for entry in (change.a, change.b) if entry is not None}
    return kinds == {Kind.DIRECTORY}


@dataclass(slots=True)
class Node:
    """A file that differs, or a folder that has some."""

    path: str
    name: str
    """Its path in the row that it is under: folders that have nothing but one folder in them are one row."""
    change: FileChange | None = None
    """None for a folder that does not differ itself."""
    bytes: int = 0
    """Of all in it."""
    count: int = 0
    """Of what differs in it, without folders."""
    children: list[Node] = field(default_factory=list)
    """The largest first."""
    depth: int = 0
    """How many rows it is under."""


class FilesTree:
    """What differs as a tree, folders summed, the largest first."""

    def __init__(self, difference: FilesDifference, *, times: bool) -> None:
        """`times`: with what only has another time."""
        self.root = Node("", "", depth=-1)
        self.nodes: dict[str, Node] = {"": self.root}
        changes = [*difference.content, *(difference.times if times else ())]
        for change in changes:
            self._node(change.path).change = change
        for node in sorted(self.nodes.values(), key=lambda each: -len(each.path)):
            own = node.change
            if own is not None and not is_folder(own):
                node.bytes += weight(own)
                node.count += 1
            if node.path:
                parent = self.nodes[node.path.rpartition("/")[0]]
                parent.bytes += node.bytes
                parent.count += node.count
                parent.children.append(node)
        self._join_folders()
        self._searched = [
            (node.path.lower(), node) for node in self.nodes.values() if node.change is not None
        ]
        self._searched.sort(key=lambda pair: (-pair[1].bytes, pair[0]))

    @property
    def folders(self) -> set[str]:
        """Paths of all that have something in them."""
        return {path for path, node in self.nodes.items() if node.children and path}

    def rows(self, opened: Collection[str], words: Sequence[str] = ()) -> list[Node]:
        """What is in folders that are open; with words a flat list of what has all of them in its path."""
        if words:
            wanted = [word for word in words if not word.startswith("!")]
            unwanted = [word[1:] for word in words if word.startswith("!") and word[1:]]
            return [
                node
                for path, node in self._searched
                if all(word in path for word in wanted) and not any(word in path for word in unwanted)
            ]
        rows: list[Node] = []
        waiting = list(reversed(self.root.children))
        while waiting:
            node = waiting.pop()
            rows.append(node)
            if node.children and node.path in opened:
                waiting += reversed(node.children)
        return rows

    def _node(self, path: str) -> Node:
        node = self.nodes.get(path)
        if node is None:
            node = self.nodes[path] = Node(path, path.rpartition("/")[2])
            while (path := path.rpartition("/")[0]) not in self.nodes:
                self.nodes[path] = Node(path, path.rpartition("/")[2])
        return node

    def _join_folders(self) -> None:
        """Put folders that have nothing but one folder in them into one row with it; sort, count depths."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            for number, child in enumerate(node.children):
                last = child
                while last.change is None and len(last.children) == 1 and last.children[0].children:
                    self.nodes.pop(last.path)
                    last = last.children[0]
                last.name = last.path[len(node.path) :].lstrip("/")
                last.depth = node.depth + 1
                node.children[number] = last
            node.children.sort(key=lambda child: (-child.bytes, child.path))
            waiting += node.children
