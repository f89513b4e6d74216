"""What is at the other end of ssh besides a docker in the PATH: a real sshd, and real Podmans."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engines import content
from tests.engines.private import PrivateEngine
from tests.engines.ssh_server import HOST, SshServer
from tests.engines.waiting import wait_until
from tests.verbs.command import call, environment

OLD_PODMAN = """\
#!/bin/sh
echo 'Error: unrecognized command `podman system dial-stdio`' >&2
exit 125
"""
"""What Podman before 3.4 says."""


@contextmanager
def far(folder: Path, monkeypatch: pytest.MonkeyPatch, docker: str = "", **variables: str) -> Iterator[None]:
    """A machine where `docker` is this script, and nothing else is in the PATH of commands over ssh."""
    programs, machine = folder / "programs", folder / "machine"
    programs.mkdir()
    machine.mkdir()
    if docker:
        (programs / "docker").write_text(docker)
        (programs / "docker").chmod(0o755)
    with SshServer(machine, {"PATH": str(programs), **variables}) as server:
        monkeypatch.setenv("PATH", f"{server.client}:{os.environ['PATH']}")
        yield


def ls(home: Path) -> subprocess.CompletedProcess[str]:
    return call(environment(home, f"ssh://{HOST}"), "ls")


def refused(home: Path) -> str:
    """Why there is no engine, and what to do: one line."""
    done = ls(home)
    assert done.returncode == 3
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def test_a_docker_that_is_not_in_the_path_of_commands_is_told_as_that(
    docker28_overlay2: PrivateEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with far(tmp_path, monkeypatch, **docker28_overlay2.env):
        said = refused(tmp_path)
        assert "it is not installed there, or not in the PATH of commands over ssh" in said
        # What the remedy says to do mends it.
        (tmp_path / "programs/docker").symlink_to(docker28_overlay2.programs / "usr/bin/docker")
        assert ls(tmp_path).returncode == 0


def test_a_podman_that_is_called_docker_is_reached(
    podman: PrivateEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content.import_tar(podman, "far-podman:1", {"a": b"1"})
    script = '#!/bin/sh\nexec /usr/bin/podman "$@"\n'
    with far(tmp_path, monkeypatch, script, CONTAINER_HOST=podman.host):
        done = ls(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "far-podman" in done.stdout


def test_a_podman_without_its_socket_is_told_as_that(
    podman: PrivateEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = '#!/bin/sh\nexec /usr/bin/podman "$@"\n'
    with far(tmp_path, monkeypatch, script, CONTAINER_HOST=f"unix://{podman.folder}/none.sock"):
        said = refused(tmp_path)
    # The login is root's, whose Podman is one of the system.
    assert said.endswith(
        f"its docker is Podman, whose socket is not there: ssh {HOST} systemctl start podman.socket"
    )


def test_the_socket_of_an_old_podman_is_forwarded_as_the_remedy_says(
    podman: PrivateEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content.import_tar(podman, "far-old:1", {"a": b"1"})
    with far(tmp_path, monkeypatch, OLD_PODMAN):
        said = refused(tmp_path)
        remedy = said.partition("Forward its socket: ")[2]
        command, _, then = remedy.partition("; then: ")
        assert command == f'ssh -nNT -L "/tmp/podman.sock:/run/podman/podman.sock" {HOST}'
        assert then == "imgtui -H unix:///tmp/podman.sock"
        here = tmp_path / "podman.sock"
        real = command.replace("/run/podman/podman.sock", podman.host.removeprefix("unix://"))
        with subprocess.Popen(["sh", "-c", f"exec {real.replace('/tmp/podman.sock', str(here))}"]) as ssh:
            try:
                until_there(here, ssh)
                done = call(environment(tmp_path, f"unix://{here}"), "ls")
            finally:
                ssh.terminate()
        assert "far-old" in done.stdout


def until_there(socket: Path, ssh: subprocess.Popen[bytes]) -> None:
    """Wait until the forwarding stands."""

    wait_until(lambda: socket.exists() or ssh.poll() is not None, "the forwarded socket")
