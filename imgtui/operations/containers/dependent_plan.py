"""Adds to the plan of a roll back the containers that share a namespace with one that is replaced.

A namespace is that of the very container: what shares it loses its network, or is killed, when that stops,
and cannot be started again. Of a link in the default network the same is true. So such a container is
recreated too, on the image it runs, and joins the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from imgtui.engine.port.containers import Document
from imgtui.engine.port.engine import Engine
from imgtui.engine.wire.translate import image_id
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.clone.shown_command import create_shown
from imgtui.model.containers.dependents import (
    DEPENDENCIES,
    LINK,
    LINK_BY_NAME,
    NAMESPACES,
    RECREATED,
    START,
    Dependent,
    dependents,
    joined,
    joins,
)
from imgtui.model.containers.replacement import Replacement, in_order
from imgtui.model.core.digest import short
from imgtui.model.plans.plan import NotPossible
from imgtui.operations.containers.health import runs

LINK_LOSES: Final = "loses that at once, with docker exec and its health checks"
"""Docker (20.10 to 28.5) starts nothing in a container that has a link to one which does not run."""

Recreate = Callable[[str], Replacement]
"""What is to be done so that the container of an ID is recreated on the image it runs. Raises NotPossible."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The containers of a roll back with those that share their namespaces, and what is to be said of it."""

    containers: tuple[Replacement, ...]
    """In the order in which they are replaced."""
    notes: tuple[str, ...]
    risks: tuple[str, ...]
    told: frozenset[str]
    """IDs of all that share a namespace of one of them, also of those that stay as they are."""


def gather(
    engine: Engine,
    catalog: Catalog,
    plans: Sequence[Replacement],
    recreate: Recreate,
    *,
    declined: bool = False,
) -> Gathered:
    """The plans, and those for what shares their namespaces; where that is `declined`, there must be none.

    Raises NotPossible, EngineError.
    """
    spares = {each.id for each in catalog.containers.values() if catalog.is_spare(each)}
    asked = {key: engine.inspect_container(key) for key in catalog.containers if key not in spares}
    documents = {
        key: {**document, DEPENDENCIES: (engine.podman_document(key) or {}).get(DEPENDENCIES)}
        for key, document in asked.items()
        if document is not None
    }

    def has_image(image: str) -> bool:
        return engine.image(image) is not None

    found = _DependentsGathering(documents, has_image, recreate, declined).of(plans)
    return replace(found, told=found.told | spares)


@dataclass(eq=False)
class _DependentsGathering:
    documents: Mapping[str, Document]
    """All containers, by ID."""
    has_image: Callable[[str], bool]
    recreate: Recreate
    declined: bool
    notes: list[str] = field(default_factory=list)
    risks: list[str] = field(default_factory=list)

    def of(self, plans: Sequence[Replacement]) -> Gathered:
        found = {plan.container_id: plan for plan in plans}
        waiting = list(plans)
        while waiting:
            plan = waiting.pop(0)
            for other in self._dependents(plan):
                if other.container_id not in found and self._goes_along(plan, other):
                    found[other.container_id] = self._recreated(plan, other)
                    waiting.append(found[other.container_id])
        ordered = in_order([self._joining(plan, found) for plan in found.values()])
        told = {other.container_id for plan in found.values() for other in self._dependents(plan)}
        return Gathered(ordered, tuple(self.notes), tuple(self.risks), frozenset(told))

    def _dependents(self, plan: Replacement) -> Sequence[Dependent]:
        document = self.documents.get(plan.container_id)
        return () if document is None else dependents(document, self.documents.values())

    def _goes_along(self, plan: Replacement, other: Dependent) -> bool:
        """Whether it is recreated too; else what becomes of it is said. Raises NotPossible."""
        document = self.documents[other.container_id]
        shared = [kind for kind in other.kinds if kind in RECREATED]
        uses = f"{other.name} uses {', '.join(other.kinds)} of {plan.name}"
        if not shared or (runs(document) and not plan.running):
            self._tell_of_others(uses, other, plan)
            return False
        if self.declined:
            raise NotPossible(
                f"{uses}, and would lose it: it has to be recreated too (leave out --no-dependents)"
            )
        if plan.spare is not None:
            raise NotPossible(
                f"{uses}, and {plan.name} goes when it is stopped (--rm): interrupted, {other.name} could not"
                " be started again"
            )
        image = image_id(document.get("Image"))
        if self.has_image(image):
            self.notes.append(f"{uses}: it is stopped before it, and recreated after it on its image")
            return True
        loses = "is killed" if "PID" in shared else f"loses its {shared[0]} at once"
        loses = LINK_LOSES if shared == [LINK] else loses
        first = f"it {loses}, and " if runs(document) else "it "
        self.risks.append(f"{uses}: {first}cannot be started again nor recreated, as {short(image)} is gone")
        return False

    def _tell_of_others(self, uses: str, other: Dependent, plan: Replacement) -> None:
        """What becomes of one that stays. Volumes were taken over, and stay."""
        if LINK in other.kinds:
            now = f"it {LINK_LOSES}, and " if runs(self.documents[other.container_id]) else "it "
            self.risks.append(f"{uses}: {now}cannot be started again until it is recreated by hand")
        if START in other.kinds:
            self.risks.append(
                f"{other.name} requires {plan.name}: until it is recreated by hand, Podman starts the old one"
                " with it, and removes that only after it"
            )
        if "volumes" in other.kinds:
            self.notes.append(f"{uses}: it goes on with these volumes, which {plan.name} keeps too")
        if LINK_BY_NAME in other.kinds:
            self.notes.append(f"{uses}: it leads to the new one")
        if NAMESPACES & {*other.kinds}:
            self.notes.append(f"{uses}: it is left as it is; recreated by hand, it uses the new one")

    def _recreated(self, plan: Replacement, other: Dependent) -> Replacement:
        try:
            return self.recreate(other.container_id)
        except NotPossible as error:
            uses = f"{other.name} uses {', '.join(other.kinds)} of {plan.name}"
            raise NotPossible(f"{uses}, and cannot be recreated with it: {error}") from error

    def _joining(self, plan: Replacement, found: Mapping[str, Replacement]) -> Replacement:
        """With what it joins: `body` has the IDs of the old ones, the command shows their names."""
        document = self.documents.get(plan.container_id, {})
        shared = joins(document, [each for key, each in self.documents.items() if key in found])
        if not shared:
            return plan
        body, ids = joined(plan.body, shared, document), tuple(dict.fromkeys(shared.values()))
        if plan.aside is not None:
            return replace(plan, joins=ids)
        named = joined(body, {key: found[key].name for key in ids})
        command = create_shown(
            plan.new_name, named, plan.networks, plan.left, like=document, like_name=plan.name
        )
        return replace(plan, joins=ids, body=body, command=command)
