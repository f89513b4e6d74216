"""Containers that share a namespace with one that is rolled back, and are not replaced with it.

When that is stopped they lose their network, or are killed; when it is started again they have to be, too.
"""

from __future__ import annotations

from collections.abc import Sequence

from imgtui.engine.port.containers import Document
from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, raise_if_lost
from imgtui.engine.wire.translate import mapping, nanoseconds
from imgtui.model.containers.dependents import RECREATED, Dependent, dependents
from imgtui.model.containers.replacement import NEW_SUFFIX, SPARE_SUFFIX, Journey, Progress, Replacement
from imgtui.operations.containers.health import runs


class Beside:
    """Looks for them on one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known = set[str]()
        """IDs of the containers that were looked at."""

    def sharing(
        self, containers: Sequence[Replacement | Progress], *, new: bool = False
    ) -> list[tuple[Dependent, str]]:
        """Others that share a namespace of one of these, and the name of that one.

        Where they are `new`, only what has come since the last look is looked at: of each of many containers
        that would be all, again and again. Raises EngineError.
        """
        listed = {each.id for each in self._engine.containers()}
        asked = [self._engine.inspect_container(each) for each in listed - (self._known if new else set())]
        self._known |= listed
        others = [document for document in asked if document is not None]
        known = {each.container_id for each in containers}
        made = {f"{each.name}{suffix}" for each in containers for suffix in (NEW_SUFFIX, SPARE_SUFFIX)}
        return [
            (other, each.name)
            for each in containers
            if each.container_id in listed
            for other in dependents({"Id": each.container_id, "Name": each.name}, others)
            if RECREATED & {*other.kinds} and other.container_id not in known and other.name not in made
        ]

    def running(self, found: Sequence[tuple[Dependent, str]]) -> tuple[str, ...]:
        """IDs of those that run. Raises EngineError."""
        ids = dict.fromkeys(other.container_id for other, _ in found)
        return tuple(each for each in ids if runs(self._engine.inspect_container(each) or {}))

    def start_again(self, journey: Journey) -> list[str]:
        """Have them share the namespace again, when all else is as it was; what is to be said of each.

        Those that ran before are started; one that has run on since before that was started has what is no
        more. Raises Unavailable.
        """
        try:
            return self._start_again(journey)
        except EngineError as error:
            raise_if_lost(error)
            return [f"whether others share a namespace with it is not known: {error}"]

    def _start_again(self, journey: Journey) -> list[str]:
        said = []
        before = {each.name: each.before for each in journey.containers}
        for other, of in self.sharing(journey.containers):
            found, its = (
                self._engine.inspect_container(key) or {} for key in (other.container_id, before[of])
            )
            lost = _is_stale(found, its) if runs(found) else other.container_id in journey.beside
            if not lost or not runs(its):
                continue
            shares = f"{other.name}, which shares {', '.join(other.kinds)} of {of},"
            try:
                self._engine.stop_container(other.container_id)
                self._engine.start_container(other.container_id)
                said.append(f"{shares} was started again")
            except EngineError as error:
                raise_if_lost(error)
                said.append(f"{shares} could not be started again: {error}")
        return said


def _is_stale(container: Document, other: Document) -> bool:
    """Whether it runs since before `other` was started."""
    began, since = (nanoseconds(mapping(each.get("State")).get("StartedAt")) for each in (container, other))
    return began < since
