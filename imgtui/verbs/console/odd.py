"""What an archive has besides images, on standard error."""

from __future__ import annotations

from typing import Final

from imgtui.engine.archive.engine import ArchiveEngine
from imgtui.engine.port.engine import Engine
from imgtui.verbs.console.output import print_error

MOST: Final = 5
"""Lines: an archive may have a hundred artifacts."""


def say_what_is_odd(engine: Engine) -> None:
    """A line for each thing in an archive that is no image, is broken, or lacks something."""
    if isinstance(engine, ArchiveEngine):
        for line in engine.said(MOST):
            print_error(line)
