"""A line to type a path in: the rest of a name that is there is offered, and taken with the right arrow."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from textual.suggester import Suggester

from imgtui.model.core.printable import printable
from imgtui.threads import aside

MOST = 10_000
"""Entries of a folder that are looked at."""


class PathSuggester(Suggester):
    """Offers the first entry of a folder, in order of names, that goes on with what is typed."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """A folder may be on another machine, which may be slow."""
        return await aside("paths", partial(_longer, value))


def _longer(typed: str) -> str | None:
    folder, begun = os.path.split(typed)
    if not typed or (not begun and not folder):
        return None
    try:
        with os.scandir(Path(folder or ".").expanduser()) as entries:
            names = [
                f"{entry.name}/" if entry.is_dir() else entry.name
                for _, entry in zip(range(MOST), entries, strict=False)
                if entry.name.startswith(begun) and (begun or not entry.name.startswith("."))
            ]
    except (OSError, RuntimeError, ValueError):
        return None
    name = min((name for name in names if printable(name) == name), default=None)
    return None if name is None else f"{typed}{name[len(begun) :]}"
