"""Mistakes in JSON that was right: other types, nothing, too much, hostile text, in any place of it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from hypothesis import strategies as st

from tests.engine.payloads import HOSTILE
from tests.engine.replay.server import Recorded

Path = tuple[str | int, ...]

DEEP: Final = 3_000
"""Objects in each other: more than Python's parser takes."""
NESTED: Final = 400
"""As many as it takes, and a walk through it that takes two calls for each does not."""


def _nested(depth: int) -> object:
    made: object = "end"
    for number in range(depth):
        made = [made] if number % 2 else {"a": made}
    return made


VALUES: Final[Mapping[str, object]] = {
    "null": None, "true": True, "false": False, "zero": 0, "negative": -1, "huge": 10**30, "most": 2**63,
    "fraction": 0.5, "not a number": float("nan"), "infinite": float("inf"), "text": "x", "empty text": "",
    "empty list": [], "empty object": {}, "list of nulls": [None, None], "list of texts": ["x", "\x1b[2J"],
    "object": {"x": "y", "\x1b[2J": None}, "date": "9999-99-99T99:99:99Z",
    "old date": "-0001-01-01T00:00:00Z",
    "long": "x" * 100_000, "surrogate": "x\ud800y", "digest": "sha256:" + "0" * 64,
    "nested": _nested(NESTED),
    **{f"hostile {number}": text for number, text in enumerate(HOSTILE)},
}  # fmt: skip


def places(document: object, path: Path = ()) -> Iterator[Path]:
    """Every place of a document, the whole of it first."""
    yield path
    if isinstance(document, dict):
        for key, inner in document.items():
            yield from places(inner, (*path, key))
    elif isinstance(document, list):
        for index, inner in enumerate(document):
            yield from places(inner, (*path, index))


def changed(document: object, path: Path, change: Callable[[Any], Any] | None) -> Any:
    """A copy with another value in a place; without the place where there is no change."""
    if not path:
        return None if change is None else change(copy.deepcopy(document))
    made: Any = copy.deepcopy(document)
    inner = made
    for key in path[:-1]:
        inner = inner[key]
    if change is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = change(inner[path[-1]])
    return made


def _then(value: Any, text: str) -> Any:
    return f"{value}{text}" if isinstance(value, str) else value


def _instead(name: str, _: Any) -> Any:
    return copy.deepcopy(VALUES[name])


CHANGES: Final[Mapping[str, Callable[[Any], Any] | None]] = {
    "gone": None,
    "in a list": lambda value: [value],
    "in an object": lambda value: {"x": value},
    "twice": lambda value: [*value, *value] if isinstance(value, list) else [value, value],
    "many": lambda value: value * 300 if isinstance(value, list) else value,
    "more": lambda value: {**value, "\x1b[2J": value, "Unknown": 1} if isinstance(value, dict) else value,
    "shorter": lambda value: value[: len(value) // 2] if isinstance(value, str | list) else value,
    "as text": str,
    "then an escape": lambda value: _then(value, "\x1b]0;MARKED-ESCAPE\x07"),
    "then bidi": lambda value: _then(value, "\u202e"),
    "then half a pair": lambda value: _then(value, "\ud800"),
    **{name: partial(_instead, name) for name in VALUES},
}


@st.composite
def mistakes(draw: st.DrawFn, documents: Sequence[object]) -> tuple[list[object], str]:
    """The documents with up to three mistakes in them, and what was done."""
    made: list[object] = list(documents)
    done = []
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        number = draw(st.integers(0, len(made) - 1))
        found = list(places(made[number]))
        path = found[draw(st.integers(0, len(found) - 1))]
        name = draw(st.sampled_from(list(CHANGES)))
        made[number] = changed(made[number], path, CHANGES[name])
        done.append(f"{'.'.join(map(str, path)) or 'all of it'}: {name}")
    return made, "; ".join(done)


RAW: Final[Mapping[str, Callable[[Recorded], Recorded]]] = {
    "cut off": lambda answer: replace(answer, body=answer.body[: len(answer.body) // 2]),
    "empty": lambda answer: replace(answer, body=b""),
    "a page": lambda answer: replace(
        answer, body=b"<html>\x1b[2J</html>", headers=(("Content-Type", "text/html"),)
    ),
    "too deep": lambda answer: replace(answer, body=b"[" * DEEP + b"]" * DEEP),
    "not UTF-8": lambda answer: replace(answer, body=answer.body[:-1] + b"\xff\xfe}"),
    "long number": lambda answer: replace(answer, body=b'{"Size": ' + b"9" * 5_000 + b"}"),
    "bytes": lambda answer: replace(answer, body=bytes(range(256)) * 4),
    "no chunks": lambda answer: replace(answer, headers=()),
    "status 500": lambda answer: replace(answer, status=500, body=b'{"message": "no \\u001b[2J \\ud800"}'),
    "status 404": lambda answer: replace(answer, status=404, body=b'{"message": "no such thing \\u001b[2J"}'),
    "status 404 without words": lambda answer: replace(answer, status=404, body=b"\x1b[2J"),
    "status 403": lambda answer: replace(answer, status=403, body=b'{"message": {"x": 1}}'),
    "status 204": lambda answer: replace(answer, status=204, body=b"", headers=()),
    "status 302": lambda answer: replace(answer, status=302, headers=(("Location", "http://\x1b[2J/"),)),
    "error in the stream": lambda answer: replace(
        answer, body=answer.body + b'\n{"error": "no \\u001b[2J", "errorDetail": {"message": ["x"]}}\n'
    ),
    "endless line": lambda answer: replace(answer, body=b'{"stream": "' + b"x" * 3_000_000),
}


@st.composite
def wrong(draw: st.DrawFn, answer: Recorded) -> tuple[Recorded, str]:
    """An answer with mistakes, and what they are."""
    documents = answer.documents
    if documents is None or draw(st.sampled_from([False] * 5 + [True])):
        name = draw(st.sampled_from(list(RAW)))
        return RAW[name](answer), name
    made, done = draw(mistakes(documents))
    return answer.with_documents(made), done
