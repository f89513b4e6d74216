"""Keep rules, applied: what the settings want held is held before the next rebuild can drop it.

Releases are the only deletion that nobody is asked about, so they have the most guards: `model/patience.py`
says when, and right before each the engine is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum, auto
from functools import partial
from typing import Final

from imgtui.engine.errors import EngineError, Unavailable
from imgtui.engine.port import Engine
from imgtui.model.catalog import NONE, Catalog, Repository, Version
from imgtui.model.digest import short
from imgtui.model.image import Layer, Store
from imgtui.model.keep import KeptBy
from imgtui.model.layers import LayerTree
from imgtui.model.moves import IMGTUI, SECOND, Cause, Known, Move
from imgtui.model.patience import parted
from imgtui.model.plan import NotPossible, Plan, Step, Verb, keeps_of, plan_keep
from imgtui.model.rules import Candidate, KeepRule, Loss, Unwanted, changes
from imgtui.model.sighting import Moment
from imgtui.operations.acts import Acts, PlanOutdated
from imgtui.operations.recording import Recorder, moment
from imgtui.operations.rule_book import RuleBook
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
        clock: Callable[[], Moment] = moment,
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
        keeps = [keep for image in catalog.images.values() for keep in keeps_of(image)]
        now = self._recorder.now
        wanted = changes(self._book.rules, judged, keeps, now, lambda ids: self._tree(catalog).freed(ids))
        self.problem = None
        with self._turn() as turn:
            # What was just built is held without a turn too: two keeps of one image are better than none.
            if turn is not Turn.OTHERS or repositories is not None:
                for repository, image_id in sorted(
                    wanted.add, key=lambda place: not catalog.images[place[1]].tags
                ):
                    self._try(partial(self._hold, repository, image_id))
            # Its rules may want what was kept by one of these.
            if turn is Turn.OURS and not why_held(self._recorder):
                return self._release(wanted.drop, judged)
        if turn is Turn.OTHERS:
            self._due[NEXT_TURN] = self._clock().seconds + TURN_SECONDS
        return ()

    @property
    def is_due(self) -> bool:
        """Whether something may be released by now that could not be when the rules were applied last."""
        return bool(self._due) and min(self._due.values()) <= self._clock().seconds

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
        if any(keep.repository == repository for keep in keeps_of(image)):
            return  # by another imgtui, meanwhile
        here = Catalog({image_id: image})
        plan = plan_keep(here, image_id, repository, self._recorder.now // SECOND, by=KeptBy.RULE)
        try:
            self._acts.perform(plan, undoable=False, harmless=True)
        except PlanOutdated:
            if self._is_held(repository, image_id):
                return  # another imgtui has kept it in the same second
            raise

    def _is_held(self, repository: str, image_id: str) -> bool:
        image = self._engine.image(image_id)
        return image is not None and any(keep.repository == repository for keep in keeps_of(image))

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
        if image is None or image.tags or any(keep.reference not in own for keep in keeps_of(image)):
            return None
        ours = [keep for keep in keeps_of(image) if keep.repository == unwanted.repository]
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
            ours[0].reference, image.id, None, now, None, Cause.RELEASE, Known.ACT, rule, actor=IMGTUI
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
    """The keeps that rules made with this state file. Others are of somebody else's rules: they are held."""
    state, key = recorder.state, recorder.key
    if state is None or key is None:
        return ()
    return recorder.guarded(lambda: Journal(state, key).kept_by_rules()) or ()


def why_held(recorder: Recorder) -> str:
    """Why nothing is released beside the machine's recorder, in one line; empty where it does not watch."""
    if not recorder.machine_watches(in_doubt=True):
        return ""
    if recorder.machine_watches(in_doubt=False):
        return "the machine's recorder applies keep rules of its own to this engine: nothing is released here"
    return (
        "whether the machine's recorder watches this engine cannot be told: nothing is released here;"
        " be in the group that may read its folder"
    )


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
        bool(image.tags) or any(keep.reference not in own for keep in keeps_of(image)),
    )


def _can_be_judged(version: Version) -> bool:
    """Whether it is known when a rule's keep was needed last: a lost log must not delete what it kept."""
    observed = version.tags or any(not name.source for name in version.former)
    by_rule = any(keep.by is KeptBy.RULE for keep in keeps_of(version.image))
    return bool(observed) or not by_rule
