"""An engine, who removes from it with imgtui, and how many bytes the engine itself says that it holds."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import Store
from imgtui.model.core.layers import LayerTree
from imgtui.model.plans.plan import Plan
from imgtui.model.removal.plan import Removal
from imgtui.operations.acts.acts import Acts
from imgtui.operations.removal.execute import Removed, Removing
from imgtui.operations.removal.planning import RemovalPlans
from imgtui.operations.taglog.full_scan import layers_of
from imgtui.operations.taglog.scan import everything
from imgtui.store.cached.cache import Cache
from imgtui.store.state import State
from tests.engine.contract.hands import DockerHands, Hands
from tests.engines.archives import ArchiveImage, layer
from tests.engines.private import PrivateEngine
from tests.operations.watching import Watcher


@dataclass
class Desk:
    """Who plans and does removals."""

    hands: Hands
    cache: Cache = field(default_factory=lambda: Cache(None))

    def __post_init__(self) -> None:
        self.watcher = Watcher(self.hands.engine, State(None))
        recorder = self.watcher.recorder
        self.plans = RemovalPlans(self.hands.engine, recorder, self.cache)
        self.removing = Removing(self.hands.engine, recorder)
        self.acts = Acts(self.hands.engine, recorder)

    @property
    def catalog(self) -> Catalog:
        """Everything, with what the log knows."""
        self.watcher.start()
        return self.watcher.catalog

    def plan(self, *image_ids: str) -> Removal:
        return self.plans.plan(self.catalog, image_ids)

    def remove(self, *image_ids: str) -> Removed:
        return self.removing.perform(self.plan(*image_ids))

    def act(self, plan: Plan) -> None:
        self.acts.perform(plan)

    def here(self, image_id: str) -> bool:
        """Whether the engine lists an image, or shows it when it is asked for it."""
        listed = image_id in everything(self.hands.engine).images
        return listed or self.hands.engine.image(image_id) is not None

    def held(self) -> int:
        """Bytes that the engine counts: `LayersSize` of `/system/df`.

        Podman 4.3 counts none there: what its storage wrote down of each layer and each image.
        """
        engine = self.hands.engine
        if isinstance(self.hands, DockerHands):
            if self.hands.store is Store.PODMAN:
                return _podman(self.hands.real)
            answer: Any = self.hands.engine._connection.connected().get_json("/system/df")
            return int(answer["LayersSize"])
        assert isinstance(engine, MemoryEngine)
        tree = LayerTree()
        ids = everything(engine).images.keys()
        for image_id, layers in layers_of(engine, self.cache, engine.connect(), ids).layers.items():
            tree.add(image_id, layers)
        held = engine.holdings().values()
        return tree.total + sum(each.size - each.unpacked for each in held if each.unpacked is not None)

    def load(self, images: Sequence[ArchiveImage]) -> list[str]:
        """Load each by itself; their IDs."""
        return [self.hands.load(image) for image in images]


def some_images(name: str, dice: random.Random) -> list[ArchiveImage]:
    """Images that grow from each other's layers, each with a layer of its own on top, some with two tags."""
    images: list[ArchiveImage] = []
    for number in range(7):
        below = list(dice.choice(images).layers) if images and dice.random() < 0.7 else []
        own = [_layer(f"{name} {number} {place}", dice) for place in range(dice.randrange(1, 3))]
        images.append(ArchiveImage([f"{name}:{number}"], [*below, *own]))
    return images


def _layer(text: str, dice: random.Random) -> bytes:
    return layer({f"file-{text.replace(' ', '-')}": text.encode() * dice.randrange(1, 800)})


def _podman(real: PrivateEngine) -> int:
    layers, images = (
        json.loads((real.folder / "data" / name).read_text())
        for name in ("overlay-layers/layers.json", "overlay-images/images.json")
    )
    sizes = [int(each.get("diff-size", 0)) for each in layers]
    sizes += [int(size) for each in images for size in each.get("big-data-sizes", {}).values()]
    return sum(sizes)
