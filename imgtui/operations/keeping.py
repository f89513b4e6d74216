"""Keep rules, applied: what the settings want held is held before the next rebuild can drop it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial

from imgtui.engine.errors import EngineError, Unavailable
from imgtui.engine.port import Engine
from imgtui.model.catalog import NONE, Catalog, Repository, Version
from imgtui.model.digest import short
from imgtui.model.image import Layer, Store
from imgtui.model.keep import Keep, KeptBy
from imgtui.model.layers import LayerTree
from imgtui.model.moves import SECOND, Cause
from imgtui.model.plan import NotPossible, Plan, Step, Verb, keeps_of, plan_keep
from imgtui.model.rules import Candidate, KeepRule, changes
from imgtui.operations.acts import Acts
from imgtui.operations.recording import Recorder

KnownLayers = Callable[[Store], Iterable[tuple[str, tuple[Layer, ...]]]]
"""Layers of images as far as they are known, for budgets."""


class Keeping:
    """Applies keep rules to repositories; `problem` says why the last one could not be applied."""

    def __init__(
        self, engine: Engine, recorder: Recorder, rules: Sequence[KeepRule], layers: KnownLayers
    ) -> None:
        self._acts = Acts(engine, recorder)
        self._recorder = recorder
        self._rules = rules
        self._layers = layers
        self.problem: str | None = None

    def apply(self, catalog: Catalog, repositories: Collection[str] | None = None) -> None:
        """Hold and let go what the rules say, in these repositories or all. Raises Unavailable."""
        judged = {
            name: _candidates(repository, catalog)
            for name, repository in catalog.repositories.items()
            if (repositories is None or name in repositories) and self._has_rule(name)
        }
        if not judged:
            return
        keeps = [keep for image in catalog.images.values() for keep in keeps_of(image)]
        now = self._recorder.now
        wanted = changes(self._rules, judged, keeps, now, lambda ids: self._tree(catalog).freed(ids))
        self.problem = None
        for repository, image_id in wanted.add:
            self._do(partial(plan_keep, catalog, image_id, repository, now // SECOND, by=KeptBy.RULE))
        for keep in wanted.drop if self._recorder.can_write else ():
            if keep.image_id not in catalog.containers_of:
                self._do(partial(_let_go, keep))

    def _has_rule(self, name: str) -> bool:
        return name != NONE and any(rule.matches(name) for rule in self._rules)

    def _do(self, plan: Callable[[], Plan]) -> None:
        """One that cannot be kept must not keep the others from it."""
        try:
            self._acts.perform(plan(), undoable=False)
        except Unavailable:
            raise
        except (EngineError, NotPossible) as error:
            self.problem = f"a keep rule could not be applied: {error}"

    def _tree(self, catalog: Catalog) -> LayerTree:
        tree = LayerTree()
        info = self._recorder.info
        for image_id, layers in self._layers(info.store) if info else ():
            if image_id in catalog.images:
                tree.add(image_id, layers)
        return tree


def _candidates(repository: Repository, catalog: Catalog) -> list[Candidate]:
    """What a repository has here: what tags point at now first, then what they left last."""
    found = [
        Candidate(
            version.image.id,
            max((name.until for name in version.former), default=version.image.created) * SECOND,
            bool(version.tags),
        )
        for version in repository.versions
        if version.image.id in catalog.images and _can_be_judged(version)
    ]
    return sorted(found, key=lambda each: (not each.current, -each.since))


def _can_be_judged(version: Version) -> bool:
    """Whether it is known when a rule's keep was needed last: a lost log must not delete what it kept."""
    observed = version.tags or any(not name.source for name in version.former)
    by_rule = any(keep.by is KeptBy.RULE for keep in keeps_of(version.image))
    return bool(observed) or not by_rule


def _let_go(keep: Keep) -> Plan:
    step = Step(Verb.UNTAG, keep.reference, keep.image_id, keep.image_id, Cause.UNTAG)
    title = f"no keep rule wants {short(keep.image_id)} of {keep.repository} any more"
    return Plan(title, (step,), deletes=frozenset({keep.image_id}))
