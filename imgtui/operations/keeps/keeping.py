"""Keep rules, applied: what the settings want held is held before the next rebuild can drop it.

Releases are the only deletion that nobody is asked about, so they have the most guards: `keeps/patience.py`
says when, and right before each the engine is asked again.

Rules of several people do not know each other: each state file's hold what they want by keeps of their own,
and take away no others. So a version stays as long as any of them wants it. Of programs that share a state
file and read different settings, one releases what neither wants.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import Final
from zlib import crc32

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, Unavailable
from imgtui.model.catalog.catalog import NONE, Catalog, Repository, Version
from imgtui.model.core.clock import SECOND, MonotonicTime
from imgtui.model.core.digest import short
from imgtui.model.core.image import Image, Layer, Store
from imgtui.model.core.layers import LayerTree
from imgtui.model.keeps.keep import Keep, KeptBy
from imgtui.model.keeps.patience import parted
from imgtui.model.keeps.rules import Candidate, KeepRule, Loss, RuleChanges, Unwanted, changes
from imgtui.model.plans.plan import NotPossible, Plan, Step, Verb, keeps_of, plan_keep
from imgtui.model.taglog.moves import IMGTUI, Cause, Move, Provenance
from imgtui.operations.acts.acts import Acts, PlanOutdated
from imgtui.operations.keeps.rule_book import RuleBook
from imgtui.operations.taglog.recording import Recorder, moment
from imgtui.store.config.settings import SettingsError, read_settings
from imgtui.store.journal import Journal
from imgtui.store.presence import AlreadyHeld, Role, hold
from imgtui.store.rule_notes import Place

KnownLayers = Callable[[Store], Iterable[tuple[str, tuple[Layer, ...]]]]
"""Layers of images as far as they are known, for budgets."""

AT_ONCE: Final = 10
"""Versions that are released at most before everything is looked at again."""
TURN_SECONDS: Final = 30.0
"""After so long the rules are applied again where another imgtui was applying them."""
NEXT_TURN: Final = ("", "")
"""No version: all are to be looked at again."""
AGAIN_SECONDS: Final = 600.0
"""After so long it is looked again at what could not be released, though its grace time is over."""


class Turn(Enum):
    """Who applies rules to the engine at this moment."""

    OURS = auto()
    OTHERS = auto()
    NOT_KNOWN = auto()
    """The lock cannot be used: what is wanted is held, and nothing is released."""


class Keeping:
    """Applies keep rules to repositories; `problem` says why the last one could not be applied."""

    def __init__(
        self,
        engine: Engine,
        recorder: Recorder,
        rules: RuleBook | Sequence[KeepRule],
        layers: KnownLayers,
        *,
        clock: Callable[[], MonotonicTime] = moment,
    ) -> None:
        """`clock` never steps back."""
        self._engine = engine
        self._acts = Acts(engine, recorder)
        self._recorder = recorder
        self._book = rules if isinstance(rules, RuleBook) else RuleBook(None, rules)
        self._layers = layers
        self._clock = clock
        self._due: dict[Place, float] = {}
        """When each version that no rule wants may be released, in seconds of the clock."""
        self.problem: str | None = None

    def apply(self, catalog: Catalog, repositories: Collection[str] | None = None) -> tuple[Move, ...]:
        """Hold and release what the rules say, in these repositories or all; the releases.

        Raises Unavailable.
        """
        own = own_keeps(self._recorder)
        judged = {
            name: candidates_of(repository, catalog, own)
            for name, repository in catalog.repositories.items()
            if (repositories is None or name in repositories) and self._has_rule(name)
        }
        self._due.pop(NEXT_TURN, None)
        if repositories is None:
            self._due.clear()
        if not judged:
            return ()
        keeps = [keep for image in catalog.images.values() for keep in keeps_that_count(image, own)]
        now, rules = self._recorder.now, self._book.rules
        wanted = changes(rules, judged, keeps, now, lambda ids: self._tree(catalog).freed(ids))
        self.problem = None
        if others := self._others():
            both = changes((*rules, *others), judged, keeps, now, lambda ids: self._tree(catalog).freed(ids))
            wanted = RuleChanges(wanted.add, both.drop)
        with self._turn() as turn:
            # What was just built is held without a turn too: two keeps of one image are better than none.
            if turn is not Turn.OTHERS or repositories is not None:
                for repository, image_id in sorted(
                    wanted.add, key=lambda place: not catalog.images[place[1]].tags
                ):
                    self._try(partial(self._hold, repository, image_id))
            if turn is Turn.OURS and others is not None:
                return self._release(wanted.drop, judged)
        if turn is Turn.OTHERS:
            self._due[NEXT_TURN] = self._clock().seconds + TURN_SECONDS
        return ()

    @property
    def is_due(self) -> bool:
        """Whether something may be released by now that could not be when the rules were applied last."""
        return bool(self._due) and min(self._due.values()) <= self._clock().seconds

    def _others(self) -> tuple[KeepRule, ...] | None:
        """The rules of others with this state file; None where it is not known what they want."""
        try:
            return rules_of_others(self._recorder, self._book.path, enter=True)
        except SettingsError as error:
            self.problem = f"no keep rule releases anything: {error}"
            return None

    def _has_rule(self, name: str) -> bool:
        return name != NONE and any(rule.matches(name) for rule in self._book.rules)

    @contextmanager
    def _turn(self) -> Iterator[Turn]:
        """Have no other imgtui apply rules to this engine meanwhile; whose turn it is."""
        state, key = self._recorder.state, self._recorder.key
        if state is None or state.path is None or key is None:
            yield Turn.OURS
            return
        try:
            turn = hold(state.path.parent, key, Role.RULES)
        except AlreadyHeld:
            yield Turn.OTHERS
            return
        except OSError:
            yield Turn.NOT_KNOWN
            return
        with turn:
            yield Turn.OURS

    def _try(self, act: Callable[[], Move | None]) -> Move | None:
        """One that cannot be done must not keep the others from it. Raises Unavailable."""
        try:
            return act()
        except Unavailable:
            raise
        except (EngineError, NotPossible) as error:
            self.problem = f"a keep rule could not be applied: {error}"
            return None

    def _hold(self, repository: str, image_id: str) -> None:
        image = self._engine.image(image_id)
        if image is None:
            raise NotPossible(f"{short(image_id)} of {repository} was gone before it could be kept")
        if self._is_kept(repository, image):
            return  # by another imgtui, meanwhile
        here = Catalog({image_id: replace(image, keeps=())})
        now, state = self._recorder.now // SECOND, self._recorder.state
        owner = "" if state is None or state.path is None else f"{crc32(bytes(state.path)) & 0xFFFF:04x}"
        plan = plan_keep(here, image_id, repository, now, by=KeptBy.RULE, owner=owner)
        try:
            self._acts.perform(plan, undoable=False, harmless=True)
        except PlanOutdated:
            if self._is_kept(repository, self._engine.image(image_id)):
                return  # another imgtui has kept it in the same second
            raise

    def _is_kept(self, repository: str, image: Image | None) -> bool:
        own = own_keeps(self._recorder)
        return image is not None and any(
            keep.repository == repository for keep in keeps_that_count(image, own)
        )

    # ------------------------------------------------------------------ releases

    def _release(self, unwanted: Sequence[Unwanted], judged: Collection[str]) -> tuple[Move, ...]:
        """Release what has been unwanted for its grace time; each is in the log."""
        notes = self._recorder.notes
        if notes is None or not self._recorder.can_write:
            return ()
        wall, at = self._recorder.wall, self._clock()
        for place in [place for place in self._due if place[0] in judged]:
            del self._due[place]
        mark = self._recorder.guarded(lambda: notes.look_at_clock(wall, at), writes=True)
        if mark is None:
            return ()
        places = {(each.repository, each.image_id): each for each in unwanted}
        if (wait := mark.steady_in(at)) > 0:
            self._due.update(dict.fromkeys(places, at.seconds + wait))
            return ()
        notices = self._recorder.guarded(
            lambda: notes.keep_notices(places.keys(), judged, wall, at), writes=True
        )
        if notices is None:
            return ()
        ready: list[Unwanted] = []
        for place, each in places.items():
            remaining = notices[place].remaining(each.grace, wall, at)
            self._due[place] = at.seconds + (remaining if remaining > 0 else AGAIN_SECONDS)
            if remaining <= 0:
                ready.append(each)
        if not ready or parted(self._engine.clock(), self._recorder.wall):
            return ()
        for each in ready[AT_ONCE:]:
            self._due[each.repository, each.image_id] = at.seconds
        released = (self._try(partial(self._let_go, each)) for each in ready[:AT_ONCE])
        return tuple(move for move in released if move is not None)

    def _let_go(self, unwanted: Unwanted) -> Move | None:
        """Release one version, unless something protects it by now that did not when rules were judged."""
        image, own = self._engine.image(unwanted.image_id), own_keeps(self._recorder)
        if image is None or is_protected(image, own):
            return None
        ours = [keep for keep in keeps_that_count(image, own) if keep.repository == unwanted.repository]
        users = any(user.image_id == image.id for user in self._engine.containers())
        log = self._recorder.log
        if not ours or users or log is None:
            return None
        rule, repository = f"rule {unwanted.rule.repository}", unwanted.repository
        plan = Plan(
            f"{rule} released {short(image.id)} of {repository}",
            tuple(Step(Verb.UNTAG, keep.reference, image.id, image.id, Cause.UNTAG) for keep in ours),
            deletes=frozenset({image.id}),
        )
        self._acts.perform(plan, undoable=False, unwritten=False)
        now = self._recorder.now
        move = Move(
            ours[0].reference, image.id, None, now, None, Cause.RELEASE, Provenance.ACT, rule, actor=IMGTUI
        )
        (written,) = self._recorder.guarded(lambda: log.add([move]), writes=True) or (move,)
        self._due.pop((repository, image.id), None)
        return written

    def _tree(self, catalog: Catalog) -> LayerTree:
        tree = LayerTree()
        info = self._recorder.info
        for image_id, layers in self._layers(info.store) if info else ():
            if image_id in catalog.images:
                tree.add(image_id, layers)
        return tree


def own_keeps(recorder: Recorder) -> Collection[str]:
    """The keeps that rules made with this state file: no others are taken away."""
    state, key = recorder.state, recorder.key
    if state is None or key is None:
        return ()
    return recorder.guarded(lambda: Journal(state, key).kept_by_rules()) or ()


def keeps_that_count(image: Image, own: Collection[str]) -> list[Keep]:
    """The keeps of an image but for those that rules made with another state file: they want it, or not."""
    return [keep for keep in keeps_of(image) if keep.by is not KeptBy.RULE or keep.reference in own]


def is_protected(image: Image, own: Collection[str]) -> bool:
    """Whether something else than a rule holds it: a tag, or a keep of another kind."""
    return bool(image.tags) or any(keep.reference not in own for keep in keeps_that_count(image, own))


def rules_of_others(recorder: Recorder, path: Path | None, *, enter: bool = False) -> tuple[KeepRule, ...]:
    """The keep rules in other settings files than this one that are applied with the same state file.

    With `enter` it is written down that those in this one are. Raises SettingsError where it is not known
    what another file wants.
    """
    notes = recorder.notes
    if notes is None or path is None:
        return ()
    path = path.absolute()
    if enter:
        recorder.guarded(lambda: notes.keep_settings(path), writes=True)
    files = recorder.guarded(notes.settings) or ()
    return tuple(rule for file in files if file != path for rule in read_settings(file).keep)


def candidates_of(repository: Repository, catalog: Catalog, own: Collection[str]) -> list[Candidate]:
    """What a repository has here, as rules judge it whose keeps are `own`."""
    return [
        _candidate(version, catalog, own)
        for version in repository.versions
        if version.image.id in catalog.images and _can_be_judged(version)
    ]


def _candidate(version: Version, catalog: Catalog, own: Collection[str]) -> Candidate:
    image = version.image
    return Candidate(
        image.id,
        version.tags,
        tuple(Loss(name.tag, name.until * SECOND, name.number) for name in version.former),
        image.id in catalog.in_use,
        is_protected(image, own),
    )


def _can_be_judged(version: Version) -> bool:
    """Whether it is known when a rule's keep was needed last: a lost log must not delete what it kept."""
    observed = version.tags or any(not name.source for name in version.former)
    by_rule = any(keep.by is KeptBy.RULE for keep in keeps_of(version.image))
    return bool(observed) or not by_rule
