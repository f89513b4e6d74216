"""Where tags point in their registries, as a real engine is told it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgtui.engine.docker.connection import DockerConnection, understood
from imgtui.engine.docker.registry import refusal
from imgtui.engine.port.errors import EngineError
from imgtui.engine.wire import translate
from imgtui.engine.wire.answers import Entry, WrongShape
from imgtui.model.core.digest import is_digest
from imgtui.model.core.image import Store

if TYPE_CHECKING:  # a start does not pay for what few sessions do
    from imgtui.model.catalog.registry_tag import RemoteTag

REGISTRY_SECONDS = 30
"""How long a registry is waited for; one that answers takes 0.01 to 2 s."""

UNABLE = "Podman's API has no request that asks a registry where a tag points"
"""Podman 4.3 answers it with 404, as it does for what it does not know."""


class DockerDistribution:
    """Requests that the engine passes on to registries."""

    def __init__(self, connection: DockerConnection) -> None:
        self._connection = connection

    def remote_tag(self, reference: str) -> RemoteTag:
        """`GET /distribution/{name}/json`, with the credentials that docker would send."""
        from imgtui.model.catalog.registry_tag import RemoteTag

        podman = self._connection.known().store is Store.PODMAN
        with self._connection.failures(), understood(f"GET /distribution/{reference}/json"):
            try:
                raw = self._connection.connected().distribution(
                    reference, self._connection.endpoint.config_dir, REGISTRY_SECONDS
                )
            except (EngineError, WrongShape):
                raise
            except Exception as error:
                raise _refusal(error, podman=podman) from error
        with understood(f"GET /distribution/{reference}/json"):
            found = Entry(raw)
            digest = found.needed_entry("Descriptor").text("digest", 256)
            platforms = tuple(filter(None, map(translate.platform, found.entries("Platforms"))))
        if not is_digest(digest):
            raise EngineError(f"the engine told no digest of {reference}")
        return RemoteTag(reference, digest, platforms)


def _refusal(error: Exception, *, podman: bool) -> Exception:
    from imgtui.engine.wire.error_answers import status_of

    return EngineError(UNABLE) if podman and status_of(error) == 404 else refusal(error)
