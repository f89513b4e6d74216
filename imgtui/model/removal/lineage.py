"""Which image was built from which, as far as the engine knows: the classic builder's steps, and Podman's.

BuildKit leaves none: its images share layers, and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.digest import short
from imgtui.model.core.image import Store
from imgtui.model.removal.bytes import StoredSize


class Lineage:
    """Which image was built from which, as far as the engine knows."""

    def __init__(self, catalog: Catalog, store: Store, holdings: Mapping[str, StoredSize]) -> None:
        self._catalog = catalog
        self._holdings = holdings
        self._hides = store is not Store.PODMAN
        """Whether the engine only hides an image from which another one was built. Podman 4.3 removes it."""
        self._children: dict[str, list[str]] = {}
        for image_id, holding in holdings.items():
            if holding.parent is not None:
                self._children.setdefault(holding.parent, []).append(image_id)

    def settle(self, doomed: set[str]) -> dict[str, str]:
        """Take out of `doomed` what cannot go, and put into it the intermediate images that go too.

        Returns why each that was taken out stays.
        """
        blocked: dict[str, str] = {}
        while True:
            steps = self._steps_of(doomed)
            found = {
                image_id: reason
                for image_id in doomed
                if (reason := self._why_needed(image_id, doomed | steps)) is not None
            }
            if not found:
                doomed.update(steps)
                return blocked
            blocked |= found
            doomed.difference_update(found)

    def children_first(self, doomed: Collection[str], order: Sequence[str]) -> list[str]:
        """In an order in which nothing that is removed is still the parent of something."""
        found: dict[str, None] = {}

        def add(image_id: str) -> None:
            waiting = [image_id]
            while waiting:
                last = waiting[-1]
                left = [
                    child for child in self._children.get(last, ()) if child in doomed and child not in found
                ]
                if left:
                    waiting += left
                else:
                    found[waiting.pop()] = None

        for image_id in (*order, *sorted(doomed)):
            if image_id in doomed and image_id not in found:
                add(image_id)
        return list(found)

    def _steps_of(self, doomed: Collection[str]) -> set[str]:
        """The intermediate images that nothing but what is doomed was built from, and no container needs."""
        steps: set[str] = set()
        waiting = list(doomed)
        while waiting:
            parent = self._parent(waiting.pop())
            if parent is None or parent in self._catalog.images or parent in steps:
                continue
            if self._catalog.in_use.get(parent) or parent not in self._holdings:
                continue
            if all(child in doomed or child in steps for child in self._children[parent]):
                steps.add(parent)
                waiting.append(parent)
        return steps

    def _why_needed(self, image_id: str, going: Collection[str]) -> str | None:
        if not self._hides:
            return None
        stays = next((child for child in self._children.get(image_id, ()) if child not in going), None)
        if stays is None:
            return None
        return f"{self._name_below(stays)} was built from it"

    def _name_below(self, image_id: str) -> str:
        """What people know of an image, or of what was built from it."""
        waiting = [image_id]
        while waiting:
            found = waiting.pop()
            image = self._catalog.images.get(found)
            if image is not None:
                return next(iter(image.tags), short(found))
            waiting += self._children.get(found, ())
        return short(image_id)

    def _parent(self, image_id: str) -> str | None:
        holding = self._holdings.get(image_id)
        return holding.parent if holding is not None else None


def ancestors(image_ids: Iterable[str], holdings: Mapping[str, StoredSize]) -> set[str]:
    """The images that these were built from, as far as the engine knows them."""
    found: set[str] = set()
    for image_id in image_ids:
        parent = holdings[image_id].parent if image_id in holdings else None
        while parent is not None and parent in holdings and parent not in found:
            found.add(parent)
            parent = holdings[parent].parent
    return found
