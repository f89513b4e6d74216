"""Archives of images, written and read by a real engine."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Final

from imgtui.engine.docker.connection import DockerConnection, api_number
from imgtui.engine.port.errors import EngineError, NotFound
from imgtui.engine.wire.answers import Entry, WrongShape
from imgtui.engine.wire.translate import LINE_LIMIT, available_platforms, mapping, text
from imgtui.model.core.image import Store

if TYPE_CHECKING:
    from imgtui.engine.docker.client import Answer, Client

Failures = Callable[[], AbstractContextManager[None]]
GZIP: Final = b"\x1f\x8b"
_PLATFORMS_FROM: Final = (1, 48)
_SEVERAL_FROM: Final = (1, 52)
"""The version of the API from which an export is of several platforms (moby `api/docs/CHANGELOG.md`)."""
_PART: Final = 256 * 1024
"""Bytes that are unpacked at once: an archive may claim to hold very many."""


class DockerArchives:
    """Saves and loads."""

    def __init__(self, connection: DockerConnection) -> None:
        self._connection = connection

    def save_images(self, names: Sequence[str]) -> DockerSave:
        """`GET /images/get`; where a platform of an image is not here, of those that are here alone.

        The containerd store refuses to export an image of which it lacks the platforms that it was pulled
        without (404, Docker 28.5, docker/cli issue 5476), unless it is told which ones are wanted (API 1.48).
        """
        try:
            return self._save(names)
        except NotFound:
            info = self._connection.known()
            if info.store is not Store.CONTAINERD or api_number(info.api_version) < _PLATFORMS_FROM:
                raise
            return self._save(names, self._platforms_of(names))

    def _save(self, names: Sequence[str], platforms: Sequence[Mapping[str, object]] = ()) -> DockerSave:
        with self._connection.failures():
            return DockerSave(
                self._connection.connected().read_archive(names, platforms), self._connection.failures
            )

    def _platforms_of(self, names: Sequence[str]) -> list[Mapping[str, object]]:
        """The platforms that all of these images are here for. Raises NotFound, EngineError."""
        here = [
            self._connection.get(
                f"/images/{name}/json", lambda raw: available_platforms(Entry(raw)), {"manifests": "1"}
            )
            for name in names
        ]
        common = [each for each in here[0] if all(each in others for others in here)] if here else []
        several = api_number(self._connection.known().api_version) >= _SEVERAL_FROM
        if not common or any(len(each) > (len(common) if several else 1) for each in here):
            raise EngineError(
                "the engine exports these images only together with platforms that are not here:"
                f" {', '.join(names)}"
            )
        return common

    def load_images(self, archive: Iterable[bytes]) -> DockerLoad:
        """`POST /images/load`. Podman 4.3 cannot load what gzip has packed: it gets it unpacked."""
        podman = self._connection.known().store is Store.PODMAN
        parts = unpacked(archive) if podman else iter(archive)
        return DockerLoad(
            self._connection.connected(), parts, partial(self._connection.failures, acting=True)
        )


class DockerSave:
    """A save by a real engine."""

    def __init__(self, answer: Answer, failures: Failures) -> None:
        self._answer = answer
        self._failures = failures
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        try:
            with self._failures():
                for part in self._answer:
                    if isinstance(part, bytes):
                        yield part
        except EngineError:
            if not self._closed:
                raise
        finally:
            self._answer.release()

    def close(self) -> None:
        """Shut the connection."""
        self._closed = True
        self._answer.close()


class _BrokenOff(Exception):
    """The sending of an archive has ended before the archive."""


class DockerLoad:
    """A load by a real engine, which has nothing as long as it has not all of the archive."""

    def __init__(self, client: Client, archive: Iterator[bytes], failures: Failures) -> None:
        self._client = client
        self._archive = archive
        self._failures = failures
        self._closed = False
        self._raised: Exception | None = None
        self._answer: Answer | None = None

    def __iter__(self) -> Iterator[str]:
        try:
            with self._failures():
                answer = self._answer = self._client.send_archive(self._sent())
                told = False
                for raw in answer:
                    for line in _told(raw):
                        told = True
                        yield line
                if not told and not self._closed:
                    raise WrongShape("it tells nothing of what was loaded")
        except EngineError:
            if self._raised is not None:
                raise self._raised from None
            if not self._closed:
                raise
        finally:
            if self._answer is not None:
                self._answer.release()

    def close(self) -> None:
        """Send no more, and hear no more."""
        self._closed = True
        if self._answer is not None:
            self._answer.close()

    def _sent(self) -> Iterator[bytes]:
        """The archive; what it raises is no failure of the connection."""
        while not self._closed:
            try:
                part = next(self._archive, None)
            except Exception as error:
                self._raised = error
                raise _BrokenOff from error
            if part is None:
                return
            if self._closed:  # while it was waited for
                break
            yield part
        raise _BrokenOff


def unpacked(archive: Iterable[bytes]) -> Iterator[bytes]:
    """The same, without gzip around it. Raises EngineError where it is damaged."""
    parts = iter(archive)
    head = b""
    while len(head) < len(GZIP) and (part := next(parts, None)) is not None:
        head += part
    if not head.startswith(GZIP):
        yield head
        yield from parts
        return
    yield from _without_gzip(head, parts)


def _without_gzip(left: bytes, parts: Iterator[bytes]) -> Iterator[bytes]:
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    while True:
        try:
            piece = unpacking.decompress(left, _PART)
        except zlib.error as error:
            raise EngineError(f"the archive is damaged: {error}") from error
        if piece:
            yield piece
        left = unpacking.unconsumed_tail
        if unpacking.eof:
            left = unpacking.unused_data or next(parts, b"")
            if not left.strip(b"\0"):
                return
            unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
        elif not left and len(piece) < _PART and not (left := next(parts, b"")):
            raise EngineError("the archive ends in its middle")


def _told(raw: object) -> Iterator[str]:
    """What one message says. Raises EngineError for one that is an error."""
    message = mapping(raw)
    error = message.get("error") or mapping(message.get("errorDetail")).get("message")
    if error:
        raise EngineError(text(error, LINE_LIMIT))
    said = message.get("stream") or message.get("status")
    if isinstance(said, str) and said.strip():
        yield text(said.strip(), LINE_LIMIT)
