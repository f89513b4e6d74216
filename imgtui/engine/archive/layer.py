"""One layer of an image, from its tar to the list of its files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Final

from imgtui.engine.archive.errors import ArchiveError
from imgtui.engine.archive.pieces import PIECE, Digesting, Source
from imgtui.engine.archive.tar import Member, TarReader
from imgtui.engine.archive.unpack import unpacked
from imgtui.model.layer_files import OPAQUE, WHITEOUT, Entry, Kind, LayerFiles

MOST_ENTRIES: Final = 1_000_000
"""Entries of one layer: a list of so many takes half a gigabyte. The largest images have a third of it."""
MOST_TEXT: Final = 1 << 28
"""Characters of all names, links and xattrs of a layer."""
LOOK_EVERY: Final = 500
"""Entries after which somebody may want it stopped."""
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


def read_layer(source: Source, head: bytes, look: Look) -> LayerFiles:
    """Read a layer to its end; `head` is how its stream begins.

    Raises ArchiveError, and what `look` raises.
    """
    tar = Digesting(unpacked(source, head))
    entries: list[Entry] = []
    text = 0
    reader = TarReader(tar)
    for member, entry in layer_entries(reader):
        if entry is None:
            continue
        text += len(entry.path) + len(entry.link) + sum(len(a) + len(b) for a, b in entry.xattrs)
        entries.append(entry._replace(digest=_digest(reader, member)) if entry.kind is Kind.FILE else entry)
        if len(entries) % LOOK_EVERY == 0:
            look(len(entries))
        if len(entries) > MOST_ENTRIES or text > MOST_TEXT:
            raise ArchiveError(
                f"a layer has more than {MOST_ENTRIES:,} entries, or names beyond measure: not read"
            )
    reader.drain()
    look(len(entries))
    return LayerFiles(tar.digest, tuple(entries), tar.size)


def layer_entries(reader: TarReader) -> Iterator[tuple[Member, Entry | None]]:
    """The members of a layer's tar, each with its entry; None for the root, and for what is no file at all.

    The digest is left out: the content can be read while it is the current one.
    """
    for member in reader:
        yield member, _entry(member)


def _entry(member: Member) -> Entry | None:
    path = clean(member.name)
    kind = _KINDS.get(member.type, Kind.FILE)
    if not path or member.type == b"V":
        return None
    if kind is Kind.FILE and member.name.endswith("/"):
        kind = Kind.DIRECTORY  # tar before POSIX.1-1988 had no type for it
    folder, _, name = path.rpartition("/")
    if name == OPAQUE:
        return Entry(folder, Kind.OPAQUE)
    if name.startswith(WHITEOUT):
        hidden = name.removeprefix(WHITEOUT)
        if hidden.startswith(WHITEOUT):
            return None  # aufs kept its own books under such names (`.wh..wh.plnk`)
        return Entry(f"{folder}/{hidden}" if folder else hidden, Kind.WHITEOUT) if hidden else None
    return Entry(
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
