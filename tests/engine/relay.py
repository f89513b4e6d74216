"""An engine that passes on to another what a test does not look at."""

from collections.abc import Iterable, Mapping, Sequence

from imgtui.engine.port.builds import Building
from imgtui.engine.port.containers import Document, FileStat
from imgtui.engine.port.engine import Engine
from imgtui.engine.port.registry import Pull, Push, UnderWay
from imgtui.model.build.build import Build, BuilderFound
from imgtui.model.catalog.registry_tag import RemoteTag
from imgtui.model.containers.compose import Service
from imgtui.model.core.image import TakenPort
from imgtui.model.removal.build_cache import BuildCache
from imgtui.model.removal.bytes import StoredSize
from imgtui.model.taglog.traces import BuildRecords


class Relay:
    """Passes what concerns single containers and registries on to another engine."""

    def __init__(self, behind: Engine) -> None:
        self._behind = behind

    def clock(self) -> int:
        return self._behind.clock()

    def inspect_container(self, name: str) -> Document | None:
        return self._behind.inspect_container(name)

    def podman_document(self, name: str) -> Document | None:
        return self._behind.podman_document(name)

    def image_config(self, image_id: str) -> Document | None:
        return self._behind.image_config(image_id)

    def create_container(self, name: str, body: Document, *, platform: str = "") -> str:
        return self._behind.create_container(name, body, platform=platform)

    def connect_network(self, network: str, container_id: str, endpoint: Document) -> None:
        self._behind.connect_network(network, container_id, endpoint)

    def disconnect_network(self, network: str, container_id: str) -> None:
        self._behind.disconnect_network(network, container_id)

    def start_container(self, container_id: str) -> None:
        self._behind.start_container(container_id)

    def stop_container(self, container_id: str) -> None:
        self._behind.stop_container(container_id)

    def rename_container(self, container_id: str, name: str) -> None:
        self._behind.rename_container(container_id, name)

    def set_restart(self, container_id: str, policy: Document) -> bool:
        return self._behind.set_restart(container_id, policy)

    def remove_container(self, container_id: str, *, volumes: bool = False) -> None:
        self._behind.remove_container(container_id, volumes=volumes)

    def container_log(self, container_id: str, lines: int) -> tuple[str, ...]:
        return self._behind.container_log(container_id, lines)

    def has_path(self, container_id: str, path: str) -> bool:
        return self._behind.has_path(container_id, path)

    def file_stat(self, container_id: str, path: str) -> FileStat | None:
        return self._behind.file_stat(container_id, path)

    def read_file(self, container_id: str, path: str) -> bytes:
        return self._behind.read_file(container_id, path)

    def put_file(self, container_id: str, archive: bytes) -> None:
        self._behind.put_file(container_id, archive)

    def changed_paths(self, container_id: str) -> tuple[str, ...]:
        return self._behind.changed_paths(container_id)

    def taken_ports(self) -> tuple[TakenPort, ...]:
        return self._behind.taken_ports()

    def proxies(self) -> Mapping[str, str]:
        return self._behind.proxies()

    def networks(self) -> frozenset[str]:
        return self._behind.networks()

    def builder(self) -> BuilderFound:
        return self._behind.builder()

    def build_records(self, image_id: str) -> BuildRecords:
        return self._behind.build_records(image_id)

    def compose_service(self, service: Service) -> Mapping[str, object]:
        return self._behind.compose_service(service)

    def start_build(self, build: Build) -> Building:
        return self._behind.start_build(build)

    def pull(self, reference: str) -> Pull:
        return self._behind.pull(reference)

    def push(self, reference: str) -> Push:
        return self._behind.push(reference)

    def save_images(self, names: Sequence[str]) -> UnderWay[bytes]:
        return self._behind.save_images(names)

    def load_images(self, archive: Iterable[bytes]) -> UnderWay[str]:
        return self._behind.load_images(archive)

    def holdings(self) -> Mapping[str, StoredSize]:
        return self._behind.holdings()

    def remove_image(self, image_id: str) -> None:
        self._behind.remove_image(image_id)

    def build_cache(self) -> BuildCache | None:
        return self._behind.build_cache()

    def prune_build_cache(self) -> int:
        return self._behind.prune_build_cache()

    def remote_tag(self, reference: str) -> RemoteTag:
        return self._behind.remote_tag(reference)
