"""What the explorer knows at this moment: the engine's state and the layers learned so far."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import takewhile
from operator import is_not
from typing import TYPE_CHECKING, NamedTuple

from imgtui.model.catalog.availability import Whereabouts, whereabouts_of
from imgtui.model.catalog.catalog import Catalog, Repository
from imgtui.model.core.image import Store
from imgtui.model.core.layers import LayerTree
from imgtui.model.core.reference import repository_of
from imgtui.model.keeps.keep import Keep, KeptBy, is_keep, read_keep
from imgtui.model.keeps.rules import rule_of
from imgtui.model.plans.plan import points_at
from imgtui.model.taglog.moves import Cause, Move, of_any_tag
from imgtui.operations.protocol.updates import (
    EngineState,
    FactsReady,
    JournalRead,
    LayersLearned,
    Phase,
    Remembered,
    RulesUpdated,
)
from imgtui.operations.tasks.jobs import JOBS_KEPT

if TYPE_CHECKING:
    from imgtui.model.acts.changes import Change, PastAct
    from imgtui.model.catalog.drift import Drift
    from imgtui.model.catalog.registry_tag import RemoteTag, TagComparison
    from imgtui.model.containers.pending import Pending
    from imgtui.model.jobs.job import Job
    from imgtui.model.taglog.identity import Doubt
    from imgtui.operations.files.updates import FilesUpdated

FILES_HELD = 2
"""Images whose files are at hand: a list of 30,000 takes 20 MB; the cache has the others soon."""
FACTS_HELD = 64
"""Facts of images looked at lately: an image's document can have a hundred kilobytes."""


class View(NamedTuple):
    """What somebody looks at, whose changes can be undone there."""

    repository: str | None = None
    """None for all."""
    containers: bool = False
    """Whether it is the containers, with the tags that they were created from."""


class Knowledge:
    """Takes updates, answers questions. Used by one thread: the one that paints."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.state = EngineState(Phase.CONNECTING)
        self.tree = LayerTree()
        self.log: Sequence[Move] = ()
        """All moves, the newest first."""
        self.acts: Sequence[PastAct] = ()
        """What imgtui did to containers and images and is over, the newest first."""
        self.journal: JournalRead | None = None
        """The journal of acts, as it was read last."""
        self.unwritten: str | None = None
        """Why nothing can be written down; None where it can."""
        self.machine = ""
        """That the log of the machine's recorder is read too."""
        self.remark: str | None = None
        """What of the state file is not understood."""
        self.problem: str | None = None
        """Why nothing is recorded."""
        self.doubt: Doubt | None = None
        """Why it is not clear which engine this is."""
        self.interrupted: Sequence[Pending] = ()
        """Roll backs that were interrupted and can be taken up."""
        self.recorder = False
        """Whether a recorder without a screen watches too."""
        self.rules = RulesUpdated()
        """How it stands with keep rules."""
        self.released: Sequence[Move] = ()
        """What keep rules have released since the log was known before."""
        self._newest_number = 0
        """The number of the newest move in the log."""
        self._lost: tuple[Catalog, Sequence[Move], int] | None = None
        self.jobs: dict[int, Job] = {}
        """Those that run, and the newest of those that are over, by number."""
        self.side_a: str | None = None
        """The image that the next one is compared with."""
        self.under_way = 0
        """Acts that were asked for and have not ended."""
        self.asked = False
        """Whether registries were asked where tags point."""
        self._asking: set[str] = set()
        self._remotes: dict[str, RemoteTag] = {}
        self._drifts: tuple[Catalog, Sequence[Move], list[Drift]] | None = None
        self._newest: tuple[object, tuple[object, ...], Change | None] | None = None
        self._frees: dict[str, int] = {}
        self._facts: OrderedDict[str, FactsReady] = OrderedDict()
        self._files: OrderedDict[str, FilesUpdated] = OrderedDict()

    @property
    def catalog(self) -> Catalog:
        """What the engine holds, as far as is known."""
        return self.state.catalog

    @property
    def now(self) -> float:
        """The time that ages are counted from, seconds since the epoch."""
        return self._clock()

    @property
    def complete(self) -> bool:
        """Whether the layers of all images are known: own bytes are exact from then on."""
        return len(self.tree) >= len(self.catalog.images)

    def take_state(self, state: EngineState) -> None:
        """The engine's state is another one; images that are gone hold no bytes."""
        for image_id in self.state.catalog.images.keys() - state.catalog.images.keys():
            self.tree.discard(image_id)
            self._facts.pop(image_id, None)
        self.state = state
        self._frees.clear()

    def take_layers(self, learned: LayersLearned) -> None:
        """Layers of images; those that are gone hold no bytes."""
        for image_id, layers in learned.layers:
            if image_id in self.catalog.images:
                self.tree.add(image_id, layers)
            else:
                self.tree.add_gone(image_id, layers)
        self._frees.clear()

    def take_log(self, remembered: Remembered) -> tuple[str, bool]:
        """The tag log has new moves, or cannot be kept.

        What there is to say that was not so before, and whether it is bad.
        """
        before = {None, self.problem, self.remark}
        new = (text for text in (remembered.problem, remembered.remark) if text not in before)
        first = not self.log
        self.log = remembered.log
        self.acts = remembered.acts
        self.problem = remembered.problem
        self.unwritten = remembered.unwritten
        self.remark = remembered.remark
        self.doubt = remembered.doubt
        self.recorder = remembered.recorder
        news, self.machine = remembered.machine != self.machine, remembered.machine
        newer = takewhile(lambda move: move.number > self._newest_number, self.log)
        self.released = [] if first else [move for move in newer if move.cause is Cause.RELEASE]
        self._newest_number = max((move.number for move in self.log[:1]), default=0)
        bad = next(filter(None, new), "")
        return (bad or remembered.machine, bool(bad)) if bad or news else ("", False)

    def take_job(self, job: Job) -> None:
        """A job is further, or over."""
        self.jobs[job.number] = job
        over = [number for number, known in self.jobs.items() if not known.running]
        for number in over[: max(0, len(over) - JOBS_KEPT)]:
            del self.jobs[number]

    def moves(self, repository: str | None) -> Sequence[Move]:
        """The moves of the tags of a repository, or of all; the newest first, without those of keeps."""
        return [
            move
            for move in (self.log if repository is None else self.moves_with_keeps(repository))
            if not is_keep(move.reference)
        ]

    def moves_with_keeps(self, repository: str) -> Sequence[Move]:
        """What was moved in a repository, the newest first: its tags and its keeps."""
        return [move for move in self.log if _place(move.reference) == repository or of_any_tag(move)]

    def newest(self, view: View, *, redo: bool = False) -> Change | None:
        """The newest change in view that can be undone, or says why not; for `redo` what was undone last."""
        asked = (view, redo), (self.catalog, self.log, self.acts)
        known = self._newest
        if known is None or known[0] != asked[0] or any(map(is_not, known[1], asked[1])):
            from imgtui.model.acts.changes import newest, newest_undone, stands

            moves, acts = self._in_view(view)
            stood = partial(stands, self.catalog)
            if redo:
                found: Change | None = newest_undone(moves, acts, stood)
            else:
                found = newest(moves, acts, partial(points_at, self.catalog), stood)
            known = self._newest = *asked, found
        return known[2]

    def title_before(self, view: View) -> str:
        """What can be undone in view where the newest change cannot; empty where nothing can."""
        from imgtui.model.acts.changes import stands, title_before

        moves, acts = self._in_view(view)
        here, stood = partial(points_at, self.catalog), partial(stands, self.catalog)
        return title_before(self.catalog, moves, acts, here, stood, int(self.now))[0]

    def _in_view(self, view: View) -> tuple[Sequence[Move], Sequence[PastAct]]:
        from imgtui.model.acts.changes import in_repository, of_containers

        if view.containers:
            tags = {known.created_from for known in self.catalog.containers.values()}
            return [move for move in self.log if move.reference in tags], of_containers(self.acts)
        if view.repository is None:
            return self.log, self.acts
        acts = in_repository(self.catalog, self.acts, view.repository)
        return self.moves_with_keeps(view.repository), acts

    def kept_by(self, keep: Keep) -> str:
        """Who keeps it, or before what it was kept: `by rule web*`, `by you`, `before a roll back`."""
        if keep.by is KeptBy.RULE and keep.repository is not None:
            rule = rule_of(self.rules.rules, keep)
            if rule is not None:
                return f"by rule {rule.repository}"
        return keep.by.words

    def where(self, image_id: str) -> Whereabouts:
        """What has become of an image."""
        return whereabouts_of(self.catalog, image_id)

    def drifts(self) -> Sequence[Drift]:
        """Every container, and how it stands to its tag."""
        if self._drifts is None or self._drifts[0] is not self.catalog or self._drifts[1] is not self.log:
            from imgtui.model.catalog.drift import drifts

            self._drifts = self.catalog, self.log, drifts(self.catalog, self.log)
        return self._drifts[2]

    def ask(self, references: Iterable[str]) -> None:
        """Registries are being asked where these tags point: what they said before is over."""
        self.asked = True
        for reference in references:
            self._asking.add(reference)
            self._remotes.pop(reference, None)

    def take_remote(self, tag: RemoteTag) -> None:
        """What a registry said."""
        self._asking.discard(tag.reference)
        self._remotes[tag.reference] = tag

    def is_asking(self, reference: str | None) -> bool:
        """Whether an answer about a tag is on its way."""
        return reference in self._asking

    def compared(self, drift: Drift) -> TagComparison | None:
        """What a registry said of the tag of a container; None where it has not said anything."""
        from imgtui.model.catalog.registry_tag import compare

        remote = self._remotes.get(drift.container.created_from or "")
        return None if remote is None else compare(drift, self.catalog, remote)

    def lost(self, repository: str | None) -> int:
        """How many digests of a repository builds have dropped that nothing protects; 0 where one is kept."""
        info = self.state.info
        found = self.catalog.repositories.get(repository or "")
        if info is None or info.store is not Store.CONTAINERD or found is None:
            return 0
        if any(version.image.keeps for version in found.versions):
            return 0
        built = (move.origin for move in self.moves(repository) if move.cause is Cause.BUILD)
        return len({image_id for image_id in built if image_id and image_id not in self.catalog.images})

    def lost_by_builds(self) -> int:
        """How many digests builds have dropped on this engine that are gone."""
        if self._lost is None or self._lost[0] is not self.catalog or self._lost[1] is not self.log:
            built = {move.origin for move in self.log if move.cause is Cause.BUILD and move.origin}
            self._lost = self.catalog, self.log, len(built - self.catalog.images.keys())
        return self._lost[2]

    def guess(self, image_id: str) -> tuple[str, int] | None:
        """The repository whose image shares the most layers with one that nothing places, and how many."""
        image = self.catalog.images.get(image_id)
        if image is None or image.tags or image.repo_digests or not self.complete:
            return None
        placed = {i.id: repository_of(i.tags[0]) for i in self.catalog.images.values() if i.tags}
        nearest = self.tree.nearest(image_id, placed)
        name = placed[nearest[0]] if nearest is not None else None
        return (name, nearest[1]) if nearest is not None and name else None

    @property
    def kept(self) -> int:
        """How many images are kept."""
        return sum(1 for image in self.catalog.images.values() if image.keeps)

    def take_facts(self, ready: FactsReady) -> None:
        """The facts of an image that was asked for."""
        self._facts[ready.image_id] = ready
        self._facts.move_to_end(ready.image_id)
        while len(self._facts) > FACTS_HELD:
            self._facts.popitem(last=False)

    def take_files(self, told: FilesUpdated) -> FilesUpdated:
        """The files of an image, as far as they were read; the tree told before, where it has not grown."""
        known = self._files.get(told.image_id)
        if told.tree is None and known is not None:
            told = replace(told, tree=known.tree, efficiency=known.efficiency)
        self._files[told.image_id] = told
        self._files.move_to_end(told.image_id)
        while len(self._files) > FILES_HELD:
            self._files.popitem(last=False)
        return told

    def files(self, image_id: str) -> FilesUpdated | None:
        """The files of an image, if they are at hand."""
        return self._files.get(image_id)

    def facts(self, image_id: str, *, reveal: bool) -> FactsReady | None:
        """The facts of an image, if they are at hand in the form that is asked for."""
        ready = self._facts.get(image_id)
        return ready if ready is not None and ready.revealed is reveal else None

    def hide(self) -> None:
        """Forget every value that was revealed."""
        for image_id in [key for key, ready in self._facts.items() if ready.revealed]:
            del self._facts[image_id]

    def frees(self, repository: Repository) -> int:
        """Bytes that removing all versions of a repository would free."""
        found = self._frees.get(repository.name)
        if found is None:
            found = self.tree.freed(version.image.id for version in repository.versions)
            self._frees[repository.name] = found
        return found

    def reclaimable(self) -> int:
        """Bytes that no container needs: of all images that none was created from, and none mounts."""
        return self.tree.freed(self.catalog.images.keys() - self.catalog.in_use.keys())


def _place(reference: str) -> str | None:
    """The repository of a tag, or the one that a keep is of."""
    keep = read_keep(reference)
    return keep.repository if keep is not None else repository_of(reference)
