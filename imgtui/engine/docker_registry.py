"""Pulls through a real engine, with the credentials that docker would send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING

from imgtui.engine import translate
from imgtui.engine.docker_connection import DockerConnection
from imgtui.engine.errors import EngineError, NotFound
from imgtui.engine.transfers import LINE, transferred
from imgtui.model.image import Store
from imgtui.model.reference import Reference
from imgtui.model.transfer import Transfer

if TYPE_CHECKING:
    from imgtui.engine.client import Answer


class DockerRegistry(DockerConnection):
    """Pulls."""

    def pull(self, reference: str) -> DockerPull:
        """`POST /images/create`: by the canonical name, which is the same to Docker and Podman."""
        named = Reference.parse(reference).with_default_tag()
        podman = self._known().store is Store.PODMAN
        with self._failures():
            try:
                answer = self._connected().pull_image(
                    named.name, named.digest or named.tag or "", self._endpoint.config_dir
                )
            except EngineError:
                raise
            except Exception as error:
                raise _refusal(error) from error
        return DockerPull(answer, self._failures, podman=podman)


class DockerPull:
    """A pull through a real engine, which ends it when nobody listens any more."""

    def __init__(
        self, answer: Answer, failures: Callable[[], AbstractContextManager[None]], *, podman: bool
    ) -> None:
        self._answer = answer
        self._failures = failures
        self._podman = podman
        self._closed = False

    def __iter__(self) -> Iterator[Transfer]:
        known = Transfer()
        try:
            with self._failures():
                for raw in self._answer:
                    known = transferred(known, raw, podman=self._podman)
                    yield known
        except EngineError:
            if not self._closed:
                raise
        finally:
            self._answer.release()

    def close(self) -> None:
        """Shut the connection."""
        self._closed = True
        # docker-py shuts down the socket that its response holds, which may be gone by then.
        with suppress(OSError, AttributeError):
            self._answer.close()


def _refusal(error: Exception) -> Exception:
    """A status is what the registry led the engine to answer, also one that means something else of an engine."""
    from imgtui.engine.client import explanation_of, status_of

    status = status_of(error)
    if status is None:
        return error
    message = translate.text(explanation_of(error), LINE)
    return NotFound(message) if status == 404 else EngineError(message, status)
