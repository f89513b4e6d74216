"""What people call images and moves: tags, digests, the beginnings of digests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from imgtui.model.catalog.catalog import Catalog, Version
from imgtui.model.core.digest import is_digest, short
from imgtui.model.core.image import Container, Image
from imgtui.model.core.reference import InvalidReference, Reference, split_tagged
from imgtui.model.keeps.keep import read_keep
from imgtui.model.plans.plan import NotPossible
from imgtui.model.taglog.moves import Move, of_any_tag

_PREFIX: Final = re.compile(r"(?:sha256:)?([0-9a-f]{4,64})")
_OF_CONTAINER: Final = re.compile(r"[0-9a-f]{4,64}")
_CANDIDATES: Final = 5
"""As many candidates are named as fit into a line."""


@dataclass(frozen=True, slots=True)
class Named:
    """An image that was named."""

    image_id: str
    repository: str | None
    """The repository that it was named in, else the first that it belongs to; None for none."""


def find_image(catalog: Catalog, text: str) -> Named:
    """The image that a tag, a digest, `repo@digest` or the beginning of a digest names.

    A tag comes first, as with docker. An image that is gone is found by its ID. Raises NotPossible.
    """
    reference = _reference(text)
    if reference is not None:
        name = reference.resolved().familiar
        if reference.digest is not None:
            return _by_prefix(catalog, text, reference.digest, reference.familiar_name)
        if name in catalog.tags:
            return Named(catalog.tags[name], reference.familiar_name)
    digits = _PREFIX.fullmatch(text)
    if digits is not None:
        return _by_prefix(catalog, text, f"sha256:{digits[1]}", None)
    if reference is None:
        raise NotPossible(f"{text} is neither a tag nor the beginning of a digest")
    raise NotPossible(
        f"nothing here is called {reference.resolved().familiar}: imgtui ls shows what there is"
    )


def find_container(containers: Iterable[Container], text: str) -> Container | None:
    """The container of a name, an ID or the beginning of one, as docker takes them; None where there is none.

    Raises NotPossible for the beginning of several IDs.
    """
    known = list(containers)
    if (named := next((each for each in known if each.name == text), None)) is not None:
        return named
    found = [each for each in known if _OF_CONTAINER.fullmatch(text) and each.id.startswith(text)]
    if len(found) > 1:
        names = ", ".join(each.name for each in found[:_CANDIDATES])
        raise NotPossible(f"{text} is the beginning of the IDs of several containers: {names}")
    return found[0] if found else None


def moves_about(moves: Iterable[Move], text: str, images: Mapping[str, Image]) -> list[Move]:
    """The moves of a tag, of a repository, or from and to a digest or its beginning, as they came.

    A name that has moves comes before the same text as the beginning of a digest; `images` are all that
    are known, for digests that are not image IDs. Raises NotPossible for what can be none of them.
    """
    moves = list(moves)
    reference = _reference(text)
    if reference is not None and reference.digest is None and (found := moves_of(moves, reference)):
        return found
    digits = _PREFIX.fullmatch(text)
    if digits is None and (reference is None or reference.digest is None):
        if reference is None:
            raise NotPossible(f"{text} is neither a tag, a repository nor the beginning of a digest")
        return []
    prefix = f"sha256:{digits[1]}" if digits else (reference.digest if reference else None) or ""
    place = reference.familiar_name if reference and reference.digest else None
    ids = {image.id for image in images.values() if _called(image, prefix)}
    return [
        move
        for move in moves
        if (place is None or _place(move) == place)
        and any(end and (end in ids or end.startswith(prefix)) for end in (move.origin, move.target))
    ]


def moves_of(moves: Iterable[Move], reference: Reference) -> list[Move]:
    """The moves of a tag, or of all tags and keeps of a repository, as they came."""
    if reference.tag is not None:
        return [move for move in moves if move.reference == reference.familiar or of_any_tag(move)]
    return [move for move in moves if _place(move) == reference.familiar_name or of_any_tag(move)]


def _place(move: Move) -> str | None:
    keep = read_keep(move.reference)
    if keep is not None:
        return keep.repository
    parts = split_tagged(move.reference)
    return parts[0] if parts else None


def _by_prefix(catalog: Catalog, text: str, prefix: str, repository: str | None) -> Named:
    found = [version for version in catalog.everything if _called(version.image, prefix)]
    here = [version for version in found if version.image.id in catalog.images]
    candidates = here or found
    if repository is not None:
        candidates = [each for each in candidates if repository in _places(catalog, each)]
    exact = [each for each in candidates if each.image.id == prefix]
    if len(exact or candidates) > 1:
        shown = ", ".join(short(each.image.id, 20) for each in candidates[:_CANDIDATES])
        more = ", …" if len(candidates) > _CANDIDATES else ""
        raise NotPossible(f"{text} is ambiguous: {shown}{more}")
    for version in exact or candidates:
        place = repository or next(iter(_places(catalog, version)), None)
        return Named(version.image.id, place)
    raise NotPossible(f"no image here is called {text}: imgtui ls shows what there is")


def _places(catalog: Catalog, version: Version) -> list[str]:
    """The repositories that an image belongs to: those of its tags first."""
    members = [
        (not member.tags, name)
        for name, repository in catalog.repositories.items()
        for member in repository.versions
        if member.image.id == version.image.id and member.repository is not None
    ]
    return [name for _, name in sorted(members)]


def _called(image: Image, prefix: str) -> bool:
    digests = (image.id, image.manifest or "", *(name.rpartition("@")[2] for name in image.repo_digests))
    return any(digest.startswith(prefix) for digest in digests)


def _reference(text: str) -> Reference | None:
    if is_digest(text):
        return None
    try:
        return Reference.parse(text)
    except InvalidReference:
        return None
