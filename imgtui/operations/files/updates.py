"""What a session publishes of the files of an image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgtui.operations.protocol.updates import Update

if TYPE_CHECKING:
    from imgtui.model.files.tree import FileTree
    from imgtui.model.files.waste import Efficiency
    from imgtui.operations.files.layer_files import Reading
    from imgtui.operations.files.reading_files import FileContent


@dataclass(frozen=True, slots=True)
class FilesUpdated(Update):
    """The files of an image that somebody looks at, as far as they were read."""

    image_id: str
    tree: FileTree | None
    """None where it has not grown."""
    efficiency: Efficiency | None = None
    """None while layers are missing."""
    reading: Reading | None = None
    """How far the reading is; None when it is over."""
    problem: str = ""
    """Why it ended before its end."""


@dataclass(frozen=True, slots=True)
class FilesAnswered(Update):
    """A file was read; or that goes on, or could not be done."""

    content: FileContent | None = None
    reading: Reading | None = None
    problem: str = ""
