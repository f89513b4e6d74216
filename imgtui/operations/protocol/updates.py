"""What a session tells: facts about the engine, published from its threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from imgtui.engine.port.errors import Problem
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import EngineInfo, ImageFacts, Layer
from imgtui.model.keeps.rules import KeepRule
from imgtui.model.taglog.identity import Doubt
from imgtui.model.taglog.moves import Move


class Update:
    """A fact that a session publishes, from any of its threads."""

    __slots__ = ()
    WAITS: ClassVar[bool] = False
    """Whether a list that is held still does not show it: nobody has asked for it."""


class Phase(StrEnum):
    """How much of what is known is true now."""

    CONNECTING = "connecting"
    LISTING = "listing"
    LIVE = "live"
    LOST = "lost"
    """The engine does not answer: what is known is of `EngineState.as_of`."""


@dataclass(frozen=True, slots=True)
class EngineState(Update):
    """The whole of what is known of the engine."""

    WAITS: ClassVar[bool] = True
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
class LayersLearned(Update):
    """Layers of images, which are facts for ever."""

    WAITS: ClassVar[bool] = True
    layers: tuple[tuple[str, tuple[Layer, ...]], ...]


@dataclass(frozen=True, slots=True)
class FactsReady(Update):
    """The facts of an image that somebody asked for."""

    image_id: str
    facts: ImageFacts | None
    """None when the image is not there any more."""
    document: str = ""
    revealed: bool = False


@dataclass(frozen=True, slots=True)
class Remembered(Update):
    """The tag log of the engine has new moves, or cannot be kept any more."""

    WAITS: ClassVar[bool] = True
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
class RulesUpdated(Update):
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
    from imgtui.model.acts.changes import PastAct
    from imgtui.model.build.build import Build
    from imgtui.model.build.form import BuildHost, RebuildDraft
    from imgtui.model.build.verdict import Verdict
    from imgtui.model.catalog.registry_tag import RemoteTag
    from imgtui.model.containers.pending import Pending
    from imgtui.model.containers.rollback import Rollback
    from imgtui.model.jobs.job import Job
    from imgtui.model.jobs.plans import TransferPlan
    from imgtui.model.launch.form import Draft, Surroundings
    from imgtui.model.launch.launch import Discard, Launch, Shell
    from imgtui.model.plans.plan import Plan
    from imgtui.model.removal.build_cache import CacheRemoval
    from imgtui.model.removal.plan import Removal
    from imgtui.store.journal import JournalEntry

    Act = Plan | Rollback | Pending | Launch | Shell | Discard | Removal | CacheRemoval
    """What a person has seen the plan of, and wants done."""


@dataclass(frozen=True, slots=True)
class ActProgress(Update):
    """What an act that is under way does now."""

    title: str
    line: str


@dataclass(frozen=True, slots=True)
class ActEnded(Update):
    """An act was done, or could not be."""

    act: Act
    error: str | None = None
    said: str = ""
    """What there is to say of it, in one line; empty where its title says it all."""
    by_itself: bool = False
    """Whether nobody asked for it."""


@dataclass(frozen=True, slots=True)
class Proposed(Update):
    """A plan that somebody asked for."""

    act: Plan | Rollback | TransferPlan | Removal | CacheRemoval | None
    """None where there is none."""
    error: str = ""
    """Why."""


@dataclass(frozen=True, slots=True)
class Interrupted(Update):
    """Acts that were interrupted and can be taken up."""

    pending: Sequence[Pending] = ()


@dataclass(frozen=True, slots=True)
class LaunchDrafted(Update):
    """The form of a launch that somebody asked for."""

    draft: Draft
    around: Surroundings


@dataclass(frozen=True, slots=True)
class RebuildDrafted(Update):
    """The form of a rebuild that somebody asked for."""

    draft: RebuildDraft
    ground: BuildHost


@dataclass(frozen=True, slots=True)
class Rebuilt(Update):
    """A rebuild is done, and was judged."""

    build: Build
    verdict: Verdict
    job: int
    """The number of its job."""


@dataclass(frozen=True, slots=True)
class TerminalWanted(Update):
    """A container is made that is to be started in this terminal."""

    container_id: str


STARTING: Final = "starting"
"""What engines tell of a health check that has neither failed nor succeeded."""


@dataclass(frozen=True, slots=True)
class ContainerSeen(Update):
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
class JobUpdated(Update):
    """A job is further, or over."""

    job: Job


@dataclass(frozen=True, slots=True)
class JobLogRead(Update):
    """More of the log of a job that somebody reads."""

    number: int
    after: int
    """How many lines were known before."""
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JournalRead(Update):
    """The journal of acts that somebody asked for."""

    entries: tuple[JournalEntry, ...] = ()
    """The newest acts, the newest first."""
    problem: str | None = None
    """Why it cannot be read: one line."""


@dataclass(frozen=True, slots=True)
class Settled(Update):
    """Acts that were interrupted, and are put right now."""

    lines: tuple[str, ...]
    """What became of each."""


@dataclass(frozen=True, slots=True)
class RegistryAnswered(Update):
    """A registry said where a tag points, or did not."""

    tag: RemoteTag


@dataclass(frozen=True, slots=True)
class Failed(Update):
    """Something that goes on in the background ended by an error that nobody foresaw."""

    problem: str
    """What could not be done, and the error: one line."""


Publish = Callable[[Update], None]
"""Called from threads of the session."""
