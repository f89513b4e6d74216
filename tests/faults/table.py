"""The table of faults: what may come in place of an engine's answer."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from tests.faults.answered import Answered, chunks

HOLD: Final = math.inf
"""Nothing more comes, and the connection stays."""
RESET: Final = -math.inf
"""The connection is reset."""
LATE_SECONDS: Final = 0.2
"""An answer that is late, within the patience of `impatience`."""
DRIP_SECONDS: Final = 0.02
MOST: Final = 3_000_000_000
"""Bytes of a flood after which it is given up."""
BLOCK: Final = 1 << 20

Part = bytes | float
"""What is sent, or for how many seconds nothing is."""
Script = Callable[[Answered], Iterable[Part]]
ESCAPES: Final = "\x1b]0;PLANTED\x07\x1b[31m\u202e\x9b2J"


@dataclass(frozen=True)
class Fault:
    """What is sent in place of an answer."""

    name: str
    script: Script
    keeps: bool = False
    """Whether the connection goes on after it."""
    harmless: bool = False
    """Whether it is the answer still, in another form: what comes of it is what always does."""
    silent: bool = False
    """Whether it is waited for until patience has an end, which has to be said meanwhile."""
    told: bool = False
    """Whether an engine may answer so, and tell the truth: that something is not there, or is refused."""

    def says_nothing_is_there(self, request: str) -> bool:
        """Whether an engine answers so to a request where there is nothing: nobody has anything to say then.

        An empty list is that of containers alone: without images there would be none of the moves either.
        """
        empty = self.name == "[] of JSON" and request.startswith("GET /containers/json")
        return self.told and (empty or self.name.startswith("404"))

    def __str__(self) -> str:
        return self.name


def _said(name: str, *parts: Part, **more: bool) -> Fault:
    return Fault(name, lambda _: parts, **more)


def _answer(
    name: str, body: str | bytes, status: str = "", kind: str = "", *lines: str, **more: bool
) -> Fault:
    content = body if isinstance(body, bytes) else body.encode()

    def script(true: Answered) -> Iterator[Part]:
        yield (
            true.head(*lines, f"Content-Length: {len(content)}", status=status or "200 OK", kind=kind)
            + content
        )

    return Fault(name, script, **more)


def _of(name: str, script: Script, **more: bool) -> Fault:
    return Fault(name, script, **more)


def _length(name: str, length: Callable[[int], str], *then: Part, part: float = 1.0) -> Fault:
    """The answer with other header lines for its length; `part` is how much of it comes."""

    def script(true: Answered) -> Iterator[Part]:
        yield true.head(*filter(None, length(len(true.body)).split("\n")))
        yield true.body[: int(len(true.body) * part)]
        yield from then

    return Fault(name, script)


def _chunked(name: str, encode: Callable[[bytes], bytes], *then: Part) -> Fault:
    def script(true: Answered) -> Iterator[Part]:
        yield true.head("Transfer-Encoding: chunked")
        yield encode(true.body)
        yield from then

    return Fault(name, script)


def _changed(name: str, change: Callable[[object], object]) -> Fault:
    """The answer with its JSON changed; what is no JSON, or remains as it was, is cut."""

    def script(true: Answered) -> Iterator[Part]:
        body = json.dumps(change(true.document)).encode()
        if true.document is None or json.loads(body) == true.document:
            body = body[:-1]
        yield true.head(f"Content-Length: {len(body)}", status="200 OK") + body

    return Fault(name, script)


def _everywhere(change: Callable[[object], object]) -> Callable[[object], object]:
    """A change of every value in a document that is neither object nor list."""

    def walk(value: object) -> object:
        if isinstance(value, dict):
            return {key: walk(inner) for key, inner in value.items()}
        return [walk(inner) for inner in value] if isinstance(value, list) else change(value)

    return walk


def _doubled(true: Answered) -> Iterator[Part]:
    """Every object has each of its keys twice, first with another value."""

    def written(value: object) -> str:
        if isinstance(value, dict):
            pairs = [f"{json.dumps(key)}: {json.dumps(value)}" for key in value for value in ("other",)]
            pairs += [f"{json.dumps(key)}: {written(inner)}" for key, inner in value.items()]
            return "{" + ", ".join(pairs) + "}"
        return f"[{', '.join(map(written, value))}]" if isinstance(value, list) else json.dumps(value)

    document = true.document
    body = (written(document) if document else '{"Id": "x", "Id": "y"}').encode()
    yield true.head(f"Content-Length: {len(body)}") + body


def _flood(start: bytes, block: bytes = b" ") -> Iterator[Part]:
    yield start
    filled = block * (BLOCK // len(block))
    for _ in range(MOST // len(filled)):
        yield filled


def _drip(true: Answered) -> Iterator[Part]:
    """All of it, and then a blank every moment, for as long as anybody listens."""
    yield true.head("Content-Length: 100000000") + true.body
    while True:
        yield b" "
        yield DRIP_SECONDS


def _drip_head(true: Answered) -> Iterator[Part]:
    yield true.head()[:-2] + b"X-Slow: "
    while True:
        yield b"x"
        yield DRIP_SECONDS


def _continues(true: Answered) -> Iterator[Part]:
    """What an engine may say once, for as long as anybody listens."""
    yield from _flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n")
    yield true.bytes


def _packed(true: Answered) -> bytes:
    return gzip.compress(true.body)


def _gzip(name: str, body: Callable[[Answered], bytes], *lines: str) -> Fault:
    def script(true: Answered) -> Iterator[Part]:
        content = body(true)
        yield true.head(*lines, f"Content-Length: {len(content)}") + content

    return Fault(name, script)


def _bomb(_: Answered) -> bytes:
    return gzip.compress(b" " * 300_000_000, 1)


def _half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _another(true: Answered) -> Iterator[Part]:
    """Too short a length, and behind it an answer that belongs to no request."""
    forged = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"
    yield true.head("Content-Length: 2") + true.body[:2] + forged * 3


PAGE: Final = "<html><body><h1>Please log in</h1></body></html>"
_HTML: Final = "text/html; charset=utf-8"
_MESSAGE: Final = '{"message": "the engine says no"}'
_DEEP: Final = "[" * 100_000
_REFUSED: Final = (
    "400 Bad Request",
    "401 Unauthorized",
    "403 Forbidden",
    "404 Not Found",
    "407 Proxy Authentication Required",
    "409 Conflict",
    "429 Too Many Requests",
    "500 Internal Server Error",
    "503 Service Unavailable",
)
_PLACES: Final = {
    "another path": "/elsewhere",
    "another host": "http://login.invalid/",
    "another port": "http://127.0.0.1:9/",
    "a file": "file:///etc/passwd",
    "itself": "",
    "what is no address": f"http://[{ESCAPES}",
}
_MESSAGES: Final = {
    "escapes": json.dumps({"message": f"{ESCAPES} the engine says no"}, ensure_ascii=False),
    "a lone surrogate": '{"message": "\\ud800\\udc00\\ud8ff no"}',
    "a number": '{"message": 5}',
    "an object": '{"message": {"a": [1]}}',
    "null": '{"message": null}',
    "a megabyte": json.dumps({"message": "no " * 350_000}),
    "depth": '{"message": ' + _DEEP,
    "two": '{"message": "one", "message": "two"}',
}
_SHAPES: Final = (
    "null",
    "{}",
    "[]",
    '"x"',
    "42",
    "true",
    "NaN",
    "-Infinity",
    "1e400",
    "[[]]",
    "[{}]",
    "[null]",
    '[1, "x", null]',
    '{"message": "no"}',
    '[{"Id": "web"}]',
)

_WITHOUT: Final = (
    _said("nothing, and the connection stays", HOLD, silent=True),
    _said("the end"),
    _said("a reset", RESET),
    _said("half a line of the head", b"HTTP/1.1 200"),
    _of("half a head", lambda true: (_half(true.head()),)),
    _of("a head, and then nothing", lambda true: (true.head("Content-Length: 1000"), HOLD), silent=True),
    _of("a head, and the end", lambda true: (true.head("Content-Length: 1000"),)),
    _of("half a body, and the end", lambda true: (true.head("Content-Length: 99999999") + _half(true.body),)),
    _of(
        "half a body, and then nothing",
        lambda true: (true.head("Content-Length: 99999999") + _half(true.body), HOLD),
        silent=True,
    ),
    _of("half a body without a length", lambda true: (true.head("Connection: close") + _half(true.body),)),
    _of("a head without an end", lambda true: _flood(true.head()[:-2], b"X-More: x\r\n")),
    _of("a header without an end", lambda true: _flood(true.head()[:-2] + b"X-More: ")),
    _of("a head that drips", _drip_head, silent=True),
    _of("a body that drips", _drip, silent=True),
    _of("100 Continue without an end", _continues),
    _of("a body without an end", lambda true: _flood(true.head("Connection: close") + true.body)),
    _of("a list without an end", lambda true: _flood(true.head("Connection: close") + b"[", b'"x", ')),
    _of("a text without an end", lambda true: _flood(true.head("Connection: close") + b'"', b"x")),
    _of(
        "chunks without an end",
        lambda true: _flood(true.head("Transfer-Encoding: chunked"), b"4\r\n    \r\n"),
    ),
    _of("lines without an end", lambda true: _flood(true.head("Connection: close") + b"", b"{}\n")),
)
_FORMS: Final = (
    _of("late", lambda true: (LATE_SECONDS, true.bytes), keeps=True, harmless=True),
    _of(
        "in pieces",
        lambda true: (true.bytes[:40], 0.01, true.bytes[40:]),
        keeps=True,
        harmless=True,
    ),
    _of(
        "100 Continue first",
        lambda true: (b"HTTP/1.1 100 Continue\r\n\r\n" + true.bytes,),
        keeps=True,
        harmless=True,
    ),
    _gzip("gzip", _packed, "Content-Encoding: gzip"),
    _gzip("gzip that is not said", _packed),
    _gzip("gzip that is none", lambda true: true.body or b"x", "Content-Encoding: gzip"),
    _gzip("half of gzip", lambda true: _half(_packed(true)), "Content-Encoding: gzip"),
    _gzip("gzip of 300 MB", _bomb, "Content-Encoding: gzip"),
    _gzip("an encoding that nobody knows", lambda true: true.body, "Content-Encoding: zpaq"),
    _said("no HTTP", b"SSH-2.0-OpenSSH_9.2\r\n"),
    _said("TLS", b"\x15\x03\x01\x00\x02\x02\x16"),
    _said("HTTP/9.9", b"HTTP/9.9 banana " + ESCAPES.encode() + b"\r\n\r\n"),
    _said("a status of no number", b"HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\n[]"),
    _said("a head of zeros", b"\0" * 5000),
    _answer("status 999", "[]", "999 Who Knows"),
    _answer("a reason with escapes", "[]", f"500 {ESCAPES.encode().decode('latin-1')}"),
    _answer(
        "a header with escapes", "[]", "500 No", "", f"Content-Type: {ESCAPES.encode().decode('latin-1')}"
    ),
)
_LENGTHS: Final = (
    _length("a length too long, and the end", lambda n: f"Content-Length: {n + 10}"),
    _length("a length too long, and then nothing", lambda n: f"Content-Length: {n + 10}", HOLD),
    _length("a length too short", lambda n: f"Content-Length: {n // 2}"),
    _length("a negative length", lambda n: f"Content-Length: -{n}", part=0.5),
    _length("a length of no number", lambda n: "Content-Length: many", part=0.5),
    _length("an enormous length", lambda n: f"Content-Length: {10**18}"),
    _length("a length of 5000 digits", lambda n: f"Content-Length: {'9' * 5000}"),
    _length("two lengths", lambda n: f"Content-Length: {n}\nContent-Length: {n // 2}", part=0.5),
    _length("a length and chunks", lambda n: f"Content-Length: {n}\nTransfer-Encoding: chunked", part=0.5),
    _of("an answer behind the answer", _another, keeps=True),
    _chunked("chunks of no size", lambda body: b"x\r\n" + body + b"\r\n0\r\n\r\n"),
    _chunked("chunks of a negative size", lambda body: b"-5\r\n" + body + b"\r\n0\r\n\r\n"),
    _chunked("a chunk too long, and the end", lambda body: b"%x\r\n%b" % (len(body) + 10, body)),
    _chunked("a chunk too short", lambda body: b"%x\r\n%b\r\n0\r\n\r\n" % (len(body) // 2, body)),
    _chunked("an enormous chunk", lambda body: b"%x\r\n%b" % (2**64, body)),
    _chunked("chunks without the last one", lambda body: chunks(body)[:-5]),
    _chunked("chunks without the last one, and then nothing", lambda body: chunks(body)[:-5], HOLD),
    _chunked("half of the chunks", lambda body: _half(chunks(body))),
)
_JSON: Final = (
    *(_answer(f"{shape} of JSON", shape, told=shape == "[]") for shape in _SHAPES),
    _answer("an empty body", ""),
    _answer("JSON that is cut", '[{"Id": "sha256:'),
    _answer("depth", _DEEP),
    _answer("closed depth", _DEEP + "]" * 100_000),
    _answer("depth of objects", '{"a":' * 100_000),
    _answer("a number of 5000 digits", f'[{{"Size": {"9" * 5000}}}]'),
    _answer("no UTF-8", b'[{"Id": "\xff\xfe"}]'),
    _answer("UTF-16", '[{"Id": "x"}]'.encode("utf-16")),
    _changed(
        "every number a text", _everywhere(lambda v: str(v) if isinstance(v, int) and v is not True else v)
    ),
    _changed("every text a number", _everywhere(lambda value: 7 if isinstance(value, str) else value)),
    _changed("every value null", _everywhere(lambda _: None)),
    _changed("every value NaN", _everywhere(lambda _: math.nan)),
    _changed(
        "every number enormous", _everywhere(lambda value: 10**400 if isinstance(value, int) else value)
    ),
    _changed("every value a list", _everywhere(lambda value: [value])),
    _changed("every value an object", _everywhere(lambda value: {"a": value})),
    _changed("all in a list", lambda value: [value]),
    _changed("all in an object", lambda value: {"data": value}),
    _of("every key twice", _doubled),
    _of(
        "bytes that are no UTF-8 in it",
        lambda true: (true.head(f"Content-Length: {len(true.body)}") + true.body.replace(b"e", b"\xe9"),),
    ),
    _of("JSON twice", lambda true: (true.head(f"Content-Length: {2 * len(true.body)}") + true.body * 2,)),
)
_ANSWERS: Final = (
    _answer("a page", PAGE, kind=_HTML),
    _answer("a page that says it is JSON", PAGE),
    _answer("a page with 404", PAGE, "404 Not Found", _HTML),
    _answer("a page with 502", PAGE, "502 Bad Gateway", _HTML),
    *(
        _answer(
            f"{code} to {name}",
            "[]",
            f"{code} Elsewhere",
            "",
            f"Location: {where.encode().decode('latin-1')}",
        )
        for name, where in _PLACES.items()
        for code in (301, 302, 307)
    ),
    *(
        _answer(f"{status[:3]} without a body", "", status)
        for status in ("204 No Content", "205 Reset Content")
    ),
    _answer("206", "[]", "206 Partial Content"),
    _answer("304", "", "304 Not Modified"),
    _answer(
        "101 to another protocol", "", "101 Switching Protocols", "", "Connection: Upgrade", "Upgrade: h2c"
    ),
    *(_answer(f"{status[:3]} with a message", _MESSAGE, status, told=True) for status in _REFUSED),
    *(_answer(f"{status[:3]} without a message", "", status) for status in _REFUSED),
    *(
        _answer(f"{status} whose message is {name}", body, f"{status} No", told=True)
        for name, body in _MESSAGES.items()
        for status in (404, 500)
    ),
    _answer("404 of no route", '{"message": "page not found"}', "404 Not Found"),
    _answer("404 of another API", '{"error": "not found"}', "404 Not Found"),
)

FAULTS: Final = (*_WITHOUT, *_FORMS, *_LENGTHS, *_JSON, *_ANSWERS)
BY_NAME: Final = {fault.name: fault for fault in FAULTS}
assert len(BY_NAME) == len(FAULTS)
ONE_OF_EACH: Final = tuple(
    BY_NAME[name]
    for name in (
        "nothing, and the connection stays", "the end", "half a body, and the end", "a body that drips",
        "a text without an end", "gzip of 300 MB", "a negative length", "chunks without the last one",
        "null of JSON", "{} of JSON", "depth", "every number a text", "every value an object",
        "every key twice", "bytes that are no UTF-8 in it", "a page", "301 to another host",
        "403 with a message", "500 whose message is escapes", "500 whose message is an object",
        "404 of no route",
    )
)  # fmt: skip
"""One of each kind: all answers pass one place, which the verbs are tested with."""
