"""What a session publishes of two images that are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgtui.operations.protocol.updates import Update

if TYPE_CHECKING:
    from imgtui.model.compare.packages import PackagesDifference
    from imgtui.model.compare.text import TextDifference
    from imgtui.operations.compare.comparing import ComparedFiles, Pair
    from imgtui.operations.files.layer_files import Reading


@dataclass(frozen=True, slots=True)
class Compared(Update):
    """Two images that somebody wants compared: what their facts tell."""

    a: str
    b: str
    pair: Pair | None
    """None where they could not be compared."""
    problem: str = ""
    """Why."""


@dataclass(frozen=True, slots=True)
class FilesCompared(Update):
    """The files of a pair that somebody looks at."""

    pair: Pair
    found: ComparedFiles | None = None
    """None while they are read."""
    reading: Reading | None = None
    problem: str = ""
    """Why it ended before its end."""


@dataclass(frozen=True, slots=True)
class PackagesCompared(Update):
    """The packages of a pair that somebody looks at; as `FilesCompared` tells of files."""

    pair: Pair
    found: PackagesDifference | None = None
    reading: Reading | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FileCompared(Update):
    """One file of a pair that somebody looks at; as `FilesCompared` tells of all."""

    pair: Pair
    path: str
    found: TextDifference | None = None
    reading: Reading | None = None
    problem: str = ""
