"""What imgtui asks of registries: always through the engine, which has their addresses and certificates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:  # a start does not pay for what few sessions do
    from imgtui.model.catalog.registry_tag import RemoteTag
    from imgtui.model.jobs.progress import Transfer

Told_co = TypeVar("Told_co", covariant=True)


class UnderWay(Protocol[Told_co]):
    """Something that an engine does while one listens. Iteration ends when it is done."""

    def __iter__(self) -> Iterator[Told_co]:
        """Raises EngineError where it fails, Unavailable where the engine goes away in the middle."""

    def close(self) -> None:
        """Break it off, from any thread: the iteration ends without an error. Closing again does nothing."""


if TYPE_CHECKING:
    _Transferring = UnderWay[Transfer]
else:
    _Transferring = UnderWay


class Pull(_Transferring, Protocol):
    """A pull under way. Iteration tells how far it has come, and ends when the image is here."""


class Push(_Transferring, Protocol):
    """A push under way. What is told last has the digest that the registry gave."""


class Registry(Protocol):
    """The registries that an engine can reach. Calls raise as those of `Engine` do."""

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

    def push(self, reference: str) -> Push:
        """Have the engine push what a tag points at to the registry that the tag names.

        Returns when the engine has begun. Raises ReadOnly, NotFound, and EngineError where it cannot be
        pushed, also for a reference of imgtui's own.
        """
