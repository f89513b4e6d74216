"""One layer of an image, from its tar to the list of its files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from sys import getsizeof
from typing import Final

from imgtui.engine.archive.budget import Budget, Cost
from imgtui.engine.archive.pieces import PIECE, Digesting, Source
from imgtui.engine.archive.tar import Member, TarReader
from imgtui.engine.archive.unpack import unpacked
from imgtui.model.files.columns import Gathering
from imgtui.model.files.entries import OPAQUE, WHITEOUT, FileEntry, Kind, LayerFiles

LOOK_EVERY: Final = 500
"""Entries after which somebody may want it stopped."""
_ESCAPED: Final = 12
_XATTR: Final = "SCHILY.xattr."
_KINDS: Final = {
    b"1": Kind.HARD_LINK,
    b"2": Kind.SYMLINK,
    b"3": Kind.CHARACTER_DEVICE,
    b"4": Kind.BLOCK_DEVICE,
    b"5": Kind.DIRECTORY,
    b"6": Kind.FIFO,
}

Look = Callable[[int], None]
"""Hears how many entries were read, again and again; what it raises ends the reading."""


def read_layer(source: Source, head: bytes, look: Look, budget: Budget) -> LayerFiles:
    """Read a layer to its end; `head` is how its stream begins.

    Raises ArchiveError, and what `look` raises.
    """
    tar = Digesting(unpacked(source, head, budget))
    found = Gathering()
    reader = TarReader(tar, budget)
    for member, entry in layer_entries(reader):
        if entry is None:
            continue
        charge(budget, entry)
        found.add(entry, _digest(reader, member) if entry.kind is Kind.FILE else b"")
        if len(found) % LOOK_EVERY == 0:
            look(len(found))
    reader.drain()
    look(len(found))
    return LayerFiles(tar.digest, found.columns(), tar.size)


def charge(budget: Budget, entry: FileEntry) -> None:
    """Have an entry be listed. Raises TooMuch."""
    budget.charge(Cost.ENTRIES)
    size = _weight(entry.path)
    if entry.link:
        size += _weight(entry.link)
    if entry.xattrs:
        size += sum([_weight(name) + _weight(value) for name, value in entry.xattrs])
    budget.charge(Cost.NAMES, size)


def _weight(text: str) -> int:
    """Bytes that a text takes, or, where most of it has to be escaped, those that it is shown and kept in."""
    return getsizeof(text) if text.isprintable() else _ESCAPED * len(text)


def layer_entries(reader: TarReader) -> Iterator[tuple[Member, FileEntry | None]]:
    """The members of a layer's tar, each with its entry; None for the root, and for what is no file at all.

    The digest is left out: the content can be read while it is the current one.
    """
    for member in reader:
        yield member, _entry(member)


def _entry(member: Member) -> FileEntry | None:
    path = clean(member.name)
    kind = _KINDS.get(member.type, Kind.FILE)
    if not path or member.type == b"V":
        return None
    if kind is Kind.FILE and member.name.endswith("/"):
        kind = Kind.DIRECTORY  # tar before POSIX.1-1988 had no type for it
    folder, _, name = path.rpartition("/")
    if name == OPAQUE:
        return FileEntry(folder, Kind.OPAQUE)
    if name.startswith(WHITEOUT):
        hidden = name.removeprefix(WHITEOUT)
        if hidden.startswith(WHITEOUT):
            return None  # aufs kept its own books under such names (`.wh..wh.plnk`)
        return FileEntry(f"{folder}/{hidden}" if folder else hidden, Kind.WHITEOUT) if hidden else None
    return FileEntry(
        path,
        kind,
        member.size if kind is Kind.FILE else 0,
        member.mode,
        member.uid,
        member.gid,
        member.user,
        member.group,
        member.mtime,
        clean(member.link) if kind is Kind.HARD_LINK else member.link if kind is Kind.SYMLINK else "",
        _xattrs(member) if member.extra else (),
        member.device if kind in {Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE} else None,
    )


def clean(name: str) -> str:
    """A name without what does not name anything: `./`, `//`, a slash at either end; empty for the root.

    `..` stays: it is shown, and never followed.
    """
    if "/." not in name and "//" not in name and name[:1] not in {"/", "."}:
        return name.removesuffix("/")
    return "/".join(part for part in name.split("/") if part not in {"", "."})


def _digest(reader: TarReader, member: Member) -> bytes:
    if member.map is None and member.size <= PIECE:
        return hashlib.sha256(reader.whole(PIECE, "a file")).digest()
    digest = hashlib.sha256()
    for piece in member.map or ():
        digest.update(b"%d %d " % piece)
    while content := reader.read(PIECE):
        digest.update(content)
    return digest.digest()


def _xattrs(member: Member) -> tuple[tuple[str, str], ...]:
    found = (
        (key.removeprefix(_XATTR), value) for key, value in member.extra.items() if key.startswith(_XATTR)
    )
    return tuple(sorted(found))
