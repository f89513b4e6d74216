"""The few requests that the bench itself makes to an engine, over its unix socket."""

import http.client
import json
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

_SECONDS = 300


class EngineError(Exception):
    """The engine answered a request of the bench with an error."""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("docker", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


@dataclass(frozen=True)
class EngineImage:
    """An image as the engine lists it: ID, tags, size in bytes."""

    id: str
    tags: tuple[str, ...]
    size: int

    @property
    def short(self) -> str:
        """The first 12 hex digits of the ID, as programs show it."""
        return self.id.removeprefix("sha256:")[:12]


class EngineApi:
    """An engine at a `unix://` host. Raises ValueError for another kind of host."""

    def __init__(self, host: str) -> None:
        if not host.startswith("unix://"):
            raise ValueError(f"{host}: the proxy needs an engine at a unix socket (unix:///path)")
        self.host = host
        self.socket = Path(host.removeprefix("unix://"))

    def request(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """The body of the answer. Raises EngineError for a status from 400 on."""
        connection = _UnixConnection(self.socket)
        try:
            headers = {"Content-Type": "application/x-tar"} if body is not None else {}
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if response.status >= 400:
            raise EngineError(f"{method} {path}: {response.status} {answer.decode(errors='replace').strip()}")
        return answer

    def milliseconds(self, path: str) -> float:
        """How long one GET takes, its answer read to the end and not parsed."""
        began = time.monotonic_ns()
        self.request("GET", path)
        return (time.monotonic_ns() - began) / 1e6

    def images(self) -> list[EngineImage]:
        """All images that the engine lists."""
        listed = json.loads(self.request("GET", "/images/json"))
        return [EngineImage(image["Id"], tuple(image["RepoTags"] or ()), image["Size"]) for image in listed]

    def load(self, archive: bytes) -> None:
        """What `docker load` does."""
        self.request("POST", "/images/load?quiet=1", archive)

    def tag(self, image: str, repository: str, tag: str) -> None:
        """What `docker tag` does."""
        self.request("POST", f"/images/{image}/tag?{urlencode({'repo': repository, 'tag': tag})}")

    def untag(self, reference: str) -> None:
        """Take a tag from an image that has others."""
        self.request("DELETE", f"/images/{reference}?noprune=1")
