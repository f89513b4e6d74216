"""The files of one layer, as its tar has them: what a layer adds, replaces and takes away.

Names of kinds are those of the tar format; whiteouts are those of the OCI image specification (`layer.md`).
Paths and link targets are as the archive has them, without a slash at their beginning; bytes that are no
UTF-8 stand in them as lone surrogates (`surrogateescape`): a path is made printable where it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

WHITEOUT: Final = ".wh."
OPAQUE: Final = ".wh..wh..opq"
MOST_LINKS: Final = 100
"""Hard links to hard links that are followed: tar itself links all names to the first one."""


class Kind(StrEnum):
    """What an entry is; the value is the word used in JSON."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    HARD_LINK = "hard_link"
    CHARACTER_DEVICE = "character_device"
    BLOCK_DEVICE = "block_device"
    FIFO = "fifo"
    WHITEOUT = "whiteout"
    """Takes away what the layers below have at its path."""
    OPAQUE = "opaque"
    """Takes away everything that the layers below have in its directory."""


REMOVING: Final = frozenset({Kind.WHITEOUT, Kind.OPAQUE})


class FileEntry(NamedTuple):
    """One entry of a layer. A tuple, because an image has tens of thousands of them."""

    path: str
    """Of a whiteout the path that it takes away, of an opaque marker the directory."""
    kind: Kind
    size: int = 0
    """Bytes of a file's content, holes included; 0 for everything else, hard links too."""
    mode: int = 0
    """Permission bits, with set-user-ID, set-group-ID and sticky."""
    uid: int = 0
    gid: int = 0
    user: str = ""
    group: str = ""
    mtime: int = 0
    """Seconds since the epoch."""
    link: str = ""
    """Target of a symbolic link as it is; of a hard link a path in the same layer."""
    xattrs: tuple[tuple[str, str], ...] = ()
    """Extended attributes (PAX `SCHILY.xattr.`), by name."""
    device: tuple[int, int] | None = None
    """Major and minor number of a device."""
    digest: bytes = b""
    """SHA-256 of a file's content; of a sparse file, of its map and the bytes that are stored."""

    @property
    def sha256(self) -> str | None:
        """The digest of its content with its algorithm; None for what has none."""
        return f"sha256:{self.digest.hex()}" if self.digest else None


@dataclass(frozen=True, slots=True)
class LayerFiles:
    """All entries of one layer, in the order of its tar."""

    diff_id: str
    """Digest of the uncompressed tar, as it was computed while it was read."""
    entries: Sequence[FileEntry]
    """As they were read, or columns (`layer_columns`), of which each look makes entries anew."""
    size: int
    """Bytes of the uncompressed tar."""

    @property
    def content(self) -> int:
        """Bytes of the files."""
        return sum(entry.size for entry in self.entries)


def differences(one: FileEntry, other: FileEntry) -> tuple[str, ...]:
    """What differs between two entries of the same path, if anything.

    `kind`, `content`, `mode`, `owner`, `link`, `xattrs`, `device`, `time`.

    Something that only has another `time` is the same content, made again.
    """
    return tuple(_differences(one, other))


def changed(one: FileEntry, other: FileEntry) -> bool:
    """Whether two entries of the same path differ in anything but their time."""
    if one is other:
        return False
    return any(name != "time" for name in _differences(one, other))


def _differences(one: FileEntry, other: FileEntry) -> Iterator[str]:
    if one.kind is not other.kind:
        yield "kind"
    if one.size != other.size or one.digest != other.digest:
        yield "content"
    if one.mode != other.mode:
        yield "mode"
    if (one.uid, one.gid) != (other.uid, other.gid):
        yield "owner"
    if one.link != other.link:
        yield "link"
    if one.xattrs != other.xattrs:
        yield "xattrs"
    if one.device != other.device:
        yield "device"
    if one.mtime != other.mtime:
        yield "time"
