"""What an exception says, however deep HTTP libraries have wrapped it.

The libraries are not imported: their exceptions are read by the standard exceptions inside them, by
attributes, and by the names of their classes. Shapes seen with docker-py 7.2, requests 2.32, urllib3 2.
"""

import json
import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class FailedAnswer:
    """An HTTP answer that was an error."""

    status: int
    method: str
    path: str
    """Without the API version: `/images/json`."""
    message: str
    """The engine's own words, or the text of the page."""
    is_json: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """The facts of one exception and of all that caused it, outermost first."""

    chain: tuple[BaseException, ...]

    @classmethod
    def of(cls, error: BaseException) -> Self:
        """Read an exception."""
        return cls(tuple(_walk(error, set())))

    @property
    def names(self) -> frozenset[str]:
        """Class names, those of base classes too."""
        return frozenset(base.__name__ for error in self.chain for base in type(error).__mro__)

    @property
    def text(self) -> str:
        """All messages, for looking for words in them."""
        parts = [str(error) for error in self.chain]
        for error in self.chain:
            if isinstance(error, subprocess.CalledProcessError):
                parts.extend(_text(output) for output in (error.stderr, error.output))
        return "\n".join(part for part in parts if part)

    @property
    def os_error(self) -> OSError | None:
        """The innermost error of the operating system: with a number, of name look-up, or a time-out."""
        for error in reversed(self.chain):
            if isinstance(error, ssl.SSLError) or not isinstance(error, OSError):
                continue
            if error.errno is not None or isinstance(error, socket.gaierror | TimeoutError):
                return error
        return None

    @property
    def ssl_error(self) -> ssl.SSLError | None:
        """The innermost error of the TLS library."""
        found = [error for error in self.chain if isinstance(error, ssl.SSLError)]
        return found[-1] if found else None

    @property
    def answer(self) -> FailedAnswer | None:
        """The HTTP answer that is the error."""
        for error in self.chain:
            response: object = getattr(error, "response", None)
            status: object = getattr(response, "status_code", None)
            if isinstance(status, int):
                return _answer(status, response, getattr(error, "explanation", None))
        return None


def _walk(error: object, seen: set[int]) -> Iterator[BaseException]:
    if not isinstance(error, BaseException) or id(error) in seen:
        return
    seen.add(id(error))
    yield error
    context = None if error.__suppress_context__ else error.__context__
    for inner in (*error.args, getattr(error, "reason", None), error.__cause__, context):
        yield from _walk(inner, seen)


def _answer(status: int, response: object, explanation: object) -> FailedAnswer:
    request: object = getattr(response, "request", None)
    method: object = getattr(request, "method", None)
    url: object = getattr(response, "url", None)
    try:
        body: object = getattr(response, "text", "")
    except (OSError, RuntimeError):  # a stream that was read or closed before
        body = ""
    message, is_json = _message(body if isinstance(body, str) else "")
    if isinstance(explanation, str) and explanation:
        message = explanation
    path = urlsplit(url if isinstance(url, str) else "").path
    return FailedAnswer(
        status,
        method if isinstance(method, str) else "GET",
        re.sub(r"^/v\d+\.\d+(?=/)", "", path) or "/",
        message,
        is_json,
    )


def _message(body: str) -> tuple[str, bool]:
    """Return the message of a body and whether the body is what an engine says: JSON."""
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):
        return " ".join(re.sub(r"<[^<>]*>", " ", body).split()), False
    message = document.get("message") if isinstance(document, dict) else None
    return (message, True) if isinstance(message, str) else (body, isinstance(document, dict))


def _text(output: object) -> str:
    if isinstance(output, bytes):
        return output.decode(errors="replace")
    return output if isinstance(output, str) else ""
