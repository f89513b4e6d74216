"""What differs between the files of two images: only what their differing layers touch is looked at."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import eq
from typing import Final, overload

from imgtui.model.files.columns import outlines
from imgtui.model.files.entries import FileEntry, LayerFiles, differences
from imgtui.model.files.union import Place, Union, entry_at, union

ONLY_TIME: Final = ("time",)
_NOWHERE: Final = -1

Sources = Mapping[int, Sequence[FileEntry]]
"""Number of a layer -> its entries."""


class Change(StrEnum):
    """What became of a path; the value is the word used in JSON."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One path that differs. Hard links stand for what they link to."""

    path: str
    change: Change
    a: FileEntry | None
    """None where it was added."""
    b: FileEntry | None
    """None where it was removed."""
    differs: tuple[str, ...] = ()
    """What differs where both are there, as `differences` names it; `("time",)` alone is the same content."""
    layer_a: int | None = None
    layer_b: int | None = None
    """Numbers of the layers that it is from, from 0."""


def shared_layers(a: Sequence[LayerFiles], b: Sequence[LayerFiles]) -> int:
    """How many layers from the bottom on are the same."""
    pairs = zip(a, b, strict=False)
    return next((n for n, (x, y) in enumerate(pairs) if x.diff_id != y.diff_id), min(len(a), len(b)))


class Changes(Sequence[FileChange]):
    """Paths that differ, in order; each is made when somebody looks at it: a hundred bytes less each."""

    def __init__(self, a: Sources, b: Sources) -> None:
        self._sources = a, b
        self._paths: list[str] = []
        self._places = array("q"), array("q")
        """Of what is compared in each image; `_NOWHERE` where it is not there."""
        self._layers = array("i"), array("i")
        self._differs = array("i")
        """Numbers of `_words`."""
        self._kinds: dict[tuple[str, ...], int] = {}
        self._words: list[tuple[str, ...]] = []

    def add(
        self,
        path: str,
        places: tuple[Place | None, Place | None],
        layers: tuple[int | None, int | None],
        differs: tuple[str, ...],
    ) -> None:
        """One more, behind all others."""
        self._paths.append(path)
        for column, place in zip(self._places, places, strict=True):
            column.append(_NOWHERE if place is None else place)
        for numbers, layer in zip(self._layers, layers, strict=True):
            numbers.append(_NOWHERE if layer is None else layer)
        number = self._kinds.setdefault(differs, len(self._words))
        if number == len(self._words):
            self._words.append(differs)
        self._differs.append(number)

    def swapped(self) -> Changes:
        """The same, seen from the other image; what does not change is shared."""
        other = Changes(*self._sources[::-1])
        other._paths, other._differs = self._paths, self._differs
        other._kinds, other._words = self._kinds, self._words
        other._places, other._layers = self._places[::-1], self._layers[::-1]
        return other

    def count(self, value: object) -> int:
        """How many became this, or are equal to it."""
        if not isinstance(value, Change):
            return super().count(value)
        return sum(1 for places in zip(*self._places, strict=True) if _change_of(*places) is value)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._paths)

    @overload
    def __getitem__(self, number: int) -> FileChange: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[FileChange]: ...
    def __getitem__(self, number: int | slice) -> FileChange | Sequence[FileChange]:
        """One, or some."""
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        path, place_a, place_b = self._paths[number], self._places[0][number], self._places[1][number]
        layer_a, layer_b = self._layers[0][number], self._layers[1][number]
        return FileChange(
            path,
            _change_of(place_a, place_b),
            None if place_a == _NOWHERE else entry_at(self._sources[0], place_a, path),
            None if place_b == _NOWHERE else entry_at(self._sources[1], place_b, path),
            self._words[self._differs[number]],
            None if layer_a == _NOWHERE else layer_a,
            None if layer_b == _NOWHERE else layer_b,
        )

    def where(self, is_wanted: Callable[[str], bool]) -> list[FileChange]:
        """Those of wanted paths: no others are made."""
        return [self[number] for number, path in enumerate(self._paths) if is_wanted(path)]

    def __eq__(self, other: object) -> bool:
        """Whether another sequence has the same changes."""
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]


def changes(a: Sequence[LayerFiles], b: Sequence[LayerFiles]) -> tuple[Changes, Changes]:
    """All paths that differ between two images, by path; then those where only the time differs."""
    shared = shared_layers(a, b)
    below = union(a[:shared])
    left, touched = _on_top(below.copy(), a, shared)
    right, touched_right = _on_top(below, b, shared)
    ordered = sorted(touched | touched_right)
    del touched, touched_right
    content, times = (Changes(left.sources, right.sources) for _ in range(2))
    for path in ordered:
        places = left.resolved_place(path), right.resolved_place(path)
        differs: tuple[str, ...] = ()
        if None not in places:
            differs = differences(*filter(None, (left.resolved(path), right.resolved(path))))
        if differs or places.count(None) == 1:
            found = times if differs == ONLY_TIME else content
            found.add(path, places, (left.layer(path), right.layer(path)), differs)
    return content, times


def _change_of(a: Place, b: Place) -> Change:
    if a == _NOWHERE:
        return Change.ADDED
    return Change.REMOVED if b == _NOWHERE else Change.CHANGED


def _on_top(found: Union, layers: Sequence[LayerFiles], first: int) -> tuple[Union, set[str]]:
    touched: set[str] = set()
    for number, files in enumerate(layers[first:], first):
        touched |= found.apply(files, number)
        touched.update(path for path, _, _ in outlines(files.entries))
    return found, touched
