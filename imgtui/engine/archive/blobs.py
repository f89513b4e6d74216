"""What is stored of images, blob by blob, out of the archive that an engine streams (OCI image layout)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from imgtui.engine.archive.budget import LARGEST_JSON, MOST_VALUES, Budget, Cost, values_in
from imgtui.engine.archive.export import digest_of_name, members_of
from imgtui.engine.archive.pieces import Peeked, Source, rest
from imgtui.engine.archive.tar import BLOCK, TarReader
from imgtui.engine.build.provenance import statement_beside
from imgtui.engine.wire.translate import items, mapping
from imgtui.model.core.digest import is_digest

MOST_STATEMENTS: Final = 1 << 23
"""Bytes of JSON that are held at once to find one statement."""


def read_blobs(archive: Source, image_ids: Collection[str]) -> dict[str, dict[str, int]]:
    """By image ID, the stored bytes of each blob that belongs to it, by digest: index, manifests, all below.

    Images whose ID is not the digest of a blob in the archive are left out: those of a graph driver. Raises
    ArchiveError, EngineError.
    """
    sizes: dict[str, int] = {}
    below: dict[str, list[str]] = {}
    budget = Budget()
    for digest, size, _, document in _members(archive, budget):
        sizes[digest] = size
        if document:
            below[digest] = list(_referred(document))
            budget.charge(Cost.VISITS, len(below[digest]))
    return {
        image_id: {digest: sizes[digest] for digest in _all_of(image_id, below) if digest in sizes}
        for image_id in image_ids
        if image_id in sizes
    }


def read_statement(archive: Source, image_id: str) -> Mapping[str, object]:
    """The statement of provenance beside an image (in-toto); empty where there is none.

    Raises ArchiveError, EngineError.
    """
    held: dict[str, Mapping[str, object]] = {}
    left, values_left = MOST_STATEMENTS, MOST_VALUES
    for digest, size, values, document in _members(archive, Budget()):
        if document.keys() & {"manifests", "layers", "subject"}:
            left -= size
            values_left -= values
            if left < 0 or values_left < 0:
                return {}
            held[digest] = document
    return statement_beside(image_id, held.get)


def _members(archive: Source, budget: Budget) -> Iterator[tuple[str, int, int, Mapping[str, object]]]:
    """Digest and bytes of each blob, and, of a JSON object, how many values it has, and what it says."""
    tar = TarReader(archive, budget)
    for member in members_of(tar, budget):
        digest = digest_of_name(member.name)
        if not member.is_file or not is_digest(digest):
            continue
        document: Mapping[str, object] = {}
        values = 0
        if 0 < member.size <= LARGEST_JSON:
            beginning = Peeked(tar, BLOCK)
            if beginning.head.lstrip().startswith(b"{"):
                content = rest(beginning)
                values = values_in(content)
                document = mapping(budget.json(content))
        yield digest, member.size, values, document


def _referred(document: Mapping[str, object]) -> Iterator[str]:
    """The digests that an index or a manifest refers to (OCI image specification)."""
    descriptors = (*items(document.get("manifests")), document.get("config"), *items(document.get("layers")))
    for descriptor in map(mapping, descriptors):
        if isinstance(digest := descriptor.get("digest"), str):
            yield digest


def _all_of(image_id: str, below: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    left = [image_id]
    while left:
        digest = left.pop()
        if digest not in found:
            found.add(digest)
            left += below.get(digest, ())
    return found
