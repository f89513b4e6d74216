"""Servers that answer, but not as a usable engine: real HTTP, with docker-py's own exception."""

import json
import socket
from contextlib import closing
from pathlib import Path

import docker
import pytest

from imgtui.engine.diagnosis import diagnose, outdated
from imgtui.engine.docker.client import Client
from imgtui.engine.docker.engine import DockerEngine
from imgtui.engine.port.errors import ProblemKind, Unavailable
from tests.engine.failures import (
    Place,
    answered,
    ask,
    error_of,
    http_answer,
    message,
    problem_of,
    raw_answer,
    serving,
)

HAPROXY_403 = (
    "<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n"
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize(
    ("method", "path", "settings"),
    [
        ("GET", "/images/json", "IMAGES=1"),
        ("GET", "/events", "EVENTS=1"),
        ("GET", "/containers/json", "CONTAINERS=1"),
        ("GET", "/system/df", "SYSTEM=1"),
        ("GET", "/_ping", "PING=1"),
        ("POST", "/images/x/tag", "IMAGES=1 POST=1"),
        ("DELETE", "/images/x", "IMAGES=1 POST=1"),
    ],
)
def test_a_socket_proxy_that_refuses_is_named_with_its_setting(
    place: Place, method: str, path: str, settings: str
) -> None:
    problem = answered(place, http_answer(403, HAPROXY_403, "text/html"), ask(path, method))
    assert problem.kind is ProblemKind.FORBIDDEN
    assert f"refuses {method} {path} (403)" in problem.cause
    assert f"set {settings} on it" in problem.remedy


def test_an_unknown_path_has_no_setting_in_the_proxy(place: Place) -> None:
    problem = answered(place, http_answer(403, HAPROXY_403, "text/html"), ask("/imagesque"))
    assert "no switch" in problem.remedy


def test_an_authorisation_plugin_is_told_apart_from_a_proxy(place: Place) -> None:
    problem = answered(place, message(403, "authorization denied by plugin opa: no"), docker.APIClient.images)
    assert problem.kind is ProblemKind.FORBIDDEN
    assert "authorization denied by plugin opa" in problem.cause
    assert "GET /images/json" in problem.remedy


def test_a_refusal_in_json_without_a_message_is_understood(place: Place) -> None:
    assert answered(place, http_answer(403, "{}")).kind is ProblemKind.FORBIDDEN


def test_an_engine_that_finds_the_client_too_old_is_quoted_with_both_numbers(place: Place) -> None:
    words = (
        "client version 1.41 is too old. Minimum supported API version is 1.44,"
        " please upgrade your client to a newer version"
    )
    problem = answered(place, message(400, words))
    assert problem.kind is ProblemKind.TOO_OLD
    assert "1.41" in problem.cause
    assert "1.44 or newer" in problem.cause
    assert "unset DOCKER_API_VERSION" in problem.remedy


def test_an_engine_that_finds_the_client_too_new_is_the_old_one(place: Place) -> None:
    words = "client version 1.41 is too new. Maximum supported API version is 1.30"
    problem = answered(place, message(400, words))
    assert problem.kind is ProblemKind.TOO_OLD
    assert "1.30 at most" in problem.cause
    assert "upgrade the engine" in problem.remedy


def test_an_engine_with_an_old_api_is_too_old(place: Place) -> None:
    with serving(place.folder / "docker.sock", http_answer(200, json.dumps({"ApiVersion": "1.30"}))) as host:
        with closing(docker.APIClient(host, "auto")) as client:
            offered = client.api_version
        problem = outdated(offered, place.endpoint(host))
    assert problem is not None
    assert problem.kind is ProblemKind.TOO_OLD
    assert "1.30" in problem.cause
    assert "1.41" in problem.cause


@pytest.mark.parametrize("version", ["1.41", "1.51", "2.0"])
def test_an_engine_with_a_current_api_is_not_too_old(place: Place, version: str) -> None:
    assert outdated(version, place.endpoint("unix:///x")) is None


@pytest.mark.parametrize("version", ["", "latest", "1"])
def test_a_version_that_is_none_is_not_an_engines(place: Place, version: str) -> None:
    problem = outdated(version, place.endpoint("unix:///x"))
    assert problem is not None
    assert problem.kind is ProblemKind.NOT_AN_ENGINE


def test_an_engine_too_old_for_the_library_is_too_old(place: Place) -> None:
    with serving(place.folder / "docker.sock", http_answer(200, json.dumps({"ApiVersion": "1.12"}))) as host:
        error = error_of(host, version="auto")
    problem = diagnose(error, place.endpoint(host), place.machine())
    assert problem.kind is ProblemKind.TOO_OLD
    assert "1.41" in problem.cause


@pytest.mark.parametrize("body", ["<html>Welcome to nginx</html>", "[]", "{}", '"text"', ""])
def test_nonsense_to_docker_py_is_not_an_engine(place: Place, body: str) -> None:
    with serving(place.folder / "docker.sock", http_answer(200, body)) as host:
        error = error_of(host, version="auto")
    problem = diagnose(error, place.endpoint(host), place.machine())
    assert problem.kind is ProblemKind.NOT_AN_ENGINE
    assert host in problem.cause


def test_a_page_instead_of_json_is_not_an_engine(place: Place) -> None:
    assert answered(place, http_answer(200, "<html></html>")).kind is ProblemKind.NOT_AN_ENGINE


def test_a_web_server_without_the_api_is_not_an_engine(place: Place) -> None:
    problem = answered(place, http_answer(404, "<h1>404 Not Found</h1>", "text/html"))
    assert problem.kind is ProblemKind.NOT_AN_ENGINE
    assert "HTTP 404" in problem.cause


def test_a_web_server_that_points_elsewhere_is_not_followed(place: Place) -> None:
    with serving(None, http_answer(200, '{"ApiVersion": "1.51"}')) as elsewhere:
        address = elsewhere.removeprefix("tcp://")
        redirect = f"HTTP/1.1 302 Found\r\nLocation: http://{address}/\r\nContent-Length: 0\r\n\r\n"
        with (
            serving(None, raw_answer(redirect.encode())) as host,
            closing(DockerEngine(place.endpoint(host))) as engine,
            pytest.raises(Unavailable) as refused,
        ):
            engine.connect()
    assert refused.value.problem.kind is ProblemKind.NOT_AN_ENGINE


def test_a_tcp_connection_notices_that_its_other_end_is_gone() -> None:
    with (
        serving(None, raw_answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")) as host,
        closing(Client(host, "1.41", tls=None, read_only=True)) as client,
        closing(client.request("GET", f"{client.base_url}/version", stream=True)) as response,
    ):
        connection = response.raw.connection
        assert connection is not None
        assert connection.sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_something_else_than_http_is_not_an_engine(place: Place) -> None:
    assert answered(place, raw_answer(b"+OK ready\r\n")).kind is ProblemKind.NOT_AN_ENGINE


def test_a_web_server_that_wants_a_login_is_told(place: Place) -> None:
    problem = answered(place, http_answer(401, "Unauthorized", "text/plain"))
    assert problem.kind is ProblemKind.FORBIDDEN
    assert "login" in problem.cause


def test_a_proxy_without_its_engine_means_that_the_engine_is_not_running(place: Place) -> None:
    problem = answered(place, http_answer(503, "<h1>503 Service Unavailable</h1>", "text/html"))
    assert problem.kind is ProblemKind.NOT_RUNNING
    assert "503" in problem.cause


def test_an_error_of_the_engine_is_quoted_safely(place: Place) -> None:
    problem = answered(place, message(500, "layer \x1b[31mbroken\nbadly"), docker.APIClient.images)
    assert problem.kind is ProblemKind.OTHER
    assert "500 to GET /images/json" in problem.cause
    assert "\x1b" not in problem.cause
    assert "broken↵badly" in problem.cause


def test_an_engine_that_cannot_be_understood_is_told_with_who_chose_it(place: Place) -> None:
    with serving(place.folder / "docker.sock", http_answer(200, "<html>")) as host:
        endpoint = place.endpoint(host, "context prod (DOCKER_CONTEXT)", context="prod")
        problem = problem_of(endpoint, place.machine())
    assert "(from context prod (DOCKER_CONTEXT))" in problem.cause
    assert "docker context ls" in problem.remedy


def test_no_exception_of_docker_py_is_needed_twice(place: Place) -> None:
    with serving(place.folder / "docker.sock", http_answer(403, HAPROXY_403, "text/html")) as host:
        error = error_of(host, docker.APIClient.images)
    endpoint, machine = place.endpoint(host), place.machine()
    assert diagnose(error, endpoint, machine) == diagnose(error, endpoint, machine)
