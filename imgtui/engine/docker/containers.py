"""Single containers of a real engine."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from http import HTTPStatus

from imgtui.engine.connect.docker_config import proxies
from imgtui.engine.docker.connection import NO_TIMEOUT, DockerConnection, api_number, understood
from imgtui.engine.port.containers import COPIED_BYTES, Document, FileStat
from imgtui.engine.port.errors import EngineError, NotFound, NotUnderstood, Unavailable
from imgtui.engine.wire import translate
from imgtui.engine.wire.answers import NAME_LIMIT, Entry, entries
from imgtui.model.core.image import Store, TakenPort
from imgtui.model.core.printable import printable
from imgtui.model.safety.json import LIBPOD

TELLS_MAC = (1, 51)
"""Later versions of the API leave `Config.MacAddress` out (moby `api/types/container/config.go`)."""
DELETED = 2
STAT_HEADER = "X-Docker-Container-Path-Stat"
TAR_BYTES = 32 * 1024
"""A tar archive of one file is at most so much larger than the file."""
LOG_BYTES = 4 * 1024 * 1024
"""The last lines of a log have no more."""
HEADER = 8
"""Bytes before each piece of a log without a terminal: stream, three zeros, length (Engine API, attach)."""


class DockerContainers:
    """Requests about one container each."""

    def __init__(self, connection: DockerConnection) -> None:
        self._connection = connection

    def inspect_container(self, name: str) -> Document | None:
        """`GET /containers/{name}/json`, in the last version that tells a MAC address that was set (1.51)."""
        offered = self._connection.known().api_version
        newer = api_number(offered) > TELLS_MAC
        version = f"/v{TELLS_MAC[0]}.{TELLS_MAC[1]}" if newer else ""
        path = f"{version}/containers/{name}/json"
        return self._connection.find(path, translate.inspected_container, versioned=not newer)

    def podman_document(self, name: str) -> Document | None:
        """`GET /libpod/containers/{name}/json`."""
        if self._connection.known().store is not Store.PODMAN:
            return None
        path = f"{translate.PODMAN_API}/containers/{name}/json"
        try:
            return self._connection.find(path, translate.podman_container, versioned=False)
        except Unavailable as error:
            if error.status != HTTPStatus.FORBIDDEN:
                raise
        except NotUnderstood as error:
            if error.status not in {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN}:
                raise
        return None  # a proxy lets only Docker's API pass

    def image_config(self, image_id: str) -> Document | None:
        """`Config` of `GET /images/{name}/json`."""
        return self._connection.find(f"/images/{image_id}/json", translate.inspected_config)

    def create_container(self, name: str, body: Document, *, platform: str = "") -> str:
        """`POST /containers/create`, or `/libpod/containers/create` where only that can."""
        if LIBPOD in body:
            return self._create_by_libpod(name, body)
        chosen = {"platform": platform} if platform else {}
        params = {"name": name, **chosen}
        return self._connection.ask("POST", "/containers/create", _made, params, body)

    def _create_by_libpod(self, name: str, body: Document) -> str:
        if self._connection.known().store is not Store.PODMAN:
            raise EngineError(f"{name} has options that only Podman has")
        from imgtui.model.clone.libpod_spec import NoTranslation, spec_generator

        try:
            spec = spec_generator(name, body)
        except NoTranslation as error:
            raise EngineError(f"Podman's own API is not asked for {printable(str(error), 100)}") from error
        path = f"{translate.PODMAN_API}/containers/create"
        return self._connection.ask("POST", path, _made, body=spec, versioned=False)

    def connect_network(self, network: str, container_id: str, endpoint: Document) -> None:
        """`POST /networks/{id}/connect`: a network's name may have slashes in it."""
        body = {"Container": container_id, "EndpointConfig": endpoint}
        self._connection.send("POST", f"/networks/{self._network_id(network)}/connect", {}, body)

    def disconnect_network(self, network: str, container_id: str) -> None:
        """`POST /networks/{id}/disconnect`."""
        body = {"Container": container_id}
        self._connection.send("POST", f"/networks/{self._network_id(network)}/disconnect", {}, body)

    def _network_id(self, network: str) -> str:
        found = self._connection.get("/networks", self._network_ids, {"filters": {"name": [network]}})
        return found.get(network, network)

    def start_container(self, container_id: str) -> None:
        """`POST /containers/{id}/start`."""
        self._connection.send("POST", f"/containers/{container_id}/start")

    def stop_container(self, container_id: str) -> None:
        """`POST /containers/{id}/stop`."""
        self._connection.send("POST", f"/containers/{container_id}/stop")

    def rename_container(self, container_id: str, name: str) -> None:
        """`POST /containers/{id}/rename`."""
        self._connection.send("POST", f"/containers/{container_id}/rename", {"name": name})

    def set_restart(self, container_id: str, policy: Document) -> bool:
        """`POST /containers/{id}/update`. Podman before 5.1 has none, or changes only limits there.

        Podman 5.8 refuses it to a container without a health check (`--no-healthcheck`).
        """
        if not self._connection.known().changes_restart:
            return False
        try:
            self._connection.send("POST", f"/containers/{container_id}/update", {}, {"RestartPolicy": policy})
        except EngineError as error:
            if NO_TIMEOUT in str(error):
                return False
            raise
        return True

    def remove_container(self, container_id: str, *, volumes: bool = False) -> None:
        """`DELETE /containers/{id}`."""
        anonymous = {"v": "1"} if volumes else {}
        self._connection.send("DELETE", f"/containers/{container_id}", {"force": "1", **anonymous})

    def container_log(self, container_id: str, lines: int) -> tuple[str, ...]:
        """`GET /containers/{id}/logs`; some log drivers cannot be read back."""
        params = {"stdout": "1", "stderr": "1", "tail": str(lines)}
        try:
            with self._connection.failures():
                raw = self._connection.connected().get_bytes(
                    f"/containers/{container_id}/logs", params, LOG_BYTES
                )
        except Unavailable:
            raise
        except EngineError:
            return ()
        return tuple(translate.text(line) for line in unframed(raw).decode(errors="replace").splitlines())

    def has_path(self, container_id: str, path: str) -> bool:
        """`HEAD /containers/{id}/archive`."""
        try:
            with self._connection.failures():
                self._connection.connected().check(f"/containers/{container_id}/archive", {"path": path})
        except NotFound:
            return False
        return True

    def file_stat(self, container_id: str, path: str) -> FileStat | None:
        """`HEAD /containers/{id}/archive`, whose answer is JSON in a header."""
        try:
            with self._connection.failures(), understood(f"HEAD /containers/{container_id}/archive"):
                headers = self._connection.connected().check(
                    f"/containers/{container_id}/archive", {"path": path}
                )
                return translate.file_stat(headers.get(STAT_HEADER, ""))
        except NotFound:
            return None

    def read_file(self, container_id: str, path: str) -> bytes:
        """`GET /containers/{id}/archive`, which has the file by its last name."""
        most = COPIED_BYTES + TAR_BYTES
        with self._connection.failures():
            archive = self._connection.connected().get_bytes(
                f"/containers/{container_id}/archive", {"path": path}, most
            )
        return placed(archive, path)

    def put_file(self, container_id: str, archive: bytes) -> None:
        """`PUT /containers/{id}/archive`."""
        with self._connection.failures(acting=True):
            self._connection.connected().put_bytes(
                f"/containers/{container_id}/archive", {"path": "/"}, archive
            )

    def changed_paths(self, container_id: str) -> tuple[str, ...]:
        """`GET /containers/{id}/changes`; null where nothing has changed."""
        return self._connection.get(f"/containers/{container_id}/changes", self._changed)

    @staticmethod
    def _changed(raw: object) -> tuple[str, ...]:
        """Docker calls the kind of what was deleted 2 (`container.ChangeType`)."""
        found = [] if raw is None else entries(raw)
        for entry in found:
            entry.needed_text("Path")
        return tuple(
            entry.raw_text("Path") or "" for entry in found if entry.needed_number("Kind") != DELETED
        )

    def taken_ports(self) -> tuple[TakenPort, ...]:
        """`GET /containers/json` tells them of those that run."""
        return self._connection.get("/containers/json", self._ports)

    @staticmethod
    def _ports(raw: object) -> tuple[TakenPort, ...]:
        found: list[TakenPort] = []
        for entry in entries(raw):
            names = [translate.text(name, NAME_LIMIT) for name in entry.texts("Names")]
            for port in entry.entries("Ports"):
                public = port.number("PublicPort")
                if public:
                    name = f"{public}/{port.text('Type', 8)}"
                    found.append(TakenPort(name, port.text("IP", 64), "".join(names[:1]).lstrip("/")))
        return tuple(found)

    def networks(self) -> frozenset[str]:
        """`GET /networks`."""
        return frozenset(self._connection.get("/networks", self._network_ids))

    def proxies(self) -> Mapping[str, str]:
        """`proxies` of docker's `config.json`."""
        return proxies(self._connection.endpoint.config_dir, self._connection.endpoint.host)

    @staticmethod
    def _network_ids(raw: object) -> dict[str, str]:
        """ID by name."""
        return {entry.needed_text("Name", NAME_LIMIT): entry.container_id("Id") for entry in entries(raw)}


def _made(raw: object) -> str:
    return Entry(raw).container_id("Id")


def placed(archive: bytes, path: str) -> bytes:
    """A tar archive of one file, as one to be unpacked into `/`. Raises EngineError where it has none."""
    made = io.BytesIO()
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as found, tarfile.open(fileobj=made, mode="w") as new:
            member = found.next()
            content = found.extractfile(member) if member is not None and member.isreg() else None
            if member is None or content is None:
                raise EngineError(f"{printable(path, 200)} is no file by now")
            member.name = path.lstrip("/")
            member.pax_headers = {}
            new.addfile(member, content)
    except tarfile.TarError as error:
        raise EngineError(f"the archive of {printable(path, 200)} is not understood: {error}") from error
    return made.getvalue()


def unframed(raw: bytes) -> bytes:
    """A log as text: pieces of standard output and error in their order; that of a terminal has no frames."""
    pieces = bytearray()
    at = 0
    while at < len(raw):
        head = raw[at : at + HEADER]
        if len(head) < HEADER or head[0] > 2 or head[1:4] != b"\0\0\0":
            return raw if at == 0 else bytes(pieces)
        end = at + HEADER + int.from_bytes(head[4:], "big")
        pieces += raw[at + HEADER : end]
        at = end
    return bytes(pieces)
