"""Diagnosis of an engine behind TCP and TLS."""

import errno
import re
import shlex
import socket
import ssl
from urllib.parse import urlsplit

from imgtui.engine.connect.endpoint import SOURCE_ENVIRONMENT, Endpoint
from imgtui.engine.diagnosis.failure import Failure
from imgtui.engine.diagnosis.machine import Machine
from imgtui.engine.diagnosis.sockets import choose_another, origin
from imgtui.engine.port.errors import Problem, ProblemKind
from imgtui.model.core.shell import operand

_NO_ROUTE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.ENETDOWN, errno.EHOSTDOWN}
_CLIENT_CERTIFICATE = re.compile(
    r"CERTIFICATE_REQUIRED|ALERT_BAD_CERTIFICATE|ALERT_UNKNOWN_CA|ALERT_CERTIFICATE|ALERT_NO_CERTIFICATE"
    r"|ALERT_UNSUPPORTED_CERTIFICATE|ALERT_ACCESS_DENIED|HANDSHAKE_FAILURE"
)
_PLAIN_HTTP = re.compile(r"WRONG_VERSION_NUMBER|HTTP_REQUEST|RECORD_LAYER_FAILURE|UNKNOWN_PROTOCOL")
_BAD_FILES = re.compile(r"PEM|KEY_VALUES_MISMATCH|NO_CERTIFICATE_OR_CRL|NO_START_LINE|ASN1|X509")
_VERIFY_WORDS = {
    9: "its certificate is not valid yet",
    10: "its certificate has expired",
    18: "its certificate is self-signed and not trusted",
    19: "its certificate's authority is not trusted",
    20: "its certificate's authority is not trusted",
    62: "its certificate is for another name",
    64: "its certificate is for another address",
}
"""OpenSSL's X509_V_ERR_ numbers (openssl-verification-options, x509_vfy.h)."""


def diagnose_tls(error: ssl.SSLError, endpoint: Endpoint, machine: Machine) -> Problem:
    """Return the problem behind a failed TLS handshake."""
    where = f"{endpoint.host}{origin(endpoint)}"
    reason = f"{error.reason or ''} {error}"
    if isinstance(error, ssl.SSLCertVerificationError):
        words = _VERIFY_WORDS.get(
            error.verify_code, f"its certificate was not accepted ({error.verify_message})"
        )
        remedy = f"Put the ca.pem that signed it into {_certificate_folder(endpoint, machine)}"
        if error.verify_code in {62, 64}:
            remedy = f"Use a name that the certificate has, or issue one for {_host_name(endpoint)}"
        if error.verify_code in {9, 10}:
            remedy = "Issue a new certificate for the engine, and check both clocks: date"
        return Problem(ProblemKind.TLS, f"{where} cannot be trusted: {words}", remedy)
    if _CLIENT_CERTIFICATE.search(reason):
        folder = _certificate_folder(endpoint, machine)
        return Problem(
            ProblemKind.TLS,
            f"{where} wants a client certificate that its own authority has signed",
            f"Put cert.pem and key.pem for this engine into {folder}",
        )
    if isinstance(error, ssl.SSLEOFError):
        return Problem(
            ProblemKind.TLS,
            f"{where} closed the connection during the TLS handshake: it may want a client certificate",
            f"Put cert.pem and key.pem for this engine into {_certificate_folder(endpoint, machine)}",
        )
    if _PLAIN_HTTP.search(reason):
        return Problem(
            ProblemKind.TLS,
            f"{where} does not speak TLS: it is a port for plain HTTP",
            _without_tls(endpoint),
        )
    if _BAD_FILES.search(reason):
        return certificate_files(endpoint, machine, error.reason or str(error))
    return Problem(
        ProblemKind.TLS,
        f"The TLS handshake with {where} failed: {error.reason or error}",
        f"openssl s_client -connect {shlex.quote(urlsplit(endpoint.host).netloc)}",
    )


def certificate_files(endpoint: Endpoint, machine: Machine, words: str) -> Problem:
    """Return the problem that the certificate files on this machine cannot be used."""
    folder = _certificate_folder(endpoint, machine)
    return Problem(
        ProblemKind.TLS,
        f"The certificate files for {endpoint.host}{origin(endpoint)} cannot be used: {words}",
        f"Check ca.pem, cert.pem and key.pem in {folder}",
    )


def wants_tls(endpoint: Endpoint) -> Problem:
    """Return the problem that plain HTTP was spoken to a TLS port."""
    if endpoint.context is not None:
        options = shlex.quote(f"host={endpoint.host},ca=CA.PEM,cert=CERT.PEM,key=KEY.PEM")
        remedy = f"docker context update --docker {options} {operand(endpoint.context)}"
    else:
        remedy = "export DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH=FOLDER (with ca.pem, cert.pem and key.pem)"
    return Problem(
        ProblemKind.TLS, f"{endpoint.host}{origin(endpoint)} speaks TLS, and was spoken to without it", remedy
    )


def diagnose_tcp(failure: Failure, endpoint: Endpoint, machine: Machine) -> Problem | None:
    """Return the problem behind a TCP connection that did not come about, None for other failures."""
    error = failure.os_error
    where = f"{endpoint.host}{origin(endpoint)}"
    if "ProxyError" in failure.names:
        return Problem(
            ProblemKind.UNREACHABLE,
            f"The HTTP proxy of your environment does not lead to {where}",
            f"export NO_PROXY={shlex.quote(_host_name(endpoint))} (or correct HTTP_PROXY and HTTPS_PROXY)",
        )
    words = _connection_words(error, failure, endpoint)
    if words is None:
        return None
    path = urlsplit(endpoint.host).path
    if path and _host_name(endpoint) in {"localhost", "unix"}:
        # docker reads a text without a scheme as a TCP address, a file path and `unix:/path` too.
        return Problem(
            ProblemKind.UNREACHABLE,
            f"{words}: a path without unix:// is read as a TCP address",
            f"Write unix://{path}" + (" in DOCKER_HOST" if endpoint.source == SOURCE_ENVIRONMENT else ""),
        )
    address, _, port = _host_name(endpoint).rpartition(":")
    if address and port in {"2375", "2376"}:
        return Problem(
            ProblemKind.UNREACHABLE,
            f"{words}: without brackets all of it is read as an IPv6 address",
            f"Write tcp://[{address}]:{port}",
        )
    return Problem(ProblemKind.UNREACHABLE, words, _reach(error, endpoint))


def _connection_words(error: OSError | None, failure: Failure, endpoint: Endpoint) -> str | None:
    where = f"{endpoint.host}{origin(endpoint)}"
    if isinstance(error, socket.gaierror):
        return f"The name {_host_name(endpoint)} is unknown{origin(endpoint)}"
    number = error.errno if error is not None else None
    if number == errno.ECONNREFUSED:
        return f"{where} refuses the connection: no engine listens there"
    if number in _NO_ROUTE:
        return f"There is no way through the network to {where}"
    if isinstance(error, TimeoutError) or failure.names & {"ConnectTimeoutError", "ReadTimeoutError"}:
        return f"{where} does not answer in time"
    return None


def _reach(error: OSError | None, endpoint: Endpoint) -> str:
    name = shlex.quote(_host_name(endpoint))
    if isinstance(error, socket.gaierror):
        return f"Check the name: getent hosts {name}; or {choose_another(endpoint)}"
    if error is not None and error.errno == errno.ECONNREFUSED:
        return f"Start the engine there, check the port, or {choose_another(endpoint)}"
    return f"Check network and firewall: ping {name}; or {choose_another(endpoint)}"


def _host_name(endpoint: Endpoint) -> str:
    return urlsplit(endpoint.host).hostname or "localhost"


def _certificate_folder(endpoint: Endpoint, machine: Machine) -> str:
    tls = endpoint.tls
    known = next((path for path in (tls.ca, tls.cert) if path), None) if tls else None
    if known is not None:
        return str(known.parent)
    if endpoint.context is not None:
        return f"the context (docker context update {operand(endpoint.context)})"
    return machine.environ.get("DOCKER_CERT_PATH") or str(endpoint.config_dir)


def _without_tls(endpoint: Endpoint) -> str:
    if endpoint.context is not None:
        update = f"docker context update --docker host=HOST {operand(endpoint.context)}"
        return f"Use the TLS port (2376), or take the TLS files out: {update}"
    return "Use the TLS port (2376), or: unset DOCKER_TLS_VERIFY DOCKER_TLS"
