"""What the explorer knows at this moment: the engine's state and the layers learned so far."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from imgtui.model.catalog import Catalog, Repository
from imgtui.model.layers import LayerTree
from imgtui.operations.updates import EngineState, FactsReady, LayersLearned, Phase

FACTS_HELD = 64
"""Facts of images looked at lately: an image's document can have a hundred kilobytes."""


class Knowledge:
    """Takes updates, answers questions. Used by one thread: the one that paints."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.state = EngineState(Phase.CONNECTING)
        self.tree = LayerTree()
        self._frees: dict[str, int] = {}
        self._facts: OrderedDict[str, FactsReady] = OrderedDict()

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
        """Layers of images; those that are gone meanwhile are left out."""
        for image_id, layers in learned.layers:
            if image_id in self.catalog.images:
                self.tree.add(image_id, layers)
        self._frees.clear()

    def take_facts(self, ready: FactsReady) -> None:
        """The facts of an image that was asked for."""
        self._facts[ready.image_id] = ready
        self._facts.move_to_end(ready.image_id)
        while len(self._facts) > FACTS_HELD:
            self._facts.popitem(last=False)

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
        """Bytes that no container needs: of all images that none was created from."""
        return self.tree.freed(self.catalog.images.keys() - self.catalog.containers_of.keys())
