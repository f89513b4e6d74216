"""The build cache of an engine: what it holds, and the plan to free it."""

from __future__ import annotations

from dataclasses import dataclass

from imgtui.model.plans.plan import NothingToDo, NotPossible


@dataclass(frozen=True, slots=True)
class BuildCache:
    """What the build cache holds, as the engine counts it."""

    records: int = 0
    size: int = 0
    """Bytes of all records that no build uses."""
    shared: int = 0
    """Bytes of these that images hold too: they stay as long as the images do."""
    in_use: int = 0
    """Bytes that a build uses at this moment, which stay."""


@dataclass(frozen=True, slots=True)
class CacheRemoval:
    """Free the build cache: no image goes, and the next builds take longer."""

    cache: BuildCache

    @property
    def title(self) -> str:
        """One line."""
        return "free the build cache"

    @property
    def commands(self) -> tuple[str, ...]:
        """The docker commands that do the same."""
        return ("docker builder prune --all",)

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be known before."""
        return ("no image goes; the next builds have to do every step again",)

    @property
    def risks(self) -> tuple[str, ...]:
        """None: what a build has made, it makes again."""
        return ()


def plan_cache_removal(cache: BuildCache | None) -> CacheRemoval:
    """Free the build cache. Raises NothingToDo where there is nothing in it."""
    if cache is None:
        raise NotPossible("Podman has no build cache of its own: steps of builds go with their images")
    if not cache.size:
        raise NothingToDo("there is nothing in the build cache that could be freed")
    return CacheRemoval(cache)
