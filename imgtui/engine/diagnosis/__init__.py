"""From any exception of a connection to one plain cause and one plain remedy.

Imports neither docker nor an HTTP library; looks at this machine, but connects to nothing.
"""

import errno
import os
import re

from imgtui.engine.connect.endpoint import Endpoint, EndpointError
from imgtui.engine.diagnosis.answers import diagnose_answer, not_an_engine, older_than_the_library, outdated
from imgtui.engine.diagnosis.failure import Failure
from imgtui.engine.diagnosis.machine import Machine
from imgtui.engine.diagnosis.network import certificate_files, diagnose_tcp, diagnose_tls, wants_tls
from imgtui.engine.diagnosis.remote import diagnose_ssh
from imgtui.engine.diagnosis.sockets import choose_another, diagnose_socket, origin
from imgtui.engine.port.errors import Problem, ProblemKind, Unavailable

__all__ = ["Machine", "diagnose", "endpoint_problem", "not_an_engine", "outdated"]

_BROKEN_OFF = {errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED, errno.ESHUTDOWN}
_BROKEN_OFF_NAMES = {"RemoteDisconnected", "IncompleteRead", "ChunkedEncodingError", "ProtocolError"}
_NO_FILES = re.compile(r"Could not find .*TLS")
_TLS_RECORD = re.compile(r"BadStatusLine\W+(?:\\x15|\x15)|^[\x15\x16]\x03", re.MULTILINE)


def diagnose(
    error: BaseException, endpoint: Endpoint, machine: Machine | None = None, *, ssh_said: str = ""
) -> Problem:
    """Return why the engine cannot be used, from what a connection raised.

    `ssh_said` is the standard error of ssh, for an `ssh://` endpoint; where the exception's chain has
    a `subprocess.CalledProcessError` with `stderr`, that is read too.
    """
    if isinstance(error, Unavailable):
        return error.problem
    if isinstance(error, EndpointError):
        return endpoint_problem(error)
    machine = machine or Machine(os.environ)
    failure = Failure.of(error)
    if answer := failure.answer:
        return diagnose_answer(answer, endpoint)
    found = _bad_answer(failure, endpoint)
    if found is None and endpoint.host.startswith("ssh://"):
        return diagnose_ssh(failure, ssh_said, endpoint)
    found = found or _no_connection(failure, endpoint, machine) or _broken_off(failure, endpoint, machine)
    return found or Problem(
        ProblemKind.OTHER,
        f"{endpoint.host}{origin(endpoint)} cannot be used: {_last_words(error)}",
        f"See what docker says: docker version; or {choose_another(endpoint)}",
    )


def endpoint_problem(error: EndpointError) -> Problem:
    """Return the problem that it cannot be decided which engine to use."""
    return Problem(ProblemKind.WRONG_CONTEXT, error.cause, error.remedy)


def _bad_answer(failure: Failure, endpoint: Endpoint) -> Problem | None:
    """Look for an answer that is not the Docker API, or too old a one."""
    if "InvalidVersion" in failure.names:
        return older_than_the_library(endpoint)
    if "BadStatusLine" in failure.names and "RemoteDisconnected" not in failure.names:
        return wants_tls(endpoint) if _TLS_RECORD.search(failure.text) else not_an_engine(endpoint, "no HTTP")
    # docker-py stumbles over JSON of another shape with whatever Python raises then.
    wrong_shape = "DockerException" in failure.names and failure.names & {"KeyError", "TypeError"}
    if wrong_shape or "JSONDecodeError" in failure.names:
        return not_an_engine(endpoint, "no answer in the form of the Docker API")
    return None


def _no_connection(failure: Failure, endpoint: Endpoint, machine: Machine) -> Problem | None:
    number = failure.os_error.errno if failure.os_error else None
    if endpoint.host.startswith("unix://"):
        if "AF_UNIX path too long" in failure.text:
            return Problem(
                ProblemKind.OTHER,
                f"{endpoint.host}{origin(endpoint)} is too long a path for a socket (107 bytes at most)",
                "Make a short symbolic link to the socket and name that with -H unix:///LINK",
            )
        return diagnose_socket(number, endpoint, machine)
    if failure.ssl_error is not None:
        return diagnose_tls(failure.ssl_error, endpoint, machine)
    unreadable = number in {errno.ENOENT, errno.EACCES} or "TLSParameterError" in failure.names
    if endpoint.tls is not None and (unreadable or _NO_FILES.search(failure.text)):
        return certificate_files(endpoint, machine, _last_words(failure.chain[-1]))
    return diagnose_tcp(failure, endpoint, machine)


def _broken_off(failure: Failure, endpoint: Endpoint, machine: Machine) -> Problem | None:
    if isinstance(failure.os_error, TimeoutError):
        return Problem(
            ProblemKind.UNREACHABLE,
            f"The engine at {endpoint.host}{origin(endpoint)} does not answer in time",
            f"Wait, or look whether it is stuck: {machine.as_root('journalctl -u docker -n 50')}",
        )
    number = failure.os_error.errno if failure.os_error else None
    if number in _BROKEN_OFF or failure.names & _BROKEN_OFF_NAMES:
        return Problem(
            ProblemKind.INTERRUPTED,
            f"The connection to {endpoint.host}{origin(endpoint)} broke off: the engine stopped or restarted",
            "Wait until it is back, then press R; if it stays away: docker version",
        )
    return None


def _last_words(error: BaseException) -> str:
    return str(error).strip() or type(error).__name__
