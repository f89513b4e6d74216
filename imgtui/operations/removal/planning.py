"""Plans of removals: what the catalog does not know is asked of the engine, in a thread."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from imgtui.engine.port.engine import Engine
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.clock import SECOND
from imgtui.model.core.image import Store
from imgtui.model.removal.build_cache import CacheRemoval, plan_cache_removal
from imgtui.model.removal.bytes import to_measure
from imgtui.model.removal.lineage import ancestors
from imgtui.model.removal.plan import NothingToRemove, PlanInputs, Removal, plan_removal
from imgtui.model.removal.selection import BulkSelection, choose, notes_of, undated
from imgtui.model.taglog.moves import Move
from imgtui.operations.removal.measuring import blobs_of
from imgtui.operations.taglog.full_scan import layers_of, unread_words
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.cached.cache import Cache

Propose = Callable[[Callable[[], Removal | CacheRemoval]], None]
"""Has a plan made in a thread, and tells it."""


class RemovalsService:
    """Has plans made for who does not wait for them: `Proposed` has each, or says why there is none."""

    def __init__(self, plans: RemovalPlans, propose: Propose) -> None:
        self._plans = plans
        self._propose = propose

    def propose(self, catalog: Catalog, image_ids: Sequence[str]) -> None:
        """Remove these images."""
        self._propose(lambda: self._plans.plan(catalog, image_ids))

    def propose_bulk(self, catalog: Catalog, wanted: BulkSelection) -> None:
        """Remove what a bulk plan finds."""
        self._propose(lambda: self._plans.plan_bulk(catalog, wanted))

    def propose_cache(self) -> None:
        """Free the build cache."""
        self._propose(self._plans.plan_cache)


class RemovalPlans:
    """Plans on one engine. Each may raise NotPossible and EngineError."""

    def __init__(self, engine: Engine, recorder: Recorder, cache: Cache) -> None:
        self._engine = engine
        self._recorder = recorder
        self._cache = cache

    def plan(self, catalog: Catalog, image_ids: Sequence[str]) -> Removal:
        """Remove these images, and the keeps that hold them."""
        return plan_removal(catalog, image_ids, self._ground(catalog, image_ids, self._moves()))

    def plan_bulk(self, catalog: Catalog, wanted: BulkSelection) -> Removal:
        """Remove what a bulk plan finds."""
        moves = self._moves()
        now = self._recorder.now // SECOND
        asked = undated(catalog, wanted, moves, now)
        last_tags = {image_id: self._engine.traces(image_id).last_tag // SECOND for image_id in asked}
        chosen = choose(catalog, wanted, moves, now, last_tags)
        notes = notes_of(wanted, undated(catalog, wanted, moves, now, last_tags))
        if not chosen:
            nothing = "there is nothing to remove: no image here is like that"
            raise NothingToRemove(Removal(nothing, (), remarks=tuple(notes)))
        ground = self._ground(catalog, chosen, moves)
        return plan_removal(catalog, chosen, ground, bulk=True, remarks=notes)

    def plan_cache(self) -> CacheRemoval:
        """Free the build cache."""
        return plan_cache_removal(self._engine.build_cache())

    def _ground(self, catalog: Catalog, chosen: Collection[str], moves: Sequence[Move]) -> PlanInputs:
        info = self._recorder.info or self._engine.connect()
        holdings = self._engine.holdings()
        counted = catalog.images.keys() | ancestors(chosen, holdings)
        found = layers_of(self._engine, self._cache, info, counted)
        layers, unread = found.layers, unread_words(found.unread)
        shared = to_measure(chosen, layers, holdings) if info.store is Store.CONTAINERD else {}
        blobs = blobs_of(self._engine, self._cache, shared)
        return PlanInputs(info.store, layers, holdings, moves, blobs, unread)

    def _moves(self) -> Sequence[Move]:
        log = self._recorder.log
        return (self._recorder.guarded(log.moves) if log is not None else None) or ()
