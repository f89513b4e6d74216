"""What is wrong with an archive."""

from __future__ import annotations

from imgtui.engine.port.errors import EngineError


class ArchiveError(EngineError):
    """The archive is broken, hostile, or not of a kind that is read; the message is one line."""
