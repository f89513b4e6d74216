"""How far the reading of layers is, for a person at a terminal."""

from __future__ import annotations

import sys

from imgtui.operations.files.layer_files import Reading
from imgtui.verbs.console.output import in_place
from imgtui.words import plural, size


class ReadingProgress:
    """Tells it in a line on standard error that is taken back; nothing where that is no terminal."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()

    def __call__(self, reading: Reading) -> None:
        """Tell how far it is."""
        if self._terminal:
            passed = f", {size(reading.bytes)}" if reading.bytes else ""
            line = f"reading {reading.read} of {plural(reading.layers, 'layer')}{passed}"
            in_place(line, 60)
