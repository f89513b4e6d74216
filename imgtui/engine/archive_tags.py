"""The tags that an archive of images names, read from the file: before an engine moves them.

`docker save` writes `manifest.json`, Docker 25 and newer an OCI `index.json` beside it, old ones
`repositories`; engines read one of them or another, so that the tags of all are told. What stands in a file
that somebody got from somewhere is hostile: how much of it is read, and kept, has bounds.
"""

from __future__ import annotations

import bz2
import json
import lzma
import os
import posixpath
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final, cast

from imgtui.engine.archive.pieces import FileSource, Source
from imgtui.engine.archive.tar import TarReader
from imgtui.engine.archive.unpack import unpacked
from imgtui.engine.errors import EngineError
from imgtui.engine.translate import items, mapping, text
from imgtui.model.reference import split_tagged
from imgtui.model.transfer_plans import ArchiveFile

MOST_MEMBERS: Final = 200_000
"""Entries of an archive; an image has a handful for each layer."""
MOST_TAGS: Final = 10_000
LARGEST_LIST: Final = 16 * 1024 * 1024
"""Bytes of a list of tags."""
_LISTS: Final = ("manifest.json", "index.json", "repositories")
_NAME_ANNOTATIONS: Final = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
_PACKED: Final = {b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}
"""Ways in which no layer is packed, but an archive may be."""


class NoArchive(EngineError):
    """The file cannot be read, or is no archive of images; the message is one line that says why."""


def read_archive(path: Path) -> ArchiveFile:
    """Which tags an archive names. A packed one is unpacked to its end, which takes its time.

    Raises EngineError.
    """
    try:
        with path.open("rb") as file:
            stat = os.fstat(file.fileno())
            tags = _tags(file)
    except (OSError, EOFError, OverflowError, lzma.LZMAError) as error:
        cause = getattr(error, "strerror", None) or error
        raise NoArchive(f"{path} cannot be read: {cause}") from error
    return ArchiveFile(str(path), stat.st_size, stamp_of(stat), tags)


def stamp_of(stat: os.stat_result) -> tuple[int, int, int]:
    """What another file, or another content, has otherwise."""
    return stat.st_dev, stat.st_ino, stat.st_mtime_ns


def _tags(file: IO[bytes]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    listed = False
    for name, content in _lists(_unpacking(file)):
        listed = True
        for tag in _named_in(name, content):
            if split_tagged(tag) is not None:
                found.setdefault(tag)
            if len(found) > MOST_TAGS:
                raise NoArchive(f"the archive names more than {MOST_TAGS:,} tags")
    if not listed:
        raise NoArchive("this is no archive of images: it has neither manifest.json nor index.json")
    return tuple(found)


def _unpacking(file: IO[bytes]) -> Source:
    head = file.read(8)
    file.seek(0)
    for magic, unpacking in _PACKED.items():
        if head.startswith(magic):
            return FileSource(cast("Callable[[IO[bytes]], IO[bytes]]", unpacking)(file))
    return unpacked(FileSource(file), head)


def _lists(archive: Source) -> Iterator[tuple[str, object]]:
    """The lists of tags in a tar archive."""
    tar = TarReader(archive)
    for number, member in enumerate(tar):
        if number >= MOST_MEMBERS:
            raise NoArchive(f"the archive has more than {MOST_MEMBERS:,} entries")
        name = posixpath.normpath(member.name).lstrip("/")
        if name in _LISTS:
            if not member.is_file:  # an engine may follow a link
                raise NoArchive(f"{name} of the archive is no file")
            yield name, _parsed(name, tar.whole(LARGEST_LIST, name))


def _named_in(name: str, document: object) -> Iterator[str]:
    """What one list names."""
    if name == "manifest.json":
        for entry in items(document):
            yield from map(text, items(mapping(entry).get("RepoTags")))
    elif name == "index.json":
        for entry in items(mapping(document).get("manifests")):
            annotations = mapping(mapping(entry).get("annotations"))
            yield from (text(annotations[key]) for key in _NAME_ANNOTATIONS if key in annotations)
    else:
        for repository, tags in mapping(document).items():
            yield from (f"{text(repository)}:{text(tag)}" for tag in mapping(tags))


def _parsed(name: str, content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NoArchive(f"{name} of the archive is no JSON") from error
