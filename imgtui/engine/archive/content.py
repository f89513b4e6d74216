"""The content of single files, out of the archive that an engine, or a file, streams."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final, Protocol, TypeVar

from imgtui.engine.archive.budget import Budget, Cost, TooMuch
from imgtui.engine.archive.errors import ArchiveError
from imgtui.engine.archive.export import LayerMember, Places, Told, layer_members
from imgtui.engine.archive.layer import layer_entries
from imgtui.engine.archive.pieces import PIECE, Digesting, Source
from imgtui.engine.archive.tar import Member, TarReader
from imgtui.engine.archive.unpack import unpacked
from imgtui.model.core.digest import short
from imgtui.model.files.entries import Kind

_LOOK_EVERY: Final = 500


class Receiver(Protocol):
    """Takes the content of one file."""

    def write(self, offset: int, piece: bytes) -> None:
        """Bytes at an offset, which only grows; what is passed over is zeros."""

    def close(self, size: int) -> None:
        """All of it was written; the file has so many bytes."""


Taking = TypeVar("Taking", bound=Receiver)


def read_contents(
    archive: Source, wanted: Mapping[str, Collection[str]], receive: Callable[[str, str], Taking], told: Told
) -> Iterator[tuple[str, dict[str, Taking]]]:
    """The content of files, by layer (diff ID) and path: each layer with what was received of it.

    `receive` makes what takes the content of a file, from a diff ID, or "" where it is not known yet, and
    its path. An archive may tell which layer something is only at its end: then what several layers have is
    received of each, and what was not wanted is never told of. Raises ArchiveError where a layer is not
    there.
    """
    left = set(wanted)
    budget = Budget()
    for member in layer_members(archive, left, told, Places(), budget):
        paths = wanted[member.diff_id] if member.diff_id is not None else set().union(*wanted.values())
        try:
            diff_id, found = _of_layer(member, paths, receive, budget)
        except TooMuch:
            raise
        except ArchiveError:
            if member.diff_id is not None:
                raise
            continue  # of another image, or it is missed in the end
        if member.diff_id is not None and diff_id != member.diff_id:
            raise ArchiveError(f"layer {short(member.diff_id)} is damaged or forged")
        if diff_id in left:
            left.discard(diff_id)
            yield diff_id, {path: taken for path, taken in found.items() if path in wanted[diff_id]}
        if not left:
            return
    if left:
        raise ArchiveError(f"the archive has no layer with the digest {short(min(left))}")


def _of_layer(
    member: LayerMember, paths: Collection[str], receive: Callable[[str, str], Taking], budget: Budget
) -> tuple[str, dict[str, Taking]]:
    """The digest of a layer, and what was received of it; of a path that it has twice the last."""
    tar = Digesting(unpacked(member.source, member.head, budget))
    reader = TarReader(tar, budget)
    found: dict[str, Taking] = {}
    for number, (header, entry) in enumerate(layer_entries(reader)):
        if number % _LOOK_EVERY == 0:
            member.look(number)
        budget.charge(Cost.ENTRIES)
        if entry is None or entry.kind is not Kind.FILE or entry.path not in paths:
            continue
        taken = found[entry.path] = receive(member.diff_id or "", entry.path)
        for offset, piece in expanded(reader, header):
            member.look(number)
            taken.write(offset, piece)
        taken.close(header.size)
    reader.drain()
    return tar.digest, found


def expanded(reader: TarReader, header: Member) -> Iterator[tuple[int, bytes]]:
    """The content of a member with the offsets of its pieces; holes are left out. Raises ArchiveError."""
    if header.map is None:
        offset = 0
        while piece := reader.read(PIECE):
            yield offset, piece
            offset += len(piece)
        return
    for offset, size in header.map:
        if offset + size > header.size:
            raise ArchiveError("the map of a sparse file goes beyond its end")
        at, left = offset, size
        while left:
            piece = reader.read(min(left, PIECE))
            if not piece:
                raise ArchiveError("a sparse file has less in it than its map says")
            yield at, piece
            at += len(piece)
            left -= len(piece)
