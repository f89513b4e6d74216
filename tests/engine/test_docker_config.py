"""Headers and proxies of docker's configuration; what is wrong with them is told without any value."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from imgtui.engine.connect.contexts import EndpointError
from imgtui.engine.connect.docker_config import proxies, request_headers
from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.docker.engine import DockerEngine
from imgtui.engine.port.errors import Unavailable
from imgtui.model.launch.form import Draft, Filled, Surroundings, check

MARK = "M4rkedS3cret"


def configure(folder: Path, **content: object) -> Path:
    (folder / "config.json").write_text(json.dumps(content))
    return folder


def test_headers_are_those_of_the_configuration_or_instead_of_the_environment(tmp_path: Path) -> None:
    assert request_headers(tmp_path, {}) == {}
    folder = configure(tmp_path, HttpHeaders={"X-Meta": "one", "user-agent": "other"})
    assert request_headers(folder, {}) == {"X-Meta": "one"}
    told = {"DOCKER_CUSTOM_HEADERS": 'X-A=1,"X-B=2,3",X-C=a=b,X-D='}
    assert request_headers(folder, told) == {"X-A": "1", "X-B": "2,3", "X-C": "a=b", "X-D": ""}
    (tmp_path / "config.json").write_text("{")
    assert request_headers(tmp_path, {}) == {}


@pytest.mark.parametrize(
    "headers",
    [[MARK], {"X": [MARK]}, {"X": f"a\r\nY: {MARK}"}, {f"X {MARK}": "a"}, {"": MARK}, MARK, {"X": 7}],
)
def test_what_is_no_header_is_said_without_its_value(tmp_path: Path, headers: object) -> None:
    with pytest.raises(EndpointError) as caught:
        request_headers(configure(tmp_path, HttpHeaders=headers), {})
    assert MARK not in str(caught.value)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize("told", [MARK, f"=  {MARK}", f"X={MARK},{MARK}", f'"X={MARK}', f"X={MARK}\nY=1"])
def test_a_malformed_variable_is_said_without_its_value(tmp_path: Path, told: str) -> None:
    with pytest.raises(EndpointError) as caught:
        request_headers(tmp_path, {"DOCKER_CUSTOM_HEADERS": told})
    assert MARK not in str(caught.value)
    assert "DOCKER_CUSTOM_HEADERS" in str(caught.value)


def test_proxies_are_those_of_the_host_or_the_default_in_both_cases(tmp_path: Path) -> None:
    assert proxies(tmp_path, "tcp://h:1") == {}
    folder = configure(
        tmp_path,
        proxies={
            "default": {
                "httpProxy": "http://p:1",
                "noProxy": "a,b",
                "ftpProxy": "",
                "other": "x",
                "allProxy": 7,
            },
            "tcp://h:1": {"httpsProxy": "http://q:2"},
        },
    )
    assert proxies(folder, "unix:///run/x.sock") == {
        "HTTP_PROXY": "http://p:1", "http_proxy": "http://p:1", "NO_PROXY": "a,b", "no_proxy": "a,b",
    }  # fmt: skip
    assert proxies(folder, "tcp://h:1") == {"HTTPS_PROXY": "http://q:2", "https_proxy": "http://q:2"}


def test_a_launch_has_the_proxies_that_docker_run_would_add_and_shows_what_it_would_show() -> None:
    draft = Draft("sha256:" + "1" * 64, None)
    around = Surroundings(proxies={"HTTP_PROXY": f"http://u:{MARK}@p:1", "http_proxy": "x", "NO_PROXY": "a"})
    launch = check(draft, Filled({"environment": "A=1 NO_PROXY=mine"}), around).launch
    assert launch.body["Env"] == ["A=1", "NO_PROXY=mine", f"HTTP_PROXY=http://u:{MARK}@p:1", "http_proxy=x"]
    assert MARK not in " ".join(launch.commands)


class Handler(http.server.BaseHTTPRequestHandler):
    seen: list[str | None]

    def do_GET(self) -> None:
        self.seen.append(self.headers.get("X-Meta"))
        self.send_error(503)

    def log_message(self, *words: object) -> None:
        del words


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str | None]]]:
    seen: list[str | None] = []
    server = http.server.HTTPServer(("127.0.0.1", 0), type("One", (Handler,), {"seen": seen}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"tcp://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()
    thread.join()


def test_every_request_has_the_headers(tmp_path: Path, asked: tuple[str, list[str | None]]) -> None:
    host, seen = asked
    folder = configure(tmp_path, HttpHeaders={"X-Meta": "one"})
    for environ, wanted in (({}, "one"), ({"DOCKER_CUSTOM_HEADERS": "X-Meta=two"}, "two")):
        engine = DockerEngine(Endpoint(host, "-H", None, None, folder), environ=environ)
        with pytest.raises(Unavailable):
            engine.connect()
        engine.close()
        assert set(seen) == {wanted}
        seen.clear()
