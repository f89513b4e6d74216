"""Answers that are errors: what an engine says by them, and whether it is an engine that says it."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from imgtui.engine.wire.answers import WrongShape
from imgtui.engine.wire.json_text import decoded
from imgtui.model.core.printable import printable

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

_NO_PAGE: Final = frozenset({"", "not found", "page not found", "404 page not found"})
"""What says nothing of the thing that was asked for."""


class ErrorAnswer(Exception):
    """An engine, or something before it, answered with the status of an error."""

    def __init__(self, response: Response, explanation: str) -> None:
        self.response = response
        self.explanation = explanation
        """In its own words, as they came."""
        super().__init__(explanation or f"status {response.status_code}")


def raise_for_error(response: Response) -> None:
    """Raises ErrorAnswer, or WrongShape for JSON that is no engine's error."""
    if response.status_code < HTTPStatus.BAD_REQUEST:
        return
    try:
        document = decoded(response)
    except WrongShape:
        raise ErrorAnswer(response, _words(response)) from None
    message = document.get("message") if isinstance(document, dict) else None
    if not isinstance(message, str):
        raise WrongShape(f"{status_words(response)}, in no words of an engine")
    raise ErrorAnswer(response, message)


def status_words(response: Response) -> str:
    """What a response says it is."""
    return f"its status is {response.status_code} {printable(response.reason or '', 80)}".rstrip()


def request_words(request: PreparedRequest) -> str:
    """Its method and path, without API version and parameters."""
    return f"{request.method} {re.sub(r'^/v[0-9.]+(?=/)', '', urlsplit(request.path_url).path)}"


def status_of(error: BaseException) -> int | None:
    """Return the HTTP status of an error that the engine answered with."""
    return int(error.response.status_code) if isinstance(error, ErrorAnswer) else None


def explanation_of(error: BaseException) -> str:
    """Return what the engine said about the error."""
    return error.explanation or str(error) if isinstance(error, ErrorAnswer) else str(error)


def tells_absence(error: BaseException) -> bool:
    """Whether it is an engine's answer that a thing is not there, and not that of whatever else answers 404.

    An engine names in JSON what it does not have (`No such image: web:1`, Podman `image not known`, measured
    on Docker 20.10 and 28.5 and Podman 4.3); of a path that it does not know it says `page not found`. The
    answer to a HEAD has no words.
    """
    if not isinstance(error, ErrorAnswer) or status_of(error) != HTTPStatus.NOT_FOUND:
        return False
    if error.response.request.method == "HEAD":
        return True
    try:
        decoded(error.response)
    except WrongShape:
        return False
    return error.explanation.strip().lower() not in _NO_PAGE


def foreign_refusal(error: BaseException) -> str:
    """Method and path of a request that something else than an engine refuses; empty for an engine's refusal.

    Engines refuse in JSON, or, where their HTTP server does it, in plain text.
    """
    if not isinstance(error, ErrorAnswer):
        return ""
    page = "html" in error.response.headers.get("Content-Type", "")
    if not page and status_of(error) != HTTPStatus.NOT_FOUND:
        return ""
    return request_words(error.response.request)


def _words(response: Response) -> str:
    """What it says where that is no JSON: a page, or the plain text of an HTTP server."""
    return response.content.decode(errors="replace").strip()
