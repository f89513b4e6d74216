"""What imgtui asks of an engine about single containers: to make, start, stop, name and read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from imgtui.model.core.image import TakenPort

Document = Mapping[str, object]
"""JSON of the Engine API as it came: text in it is not printable, secrets in it are not masked.

It is given back to the engine; whatever of it is shown or written passes `translate` and `secrets` first.
"""


COPIED_BYTES: Final = 1024 * 1024
"""Size of the largest file that is copied from one container to another."""


@dataclass(frozen=True, slots=True)
class FileStat:
    """A regular file in a container."""

    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since the epoch."""


class Containers(Protocol):
    """The containers of an engine. Calls raise as those of `imgtui.engine.port.engine.Engine` do."""

    def inspect_container(self, name: str) -> Document | None:
        """Everything the engine knows of a container, by ID or name; None when it is not there."""

    def podman_document(self, name: str) -> Document | None:
        """What Podman's own API tells of a container; None where it is not there, and of another engine."""

    def image_config(self, image_id: str) -> Document | None:
        """The `Config` that an image gives to containers; None when the image is not there."""

    def create_container(self, name: str, body: Document, *, platform: str = "") -> str:
        """Make a container from the body of `POST /containers/create`; its ID. It does not run.

        What only Podman's own API takes is in it by `libpod_spec.with_libpod`: another engine
        refuses that. `platform` is `os/architecture[/variant]`; empty leaves it to the engine.
        """

    def connect_network(self, network: str, container_id: str, endpoint: Document) -> None:
        """Connect a container to one more network, with an `EndpointConfig`."""

    def disconnect_network(self, network: str, container_id: str) -> None:
        """Take a container out of a network."""

    def start_container(self, container_id: str) -> None:
        """Start a container; nothing happens where it runs."""

    def stop_container(self, container_id: str) -> None:
        """Stop a container, with its own signal and patience; nothing happens where it does not run."""

    def rename_container(self, container_id: str, name: str) -> None:
        """Give a container a name that no other has."""

    def set_restart(self, container_id: str, policy: Document) -> bool:
        """Change the restart policy; False where the engine cannot change it (Podman 4.3)."""

    def remove_container(self, container_id: str, *, volumes: bool = False) -> None:
        """Take a container away, whether it runs or not; `volumes`: its anonymous volumes too."""

    def container_log(self, container_id: str, lines: int) -> tuple[str, ...]:
        """The last lines of what a container said, printable; empty where its log cannot be read."""

    def has_path(self, container_id: str, path: str) -> bool:
        """Whether a path is in the file system of a container, also of one that never ran."""

    def changed_paths(self, container_id: str) -> tuple[str, ...]:
        """Paths that a container has added or changed outside of its mounts, as they are in it.

        Folders in which something changed are among them. The text is not printable.
        """

    def file_stat(self, container_id: str, path: str) -> FileStat | None:
        """A file in a container; None for what is not there, or is no regular file."""

    def read_file(self, container_id: str, path: str) -> bytes:
        """A file of a container, running or not, as a tar archive that has its path, owner and mode.

        Raises EngineError for one of more than `COPIED_BYTES`.
        """

    def put_file(self, container_id: str, archive: bytes) -> None:
        """Unpack what `read_file` gave into a container, running or not; missing folders are made."""

    def taken_ports(self) -> tuple[TakenPort, ...]:
        """The host ports of all running containers."""

    def proxies(self) -> Mapping[str, str]:
        """The variables that docker's configuration gives to every container that is run."""

    def networks(self) -> frozenset[str]:
        """The names of all networks."""
