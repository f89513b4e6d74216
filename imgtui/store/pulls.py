"""Where images can be pulled from, in the state file: what imgtui itself has pushed or pulled."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

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
                "SELECT image, name FROM pulls WHERE engine = ? ORDER BY number DESC", (self._engine,)
            )
            for image_id, name in rows:
                found[image_id] = (*found.get(image_id, ()), name)
        return found


def write_pulls(file: sqlite3.Connection, engine: str, pulls: Mapping[str, Sequence[str]]) -> None:
    """Add proofs within a transaction, of each image the latest last."""
    file.executemany(
        "INSERT OR REPLACE INTO pulls (engine, image, name) VALUES (?, ?, ?)",
        [(engine, image_id, name) for image_id, names in pulls.items() for name in names],
    )
