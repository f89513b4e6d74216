"""The tag log: every move of every tag, recorded once, whatever number of programs watch.

Each program brings what it saw, in its own time. Four things keep the log true:

* the tags as they are recorded and the moves between them change in one transaction;
* an event is used once: its key is remembered for longer than an engine holds it;
* an observation that may be older than what is recorded changes nothing: it comes back as `unsettled`, to be
  looked at again. Times are compared on a clock of the machine that never steps back.
* an event that arrives when a snapshot has shown already what it tells takes that one's place: see
  `model/taglog/late_events.py`.

Keeps are recorded among the tags, and their events are used: an untagging that names the image alone would
else be taken for that of somebody's tag. Their moves are told by nobody but the act that made them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from types import MappingProxyType
from typing import Any, Final

from imgtui.model.core.clock import SECOND, MonotonicTime
from imgtui.model.core.event import Event
from imgtui.model.core.image import Image
from imgtui.model.keeps.keep import is_keep, read_keep
from imgtui.model.taglog.late_events import is_stale, is_untagging, retold, taken_already, told_anew
from imgtui.model.taglog.moves import IMGTUI, Cause, Move, Provenance, in_order, moves_between
from imgtui.model.taglog.observation import IN_FLIGHT, Observation, true_since
from imgtui.model.taglog.proofs import FirstSight, each_once
from imgtui.store.journal import ANYWHERE
from imgtui.store.pulls import write_pulls
from imgtui.store.rows import (
    EARLIEST_SECOND,
    LATEST,
    LATEST_SECOND,
    lines,
    next_number,
    text,
    text_or_none,
    understood,
    whole,
    whole_or_none,
)
from imgtui.store.state import State

EVENTS_HELD: Final = 4096
"""Keys of events that are remembered of an engine: Docker holds 256 events, Podman its whole file."""
LATEST_MOVES: Final = 200
"""Moves of an engine that an event can still be about when it arrives."""

ARRIVES_AFTER: Final = {"import": Cause.IMPORT, "commit": Cause.COMMIT, "create": Cause.BUILD}
"""Events that follow the `tag` of what they made."""
LATE: Final = SECOND // 2
"""Nanoseconds: under load 0.2 s were measured between the two."""
BESIDE: Final = 2 * SECOND
"""Nanoseconds by which two programs may differ about the time of one change."""
AT_ONCE: Final = 10 * SECOND
"""Nanoseconds between the beginning of an act and its move: later ones were recorded after a break."""

_ALL: Final = (
    "SELECT number, reference, origin, target, at, not_before, cause, known, source, actor, undoes"
    " FROM moves WHERE engine = ?"
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an observation brought."""

    moves: tuple[Move, ...] = ()
    unsettled: tuple[str, ...] = ()
    """Tags to be looked at again: what was seen of them may be older than what is recorded, or is not yet."""
    first_sight: bool = False
    """Whether nothing was known of the engine before."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """What another state file knows of the same engine."""

    confirmed: int
    """When its tags were known to be true last, nanoseconds since the epoch."""
    moves: tuple[Move, ...]
    tags: Mapping[str, tuple[str | None, MonotonicTime]]
    images: tuple[Image, ...] = ()
    pulls: Mapping[str, Sequence[str]] = field(default_factory=dict)
    seen: tuple[str, ...] = ()
    """Keys of the events that it has used."""


class TagLog:
    """The moves of one engine's tags, in the state file. Every method may raise StateUnusable."""

    def __init__(self, state: State, engine: str) -> None:
        self._state = state
        self._engine = engine

    def confirmed(self) -> int | None:
        """When the recorded tags were known to be true last, nanoseconds since the epoch; None: never.

        0 where that is not understood: what moved since then moved at some time.
        """
        with self._state.reading() as file:
            rows = file.execute("SELECT id, confirmed FROM engines WHERE id = ?", (self._engine,))
            found = understood(
                self._state.unread, "engines", rows, lambda _, at: whole(at, 0), instead=lambda *_: 0
            )
            return next(found, None)

    def record(self, observation: Observation, *, name: str = "", proved: Sequence[Move] = ()) -> Recorded:
        """Compare with what is recorded, and record what differs. The first sight must be of all tags.

        With the first sight goes what the events that the engine held have `proved`: no later look has them.
        """
        with self._state.changing() as file:
            since = self.confirmed()
            if since is None:
                if not observation.whole:
                    return Recorded()
                return self._begin(file, observation, name, proved)
            since = true_since(since, observation.now)
            known = self._tags(file)
            blind = self._not_understood(file, known)
            settled, unsettled = self._settle(observation, known)
            before = {tag: target for tag, (target, _) in known.items() if target is not None}
            unseen = self._unseen(file, observation.events)
            newest = self._newest(file, unseen)
            events = [event for event in unseen if not is_stale(event, newest)]
            events = self._without_own(file, newest, events)
            anew = told_anew(newest, events, settled)
            lost = self._lost(file, newest, known, observation)
            taken = taken_already(events, lost, since)
            found = moves_between(
                {**_rewound(before, anew), **taken},
                events,
                {**dict.fromkeys(taken), **{tag: moves[-1].target for tag, moves in anew.items()}, **settled},
                since=since,
                now=observation.now,
                created=_created(observation),
                digested=self._digested(file, events, observation),
                create_first=observation.create_first,
            )
            told_keeps = [m.reference for m in found if is_keep(m.reference) and m.known is Provenance.EVENT]
            found = [move for move in found if not is_keep(move.reference)]
            # Where a tag pointed whose row is not understood is not known: from now on it is again.
            fresh = [move for move in found if move.reference not in {*anew, *taken, *blind}]
            for reference in taken:
                about = [move for move in found if move.reference == reference]
                fresh += self._after_loss(file, about, newest.get(reference, ()))
            moves = [self._write(file, self._attributed(file, move, since)) for move in fresh]
            ends = {move.reference: move.target for move in moves}
            for reference, seen_only in anew.items():
                about = [move for move in found if move.reference == reference]
                told = retold(about, seen_only, looked=reference in settled)
                moves += self._replace(file, seen_only, told, since)
                # The last one may be as it was, and is none of those that are written.
                ends[reference] = told[-1].target if told else seen_only[0].origin
            self._correct_causes(file, events, names_follow=observation.create_first is True)
            self._keep_tags(file, {**ends, **settled}, observation, known)
            self._forget_keeps(file, told_keeps)
            self._keep_seen(file, observation.events)
            seen = observation.images.values() if observation.whole else _looked_at(moves, observation)
            self._keep_images(file, _named(seen))
            if observation.followed:
                self._confirm(file, observation.true_until, observation.now)
        return Recorded(tuple(moves), tuple(unsettled))

    def _begin(
        self, file: sqlite3.Connection, observation: Observation, name: str, proved: Sequence[Move]
    ) -> Recorded:
        file.execute(
            "INSERT INTO engines (id, name, confirmed) VALUES (?, ?, ?)",
            (self._engine, name, observation.now),
        )
        self._keep_tags(file, observation.tags, observation, {})
        self._keep_seen(file, observation.events)
        self._keep_images(file, _named(observation.images.values()))
        there = self.moves()
        restored = {_proof(move) for move in there if move.known is Provenance.EVIDENCE}
        observed = {move.reference for move in there if move.known is not Provenance.EVIDENCE}
        new = [move for move in proved if _proof(move) not in restored and move.reference not in observed]
        return Recorded(tuple(self._write(file, move) for move in new), first_sight=True)

    def confirm(self, now: int) -> None:
        """What is recorded is still true."""
        with self._state.changing() as file:
            self._confirm(file, now, now)

    def add(self, moves: Iterable[Move]) -> list[Move]:
        """Add moves that imgtui made of references of its own."""
        with self._state.changing() as file:
            return [self._write(file, move) for move in moves]

    def wants_evidence(self) -> bool:
        """Whether nobody has looked yet for what happened before the first sight."""
        with self._state.reading() as file:
            rows = file.execute("SELECT id, evidence FROM engines WHERE id = ?", (self._engine,))
            looked = understood(self._state.unread, "engines", rows, lambda _, done: whole(done, 0, 1))
            return next(looked, 1) == 0

    def add_evidence(self, moves: Iterable[Move], now: int | None = None) -> list[Move]:
        """Add what is known of the time before the first sight, once; what is new of it.

        What was observed needs no proof. `now` is the engine's time, nanoseconds since the epoch.
        """
        with self._state.changing() as file:
            if not self.wants_evidence():
                return []  # somebody else was as quick
            file.execute("UPDATE engines SET evidence = 1 WHERE id = ?", (self._engine,))
            here, found = self.moves(), list(moves)
            there = [move for move in here if move.known is Provenance.EVIDENCE]
            proved = {_proof(move) for move in there}
            unknown = max([now or 0, *(move.at + 1 for move in found)])
            sights = {tag: FirstSight(target, unknown) for tag, (target, _) in self._tags(file).items()}
            for move in here:  # the newest first
                if move.known is not Provenance.EVIDENCE:
                    earliest = move.at if move.not_before is None else max(move.not_before, 1)
                    sights[move.reference] = FirstSight(move.origin, earliest)
            new = (move for move in found if _proof(move) not in proved)
            news = each_once(there, new, sights, self._created(file))
            return [self._write(file, move) for move in news]

    def moves(self) -> list[Move]:
        """All moves, the newest first; a row that is not understood is a move from nowhere to nowhere."""
        with self._state.reading() as file:
            return in_order(self._read(file.execute(_ALL, (self._engine,))))

    def oldest(self) -> int | None:
        """The time of the move that happened first, nanoseconds since the epoch; None where there is none."""
        with self._state.reading() as file:
            rows = file.execute(
                "SELECT 0, MIN(at) FROM moves WHERE engine = ? AND typeof(at) = 'integer'", (self._engine,)
            )
            return next(understood(self._state.unread, "moves", rows, lambda _, at: whole_or_none(at)), None)

    def newest_number(self) -> int:
        """The number of the move that was recorded last; 0 where there is none."""
        with self._state.reading() as file:
            rows = file.execute(
                "SELECT 0, MAX(number) FROM moves WHERE engine = ? AND number < ?", (self._engine, LATEST)
            )
            numbers = understood(self._state.unread, "moves", rows, lambda _, most: whole_or_none(most))
            return next(numbers, None) or 0

    def moves_after(self, number: int) -> list[Move]:
        """The moves that were recorded after the one of this number, in that order."""
        with self._state.reading() as file:
            rows = file.execute(f"{_ALL} AND number > ? ORDER BY number", (self._engine, number))
            return list(self._read(rows))

    def tags(self) -> dict[str, str]:
        """The tags that are recorded, each with the image that it points at."""
        with self._state.reading() as file:
            known = self._tags(file)
        return {tag: target for tag, (target, _) in known.items() if target is not None and not is_keep(tag)}

    def names(self) -> dict[str, str]:
        """The tags and keeps that are recorded, each with the image that it points at."""
        with self._state.reading() as file:
            return {name: target for name, (target, _) in self._tags(file).items() if target is not None}

    def pointing_at(self, image_ids: Iterable[str]) -> dict[str, str]:
        """The tags and keeps that are recorded on these images, each with its image."""
        query = "SELECT reference FROM tags WHERE engine = ? AND target = ?"
        with self._state.reading() as file:
            return {
                reference: image_id
                for image_id in image_ids
                for reference in understood(
                    self._state.unread, "tags", file.execute(query, (self._engine, image_id)), text
                )
            }

    def images(self) -> dict[str, Image]:
        """What is remembered of images that moves or pulls speak of, by ID: also of those that are gone."""
        with self._state.reading() as file:
            rows = file.execute(
                "SELECT id, created, size, repo_digests FROM images WHERE engine = ?1 AND id IN"
                " (SELECT origin FROM moves WHERE engine = ?1"
                " UNION SELECT target FROM moves WHERE engine = ?1"
                " UNION SELECT image FROM pulls WHERE engine = ?1)",
                (self._engine,),
            )
            return {image.id: image for image in understood(self._state.unread, "images", rows, _image)}

    def restore(
        self,
        moves: Iterable[Move],
        images: Iterable[Image] = (),
        pulls: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> int:
        """Add moves of an exported log, in their order, without those that are there already; how many.

        What happened before anything was observed here gets numbers before those of here.
        """
        with self._state.changing() as file:
            here = [move for move in self.moves() if move.known is not Provenance.UNREAD]
            numbers = {_unnumbered(move): move.number for move in here}
            since = min((move.at for move in here if move.known is not Provenance.EVIDENCE), default=0)
            arriving = list(moves)
            new = [move for move in arriving if _unnumbered(move) not in numbers]
            places = self._places_before(file, sum(move.at < since for move in new))
            restored: dict[int, int] = {}
            for move in arriving:
                number = numbers.get(_unnumbered(move))
                if number is None:
                    undoes = None if move.undoes is None else restored.get(move.undoes)
                    place = next(places) if move.at < since else 0
                    number = self._write(file, replace(move, undoes=undoes, number=place)).number
                restored[move.number] = number
            self._keep_images(file, images)
            write_pulls(file, self._engine, {image_id: names[::-1] for image_id, names in pulls.items()})
        return len(new)

    def recorded(self) -> dict[str, tuple[str | None, MonotonicTime]]:
        """The tags that are recorded, also those that are gone, and when each was answered."""
        with self._state.reading() as file:
            return self._tags(file)

    def announced(self) -> list[str]:
        """The tags that acts which are not over are to move."""
        with self._state.reading() as file:
            rows = file.execute(
                "SELECT act, reference, target, cause, undoes FROM intents WHERE engine = ?", (self._engine,)
            )
            return list(understood(self._state.unread, "intents", rows, _announced))

    def seen(self) -> list[str]:
        """The keys of the events that were used."""
        with self._state.reading() as file:
            rows = file.execute("SELECT key FROM seen WHERE engine = ?", (self._engine,))
            return list(understood(self._state.unread, "seen", rows, text))

    def take_over(self, theirs: Theirs, *, name: str = "") -> int:
        """Have what another file has seen of this engine and this one has not; how many moves.

        That is what happened before this one saw anything, and to each tag since it was seen here last. What
        happened while both watched stands here already, as this one saw it.
        """
        with self._state.changing() as file:
            mine = self.confirmed()
            here = [move for move in self.moves() if move.known is not Provenance.UNREAD]
            since = min(
                (move.at for move in here if move.known is not Provenance.EVIDENCE), default=mine or 0
            )
            until = -1 if mine is None else mine - IN_FLIGHT
            newer = _newer(theirs, self._tags(file), mine)
            fresh = _untold(in_order(theirs.moves)[::-1], here)
            early = [move for move in fresh if move.at < since]
            late = [m for m in fresh if m.reference in newer and m.at > until and m.at >= since]
            if mine is None:
                early, late = [], fresh
                file.execute(
                    "INSERT INTO engines (id, name, confirmed, evidence) VALUES (?, ?, ?, 1)",
                    (self._engine, name, theirs.confirmed),
                )
            places = [*self._places_before(file, len(early)), *(0 for _ in late)]
            numbers: dict[int, int] = {}
            for move, place in zip([*early, *late], places, strict=True):
                undoes = None if move.undoes is None else numbers.get(move.undoes)
                written = self._write(file, replace(move, undoes=undoes, number=place))
                numbers[move.number] = written.number
            self._keep_recorded(file, newer)
            if mine is None or theirs.confirmed > mine:
                self._confirm(file, theirs.confirmed, theirs.confirmed)
            self._use_keys(file, theirs.seen)
            self._keep_images(file, theirs.images)
            write_pulls(
                file, self._engine, {image_id: names[::-1] for image_id, names in theirs.pulls.items()}
            )
        return len(numbers)

    def _places_before(self, file: sqlite3.Connection, count: int) -> Iterator[int]:
        """Numbers before all that there are, in order; 0 is none."""
        (least,) = file.execute("SELECT MIN(number) FROM moves WHERE number > ?", (-LATEST,)).fetchone()
        first = min(least or 0, 0) - count
        return iter(range(first, first + count))

    def _created(self, file: sqlite3.Connection) -> dict[str, int]:
        """When images were created, seconds since the epoch."""
        rows = file.execute("SELECT id, created FROM images WHERE engine = ?", (self._engine,))
        return dict(understood(self._state.unread, "images", rows, _birth))

    def _tags(self, file: sqlite3.Connection) -> dict[str, tuple[str | None, MonotonicTime]]:
        rows = file.execute(
            "SELECT reference, target, boot, answered FROM tags WHERE engine = ?", (self._engine,)
        )
        return dict(understood(self._state.unread, "tags", rows, _tag))

    def _not_understood(self, file: sqlite3.Connection, known: Iterable[str]) -> set[str]:
        """The tags that are recorded in a way that is not understood."""
        if not self._state.unread:
            return set()
        rows = file.execute("SELECT reference FROM tags WHERE engine = ?", (self._engine,))
        return {*understood(self._state.unread, "tags", rows, text)} - {*known}

    def _settle(
        self, observation: Observation, known: Mapping[str, tuple[str | None, MonotonicTime]]
    ) -> tuple[dict[str, str | None], list[str]]:
        """What was seen that is surely newer than what is recorded, and tags of which that is not sure."""
        seen = dict(observation.tags)
        if observation.whole:
            named = (event.reference for event in observation.events if event.reference)
            seen = {**dict.fromkeys(known), **dict.fromkeys(named), **seen}
        unsettled = [
            reference
            for reference, target in seen.items()
            if reference in known
            and known[reference][0] != target
            and not _after(observation, known[reference][1])
        ]
        for reference in unsettled:
            del seen[reference]
        return seen, unsettled

    def _correct_causes(
        self, file: sqlite3.Connection, events: Sequence[Event], *, names_follow: bool
    ) -> None:
        """What came so late that its tag was recorded without it: under load a burst ends between the two.

        Where the names of a build follow its `create`, none came before it.
        """
        for event in events:
            if event.action == "create" and names_follow:
                continue
            if (cause := ARRIVES_AFTER.get(event.action)) and event.id:
                file.execute(
                    "UPDATE moves SET cause = ? WHERE engine = ? AND target = ? AND cause = 'tag'"
                    " AND known = 'event' AND at BETWEEN ? AND ?",
                    (cause.value, self._engine, event.id, event.time_ns - LATE, event.time_ns),
                )

    def _attributed(self, file: sqlite3.Connection, move: Move, since: int) -> Move:
        """An act of imgtui's that said beforehand that it would move this tag so is what moved it.

        One that began before the tags were last seen unmoved never did what it said.
        """
        rows = file.execute(
            "SELECT act, cause, undoes, begun FROM intents JOIN acts ON number = act"
            " WHERE intents.engine = ?1 AND reference = ?2 AND begun >= ?3 AND (target IS ?4 OR"
            " (target = ?5 AND ?4 IS NOT NULL AND ?6 IN (cause, ?7))) ORDER BY act",
            (
                self._engine,
                move.reference,
                since - AT_ONCE,
                move.target,
                ANYWHERE,
                move.cause.value,
                Cause.UNKNOWN.value,
            ),
        )
        intent = next(understood(self._state.unread, "intents", rows, _intent), None)
        if intent is None:
            return move
        act, cause, undoes, begun = intent
        exact = move.not_before is None or move.at - begun <= AT_ONCE
        file.execute("DELETE FROM intents WHERE act = ? AND reference = ?", (act, move.reference))
        return replace(
            move,
            cause=cause,
            known=Provenance.ACT,
            actor=IMGTUI,
            undoes=undoes,
            not_before=None if exact else begun,
        )

    def _unseen(self, file: sqlite3.Connection, events: Sequence[Event]) -> list[Event]:
        query = "SELECT 1 FROM seen WHERE engine = ? AND key = ?"
        return [
            event
            for event in {event.key: event for event in events}.values()
            if file.execute(query, (self._engine, event.key)).fetchone() is None
        ]

    def _without_own(
        self, file: sqlite3.Connection, newest: Mapping[str, Sequence[Move]], events: Sequence[Event]
    ) -> list[Event]:
        """These events without the untaggings, naming an image alone, that acts of imgtui's were.

        Where a tag was taken away and is somewhere again: its last loss is told by `_lost`.
        """
        left = list(events)
        for move in (move for moves in newest.values() for move in moves[:-1]):
            if move.known is Provenance.ACT and move.target is None and self._is_untold(file, move):
                own = [event for event in left if is_untagging(event, move)]
                if own:
                    left.remove(own[-1])
                    self._write(file, replace(move, at=own[-1].time_ns))
        return left

    def _is_untold(self, file: sqlite3.Connection, loss: Move) -> bool:
        """Whether no event of an image alone has told of this loss."""
        return bool(self._unseen(file, [Event("image", "untag", loss.origin, None, loss.at)]))

    def _lost(
        self,
        file: sqlite3.Connection,
        newest: Mapping[str, Sequence[Move]],
        known: Mapping[str, tuple[str | None, MonotonicTime]],
        observation: Observation,
    ) -> dict[str, tuple[str, int]]:
        """Names that are recorded as gone, and of which no event has told it: where they were, and when."""
        lost: dict[str, tuple[str, int]] = {}
        for reference, (target, seen) in known.items():
            if target is None and is_keep(reference) and seen.boot == observation.answered.boot:
                keep = read_keep(reference)
                ago = int((observation.answered.seconds - seen.seconds) * SECOND)
                if keep is not None:
                    lost[reference] = keep.image_id, observation.now - ago
        for reference, moves in newest.items():
            move = moves[-1]
            lost_by_act = move.known is Provenance.ACT and move.target is None and not is_keep(reference)
            if lost_by_act and move.origin and self._is_untold(file, move):
                lost[reference] = move.origin, move.at
        return lost

    def _after_loss(
        self, file: sqlite3.Connection, found: Sequence[Move], recorded: Sequence[Move]
    ) -> list[Move]:
        """What happened to a tag whose loss, recorded already, is told only now: that gets its time."""
        if not found:
            return []
        first, *rest = found
        if first.target is not None:
            return [replace(first, origin=None), *rest]
        if first.known is Provenance.EVENT:
            self._write(file, replace(recorded[-1], at=first.at, not_before=first.not_before))
        return rest

    def _forget_keeps(self, file: sqlite3.Connection, told: Sequence[str]) -> None:
        """Forget keeps of which an event told that they are gone: none is to come."""
        file.executemany(
            "DELETE FROM tags WHERE engine = ? AND reference = ? AND target IS NULL",
            [(self._engine, keep) for keep in told],
        )

    def _digested(
        self, file: sqlite3.Connection, events: Sequence[Event], observation: Observation
    ) -> set[str]:
        """Images of which an untagging can be that of a repo digest."""
        query = "SELECT 1 FROM images WHERE engine = ? AND id = ? AND repo_digests != ''"
        asked = {event.id for event in events if event.action == "untag" and event.id and not event.reference}
        return {
            image_id
            for image_id in asked
            if (image_id in observation.images and observation.images[image_id].repo_digests)
            or file.execute(query, (self._engine, image_id)).fetchone() is not None
        }

    def _replace(
        self, file: sqlite3.Connection, old: Sequence[Move], new: Sequence[Move], since: int
    ) -> list[Move]:
        """Write moves in the place of others; those that are new or changed."""
        numbers = {move.number for move in new}
        gone = [(move.number,) for move in old if move.number not in numbers]
        file.executemany("DELETE FROM moves WHERE number = ?", gone)
        return [self._write(file, self._attributed(file, move, since)) for move in new if move not in old]

    def _newest(self, file: sqlite3.Connection, events: Sequence[Event]) -> dict[str, list[Move]]:
        """The last moves of the tags that moved last, oldest first: these events can be about them."""
        if not events:
            return {}
        newest: dict[str, list[Move]] = {}
        rows = file.execute(f"{_ALL} ORDER BY number DESC LIMIT ?", (self._engine, LATEST_MOVES))
        for move in understood(self._state.unread, "moves", rows, _move):
            newest.setdefault(move.reference, []).insert(0, move)
        return newest

    def _keep_seen(self, file: sqlite3.Connection, events: Sequence[Event]) -> None:
        self._use_keys(file, [event.key for event in events])

    def _use_keys(self, file: sqlite3.Connection, keys: Sequence[str]) -> None:
        if not keys:
            return
        first = next_number(file, "seen")
        file.executemany(
            "INSERT OR IGNORE INTO seen (number, engine, key) VALUES (?, ?, ?)",
            [(number, self._engine, key) for number, key in enumerate(keys, first)],
        )
        file.execute(
            "DELETE FROM seen WHERE engine = ? AND number <= (SELECT number FROM seen WHERE engine = ?"
            " ORDER BY number DESC LIMIT 1 OFFSET ?)",
            (self._engine, self._engine, EVENTS_HELD),
        )

    def _keep_tags(
        self,
        file: sqlite3.Connection,
        tags: Mapping[str, str | None],
        observation: Observation,
        known: Mapping[str, tuple[str | None, MonotonicTime]],
    ) -> None:
        """Keep where tags point: the time of a later answer stays, else what is older than it were news."""
        moments = {tag: _later(known[tag][1], observation.answered) for tag in tags if tag in known}
        self._keep_recorded(
            file, {tag: (target, moments.get(tag, observation.answered)) for tag, target in tags.items()}
        )

    def _keep_recorded(
        self, file: sqlite3.Connection, tags: Mapping[str, tuple[str | None, MonotonicTime]]
    ) -> None:
        file.executemany(
            "INSERT INTO tags VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " target = excluded.target, boot = excluded.boot, answered = excluded.answered",
            [(self._engine, tag, target, at.boot, at.seconds) for tag, (target, at) in tags.items()],
        )

    def _keep_images(self, file: sqlite3.Connection, images: Iterable[Image]) -> None:
        file.executemany(
            "INSERT INTO images VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " repo_digests = excluded.repo_digests WHERE excluded.repo_digests NOT IN ('', repo_digests)",
            [
                (self._engine, image.id, image.created, image.size, " ".join(image.repo_digests))
                for image in images
            ],
        )

    def _read(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[Move]:
        return understood(self._state.unread, "moves", rows, _move, instead=_unread)

    def _write(self, file: sqlite3.Connection, move: Move) -> Move:
        number = move.number or next_number(file, "moves")
        file.execute(
            "INSERT OR REPLACE INTO moves (number, engine, reference, origin, target, at, not_before, cause,"
            " known, source, actor, undoes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                self._engine,
                move.reference,
                move.origin,
                move.target,
                move.at,
                move.not_before,
                move.cause.value,
                move.known.value,
                move.source,
                move.actor,
                move.undoes,
            ),
        )
        return replace(move, number=number)

    def _confirm(self, file: sqlite3.Connection, true_until: int, now: int) -> None:
        """Never back, unless the clock is back."""
        file.execute(
            "UPDATE engines SET confirmed = ? WHERE id = ? AND (confirmed < ? OR confirmed > ?)",
            (true_until, self._engine, true_until, now),
        )


def _rewound(before: Mapping[str, str], anew: Mapping[str, Sequence[Move]]) -> dict[str, str]:
    """Where tags pointed before the moves that are told anew."""
    origins = {reference: moves[0].origin for reference, moves in anew.items()}
    return {tag: target for tag, target in {**before, **origins}.items() if target is not None}


def _created(observation: Observation) -> dict[str, int]:
    """By which a build is recognised that the engine does not tell as one."""
    return (
        {} if observation.builds_told else {image.id: image.created for image in observation.images.values()}
    )


def _named(images: Iterable[Image]) -> list[Image]:
    return [image for image in images if image.tags or image.repo_digests]


def _looked_at(moves: Iterable[Move], observation: Observation) -> list[Image]:
    """Where tags point now that moved, or that an event named: a push moves none, and gives a repo digest."""
    found = dict.fromkeys([*(move.target for move in moves), *observation.tags.values()])
    return [observation.images[target] for target in found if target and target in observation.images]


def _after(observation: Observation, recorded: MonotonicTime) -> bool:
    """Whether an observation was asked for when the recorded one was answered already."""
    return observation.asked.boot != recorded.boot or observation.asked.seconds >= recorded.seconds


def _later(recorded: MonotonicTime, answered: MonotonicTime) -> MonotonicTime:
    older = recorded.boot != answered.boot or recorded.seconds <= answered.seconds
    return answered if older else recorded


def _unnumbered(move: Move) -> Move:
    return replace(move, number=0, undoes=None)


def _newer(
    theirs: Theirs, known: Mapping[str, tuple[str | None, MonotonicTime]], mine: int | None
) -> dict[str, tuple[str | None, MonotonicTime]]:
    """The tags that were seen there later than here; of another boot, where all of it was."""
    return {
        tag: (target, at)
        for tag, (target, at) in theirs.tags.items()
        if tag not in known
        or (at.boot == known[tag][1].boot and at.seconds > known[tag][1].seconds)
        or (at.boot != known[tag][1].boot and (mine is None or theirs.confirmed > mine))
    }


def _untold(moves: Sequence[Move], here: Sequence[Move]) -> list[Move]:
    """Those moves, the oldest first, that are not `here` too as another program saw them."""
    exact = {(move.reference, move.origin, move.target, move.at) for move in here}
    left = [move for move in moves if (move.reference, move.origin, move.target, move.at) not in exact]
    theirs = {(move.reference, move.origin, move.target, move.at) for move in moves}
    known: dict[tuple[str, str | None, str | None], list[Move]] = {}
    for move in here:
        if (move.reference, move.origin, move.target, move.at) not in theirs:
            known.setdefault((move.reference, move.origin, move.target), []).append(move)
    found = []
    for move in left:
        alike = known.get((move.reference, move.origin, move.target), [])
        same = next((other for other in alike if _at_one_time(move, other)), None)
        if same is None:
            found.append(move)
        else:
            alike.remove(same)  # a tag can go back and forth within seconds
    return found


def _at_one_time(one: Move, other: Move) -> bool:
    return _earliest(other) - BESIDE <= one.at and _earliest(one) - BESIDE <= other.at


def _earliest(move: Move) -> int:
    return move.at if move.not_before is None else move.not_before


def _proof(move: Move) -> tuple[object, ...]:
    return move.reference, move.target, move.source, move.at


def _move(
    number: int,
    reference: object,
    origin: object,
    target: object,
    at: object,
    not_before: object,
    cause: object,
    known: object,
    source: object,
    actor: object,
    undoes: object,
) -> Move:
    """Raises ValueError."""
    if (kind := Provenance(text(known))) is Provenance.UNREAD or (origin is None and target is None):
        raise ValueError("no move")
    return Move(
        text(reference),
        text_or_none(origin),
        text_or_none(target),
        whole(at),
        whole_or_none(not_before),
        Cause(text(cause)),
        kind,
        text(source),
        text(actor),
        whole(number),
        whole_or_none(undoes),
    )


def _unread(row: tuple[Any, ...], name: str) -> Move:
    """What stands for a row that is not understood: its tag and time where these are."""
    reference, at = row[1], row[4]
    try:
        reference = text(reference)
    except ValueError:
        reference = ""
    try:
        at = whole(at)
    except ValueError:
        at = 0
    return Move(reference, None, None, at, known=Provenance.UNREAD, source=name, actor="", number=row[0])


def _intent(act: object, cause: object, undoes: object, begun: object) -> tuple[int, Cause, int | None, int]:
    return whole(act), Cause(text(cause)), whole_or_none(undoes), whole(begun)


def _announced(act: object, reference: object, target: object, cause: object, undoes: object) -> str:
    whole(act), text_or_none(target), Cause(text(cause)), whole_or_none(undoes)
    return text(reference)


def _tag(
    reference: object, target: object, boot: object, answered: object
) -> tuple[str, tuple[str | None, MonotonicTime]]:
    if not isinstance(answered, int | float) or not isfinite(answered):
        raise ValueError("no time")
    return text(reference), (text_or_none(target), MonotonicTime(text(boot), float(answered)))


def _birth(image_id: object, created: object) -> tuple[str, int]:
    return text(image_id), whole(created, EARLIEST_SECOND, LATEST_SECOND)


def _image(image_id: object, created: object, size: object, digests: object) -> Image:
    names = tuple(map(text, lines(digests).split()))
    known, born = _birth(image_id, created)
    return Image(known, (), names, born, whole(size, 0))
