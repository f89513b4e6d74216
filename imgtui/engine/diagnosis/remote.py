"""Diagnosis of an engine behind ssh. Only what ssh itself says tells why it failed."""

import re
import shlex

from imgtui.engine.connect.addresses import ssh_address
from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.connect.ssh_command import configuration
from imgtui.engine.diagnosis.failure import Failure
from imgtui.engine.diagnosis.sockets import origin
from imgtui.engine.port.errors import Problem, ProblemKind
from imgtui.model.core.shell import operand

_LOOK = (
    "See: {ssh} 'command -v docker podman; echo $PATH'; then set PATH in ~/.zshenv or ~/.bashrc there,"
    " or link it: {ssh} sudo ln -s /usr/local/bin/docker /usr/bin/docker"
)

_SAID = (
    ("Permission denied (", "the key or password was not accepted", "Load the key (ssh-add), then: {ssh}"),
    (
        "REMOTE HOST IDENTIFICATION HAS CHANGED",
        "the host's key has changed since the last login, or another machine answers in its place",
        "Ask its administrator whether the key is new; then: {forget}",
    ),
    (
        "Host key verification failed",
        "the host's key is not known",
        "Log in once, and compare the key: {ssh}",
    ),
    ("REVOKED HOST KEY", "the host's key was revoked", "Ask its administrator: {ssh}"),
    ("ad configuration option", "the configuration of ssh here has a mistake", "See which one: {ssh}"),
    ("Could not resolve hostname", "the host name is unknown", "Check the name: {ssh}"),
    ("Connection refused", "its ssh port refuses the connection", "Check host and port: {ssh}"),
    ("timed out", "it does not answer in time", "Check host, port and firewall: {ssh}"),
    ("not responding", "the connection broke off without a word", "Check the network: {ssh}"),
    ("No route to host", "there is no way to it through the network", "Check the network: {ssh}"),
    ("Network is unreachable", "there is no way to it through the network", "Check the network: {ssh}"),
    *(
        (
            words,
            "its docker is Podman, whose socket is not there",
            "{ssh} {start}",
        )
        for words in ("unable to connect to Podman", "failed to open connection to podman")
    ),
    *(
        (
            words,
            "its docker is an old Podman, which cannot be reached so (it has no `system dial-stdio`)",
            "Forward its socket: {forward}; then: imgtui -H unix:///tmp/podman.sock",
        )
        for words in ("podman system dial-stdio", "unrecognized command")
    ),
    *(
        (words, "the user there may not use the engine", "{ssh} sudo usermod -aG docker USER")
        for words in ("permission denied while trying to connect", "connect: permission denied")
    ),
    *(
        (words, "no engine runs there", "{ssh} sudo systemctl start docker")
        for words in (
            "Cannot connect to the Docker daemon",
            "connect: connection refused",
            "connect: no such",
        )
    ),
    (
        "not found",
        "its shell finds no docker: it is not installed there, or not in the PATH of commands over ssh",
        _LOOK,
    ),
)
"""Words of OpenSSH, the remote shell or the remote docker command; the cause; the remedy.

`docker system dial-stdio` says `dial unix PATH: connect: REASON` (20.10, 28.5); so does Podman's (4.3), after
words of its own."""

_NO_PROGRAM = "ssh: No such file or directory"
_FORGET = re.compile(
    r"""^\s*ssh-keygen -f (?P<q>['"]?)(?P<file>[\w./~@+-]+)(?P=q)"""
    r""" -R (?P<r>['"]?)(?P<name>[\w.:@\[\]-]+)(?P=r)\s*$""",
    re.ASCII | re.MULTILINE,
)
"""What Debian's ssh advises: it knows the file, and the name behind an alias.

The other machine may say it too: what is more than a file and a name is not repeated."""


def diagnose_ssh(failure: Failure, said: str, endpoint: Endpoint) -> Problem:
    """Return the problem behind a failure of an `ssh://` endpoint; `said` is ssh's standard error."""
    port, forget, target = _login(endpoint.host)
    command = f"ssh {port}{operand(target)}"
    as_root = _is_root(endpoint.host)
    start = "systemctl start podman.socket" if as_root else "systemctl --user start podman.socket"
    place = "/run" if as_root else f"/run/user/$({command} id -u)"
    forward = f'ssh -nNT -L "/tmp/podman.sock:{place}/podman/podman.sock" {port}'.rstrip()
    where = f"ssh to {target}{origin(endpoint)}"
    missing = any(isinstance(error, FileNotFoundError) and error.filename == "ssh" for error in failure.chain)
    if missing or _NO_PROGRAM in said:
        return Problem(
            ProblemKind.SSH,
            f"{endpoint.host}{origin(endpoint)} needs the program ssh, which is not in PATH",
            "Install the OpenSSH client (Debian: apt install openssh-client)",
        )
    text = f"{said}\n{failure.text}"
    if advised := _FORGET.search(text):
        forget = shlex.join(["ssh-keygen", "-f", advised["file"], "-R", advised["name"]])
    for words, cause, remedy in _SAID:
        if words in text:
            return Problem(
                ProblemKind.SSH,
                f"{where} failed: {cause}",
                remedy.format(
                    ssh=command, forget=forget, forward=f"{forward} {operand(target)}", start=start
                ),
            )
    last = said.strip().splitlines()[-1:]
    return Problem(
        ProblemKind.SSH,
        f"{where} ended before an engine answered{': ' + last[0] if last else ''}",
        f"See what it says: {command} docker version",
    )


def _is_root(host: str) -> bool:
    """Whether the login is one of root's, whose Podman has its socket in another place."""
    return (ssh_address(host).user or configuration(host).get("user")) == "root"


def _login(host: str) -> tuple[str, str, str]:
    """Return the option for the port, how to forget the host's key, and the name of the target."""
    address = ssh_address(host)
    target = f"{address.user}@{address.host}" if address.user else address.host
    known_as = f"[{address.host}]:{address.port}" if address.port not in {None, 22} else address.host
    port = f"-p {address.port} " if address.port else ""
    return port, shlex.join(["ssh-keygen", "-R", known_as]), target
