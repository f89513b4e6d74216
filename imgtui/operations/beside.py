"""Containers that share a namespace with one that is rolled back, and are not replaced with it.

When that is stopped they lose their network, or are killed; when it is started again they have to be, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtui.engine.errors import EngineError, raise_if_lost
from imgtui.engine.port import Engine
from imgtui.engine.port_containers import Document
from imgtui.engine.translate import mapping, nanoseconds
from imgtui.model.dependents import RECREATED, Dependent, dependents
from imgtui.model.replacement import Journey, Progress, Replacement
from imgtui.operations.container_state import runs


class Beside:
    """Looks for them on one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def sharing(self, containers: Sequence[Replacement | Progress]) -> Iterator[tuple[Dependent, str]]:
        """Others that share a namespace of one of these, and the name of that one. Raises EngineError."""
        asked = {each.id: self._engine.inspect_container(each.id) for each in self._engine.containers()}
        others = {key: document for key, document in asked.items() if document is not None}
        known = {each.container_id for each in containers}
        for each in containers:
            if each.container_id not in others:
                continue
            for other in dependents(others[each.container_id], others.values()):
                if RECREATED & {*other.kinds} and other.container_id not in known:
                    yield other, each.name

    def running(self, containers: Sequence[Progress]) -> tuple[str, ...]:
        """IDs of those that run. Raises EngineError."""
        found = dict.fromkeys(other.container_id for other, _ in self.sharing(containers))
        return tuple(each for each in found if runs(self._engine.inspect_container(each) or {}))

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
