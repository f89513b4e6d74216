"""Roll back: a tag, or containers, use another digest again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.catalog.places import places_of
from imgtui.model.containers.compose import Override
from imgtui.model.containers.replacement import Replacement, TagToMove, joining
from imgtui.model.core.digest import short
from imgtui.model.core.image import Container
from imgtui.model.core.reference import repository_of
from imgtui.model.keeps.keep import is_keep
from imgtui.model.plans.plan import NotPossible, Plan, unread_words
from imgtui.model.taglog.moves import Move, Provenance, of_any_tag


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
    changes: tuple[str, ...] = ()
    """What of the containers' configuration is otherwise afterwards: as it is now, and then."""
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


@dataclass(frozen=True, slots=True)
class Earlier:
    """The image that a roll back goes to where nobody says which."""

    image_id: str
    """It is there, or a registry is known to have it."""
    passed: tuple[str, ...] = ()
    """Later ones that are gone, the newest first."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is said of those that are passed over."""
        if not self.passed:
            return ()
        are = "were there later, and are" if len(self.passed) > 1 else "was there later, and is"
        return (f"{_shorts(self.passed)} {are} passed over: gone, and no registry is known to have it",)


def earlier_of_tag(catalog: Catalog, moves: Sequence[Move], reference: str) -> Earlier:
    """The image that a tag pointed at before the one it points at now. `moves` are the newest first.

    The newest that is there, or can be pulled again. Raises NotPossible.
    """
    now = catalog.tags.get(reference)
    return _earlier(
        catalog, moves, reference, now, f"{reference} is not known to have pointed elsewhere before"
    )


def earlier_of_container(catalog: Catalog, moves: Sequence[Move], container: Container) -> Earlier:
    """The image that the container's tag pointed at before the one that it runs; likewise."""
    tag = container.created_from
    if tag is None:
        raise NotPossible(f"{container.name} was not created from a tag: say which digest, --to DIGEST")
    why = f"{tag} is not known to have pointed elsewhere before {short(container.image_id)}"
    return _earlier(catalog, moves, tag, container.image_id, why)


def drifting_with(catalog: Catalog, reference: str, target: str) -> tuple[Container, ...]:
    """Containers created from a tag that run another image than the one it shall point at, by name."""
    found = [
        container
        for container in catalog.containers.values()
        if container.created_from == reference and container.image_id != target
    ]
    return tuple(sorted(found, key=lambda container: container.name))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What is to be said where an image may be of another repository than what is rolled back."""

    risks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def elsewhere(
    catalog: Catalog, what: str, own: Iterable[str | None], target: str, *, is_tag: bool = False
) -> Elsewhere:
    """Whether an image is of one of the repositories `own` of a container, or a tag; `what` is its name."""
    places, mine = repositories_of(catalog, target), {place for place in own if place}
    if not mine or mine & places:
        return Elsewhere()
    named = ", ".join(sorted(mine))
    if not places:
        unnamed = f"{short(target)} has no name here, and had none that is known"
        return Elsewhere(notes=(f"{unnamed}: whether it is of {named} cannot be told",))
    does = "point at" if is_tag else "run"
    of = f"{short(target)} is of {', '.join(sorted(places))}, not of {named}"
    return Elsewhere((f"{what} would {does} another repository: {of}",))


def repositories_of(catalog: Catalog, image_id: str) -> set[str]:
    """The repositories that an image has, or had, a name in."""
    image = catalog.images.get(image_id)
    digests = (*(image.repo_digests if image is not None else ()), *catalog.past.pulls.get(image_id, ()))
    named = {repository_of(name) for name in digests if not is_keep(name)}
    return places_of(catalog, image_id) | {name for name in named if name}


def _earlier(catalog: Catalog, moves: Sequence[Move], reference: str, now: str | None, why: str) -> Earlier:
    """Where the newest move to `now` came from, or that came from, until one is not gone for good.

    Moves that went back and forth are followed as they were.
    """
    passed: list[str] = []
    here = now
    for move in moves:
        if of_any_tag(move) or (move.known is Provenance.UNREAD and move.reference == reference):
            raise NotPossible(f"{unread_words(move)}: say which digest, --to DIGEST")
        if move.reference != reference or move.target != here or move.known is Provenance.EVIDENCE:
            continue
        if move.origin is None or move.origin == here:
            break
        here = move.origin
        if here == now or here in passed:
            continue
        if here in catalog.images or catalog.past.pulls.get(here):
            return Earlier(here, tuple(passed))
        passed.append(here)
    if passed:
        gone = "is gone from this engine, and no registry is known to have it"
        raise NotPossible(
            f"what {reference} pointed at before ({_shorts(passed)}) {gone}: say which, --to DIGEST"
        )
    raise NotPossible(f"{why}: say which digest, --to DIGEST")


def _shorts(image_ids: Sequence[str]) -> str:
    return ", ".join(map(short, image_ids))
