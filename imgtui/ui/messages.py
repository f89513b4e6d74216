"""What the parts of the interface tell each other, named as facts."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from imgtui.model.plan import Plan
from imgtui.operations.updates import Update


@dataclass
class Told(Message):
    """The session knows something new."""

    update: Update
    session: int
    """The session that speaks: one that was left may still be heard."""


@dataclass
class FactsAsked(Message):
    """Somebody looks at an image whose facts are not at hand."""

    image_id: str
    reveal: bool


@dataclass
class InView(Message):
    """These images are on the screen now."""

    image_ids: tuple[str, ...]


class Shown(Message):
    """What was known when a screen was opened is painted."""


class RefreshAsked(Message):
    """The engine is to be asked again."""


@dataclass
class ActAsked(Message):
    """Somebody has seen a plan, and wants it done."""

    plan: Plan


class DemoAsked(Message):
    """The built-in engine is to be opened instead."""
