"""`imgtui` that waits for two seconds where it waits for minutes: `main` of a process of its own."""

from __future__ import annotations

from typing import Final

from imgtui import cli
from tests.faults.impatience import impatience

SECONDS: Final = 2.0


def main() -> int:
    """Run imgtui; the exit status."""
    with impatience(SECONDS):
        return cli.main()
