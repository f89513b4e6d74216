"""Changes of any kind, newest first: moves of tags and keeps, and what imgtui did to containers and images.

The tag log has the moves, whoever made them; the journal has the acts. The order is that of recording.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.catalog.places import places_of
from imgtui.model.containers.compose import service_of
from imgtui.model.containers.replacement import Journey, Progress
from imgtui.model.core.digest import short
from imgtui.model.core.image import Container
from imgtui.model.core.reference import repository_of
from imgtui.model.plans.plan import NotPossible, plan_undo
from imgtui.model.safety.json import mapping
from imgtui.model.taglog.moves import Cause, Move, Provenance, in_order
from imgtui.model.taglog.words import YOU, when

DONE: Final = "done"
"""The outcome of an act that did all it was to do."""


@dataclass(frozen=True, slots=True)
class RolledBack:
    """Containers that imgtui had run another digest; undoing that, and doing it again, are such acts too."""

    number: int
    """Of the act in the journal."""
    at: int
    """When it ended, nanoseconds since the epoch."""
    journey: Journey
    after: int | None = None
    """Number of the newest move that was recorded when it ended; None where that was not written down."""

    @property
    def names(self) -> str:
        """The containers, and the tag that went with them."""
        tag = [self.journey.tag.reference] if self.journey.tag is not None else []
        return ", ".join([*tag, *(progress.name for progress in self.journey.containers)])


@dataclass(frozen=True, slots=True)
class RemovedForGood:
    """What imgtui took away, which nothing brings back."""

    number: int
    at: int
    what: str
    """The title of its plan: `remove 8f3c123b90a4 (web)`."""
    places: tuple[str, ...] = ()
    """The repositories that it was in."""
    container: str | None = None
    """The name of the container that it was."""
    after: int | None = None
    """As of a roll back."""
    container_id: str | None = None
    """Its ID; None in acts of earlier versions too."""

    def to_json(self) -> str:
        """The text for the journal."""
        of_container = {"container": self.container, "container_id": self.container_id}
        return json.dumps({"removed": self.what, "places": self.places, **of_container})

    @classmethod
    def from_json(cls, number: int, at: int, text: str, after: int | None = None) -> Self:
        """Read what `to_json` wrote. Raises ValueError."""
        try:
            raw = json.loads(text)
            places = tuple(map(str, raw["places"]))
            identifier = raw.get("container_id")
            return cls(number, at, str(raw["removed"]), places, raw.get("container"), after, identifier)
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"not a removal: {error!r}") from error


@dataclass(frozen=True, slots=True)
class UnreadAct:
    """An act of which this version does not understand what it wrote of itself: nothing is undone past it."""

    number: int
    at: int
    """When it ended, or began, nanoseconds since the epoch; as late as can be where that is not known."""
    name: str
    """What its row is called: `row 3 of acts`."""
    after: int | None = None
    """As of a roll back."""


PastAct = RolledBack | RemovedForGood | UnreadAct
Change = Move | PastAct
PointsAt = Callable[[str], str | None]
"""Where a tag, or a keep, points now."""
Stands = Callable[[RolledBack], bool]
"""Whether something that a roll back did is still so."""


def read_act(number: int, at: int, after: int | None, outcome: str, progress: str) -> PastAct | None:
    """An act that is over, by what it wrote of itself; None for a roll back that was put back.

    Raises ValueError where that is not understood.
    """
    try:
        return RemovedForGood.from_json(number, at, progress, after)
    except ValueError:
        journey = Journey.from_json(progress)
    return RolledBack(number, at, journey, after) if outcome == DONE else None


def stands(catalog: Catalog, act: RolledBack, *, gone: bool = False) -> bool:
    """Whether something that it did can be put back, as of `standing`."""
    return bool(standing(catalog, act, gone=gone))


def standing(catalog: Catalog, act: RolledBack, *, gone: bool = False) -> list[Progress]:
    """What of it can be put back: where the new container is in place, or was removed and left its place.

    Where the one before is not there either, somebody has cleared away: only with `gone` it counts then,
    where nothing else does and the journal has its configuration.
    """
    found = [
        each
        for each in act.journey.containers
        if in_place(catalog, each) is not None
        or (is_place_empty(catalog, each) and each.before in catalog.containers)
    ]
    if found or not gone:
        return found
    return [each for each in act.journey.containers if is_place_empty(catalog, each) and each.configuration]


def in_place(catalog: Catalog, progress: Progress) -> Container | None:
    """The container that a replacement put in place of another one, whatever people call it since.

    None where it is gone or stands aside, or another one has the name.
    """
    found = catalog.containers.get(progress.made or "")
    if found is None or found.name == progress.name:
        return found
    return None if _is_taken(catalog, progress.name) or catalog.is_spare(found) else found


def is_place_empty(catalog: Catalog, progress: Progress) -> bool:
    """Whether the new container was removed, and no other one has its name."""
    return progress.made not in catalog.containers and not _is_taken(catalog, progress.name)


def _is_taken(catalog: Catalog, name: str) -> bool:
    return any(known.name == name for known in catalog.containers.values())


def newest(moves: Sequence[Move], acts: Sequence[PastAct], here: PointsAt, stood: Stands) -> Change | None:
    """The newest change that is neither undone already nor over; None where there is none.

    What was done again is as new as that. A move that does not lead to where its tag points now was of
    another engine, or its tag has moved in a way that nobody saw; a roll back whose containers were replaced
    since is over. Neither can be put back.
    """
    settled: set[tuple[bool, int]] = set()
    moved = {move.number: move for move in moves}
    for change in merged(moves, acts):
        key, undone = _about(change)
        if key in settled:
            continue
        settled.add(key)
        if undone:
            continue
        if isinstance(change, UnreadAct):
            return change  # in the way of all that is older
        if isinstance(change, Move) and change.known is Provenance.UNREAD:
            return change  # so is this one: `plan_undo` refuses it
        if isinstance(change, Move) and change.cause is Cause.RELEASE:
            continue
        if isinstance(change, Move):
            original = moved.get(key[1])
            if original is not None and here(original.reference) == original.target:
                return original
        elif isinstance(change, RolledBack):
            if stood(change):
                return change
        elif not any(_removed(change, act) and stood(act) for act in acts if isinstance(act, RolledBack)):
            return change
    return None


def _removed(removal: RemovedForGood, act: RolledBack) -> bool:
    """Whether it took away a container of a roll back, which can be made again, or has another one."""
    if removal.container_id is None:
        return removal.container in {each.retired for each in act.journey.containers}
    return removal.container_id in ids_of(act)


def ids_of(act: RolledBack) -> set[str]:
    """The IDs of all containers that it is about: before and after it."""
    return {
        known
        for each in act.journey.containers
        for known in (each.container_id, each.made, each.spare)
        if known is not None
    }


def newest_undone(
    moves: Sequence[Move], acts: Sequence[PastAct], stood: Stands
) -> Move | RolledBack | UnreadAct | None:
    """What was undone last, as long as nothing else happened to its tag or container since; else None.

    An act that is not understood is in the way of all that is older.
    """
    settled: set[tuple[bool, int]] = set()
    touched: set[str] = set()
    moved = {move.number: move for move in moves}
    for change in merged(moves, acts):
        if isinstance(change, UnreadAct):
            return change
        if isinstance(change, Move) and change.known is Provenance.UNREAD:
            return None
        key, undone = _about(change)
        if key in settled:
            continue
        settled.add(key)
        names = set(_touched(change))
        if undone and not names & touched:
            if isinstance(change, RolledBack) and stood(change):
                return change
            if isinstance(change, Move) and key[1] in moved:
                return moved[key[1]]
        if not undone:
            touched |= names
    return None


def merged(moves: Sequence[Move], acts: Sequence[PastAct]) -> Iterator[Change]:
    """The newest first, without what is known by evidence alone: that was not observed.

    An act is newer than the moves that were recorded before it ended: a clock may step. Only where that was
    not written down the time decides.
    """
    observed = [move for move in in_order(moves) if move.known is not Provenance.EVIDENCE]
    done = sorted(acts, key=lambda act: -act.number)
    at = 0
    for act in done:
        while at < len(observed) and _is_later(observed[at], act):
            yield observed[at]
            at += 1
        yield act
    yield from observed[at:]


def _is_later(move: Move, act: PastAct) -> bool:
    return move.at > act.at if act.after is None else move.number > act.after


def told(act: RolledBack | RemovedForGood, now: int) -> str:
    """`rolled back by you 20 s ago`. `now` is in seconds since the epoch."""
    if isinstance(act, RemovedForGood):
        return f"{YOU} {when(act.at, now)}"
    undone = act.journey.undoes is not None and not act.journey.redo
    return f"{'put back' if undone else 'rolled back'} {YOU} {when(act.at, now)}"


def why_final(act: RemovedForGood | UnreadAct, now: int, before: str = "") -> str:
    """Why nothing is undone where this is the newest change, in one line; `before` names the next one."""
    if isinstance(act, UnreadAct):
        return f"the newest act is not understood ({act.name}): what it changed is not known"
    way = "r makes another one like it" if act.container else "nothing brings back what no registry has"
    after = f"; the change before it can: {before}" if before else ""
    return f"the newest change cannot be undone: {act.what} ({told(act, now)}); {way}{after}"


def title_before(
    catalog: Catalog,
    moves: Sequence[Move],
    acts: Sequence[PastAct],
    here: PointsAt,
    stood: Stands,
    now: int,
) -> tuple[str, str]:
    """What undoes the newest change that can be undone, and what that is of; empty where none can.

    Removals are passed over; as `newest`.
    """
    left = [act for act in acts if not isinstance(act, RemovedForGood)]
    found = newest(moves, left, here, stood)
    if isinstance(found, RolledBack):
        return title_of(found, now), found.journey.containers[0].name if found.journey.containers else ""
    if not isinstance(found, Move):
        return "", ""
    try:
        return plan_undo(catalog, found, now).title, found.reference
    except NotPossible:
        return "", ""


# ---------------------------------------------------------------------- what is in view


def in_repository(catalog: Catalog, acts: Iterable[PastAct], repository: str) -> list[PastAct]:
    """The acts on what is, or was, in a repository; one that is not understood may be on it."""
    return [act for act in acts if isinstance(act, UnreadAct) or repository in _places(catalog, act)]


def of_tag(acts: Iterable[PastAct], reference: str) -> list[PastAct]:
    """The roll backs that moved a tag, and what may have: acts that are not understood."""
    return [act for act in acts if isinstance(act, UnreadAct) or _tag_of(act) == reference]


def of_containers(acts: Iterable[PastAct], name: str | None = None, ids: Iterable[str] = ()) -> list[PastAct]:
    """The acts on a container, by a name that it had, or by the IDs of some, or on any.

    One that is not understood may be on it.
    """
    wanted = set(ids)
    return [
        act
        for act in acts
        if isinstance(act, UnreadAct)
        or ((names := _containers(act)) and (name is None or name in names))
        or (isinstance(act, RolledBack) and wanted & ids_of(act))
        or (isinstance(act, RemovedForGood) and act.container_id in wanted)
    ]


def of_service(acts: Iterable[PastAct], name: str) -> list[PastAct]:
    """The roll backs of the service of Compose that `project/service` names, also of one that is gone."""
    return [
        act
        for act in acts
        if isinstance(act, RolledBack) and any(_service_of(each) == name for each in act.journey.containers)
    ]


def _service_of(progress: Progress) -> str | None:
    """`project/service` of a container, by what the journal has of it."""
    found = service_of(mapping(mapping(progress.configuration.get("Config")).get("Labels")))
    return f"{found.project}/{found.name}" if found is not None else None


def _tag_of(act: RolledBack | RemovedForGood) -> str | None:
    moved = act.journey.tag if isinstance(act, RolledBack) else None
    return None if moved is None else moved.reference


def _containers(act: RolledBack | RemovedForGood) -> set[str]:
    if isinstance(act, RemovedForGood):
        return {act.container} if act.container else set()
    return {progress.name for progress in act.journey.containers}


def _places(catalog: Catalog, act: RolledBack | RemovedForGood) -> set[str]:
    if isinstance(act, RemovedForGood):
        return set(act.places)
    found = {repository_of(act.journey.tag.reference)} if act.journey.tag is not None else set()
    for progress in act.journey.containers:
        for container_id in (progress.container_id, progress.made, progress.spare):
            known = catalog.containers.get(container_id or "")
            if known is not None and known.created_from is not None:
                found.add(repository_of(known.created_from))
        found |= places_of(catalog, progress.origin) | places_of(catalog, progress.target)
    return {place for place in found if place}


def _about(change: Change) -> tuple[tuple[bool, int], bool]:
    """Which change this is about, and whether it undoes that."""
    if isinstance(change, Move):
        again = change.undoes is not None
        return (True, change.undoes if change.undoes is not None else change.number), (
            again and change.cause is not Cause.REDO
        )
    if isinstance(change, RolledBack) and change.journey.undoes is not None:
        return (False, change.journey.undoes), not change.journey.redo
    return (False, change.number), False


def _touched(change: Change) -> Iterator[str]:
    if isinstance(change, Move):
        yield change.reference
    elif isinstance(change, RolledBack):
        if change.journey.tag is not None:
            yield change.journey.tag.reference
        for progress in change.journey.containers:
            yield f"container {progress.name}"


def title_of(act: RolledBack, now: int) -> str:
    """The title of what puts an act back: `Put web back on 8f3c… (rolled back by you 20 s ago)`."""
    undone = act.journey.undoes is not None and not act.journey.redo
    to = {progress.origin for progress in act.journey.containers}
    where = f" on {short(to.pop())}" if len(to) == 1 else ""
    if undone:
        return f"Roll {act.names} back again{where.replace(' on ', ' to ')} ({told(act, now)})"
    return f"Put {act.names} back{where} ({told(act, now)})"
