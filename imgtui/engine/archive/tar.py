"""The entries of a tar stream: a lean reader that holds one header and one piece of content at a time.

Formats: POSIX.1-1988 ustar, POSIX.1-2001 pax (`pax` of the POSIX standard), GNU with long names and sparse
files (`tar.h` and "Sparse Formats" of the GNU tar manual). Python's tarfile keeps every member it has seen
and takes 40 µs for each; this takes 9.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imgtui.engine.archive.budget import Budget, Cost
from imgtui.engine.archive.errors import ArchiveError
from imgtui.engine.archive.pieces import PIECE, Skipping, Source
from imgtui.engine.archive.sparse import (
    MOST_PIECES,
    Stored,
    old_gnu_pieces,
    pax_map,
    pieces_of,
    too_many_pieces,
)
from imgtui.engine.archive.tar_fields import number, read_pax, text
from imgtui.model.core.printable import printable

BLOCK: Final = 512
_ZEROS: Final = bytes(BLOCK)
LONGEST_NAME: Final = 1 << 16
"""Bytes of a name in a header of its own: Linux has none above 4,096."""
LONGEST_EXTENSION: Final = 1 << 20
"""Bytes of a pax header: Go's `archive/tar`, by which engines read, refuses more (`maxSpecialFileSize`)."""
MOST_EXTENSIONS: Final = 8
"""Headers before the one of an entry: GNU tar and pax write at most two."""
LARGEST: Final = 1 << 62
"""Bytes of an entry; more is a lie."""

_NUMBER: Final = re.compile(r"-?[0-9]{1,18}")
REGULAR: Final = frozenset({b"0", b"\0", b"7", b"S"})
_EXTENSIONS: Final = frozenset({b"x", b"g", b"L", b"K"})
HAS_NO_CONTENT: Final = frozenset({b"1", b"2", b"3", b"4", b"5", b"6"})


class Member:
    """One entry: its header, with what extensions say already applied."""

    __slots__ = (
        "device",
        "extra",
        "gid",
        "group",
        "link",
        "map",
        "mode",
        "mtime",
        "name",
        "size",
        "stored",
        "type",
        "uid",
        "user",
    )

    def __init__(self, block: bytes) -> None:
        """Raises ArchiveError for what is no header."""
        self.name = text(block[:100])
        self.type = block[156:157]
        self.mode = number(block[100:108]) & 0o7777
        self.uid = number(block[108:116])
        self.gid = number(block[116:124])
        self.stored = self.size = number(block[124:136])
        """`stored` counts the bytes in the archive, `size` those of the file, with its holes."""
        self.mtime = number(block[136:148])
        self.link = text(block[157:257]) if block[157] else ""
        self.user = text(block[265:297]) if block[265] else ""
        self.group = text(block[297:329]) if block[297] else ""
        self.device = (number(block[329:337]), number(block[337:345])) if self.type in b"34" else None
        if block[257:263] == b"ustar\0" and block[345]:
            self.name = f"{text(block[345:500])}/{self.name}"
        self.map: list[Stored] | None = None
        """Where the stored bytes of a sparse file belong; None for files without holes."""
        self.extra: dict[str, str] = {}
        """What pax headers say of it, as far as it is understood here."""

    @property
    def is_file(self) -> bool:
        """Whether it has content."""
        return self.type in REGULAR and not self.name.endswith("/")

    def count(self, key: str) -> int | None:
        """What pax headers say of a number. Raises ArchiveError."""
        value = self.extra.get(key)
        if value is None:
            return None
        digits = value.partition(".")[0]
        if not _NUMBER.fullmatch(digits):
            raise ArchiveError(f"the archive says {printable(value, 40)} where a number belongs")
        return int(digits)


class TarReader(Skipping):
    """Goes through a tar, entry by entry; `read` gives the content of the entry it stands at.

    Iteration ends at the end-of-archive mark, or where the stream ends between two entries. Raises
    ArchiveError for what is broken, and what the source raises.
    """

    def __init__(self, source: Source, budget: Budget) -> None:
        self._source = source
        self._budget = budget
        self._piece = b""
        self._at = 0
        self._left = 0
        """Bytes of content that were not read."""
        self._padding = 0

    def __iter__(self) -> Iterator[Member]:
        while (member := self._next()) is not None:
            yield member

    def read(self, size: int) -> bytes:
        """At most so many bytes of the content of this entry; empty at its end."""
        if not self._left:
            return b""
        if self._at >= len(self._piece):
            self._fill(PIECE)
            if not self._piece:
                raise _cut_off()
        end = min(self._at + min(size, self._left), len(self._piece))
        found = self._piece[self._at : end]
        self._left -= len(found)
        self._at = end
        return found

    def whole(self, limit: int, what: str) -> bytes:
        """All of the content of this entry. Raises ArchiveError where it is longer than the limit."""
        if self._left > limit:
            raise ArchiveError(f"{what} has {self._left} bytes: more than {limit} are not read")
        if self._left <= len(self._piece) - self._at:
            return self.read(self._left)
        pieces = []
        while piece := self.read(self._left):
            pieces.append(piece)
        return b"".join(pieces)

    def drain(self) -> None:
        """Read what follows the end of the archive, for the sake of whoever counts the bytes."""
        self._piece, self._at = b"", 0
        while self._source.read(PIECE):
            pass

    def _next(self) -> Member | None:
        """The next entry, with the extensions before it.

        Global pax headers are passed over, as engines do it (moby `pkg/archive`, containers/storage).
        """
        extra: dict[str, str] = {}
        name = link = None
        before = 0
        while True:
            self._budget.charge(Cost.HEADERS)
            self._forward(self._left + self._padding)
            block = self._block()
            if block is None or block == _ZEROS:
                return None
            _verify(block)
            member = Member(block)
            kind = member.type
            self._enter(member.stored)
            if kind not in _EXTENSIONS:
                break
            before += 1
            if before > MOST_EXTENSIONS:
                raise ArchiveError(f"an entry has more than {MOST_EXTENSIONS} headers before it")
            if kind == b"x":
                extra = read_pax(self.whole(LONGEST_EXTENSION, "a pax header"), self._budget)
            elif kind == b"L":
                name = text(self.whole(LONGEST_NAME, "a name"))
            elif kind == b"K":
                link = text(self.whole(LONGEST_NAME, "the target of a link"))
        if name is not None:
            member.name = name
        if link is not None:
            member.link = link
        if extra:
            self._apply(member, extra)
        if kind == b"S":
            self._read_old_map(member, block)
        if kind in HAS_NO_CONTENT:  # some writers give links the size of what they link to
            member.size = self._left = self._padding = 0
        return member

    def _apply(self, member: Member, extra: dict[str, str]) -> None:
        member.extra = extra
        member.name = extra.get("path", member.name)
        member.link = extra.get("linkpath", member.link)
        member.user = extra.get("uname", member.user)
        member.group = extra.get("gname", member.group)
        for key in ("uid", "gid", "mtime"):
            if (value := member.count(key)) is not None:
                setattr(member, key, value)
        if (size := member.count("size")) is not None:
            member.stored = member.size = size
            self._enter(size)
        if "GNU.sparse.realsize" in extra or "GNU.sparse.size" in extra:
            member.name = extra.get("GNU.sparse.name", member.name)
            member.map = pax_map(member.extra, self) if member.type in REGULAR else None
            self._budget.charge(Cost.PIECES, len(member.map or ()))
            size = member.count("GNU.sparse.realsize") or member.count("GNU.sparse.size") or 0
            member.size = _checked(size)

    def _read_old_map(self, member: Member, block: bytes) -> None:
        """The map of GNU's own sparse format: in the header, and in blocks between it and the content."""
        found = old_gnu_pieces(block, 386, 4)
        more = block[482]
        while more:
            following = self._block()
            if following is None:
                raise _cut_off()
            self._budget.charge(Cost.HEADERS)
            found += old_gnu_pieces(following, 0, 21)
            if len(found) > 2 * MOST_PIECES:
                raise too_many_pieces()
            more = following[504]
        member.map = pieces_of(found)
        self._budget.charge(Cost.PIECES, len(member.map))
        member.size = _checked(number(block[483:495]))

    def _enter(self, size: int) -> None:
        self._left = _checked(size)
        self._padding = -size % BLOCK

    def _block(self) -> bytes | None:
        """The next 512 bytes; None at the end of the stream."""
        end = self._at + BLOCK
        if end <= len(self._piece):
            block = self._piece[self._at : end]
            self._at = end
            return block
        rest = self._piece[self._at :]
        while len(rest) < BLOCK:
            self._fill(PIECE)
            if not self._piece:
                if rest:
                    raise _cut_off()
                return None
            rest += self._piece
        self._piece, self._at = rest, BLOCK
        return rest[:BLOCK]

    def _forward(self, size: int) -> None:
        """Pass over bytes: what is not at hand is not read where the source can do without."""
        at = self._at + size
        if at <= len(self._piece):
            self._at = at
        else:
            # Of a stream that can seek only its last byte tells whether there was so much.
            self._source.skip(at - len(self._piece) - 1)
            self._fill(PIECE)
            if not self._piece:
                raise _cut_off()
            self._at = 1
        self._left = self._padding = 0

    def _fill(self, size: int) -> None:
        self._piece, self._at = self._source.read(size), 0


def _verify(block: bytes) -> None:
    """Raises ArchiveError where the sum in a header is not that of its bytes."""
    told = number(block[148:156])
    if sum(block) - sum(block[148:156]) + 256 != told:
        raise ArchiveError("this is no tar, or it is damaged: the sum of a header is wrong")


def _checked(size: int) -> int:
    if not 0 <= size <= LARGEST:
        raise ArchiveError(f"the archive says that an entry has {size} bytes")
    return size


def _cut_off() -> ArchiveError:
    return ArchiveError("the archive ends in the middle of an entry")
