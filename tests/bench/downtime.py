"""How long nobody serves while imgtui puts one container in the place of another."""

import http.client
import json
import os
import socket
import subprocess
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from imgtui.engine.wire.translate import nanoseconds
from tests.bench.report import Section, figure
from tests.bench.subject import Home
from tests.engines import content
from tests.engines.kinds import Kind
from tests.engines.private import PrivateEngine

_NAME: Final = "bench-service"
_SERVICE: Final = """\
FROM scratch
ARG VERSION
COPY bin /bin
COPY etc /etc
STOPSIGNAL SIGKILL
CMD ["busybox", "httpd", "-f", "-p", "80", "-h", "/etc"]
"""
_ANSWER_SECONDS: Final = 0.5
_PAUSE_SECONDS: Final = 0.002
_DEADLINE_SECONDS: Final = 10.0


@dataclass(frozen=True)
class _Answer:
    """What the service said when; nanoseconds of CLOCK_MONOTONIC."""

    asked: int
    came: int
    version: str


class _Visitor(threading.Thread):
    """Asks a service for its version again and again, one question after the other."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self._port = port
        self._enough = threading.Event()
        self._heard = threading.Condition()
        self.answers: list[_Answer] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._enough.set()
        self.join()

    def run(self) -> None:
        while not self._enough.wait(_PAUSE_SECONDS):
            asked = time.monotonic_ns()
            version = self._ask()
            if version:
                with self._heard:
                    self.answers.append(_Answer(asked, time.monotonic_ns(), version))
                    self._heard.notify_all()

    def hears(self, version: str) -> bool:
        """Wait for an answer of this version; whether one came."""
        with self._heard:
            return self._heard.wait_for(
                lambda: any(answer.version == version for answer in self.answers), _DEADLINE_SECONDS
            )

    def silence_ms(self, before: str, after: str) -> float:
        """From the last answer of the one to the first of the other."""
        last = max(answer.came for answer in self.answers if answer.version == before)
        return (next(answer.came for answer in self.answers if answer.version == after) - last) / 1e6

    def _ask(self) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_ANSWER_SECONDS)
        try:
            connection.request("GET", "/version")
            return connection.getresponse().read().decode().strip()
        except (OSError, http.client.HTTPException):
            return ""
        finally:
            connection.close()


def downtime(kind: Kind, runs: int, imgtui: str) -> Section:
    """Roll a container back and forward on a private engine so many times."""
    stopped, silent = list[float](), list[float]()
    with PrivateEngine(kind) as engine, Home() as home:
        images = {
            version: content.build(engine, f"{_NAME}:{version}", version=version, dockerfile=_SERVICE)
            for version in ("one", "two")
        }
        port = _free_port()
        engine.docker("run", "-d", "--name", _NAME, "-p", f"127.0.0.1:{port}:80", images["one"])
        environment = {**os.environ, **home.environment, "DOCKER_HOST": engine.host}
        for run in range(runs):
            before, after = ("one", "two") if run % 2 == 0 else ("two", "one")
            old = _told(engine)["Id"]
            with _Visitor(port) as visitor:
                served = visitor.hears(before)
                command = [imgtui, "rollback", _NAME, "--to", images[after], "--yes", "--settle", "0.5"]
                subprocess.run(command, env=environment, check=True, capture_output=True)
                if served and visitor.hears(after):
                    silent.append(visitor.silence_ms(before, after))
            ended = nanoseconds(_told(engine, old)["State"]["FinishedAt"])
            stopped.append((nanoseconds(_told(engine)["State"]["StartedAt"]) - ended) / 1e6)
            engine.docker("rm", "--volumes", old)
    note = "" if silent else "no answer through a published port on this engine"
    return Section(
        f"A container rolled back, {kind}",
        (
            figure("from the end of the old to the start of the new", stopped, "ms"),
            figure("from its last answer to the first of the new", silent, "ms", note=note),
        ),
    )


def _told(engine: PrivateEngine, name: str = _NAME) -> dict[str, Any]:
    found: list[dict[str, Any]] = json.loads(engine.docker("container", "inspect", name))
    return found[0]


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port
