"""Single containers of a real engine."""

from __future__ import annotations

from imgtui.engine import translate
from imgtui.engine.docker_connection import DockerConnection, api_number
from imgtui.engine.errors import EngineError, NotFound, Unavailable
from imgtui.engine.port_containers import Document
from imgtui.model.image import Store, TakenPort

TELLS_MAC = (1, 51)
"""Later versions of the API leave `Config.MacAddress` out (moby `api/types/container/config.go`)."""
HEADER = 8
"""Bytes before each piece of a log without a terminal: stream, three zeros, length (Engine API, attach)."""


class DockerContainers(DockerConnection):
    """Requests about one container each."""

    def inspect_container(self, name: str) -> Document | None:
        """`GET /containers/{name}/json`, in the last version that tells a MAC address that was set (1.51)."""
        offered = self._known().api_version
        newer = api_number(offered) > TELLS_MAC
        version = f"/v{TELLS_MAC[0]}.{TELLS_MAC[1]}" if newer else ""
        raw = self._get(f"{version}/containers/{name}/json", versioned=not newer)
        return None if raw is None else translate.mapping(raw)

    def image_config(self, image_id: str) -> Document | None:
        """`Config` of `GET /images/{name}/json`."""
        raw = self._get(f"/images/{image_id}/json")
        return None if raw is None else translate.mapping(translate.mapping(raw).get("Config"))

    def create_container(self, name: str, body: Document, *, platform: str = "") -> str:
        """`POST /containers/create`."""
        chosen = {"platform": platform} if platform else {}
        answer = self._send("POST", "/containers/create", {"name": name, **chosen}, body)
        return translate.text(translate.mapping(answer).get("Id"), translate.NAME_LIMIT)

    def connect_network(self, network: str, container_id: str, endpoint: Document) -> None:
        """`POST /networks/{id}/connect`."""
        body = {"Container": container_id, "EndpointConfig": endpoint}
        self._send("POST", f"/networks/{network}/connect", {}, body)

    def start_container(self, container_id: str) -> None:
        """`POST /containers/{id}/start`."""
        self._send("POST", f"/containers/{container_id}/start")

    def stop_container(self, container_id: str) -> None:
        """`POST /containers/{id}/stop`."""
        self._send("POST", f"/containers/{container_id}/stop")

    def rename_container(self, container_id: str, name: str) -> None:
        """`POST /containers/{id}/rename`."""
        self._send("POST", f"/containers/{container_id}/rename", {"name": name})

    def set_restart(self, container_id: str, policy: Document) -> bool:
        """`POST /containers/{id}/update`. Podman changes limits there, and no policy (4.3)."""
        if self._known().store is Store.PODMAN:
            return False
        self._send("POST", f"/containers/{container_id}/update", {}, {"RestartPolicy": policy})
        return True

    def remove_container(self, container_id: str, *, volumes: bool = False) -> None:
        """`DELETE /containers/{id}`."""
        anonymous = {"v": "1"} if volumes else {}
        self._send("DELETE", f"/containers/{container_id}", {"force": "1", **anonymous})

    def container_log(self, container_id: str, lines: int) -> tuple[str, ...]:
        """`GET /containers/{id}/logs`; some log drivers cannot be read back."""
        params = {"stdout": "1", "stderr": "1", "tail": str(lines)}
        try:
            with self._failures():
                raw = self._connected().get_bytes(f"/containers/{container_id}/logs", params)
        except Unavailable:
            raise
        except EngineError:
            return ()
        return tuple(translate.text(line) for line in unframed(raw).decode(errors="replace").splitlines())

    def has_path(self, container_id: str, path: str) -> bool:
        """`HEAD /containers/{id}/archive`."""
        try:
            with self._failures():
                self._connected().check(f"/containers/{container_id}/archive", {"path": path})
        except NotFound:
            return False
        return True

    def taken_ports(self) -> tuple[TakenPort, ...]:
        """`GET /containers/json` tells them of those that run."""
        found: list[TakenPort] = []
        for entry in map(translate.mapping, translate.items(self._get("/containers/json"))):
            names = [translate.text(name, 320) for name in translate.items(entry.get("Names"))]
            for port in map(translate.mapping, translate.items(entry.get("Ports"))):
                public = translate.number(port.get("PublicPort"))
                if public:
                    name = f"{public}/{translate.text(port.get('Type'), 8)}"
                    address = translate.text(port.get("IP"), 64)
                    found.append(TakenPort(name, address, "".join(names[:1]).lstrip("/")))
        return tuple(found)

    def networks(self) -> frozenset[str]:
        """`GET /networks`."""
        listed = map(translate.mapping, translate.items(self._get("/networks")))
        return frozenset(translate.text(entry.get("Name"), translate.NAME_LIMIT) for entry in listed)


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
