"""What imgtui asks of registries: always through the engine, which has their addresses and certificates."""

from __future__ import annotations

from typing import Protocol

from imgtui.model.remote import RemoteTag


class Registry(Protocol):
    """The registries that an engine can reach. Calls raise as those of `imgtui.engine.port.Engine` do."""

    def remote_tag(self, reference: str) -> RemoteTag:
        """Where a tag points in its registry, which counts as a pull where those are counted.

        Raises NotFound where there is no such tag, EngineError with status 401 or 403 where the registry
        does not show it, without a status where it was not asked or did not answer in time, and with
        another one where it failed.
        """
