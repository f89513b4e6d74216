"""A unix socket before an engine: each connection to it has one of its own to the engine."""

import socket
import threading
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

BLOCK: Final = 1 << 16


class Between(ABC):
    """Stands between clients and the engine at a socket until the `with` ends."""

    def __init__(self, path: Path, engine: str) -> None:
        self._engine = engine.removeprefix("unix://")
        self._path = path
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(32)
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def host(self) -> str:
        """The address for DOCKER_HOST."""
        return f"unix://{self._path}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        self._path.unlink(missing_ok=True)

    @abstractmethod
    def _pass(self, client: socket.socket, engine: socket.socket) -> None:
        """Do what there is to do between the two, until one side ends it."""

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._connection, args=(client,), daemon=True).start()

    def _connection(self, client: socket.socket) -> None:
        engine = socket.socket(socket.AF_UNIX)
        with client, engine, suppress(OSError):
            engine.connect(self._engine)
            self._pass(client, engine)


def end(*sides: socket.socket) -> None:
    """End both directions of connections that may have ended already."""
    for side in sides:
        with suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)
