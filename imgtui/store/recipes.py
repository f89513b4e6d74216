"""Recipes in the state file: how imgtui built images, without any value that looks secret."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from imgtui.store.rows import RowNotUnderstood, lines, text, understood, whole
from imgtui.store.state import State

MOST: Final = 50
"""Recipes that are held of a repository: the newest."""

Words = Mapping[str, Sequence[str]]


class Recipes:
    """The recipes of one engine. Every method may raise StateUnusable."""

    def __init__(self, state: State, engine: str) -> None:
        self._state = state
        self._engine = engine

    def keep(self, repository: str | None, image_id: str, words: Words, now: int) -> None:
        """Write down how an image was built: no secret is in `words`. `now` is in nanoseconds."""
        name = repository or ""
        with self._state.changing() as file:
            file.execute(
                "INSERT OR REPLACE INTO recipes VALUES (?, ?, ?, ?, ?)",
                (self._engine, name, image_id, now, json.dumps({key: list(words[key]) for key in words})),
            )
            file.execute(
                "DELETE FROM recipes WHERE engine = ?1 AND repository = ?2 AND at < (SELECT at FROM recipes"
                " WHERE engine = ?1 AND repository = ?2 ORDER BY at DESC LIMIT 1 OFFSET ?3)",
                (self._engine, name, MOST - 1),
            )

    def all(self) -> list[tuple[str, dict[str, tuple[str, ...]]]]:
        """Every recipe, with the image that was built by it."""
        with self._state.reading() as file:
            rows = file.execute(
                "SELECT image, words, repository, at FROM recipes WHERE engine = ?", (self._engine,)
            )
            return list(understood(self._state.unread, "recipes", rows, _whole_row))

    def find(
        self, repository: str | None, image_id: str, tags: Collection[str]
    ) -> dict[str, tuple[str, ...]]:
        """How an image was built; else what was built last under one of these tags; else nothing."""
        with self._state.reading() as file:
            rows = file.execute(
                "SELECT image, words FROM recipes WHERE engine = ? AND (repository = ? OR image = ?)"
                " ORDER BY at DESC",
                (self._engine, repository or "", image_id),
            )
            known = list(understood(self._state.unread, "recipes", rows, _recipe))
        own = (words for image, words in known if image == image_id)
        alike = (words for _, words in known if set(words.get("tags", ())) & set(tags))
        return next(own, None) or next(alike, {})


def _whole_row(
    image: object, words: object, repository: object, at: object
) -> tuple[str, dict[str, tuple[str, ...]]]:
    text(repository), whole(at)
    return _recipe(image, words)


def _recipe(image: object, words: object) -> tuple[str, dict[str, tuple[str, ...]]]:
    content = json.loads(lines(words))
    if not isinstance(content, dict) or not all(isinstance(values, list) for values in content.values()):
        raise RowNotUnderstood("no recipe")
    return text(image), {name: tuple(map(lines, values)) for name, values in content.items()}
