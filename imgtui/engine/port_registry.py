"""What imgtui asks of registries: always through the engine, which has their addresses and certificates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from imgtui.model.remote import RemoteTag
from imgtui.model.transfer import Transfer


class Pull(Protocol):
    """A pull under way. Iteration tells how far it has come, and ends when the image is here."""

    def __iter__(self) -> Iterator[Transfer]:
        """Raises EngineError where it fails, Unavailable where the engine goes away in the middle."""

    def close(self) -> None:
        """Break it off, from any thread: the iteration ends without an error. Closing again does nothing."""


class Registry(Protocol):
    """The registries that an engine can reach. Calls raise as those of `imgtui.engine.port.Engine` do."""

    def remote_tag(self, reference: str) -> RemoteTag:
        """Where a tag points in its registry, which counts as a pull where those are counted.

        Raises NotFound where there is no such tag, EngineError with status 401 or 403 where the registry
        does not show it, without a status where it was not asked or did not answer in time, and with
        another one where it failed.
        """

    def pull(self, reference: str) -> Pull:
        """Have the engine pull a tag or a digest: `web:latest`, `web@sha256:…`.

        Returns when the registry has answered. What loses the tag stays. Raises ReadOnly, NotFound where the
        engine says that there is no such image, EngineError where it cannot be pulled.
        """
