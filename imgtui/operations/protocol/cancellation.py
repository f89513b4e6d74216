"""What work that takes its time tells, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable

from imgtui.engine.port.errors import EngineError

Tell = Callable[[str], None]
"""Hears one line about what is done now."""


class Stopped(EngineError):
    """A person stopped it; the message is one line that says how far it had come."""
