"""What the parts of the interface tell each other, named as facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from imgtui.model.catalog import Catalog, Version
from imgtui.operations.updates import Update

if TYPE_CHECKING:
    from pathlib import Path

    from imgtui.model.build import Build
    from imgtui.model.filetree_view import View
    from imgtui.model.image import Image, Store
    from imgtui.model.launch import Shell
    from imgtui.model.removal_choice import Wanted as BulkWanted
    from imgtui.model.transfer_plans import TransferPlan
    from imgtui.operations.comparing import ComparedFiles, Pair
    from imgtui.operations.extracting import Extraction
    from imgtui.operations.recipes import Wanted
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
class FilesAsked(Message):
    """Somebody looks at the files of an image; `at_once` where that is certain."""

    image_id: str
    diff_ids: tuple[str, ...]
    at_once: bool = False


@dataclass
class ViewsNear(Message):
    """Somebody looks at a tree from a layer, and may go on to those beside it."""

    view: View


@dataclass
class ContentAsked(Message):
    """Somebody wants to see a file, which a layer of an image has."""

    image_id: str
    diff_id: str
    path: str


@dataclass
class ExtractionAsked(Message):
    """Somebody wants something of an image on the disk."""

    wanted: Extraction
    target: Path


@dataclass
class CompareAsked(Message):
    """Somebody wants two images compared."""

    a: Image
    b: Image
    store: Store
    catalog: Catalog


@dataclass
class PairAsked(Message):
    """Somebody looks at what is in the files of a pair: all, packages, or one file."""

    pair: Pair
    files: ComparedFiles | None = None
    """None: they are to be read."""
    path: str | None = None
    """None: the packages are wanted."""


class ReadingStopped(Message):
    """What is read of images shall stop."""


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


@dataclass
class RemovalAsked(Message):
    """Somebody wants images removed: for its plan."""

    catalog: Catalog
    wanted: tuple[str, ...] | BulkWanted
    """Image IDs, or what a bulk plan looks for."""


class CacheAsked(Message):
    """Somebody wants the build cache freed: for its plan."""


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


@dataclass
class RecipeAsked(Message):
    """Somebody wants to build a version anew: the form is to be prepared."""

    wanted: Wanted
    catalog: Catalog


@dataclass
class RebuildAsked(Message):
    """Somebody has filled the form of a rebuild, and wants it built."""

    build: Build


@dataclass
class TransferAsked(Message):
    """Somebody has seen the plan of a pull, a push, a save or a load, and wants it done."""

    plan: TransferPlan


@dataclass
class SaveAsked(Message):
    """Somebody wants versions in a file: for its plan."""

    catalog: Catalog
    versions: tuple[Version, ...]
    path: str
    """As it was typed."""


@dataclass
class LoadAsked(Message):
    """Somebody wants an archive loaded: for its plan."""

    catalog: Catalog
    path: str
    """As it was typed."""


@dataclass
class JobStopped(Message):
    """A job shall stop."""

    number: int


@dataclass
class JobLogAsked(Message):
    """Somebody reads the log of a job."""

    number: int
    after: int
    """How many lines are known."""


class QuitAsked(Message):
    """Somebody wants to quit."""


class DemoAsked(Message):
    """The built-in engine is to be opened instead."""
