"""JSON as engines send it: UTF-8, no number that is none, no key twice. Anything else is not understood."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Never

from imgtui.engine.wire.answers import WrongShape

if TYPE_CHECKING:
    from requests import Response

PART: Final = 256 * 1024
"""Bytes that are read at once."""
LONGEST_MESSAGE: Final = 4 * 1024 * 1024
"""Bytes of one message of a stream."""


def decoded(response: Response) -> object:
    """The JSON of a body. Raises WrongShape for what is none."""
    return decode(response.content, response.headers.get("Content-Type", ""))


def decode(content: bytes, kind: str = "") -> object:
    """The JSON of some bytes; `kind` is their content type. Raises WrongShape for what is none."""
    try:
        return json.loads(content.decode(), parse_constant=_no_number, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        said = f"it is no JSON ({kind.partition(';')[0] or 'no content type'})"
        raise WrongShape(said if content.strip() else "it is empty") from error


def lines(response: Response) -> list[object]:
    """The JSON of each line of a body. Raises WrongShape for what is none.

    Engines send it in chunks, also where there is none; of one that just ends with the connection nobody
    knows whether all of it came.
    """
    if not response.raw.chunked and "Content-Length" not in response.headers:
        raise WrongShape("where it ends is not clear")
    if not response.raw.chunked and not response.content.strip():
        raise WrongShape("it is empty")
    kind = response.headers.get("Content-Type", "")
    return [decode(line, kind) for line in response.content.split(b"\n") if line.strip()]


def messages(response: Response) -> Iterator[object]:
    """The JSON messages of a body that goes on, each a line, as they arrive.

    Raises WrongShape for what is none, and what urllib3 raises where it breaks off.
    """
    kind, line = response.headers.get("Content-Type", ""), bytearray()
    for part in _parts(response):
        *ended, rest = part.split(b"\n")
        for end in ended:
            line += end
            if line.strip():
                yield decode(bytes(line), kind)
            line.clear()
        line += rest
        if len(line) > LONGEST_MESSAGE:
            raise WrongShape(f"one message of it has more than {LONGEST_MESSAGE} bytes")
    if line.strip():
        yield decode(bytes(line), kind)


def _parts(response: Response) -> Iterator[bytes]:
    """A body as it arrives. Raises what urllib3 raises where it breaks off."""
    raw = response.raw
    if raw.chunked:
        yield from raw.stream(PART)
        return
    while part := raw.read1(PART):
        yield part


def _no_number(name: str) -> Never:
    raise ValueError(f"{name} is no number")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise WrongShape("an object in it has a key twice")
    return found
