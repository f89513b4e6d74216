"""The connection to a real engine: agreed on once, made anew after a loss; failures become the port's."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from imgtui.engine.connect.docker_config import request_headers
from imgtui.engine.connect.ssh import SshTunnel
from imgtui.engine.docker.mark import address_of, host_of, mark_of
from imgtui.engine.port.errors import EngineError, NotFound, NotUnderstood, Refused, Unavailable
from imgtui.engine.wire import translate
from imgtui.engine.wire.answers import Entry, WrongShape
from imgtui.model.core.image import EngineInfo
from imgtui.model.core.printable import printable

if TYPE_CHECKING:
    from imgtui.engine.connect.endpoint import Endpoint
    from imgtui.engine.docker.client import Client

NO_CONTAINER = "in database: no such container"
"""How Podman 4.3 and 5.8 say with status 500 that a container goes at this moment: it `does not exist in
database`, or none is `found in database`."""
NO_TIMEOUT = "healthcheck-timeout must be at least"
"""What Podman 5.8 says of each change to a container that was made with `--no-healthcheck`."""


Read = TypeVar("Read")


class DockerConnection:
    """One engine at one endpoint. docker-py is imported when it is first needed: it takes 50 ms."""

    def __init__(
        self, endpoint: Endpoint, *, read_only: bool = False, environ: Mapping[str, str] = os.environ
    ) -> None:
        self.endpoint = endpoint
        self.environ = environ
        self.read_only = read_only
        self._tunnel: SshTunnel | None = None
        self._open: tuple[Client, EngineInfo] | None = None
        self._connecting = threading.Lock()
        self._is_closed = False
        self.connected_at = 0
        self.ahead = 0.0
        """Seconds by which the engine's clock is ahead of this machine's."""

    def connect(self) -> EngineInfo:
        """Negotiate the version and ask who answers."""
        with self._connecting:
            return self._connect()[1]

    def close(self) -> None:
        """Close the connections and the tunnel, for good: what other threads still ask for fails."""
        self._is_closed = True
        if self._open is not None:
            self._open[0].close()
        if self._tunnel is not None:
            self._tunnel.close()

    def _connect(self) -> tuple[Client, EngineInfo]:
        with self.failures(connecting=True):
            from imgtui.engine.docker.client import GREETING_SECONDS, NEWEST_API, OLDEST_API, Client

            if self._is_closed:
                raise ConnectionError("the connection to the engine was closed")
            headers = request_headers(self.endpoint.config_dir, self.environ)
            open_client = partial(Client, tls=self.endpoint.tls, read_only=self.read_only, headers=headers)
            url = self._url()
            # Not closed before the next one is open: behind ssh the two then share one login.
            with (
                closing(open_client(url, OLDEST_API)) as first,
                ExitStack() as half_open,
            ):
                version = first.get_json("/version", versioned=False, seconds=GREETING_SECONDS)
                offered = Entry(version).text("ApiVersion", 16)
                self._refuse_old(offered)
                chosen = min((offered, NEWEST_API), key=api_number)
                client = open_client(url, chosen)
                half_open.callback(client.close)
                asked = time.time_ns()
                info = translate.engine_info(version, client.get_json("/info", seconds=GREETING_SECONDS))
                answered = time.time_ns()
                if asked <= info.clock_ns <= answered:  # its clock goes as ours does
                    info = replace(info, clock_ns=answered, told_ns=answered)
                else:
                    info = replace(info, told_ns=(asked + answered) // 2)
                self.connected_at = time.monotonic_ns()
                where = address_of(self.endpoint), host_of(self.endpoint)
                info = replace(info, run=mark_of(client, info), address=where[0], host=where[1])
                self.ahead = (info.clock_ns - info.told_ns) / 1e9 if info.clock_ns else 0.0
                half_open.pop_all()
            if self._open is not None:
                self._open[0].close()
            self._open = client, info
            if self._is_closed:  # meanwhile, by another thread
                client.close()
            return self._open

    def get(
        self,
        path: str,
        read: Callable[[object], Read],
        params: Mapping[str, object] | None = None,
        *,
        versioned: bool = True,
    ) -> Read:
        """What `read` makes of the answer to a GET. It raises WrongShape for what it does not understand.

        Raises NotUnderstood, NotFound, EngineError and Unavailable.
        """
        with self.failures(), understood(f"GET {path}"):
            return read(self.connected().get_json(path, params, versioned=versioned))

    def find(self, path: str, read: Callable[[object], Read], *, versioned: bool = True) -> Read | None:
        """The same of a path that names one thing; None where the engine says that it is not there."""
        try:
            return self.get(path, read, versioned=versioned)
        except NotFound:
            return None

    def send(
        self, method: str, path: str, params: Mapping[str, object] | None = None, body: object = None
    ) -> None:
        """Send a request that changes something, and look at no answer but a refusal."""
        self.ask(method, path, lambda _: None, params, body)

    def ask(
        self,
        method: str,
        path: str,
        read: Callable[[object], Read],
        params: Mapping[str, object] | None = None,
        body: object = None,
        *,
        versioned: bool = True,
    ) -> Read:
        """The same of a request that changes something; an answer without words is None to `read`."""
        with self.failures(acting=True), understood(f"{method} {path}"):
            return read(self.connected().send_json(method, path, params, body, versioned=versioned))

    def _url(self) -> str:
        if not self.endpoint.host.startswith("ssh://"):
            return self.endpoint.host
        if self._tunnel is None:
            self._tunnel = SshTunnel(self.endpoint.host)
        return self._tunnel.url

    def connected(self) -> Client:
        """The client of the connection. Raises as `connect` does."""
        return self._established()[0]

    def known(self) -> EngineInfo:
        """What answers. Raises as `connect` does."""
        return self._established()[1]

    def _established(self) -> tuple[Client, EngineInfo]:
        """The connection; whoever comes first makes it, the others wait for it."""
        with self._connecting:
            return self._open or self._connect()

    def _refuse_old(self, offered: str) -> None:
        from imgtui.engine.diagnosis import outdated

        if problem := outdated(offered, self.endpoint):
            raise Unavailable(problem)

    @contextmanager
    def failures(self, *, connecting: bool = False, acting: bool = False) -> Iterator[None]:
        """Whatever docker-py, requests or the socket raise becomes an error of the port.

        Who may not read cannot be helped; who may not do one thing can put back what was done before it:
        `acting` is whether the request changes something.
        """
        try:
            yield
        except EngineError:
            raise
        except WrongShape as error:
            raise self._not_understood(error, connecting=connecting) from error
        except Exception as error:
            translated = self._translated(error, connecting=connecting)
            if acting and isinstance(translated, Unavailable) and translated.status == HTTPStatus.FORBIDDEN:
                raise Refused(translated.problem) from error
            raise translated from error

    def _not_understood(self, error: WrongShape, *, connecting: bool) -> EngineError:
        """While connecting it is no engine that answers."""
        from imgtui.engine.diagnosis import not_an_engine

        if connecting:
            return Unavailable(not_an_engine(self.endpoint, f"an answer that no engine gives: {error}"))
        return EngineError(f"an answer of the engine is not understood: {error}")

    def _translated(self, error: Exception, *, connecting: bool) -> EngineError:
        """What an engine is asked while connecting no engine refuses: a refusal is from something else."""
        from imgtui.engine.diagnosis import diagnose
        from imgtui.engine.wire.error_answers import explanation_of, foreign_refusal, status_of, tells_absence

        status = status_of(error)
        if not connecting and status not in {None, 403}:
            message = printable(explanation_of(error), 500)
            if tells_absence(error) or NO_CONTAINER in message:
                return NotFound(message)
            if request := foreign_refusal(error):
                return NotUnderstood(request, f"its status is {status}, in no words of an engine", status)
            return EngineError(message, status=status)
        ssh_said = self._tunnel.complaint() if self._tunnel else ""
        return Unavailable(diagnose(error, self.endpoint, ssh_said=ssh_said), status)


@contextmanager
def understood(request: str) -> Iterator[None]:
    """Name the request whose answer is not understood. Raises NotUnderstood."""
    try:
        yield
    except WrongShape as error:
        raise NotUnderstood(request, str(error)) from error


def api_number(version: str) -> tuple[int, int]:
    """`1.41` as numbers, to compare."""
    major, _, minor = version.partition(".")
    return int(major), int(minor)
