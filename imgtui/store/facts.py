"""Facts of images in the state file: what an image was made of is known when it is gone from every engine.

They are what `Engine.document` tells, values that look secret masked, by image ID: an image never changes.
The cache has the same and may be deleted; these may not. There is a limit in bytes: what the log does not
speak of goes first, then what was kept first.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Final

from imgtui.model.core.image import Store
from imgtui.store.rows import RowNotUnderstood, lines, next_number, text, understood
from imgtui.store.state import State

LIMIT: Final = 64_000_000
"""Bytes of all of them: about 20,000 images."""
LONGEST: Final = 8_000_000
"""Characters of one; a longer one is not kept, and is not read from a file that others may have written."""


class Facts:
    """The facts of images of every engine. Every method may raise StateUnusable."""

    def __init__(self, state: State, *, limit: int = LIMIT) -> None:
        self._state = state
        self._limit = limit

    def known(self, store: Store) -> set[str]:
        """The images whose facts are kept, of a kind of store: sizes of layers differ between kinds."""
        with self._state.reading() as file:
            rows = file.execute("SELECT image FROM facts WHERE store = ?", (store.value,))
            return set(understood(self._state.unread, "facts", rows, lines))

    def examine(self) -> None:
        """Read every row, of which those that are not understood are counted."""
        with self._state.reading() as file:
            rows = file.execute("SELECT number, store, image, body FROM facts")
            for _ in understood(self._state.unread, "facts", rows, _row):
                pass

    def document(self, store: Store, image_id: str) -> str | None:
        """What is kept of an image."""
        with self._state.reading() as file:
            rows = file.execute(
                "SELECT number, body FROM facts WHERE store = ? AND image = ?", (store.value, image_id)
            )
            return next(understood(self._state.unread, "facts", rows, _document), None)

    def keep(self, store: Store, documents: Iterable[tuple[str, str]]) -> None:
        """Keep the documents of images, by ID; of one that is known already nothing is written."""
        packed = [
            (image_id, zlib.compress(document.encode()))
            for image_id, document in documents
            if len(document) <= LONGEST
        ]
        with self._state.changing() as file:
            first = next_number(file, "facts")
            file.executemany(
                "INSERT OR IGNORE INTO facts (number, store, image, bytes, body) VALUES (?, ?, ?, ?, ?)",
                [
                    (number, store.value, image_id, len(body), body)
                    for number, (image_id, body) in enumerate(packed, first)
                ],
            )
            # What another program wrote counts as what it takes: a sum of 64 bits can overflow.
            (size,) = file.execute("SELECT COALESCE(SUM(LENGTH(body)), 0) FROM facts").fetchone()
            if size > self._limit:
                file.execute(
                    "WITH spoken_of (image) AS (SELECT target FROM tags UNION SELECT origin FROM moves"
                    " UNION SELECT target FROM moves UNION SELECT image FROM pulls),"
                    " counted AS (SELECT number, SUM(LENGTH(body)) OVER (ORDER BY"
                    " EXISTS (SELECT 1 FROM spoken_of WHERE spoken_of.image = facts.image) DESC, number DESC)"
                    " AS held FROM facts)"
                    " DELETE FROM facts WHERE number IN (SELECT number FROM counted WHERE held > ?)",
                    (self._limit,),
                )


def _row(number: int, store: object, image: object, body: object) -> None:
    Store(text(store)), lines(image), _document(number, body)


def _document(_: int, body: object) -> str:
    if not isinstance(body, bytes):
        raise RowNotUnderstood("bytes are wanted")
    reading = zlib.decompressobj()
    try:
        unpacked = reading.decompress(body, 4 * LONGEST)
    except zlib.error as error:
        raise RowNotUnderstood(str(error)) from error
    if not reading.eof:
        raise RowNotUnderstood("it is cut, or too long")
    return unpacked.decode()
