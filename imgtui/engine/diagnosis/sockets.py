"""Diagnosis of an engine on a Unix socket of this machine."""

import errno
import shlex
import stat
from pathlib import Path

from imgtui.engine.connect.endpoint import SOURCE_DEFAULT, SOURCE_ENVIRONMENT, SOURCE_OPTION, Endpoint
from imgtui.engine.diagnosis.machine import Machine, SocketFile, look_at_socket
from imgtui.engine.port.errors import Problem, ProblemKind
from imgtui.model.core.shell import operand

_INSTALL = "Install Docker Engine: https://docs.docker.com/engine/install/"
_APPLICATIONS = (
    (".docker/desktop/", "systemctl --user start docker-desktop"),
    (".docker/run/", "open -a Docker"),
    (".colima/", "colima start"),
)
"""A part of the socket's path, and what starts the application that puts it there."""
_MISSING = {errno.ENOENT, errno.ENOTDIR}
_REFUSED = {errno.ECONNREFUSED, errno.ENOTSOCK, errno.EPROTOTYPE}


def diagnose_socket(number: int | None, endpoint: Endpoint, machine: Machine) -> Problem | None:
    """Return the problem behind an `errno` of connecting to the endpoint's socket, None for others."""
    path = Path(endpoint.host.removeprefix("unix://"))
    if number in _MISSING:
        return _missing(path, endpoint, machine)
    if number in _REFUSED:
        return _refused(look_at_socket(path), endpoint, machine)
    if number in {errno.EACCES, errno.EPERM}:
        return _no_permission(look_at_socket(path), machine)
    return None


def origin(endpoint: Endpoint) -> str:
    """Return who chose the endpoint, to be put in brackets behind its address."""
    return "" if endpoint.source == SOURCE_DEFAULT else f" (from {endpoint.source})"


def choose_another(endpoint: Endpoint) -> str:
    """Return how to name another engine where this one was named."""
    if endpoint.context is not None:
        return "choose another context (docker context ls) with -c NAME"
    if endpoint.source == SOURCE_ENVIRONMENT:
        return "correct DOCKER_HOST, or: unset DOCKER_HOST"
    return "name another engine with -H HOST or -c CONTEXT"


def start_command(path: Path, machine: Machine) -> str:
    """Return what starts the engine that listens at the path."""
    text = str(path)
    for fragment, command in _APPLICATIONS:
        if fragment in text:
            return command
    runtime = machine.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{machine.uid}"
    own = text.startswith((f"{runtime}/", "/run/user/"))
    usual = own or path == machine.default_socket or text in {"/var/run/docker.sock", "/run/docker.sock"}
    only_podman = machine.has_program("podman") and not machine.has_program("docker", "dockerd")
    if "podman" in text or (usual and only_podman):
        return _service("podman.socket", own=own or (usual and machine.uid != 0), machine=machine)
    if usual:
        return _service("docker", own=own, machine=machine)
    return machine.as_root(f"dockerd -H {shlex.quote(f'unix://{path}')}")


def _service(name: str, *, own: bool, machine: Machine) -> str:
    if own:
        return f"systemctl --user start {name}"
    if machine.systemd:
        return machine.as_root(f"systemctl start {name}")
    if name == "podman.socket":
        return machine.as_root("podman system service --time=0")
    return machine.as_root(f"service {name} start")


def _missing(path: Path, endpoint: Endpoint, machine: Machine) -> Problem:
    if other := machine.other_socket(path):
        return Problem(
            ProblemKind.WRONG_CONTEXT,
            f"There is no socket at {path}{origin(endpoint)}, but an engine has one at {other}",
            _switch_to(other, endpoint, machine),
        )
    if not machine.has_program("docker", "dockerd", "podman"):
        return Problem(
            ProblemKind.NOT_INSTALLED,
            f"No engine is installed here: there is neither a socket at {path}{origin(endpoint)}"
            " nor docker, dockerd or podman",
            f"{_INSTALL} or {choose_another(endpoint)}",
        )
    start = start_command(path, machine)
    if not machine.has_program("dockerd", "podman"):
        return Problem(
            ProblemKind.NOT_RUNNING,
            f"No engine runs here: there is no socket at {path}{origin(endpoint)},"
            " and of Docker only the command is installed",
            f"{_INSTALL} or, if the engine is elsewhere, {choose_another(endpoint)}",
        )
    return Problem(
        ProblemKind.NOT_RUNNING,
        f"The engine is not running: there is no socket at {path}{origin(endpoint)}",
        start if _is_unnamed(endpoint) else f"{start} or {choose_another(endpoint)}",
    )


def _switch_to(other: Path, endpoint: Endpoint, machine: Machine) -> str:
    if other != machine.default_socket:
        return f"imgtui -H {shlex.quote(f'unix://{other}')}"
    if endpoint.context is not None:
        start = start_command(Path(endpoint.host.removeprefix("unix://")), machine)
        return f"docker context use default; or start the engine of {endpoint.context}: {start}"
    return "unset DOCKER_HOST" if endpoint.source == SOURCE_ENVIRONMENT else "imgtui without -H"


def _is_unnamed(endpoint: Endpoint) -> bool:
    return endpoint.context is None and endpoint.source not in {SOURCE_ENVIRONMENT, SOURCE_OPTION}


def _refused(file: SocketFile, endpoint: Endpoint, machine: Machine) -> Problem:
    if file.exists and not file.is_socket:
        return Problem(
            ProblemKind.NOT_AN_ENGINE,
            f"{file.path}{origin(endpoint)} is not a socket",
            f"Check the path, or {choose_another(endpoint)}",
        )
    return Problem(
        ProblemKind.NOT_RUNNING,
        f"The engine is not running: nobody listens at {file.path}{origin(endpoint)}",
        start_command(file.path, machine),
    )


def _no_permission(file: SocketFile, machine: Machine) -> Problem:
    cause, remedy = _permission_words(file, machine)
    return Problem(ProblemKind.NO_PERMISSION, cause, remedy)


def _permission_words(file: SocketFile, machine: Machine) -> tuple[str, str]:
    denied, seen = f"{machine.user} may not use {file.path}", f"{file.owner}:{file.group} {file.mode:04o}"
    if file.closed_folder is not None:
        reason = f"the folder {file.closed_folder} is closed to {machine.user}"
        return f"{denied}: {reason}", _as_owner(file, machine)
    if not file.exists:
        return denied, machine.as_root("imgtui")
    if file.has_acl:
        return (
            f"{denied} ({seen}): its access control list (ACL) does not let {machine.user} in",
            machine.as_root(f"setfacl -m {shlex.quote(f'u:{machine.user}:rw')} {operand(file.path)}"),
        )
    if not file.mode & stat.S_IWGRP:
        return f"{denied}: only its owner {file.owner} may ({seen})", _as_owner(file, machine)
    return _group_words(file, machine, denied, seen)


def _group_words(file: SocketFile, machine: Machine, denied: str, seen: str) -> tuple[str, str]:
    if file.group == "root":
        reason = "the group docker was missing when the engine started"
        command = f"sudo groupadd -f docker && sudo usermod -aG docker {operand(machine.user)}"
        return f"{denied} ({seen}): {reason}", f"{command}, restart the engine, then log in again"
    if file.gid in machine.groups:
        reason = "SELinux, AppArmor or a user namespace forbids it"
        return f"{denied} ({seen}), although in its group: {reason}", "sudo dmesg | grep -iE 'denied|avc'"
    if machine.is_member(file.group):
        return f"{denied} in this session, which began before joining the group {file.group}", (
            f"Log in again, or: newgrp {operand(file.group)}"
        )
    return f"{denied}: only the group {file.group} may ({seen})", (
        f"sudo usermod -aG {shlex.quote(file.group)} $USER, then log in again"
    )


def _as_owner(file: SocketFile, machine: Machine) -> str:
    if file.owner and file.owner != "root":
        return f"sudo -u {shlex.quote(file.owner)} imgtui"
    if machine.uid == 0:
        return f"Look at the permissions: ls -ld {operand(file.closed_folder or file.path)}"
    return "sudo imgtui, or let the engine's administrator give the socket a group that you are in"
