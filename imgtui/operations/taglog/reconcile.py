"""From events to a catalog that is true again, by asking only for what they name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, NotUnderstood, Unavailable
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.event import Event
from imgtui.model.core.image import Image

NOTHING_MOVED = frozenset({"prune", "save"})
"""Image events after which nothing has to be asked: what a prune deletes is told one by one."""


def reconcile(engine: Engine, catalog: Catalog, events: Iterable[Event]) -> Catalog:
    """The catalog after these events, in a few small requests and never a whole list.

    An event says where to look: the image is asked for by ID, and so is the image that a moved
    tag left, because no event tells what became of it. Raises EngineError.
    """
    happened = list(events)
    of_images = [event for event in happened if event.kind == "image"]
    names = dict.fromkeys(_named(event) or "" for event in of_images)
    # The winner may be gone by now: what had the tag is asked for in any case.
    moved = {event.reference for event in of_images}
    names.update((image.id, None) for image in catalog.images.values() if not moved.isdisjoint(image.tags))
    names.pop("", None)
    catalog = _look_at(engine, catalog, list(names))
    if _could_be_anywhere(of_images, catalog):
        catalog = look_at_everything(engine, catalog)
    of_containers = [event for event in happened if event.kind == "container" and event.id]
    catalog = _with_health(catalog, of_containers)
    containers = list(
        dict.fromkeys(event.id for event in of_containers if event.id and not _tells_all(event, catalog))
    )
    if containers:
        catalog = catalog.with_containers(engine.containers(containers), containers)
    return catalog


def _with_health(catalog: Catalog, events: Iterable[Event]) -> Catalog:
    """What events tell of the health of containers: nothing has to be asked for that."""
    told = {event.id: event.health for event in events if event.id and event.health}
    found = [
        replace(catalog.containers[container_id], health=health)
        for container_id, health in told.items()
        if container_id in catalog.containers and catalog.containers[container_id].health != health
    ]
    return catalog.with_containers(found) if found else catalog


def _tells_all(event: Event, catalog: Catalog) -> bool:
    """Whether an event is only about the health of a container, and has told it, or told nothing new.

    Podman tells of each check that was done, and not what came of it (4.3): a container that has been well is
    looked at with its next change.
    """
    known = catalog.containers.get(event.id or "")
    if event.health is None or known is None:
        return False
    return bool(event.health) or known.health == "healthy"


class Listed:
    """A list of images that arrives in parts, one later than the other."""

    def __init__(self) -> None:
        self.images: dict[str, Image] = {}
        self._contested: set[str] = set()

    def add(self, part: Iterable[Image]) -> None:
        """Take the next part."""
        self._contested |= merge_parts(self.images, part)

    def settled(self, engine: Engine) -> Mapping[str, Image]:
        """All images, when everything has arrived.

        Those between which a tag moved meanwhile are asked for once more. Raises EngineError.
        """
        if not self._contested:
            return self.images
        return _look_at(engine, Catalog(self.images), sorted(self._contested)).images


def merge_parts(images: dict[str, Image], part: Iterable[Image]) -> set[str]:
    """Add a part of a list: an image that arrives again brings tags that its first part left out.

    A tag that arrives on another image than before has moved meanwhile, and is where it arrived last. The IDs
    of both images are returned: what is true of them has to be asked for.
    """
    claimed: dict[str, str] = {}
    for image in part:
        claimed.update(dict.fromkeys(image.tags, image.id))
        known = images.get(image.id)
        if known is None:
            images[image.id] = image
            continue
        images[image.id] = replace(
            known,
            tags=tuple(dict.fromkeys((*known.tags, *image.tags))),
            repo_digests=tuple(dict.fromkeys((*known.repo_digests, *image.repo_digests))),
            keeps=tuple(dict.fromkeys((*known.keeps, *image.keeps))),
        )
    contested: set[str] = set()
    for image in list(images.values()):
        lost = [tag for tag in image.tags if claimed.get(tag, image.id) != image.id]
        if lost:
            contested |= {image.id, *(claimed[tag] for tag in lost)}
            images[image.id] = replace(image, tags=tuple(tag for tag in image.tags if tag not in lost))
    return contested


def _look_at(engine: Engine, catalog: Catalog, names: Sequence[str]) -> Catalog:
    found: dict[str, Image] = {}
    gone: set[str] = set()
    waiting = [catalog.tags.get(name, name) for name in names] + [n for n in names if n in catalog.tags]
    asked: set[str] = set()
    while waiting:
        name = waiting.pop(0)
        if name in asked:
            continue
        asked.add(name)
        try:
            image = engine.image(name)
        except (Unavailable, NotUnderstood):  # what is not understood may be anything, also of all others
            raise
        except EngineError:
            continue  # what is known of this one image stays; it must not end the following of all others
        if image is None:
            gone.add(name)
            continue
        found[image.id] = image
        asked.add(image.id)
        waiting += [catalog.tags[tag] for tag in image.tags if catalog.tags.get(tag, image.id) != image.id]
    return catalog.without_images(gone).with_images(_complete(engine, catalog, found))


def _complete(engine: Engine, catalog: Catalog, found: dict[str, Image]) -> list[Image]:
    """What `inspect` leaves out on the containerd store: size and platforms, as a list tells them."""
    for image_id, image in found.items():
        known = catalog.images.get(image_id)
        if known is not None and not image.size:
            found[image_id] = replace(
                image, size=known.size, manifest=known.manifest, platforms=known.platforms
            )
    bare = [image for image in found.values() if not image.size]
    if not bare:
        return list(found.values())
    names = [(*image.tags, *image.keeps, *image.repo_digests)[:1] for image in bare]
    listed = engine.find_images([name for found_names in names for name in found_names])
    if not all(names):
        listed += engine.dangling_images()
    for entry in listed:
        bare_one = found.get(entry.id)
        if bare_one is not None and not bare_one.size:
            found[entry.id] = replace(
                bare_one, size=entry.size, manifest=entry.manifest, platforms=entry.platforms
            )
    return list(found.values())


def _could_be_anywhere(events: Sequence[Event], catalog: Catalog) -> bool:
    """Whether nothing tells which tags were moved.

    Podman 4.3 tells a load by the name of a temporary file and a commit not at all. Docker names the image
    that was loaded: where that lost a name again within the same burst, nobody knows what it had taken.
    """
    loaded = {event.id for event in events if event.action == "load"}
    lost = {event.id for event in events if event.action == "untag" and not event.reference}
    nameless = any(not _named(event) and event.action not in NOTHING_MOVED for event in events)
    return nameless or bool(loaded & lost) or not loaded <= {None, *catalog.images}


def _named(event: Event) -> str | None:
    """Where an event says to look."""
    return event.id or event.reference or event.repo_digest


def look_at_everything(engine: Engine, catalog: Catalog) -> Catalog:
    """List all images anew. Raises EngineError."""
    listed = Listed()
    for part in engine.list_images():
        listed.add(part.images)
    return replace(catalog, images=listed.settled(engine))
