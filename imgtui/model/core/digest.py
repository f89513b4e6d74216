"""Content digests: the identity of images, manifests, configurations and layers."""

import re
from typing import Final

_ENCODED_LENGTHS: Final = {"sha256": 64, "sha384": 96, "sha512": 128}
"""Hexadecimal digits of the algorithms that docker registers (OCI image specification, descriptor.md)."""

_LOWER_HEX: Final = re.compile(r"[0-9a-f]+")
_GRAMMAR: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")
_IDENTIFIER: Final = re.compile(r"[0-9a-f]{64}")


def digest_fault(text: str) -> str | None:
    """Say in a few words why `text` is not a digest that docker accepts; None when it is one."""
    if _GRAMMAR.fullmatch(text) is None:
        return "a digest is an algorithm, a colon and at least 32 hexadecimal digits"
    algorithm, _, encoded = text.partition(":")
    length = _ENCODED_LENGTHS.get(algorithm)
    if length is None:
        return "the digest algorithm is not one of sha256, sha384 and sha512"
    if len(encoded) != length:
        return f"a {algorithm} digest has {length} hexadecimal digits, this one has {len(encoded)}"
    if _LOWER_HEX.fullmatch(encoded) is None:
        return "the hexadecimal digits of a digest are lowercase"
    return None


def is_digest(text: str) -> bool:
    """Tell whether `text` is a whole digest: a known algorithm with as many hexadecimal digits as it has."""
    return digest_fault(text) is None


def is_identifier(text: str) -> bool:
    """Tell whether `text` is 64 lowercase hexadecimal digits: an image ID without its algorithm."""
    return _IDENTIFIER.fullmatch(text) is not None


def digest_from(text: str) -> str | None:
    """Return the digest that a digest or a bare 64-digit image ID stands for, None for anything else."""
    if is_identifier(text):
        return f"sha256:{text}"
    return text if is_digest(text) else None


def short(digest: str, length: int = 12) -> str:
    """Shorten a digest for the screen to `length` hexadecimal digits, as docker does.

    `sha256:` is dropped, any other algorithm stays; text that is no digest comes back unchanged.
    """
    if is_identifier(digest):
        return digest[:length]
    if _GRAMMAR.fullmatch(digest) is None:
        return digest
    algorithm, _, encoded = digest.partition(":")
    return encoded[:length] if algorithm == "sha256" else f"{algorithm}:{encoded[:length]}"
