"""The HTTP client: docker-py with what it lacks. The only module that imports docker."""

import json
import re
import socket
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlsplit

import docker
from docker.api.build import process_dockerfile
from docker.errors import APIError
from docker.transport import UnixHTTPAdapter
from requests import PreparedRequest, ReadTimeout, Response
from requests.adapters import HTTPAdapter

from imgtui.engine.answers import WrongShape
from imgtui.engine.contexts import Tls
from imgtui.engine.credentials import build_headers, registry_headers
from imgtui.engine.errors import MINIMUM_API_VERSION, EngineError, ReadOnly

OLDEST_API = ".".join(map(str, MINIMUM_API_VERSION))
NEWEST_API = "1.54"
"""The newest API that imgtui was written for; a newer engine is spoken to in this one."""

CONNECTIONS = 8
CONNECT_SECONDS = 10
READ_SECONDS = 600
"""A list of ten thousand images takes the containerd store two minutes."""

GREETING_SECONDS = 30
"""What an engine that works takes milliseconds to say: who it is."""

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

_NO_PAGE = frozenset({"", "not found", "page not found", "404 page not found"})
"""What says nothing of the thing that was asked for."""

_NO_CREDENTIALS = {"X-Registry-Auth": "e30="}
"""An empty JSON object, as base64."""

DONE = frozenset({200, 201, 204, 304})
"""The statuses of acts: done, made, done without a word, and so already (start, stop)."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Stream(Protocol):
    """A response that goes on: decoded JSON messages until it is closed."""

    def __iter__(self) -> Iterator[object]: ...

    def close(self) -> None:
        """End it, from any thread."""


class Answer:
    """An answer that comes in parts and has an end: one that breaks off before it is an error.

    docker-py's own stream takes a connection that is lost for the end.
    """

    def __init__(self, messages: Iterator[object], response: Response) -> None:
        self._messages = messages
        self._response = response

    def __iter__(self) -> Iterator[object]:
        return self._messages

    def close(self) -> None:
        """Shut the connection, from any thread: whoever reads it comes to its end."""
        docker.types.CancellableStream(self._messages, self._response).close()

    def release(self) -> None:
        """Let go of the connection, in the thread that reads, whether all of it was read or not."""
        self._response.close()


class SteadyAdapter(HTTPAdapter):
    """TCP connections whose other end is known to be there, also while nothing is said."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Open every connection of the pool with keepalive."""
        super().init_poolmanager(*args, **kwargs, socket_options=KEEPALIVE)


class SocketAdapter(UnixHTTPAdapter):
    """All requests to a socket share its connections.

    docker-py has a pool for each path, so that nearly every request opens a connection. Behind ssh each is a
    session of its own, with a docker command at the other end, and sshd allows ten in one login.
    """

    def get_connection(self, url: str | bytes, proxies: Any = None) -> Any:
        """The connections, whatever path is asked for."""
        del url
        return super().get_connection(self.socket_path, proxies)


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
        if url.startswith("unix://"):
            path = url.removeprefix("unix://")
            self.mount("http+docker://", SocketAdapter(path, READ_SECONDS, max_pool_size=CONNECTIONS))
        for scheme in ("http://", "https://"):
            if self.base_url.startswith(scheme):
                self.mount(scheme, SteadyAdapter(pool_maxsize=CONNECTIONS))

    def _url(self, path: str, *, versioned_api: bool = True) -> str:
        """The address of a path, in which names of an engine's things are only names.

        docker-py formats a path, and engines and proxies resolve `..` in it: a network may be called
        `x/../../containers/prune?y`. Raises EngineError.
        """
        if not {".", ".."}.isdisjoint(path.split("/")):
            raise EngineError(f"{path} is not asked for: a name in it would lead to another request")
        version = f"/v{self.api_version}" if versioned_api else ""
        return f"{self.base_url}{version}{quote(path, safe='/:@')}"

    if TYPE_CHECKING:
        # What docker-py's own request methods are made of; its type stubs leave it out.
        def _get(self, url: str, **kwargs: object) -> Response: ...
        def _raise_for_status(self, response: Response) -> None: ...
        def _stream_helper(self, response: Response, *, decode: bool) -> Iterator[object]: ...

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
        return super().send(request, **kwargs)

    def _checked(self, response: Response, *, fine: Collection[int] = (200,)) -> Response:
        """The response, if it is an engine's answer: engines redirect nobody, and answer a GET with 200.

        Raises what docker-py raises for an error, WrongShape for another status.
        """
        said = f"its status is {response.status_code} {response.reason}"
        with ExitStack() as refused:
            refused.callback(response.close)
            try:
                self._raise_for_status(response)
            except (KeyError, TypeError) as error:  # what docker-py raises for JSON that is no engine's error
                raise WrongShape(f"{said}, in no words of an engine") from error
            if response.status_code not in fine:
                where = response.headers.get("Location")
                to = f" to {where}" if where else ""
                raise WrongShape(f"{said}{to}")
            refused.pop_all()
        return response

    def get_json(
        self,
        path: str,
        params: Mapping[str, object] | None = None,
        *,
        versioned: bool = True,
        seconds: float = READ_SECONDS,
    ) -> object:
        """Return the decoded answer to a GET; `seconds` is the longest silence that is waited for.

        Filters (mappings) are sent as Docker wants them: as JSON. An engine never sends a client to
        another place, so that redirects are not followed. Raises WrongShape for what is no JSON.
        """
        encoded = {
            key: json.dumps(value) if isinstance(value, dict) else value
            for key, value in (params or {}).items()
        }
        url = self._url(path, versioned_api=versioned)
        response = self._get(url, params=encoded, timeout=(CONNECT_SECONDS, seconds), allow_redirects=False)
        return _decoded(self._checked(response))

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

        Raises ReadOnly, or what docker-py raises.
        """
        response = self.request(
            method,
            self._url(path, versioned_api=versioned),
            params=_encoded(params or {}),
            json=body,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
        )
        self._checked(response, fine=DONE)
        # Podman 4.3 answers "OK" in plain text where a network was connected.
        plain = response.headers.get("Content-Type", "").startswith("text/plain")
        return None if plain or not response.content.strip() else _decoded(response)

    def get_bytes(self, path: str, params: Mapping[str, object], most: int | None = None) -> bytes:
        """Return the answer to a GET as it came. Raises EngineError where it has more bytes than `most`."""
        response = self._get(
            self._url(path),
            params=_encoded(params),
            stream=most is not None,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
        )
        with self._checked(response):
            if most is None:
                return response.content
            found = bytearray()
            for part in response.iter_content(CHUNK):
                found += part
                if len(found) > most:
                    raise EngineError(f"the answer to GET {path} has more than {most} bytes")
            return bytes(found)

    def put_bytes(self, path: str, params: Mapping[str, object], body: bytes) -> None:
        """Send a PUT. Raises ReadOnly, or what docker-py raises."""
        response = self.request(
            "PUT",
            self._url(path),
            params=_encoded(params),
            data=body,
            headers={"Content-Type": "application/x-tar"},
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
        )
        self._checked(response, fine=DONE)

    def distribution(self, name: str, config_dir: Path, seconds: float) -> object:
        """Return what the engine is told by the registry of a name.

        Raises EngineError where credentials cannot be had, or nothing comes for so many seconds; else what
        docker-py raises.
        """
        try:
            response = self._get(
                self._url(f"/distribution/{name}/json"),
                headers=registry_headers(name, config_dir),
                timeout=(CONNECT_SECONDS, seconds),
                allow_redirects=False,
            )
        except ReadTimeout as error:
            raise EngineError(f"no answer about {name} within {seconds:g} s") from error
        return _decoded(self._checked(response))

    def pull_image(self, name: str, tag: str, config_dir: Path) -> Answer:
        """Start a pull; returns when its head has arrived. `tag` is a digest too.

        Raises EngineError where credentials cannot be had, ReadOnly, or what docker-py raises.
        """
        response = self.request(
            "POST",
            self._url("/images/create"),
            params={"fromImage": name, "tag": tag},
            headers=registry_headers(name, config_dir),
            stream=True,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
        )
        self._checked(response)
        return Answer(self._stream_helper(response, decode=True), response)

    def push_image(self, name: str, tag: str, config_dir: Path) -> Answer:
        """Start a push; returns when its head has arrived. Raises as `pull_image` does."""
        response = self.request(
            "POST",
            self._url(f"/images/{name}/push"),
            params={"tag": tag},
            # Docker 20.10 refuses a push that says nothing of credentials.
            headers={**_NO_CREDENTIALS, **registry_headers(name, config_dir)},
            stream=True,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
        )
        self._checked(response)
        return Answer(self._stream_helper(response, decode=True), response)

    def read_archive(self, names: Sequence[str], platforms: Sequence[Mapping[str, object]] = ()) -> Answer:
        """Start a save, of all platforms or of some; returns when its head has arrived.

        Its messages are bytes.
        """
        response = self._get(
            self._url("/images/get"),
            params={"names": list(names), "platform": [json.dumps(platform) for platform in platforms]},
            # Never used again: what closes it from another thread must not close another request's.
            headers={"Connection": "close"},
            stream=True,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
        )
        self._checked(response)
        return Answer(response.iter_content(CHUNK), response)

    def send_archive(self, archive: Iterable[bytes]) -> Answer:
        """Send an archive to be loaded; returns when the engine has taken all of it, or refused it.

        An engine that tells more meanwhile than anybody reads would stand still: it is asked to be quiet.
        """
        response = self.request(
            "POST",
            self._url("/images/load"),
            params={"quiet": "1"},
            headers={"Content-Type": "application/x-tar"},
            data=archive,
            stream=True,
            timeout=(CONNECT_SECONDS, None),
            allow_redirects=False,
        )
        self._checked(response)
        return Answer(self._stream_helper(response, decode=True), response)

    def build_image(
        self, context: str, dockerfile: str, params: Mapping[str, object], config_dir: Path
    ) -> Answer:
        """Start a build by the engine's own builder; returns when it has the context and begins to tell.

        `context` is a folder of this machine, of which `.dockerignore` leaves out what it names, or an
        address that the engine fetches. Raises EngineError where the context cannot be read or credentials
        cannot be had, ReadOnly, or what docker-py raises.
        """
        headers = {**build_headers(config_dir), "Content-Type": "application/x-tar"}
        remote = not Path(context).is_absolute()
        try:
            body, name = (None, dockerfile) if remote else _archive(context, dockerfile)
        except (OSError, ValueError) as error:
            raise EngineError(f"the context cannot be read: {error}") from error
        given = {**_encoded(params), "dockerfile": name, **({"remote": context} if remote else {})}
        with body or nullcontext():
            response = self.request(
                "POST",
                self._url("/build"),
                params=given,
                headers=headers,
                data=body,
                stream=True,
                timeout=(CONNECT_SECONDS, None),  # a step may say nothing for an hour
                allow_redirects=False,
            )
        self._checked(response)
        return Answer(self._stream_helper(response, decode=True), response)

    def check(self, path: str, params: Mapping[str, object]) -> Mapping[str, str]:
        """Send a HEAD; the headers of the answer. Raises what docker-py raises where it is refused."""
        response = self.request(
            "HEAD",
            self._url(path),
            params=_encoded(params),
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
        )
        return self._checked(response).headers

    def stream_json(self, path: str, params: Mapping[str, object]) -> Stream:
        """Start a GET whose answer goes on; returns when its head has arrived."""
        response = self._get(
            self._url(path),
            params=_encoded(params),
            stream=True,
            timeout=(CONNECT_SECONDS, None),
            allow_redirects=False,
        )
        self._checked(response)
        return docker.types.CancellableStream(self._stream_helper(response, decode=True), response)


def _archive(folder: str, dockerfile: str) -> tuple[IO[bytes], str]:
    """A context, and the name of the Dockerfile in it. Raises OSError, ValueError."""
    from imgtui.engine.build_context import pack_context
    from imgtui.engine.dockerignore import NAME, context_names

    name, content = process_dockerfile(dockerfile or "Dockerfile", folder)
    ignore = Path(folder) / NAME
    # A Dockerfile from elsewhere comes under a name of its own, which is left out as docker does it.
    lines = ignore.read_text(encoding="utf-8", errors="surrogateescape") if ignore.is_file() else NAME
    left_out = "\n".join([*filter(None, lines.splitlines()), str(name)])
    more = {NAME: left_out, str(name): content} if content is not None else {}
    return pack_context(Path(folder), context_names(Path(folder), str(name)), more), str(name)


def _decoded(response: Response) -> object:
    """The JSON of a body. Raises WrongShape for what is none."""
    try:
        return response.json()
    except (ValueError, RecursionError) as error:
        kind = response.headers.get("Content-Type", "").partition(";")[0] or "no content type"
        said = f"it is no JSON ({kind})" if response.content.strip() else "it is empty"
        raise WrongShape(said) from error


def _encoded(params: Mapping[str, object]) -> dict[str, Any]:
    return {key: json.dumps(value) if isinstance(value, dict) else value for key, value in params.items()}


def status_of(error: BaseException) -> int | None:
    """Return the HTTP status of an error that the engine answered with."""
    if isinstance(error, APIError) and error.response is not None:
        return int(error.response.status_code)
    return None


def tells_absence(error: BaseException) -> bool:
    """Whether it is an engine's answer that a thing is not there, and not that of whatever else answers 404.

    An engine names in JSON what it does not have (`No such image: web:1`, Podman `image not known`, measured
    on Docker 20.10 and 28.5 and Podman 4.3); of a path that it does not know it says `page not found`. The
    answer to a HEAD has no words.
    """
    response = error.response if isinstance(error, APIError) else None
    if response is None or response.status_code != 404:
        return False
    if response.request.method == "HEAD":
        return True
    try:
        document = response.json()
    except (ValueError, RecursionError):
        return False
    message = document.get("message") if isinstance(document, dict) else None
    return isinstance(message, str) and message.strip().lower() not in _NO_PAGE


def foreign_refusal(error: BaseException) -> str:
    """Method and path of a request that something else than an engine refuses; empty for an engine's refusal.

    Engines refuse in JSON, or, where their HTTP server does it, in plain text.
    """
    response = error.response if isinstance(error, APIError) else None
    if response is None:
        return ""
    page = "html" in response.headers.get("Content-Type", "")
    if not page and response.status_code != 404:
        return ""
    path = urlsplit(response.request.path_url).path
    return f"{response.request.method} {re.sub(r'^/v[0-9.]+(?=/)', '', path)}"


def explanation_of(error: BaseException) -> str:
    """Return what the engine said about the error."""
    if isinstance(error, APIError) and error.explanation:
        return str(error.explanation)
    return str(error)


def _tls_config(tls: Tls) -> docker.tls.TLSConfig:
    pair = (str(tls.cert), str(tls.key)) if tls.cert and tls.key else None
    return docker.tls.TLSConfig(
        client_cert=pair,
        ca_cert=str(tls.ca) if tls.ca else None,
        verify=tls.verify,
    )
