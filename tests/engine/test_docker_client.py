"""The docker command that attaches the terminal."""

from __future__ import annotations

from pathlib import Path

from imgtui.engine.connect.docker_client import DockerClient
from imgtui.engine.connect.endpoint import Endpoint


def test_it_speaks_to_the_engine_that_imgtui_speaks_to(tmp_path: Path) -> None:
    environ = {
        "PATH": "/bin",
        "DOCKER_HOST": "tcp://other",
        "DOCKER_CONTEXT": "other",
        "DOCKER_CERT_PATH": "/c",
    }
    client = DockerClient(Endpoint("unix:///x.sock", "-H", None, None, tmp_path), environ)
    program = client.attached_start("abc")
    assert program.arguments == ("docker", "start", "--attach", "--interactive", "--", "abc")
    assert program.environ == {
        "PATH": "/bin",
        "DOCKER_CERT_PATH": "/c",
        "DOCKER_HOST": "unix:///x.sock",
        "DOCKER_CONFIG": str(tmp_path),
    }
    assert "/x.sock" not in repr(program)


def test_a_context_is_named_as_such(tmp_path: Path) -> None:
    client = DockerClient(Endpoint("ssh://far", "-c", "far", None, tmp_path), {"DOCKER_HOST": "tcp://other"})
    assert client.attached_start("abc").environ == {"DOCKER_CONTEXT": "far", "DOCKER_CONFIG": str(tmp_path)}


def test_where_there_is_no_docker_command_it_says_so(tmp_path: Path) -> None:
    endpoint = Endpoint("unix:///x.sock", "-H", None, None, tmp_path)
    assert "no docker command" in str(DockerClient(endpoint, {"PATH": str(tmp_path)}).why_not())
    docker = tmp_path / "docker"
    docker.touch(0o755)
    assert DockerClient(endpoint, {"PATH": str(tmp_path)}).why_not() is None
