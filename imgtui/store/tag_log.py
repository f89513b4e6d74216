"""The tag log: every move of every tag, recorded once, whatever number of programs watch.

Each program brings what it saw, in its own time. Three things keep the log true:

* the tags as they are recorded and the moves between them change in one transaction;
* an event is used once: its key is remembered for longer than an engine holds it;
* a sighting that may be older than what is recorded changes nothing: it comes back as `unsettled`, to be
  looked at again. Times are compared on a clock of the machine that never steps back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from imgtui.model.event import Event
from imgtui.model.image import Image
from imgtui.model.keep import is_keep
from imgtui.model.moves import IMGTUI, Cause, Known, Move, in_order, moves_between
from imgtui.model.sighting import Moment, Sighting
from imgtui.store.state import State

EVENTS_HELD: Final = 4096
"""Keys of events that are remembered of an engine: Docker holds 256 events, Podman its whole file."""

_ALL: Final = (
    "SELECT number, reference, origin, target, at, not_before, cause, known, source, actor, undoes"
    " FROM moves WHERE engine = ?"
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a sighting brought."""

    moves: tuple[Move, ...] = ()
    unsettled: tuple[str, ...] = ()
    """Tags to be looked at again: what was seen of them may be older than what is recorded."""
    first_sight: bool = False
    """Whether nothing was known of the engine before."""


class TagLog:
    """The moves of one engine's tags, in the state file. Every method may raise StateUnusable."""

    def __init__(self, state: State, engine: str) -> None:
        self._state = state
        self._engine = engine

    def confirmed(self) -> int | None:
        """When the recorded tags were known to be true last, nanoseconds since the epoch; None: never."""
        with self._state.reading() as file:
            row = file.execute("SELECT confirmed FROM engines WHERE id = ?", (self._engine,)).fetchone()
        return None if row is None else int(row[0])

    def record(self, sighting: Sighting, *, name: str = "") -> Recorded:
        """Compare with what is recorded, and record what differs. The first sight must be of all tags."""
        with self._state.changing() as file:
            since = self.confirmed()
            if since is None:
                if not sighting.whole:
                    return Recorded()
                file.execute(
                    "INSERT INTO engines (id, name, confirmed) VALUES (?, ?, ?)",
                    (self._engine, name, sighting.now),
                )
                self._keep_tags(file, _visible(sighting.tags), sighting)
                self._keep_seen(file, sighting.events)
                self._keep_images(file, sighting.images.values())
                return Recorded(first_sight=True)
            known = self._tags(file)
            settled, unsettled = self._settle(sighting, known)
            found = moves_between(
                {tag: target for tag, (target, _) in known.items() if target is not None},
                self._unseen(file, sighting.events),
                settled,
                since=since,
                now=sighting.now,
                created={image.id: image.created for image in sighting.images.values()},
            )
            moves = [self._write(file, self._attributed(file, move)) for move in found]
            self._keep_tags(file, {**{move.reference: move.target for move in moves}, **settled}, sighting)
            self._keep_seen(file, sighting.events)
            seen = sighting.images.values() if sighting.whole else _targets(moves, sighting.images)
            self._keep_images(file, seen)
            self._confirm(file, sighting.now)
        return Recorded(tuple(moves), tuple(unsettled))

    def confirm(self, now: int) -> None:
        """What is recorded is still true."""
        with self._state.changing() as file:
            self._confirm(file, now)

    def add(self, moves: Iterable[Move]) -> list[Move]:
        """Add moves that imgtui made of references of its own."""
        with self._state.changing() as file:
            return [self._write(file, move) for move in moves]

    def wants_evidence(self) -> bool:
        """Whether nobody has looked yet for what happened before the first sight."""
        with self._state.reading() as file:
            row = file.execute("SELECT evidence FROM engines WHERE id = ?", (self._engine,)).fetchone()
        return row is not None and not row[0]

    def add_evidence(self, moves: Iterable[Move]) -> list[Move]:
        """Add what is known of the time before the first sight; what is there already is left out."""
        with self._state.changing() as file:
            file.execute("UPDATE engines SET evidence = 1 WHERE id = ?", (self._engine,))
            there = {_proof(move) for move in self.moves() if move.known is Known.EVIDENCE}
            new = [move for move in moves if _proof(move) not in there]
            return [self._write(file, move) for move in new]

    def moves(self) -> list[Move]:
        """All moves, the newest first."""
        with self._state.reading() as file:
            rows = file.execute(_ALL, (self._engine,))
            return in_order(map(_move, rows))

    def pointing_at(self, image_ids: Iterable[str]) -> dict[str, str]:
        """The tags that are recorded on these images, each with its image."""
        query = "SELECT reference FROM tags WHERE engine = ? AND target = ?"
        with self._state.reading() as file:
            return {
                reference: image_id
                for image_id in image_ids
                for (reference,) in file.execute(query, (self._engine, image_id))
            }

    def images(self) -> dict[str, Image]:
        """What is remembered of images that have or had a tag, by ID: also of those that are gone."""
        with self._state.reading() as file:
            rows = file.execute(
                "SELECT id, created, size, repo_digests FROM images WHERE engine = ?", (self._engine,)
            )
            return {
                image_id: Image(image_id, (), tuple(digests.split()), created, size)
                for image_id, created, size, digests in rows
            }

    def restore(self, moves: Iterable[Move]) -> int:
        """Add moves of an exported log, in their order, without those that are there already; how many."""
        with self._state.changing() as file:
            there = {replace(move, number=0, undoes=None) for move in self.moves()}
            new = [move for move in moves if replace(move, number=0, undoes=None) not in there]
            numbers: dict[int, int] = {}
            for move in new:
                undoes = None if move.undoes is None else numbers.get(move.undoes)
                numbers[move.number] = self._write(file, replace(move, undoes=undoes)).number
        return len(new)

    def _tags(self, file: sqlite3.Connection) -> dict[str, tuple[str | None, Moment]]:
        rows = file.execute(
            "SELECT reference, target, boot, answered FROM tags WHERE engine = ?", (self._engine,)
        )
        return {reference: (target, Moment(boot, answered)) for reference, target, boot, answered in rows}

    def _settle(
        self, sighting: Sighting, known: Mapping[str, tuple[str | None, Moment]]
    ) -> tuple[dict[str, str | None], list[str]]:
        """What was seen that is surely newer than what is recorded, and tags of which that is not sure."""
        seen = _visible(sighting.tags)
        if sighting.whole:
            named = (event.reference for event in sighting.events if event.reference)
            seen = _visible({**dict.fromkeys(known), **dict.fromkeys(named), **seen})
        unsettled = [
            reference
            for reference, target in seen.items()
            if reference in known
            and known[reference][0] != target
            and not _after(sighting, known[reference][1])
        ]
        for reference in unsettled:
            del seen[reference]
        return seen, unsettled

    def _attributed(self, file: sqlite3.Connection, move: Move) -> Move:
        """An act of imgtui's that said beforehand that it would move this tag so is what moved it."""
        row = file.execute(
            "SELECT act, cause, undoes FROM intents WHERE engine = ? AND reference = ? AND target IS ?"
            " ORDER BY act LIMIT 1",
            (self._engine, move.reference, move.target),
        ).fetchone()
        if row is None:
            return move
        act, cause, undoes = row
        file.execute("DELETE FROM intents WHERE act = ? AND reference = ?", (act, move.reference))
        return replace(move, cause=Cause(cause), known=Known.ACT, actor=IMGTUI, undoes=undoes)

    def _unseen(self, file: sqlite3.Connection, events: Sequence[Event]) -> list[Event]:
        query = "SELECT 1 FROM seen WHERE engine = ? AND key = ?"
        return [
            event
            for event in {event.key: event for event in events}.values()
            if not (event.reference and is_keep(event.reference))
            and file.execute(query, (self._engine, event.key)).fetchone() is None
        ]

    def _keep_seen(self, file: sqlite3.Connection, events: Sequence[Event]) -> None:
        if not events:
            return
        file.executemany(
            "INSERT OR IGNORE INTO seen (engine, key) VALUES (?, ?)",
            [(self._engine, event.key) for event in events],
        )
        file.execute(
            "DELETE FROM seen WHERE engine = ? AND number <= (SELECT number FROM seen WHERE engine = ?"
            " ORDER BY number DESC LIMIT 1 OFFSET ?)",
            (self._engine, self._engine, EVENTS_HELD),
        )

    def _keep_tags(
        self, file: sqlite3.Connection, tags: Mapping[str, str | None], sighting: Sighting
    ) -> None:
        answered = sighting.answered
        file.executemany(
            "INSERT INTO tags VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " target = excluded.target, boot = excluded.boot, answered = excluded.answered",
            [(self._engine, tag, target, answered.boot, answered.seconds) for tag, target in tags.items()],
        )

    def _keep_images(self, file: sqlite3.Connection, images: Iterable[Image]) -> None:
        file.executemany(
            "INSERT INTO images VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " repo_digests = excluded.repo_digests WHERE excluded.repo_digests NOT IN ('', repo_digests)",
            [
                (self._engine, image.id, image.created, image.size, " ".join(image.repo_digests))
                for image in images
                if image.tags or image.repo_digests
            ],
        )

    def _write(self, file: sqlite3.Connection, move: Move) -> Move:
        cursor = file.execute(
            "INSERT INTO moves (engine, reference, origin, target, at, not_before, cause, known, source,"
            " actor, undoes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
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
        return replace(move, number=cursor.lastrowid or 0)

    def _confirm(self, file: sqlite3.Connection, now: int) -> None:
        file.execute("UPDATE engines SET confirmed = ? WHERE id = ?", (now, self._engine))


def _targets(moves: Iterable[Move], images: Mapping[str, Image]) -> list[Image]:
    return [images[move.target] for move in moves if move.target and move.target in images]


def _visible(tags: Mapping[str, str | None]) -> dict[str, str | None]:
    return {reference: target for reference, target in tags.items() if not is_keep(reference)}


def _after(sighting: Sighting, recorded: Moment) -> bool:
    """Whether a sighting was asked for when the recorded one was answered already."""
    return sighting.asked.boot != recorded.boot or sighting.asked.seconds >= recorded.seconds


def _proof(move: Move) -> tuple[object, ...]:
    return move.reference, move.target, move.source, move.at


def _move(row: tuple[Any, ...]) -> Move:
    number, reference, origin, target, at, not_before, cause, known, source, actor, undoes = row
    return Move(
        reference, origin, target, at, not_before, Cause(cause), Known(known), source, actor, number, undoes
    )
