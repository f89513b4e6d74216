"""What the parts of the interface tell each other, named as facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from imgtui.model.catalog import Catalog
from imgtui.operations.updates import Update

if TYPE_CHECKING:
    from imgtui.model.launch import Shell
    from imgtui.operations.updates import Act


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

    act: Act


class JournalAsked(Message):
    """Somebody looks at the journal of acts."""


@dataclass
class RegistriesAsked(Message):
    """Somebody wants to know where these tags point in their registries."""

    references: tuple[str, ...]


@dataclass
class RollbackAsked(Message):
    """Somebody wants these containers, and this tag, to use another digest: for its plan."""

    catalog: Catalog
    container_ids: tuple[str, ...]
    target: str
    tag: str | None


class ActStopped(Message):
    """The act that is under way shall stop."""


@dataclass
class LaunchAsked(Message):
    """Somebody wants to run a version: the form is to be prepared."""

    image_id: str
    repository: str | None
    catalog: Catalog


@dataclass
class ShellAsked(Message):
    """Somebody wants a throw-away shell in a version."""

    shell: Shell


@dataclass
class ContainerAsked(Message):
    """Somebody looks at a container that was launched."""

    container_id: str
    name: str


class DemoAsked(Message):
    """The built-in engine is to be opened instead."""
