"""Where images can be pulled from, in the state file: what imgtui itself has pushed or pulled."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from imgtui.store.rows import next_number, text, understood
from imgtui.store.state import State


class Pulls:
    """The proofs of one engine that a registry has had an image. Every method may raise StateUnusable."""

    def __init__(self, state: State, engine: str) -> None:
        self._state = state
        self._engine = engine

    def add(self, image_id: str, name: str) -> None:
        """A registry has had this image just now under `name`, which is `repository@digest`."""
        with self._state.changing() as file:
            write_pulls(file, self._engine, {image_id: (name,)})

    def all(self) -> dict[str, tuple[str, ...]]:
        """By image ID each `repository@digest`, the one that was proved last first."""
        found: dict[str, tuple[str, ...]] = {}
        with self._state.reading() as file:
            rows = file.execute(
                "SELECT number, image, name FROM pulls WHERE engine = ? ORDER BY number DESC", (self._engine,)
            )
            for image_id, name in understood(self._state.unread, "pulls", rows, _proof):
                found[image_id] = (*found.get(image_id, ()), name)
        return found


def write_pulls(file: sqlite3.Connection, engine: str, pulls: Mapping[str, Sequence[str]]) -> None:
    """Add proofs within a transaction, of each image the latest last."""
    proofs = [(engine, image_id, name) for image_id, names in pulls.items() for name in names]
    file.executemany(
        "INSERT OR REPLACE INTO pulls (number, engine, image, name) VALUES (?, ?, ?, ?)",
        [(number, *proof) for number, proof in enumerate(proofs, next_number(file, "pulls"))],
    )


def _proof(_: int, image_id: object, name: object) -> tuple[str, str]:
    if "@" not in text(name):
        raise ValueError("no digest")
    return text(image_id), text(name)
