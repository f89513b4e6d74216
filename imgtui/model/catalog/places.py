"""The repositories that an image is in."""

from __future__ import annotations

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.reference import repository_of
from imgtui.model.keeps.keep import keeps_on


def places_of(catalog: Catalog, image_id: str) -> set[str]:
    """The repositories that an image has, or had, a tag in."""
    image = catalog.images.get(image_id)
    names = [repository_of(tag) for tag in image.tags] if image is not None else []
    names += [keep.repository for keep in keeps_on(image.id, image.keeps)] if image is not None else []
    names += [name.repository for name in catalog.past.names.get(image_id, ())]
    return {name for name in names if name}
