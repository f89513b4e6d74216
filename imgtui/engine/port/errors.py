"""The errors that engines raise, and the form of a diagnosis."""

import re
from dataclasses import dataclass
from enum import StrEnum

from imgtui.model.core.printable import printable

MINIMUM_API_VERSION = (1, 41)
"""Docker 20.10 and Podman 4.3, the oldest engines that imgtui is tested with."""

_LINE = 1024
_IDS = re.compile(r"(?:sha256:)?([0-9a-f]{12})[0-9a-f]{52}")


class ProblemKind(StrEnum):
    """What class of trouble it is; the value is the word used in JSON."""

    NOT_INSTALLED = "not_installed"
    NOT_RUNNING = "not_running"
    NO_PERMISSION = "no_permission"
    WRONG_CONTEXT = "wrong_context"
    TOO_OLD = "too_old"
    FORBIDDEN = "forbidden"
    """The engine, a plugin of it or a proxy before it refuses this request (403)."""
    TLS = "tls"
    UNREACHABLE = "unreachable"
    """The name is unknown, the port refuses, or nothing answers in time."""
    SSH = "ssh"
    NOT_AN_ENGINE = "not_an_engine"
    """Something answers, but not a Docker API."""
    INTERRUPTED = "interrupted"
    """The connection broke off while a request was under way."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Problem:
    """One trouble: its cause and what to type against it, each one plain line safe for a terminal."""

    kind: ProblemKind
    cause: str
    remedy: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "cause", printable(self.cause, _LINE))
        object.__setattr__(self, "remedy", printable(self.remedy, _LINE))


class EngineError(Exception):
    """The engine refused or failed. `message` is safe for a terminal; `status` is the HTTP status."""

    def __init__(self, message: str, status: int | None = None) -> None:
        self.message = printable(message)
        self.status = status
        super().__init__(self.message)


class NotFound(EngineError):
    """What was named is not on the engine."""

    def __init__(self, message: str, status: int | None = 404) -> None:
        super().__init__(message, status)


class NotUnderstood(EngineError):
    """An engine's answer is not what the Engine API says: nothing is known of what was asked for."""

    def __init__(self, request: str, cause: str, status: int | None = None) -> None:
        """`request` is method and path, `cause` says in a few words what is wrong with the answer."""
        super().__init__(
            f"the answer to {short_request(request)} is not understood: {cause}; nothing is concluded from it"
            " (is something between imgtui and the engine? see imgtui doctor)",
            status,
        )


class ReadOnly(EngineError):
    """The request would change something and imgtui runs read-only; it was not sent."""


class Refused(EngineError):
    """An engine that answers, a plugin of it or a proxy before it, refuses to change something (403).

    What was done before it can be put back. `problem` says what to do about it.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.cause, 403)


class Unavailable(EngineError):
    """No engine can be used. `problem` says why and what to do."""

    def __init__(self, problem: Problem, status: int | None = None) -> None:
        self.problem = problem
        super().__init__(problem.cause, status)


def short_request(request: str) -> str:
    """A request with the first digits of each ID: in a narrow line what is said of it would be cut off."""
    return _IDS.sub(r"\1", request)


def raise_if_lost(error: EngineError) -> None:
    """Raise an error after which the engine cannot be asked: what was done shows when it is back.

    A refusal (403) is an answer: what was done before it can be put back.
    """
    if isinstance(error, Unavailable) and error.status != 403:
        raise error
