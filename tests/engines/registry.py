"""A registry of the tests' own: a real one on a port of the loopback, which engines speak to without TLS."""

import base64
import gzip
import http.client
import json
import signal
import socket
import tempfile
import urllib.request
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.engines.archives import ArchiveImage, digest
from tests.engines.enclosure import Daemon, Enclosure
from tests.engines.forwarding import PlainPort
from tests.engines.loopback import announce
from tests.engines.provision import EngineUnavailableError, registry_programs
from tests.engines.waiting import PATIENCE, wait_until

_SETTINGS: Final = """\
version: 0.1
log:
  level: warn
storage:
  filesystem:
    rootdirectory: {folder}/data
http:
  addr: 127.0.0.1:{port}
  headers:
    Registry-Folder: [{folder}]
"""
_LOCK: Final = """\
auth:
  htpasswd:
    realm: tests
    path: {folder}/htpasswd
"""
USER, PASSWORD = "reader", "a wrong horse"
_HTPASSWD: Final = f"{USER}:$2b$04$SHupTPlXEXUSm0Vea40mnuXmj4k5diehq9OoJZP0pYxR0yhyldhga\n"
"""The same user and password, as the registry wants them."""
_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
_INDEX: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
_CONFIG: Final = "application/vnd.docker.container.image.v1+json"
_LAYER: Final = "application/vnd.docker.image.rootfs.diff.tar.gzip"


class Registry:
    """An empty registry with its own folder and port; if the owner dies, it dies and leaves nothing behind.

    A `locked` one answers only to `USER` with `PASSWORD`. Raises `EngineUnavailableError` where it cannot
    be had.
    """

    def __init__(self, *, locked: bool = False) -> None:
        self._locked = locked
        self._programs = registry_programs()
        self._folder = Path(tempfile.mkdtemp(prefix="imgtui-registry-"))
        self._port = _free_port()
        self._front = PlainPort(self._port)
        announce(self._front.port)
        self._enclosure = Enclosure(self._folder, ())
        self._daemon: Daemon | None = None
        self._settings = self._folder / "config.yml"
        (self._folder / "htpasswd").write_text(_HTPASSWD)
        settings = _SETTINGS + (_LOCK if locked else "")
        self._settings.write_text(settings.format(folder=self._folder, port=self._port))

    @property
    def address(self) -> str:
        """The domain of its repositories' names."""
        return f"127.0.0.1:{self._front.port}"

    def publish(self, name: str, image: ArchiveImage, *, compression: int = 9) -> str:
        """Point a tag, `repository:tag`, at an image, as somebody's push from another machine does.

        Returns the digest of its manifest.

        Layers that are compressed in another way are the same image under another manifest.
        """
        manifest = self._push(name.partition(":")[0], image, compression)
        self.point(name, manifest)
        return digest(manifest)

    def publish_index(self, name: str, **images: ArchiveImage) -> tuple[str, dict[str, bytes]]:
        """Point a tag at an index of images by architecture; the index's digest, and their manifests."""
        found = {each: self._push(name.partition(":")[0], image, 9) for each, image in images.items()}
        for architecture, manifest in found.items():
            self.point(f"{name}-{architecture}", manifest)
        index = {
            "schemaVersion": 2,
            "mediaType": _INDEX,
            "manifests": [
                {
                    **_descriptor(_MANIFEST, manifest),
                    "platform": {"os": "linux", "architecture": architecture},
                }
                for architecture, manifest in found.items()
            ],
        }
        content = json.dumps(index).encode()
        self.point(name, content, _INDEX)
        return digest(content), found

    def point(self, name: str, manifest: bytes, media_type: str = _MANIFEST) -> None:
        """Point a tag at a manifest or an index, of which everything else is there."""
        repository, _, tag = name.partition(":")
        self._send("PUT", f"/v2/{repository}/manifests/{tag}", manifest, media_type)

    def _push(self, repository: str, image: ArchiveImage, compression: int) -> bytes:
        """Upload what an image is made of; its manifest, which no tag points at yet."""
        layers = [gzip.compress(content, compression, mtime=0) for content in image.layers]
        for content in (image.config_json, *layers):
            self._upload(repository, content)
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": _descriptor(_CONFIG, image.config_json),
            "layers": [_descriptor(_LAYER, content) for content in layers],
        }
        return json.dumps(manifest).encode()

    def start(self) -> Self:
        """Start it and wait until it answers."""
        log = self._folder / "log"
        command = (str(self._programs / "usr/bin/docker-registry"), "serve", str(self._settings))
        daemon = self._daemon = Daemon(self._enclosure, command, {"PATH": "/usr/bin:/bin"}, log)
        with suppress(TimeoutError):
            wait_until(lambda: not daemon.is_running or self._answers(), "an answer")
        if not self._answers():
            told = log.read_text(errors="replace")
            self.stop()
            raise EngineUnavailableError(f"the registry does not come up:\n{told}")
        return self

    def stop(self) -> None:
        """End it and delete everything that was pushed."""
        self._front.close()
        self._enclosure.close()
        if self._daemon:
            self._daemon.end(signal.SIGKILL)
            self._daemon = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _upload(self, repository: str, content: bytes) -> None:
        place = self._send("POST", f"/v2/{repository}/blobs/uploads/", b"", "application/json")
        self._send("PUT", f"{place}&digest={digest(content)}", content, "application/octet-stream")

    def _send(self, method: str, where: str, body: bytes, media_type: str) -> str:
        url = where if where.startswith("http") else f"http://{self.address}{where}"
        headers = {"Content-Type": media_type}
        if self._locked:
            headers["Authorization"] = f"Basic {login()}"
        request = urllib.request.Request(url, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return str(answer.headers.get("Location", ""))

    def _answers(self) -> bool:
        """Whether this registry answers, and no other one that was given the same free port."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        with closing(connection), suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/v2/")
            answer = connection.getresponse()
            answer.read()
            mine = answer.headers.get("Registry-Folder") == str(self._folder)
            return mine and answer.status == (401 if self._locked else 200)
        return False


def login() -> str:
    """User and password of a locked registry, as HTTP and docker's configuration write them."""
    return base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def _descriptor(media_type: str, content: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "size": len(content), "digest": digest(content)}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
