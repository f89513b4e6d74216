"""What the parts of the interface tell each other, named as facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from imgtui.model.catalog.catalog import Catalog, Version
from imgtui.operations.protocol.updates import Update

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from imgtui.model.acts.changes import RolledBack
    from imgtui.model.build.build import Build
    from imgtui.model.core.image import Image, Store
    from imgtui.model.files.view import View
    from imgtui.model.jobs.plans import TransferPlan
    from imgtui.model.launch.launch import Shell
    from imgtui.model.removal.selection import Wanted as BulkWanted
    from imgtui.model.taglog.moves import Move
    from imgtui.operations.build.recipes import Wanted
    from imgtui.operations.compare.comparing import ComparedFiles, Pair
    from imgtui.operations.files.extracting import Extraction
    from imgtui.operations.protocol.updates import Act
    from imgtui.operations.session.session import Session


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


class Asked(Message):
    """Something is wanted of the session that is followed; without one nothing comes of it."""

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        raise NotImplementedError


@dataclass
class FactsAsked(Asked):
    """Somebody looks at an image whose facts are not at hand."""

    image_id: str
    reveal: bool

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.facts.ask(self.image_id, reveal=self.reveal)


@dataclass
class FilesAsked(Asked):
    """Somebody looks at the files of an image; `at_once` where that is certain."""

    image_id: str
    diff_ids: tuple[str, ...]
    at_once: bool = False

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.files.ask(self.image_id, self.diff_ids, at_once=self.at_once)


@dataclass
class ViewsNear(Asked):
    """Somebody looks at a tree from a layer, and may go on to those beside it."""

    view: View

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.files.look_ahead(self.view)


@dataclass
class ContentAsked(Asked):
    """Somebody wants to see a file, which a layer of an image has."""

    image_id: str
    diff_id: str
    path: str

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.files.read(self.image_id, self.diff_id, self.path)


@dataclass
class ExtractionAsked(Asked):
    """Somebody wants something of an image on the disk."""

    wanted: Extraction
    target: Path

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.extract(self.wanted, self.target)


@dataclass
class CompareAsked(Asked):
    """Somebody wants two images compared."""

    a: Image
    b: Image
    store: Store
    catalog: Catalog

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.comparing.compare(self.a, self.b, self.store, self.catalog)


@dataclass
class PairAsked(Asked):
    """Somebody looks at what is in the files of a pair: all, packages, or one file."""

    pair: Pair
    files: ComparedFiles | None = None
    """None: they are to be read."""
    path: str | None = None
    """None: the packages are wanted."""

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        if self.files is None:
            session.comparing.files(self.pair)
        elif self.path is None:
            session.comparing.packages(self.pair, self.files)
        else:
            session.comparing.file(self.pair, self.files, self.path)


class ReadingStopped(Asked):
    """What is read of images shall stop."""

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.stop_reading()


@dataclass
class InView(Asked):
    """These images are on the screen now."""

    image_ids: tuple[str, ...]

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.facts.in_view(self.image_ids)


class Shown(Asked):
    """What was known when a screen was opened is painted."""

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.proceed()


class RefreshAsked(Asked):
    """The engine is to be asked again."""

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.refresh()


@dataclass
class LogAnswered(Asked):
    """Somebody has said whose log the engine has: that under a key, or, for None, one of its own."""

    key: str | None

    def ask(self, session: Session) -> None:
        """Tell the session."""
        session.answer(self.key)


@dataclass
class ActAsked(Asked):
    """Somebody has seen a plan, and wants it done."""

    act: Act

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.acts.act(self.act)


@dataclass
class OfferAnswered(Asked):
    """Somebody answered the offer of a first keep rule."""

    agreed: bool

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.answer_offer(agreed=self.agreed)


class JournalAsked(Asked):
    """Somebody looks at the journal of acts."""

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.read_journal()


@dataclass
class RegistriesAsked(Asked):
    """Somebody wants to know where these tags point in their registries."""

    references: tuple[str, ...]

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.ask_registries(self.references)


@dataclass
class BackAsked(Asked):
    """Somebody wants the roll back of containers undone, or done again: for its plan."""

    catalog: Catalog
    moves: Sequence[Move]
    act: RolledBack

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.acts.propose_back(self.catalog, self.moves, self.act)


@dataclass
class RollbackAsked(Asked):
    """Somebody wants these containers, and this tag, to use another digest: for its plan."""

    catalog: Catalog
    container_ids: tuple[str, ...]
    target: str
    tag: str | None

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.acts.propose_rollback(self.catalog, self.container_ids, self.target, self.tag)


@dataclass
class RemovalAsked(Asked):
    """Somebody wants images removed: for its plan."""

    catalog: Catalog
    wanted: tuple[str, ...] | BulkWanted
    """Image IDs, or what a bulk plan looks for."""

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        if isinstance(self.wanted, tuple):
            session.removals.propose(self.catalog, self.wanted)
        else:
            session.removals.propose_bulk(self.catalog, self.wanted)


class CacheAsked(Asked):
    """Somebody wants the build cache freed: for its plan."""

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.removals.propose_cache()


class ActStopped(Asked):
    """The act that is under way shall stop."""

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.acts.stop()


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
class ContainerAsked(Asked):
    """Somebody looks at a container that was launched."""

    container_id: str
    name: str

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.acts.launches.look(self.container_id, self.name)


@dataclass
class RecipeAsked(Asked):
    """Somebody wants to build a version anew: the form is to be prepared."""

    wanted: Wanted
    catalog: Catalog

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.rebuilds.draft(self.catalog, self.wanted)


@dataclass
class RebuildAsked(Asked):
    """Somebody has filled the form of a rebuild, and wants it built."""

    build: Build

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.rebuilds.begin(self.build)


@dataclass
class TransferAsked(Asked):
    """Somebody has seen the plan of a pull, a push, a save or a load, and wants it done."""

    plan: TransferPlan

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.transfers.begin(self.plan)


@dataclass
class SaveAsked(Asked):
    """Somebody wants versions in a file: for its plan."""

    catalog: Catalog
    versions: tuple[Version, ...]
    path: str
    """As it was typed."""

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.transfers.propose_save(self.catalog, self.versions, self.path)


@dataclass
class LoadAsked(Asked):
    """Somebody wants an archive loaded: for its plan."""

    catalog: Catalog
    path: str
    """As it was typed."""

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.transfers.propose_load(self.catalog, self.path)


@dataclass
class JobStopped(Asked):
    """A job shall stop."""

    number: int

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.jobs.stop(self.number)


@dataclass
class JobLogAsked(Asked):
    """Somebody reads the log of a job."""

    number: int
    after: int
    """How many lines are known."""

    def ask(self, session: Session) -> None:
        """Ask it of the session."""
        session.read_job_log(self.number, self.after)


class QuitAsked(Message):
    """Somebody wants to quit."""


class DemoAsked(Message):
    """The built-in engine is to be opened instead."""
