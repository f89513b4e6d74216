"""The HTTP client: docker-py with what it lacks. The only module that imports docker."""

import json
import socket
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, nullcontext, suppress
from http.client import RemoteDisconnected
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Final
from urllib.parse import quote

import docker
from docker.api.build import process_dockerfile
from docker.transport.unixconn import UnixHTTPAdapter, UnixHTTPConnectionPool
from requests import PreparedRequest, ReadTimeout, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, ProtocolError

from imgtui.engine.connect.contexts import Tls
from imgtui.engine.connect.credentials import build_headers, registry_headers
from imgtui.engine.port.errors import MINIMUM_API_VERSION, EngineError, ReadOnly
from imgtui.engine.wire.answers import WrongShape
from imgtui.engine.wire.arrival import ArrivingResponse, arriving
from imgtui.engine.wire.error_answers import raise_for_error, request_words, status_words
from imgtui.engine.wire.json_text import decoded, lines, messages
from imgtui.engine.wire.waits import WAITS

OLDEST_API = ".".join(map(str, MINIMUM_API_VERSION))
NEWEST_API = "1.54"
"""The newest API that imgtui was written for; a newer engine is spoken to in this one."""

CONNECTIONS = 8
CONNECT_SECONDS = 10
READ_SECONDS = 600
"""For one answer as a whole, or between two parts of one that goes on: a list of ten thousand images takes
the containerd store two minutes."""

GREETING_SECONDS = 30
"""What an engine that works takes milliseconds to say: who it is, and that it begins to tell events."""

PAST_SECONDS = 60
"""For all the events that an engine still holds: 256 of Docker, a file of Podman."""

ANY_TIME: Final = float("inf")
"""For what takes as long as it takes: a step of a build may say nothing for an hour."""

_PROBES = (("TCP_KEEPIDLE", 60), ("TCP_KEEPALIVE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))
"""When a silent connection is asked whether it is there: the first is Linux's name, the second macOS's."""

KEEPALIVE = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *((socket.IPPROTO_TCP, getattr(socket, name), n) for name, n in _PROBES if hasattr(socket, name)),
)
"""A network that is gone without a word would otherwise look like an engine where nothing happens."""

CHUNK = 256 * 1024
"""Bytes of an archive that are read at once."""

_NO_CREDENTIALS = {"X-Registry-Auth": "e30="}
"""An empty JSON object, as base64."""

DONE = frozenset({200, 201, 204, 304})
"""The statuses of acts: done, made, done without a word, and so already (start, stop)."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Answer:
    """An answer that comes in parts: one that breaks off before its end is an error.

    docker-py's own stream takes a connection that is lost for the end.
    """

    def __init__(self, messages: Iterator[object], response: Response) -> None:
        self._messages = messages
        self._response = response

    def __iter__(self) -> Iterator[object]:
        return self._messages

    def close(self) -> None:
        """Shut the connection, from any thread: whoever reads it comes to its end. Again it does nothing."""
        # docker-py shuts down the socket that its response holds, which may be gone by then.
        with suppress(OSError, AttributeError):
            docker.types.CancellableStream(self._messages, self._response).close()

    def release(self) -> None:
        """Let go of the connection, in the thread that reads, whether all of it was read or not."""
        self._response.close()


class _Pool(HTTPConnectionPool):
    """Connections whose answers arrive as they should, as those of all pools here."""

    def _new_conn(self) -> Any:
        return _arriving(super()._new_conn())


class _TlsPool(HTTPSConnectionPool):
    def _new_conn(self) -> Any:
        return _arriving(super()._new_conn())


class _UnixPool(UnixHTTPConnectionPool):
    def _new_conn(self) -> Any:
        return _arriving(super()._new_conn())


def _is_closed_unanswered(error: RequestsConnectionError) -> bool:
    """Whether the other end closed the connection before it answered anything."""
    (why, *_) = error.args or (None,)
    cause = why.args[-1] if isinstance(why, ProtocolError) and why.args else None
    return isinstance(cause, RemoteDisconnected | ConnectionResetError | BrokenPipeError)


def _arriving(connection: Any) -> Any:
    connection.response_class = ArrivingResponse
    return connection


class SteadyAdapter(HTTPAdapter):
    """TCP connections whose other end is known to be there, also while nothing is said."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Open every connection of the pool with keepalive."""
        super().init_poolmanager(*args, **kwargs, socket_options=KEEPALIVE)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class SocketAdapter(UnixHTTPAdapter):
    """All requests to a socket of this machine share its connections.

    docker-py has a pool for each path, so that nearly every request opens a connection. Behind ssh each is a
    session of its own, with a docker command at the other end, and sshd allows ten in one login.
    """

    def get_connection(self, url: str | bytes, proxies: Any = None) -> Any:
        """The connections, whatever path is asked for."""
        del url, proxies
        with self.pools.lock:
            pool = self.pools.get(self.socket_path)
            if pool is None:
                pool = _UnixPool(self.socket_path, self.socket_path, self.timeout, maxsize=self.max_pool_size)
                self.pools[self.socket_path] = pool
            return pool


class Client(docker.APIClient):
    """Requests to one engine in one API version."""

    def __init__(
        self,
        url: str,
        version: str,
        *,
        tls: Tls | None,
        read_only: bool,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._read_only = read_only
        self._is_closed = False
        super().__init__(
            base_url=url,
            version=version,
            tls=_tls_config(tls) if tls else False,
            timeout=READ_SECONDS,
            user_agent="imgtui",
            max_pool_size=CONNECTIONS,
        )
        self.trust_env = False
        self._general_configs: dict[str, object] = {}  # of ~/.docker, wherever the configuration is
        self.headers.update(headers)
        self.headers["Accept-Encoding"] = "identity"
        for scheme in ("http://", "https://"):
            if self.base_url.startswith(scheme):
                self.mount(scheme, SteadyAdapter(pool_maxsize=CONNECTIONS))
        if url.startswith("unix://"):
            address = f"http+{url}"
            self.mount("http+docker://", SocketAdapter(address, READ_SECONDS, max_pool_size=CONNECTIONS))

    def _url(self, path: str, *, versioned_api: bool = True) -> str:
        """The address of a path, in which names of an engine's things are only names.

        docker-py formats a path, and engines and proxies resolve `..` in it: a network may be called
        `x/../../containers/prune?y`. Raises EngineError.
        """
        if not {".", ".."}.isdisjoint(path.split("/")):
            raise EngineError(f"{path} is not asked for: a name in it would lead to another request")
        version = f"/v{self.api_version}" if versioned_api else ""
        return f"{self.base_url}{version}{quote(path, safe='/:@')}"

    def close(self) -> None:
        """Close all connections, for good: what other threads still ask for fails."""
        self._is_closed = True
        super().close()

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:
        """Send a request; read-only refuses every method that can change something.

        Once closed it sends nothing: requests would open a connection that nobody closes. Raises ReadOnly.
        """
        if self._is_closed:
            raise ConnectionError("the connection to the engine was closed")
        if self._read_only and request.method not in SAFE_METHODS:
            raise ReadOnly(f"read-only: {request.method} {request.path_url} was not sent")
        words = request_words(request)
        with WAITS.on(words):
            try:
                response = super().send(request, **kwargs)
            except RequestsConnectionError as error:
                if request.method not in SAFE_METHODS or not _is_closed_unanswered(error):
                    raise
                # A connection that was kept is closed at any moment, also at that of the next request.
                response = super().send(request, **kwargs)
        if (body := arriving(response)) is not None:
            body.wait_for(words)
        return response

    def _ask(
        self,
        method: str,
        path: str,
        params: Mapping[str, object] = MappingProxyType({}),
        *,
        seconds: float | None = None,
        fine: Collection[int] = (200,),
        parts: bool = False,
        versioned: bool = True,
        **more: Any,
    ) -> Response:
        """Send a request; the response, if it is an engine's answer.

        `seconds` is how long all of it is waited for, else `READ_SECONDS`; in `parts` it comes as it is read.
        An engine never sends a client to another place, so that redirects are not followed. Filters
        (mappings) are sent as Docker wants them: as JSON.

        Raises ErrorAnswer, WrongShape, ReadOnly, or what requests raises.
        """
        silence = READ_SECONDS if seconds is None else seconds
        encoded: dict[str, Any] = {
            key: json.dumps(value) if isinstance(value, dict) else value for key, value in params.items()
        }
        response = self.request(
            method,
            self._url(path, versioned_api=versioned),
            params=encoded,
            timeout=(CONNECT_SECONDS, None if silence == ANY_TIME else silence),
            allow_redirects=False,
            stream=parts,
            **more,
        )
        with ExitStack() as refused:
            refused.callback(response.close)
            raise_for_error(response)
            if response.status_code not in fine:
                where = response.headers.get("Location")
                to = f" to {where}" if where else ""
                raise WrongShape(f"{status_words(response)}{to}")
            refused.pop_all()
        return response

    def _parts(
        self, method: str, path: str, params: Mapping[str, object], *, silence: float = ANY_TIME, **more: Any
    ) -> Response:
        """The same of an answer that comes in parts; returns when its head has arrived.

        `silence` is the longest time without one.
        """
        response = self._ask(method, path, params, parts=True, **more)
        if (body := arriving(response)) is not None:
            body.go_on(None if silence == ANY_TIME else silence)
        return response

    def get_json(
        self,
        path: str,
        params: Mapping[str, object] | None = None,
        *,
        versioned: bool = True,
        seconds: float | None = None,
    ) -> object:
        """Return the decoded answer to a GET, for which `seconds` are waited. Raises as `_ask` does."""
        return decoded(self._ask("GET", path, params or {}, seconds=seconds, versioned=versioned))

    def send_json(
        self,
        method: str,
        path: str,
        params: Mapping[str, object] | None = None,
        body: object = None,
        *,
        versioned: bool = True,
    ) -> object:
        """Send a request that changes something; its decoded answer, None for one that says nothing.

        Raises as `_ask` does.
        """
        response = self._ask(method, path, params or {}, fine=DONE, versioned=versioned, json=body)
        # Podman 4.3 answers "OK" in plain text where a network was connected.
        plain = response.headers.get("Content-Type", "").startswith("text/plain")
        return None if plain or not response.content.strip() else decoded(response)

    def get_bytes(self, path: str, params: Mapping[str, object], most: int) -> bytes:
        """Return the answer to a GET as it came. Raises EngineError where it has more bytes than `most`."""
        with self._ask("GET", path, params, parts=True) as response:
            found = bytearray()
            for part in response.iter_content(CHUNK):
                found += part
                if len(found) > most:
                    raise EngineError(f"the answer to GET {path} has more than {most} bytes")
            return bytes(found)

    def put_bytes(self, path: str, params: Mapping[str, object], body: bytes) -> None:
        """Send a PUT. Raises as `_ask` does."""
        self._ask("PUT", path, params, fine=DONE, data=body, headers={"Content-Type": "application/x-tar"})

    def distribution(self, name: str, config_dir: Path, seconds: float) -> object:
        """Return what the engine is told by the registry of a name.

        Raises EngineError where credentials cannot be had, or nothing comes for so many seconds; else as
        `_ask` does.
        """
        headers = registry_headers(name, config_dir)
        try:
            response = self._ask("GET", f"/distribution/{name}/json", seconds=seconds, headers=headers)
        except ReadTimeout as error:
            raise EngineError(f"no answer about {name} within {seconds:g} s") from error
        return decoded(response)

    def pull_image(self, name: str, tag: str, config_dir: Path) -> Answer:
        """Start a pull; returns when its head has arrived. `tag` is a digest too.

        Raises EngineError where credentials cannot be had, else as `_ask` does.
        """
        headers, params = registry_headers(name, config_dir), {"fromImage": name, "tag": tag}
        response = self._parts("POST", "/images/create", params, silence=READ_SECONDS, headers=headers)
        return Answer(messages(response), response)

    def push_image(self, name: str, tag: str, config_dir: Path) -> Answer:
        """Start a push; returns when its head has arrived. Raises as `pull_image` does."""
        # Docker 20.10 refuses a push that says nothing of credentials.
        headers = {**_NO_CREDENTIALS, **registry_headers(name, config_dir)}
        path = f"/images/{name}/push"
        response = self._parts("POST", path, {"tag": tag}, silence=READ_SECONDS, headers=headers)
        return Answer(messages(response), response)

    def read_archive(self, names: Sequence[str], platforms: Sequence[Mapping[str, object]] = ()) -> Answer:
        """Start a save, of all platforms or of some; returns when its head has arrived.

        Its messages are bytes.
        """
        params = {"names": list(names), "platform": [json.dumps(platform) for platform in platforms]}
        # Never used again: what closes it from another thread must not close another request's.
        once = {"Connection": "close"}
        response = self._parts("GET", "/images/get", params, silence=READ_SECONDS, headers=once)
        return Answer(response.iter_content(CHUNK), response)

    def send_archive(self, archive: Iterable[bytes]) -> Answer:
        """Send an archive to be loaded; returns when the engine has taken all of it, or refused it.

        An engine that tells more meanwhile than anybody reads would stand still: it is asked to be quiet.
        """
        headers, params = {"Content-Type": "application/x-tar"}, {"quiet": "1"}
        response = self._parts(
            "POST", "/images/load", params, seconds=ANY_TIME, headers=headers, data=archive
        )
        return Answer(messages(response), response)

    def build_image(
        self, context: str, dockerfile: str, params: Mapping[str, object], config_dir: Path
    ) -> Answer:
        """Start a build by the engine's own builder; returns when it has the context and begins to tell.

        `context` is a folder of this machine, of which `.dockerignore` leaves out what it names, or an
        address that the engine fetches. Raises EngineError where the context cannot be read or credentials
        cannot be had, else as `_ask` does.
        """
        headers = {**build_headers(config_dir), "Content-Type": "application/x-tar"}
        remote = not Path(context).is_absolute()
        try:
            body, name = (None, dockerfile) if remote else _archive(context, dockerfile)
        except (OSError, ValueError) as error:
            raise EngineError(f"the context cannot be read: {error}") from error
        given = {**params, "dockerfile": name, **({"remote": context} if remote else {})}
        with body or nullcontext():
            response = self._parts("POST", "/build", given, seconds=ANY_TIME, headers=headers, data=body)
        return Answer(messages(response), response)

    def check(self, path: str, params: Mapping[str, object]) -> Mapping[str, str]:
        """Send a HEAD; the headers of the answer. Raises as `_ask` does."""
        return self._ask("HEAD", path, params).headers

    def follow_json(self, path: str, params: Mapping[str, object]) -> Answer:
        """Start a GET whose answer goes on for ever; returns when its head has arrived."""
        response = self._parts("GET", path, params, seconds=GREETING_SECONDS)
        return Answer(_until_lost(messages(response)), response)

    def list_json(self, path: str, params: Mapping[str, object]) -> list[object]:
        """Return the messages of an answer that has an end: within `PAST_SECONDS`."""
        return lines(self._ask("GET", path, params, seconds=PAST_SECONDS))


def _until_lost(found: Iterator[object]) -> Iterator[object]:
    """What comes until the connection is closed, here or by the engine: what goes on has no other end."""
    with suppress(HTTPError, OSError):
        yield from found


def _archive(folder: str, dockerfile: str) -> tuple[IO[bytes], str]:
    """A context, and the name of the Dockerfile in it. Raises OSError, ValueError."""
    from imgtui.engine.build.context import pack_context
    from imgtui.engine.build.dockerignore import NAME, context_names

    name, content = process_dockerfile(dockerfile or "Dockerfile", folder)
    ignore = Path(folder) / NAME
    # A Dockerfile from elsewhere comes under a name of its own, which is left out as docker does it.
    lines = ignore.read_text(encoding="utf-8", errors="surrogateescape") if ignore.is_file() else NAME
    left_out = "\n".join([*filter(None, lines.splitlines()), str(name)])
    more = {NAME: left_out, str(name): content} if content is not None else {}
    return pack_context(Path(folder), context_names(Path(folder), str(name)), more), str(name)


def _tls_config(tls: Tls) -> docker.tls.TLSConfig:
    pair = (str(tls.cert), str(tls.key)) if tls.cert and tls.key else None
    return docker.tls.TLSConfig(
        client_cert=pair,
        ca_cert=str(tls.ca) if tls.ca else None,
        verify=tls.verify,
    )
