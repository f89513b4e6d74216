"""The tags that an archive of images names, read from the file: before an engine moves them.

`docker save` writes `manifest.json`, Docker 25 and newer an OCI `index.json` beside it, old ones
`repositories`; engines read one of them or another, so that the tags of all are told. What stands in a file
that somebody got from somewhere is hostile: how much of it is read, and kept, has bounds.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from imgtui.engine.archive.budget import LARGEST_JSON, Budget
from imgtui.engine.archive.export import members_of
from imgtui.engine.archive.pieces import FileSource
from imgtui.engine.archive.tar import BLOCK, TarReader
from imgtui.engine.archive.unpack import unpacked
from imgtui.engine.port.errors import EngineError
from imgtui.engine.wire.translate import items, mapping, text
from imgtui.model.core.reference import split_tagged
from imgtui.model.jobs.plans import ArchiveFile

MOST_TAGS: Final = 10_000
_LISTS: Final = ("manifest.json", "index.json", "repositories")
_NAME_ANNOTATIONS: Final = ("io.containerd.image.name", "org.opencontainers.image.ref.name")


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
    except OSError as error:
        raise NoArchive(f"{path} cannot be read: {error.strerror or error}") from error
    return ArchiveFile(str(path), stat.st_size, stamp_of(stat), tags)


def stamp_of(stat: os.stat_result) -> tuple[int, int, int]:
    """What another file, or another content, has otherwise."""
    return stat.st_dev, stat.st_ino, stat.st_mtime_ns


def _tags(file: IO[bytes]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    listed = False
    for name, content in _lists(file):
        listed = True
        for tag in _named_in(name, content):
            if split_tagged(tag) is not None:
                found.setdefault(tag)
            if len(found) > MOST_TAGS:
                raise NoArchive(f"the archive names more than {MOST_TAGS:,} tags")
    if not listed:
        raise NoArchive("this is no archive of images: it has neither manifest.json nor index.json")
    return tuple(found)


def _lists(file: IO[bytes]) -> Iterator[tuple[str, object]]:
    """The lists of tags in a tar archive."""
    budget = Budget()
    head = file.read(BLOCK)
    file.seek(0)
    stored = FileSource(file)
    archive = unpacked(stored, head, budget)
    tar = TarReader(archive, budget)
    for member in members_of(tar, budget):
        name = posixpath.normpath(member.name).lstrip("/")
        if name in _LISTS:
            if not member.is_file:  # an engine may follow a link
                raise NoArchive(f"{name} of the archive is no file")
            content = tar.whole(LARGEST_JSON, name)
            document = budget.json(content)
            if document is None and content.strip() != b"null":
                raise NoArchive(f"{name} of the archive is no JSON, or has too much in it")
            yield name, document
    if archive is not stored:
        tar.drain()  # where it is cut off, an engine refuses it


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
