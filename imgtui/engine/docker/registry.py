"""Pulls and pushes through a real engine, with the credentials that docker would send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from imgtui.engine.docker.connection import DockerConnection
from imgtui.engine.port.errors import EngineError, NotFound
from imgtui.engine.wire import translate
from imgtui.engine.wire.answers import WrongShape
from imgtui.model.core.image import Store
from imgtui.model.core.reference import Reference

if TYPE_CHECKING:
    from imgtui.engine.docker.client import Answer
    from imgtui.model.jobs.progress import Transfer


class DockerRegistry:
    """Pulls and pushes."""

    def __init__(self, connection: DockerConnection) -> None:
        self._connection = connection

    def pull(self, reference: str) -> DockerTransfer:
        """`POST /images/create`: by the canonical name, which is the same to Docker and Podman."""
        named = Reference.parse(reference).with_default_tag()
        podman = self._connection.known().store is Store.PODMAN
        with self._connection.failures():
            try:
                answer = self._connection.connected().pull_image(
                    named.name, named.digest or named.tag or "", self._connection.endpoint.config_dir
                )
            except (EngineError, WrongShape):
                raise
            except Exception as error:
                raise refusal(error) from error
        return DockerTransfer(answer, self._connection.failures, podman=podman)

    def push(self, reference: str) -> DockerTransfer:
        """`POST /images/{name}/push`, of one tag: without one an old engine pushes all."""
        from imgtui.engine.wire.transfers import refuse_own

        refuse_own(reference)
        named = Reference.parse(reference).with_default_tag()
        podman = self._connection.known().store is Store.PODMAN
        with self._connection.failures():
            try:
                answer = self._connection.connected().push_image(
                    named.name, named.tag or "", self._connection.endpoint.config_dir
                )
            except (EngineError, WrongShape):
                raise
            except Exception as error:
                raise refusal(error) from error
        return DockerTransfer(answer, self._connection.failures, podman=podman)


class DockerTransfer:
    """A pull or a push through a real engine, which ends it when nobody listens any more."""

    def __init__(
        self, answer: Answer, failures: Callable[[], AbstractContextManager[None]], *, podman: bool
    ) -> None:
        self._answer = answer
        self._failures = failures
        self._podman = podman
        self._closed = False

    def __iter__(self) -> Iterator[Transfer]:
        from imgtui.engine.wire.transfers import transferred
        from imgtui.model.jobs.progress import Transfer

        known, told = Transfer(), False
        try:
            with self._failures():
                for raw in self._answer:
                    known = transferred(known, raw, podman=self._podman)
                    told = told or not {"status", "id"}.isdisjoint(translate.mapping(raw))
                    yield known
                if not told and not self._closed:
                    raise WrongShape("it tells nothing of what was transferred")
        except EngineError:
            if not self._closed:
                raise
        finally:
            self._answer.release()

    def close(self) -> None:
        """Shut the connection."""
        self._closed = True
        self._answer.close()


def refusal(error: Exception) -> Exception:
    """A status is the registry's answer, also one that of an engine would be something else (403)."""
    from imgtui.engine.wire.error_answers import explanation_of, status_of

    status = status_of(error)
    if status is None:
        return error
    message = translate.text(explanation_of(error), translate.LINE_LIMIT)
    return NotFound(message) if status == 404 else EngineError(message, status)
