"""A connection that is kept for the next request may be closed at the moment when that is sent."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from requests.exceptions import ConnectionError as LostError

from imgtui.engine.docker.client import Client
from tests.engine.failures import serving

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture
def asked() -> list[bytes]:
    """The first line of each request."""
    return []


@pytest.fixture(params=["socket", "TCP"])
def client(request: pytest.FixtureRequest, tmp_path: Path, asked: list[bytes]) -> Iterator[Client]:
    """Of an engine that answers one request of each connection, and closes it when another one comes."""

    def talk(connection: socket.socket) -> None:
        asked.append(connection.recv(65536).partition(b" HTTP")[0])
        connection.sendall(ANSWER)
        if more := connection.recv(65536):
            asked.append(more.partition(b" HTTP")[0])

    where = tmp_path / "engine.sock" if request.param == "socket" else None
    with serving(where, talk) as host, closing(Client(host, "1.41", tls=None, read_only=False)) as client:
        yield client


def test_what_changes_nothing_is_asked_once_more(client: Client, asked: list[bytes]) -> None:
    assert client.get_json("/info") == {}
    assert client.get_json("/version") == {}
    assert asked == [b"GET /v1.41/info", b"GET /v1.41/version", b"GET /v1.41/version"]


def test_what_changes_something_is_not_sent_again(client: Client, asked: list[bytes]) -> None:
    assert client.get_json("/info") == {}
    with pytest.raises(LostError):
        client.send_json("POST", "/containers/a/stop", {})
    assert asked == [b"GET /v1.41/info", b"POST /v1.41/containers/a/stop"]
