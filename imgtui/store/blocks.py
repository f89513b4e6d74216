"""Bytes that tens of thousands of numbers and names are kept as: quick to read, the same on every machine."""

from __future__ import annotations

import json
import sys
import zlib
from array import array

_LENGTH = 8
_LEVEL = 3


def as_json(value: object) -> bytes:
    """JSON without spaces, which `json.loads` reads; with the lone surrogates that stand for other bytes."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


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


def blocks(*contents: bytes) -> bytes:
    """Several contents one after the other, packed."""
    shrunk = [zlib.compress(content, _LEVEL) for content in contents]
    return b"".join([part for each in shrunk for part in (len(each).to_bytes(_LENGTH, "big"), each)])


def parts(body: bytes, count: int) -> tuple[list[bytes], bytes]:
    """So many contents from the beginning, and the bytes after them. Raises zlib.error."""
    found, at = [], 0
    for _ in range(count):
        length = int.from_bytes(body[at : at + _LENGTH], "big")
        at += _LENGTH
        found.append(zlib.decompress(body[at : at + length]))
        at += length
    return found, body[at:]
