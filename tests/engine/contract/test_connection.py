"""Connecting, the API version, and what read-only refuses."""

import gc
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.docker.client import NEWEST_API, OLDEST_API, Client
from imgtui.engine.docker.connection import api_number
from imgtui.engine.docker.engine import DockerEngine
from imgtui.engine.memory.engine import Blueprint, MemoryEngine
from imgtui.engine.port.errors import ProblemKind, ReadOnly, Unavailable
from imgtui.model.core.image import Store
from tests.engine.contract.conftest import archive, listed
from tests.engine.contract.hands import DockerHands, connect
from tests.engines.private import PrivateEngine

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@pytest.fixture(autouse=True)
def sockets_that_docker_py_left() -> Iterator[None]:
    """Collect the sockets of connections that failed: docker-py does not close them (7.2)."""
    yield
    gc.collect()


def test_the_newest_version_that_both_speak_is_spoken(real_engine: PrivateEngine) -> None:
    engine = connect(real_engine)
    info = engine.connect()
    offered = real_engine.docker("version", "--format", "{{.Server.APIVersion}}").strip()

    assert info.api_version == offered
    assert engine._connection.connected().api_version == min(offered, NEWEST_API, key=api_number)
    assert api_number(engine._connection.connected().api_version) >= api_number(OLDEST_API)
    engine.close()


def test_records_and_clock_are_those_of_the_engine(real_engine: PrivateEngine) -> None:
    engine = connect(real_engine)

    info = engine.connect()
    assert info.records == int(real_engine.docker("info", "--format", "{{.Images}}"))
    assert 0 < info.clock_ns == info.told_ns, "the clock of an engine here is that of this machine"
    engine.close()


def test_versions_are_compared_as_numbers() -> None:
    assert api_number("1.9") < api_number("1.41") < api_number("1.100") < api_number("2.0")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_read_only_sends_nothing_that_can_change_something(tmp_path: Path, method: str) -> None:
    with silent_server(tmp_path) as (url, received):
        client = Client(url, OLDEST_API, tls=None, read_only=True)
        with pytest.raises(ReadOnly, match=f"{method} /containers/create"):
            client.request(method, f"{client.base_url}/containers/create", json={})
        client.close()

        assert received == []


def test_read_only_answers_questions(real_engine: PrivateEngine, name: str) -> None:
    hands = DockerHands(real_engine)
    loaded = hands.load(archive(f"{name}:1", name))
    engine = connect(real_engine, read_only=True)

    image = engine.image(loaded)

    assert image is not None
    assert image.tags == (f"{name}:1",)
    with pytest.raises(ReadOnly):
        engine._connection.connected().post(
            f"{engine._connection.connected().base_url}/v1.41/images/{loaded}/tag?repo={name}&tag=2"
        )
    assert listed(hands)[loaded].tags == (f"{name}:1",)
    engine.close()
    hands.engine.close()


def test_an_engine_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    engine = DockerEngine(Endpoint(f"unix://{tmp_path}/none.sock", "-H", None, None, tmp_path))

    with pytest.raises(Unavailable) as raised:
        engine.connect()
    assert raised.value.problem.remedy
    engine.close()


def test_what_is_no_engine_is_told_from_one(tmp_path: Path) -> None:
    with silent_server(
        tmp_path, b'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{"hello": 1}'
    ) as (url, _):
        engine = DockerEngine(Endpoint(url, "-H", None, None, tmp_path))
        with pytest.raises(Unavailable) as raised:
            engine.connect()
    assert raised.value.problem.kind is ProblemKind.NOT_AN_ENGINE


def test_an_engine_that_is_too_old_is_named_with_its_version(tmp_path: Path) -> None:
    answer = b'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{"ApiVersion": "1.40"}'
    with silent_server(tmp_path, answer) as (url, _):
        engine = DockerEngine(Endpoint(url, "-H", None, None, tmp_path))
        with pytest.raises(Unavailable, match=r"1\.40") as raised:
            engine.connect()
    assert raised.value.problem.kind is ProblemKind.TOO_OLD


def test_an_engine_can_be_used_again_after_it_was_away(own_engine: PrivateEngine, name: str) -> None:
    hands = DockerHands(own_engine)
    loaded = hands.load(archive(f"{name}:1", name))
    stream = hands.engine.events()
    heard = threading.Thread(target=lambda: list(stream), daemon=True)
    heard.start()
    own_engine.kill()

    heard.join(10)
    assert not heard.is_alive()
    stream.close()
    with pytest.raises(Unavailable):
        hands.engine.image(loaded)
    own_engine.start()
    hands.engine.connect()
    assert hands.engine.image(loaded) is not None
    hands.engine.close()


@pytest.mark.parametrize("store", [Store.GRAPH, Store.CONTAINERD])
def test_an_engine_in_memory_goes_away_as_a_real_one_does(store: Store) -> None:
    engine = MemoryEngine(store=store)
    built = engine.build(Blueprint((), 1), "web")
    stream = engine.events()
    heard = threading.Thread(target=lambda: list(stream), daemon=True)
    heard.start()
    engine.stop_answering()

    heard.join(10)
    assert not heard.is_alive()
    with pytest.raises(Unavailable):
        engine.image(built)
    engine.answer_again()
    assert engine.image(built) is not None


def test_an_engine_in_memory_that_is_read_only_changes_nothing() -> None:
    engine = MemoryEngine(read_only=True)

    with pytest.raises(ReadOnly):
        engine.build(Blueprint((), 1), "web")
    assert [part.images for part in engine.list_images()] == [()]


@contextmanager
def silent_server(folder: Path, answer: bytes = b"") -> Iterator[tuple[str, list[bytes]]]:
    """A unix socket that gives every request the same answer, and what it received."""
    received: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket"))
        listener.listen()

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    received.append(connection.recv(65536))
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield f"unix://{folder}/socket", received
        listener.shutdown(socket.SHUT_RDWR)
