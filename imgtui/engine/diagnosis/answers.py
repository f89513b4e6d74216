"""Diagnosis of HTTP answers: something is there, and says no or makes no sense."""

import re

from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.diagnosis.failure import FailedAnswer
from imgtui.engine.diagnosis.network import wants_tls
from imgtui.engine.diagnosis.sockets import choose_another, origin
from imgtui.engine.port.errors import MINIMUM_API_VERSION, Problem, ProblemKind

_VERSIONS = re.compile(
    r"client version (?P<ours>[\d.]+) is too (?P<age>old|new)\.\s*"
    r"(?:Minimum|Maximum) supported API version is (?P<theirs>[\d.]+)"
)
_MINIMUM = ".".join(map(str, MINIMUM_API_VERSION))
_READING = {"GET", "HEAD"}
_SECTIONS = re.compile(
    r"/(auth|build|commit|configs|containers|distribution|events|exec|grpc|images|info|networks|nodes|_?ping"
    r"|plugins|secrets|services|session|swarm|system|tasks|version|volumes)(?:/|$)"
)
"""What docker-socket-proxy switches by a variable of the same name in capitals (its haproxy.cfg)."""


def diagnose_answer(answer: FailedAnswer, endpoint: Endpoint) -> Problem:
    """Return the problem behind an HTTP error."""
    if "HTTP request to an HTTPS server" in answer.message:  # Go's net/http, which dockerd uses
        return wants_tls(endpoint)
    if versions := _VERSIONS.search(answer.message):
        return _version_mismatch(versions["ours"], versions["theirs"], versions["age"], endpoint)
    if answer.status == 403:
        return _forbidden(answer, f"{endpoint.host}{origin(endpoint)}")
    return _web_server(answer, endpoint) or Problem(
        ProblemKind.OTHER,
        f"The engine answered {answer.status} to {answer.method} {answer.path}:"
        f" {answer.message or 'no reason given'}",
        "Look into the engine's log: journalctl -u docker",
    )


def _web_server(answer: FailedAnswer, endpoint: Endpoint) -> Problem | None:
    """Look for an answer that no engine gives: engines say in JSON what is wrong."""
    where = f"{endpoint.host}{origin(endpoint)}"
    if answer.status in {401, 407}:
        return Problem(
            ProblemKind.FORBIDDEN,
            f"{where} wants a login, which the Docker API does not have: a web server is before the engine",
            f"Ask its administrator for a way without a login, or {choose_another(endpoint)}",
        )
    if answer.is_json:
        return None
    if answer.status in {502, 503, 504}:
        return Problem(
            ProblemKind.NOT_RUNNING,
            f"A proxy answers at {where}, but the engine behind it does not ({answer.status})",
            "Start the engine behind the proxy",
        )
    return not_an_engine(endpoint, f"HTTP {answer.status}") if answer.status < 500 else None


def outdated(api_version: str, endpoint: Endpoint) -> Problem | None:
    """Return the problem of an engine whose newest API is older than imgtui needs, None for others."""
    parts = re.fullmatch(r"(\d+)\.(\d+)", api_version)
    if parts is None:
        return not_an_engine(endpoint, f'API version "{api_version}"')
    if (int(parts[1]), int(parts[2])) >= MINIMUM_API_VERSION:
        return None
    return _too_old(f"speaks Docker API {api_version}", endpoint)


def older_than_the_library(endpoint: Endpoint) -> Problem:
    """Return the problem of an engine so old that docker-py gives up before it can be asked."""
    return _too_old("speaks a Docker API that the docker library no longer knows", endpoint)


def not_an_engine(endpoint: Endpoint, answered: str) -> Problem:
    """Return the problem that something else than an engine answers; `answered` says what it sent."""
    return Problem(
        ProblemKind.NOT_AN_ENGINE,
        f"What answers at {endpoint.host}{origin(endpoint)} is not a Docker engine: it sent {answered}",
        f"Check the address, or {choose_another(endpoint)}",
    )


def _too_old(speaks: str, endpoint: Endpoint) -> Problem:
    return Problem(
        ProblemKind.TOO_OLD,
        f"The engine at {endpoint.host}{origin(endpoint)} {speaks}; imgtui needs {_MINIMUM} or newer",
        "Upgrade the engine to Docker 20.10 or newer (Podman 4.3 or newer)",
    )


def _version_mismatch(ours: str, theirs: str, age: str, endpoint: Endpoint) -> Problem:
    where = f"{endpoint.host}{origin(endpoint)}"
    pinned = "If DOCKER_API_VERSION is set: unset DOCKER_API_VERSION; otherwise upgrade"
    if age == "old":
        return Problem(
            ProblemKind.TOO_OLD,
            f"imgtui spoke Docker API {ours}, and the engine at {where} needs {theirs} or newer",
            f"{pinned} imgtui",
        )
    return Problem(
        ProblemKind.TOO_OLD,
        f"imgtui spoke Docker API {ours}, and the engine at {where} has {theirs} at most;"
        f" imgtui needs {_MINIMUM}",
        f"{pinned} the engine to Docker 20.10 or newer",
    )


def _forbidden(answer: FailedAnswer, where: str) -> Problem:
    asked = f"{answer.method} {answer.path}"
    if answer.is_json:  # an authorisation plugin: the engine reports its words
        return Problem(
            ProblemKind.FORBIDDEN,
            f"The engine at {where} refuses {asked}: {answer.message}",
            f"Ask the engine's administrator to allow {asked} in its authorisation plugin",
        )
    section = _SECTIONS.match(answer.path)
    settings = [f"{section[1].strip('_').upper()}=1"] if section else []
    if answer.method not in _READING:
        settings.append("POST=1")
    advice = f"set {' '.join(settings)} on it" if settings else "this path has no switch of its own there"
    return Problem(
        ProblemKind.FORBIDDEN,
        f"A proxy before the engine at {where} refuses {asked} (403)",
        f"Allow it in the proxy; with docker-socket-proxy: {advice}",
    )
