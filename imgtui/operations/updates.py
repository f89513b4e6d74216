"""What a session tells: facts about the engine, published from its threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from imgtui.engine.errors import Problem
from imgtui.model.catalog import Catalog
from imgtui.model.image import EngineInfo, ImageFacts, Layer
from imgtui.model.moves import Move
from imgtui.model.plan import Plan


class Phase(StrEnum):
    """How much of what is known is true now."""

    CONNECTING = "connecting"
    LISTING = "listing"
    LIVE = "live"
    LOST = "lost"
    """The engine does not answer: what is known is of `EngineState.as_of`."""


@dataclass(frozen=True, slots=True)
class EngineState:
    """The whole of what is known of the engine."""

    phase: Phase
    catalog: Catalog = field(default_factory=Catalog)
    info: EngineInfo | None = None
    as_of: float | None = None
    """When the catalog was true, seconds since the epoch; None while nothing is known."""
    arrived: int = 0
    """Image records that have arrived, while listing."""
    expected: int | None = None
    """Image records that the list will have, where the engine told it."""
    problem: Problem | None = None
    """Why the engine does not answer."""


@dataclass(frozen=True, slots=True)
class LayersLearned:
    """Layers of images, which are facts for ever."""

    layers: tuple[tuple[str, tuple[Layer, ...]], ...]


@dataclass(frozen=True, slots=True)
class FactsReady:
    """The facts of an image that somebody asked for."""

    image_id: str
    facts: ImageFacts | None
    """None when the image is not there any more."""
    document: str = ""
    revealed: bool = False


@dataclass(frozen=True, slots=True)
class Remembered:
    """The tag log of the engine has new moves, or cannot be kept any more."""

    moves: tuple[Move, ...] = ()
    """What is new, in order."""
    problem: str | None = None
    """Why nothing is recorded, or a keep rule could not be applied: one line."""
    log: Sequence[Move] = ()
    """The whole log, the newest first."""
    recorder: bool = False
    """Whether a recorder without a screen watches this engine too."""


@dataclass(frozen=True, slots=True)
class ActEnded:
    """An act was done, or could not be."""

    plan: Plan
    error: str | None = None


Update = EngineState | LayersLearned | FactsReady | Remembered | ActEnded
Publish = Callable[[Update], None]
"""Called from threads of the session."""
