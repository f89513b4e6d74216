"""Moves of tags: what two snapshots and the events between them say that happened.

Snapshots say what is true, events give order, cause and clock. What Docker 20.10, Docker 28.5 (both image
stores) and Podman 4.3 tell, as measured:

* `docker tag`, and each name of a build, is a `tag` event with image ID and name; the image that loses the
  tag is not told. A build by BuildKit sends `create` of the same image right beside it (API 1.45 and newer):
  on graph drivers after its names, on the containerd store before them. So a name that somebody else gives
  the image at that moment is no build's where it stands on the other side; else nothing tells the two apart.
* `import` and `commit` follow their `tag`. `pull` names the reference only, `load` the image only; neither
  sends `tag`. Podman's `build` names the image only.
* `untag` names the reference on the containerd store and Podman, the image on graph drivers.
* `delete` with a name is about that name; without one the image is gone.
* Podman's `commit` and load name nothing; its `pull` and load tell when they began.
* `prune` follows what it removed, on graph drivers only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from imgtui.model.core.clock import SECOND
from imgtui.model.core.event import Event

BESIDE = SECOND // 10
"""Nanoseconds between events of one act: 1 to 30 ms were measured; a `docker tag` after it takes longer."""
PRUNING = 2 * SECOND
"""Nanoseconds that a prune takes at most from one image to the next."""
FRESH = 3 * SECOND
"""An image that was created so shortly before its first tag came from a build that sent no event."""


class Cause(StrEnum):
    """What moved a tag."""

    BUILD = "build"
    PULL = "pull"
    TAG = "tag"
    LOAD = "load"
    IMPORT = "import"
    COMMIT = "commit"
    UNTAG = "untag"
    DELETE = "delete"
    PRUNE = "prune"
    ROLLBACK = "rollback"
    UNDO = "undo"
    REDO = "redo"
    RELEASE = "release"
    """A keep rule let go of what it had kept."""
    UNKNOWN = "unknown"


class Provenance(StrEnum):
    """How a move is known."""

    EVENT = "event"
    SNAPSHOT = "snapshot"
    """Two snapshots differ."""
    ACT = "act"
    """imgtui did it."""
    EVIDENCE = "evidence"
    """Something else proves it: `Move.source` says what. It was not observed."""
    UNREAD = "not understood"
    """It stands in the log in a way that this version does not understand: `Move.source` says which row."""


OUTSIDE, IMGTUI = "outside", "imgtui"
"""Who moved a tag."""


@dataclass(frozen=True, slots=True)
class Move:
    """One change of one tag."""

    reference: str
    """Tagged familiar reference."""
    origin: str | None
    """Image ID that the tag pointed at before; None where it was born, or where that is not known."""
    target: str | None
    """Image ID that the tag pointed at from then on; None where it was removed."""
    at: int
    """Nanoseconds since the epoch: when it happened, or the latest time when it can have happened."""
    not_before: int | None = None
    """The earliest time when it can have happened; None where `at` is exact."""
    cause: Cause = Cause.UNKNOWN
    known: Provenance = Provenance.SNAPSHOT
    source: str = ""
    """Of evidence: what proves it."""
    actor: str = OUTSIDE
    number: int = 0
    """Its place in the log of all engines; 0 while it is not recorded."""
    undoes: int | None = None
    """The number of the move that this one puts back."""


def moves_between(
    before: Mapping[str, str],
    events: Sequence[Event],
    after: Mapping[str, str | None],
    *,
    since: int,
    now: int,
    created: Mapping[str, int],
    digested: Collection[str] = (),
    create_first: bool | None = None,
) -> list[Move]:
    """The moves that lead from one snapshot to another, in order.

    `before` is tag to image ID; `after` too, for the tags that were looked at, None for those that are
    gone. `events` are those between the two, as they came. `since` and `now` are when the snapshots were
    true, nanoseconds since the epoch; `created` is when images were created, in seconds. `digested` are
    images that have, or had, a repo digest: taking that away sends what taking a tag away sends.
    `create_first` is whether a build's `create` comes before its names; None where that is not known.
    """
    of_images = [event for event in events if event.kind == "image"]
    walk = _Walk(before, of_images, after, created, digested, create_first)
    return [*walk.told(), *walk.untold(since, now)]


@dataclass(frozen=True, slots=True)
class _Hint:
    """A cause whose event did not name both tag and image."""

    cause: Cause
    at: int
    begun: bool = False
    """Whether it happened at this time or later."""
    until: int | None = None
    """The latest time when it can have happened, if that is not `at` and known."""


ARRIVALS = {
    "load": Cause.LOAD,
    "loadfromarchive": Cause.LOAD,
    "import": Cause.IMPORT,
    "build": Cause.BUILD,
    "commit": Cause.COMMIT,
    "pull": Cause.PULL,
    "create": Cause.BUILD,
}
"""What brings an image, or a name for one, and does not say which tag points at which image."""


_UNCLEAR = {"load", "loadfromarchive", "pull", "build", "commit"}
"""Events after which an image may have other names than those that are known."""


class _Walk:
    """Follows events from a snapshot on; what they leave open is settled by the next snapshot."""

    def __init__(
        self,
        before: Mapping[str, str],
        events: Sequence[Event],
        after: Mapping[str, str | None],
        created: Mapping[str, int],
        digested: Collection[str],
        create_first: bool | None,
    ) -> None:
        self._state = dict(before)
        self._events = events
        self._after = after
        self._created = created
        self._digested = digested
        self._create_first = create_first
        self._seen = set(before.values())
        self._arrived: dict[str | None, list[_Hint]] = {}
        """By image ID or reference; None for an event that named neither."""
        self._unplaced = False
        """Whether something arrived of which the image is not known."""
        self._lost: dict[str, list[_Hint]] = {}
        """Untaggings by image ID that did not say which tag."""

    def told(self) -> Iterator[Move]:
        """The moves that events tell whole."""
        for index, event in enumerate(self._events):
            if event.action == "tag" and event.id and event.reference:
                yield from self._point(event.reference, event.id, self._cause_of_tag(index), event.time_ns)
            elif event.action == "untag":
                yield from self._untagged(index)
            elif event.action == "delete":
                yield from self._deleted(index)
            elif cause := ARRIVALS.get(event.action):
                about = self._arrived.setdefault(event.id or event.reference, [])
                about.append(_Hint(cause, event.time_ns, event.begun))
                self._unplaced |= not event.id

    def untold(self, since: int, now: int) -> Iterator[Move]:
        """The moves that only the snapshot shows, by name."""
        for reference in sorted(self._after):
            target, origin = self._after[reference], self._state.get(reference)
            if target == origin:
                continue
            hint = self._hint(reference, origin, target)
            if hint is None:
                yield Move(reference, origin, target, now, min(since, now))
            elif hint.begun:
                at, known = (
                    max(hint.at, now),
                    Provenance.SNAPSHOT if hint.cause is Cause.UNKNOWN else Provenance.EVENT,
                )
                yield Move(reference, origin, target, at, hint.at, hint.cause, known)
            else:
                at, not_before = _times(hint)
                yield Move(reference, origin, target, at, not_before, hint.cause, Provenance.EVENT)

    def _point(
        self, reference: str, target: str | None, cause: Cause, at: int, not_before: int | None = None
    ) -> Iterator[Move]:
        origin = self._state.get(reference)
        if target is None:
            self._state.pop(reference, None)
        else:
            self._state[reference] = target
            self._seen.add(target)
        if origin != target:
            yield Move(reference, origin, target, at, not_before, cause, Provenance.EVENT)

    def _cause_of_tag(self, index: int) -> Cause:
        event = self._events[index]
        earlier, later = ({other.action for other in self._beside(index, step)} for step in (-1, 1))
        for action in ("import", "commit"):  # a commit sends `create` too (Docker 28.5)
            if action in earlier | later:
                return ARRIVALS[action]
        if ("create" in earlier and self._create_first is not False) or (
            "create" in later and self._create_first is not True
        ):
            return Cause.BUILD
        age = event.time_ns - self._created.get(event.id or "", 0) * SECOND
        fresh = -SECOND < age < FRESH and event.id not in self._seen
        return Cause.BUILD if fresh else Cause.TAG

    def _untagged(self, index: int) -> Iterator[Move]:
        event = self._events[index]
        cause = self._cause_of_loss(index, Cause.UNTAG)
        if event.reference:
            yield from self._point(event.reference, None, cause, event.time_ns)
        elif event.id:
            able = [name for name in self._names_of(event.id) if not self._stays(name, event.id, index)]
            # A `load` names no tag and a `pull` no image: they may have taken some of these tags, or given
            # this image others. It may be a repo digest that was taken away.
            unknown = event.id in self._arrived or self._unplaced or event.id in self._digested
            doubtful = len(able) > 1 or unknown
            sure = [name for name in able if self._ends(name, index)] if doubtful else able
            if (name := self._taken_before(able, sure, index)) is not None:
                yield from self._point(name, None, Cause.UNTAG, event.time_ns)
            elif len(sure) == 1 and event.id not in self._digested:
                yield from self._point(sure[0], None, cause, event.time_ns)
            elif able:
                self._lost.setdefault(event.id, []).append(_Hint(cause, event.time_ns))

    def _taken_before(self, able: Sequence[str], ending: Sequence[str], index: int) -> str | None:
        """Of an image that loses its names one by one, the name that is given to another image first.

        There are more untaggings to come than names that end as nothing: this one is of a name that does not.
        """
        image_id, later = self._events[index].id, self._events[index + 1 :]
        if image_id in self._digested:
            return None
        if any(event.action in _UNCLEAR or (event.action, event.id) == ("tag", image_id) for event in later):
            return None
        untaggings = 1 + sum(event.action == "untag" and event.id == image_id for event in later)
        given = [event.reference for event in later if event.action == "tag" and event.reference in able]
        return given[0] if given and 0 < len(ending) < untaggings else None

    def _deleted(self, index: int) -> Iterator[Move]:
        """With a name only that is gone: Podman tells it of an image that has other names left."""
        event = self._events[index]
        cause = self._cause_of_loss(index, Cause.DELETE)
        if event.reference:
            if self._state.get(event.reference) == event.id:
                yield from self._point(event.reference, None, cause, event.time_ns)
        elif event.id:
            when = _span(self._lost.get(event.id, [])) or _Hint(cause, event.time_ns)
            for name in self._names_of(event.id):
                if self._ends(name, index):
                    yield from self._point(name, None, cause, *_times(when))

    def _cause_of_loss(self, index: int, cause: Cause) -> Cause:
        """Untagging an image's last name deletes it, and a prune tells itself after what it removed."""
        event, last = self._events[index], self._events[index].time_ns
        for other in self._events[index + 1 :]:
            at_once, last = other.time_ns - last <= PRUNING, other.time_ns
            if other.action == "prune" and at_once:
                return Cause.PRUNE
            if other.action not in {"untag", "delete"} or not at_once:
                break
            if other.action == "delete" and other.id == event.id and _near(event, other):
                others = set(self._names_of(event.id or "")) - {event.reference}
                cause = cause if other.reference and others else Cause.DELETE
        return cause

    def _stays(self, name: str, image_id: str, index: int) -> bool:
        """Whether a tag still points at an image after all that happened."""
        return not self._named_later(name, index) and self._after.get(name, image_id) == image_id

    def _ends(self, name: str, index: int) -> bool:
        """Whether a tag is gone after all that happened, and nothing later tells of it."""
        return not self._named_later(name, index) and self._after.get(name, "") is None

    def _named_later(self, name: str, index: int) -> bool:
        return any(e.reference == name and e.action in {"tag", "untag"} for e in self._events[index + 1 :])

    def _names_of(self, image_id: str) -> list[str]:
        return sorted(name for name, target in self._state.items() if target == image_id)

    def _hint(self, reference: str, origin: str | None, target: str | None) -> _Hint | None:
        if target is None:
            return _span(self._lost.get(origin or "", []))
        for key in (reference, target):
            if key in self._arrived:
                return self._arrived[key][-1]
        return _one_of(self._arrived.get(None, []))

    def _beside(self, index: int, step: int) -> Iterator[Event]:
        """The events of the same act, before (-1) or after (1): each close to the next, all of one image."""
        position, last = index + step, self._events[index]
        while 0 <= position < len(self._events) and _near(last, self._events[position]):
            yield self._events[position]
            last, position = self._events[position], position + step


def _span(hints: Sequence[_Hint]) -> _Hint | None:
    """When one of these happened: which of several names was taken away when is not told.

    A client that asks for one after the other takes as long as an engine that does all at once: 3 ms each.
    """
    if len(hints) < 2:
        return hints[0] if hints else None
    return replace(hints[0], until=hints[-1].at)


def _times(hint: _Hint) -> tuple[int, int | None]:
    """`Move.at` and `Move.not_before`."""
    return (hint.at, None) if hint.until is None else (hint.until, hint.at)


def _one_of(hints: Sequence[_Hint]) -> _Hint | None:
    """What is known of a move that one of these events is about."""
    if not hints:
        return None
    causes = {hint.cause for hint in hints}
    return _Hint(causes.pop() if len(causes) == 1 else Cause.UNKNOWN, min(h.at for h in hints), begun=True)


def _near(one: Event, other: Event) -> bool:
    return one.id == other.id and abs(one.time_ns - other.time_ns) <= BESIDE


def in_order(moves: Iterable[Move]) -> list[Move]:
    """The newest first. The order is that in which moves were recorded: a clock may step back.

    What is known by evidence alone happened before anything was observed: in order of the latest time when it
    can have happened, then of the earliest.
    """
    return sorted(moves, key=_newest_first)


def _newest_first(move: Move) -> tuple[bool, int, int]:
    if move.known is not Provenance.EVIDENCE:
        return False, -move.number, 0
    return True, -move.at, -(move.at if move.not_before is None else move.not_before)


def of_any_tag(move: Move) -> bool:
    """Whether a move may be of any tag: its row is not understood, nor which tag it is of."""
    return move.known is Provenance.UNREAD and not move.reference
