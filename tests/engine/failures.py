"""Real failures for the tests: sockets, servers and certificates that an engine would not have."""

import gc
import http
import json
import socket
import socketserver
import subprocess
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import docker
import pytest

from imgtui.engine.connect.endpoint import Endpoint, Tls
from imgtui.engine.diagnosis import Machine, diagnose
from imgtui.engine.port.errors import Problem

SECONDS = 5


class Place(NamedTuple):
    """A machine on which the test decides which programs there are, and no engine of the real one counts."""

    folder: Path

    @property
    def programs(self) -> Path:
        return self.folder / "bin"

    def machine(self, *programs: str, systemd: bool = True, uid: int = 1000) -> Machine:
        self.programs.mkdir(exist_ok=True)
        for name in programs:
            self.program(name, "exit 0")
        return Machine(
            {"PATH": str(self.programs), "XDG_RUNTIME_DIR": str(self.folder / "run")},
            uid=uid,
            systemd=systemd,
            program_folders=(),
            default_socket=self.folder / "docker.sock",
            system_sockets=(),
        )

    def program(self, name: str, script: str) -> None:
        self.programs.mkdir(exist_ok=True)
        (self.programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.programs / name).chmod(0o755)

    def endpoint(
        self, host: str, source: str = "default", *, context: str | None = None, tls: Tls | None = None
    ) -> Endpoint:
        return Endpoint(host, source, context, tls, self.folder / ".docker")

    def socket(self, name: str = "docker.sock") -> str:
        return f"unix://{self.folder / name}"


Question = Callable[[docker.APIClient], object]


def ask(path: str, method: str = "GET") -> Question:
    """Return the question that any request is, with its answer read as JSON."""

    def question(client: docker.APIClient) -> object:
        response = client.request(method, f"{client.base_url}/v1.41{path}", timeout=client.timeout)
        response.raise_for_status()
        return response.json()

    return question


def error_of(
    host: str,
    question: Question = docker.APIClient.version,
    *,
    tls: Tls | None = None,
    version: str = "1.41",
    seconds: int = SECONDS,
    through_proxy: bool = False,
) -> Exception:
    """Return what docker-py raises when this is asked of the engine."""
    with warnings.catch_warnings():
        # docker-py leaves the socket open when it cannot connect.
        warnings.simplefilter("ignore", ResourceWarning)
        error = _ask(host, question, tls, version, seconds, trust_env=through_proxy)
        cause: BaseException | None = error
        while cause is not None:
            traceback.clear_frames(cause.__traceback__)
            cause = cause.__context__
        gc.collect()
    return error


def _ask(
    host: str, question: Question, tls: Tls | None, version: str, seconds: int, *, trust_env: bool
) -> Exception:
    try:
        config: docker.TLSConfig | bool = False
        if tls is not None:
            pair = (str(tls.cert), str(tls.key)) if tls.cert and tls.key else None
            config = docker.TLSConfig(pair, str(tls.ca) if tls.ca else None, tls.verify)
        with closing(docker.APIClient(host, version, seconds, config)) as client:
            client.trust_env = trust_env
            question(client)
    except Exception as error:
        return error
    pytest.fail(f"{host} answered as an engine does")


def problem_of(
    endpoint: Endpoint,
    machine: Machine,
    question: Question = docker.APIClient.version,
    *,
    seconds: int = SECONDS,
) -> Problem:
    """Return the diagnosis of what docker-py raises."""
    error = error_of(endpoint.host, question, tls=endpoint.tls, seconds=seconds)
    problem = diagnose(error, endpoint, machine)
    assert "\n" not in problem.cause + problem.remedy
    assert problem.cause
    assert problem.remedy
    return problem


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class TcpServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True


Conversation = Callable[[socket.socket], None]


@contextmanager
def serving(where: Path | None, talk: Conversation) -> Iterator[str]:
    """Answer every connection with `talk`: on a socket file, or on a free port of this machine."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                talk(self.request)

    server: socketserver.BaseServer
    if where is None:
        server = TcpServer(("127.0.0.1", 0), Handler)
        host = f"tcp://127.0.0.1:{server.server_address[1]}"
    else:
        server = UnixServer(str(where), Handler)
        host = f"unix://{where}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def http_answer(status: int, body: str, content_type: str = "application/json") -> Conversation:
    reason = http.HTTPStatus(status).phrase
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: {content_type}\r\nConnection: close\r\n"
    return raw_answer(f"{head}Content-Length: {len(body.encode())}\r\n\r\n{body}".encode())


def raw_answer(answer: bytes) -> Conversation:
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    return talk


def message(status: int, text: str) -> Conversation:
    return http_answer(status, json.dumps({"message": text}))


def answered(place: Place, talk: Conversation, question: Question = docker.APIClient.version) -> Problem:
    """Return the diagnosis of this answer on the default socket."""
    with serving(place.folder / "docker.sock", talk) as host:
        return problem_of(place.endpoint(host), place.machine("dockerd"), question)


def make_certificate(
    folder: Path, name: str, *, address: str = "127.0.0.1", signed_by: Path | None = None
) -> Tls:
    """Make `name.pem` and `name.key` for a server address, self-signed or by the authority given."""
    folder.mkdir(exist_ok=True)
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    command = [
        "/usr/bin/openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        f"/CN={name}",
    ]
    command += ["-addext", f"subjectAltName=IP:{address}", "-keyout", str(key), "-out", str(cert)]
    if signed_by is not None:
        command += ["-CA", str(signed_by), "-CAkey", str(signed_by.with_suffix(".key"))]
        command += ["-addext", "basicConstraints=critical,CA:FALSE"]
    subprocess.run(command, check=True, capture_output=True)
    return Tls(cert, cert, key, verify=True)
