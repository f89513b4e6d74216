"""The engines that the state file knows, each with where it was found; whose log is whose."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from imgtui.model.keeps.keep import DOMAIN
from imgtui.model.taglog.identity import KnownEngine, Overlap, Place
from imgtui.model.taglog.moves import Cause
from imgtui.store.rows import text, understood, whole
from imgtui.store.state import State

OF_ENGINES: Final = (
    *("moves", "acts", "intents", "recipes", "pulls", "images", "places", "seen", "tags"),
    *("notices", "answers"),
)
"""Tables with rows of single engines, by the column `engine`."""
_MOVE: Final = "UPDATE OR IGNORE {} SET engine = ? WHERE engine = ?"
_DELETE: Final = "DELETE FROM {} WHERE engine = ?"


class Ambiguous(Exception):
    """Two logs cannot be made one; the message is one line."""


class Engines:
    """All engines of a state file. Every method may raise StateUnusable."""

    def __init__(self, state: State) -> None:
        self._state = state

    def known(self) -> list[KnownEngine]:
        """Every engine, the one that was seen last first."""
        with self._state.reading() as file:
            return self._known(file)

    def saw(self, key: str, place: Place) -> None:
        """The engine of this log was found at a place."""
        with self._state.changing() as file:
            _write(file, key, place)

    def overlap(self, key: str, here: Mapping[str, Iterable[str]]) -> Overlap:
        """What is recorded of an engine, compared with the tags of the images that are here, by ID."""
        with self._state.reading() as file:
            rows = file.execute(
                "SELECT reference, target FROM tags WHERE engine = ? AND target IS NOT NULL", (key,)
            )
            recorded = dict(understood(self._state.unread, "tags", rows, _tag))
        pointing = {tag: image_id for image_id, tags in here.items() for tag in tags}
        digests = set(recorded.values())
        unmoved = sum(pointing.get(tag) == target for tag, target in recorded.items())
        return Overlap(len(recorded), unmoved, len(digests), len(digests & here.keys()))

    def begin(self, place: Place) -> str:
        """Have a log of its own for the engine at a place; the key of it."""
        with self._state.changing() as file:
            taken = {each.key for each in self._known(file)}
            key, number = place.reported, 1
            while key in taken:
                number += 1
                key = f"{place.reported}~{number}"
            _write(file, key, place)
            return key

    def adopt(self, key: str, place: Place) -> tuple[str, int]:
        """The log under a key is that of the engine at a place; its key from now on, and its number of moves.

        With the log go keeps, recipes, the journal of acts and what is known of images: all, or nothing. What
        the engine has had as a log of its own follows after it. Raises Ambiguous where both were written at
        the same time: then they are of two engines.
        """
        with self._state.changing() as file:
            engines = {each.key: each for each in self._known(file)}
            if key not in engines:
                raise Ambiguous(f"there is no log of {key}: imgtui log --engines lists all")
            own = _own(engines.values(), place)
            if own is None or own.key == key:
                _write(file, key, place)
                return key, engines[key].moves
            _check_order(file, engines[key], own)
            # What was only proved afterwards, of the time of the old log, that one has observed.
            file.execute(
                "DELETE FROM moves WHERE engine = ? AND known = 'evidence' AND at <= ?",
                (own.key, engines[key].last),
            )
            for table in OF_ENGINES:
                if table in {"tags", "seen"}:  # what is true now, and was used, is what its own log says
                    file.execute(_DELETE.format(table), (key,))
                else:  # what both know of an image is kept as its own log has it
                    file.execute(_MOVE.format(table), (own.key, key))
                    file.execute(_DELETE.format(table), (key,))
            file.execute("DELETE FROM engines WHERE id = ?", (key,))
            _write(file, own.key, place)
            return own.key, engines[key].moves

    def _known(self, file: sqlite3.Connection) -> list[KnownEngine]:
        places: dict[str, list[Place]] = {}
        rows = file.execute(
            "SELECT engine, reported, address, host, name, root, store, run, seen FROM places"
            " ORDER BY seen DESC"
        )
        for engine, place in understood(self._state.unread, "places", rows, _place):
            places.setdefault(engine, []).append(place)
        # Those of keeps are nobody's, but for releases: `imgtui log` tells as many.
        rows = file.execute(
            "SELECT engine, COUNT(*) FROM moves WHERE reference NOT LIKE ? OR cause = ? GROUP BY engine",
            (f"{DOMAIN}/%", Cause.RELEASE.value),
        )
        counted = dict(understood(self._state.unread, "moves", rows, _count))
        rows = file.execute("SELECT id, name, confirmed FROM engines")
        begun = dict(understood(self._state.unread, "engines", rows, _begun))
        found = []
        for key in {**begun, **places}:
            own = tuple(places.get(key, ()))
            name, confirmed = begun.get(key, ("", 0))
            known = KnownEngine(key, name, confirmed, counted.get(key, 0), own)
            found.append(replace(known, name=own[0].name if own else name))
        return sorted(found, key=lambda each: each.seen, reverse=True)


def _own(engines: Iterable[KnownEngine], place: Place) -> KnownEngine | None:
    """The log that the engine at a place has had up to now."""
    found = [
        each
        for each in engines
        if any(_is_at(known, place) for known in each.places)
        or (not each.places and each.key == place.reported)
    ]
    return max(found, key=lambda each: each.last, default=None)


def _is_at(known: Place, place: Place) -> bool:
    return known.reported == place.reported and known.address == place.address and known.look == place.look


def _check_order(file: sqlite3.Connection, old: KnownEngine, own: KnownEngine) -> None:
    """Raises Ambiguous where moves of the two were observed at the same time."""
    query = "SELECT MIN(number), MAX(number) FROM moves WHERE engine = ? AND known != 'evidence'"
    (_, last), (first, _) = (file.execute(query, (key,)).fetchone() for key in (old.key, own.key))
    if last is not None and first is not None and first < last:
        raise Ambiguous(
            f"{old.words} and {own.words} have moves of the same time: they are two engines with two logs"
        )


def _write(file: sqlite3.Connection, key: str, place: Place) -> None:
    # An address belongs to the log that it was used for last.
    file.execute(
        "DELETE FROM places WHERE engine != ? AND reported = ? AND address = ? AND name = ? AND root = ?",
        (key, place.reported, place.address, place.name, place.root),
    )
    file.execute(
        "INSERT OR REPLACE INTO places (engine, reported, address, host, name, root, store, run, seen)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            key,
            place.reported,
            place.address,
            place.host,
            place.name,
            place.root,
            place.store,
            place.run,
            place.seen,
        ),
    )


def _place(engine: object, *fields: object) -> tuple[str, Place]:
    reported, address, host, name, root, store, run = map(text, fields[:-1])
    return text(engine), Place(reported, address, host, name, root, store, run, whole(fields[-1], 0))


def _begun(key: object, name: object, confirmed: object) -> tuple[str, tuple[str, int]]:
    return text(key), (text(name), whole(confirmed, 0))


def _count(key: object, moves: object) -> tuple[str, int]:
    return text(key), whole(moves, 0)


def _tag(reference: object, target: object) -> tuple[str, str]:
    return text(reference), text(target)
