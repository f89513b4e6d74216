"""What is stored of images, blob by blob, out of the archive that an engine streams (OCI image layout)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from imgtui.engine.archive.errors import ArchiveError
from imgtui.engine.archive.export import LARGEST_JSON, MOST_MEMBERS, digest_of_name, read_json
from imgtui.engine.archive.pieces import Peeked, Source, rest
from imgtui.engine.archive.tar import BLOCK, TarReader
from imgtui.engine.translate import items, mapping
from imgtui.model.digest import is_digest


def read_blobs(archive: Source, image_ids: Collection[str]) -> dict[str, dict[str, int]]:
    """By image ID, the stored bytes of each blob that belongs to it, by digest: index, manifests, all below.

    Images whose ID is not the digest of a blob in the archive are left out: those of a graph driver. Raises
    ArchiveError, EngineError.
    """
    sizes: dict[str, int] = {}
    below: dict[str, list[str]] = {}
    tar = TarReader(archive)
    for number, member in enumerate(tar):
        if number > MOST_MEMBERS:
            raise ArchiveError(f"the archive has more than {MOST_MEMBERS:,} members")
        digest = digest_of_name(member.name)
        if not member.is_file or not is_digest(digest):
            continue
        sizes[digest] = member.size
        if 0 < member.size <= LARGEST_JSON:
            beginning = Peeked(tar, BLOCK)
            if beginning.head.lstrip().startswith(b"{"):
                below[digest] = list(_referred(read_json(rest(beginning))))
    return {
        image_id: {digest: sizes[digest] for digest in _all_of(image_id, below) if digest in sizes}
        for image_id in image_ids
        if image_id in sizes
    }


def _referred(raw: object) -> Iterator[str]:
    """The digests that an index or a manifest refers to (OCI image specification)."""
    document = mapping(raw)
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
