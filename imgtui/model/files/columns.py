"""The entries of a layer as columns: what an image of tens of thousands of files is kept and loaded as.

An entry is made of them when somebody looks at it: 30,000 of them take 20 ms to make and 9 MB to hold.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar, overload

from imgtui.model.files.entries import FileEntry, Kind

KINDS: Final = tuple(Kind)
_NUMBER_OF: Final = {kind: number for number, kind in enumerate(KINDS)}
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
class Columns(Sequence[FileEntry]):
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
    def __getitem__(self, number: int) -> FileEntry: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[FileEntry]: ...
    def __getitem__(self, number: int | slice) -> FileEntry | Sequence[FileEntry]:
        """One entry, or some."""
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        if number < 0:
            number += len(self)
        at = number * DIGEST
        digest = self.digests[at : at + DIGEST]
        return FileEntry(
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

    def __iter__(self) -> Iterator[FileEntry]:
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
        return map(FileEntry._make, zip(*columns, strict=True))

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
        return (
            isinstance(other, Sequence)
            and len(self) == len(other)
            and all(map(FileEntry.__eq__, self, other))
        )

    __hash__ = None  # type: ignore[assignment]


def columns(entries: Sequence[FileEntry]) -> Columns:
    """Entries as columns."""
    if isinstance(entries, Columns):
        return entries
    gathered = Gathering()
    for entry in entries:
        gathered.add(entry, entry.digest)
    return gathered.columns()


class Gathering:
    """Entries that become columns one by one: as objects of their own they take four times as much memory."""

    def __init__(self) -> None:
        self._paths: list[str] = []
        self._kinds = bytearray()
        self._numbers: list[array[int] | list[int]] = [array("q") for _ in range(5)]
        self._users, self._groups, self._links = _Values(""), _Values(""), _Values("")
        self._xattrs: _Values[tuple[tuple[str, str], ...]] = _Values(())
        self._devices: _Values[tuple[int, int] | None] = _Values(None)
        self._digests = bytearray()

    def __len__(self) -> int:
        """How many entries there are by now."""
        return len(self._paths)

    def add(self, entry: FileEntry, digest: bytes) -> None:
        """One more entry, whose content has this digest."""
        path, kind, size, mode, uid, gid, user, group, mtime, link, xattrs, device, _ = entry
        place = len(self._paths)
        self._paths.append(path)
        self._kinds.append(_NUMBER_OF[kind])
        sizes, modes, uids, gids, mtimes = self._numbers
        try:
            sizes.append(size)
            modes.append(mode)
            uids.append(uid)
            gids.append(gid)
            mtimes.append(mtime)
        except OverflowError:  # an archive may have larger ones
            told = size, mode, uid, gid, mtime
            self._numbers = [
                [*column[:place], value] for column, value in zip(self._numbers, told, strict=True)
            ]
        self._users.add(place, user)
        self._groups.add(place, group)
        self._links.add(place, link)
        self._xattrs.add(place, xattrs)
        self._devices.add(place, device)
        self._digests += digest or _NONE

    def columns(self) -> Columns:
        """All of them."""
        sizes, modes, uids, gids, mtimes = map(numbers, self._numbers)
        return Columns(
            self._paths,
            bytes(self._kinds),
            sizes,
            modes,
            uids,
            gids,
            mtimes,
            self._users.column(len(self)),
            self._groups.column(len(self)),
            self._links.column(len(self)),
            self._xattrs.column(len(self)),
            self._devices.column(len(self)),
            bytes(self._digests),
        )


class _Values(Generic[Value]):
    """A column in which most values are the same, most likely the first one."""

    __slots__ = ("_first", "_others")

    def __init__(self, none: Value) -> None:
        self._first = none
        self._others: dict[int, Value] = {}

    def add(self, place: int, value: Value) -> None:
        """The value of the next entry."""
        if not place:
            self._first = value
        elif value != self._first:
            self._others[place] = value

    def column(self, count: int) -> Sparse[Value]:
        """All of them, with the commonest one told once."""
        first, others = self._first, self._others
        common, times = Counter(others.values()).most_common(1)[0] if others else (first, 0)
        if times <= count - len(others):
            return Sparse(first, others)
        values = ((place, others.get(place, first)) for place in range(count))
        return Sparse(common, {place: value for place, value in values if value != common})


def outlines(entries: Sequence[FileEntry]) -> Iterator[Outline]:
    """The outlines of all entries."""
    if isinstance(entries, Columns):
        return entries.outline()
    return ((entry.path, entry.kind, entry.size) for entry in entries)


def kind_of(entries: Sequence[FileEntry], number: int) -> Kind:
    """The kind of one entry."""
    return KINDS[entries.kinds[number]] if isinstance(entries, Columns) else entries[number].kind


def numbers(values: Sequence[int]) -> Numbers:
    """Numbers in eight bytes each; a list where an archive has larger ones."""
    try:
        return values if isinstance(values, array) else array("q", values)
    except OverflowError:
        return list(values)
