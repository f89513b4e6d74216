"""What imgtui asks of an engine about removing: what holds what, images without a name, the build cache."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a start does not pay for what few sessions do
    from imgtui.model.removal.build_cache import BuildCache
    from imgtui.model.removal.bytes import StoredSize


class Removals(Protocol):
    """What can be removed from an engine. Calls raise as those of `imgtui.engine.port.engine.Engine` do."""

    def holdings(self) -> Mapping[str, StoredSize]:
        """Every image by ID, intermediate ones too: what it was built from, and what it holds.

        Costs as much as a whole list.
        """

    def remove_image(self, image_id: str) -> None:
        """Take away an image that has no name, by its ID, and no parent of it.

        Raises ReadOnly, NotFound, EngineError where something needs it.
        """

    def build_cache(self) -> BuildCache | None:
        """What the build cache holds; None where the engine has none (Podman).

        Engines older than API 1.42 walk all their images for it, and hold locks meanwhile (moby 31158):
        it is asked when somebody wants to know.
        """

    def prune_build_cache(self) -> int:
        """Free all of the build cache that no build uses; the bytes that the engine says it freed.

        Raises ReadOnly, EngineError.
        """
