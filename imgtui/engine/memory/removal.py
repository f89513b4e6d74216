"""Removing from an engine in memory. It has no intermediate images and no build cache."""

from __future__ import annotations

from collections.abc import Mapping

from imgtui.engine.memory.acts import MemoryActs
from imgtui.engine.port.errors import EngineError
from imgtui.model.core.image import Store
from imgtui.model.removal.build_cache import BuildCache
from imgtui.model.removal.bytes import StoredSize


class MemoryRemovals(MemoryActs):
    """What can be removed. A test may say what the build cache holds."""

    cached: BuildCache | None = BuildCache()

    def holdings(self) -> Mapping[str, StoredSize]:
        """Tell what each image holds: nothing was built from another one."""
        self._reach()
        with self._lock:
            return {
                image.id: StoredSize(None, image.size, self._unpacked(image.id)) for image in self._images
            }

    def remove_image(self, image_id: str) -> None:
        """Take away an image without a name."""
        self._change()
        with self._lock:
            image = self._known(image_id)
            if image.tags or image.keeps:
                raise EngineError("conflict: image has a name", status=409)
            self.remove(image_id)

    def build_cache(self) -> BuildCache | None:
        """Tell what a test has put there."""
        self._reach()
        return self.cached

    def prune_build_cache(self) -> int:
        """Free it."""
        self._change()
        freed, self.cached = self.cached, BuildCache()
        return freed.size if freed is not None else 0

    def _unpacked(self, image_id: str) -> int | None:
        blueprint = self._images.blueprint(image_id)
        return blueprint.unpacked if blueprint is not None and self._store is Store.CONTAINERD else None
