"""What imgtui asks of an engine, and of the builder that builds for it, about builds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from imgtui.engine.port.registry import UnderWay

if TYPE_CHECKING:  # a start does not pay for what few sessions do
    from imgtui.model.build.build import Build, BuilderFound, BuildProgress
    from imgtui.model.containers.compose import Service
    from imgtui.model.taglog.traces import BuildRecords

    _Building = UnderWay[BuildProgress]
else:
    _Building = UnderWay


class Building(_Building, Protocol):
    """A build under way. Iteration tells how far it has come, and ends when it is done."""

    @property
    def image_id(self) -> str:
        """What it has made, when the iteration is over; empty where the builder does not say it."""


class Builds(Protocol):
    """Builds for an engine. Calls raise as those of `imgtui.engine.port.engine.Engine` do."""

    def builder(self) -> BuilderFound:
        """What builds for this engine. May run programs."""

    def build_records(self, image_id: str) -> BuildRecords:
        """The record of the build of an image, also of one that is gone, and its provenance.

        Runs programs: it takes seconds. Where something is missing there is none.
        """

    def compose_service(self, service: Service) -> Mapping[str, object]:
        """What the Compose files say of a service, as JSON; empty where they cannot be read."""

    def start_build(self, build: Build) -> Building:
        """Begin a build. Raises ReadOnly, and EngineError where it cannot be begun."""
