"""What is known of two images that are compared, and from which side they are looked at."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from imgtui.model.compare.compare import DifferenceCause, cause
from imgtui.operations.compare.updates import Compared, FilesCompared, PackagesCompared

if TYPE_CHECKING:
    from imgtui.model.compare.files import FilesTree
    from imgtui.model.compare.packages import PackagesDifference
    from imgtui.operations.compare.comparing import ComparedFiles, Pair
    from imgtui.operations.files.layer_files import Reading


class Section(StrEnum):
    """What can be looked at, in the order of the tabs."""

    LAYERS = "Layers"
    INSTRUCTIONS = "Instructions"
    CONFIG = "Config"
    FILES = "Files"
    PACKAGES = "Packages"


SECTIONS: Final = tuple(Section)


class KnownPair:
    """Takes updates about one pair; all it shows is as seen from the side that is A now."""

    def __init__(self, a: str, b: str) -> None:
        """`a` and `b` are image IDs."""
        self._ids = a, b
        self.asked: Pair | None = None
        """The pair as it was asked for, whatever side it is looked at from."""
        self._files: ComparedFiles | None = None
        self._packages: PackagesDifference | None = None
        self._under_way: dict[Section, Reading | None] = {}
        self.problems: dict[Section | None, str] = {}
        """Why something cannot be shown; None is for all of it."""
        self.swapped = False

    def take(self, update: Compared | FilesCompared | PackagesCompared) -> bool:
        """Something new is known; False for what was asked of other images, or by somebody who has left."""
        if isinstance(update, Compared):
            if (update.a, update.b) != self._ids:
                return False
            self.asked = update.pair
            self.problems[None] = update.problem
            return True
        if update.pair is not self.asked:
            return False
        if isinstance(update, FilesCompared):
            self._heard(Section.FILES, update.reading, update.problem)
            if update.found is not None:
                self._files = update.found
        else:
            self._heard(Section.PACKAGES, update.reading, update.problem)
            self._packages = update.found or self._packages
        return True

    def wants(self, section: Section, *, again: bool) -> bool:
        """Whether something has to be read to show a section, which counts as under way from now on.

        What failed is read `again` alone.
        """
        if self.asked is None or section not in {Section.FILES, Section.PACKAGES}:
            return False
        wanted = Section.FILES if self._files is None else section
        known = self._files is not None if wanted is Section.FILES else self._packages is not None
        if known or wanted in self._under_way or (self.problems.get(wanted) and not again):
            return False
        self._under_way[wanted] = None
        self.problems[wanted] = ""
        return True

    def is_about(self, pair: Pair) -> bool:
        """Whether a pair is this one, from either side."""
        return {pair.a.image_id, pair.b.image_id} == set(self._ids)

    @property
    def is_reading(self) -> bool:
        """Whether anything is under way."""
        return bool(self._under_way)

    @property
    def reading(self) -> Reading | None:
        """How far what is under way is, where that was told."""
        return next((reading for reading in self._under_way.values() if reading is not None), None)

    @property
    def pair(self) -> Pair | None:
        """The pair."""
        return self.asked.swapped() if self.asked is not None and self.swapped else self.asked

    @property
    def files_as_asked(self) -> ComparedFiles | None:
        """The files, whatever side they are looked at from."""
        return self._files

    @property
    def files(self) -> ComparedFiles | None:
        """The files."""
        return self._files.swapped() if self._files is not None and self.swapped else self._files

    @property
    def packages(self) -> PackagesDifference | None:
        """The packages."""
        found = self._packages
        return found.swapped() if found is not None and self.swapped else found

    @property
    def cause(self) -> DifferenceCause | None:
        """Why they are not the same image, as far as is known."""
        pair, files = self.pair, self.files
        return None if pair is None else cause(pair.comparison, files.difference if files else None)

    def tree(self, *, times: bool) -> FilesTree | None:
        """The files that differ as a tree; None while they are not known."""
        return self.files.tree(times=times) if self.files is not None else None

    def _heard(self, section: Section, reading: Reading | None, problem: str) -> None:
        self.problems[section] = problem
        if reading is None:
            self._under_way.pop(section, None)
        else:
            self._under_way[section] = reading
