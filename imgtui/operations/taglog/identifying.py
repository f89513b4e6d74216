"""Whose log it is that the engine which answers has: recognised, or asked for."""

from __future__ import annotations

from collections.abc import Mapping

from imgtui.engine.port.engine import Engine
from imgtui.model.taglog.identity import Doubt, KnownEngine, Overlap, Place, identify
from imgtui.store.engines import Engines


class Identifying:
    """Finds the log of an engine, in a state file."""

    def __init__(self, engine: Engine, engines: Engines) -> None:
        self._engine = engine
        self._engines = engines
        self._listed: Mapping[str, tuple[str, ...]] | None = None

    def find(self, here: Place, *, ask: bool) -> str | Doubt:
        """The key of its log; a doubt where nobody can tell. Raises StateUnusable, EngineError.

        Only in doubt, and where it may be asked, the engine lists its images.
        """

        def overlap(known: KnownEngine) -> Overlap | None:
            return self._engines.overlap(known.key, self._images()) if ask else None

        return identify(here, self._engines.known(), overlap)

    def _images(self) -> Mapping[str, tuple[str, ...]]:
        """The tags of each image that is here."""
        if self._listed is None:
            listed: dict[str, tuple[str, ...]] = {}
            for part in self._engine.list_images():
                for image in part.images:
                    listed[image.id] = (*listed.get(image.id, ()), *image.tags)
            self._listed = listed
        return self._listed
