"""What a session tells: facts about the engine, published from its threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from imgtui.engine.errors import Problem
from imgtui.model.catalog import Catalog
from imgtui.model.identity import Doubt
from imgtui.model.image import EngineInfo, ImageFacts, Layer
from imgtui.model.moves import Move
from imgtui.model.rules import KeepRule


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
    """Why nothing is recorded: one line."""
    log: Sequence[Move] = ()
    """The whole log, the newest first."""
    acts: Sequence[PastAct] = ()
    """What imgtui did to containers and images and is over, the newest first."""
    recorder: bool = False
    """Whether a recorder without a screen watches this engine too."""
    unwritten: str | None = None
    """Why nothing can be written down; None where it can."""
    remark: str | None = None
    """What of the state file is not understood, in one line."""
    machine: str = ""
    """That the log of the machine's recorder is read too, in one line."""
    doubt: Doubt | None = None
    """Why it is not clear which engine this is, which somebody has to say."""


@dataclass(frozen=True, slots=True)
class RulesTold:
    """How it stands with keep rules: told when it has changed."""

    rules: tuple[KeepRule, ...] = ()
    """Those in force."""
    offered: bool = False
    """Whether a first rule is offered: the engine deletes what a rebuild replaces, and no rule holds it."""
    place: str = ""
    """The file that a first rule can be added to; empty where there are rules, or no file."""
    problem: str | None = None
    """What is wrong with the settings, or why a rule could not be applied: one line."""
    said: str = ""
    """What was just done with the rules themselves: one line."""
    own: frozenset[str] = frozenset()
    """The keeps that rules made with this state file: no others are released."""


if TYPE_CHECKING:
    from imgtui.model.build import Build
    from imgtui.model.build_cache import CacheRemoval
    from imgtui.model.build_form import Ground, RebuildDraft
    from imgtui.model.changes import PastAct
    from imgtui.model.compare_text import TextDifference
    from imgtui.model.filetree import FileTree
    from imgtui.model.filetree_waste import Efficiency
    from imgtui.model.job import Job
    from imgtui.model.launch import Discard, Launch, Shell
    from imgtui.model.launch_form import Draft, Surroundings
    from imgtui.model.packages import PackagesDifference
    from imgtui.model.pending import Pending
    from imgtui.model.plan import Plan
    from imgtui.model.remote import RemoteTag
    from imgtui.model.removal import Removal
    from imgtui.model.rollback import Rollback
    from imgtui.model.transfer_plans import TransferPlan
    from imgtui.model.verdict import Verdict
    from imgtui.operations.comparing import ComparedFiles, Pair
    from imgtui.operations.layer_files import Reading
    from imgtui.operations.reading_files import FileContent
    from imgtui.store.journal import Entry

    Act = Plan | Rollback | Pending | Launch | Shell | Discard | Removal | CacheRemoval
    """What a person has seen the plan of, and wants done."""


@dataclass(frozen=True, slots=True)
class ActTold:
    """What an act that is under way does now."""

    title: str
    line: str


@dataclass(frozen=True, slots=True)
class ActEnded:
    """An act was done, or could not be."""

    act: Act
    error: str | None = None
    said: str = ""
    """What there is to say of it, in one line; empty where its title says it all."""
    by_itself: bool = False
    """Whether nobody asked for it."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A plan that somebody asked for."""

    act: Plan | Rollback | TransferPlan | Removal | CacheRemoval | None
    """None where there is none."""
    error: str = ""
    """Why."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Acts that were interrupted and can be taken up."""

    pending: Sequence[Pending] = ()


@dataclass(frozen=True, slots=True)
class LaunchDrafted:
    """The form of a launch that somebody asked for."""

    draft: Draft
    around: Surroundings


@dataclass(frozen=True, slots=True)
class RebuildDrafted:
    """The form of a rebuild that somebody asked for."""

    draft: RebuildDraft
    ground: Ground


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A rebuild is done, and was judged."""

    build: Build
    verdict: Verdict
    job: int
    """The number of its job."""


@dataclass(frozen=True, slots=True)
class TerminalWanted:
    """A container is made that is to be started in this terminal."""

    container_id: str


STARTING: Final = "starting"
"""What engines tell of a health check that has neither failed nor succeeded."""


@dataclass(frozen=True, slots=True)
class ContainerSeen:
    """A container that somebody looks at, after it was launched."""

    container_id: str
    name: str
    image_id: str = ""
    """Empty where it is gone."""
    state: str = "gone"
    """For people: `running`, `exited with code 1`."""
    log: tuple[str, ...] = ()
    """The last lines of its log."""

    @property
    def gone(self) -> bool:
        """Whether it is there no more."""
        return not self.image_id

    @property
    def undecided(self) -> bool:
        """Whether its health check has not come to an end yet."""
        return self.state.endswith(f", {STARTING}")


@dataclass(frozen=True, slots=True)
class JobTold:
    """A job is further, or over."""

    job: Job


@dataclass(frozen=True, slots=True)
class JobLogRead:
    """More of the log of a job that somebody reads."""

    number: int
    after: int
    """How many lines were known before."""
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilesTold:
    """The files of an image that somebody looks at, as far as they were read."""

    image_id: str
    tree: FileTree | None
    """None where it has not grown."""
    efficiency: Efficiency | None = None
    """None while layers are missing."""
    reading: Reading | None = None
    """How far the reading is; None when it is over."""
    problem: str = ""
    """Why it ended before its end."""


@dataclass(frozen=True, slots=True)
class FilesAnswered:
    """A file was read; or that goes on, or could not be done."""

    content: FileContent | None = None
    reading: Reading | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """Two images that somebody wants compared: what their facts tell."""

    a: str
    b: str
    pair: Pair | None
    """None where they could not be compared."""
    problem: str = ""
    """Why."""


@dataclass(frozen=True, slots=True)
class FilesCompared:
    """The files of a pair that somebody looks at."""

    pair: Pair
    found: ComparedFiles | None = None
    """None while they are read."""
    reading: Reading | None = None
    problem: str = ""
    """Why it ended before its end."""


@dataclass(frozen=True, slots=True)
class PackagesCompared:
    """The packages of a pair that somebody looks at; as `FilesCompared` tells of files."""

    pair: Pair
    found: PackagesDifference | None = None
    reading: Reading | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FileCompared:
    """One file of a pair that somebody looks at; as `FilesCompared` tells of all."""

    pair: Pair
    path: str
    found: TextDifference | None = None
    reading: Reading | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class JournalRead:
    """The journal of acts that somebody asked for."""

    entries: tuple[Entry, ...] = ()
    """The newest acts, the newest first."""
    problem: str | None = None
    """Why it cannot be read: one line."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Acts that were interrupted, and are put right now."""

    lines: tuple[str, ...]
    """What became of each."""


@dataclass(frozen=True, slots=True)
class RegistryAnswered:
    """A registry said where a tag points, or did not."""

    tag: RemoteTag


@dataclass(frozen=True, slots=True)
class Failed:
    """Something that goes on in the background ended by an error that nobody foresaw."""

    problem: str
    """What could not be done, and the error: one line."""


Update = (
    EngineState
    | LayersLearned
    | FactsReady
    | FilesTold
    | FilesAnswered
    | Compared
    | FilesCompared
    | PackagesCompared
    | FileCompared
    | Remembered
    | RulesTold
    | ActTold
    | ActEnded
    | Proposed
    | Interrupted
    | Settled
    | JobTold
    | JobLogRead
    | JournalRead
    | RegistryAnswered
    | LaunchDrafted
    | RebuildDrafted
    | Rebuilt
    | TerminalWanted
    | ContainerSeen
    | Failed
)
Publish = Callable[[Update], None]
"""Called from threads of the session."""
