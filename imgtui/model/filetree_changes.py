"""What differs between the files of two images: only what their differing layers touch is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from imgtui.model.filetree_union import Union, union
from imgtui.model.layer_columns import outlines
from imgtui.model.layer_files import Entry, LayerFiles, differences


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
    a: Entry | None
    """None where it was added."""
    b: Entry | None
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


def changes(a: Sequence[LayerFiles], b: Sequence[LayerFiles]) -> Iterator[FileChange]:
    """All paths that differ between two images, by path; with those where only the time differs."""
    shared = shared_layers(a, b)
    below = union(a[:shared])
    left, touched_left = _on_top(below.copy(), a, shared)
    right, touched_right = _on_top(below, b, shared)
    touched_left |= touched_right
    del touched_right
    for path in sorted(touched_left):
        found = _change(path, left, right)
        if found is not None:
            yield found


def _on_top(found: Union, layers: Sequence[LayerFiles], first: int) -> tuple[Union, set[str]]:
    touched: set[str] = set()
    for number, files in enumerate(layers[first:], first):
        touched |= found.apply(files, number)
        touched.update(path for path, _, _ in outlines(files.entries))
    return found, touched


def _change(path: str, left: Union, right: Union) -> FileChange | None:
    a, b = left.resolved(path), right.resolved(path)
    layers = left.layers.get(path), right.layers.get(path)
    if a is None or b is None:
        if a is b:
            return None
        return FileChange(path, Change.ADDED if a is None else Change.REMOVED, a, b, (), *layers)
    differs = differences(a, b)
    return FileChange(path, Change.CHANGED, a, b, differs, *layers) if differs else None
