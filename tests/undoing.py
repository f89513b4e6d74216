"""The newest moves that can be undone and done again, where nothing but moves has happened."""

from __future__ import annotations

from collections.abc import Sequence

from imgtui.model.acts.changes import PointsAt, newest, newest_undone
from imgtui.model.taglog.moves import Move


def to_undo(moves: Sequence[Move], here: PointsAt) -> Move | None:
    """The move that `z` would put back."""
    found = newest(moves, (), here, lambda _: False)
    assert found is None or isinstance(found, Move)
    return found


def to_redo(moves: Sequence[Move]) -> Move | None:
    """The move that `Z` would do again."""
    found = newest_undone(moves, (), lambda _: False)
    assert found is None or isinstance(found, Move)
    return found
