"""Diagnosis of an engine behind ssh. Only what ssh itself says tells why it failed."""

import shlex
from urllib.parse import urlsplit

from imgtui.engine.diagnosis.failure import Failure
from imgtui.engine.diagnosis.sockets import origin
from imgtui.engine.endpoint import Endpoint
from imgtui.engine.errors import Problem, ProblemKind

_SAID = (
    ("Permission denied (", "the key or password was not accepted", "Load the key (ssh-add), then: {ssh}"),
    (
        "Host key verification failed",
        "the host's key is not known, or has changed",
        "Log in once, and compare the key: {ssh}",
    ),
    ("Could not resolve hostname", "the host name is unknown", "Check the name: {ssh}"),
    ("Connection refused", "its ssh port refuses the connection", "Check host and port: {ssh}"),
    ("timed out", "it does not answer in time", "Check host, port and firewall: {ssh}"),
    ("No route to host", "there is no way to it through the network", "Check the network: {ssh}"),
    ("Network is unreachable", "there is no way to it through the network", "Check the network: {ssh}"),
    (
        "permission denied while trying to connect",
        "the user there may not use the engine",
        "{ssh} sudo usermod -aG docker USER",
    ),
    ("Cannot connect to the Docker daemon", "no engine runs there", "{ssh} sudo systemctl start docker"),
    (
        "not found",
        "there is no docker command there",
        "Install docker there, so that this works: {ssh} docker version",
    ),
)
"""Words of OpenSSH, the remote shell or the remote docker command; the cause; the remedy."""

_NO_PROGRAM = "ssh: No such file or directory"


def diagnose_ssh(failure: Failure, said: str, endpoint: Endpoint) -> Problem:
    """Return the problem behind a failure of an `ssh://` endpoint; `said` is ssh's standard error."""
    command, target = _login(endpoint.host)
    where = f"ssh to {target}{origin(endpoint)}"
    missing = any(isinstance(error, FileNotFoundError) and error.filename == "ssh" for error in failure.chain)
    if missing or _NO_PROGRAM in said:
        return Problem(
            ProblemKind.SSH,
            f"{endpoint.host}{origin(endpoint)} needs the program ssh, which is not in PATH",
            "Install the OpenSSH client (Debian: apt install openssh-client)",
        )
    text = f"{said}\n{failure.text}"
    for words, cause, remedy in _SAID:
        if words in text:
            return Problem(ProblemKind.SSH, f"{where} failed: {cause}", remedy.format(ssh=command))
    last = said.strip().splitlines()[-1:]
    return Problem(
        ProblemKind.SSH,
        f"{where} ended before an engine answered{': ' + last[0] if last else ''}",
        f"See what it says: {command} docker version",
    )


def _login(host: str) -> tuple[str, str]:
    """Return how to log in by hand, and the name of the target."""
    parts = urlsplit(host)
    target = f"{parts.username}@{parts.hostname}" if parts.username else str(parts.hostname)
    port = ["-p", str(parts.port)] if parts.port else []
    return shlex.join(["ssh", *port, target]), target
