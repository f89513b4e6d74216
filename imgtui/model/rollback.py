"""Roll back: a tag, or containers, use another digest again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imgtui.model.catalog import Catalog
from imgtui.model.compose import Override
from imgtui.model.digest import short
from imgtui.model.image import Container
from imgtui.model.moves import Known, Move, of_any_tag
from imgtui.model.plan import NotPossible, Plan, unread_words
from imgtui.model.replacement import Replacement, TagToMove, joining


@dataclass(frozen=True, slots=True)
class Rollback:
    """What will be done: what is kept first, then the containers one after the other, then the tag."""

    title: str
    target: str
    containers: tuple[Replacement, ...]
    keeping: Plan | None = None
    """Keeps what runs now, and pulls what is not here."""
    tag: Plan | None = None
    """Moves the tag, when all containers are well."""
    notes: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    """What cannot be undone: such a plan is typed, not nodded."""
    overrides: tuple[Override, ...] = ()
    """Files that pin what Compose manages: written only when they are asked for."""
    undoes: int | None = None
    """Number of the act in the journal that this puts back, or does again."""
    redo: bool = False
    """Whether it does that again."""
    told: frozenset[str] = frozenset()
    """IDs of containers that share a namespace with one of these, and of which the plan says what becomes."""
    written: bool = True
    """Whether each step is written down before it is done; else a risk says that it is not."""

    @property
    def commands(self) -> tuple[str, ...]:
        """The docker commands that do the same."""
        before = self.keeping.commands if self.keeping is not None else ()
        after = self.tag.commands if self.tag is not None else ()
        return (*before, *self.of_containers, *after, *self.discarding)

    @property
    def discarding(self) -> tuple[str, ...]:
        """Those that remove what is not to stay, when all is done."""
        return tuple(line for each in reversed(self.containers) for line in each.discarding)

    @property
    def of_containers(self) -> tuple[str, ...]:
        """Those for the containers: what shares a namespace is stopped before, and made after the other."""
        stopped, found = set[str](), list[str]()
        for each in self.containers:
            found += each.making
            for other in (*reversed(joining(self.containers, each.container_id)), each):
                if other.container_id not in stopped:
                    stopped.add(other.container_id)
                    found += other.stopping
            found += each.starting
        return tuple(found)

    @property
    def tag_to_move(self) -> TagToMove | None:
        """The tag that follows the containers."""
        step = self.tag.steps[-1] if self.tag is not None else None
        if step is None:
            return None
        return TagToMove(step.reference, step.origin, step.target, step.cause, step.undoes)


def earlier_of_tag(catalog: Catalog, moves: Sequence[Move], reference: str) -> str:
    """The image that a tag pointed at before the one it points at now. `moves` are the newest first.

    Raises NotPossible.
    """
    now = catalog.tags.get(reference)
    return _earlier(moves, reference, now, f"{reference} is not known to have pointed elsewhere before")


def earlier_of_container(moves: Sequence[Move], container: Container) -> str:
    """The image that the container's tag pointed at before the one that it runs. Raises NotPossible."""
    tag = container.created_from
    if tag is None:
        raise NotPossible(f"{container.name} was not created from a tag: say which digest, --to DIGEST")
    why = f"{tag} is not known to have pointed elsewhere before {short(container.image_id)}"
    return _earlier(moves, tag, container.image_id, why)


def drifting_with(catalog: Catalog, reference: str, target: str) -> tuple[Container, ...]:
    """Containers created from a tag that run another image than the one it shall point at, by name."""
    found = [
        container
        for container in catalog.containers.values()
        if container.created_from == reference and container.image_id != target
    ]
    return tuple(sorted(found, key=lambda container: container.name))


def _earlier(moves: Sequence[Move], reference: str, now: str | None, why: str) -> str:
    """Where the newest move to `now` came from; moves that went back and forth are followed as they were."""
    for move in moves:
        if of_any_tag(move) or (move.known is Known.UNREAD and move.reference == reference):
            raise NotPossible(f"{unread_words(move)}: say which digest, --to DIGEST")
        if move.reference == reference and move.target == now and move.known is not Known.EVIDENCE:
            if move.origin is not None and move.origin != now:
                return move.origin
            break
    raise NotPossible(f"{why}: say which digest, --to DIGEST")
