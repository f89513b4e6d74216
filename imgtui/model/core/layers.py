"""Which bytes images share, and which are each one's own: a tree over chain IDs.

A layer can be stored once for all images that have the same layers below it, so what is counted
is not the layer (its diff ID) but the layer at its place: the chain ID of the OCI image
specification (`config.md`, "Layer ChainID"). Two images share a node of this tree exactly when
they share that chain ID; an image ends in one node and holds all nodes from there to the root.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from imgtui.model.core.image import Layer

ROOT = 0


def chain_ids(diff_ids: Sequence[str]) -> list[str]:
    """The chain ID of each layer, bottom first (OCI image specification, config.md)."""
    import hashlib  # 3 ms that a start without a map of layers need not pay

    chain: list[str] = []
    for diff_id in diff_ids:
        if not chain:
            chain.append(diff_id)
            continue
        digest = hashlib.sha256(f"{chain[-1]} {diff_id}".encode()).hexdigest()
        chain.append(f"sha256:{digest}")
    return chain


class LayerTree:
    """Counts the bytes of any set of images, each stored layer once.

    All figures are bytes of unpacked layers. Images that were never added count nothing.
    """

    def __init__(self) -> None:
        self._child: dict[tuple[int, str], int] = {}
        self._parent: list[int] = [ROOT]
        self._diff_id: list[str] = [""]
        self._size: list[int] = [0]
        self._holders: list[int] = [0]
        self._end: dict[str, int] = {}
        self._gone: dict[str, int] = {}
        self._total = 0

    def __contains__(self, image_id: object) -> bool:
        return image_id in self._end

    def __len__(self) -> int:
        return len(self._end)

    def add(self, image_id: str, layers: Iterable[Layer]) -> None:
        """Count an image; an image that is counted already is left alone: it cannot change."""
        if image_id in self._end:
            return
        node = ROOT
        for layer in layers:
            node = self._node(node, layer)
            self._holders[node] += 1
            if self._holders[node] == 1:
                self._total += self._size[node]
        self._end[image_id] = node

    def add_gone(self, image_id: str, layers: Iterable[Layer]) -> None:
        """Know where the layers of an image were that holds none any more: it is not counted."""
        node = ROOT
        for layer in layers:
            node = self._node(node, layer)
        self._gone[image_id] = node

    def discard(self, image_id: str) -> None:
        """Stop counting an image, if it was counted: it is gone."""
        end = self._end.pop(image_id, None)
        if end is None:
            return
        self._gone[image_id] = end
        for node in self._path(end):
            self._holders[node] -= 1
            if self._holders[node] == 0:
                self._total -= self._size[node]

    @property
    def total(self) -> int:
        """Bytes of all images together, each layer once."""
        return self._total

    def own(self, image_id: str) -> int:
        """Bytes that no other image holds: what removing this image alone would free."""
        size = 0
        for node in self._path(self._end.get(image_id, ROOT)):
            if self._holders[node] > 1:
                break
            size += self._size[node]
        return size

    def shared(self, image_id: str) -> int:
        """Bytes of this image that other images hold too."""
        return self.size(image_id) - self.own(image_id)

    def size(self, image_id: str) -> int:
        """Bytes of all layers of one image."""
        return sum(self._size[node] for node in self._path(self._end.get(image_id, ROOT)))

    def freed(self, image_ids: Iterable[str]) -> int:
        """Bytes that removing these images together would free."""
        held: dict[int, int] = {}
        for image_id in set(image_ids):
            for node in self._path(self._end.get(image_id, ROOT)):
                held[node] = held.get(node, 0) + 1
        return sum(self._size[node] for node, count in held.items() if count == self._holders[node])

    def holders(self, image_id: str) -> list[int]:
        """For each layer of an image, bottom first, how many images hold it."""
        return [self._holders[node] for node in self.places(image_id)]

    def places(self, image_id: str) -> tuple[int, ...]:
        """The layers of an image, gone or not, bottom first, as numbers that are equal where shared."""
        end = self._end.get(image_id) or self._gone.get(image_id, ROOT)
        return tuple(reversed(self._path(end)))

    def nearest(self, image_id: str, others: Iterable[str]) -> tuple[str, int] | None:
        """The image that shares the most layers with this one, and how many; None where none does."""
        own = self.places(image_id)
        found = [(_shared(own, self.places(other)), other) for other in others if other != image_id]
        count, other = max(found, default=(0, ""))
        return (other, count) if count else None

    def _node(self, parent: int, layer: Layer) -> int:
        key = (parent, layer.diff_id)
        node = self._child.get(key)
        if node is None:
            node = len(self._size)
            self._child[key] = node
            self._parent.append(parent)
            self._diff_id.append(layer.diff_id)
            self._size.append(layer.size)
            self._holders.append(0)
        return node

    def _path(self, node: int) -> list[int]:
        path = []
        while node != ROOT:
            path.append(node)
            node = self._parent[node]
        return path


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    """How many layers from the bottom on are the same."""
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
