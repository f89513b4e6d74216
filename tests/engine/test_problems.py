"""An engine's socket that is missing, dead or closed: the real thing, with docker-py's own exception."""

import grp
import json
import os
import pwd
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from imgtui.engine.connect.endpoint import EndpointError, resolve_endpoint
from imgtui.engine.diagnosis import diagnose
from imgtui.engine.port.errors import EngineError, NotFound, Problem, ProblemKind, Unavailable
from tests.engine.failures import Place, http_answer, problem_of, serving

NOBODY = 65534

needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="NOT ROOT: no other user can be made to try a socket that is closed to them"
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_no_socket_and_no_program_means_that_nothing_is_installed(place: Place) -> None:
    problem = problem_of(place.endpoint(place.socket()), place.machine())
    assert problem.kind is ProblemKind.NOT_INSTALLED
    assert str(place.folder / "docker.sock") in problem.cause
    assert "https://docs.docker.com/engine/install" in problem.remedy


@pytest.mark.parametrize(
    ("programs", "systemd", "uid", "remedy"),
    [
        (("docker", "dockerd"), True, 1000, "sudo systemctl start docker"),
        (("docker", "dockerd"), True, 0, "systemctl start docker"),
        (("docker", "dockerd"), False, 1000, "sudo service docker start"),
        (("podman",), True, 1000, "systemctl --user start podman.socket"),
        (("podman",), True, 0, "systemctl start podman.socket"),
    ],
)
def test_no_socket_but_an_engine_installed_means_that_it_is_not_running(
    place: Place, programs: tuple[str, ...], systemd: bool, uid: int, remedy: str
) -> None:
    problem = problem_of(place.endpoint(place.socket()), place.machine(*programs, systemd=systemd, uid=uid))
    assert problem.kind is ProblemKind.NOT_RUNNING
    assert problem.remedy == remedy


def test_of_docker_only_the_command_is_told_apart(place: Place) -> None:
    problem = problem_of(place.endpoint(place.socket()), place.machine("docker"))
    assert problem.kind is ProblemKind.NOT_RUNNING
    assert "only the command is installed" in problem.cause


def test_a_missing_podman_socket_is_started_by_its_user(place: Place) -> None:
    endpoint = place.endpoint(place.socket("run/podman/podman.sock"), "DOCKER_HOST")
    problem = problem_of(endpoint, place.machine("podman", "dockerd"))
    assert problem.kind is ProblemKind.NOT_RUNNING
    assert problem.remedy.startswith("systemctl --user start podman.socket or correct DOCKER_HOST")


def test_a_missing_rootless_socket_is_started_by_its_user(place: Place) -> None:
    endpoint = place.endpoint(place.socket("run/docker.sock"), "rootless socket")
    assert problem_of(endpoint, place.machine("dockerd")).remedy == "systemctl --user start docker"


@pytest.mark.parametrize(
    ("source", "context", "remedy"),
    [
        ("context desktop (docker context use)", "desktop", "docker context use default"),
        ("DOCKER_HOST", None, "unset DOCKER_HOST"),
        ("-H", None, "imgtui without -H"),
    ],
)
def test_a_missing_socket_while_another_engine_is_there_is_the_wrong_choice(
    place: Place, source: str, context: str | None, remedy: str
) -> None:
    with serving(place.folder / "docker.sock", http_answer(200, "{}")) as other:
        endpoint = place.endpoint(place.socket("gone.sock"), source, context=context)
        problem = problem_of(endpoint, place.machine("dockerd"))
    assert problem.kind is ProblemKind.WRONG_CONTEXT
    assert source in problem.cause
    assert other.removeprefix("unix://") in problem.cause
    assert problem.remedy.startswith(remedy)


def test_a_socket_that_nobody_listens_at_means_that_the_engine_stopped(place: Place) -> None:
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(place.folder / "docker.sock"))
    problem = problem_of(place.endpoint(place.socket()), place.machine("dockerd"))
    assert problem.kind is ProblemKind.NOT_RUNNING
    assert "nobody listens" in problem.cause
    assert problem.remedy == "sudo systemctl start docker"


def test_a_file_that_is_no_socket_is_not_an_engine(place: Place) -> None:
    (place.folder / "docker.sock").write_text("")
    problem = problem_of(place.endpoint(place.socket(), "DOCKER_HOST"), place.machine("dockerd"))
    assert problem.kind is ProblemKind.NOT_AN_ENGINE
    assert "is not a socket" in problem.cause
    assert "unset DOCKER_HOST" in problem.remedy


def test_a_path_too_long_for_a_socket_says_so(place: Place) -> None:
    problem = problem_of(place.endpoint(place.socket("x" * 120)), place.machine("dockerd"))
    assert problem.kind is ProblemKind.OTHER
    assert "107 bytes" in problem.cause


TRY_AS_ANOTHER_USER = """
import json, os, sys
from pathlib import Path
import docker
from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.diagnosis import Machine, diagnose
host, nobody = sys.argv[1], int(sys.argv[2])
os.setgroups([])
os.setgid(nobody)
os.setuid(nobody)
try:
    docker.APIClient(host, "auto", 5)
except Exception as error:
    machine = Machine({"PATH": "", "XDG_RUNTIME_DIR": "/nonexistent"}, system_sockets=())
    problem = diagnose(error, Endpoint(host, "default", None, None, Path("/nonexistent")), machine)
    print(json.dumps([problem.kind, problem.cause, problem.remedy]))
"""


@pytest.fixture
def open_place() -> Iterator[Place]:
    """A folder that every user may enter: pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="imgtui-") as folder:
        Path(folder).chmod(0o755)
        yield Place(Path(folder))


def problem_of_nobody(host: str) -> tuple[str, str, str]:
    # The child gives up root by itself: other users may not be able to start this interpreter.
    child = subprocess.run(
        [sys.executable, "-c", TRY_AS_ANOTHER_USER, host, str(NOBODY)],
        env={"HOME": "/nonexistent", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    kind, cause, remedy = json.loads(child.stdout)
    return kind, cause, remedy


@needs_root
def test_a_socket_for_a_group_names_the_group_and_how_to_join_it(open_place: Place) -> None:
    group = next(entry for entry in grp.getgrall() if entry.gr_gid not in {0, NOBODY} and not entry.gr_mem)
    with serving(open_place.folder / "docker.sock", http_answer(200, "{}")) as host:
        os.chown(open_place.folder / "docker.sock", 0, group.gr_gid)
        (open_place.folder / "docker.sock").chmod(0o660)
        kind, cause, remedy = problem_of_nobody(host)
    assert kind == "no_permission"
    assert f"only the group {group.gr_name} may (root:{group.gr_name} 0660)" in cause
    assert remedy == f"sudo usermod -aG {group.gr_name} $USER, then log in again"


@needs_root
def test_nobody_is_told_to_join_the_group_root(open_place: Place) -> None:
    with serving(open_place.folder / "docker.sock", http_answer(200, "{}")) as host:
        (open_place.folder / "docker.sock").chmod(0o660)
        kind, cause, remedy = problem_of_nobody(host)
    assert kind == "no_permission"
    assert "the group docker was missing when the engine started" in cause
    assert "-aG root" not in remedy
    assert "groupadd -f docker" in remedy


@needs_root
def test_a_socket_for_root_alone_needs_root(open_place: Place) -> None:
    with serving(open_place.folder / "docker.sock", http_answer(200, "{}")) as host:
        (open_place.folder / "docker.sock").chmod(0o600)
        kind, cause, remedy = problem_of_nobody(host)
    assert kind == "no_permission"
    assert "only its owner root may (root:root 0600)" in cause
    assert remedy.startswith("sudo imgtui")


@needs_root
def test_a_socket_of_another_user_needs_that_user(open_place: Place) -> None:
    owner = next(entry for entry in pwd.getpwall() if entry.pw_uid not in {0, NOBODY})
    with serving(open_place.folder / "docker.sock", http_answer(200, "{}")) as host:
        os.chown(open_place.folder / "docker.sock", owner.pw_uid, 0)
        (open_place.folder / "docker.sock").chmod(0o600)
        _, cause, remedy = problem_of_nobody(host)
    assert f"only its owner {owner.pw_name} may" in cause
    assert remedy == f"sudo -u {owner.pw_name} imgtui"


@needs_root
def test_a_folder_that_is_closed_is_named(open_place: Place) -> None:
    closed = open_place.folder / "closed"
    closed.mkdir(mode=0o700)
    with serving(closed / "docker.sock", http_answer(200, "{}")) as host:
        kind, cause, _ = problem_of_nobody(host)
    assert kind == "no_permission"
    assert f"the folder {closed} is closed" in cause


@needs_root
def test_an_access_control_list_is_noted(open_place: Place) -> None:
    # Its form on Linux (acl(5), posix_acl_xattr.h): version, then tag, permissions and id of each entry.
    entries = ((0x01, 6, -1), (0x02, 6, 1), (0x04, 0, -1), (0x10, 6, -1), (0x20, 0, -1))
    access = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)
    with serving(open_place.folder / "docker.sock", http_answer(200, "{}")) as host:
        try:
            os.setxattr(open_place.folder / "docker.sock", "system.posix_acl_access", access)
        except OSError as error:
            pytest.skip(f"NO ACCESS CONTROL LISTS on this file system: {error}")
        _, cause, remedy = problem_of_nobody(host)
    assert "access control list" in cause
    assert "setfacl -m u:nobody:rw" in remedy


# What is not about a socket: choices that cannot be made, and the errors themselves.


def test_a_context_that_does_not_exist_is_a_wrong_context(place: Place) -> None:
    with pytest.raises(EndpointError) as caught:
        resolve_endpoint(None, "stage", {}, place.folder)
    problem = diagnose(caught.value, place.endpoint("unix:///x"))
    assert problem.kind is ProblemKind.WRONG_CONTEXT
    assert (problem.cause, problem.remedy) == (caught.value.cause, caught.value.remedy)


def test_what_was_diagnosed_before_stays_as_it_was(place: Place) -> None:
    problem = Problem(ProblemKind.INTERRUPTED, "gone", "wait")
    assert diagnose(Unavailable(problem), place.endpoint("unix:///x")) is problem


def test_an_error_nobody_knows_is_told_in_its_own_words(place: Place) -> None:
    problem = diagnose(RuntimeError("the moon\nis full"), place.endpoint("unix:///x"), place.machine())
    assert problem.kind is ProblemKind.OTHER
    assert "the moon↵is full" in problem.cause


def test_no_error_carries_raw_terminal_controls() -> None:
    hostile = "\x1b]0;owned\x07\x9b2J\n"
    assert not set("\x1b\x07\x9b\n") & set(str(EngineError(hostile)) + str(NotFound(hostile)))
    problem = Problem(ProblemKind.OTHER, hostile, hostile)
    assert not set("\x1b\x07\x9b\n") & set(problem.cause + problem.remedy)


def test_errors_carry_the_http_status() -> None:
    assert (NotFound("gone").status, EngineError("no", 409).status, EngineError("no").status) == (
        404,
        409,
        None,
    )


def test_the_diagnosis_needs_no_http_library() -> None:
    code = "import sys, imgtui.engine.diagnosis; print({'docker', 'requests', 'urllib3'} & set(sys.modules))"
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
