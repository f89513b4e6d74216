"""Bytes that tens of thousands of numbers and names are kept as: quick to read, the same on every machine."""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence

_LENGTH = 8
_LEVEL = 3
_AT_ONCE = 1000
"""Items of a list that become JSON together: of 30 MB of names no second copy is held."""


def as_json(value: object) -> bytes:
    """JSON without spaces, which `json.loads` reads; with the lone surrogates that stand for other bytes."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def as_json_parts(value: Mapping[str, object]) -> Iterator[bytes]:
    """The same of an object, in parts: its long lists are never in memory twice."""
    yield b"{"
    for number, (key, inner) in enumerate(value.items()):
        yield (b"," if number else b"") + as_json(key) + b":"
        if isinstance(inner, Sequence) and not isinstance(inner, str):
            yield b"["
            for first in range(0, len(inner), _AT_ONCE):
                yield (b"," if first else b"") + as_json(inner[first : first + _AT_ONCE])[1:-1]
            yield b"]"
        else:
            yield as_json(inner)
    yield b"}"


def packed(numbers: array[int]) -> bytes:
    """Numbers, the lowest byte first."""
    if sys.byteorder == "big":
        numbers = array(numbers.typecode, numbers)
        numbers.byteswap()
    return numbers.tobytes()


def unpacked(typecode: str, body: bytes) -> array[int]:
    """The numbers in such bytes. Raises ValueError where one is cut."""
    numbers: array[int] = array(typecode)
    numbers.frombytes(body)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def blocks(*contents: Iterable[bytes]) -> bytes:
    """Several contents one after the other, each given in parts, packed."""
    shrunk = [b"".join(_compressed(content)) for content in contents]
    return b"".join([part for each in shrunk for part in (len(each).to_bytes(_LENGTH, "big"), each)])


def _compressed(content: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(_LEVEL)
    for part in content:
        yield packer.compress(part)
    yield packer.flush()


def parts(body: bytes, count: int) -> tuple[list[bytes], bytes]:
    """So many contents from the beginning, and the bytes after them. Raises zlib.error."""
    found, at = [], 0
    for _ in range(count):
        length = int.from_bytes(body[at : at + _LENGTH], "big")
        at += _LENGTH
        found.append(zlib.decompress(body[at : at + length]))
        at += length
    return found, body[at:]
