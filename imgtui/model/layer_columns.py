"""The entries of a layer as columns: what an image of tens of thousands of files is kept and loaded as.

An entry is made of them when somebody looks at it: 30,000 of them take 20 ms to make and 9 MB to hold.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar, overload

from imgtui.model.layer_files import Entry, Kind

KINDS: Final = tuple(Kind)
DIGEST: Final = 32
"""Bytes of a digest."""
_NONE: Final = bytes(DIGEST)
"""Stands for no digest: nothing is known to have this one."""
Numbers = Sequence[int]
Outline = tuple[str, Kind, int]
"""Path, kind and bytes of an entry: enough to join and to count."""

Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Sparse(Generic[Value]):
    """A column in which most values are the same."""

    common: Value
    others: Mapping[int, Value]
    """By the number of the entry."""

    def __getitem__(self, number: int) -> Value:
        """The value of an entry."""
        return self.others.get(number, self.common)


@dataclass(frozen=True, slots=True, eq=False)
class Columns(Sequence[Entry]):
    """Entries in the order of their tar, equal to any sequence of the same entries."""

    paths: Sequence[str]
    kinds: bytes
    """Numbers of `KINDS`."""
    sizes: Numbers
    modes: Numbers
    uids: Numbers
    gids: Numbers
    mtimes: Numbers
    users: Sparse[str]
    groups: Sparse[str]
    links: Sparse[str]
    xattrs: Sparse[tuple[tuple[str, str], ...]]
    devices: Sparse[tuple[int, int] | None]
    digests: bytes
    """Of all entries, one after the other; zeros where there is none."""

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self.kinds)

    @overload
    def __getitem__(self, number: int) -> Entry: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Entry]: ...
    def __getitem__(self, number: int | slice) -> Entry | Sequence[Entry]:
        """One entry, or some."""
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        if number < 0:
            number += len(self)
        at = number * DIGEST
        digest = self.digests[at : at + DIGEST]
        return Entry(
            self.paths[number],
            KINDS[self.kinds[number]],
            self.sizes[number],
            self.modes[number],
            self.uids[number],
            self.gids[number],
            self.users[number],
            self.groups[number],
            self.mtimes[number],
            self.links[number],
            self.xattrs[number],
            self.devices[number],
            b"" if digest == _NONE else digest,
        )

    def __iter__(self) -> Iterator[Entry]:
        """All entries."""
        digests = self.digests
        each = (digests[at : at + DIGEST] for at in range(0, len(digests), DIGEST))
        columns = (
            self.paths,
            map(KINDS.__getitem__, self.kinds),
            self.sizes,
            self.modes,
            self.uids,
            self.gids,
            self._spread(self.users),
            self._spread(self.groups),
            self.mtimes,
            self._spread(self.links),
            self._spread(self.xattrs),
            self._spread(self.devices),
            [b"" if digest == _NONE else digest for digest in each],
        )
        return map(Entry._make, zip(*columns, strict=True))

    def outline(self) -> Iterator[Outline]:
        """The outlines of all entries."""
        return zip(self.paths, map(KINDS.__getitem__, self.kinds), self.sizes, strict=True)

    def _spread(self, column: Sparse[Value]) -> list[Value]:
        values = [column.common] * len(self)
        for number, value in column.others.items():
            values[number] = value
        return values

    def __eq__(self, other: object) -> bool:
        """Whether another sequence has the same entries."""
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(Entry.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment]


def columns(entries: Sequence[Entry]) -> Columns:
    """Entries as columns."""
    if isinstance(entries, Columns):
        return entries
    number_of = {kind: number for number, kind in enumerate(KINDS)}
    return Columns(
        [entry.path for entry in entries],
        bytes([number_of[entry.kind] for entry in entries]),
        numbers([entry.size for entry in entries]),
        numbers([entry.mode for entry in entries]),
        numbers([entry.uid for entry in entries]),
        numbers([entry.gid for entry in entries]),
        numbers([entry.mtime for entry in entries]),
        _sparse(entries, lambda entry: entry.user, ""),
        _sparse(entries, lambda entry: entry.group, ""),
        _sparse(entries, lambda entry: entry.link, ""),
        _sparse(entries, lambda entry: entry.xattrs, ()),
        _sparse(entries, lambda entry: entry.device, None),
        b"".join([entry.digest or _NONE for entry in entries]),
    )


def outlines(entries: Sequence[Entry]) -> Iterator[Outline]:
    """The outlines of all entries."""
    if isinstance(entries, Columns):
        return entries.outline()
    return ((entry.path, entry.kind, entry.size) for entry in entries)


def numbers(values: Sequence[int]) -> Numbers:
    """Numbers in eight bytes each; a list where an archive has larger ones."""
    try:
        return array("q", values)
    except OverflowError:
        return list(values)


def _sparse(entries: Sequence[Entry], value_of: Callable[[Entry], Value], none: Value) -> Sparse[Value]:
    values = list(map(value_of, entries))
    common = Counter(values).most_common(1)[0][0] if values else none
    return Sparse(common, {number: value for number, value in enumerate(values) if value != common})
