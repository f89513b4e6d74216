"""What the parts of the interface ask of the application itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from imgtui.operations.protocol.updates import Update

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Told(Message):
    """The session knows something new."""

    update: Update
    session: int
    """The session that speaks: one that was left may still be heard."""


@dataclass
class CopyAsked(Message):
    """A text is to be copied; `tell` hears in one line what has become of it."""

    text: str
    tell: Callable[[str], None]


class RefreshAsked(Message):
    """The engine is to be asked again."""


class QuitAsked(Message):
    """Somebody wants to quit."""


class DemoAsked(Message):
    """The built-in engine is to be opened instead."""
