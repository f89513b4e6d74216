"""What can be done to an engine in memory, by the rules of real ones.

A tag points at one image; a moved tag sends one event for the winner and none for the loser; an event
says where to look and not what is true; a build on the containerd store drops the image it replaces.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from imgtui.engine.memory.blueprint import Blueprint, digest_of
from imgtui.engine.memory.events import MemoryEvents
from imgtui.engine.memory.images import MemoryImages
from imgtui.engine.port.errors import EngineError, NotFound, Problem, ProblemKind, ReadOnly, Unavailable
from imgtui.engine.wire.container_status import health_of, since_of
from imgtui.model.core.event import Event
from imgtui.model.core.image import Container, Image, Store
from imgtui.model.core.reference import InvalidReference, Reference, repository_of

HELD_EVENTS = 256
"""Events that an engine replays (moby `daemon/events`), until it is restarted."""


class MemoryActs:
    """Images and containers, and the acts that change them.

    Acts raise `ReadOnly` while `read_only` is set, `EngineError` with the HTTP status a real engine
    answers with when they are refused, and `Unavailable` while the engine is stopped.
    """

    def __init__(
        self,
        *,
        store: Store = Store.GRAPH,
        name: str = "memory",
        read_only: bool = False,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.read_only = read_only
        self._clock = clock
        self._store = store
        self._name = name
        self._lock = threading.RLock()
        self._images = MemoryImages(store)
        self._containers: dict[str, Container] = {}
        self._created = 0
        self._streams: list[MemoryEvents] = []
        self._sent: deque[Event] = deque(maxlen=HELD_EVENTS)
        self._stopped = False

    def build(self, blueprint: Blueprint, *references: str) -> str:
        """Make an image and point these tags at it, as BuildKit does; its ID.

        On the containerd store an image that loses its last name so is gone (Docker 28.5).
        """
        self._change()
        with self._lock:
            image_id = self._images.add(blueprint)
            for tag in map(familiar, references):
                loser = self._images.point(tag, image_id)
                if loser and self._store is Store.CONTAINERD and not self._images.named(loser):
                    self._images.drop(loser)
                self._images.mark(image_id)
        tagged = [Event("image", "tag", image_id, familiar(name)) for name in references]
        made = Event("image", "create", image_id)
        self._send(*([made, *tagged] if self._store is Store.CONTAINERD else [*tagged, made]))
        return image_id

    def stock(self, images: Iterable[tuple[Blueprint, tuple[str, ...]]]) -> None:
        """Put many images there, each with familiar tags that no other has; nobody is told."""
        self._change()
        with self._lock:
            for blueprint, tags in images:
                self._images.add(blueprint, tags)

    def load(self, blueprint: Blueprint, *references: str) -> str:
        """Bring an image from an archive with these tags; its ID. What loses a tag stays."""
        self._change()
        image_id = self._arrive(blueprint, references)
        self._send(Event("image", "load", image_id))
        return image_id

    def receive(self, blueprint: Blueprint, reference: str, *, pinned: bool = False) -> str:
        """Bring an image from some registry, by tag, at once; its ID. What loses the tag stays.

        On a graph driver its repo digest stays when the tag moves; on the containerd store only where
        the image was pulled by digest too: `pinned` (Docker 28.5).
        """
        self._change()
        repository = Reference.parse(reference).familiar_name
        with self._lock:
            image_id = self._arrive(blueprint, [reference])
            if pinned or self._store is not Store.CONTAINERD:
                self._images.name_by_digest(repository, image_id)
        self._send(Event("image", "pull", None, familiar(reference)))
        return image_id

    def tag(self, image_id: str, reference: str) -> None:
        """Point a tag at an image, named by ID or reference. What loses the tag stays."""
        self._change()
        with self._lock:
            found = self._find(image_id)
            self._images.point(familiar(reference), found.id)
            self._images.mark(found.id)
        self._send(Event("image", "tag", found.id, familiar(reference)))

    def prune(self, *, everything: bool = False) -> None:
        """Remove images without a tag that no container uses; `everything`: those with tags too."""
        self._change()
        with self._lock:
            unused = [image for image in self._images if not self._users(image.id)]
            for image in unused:
                if everything or not (image.tags or image.keeps):
                    self.remove(image.id, force=True)
        if self._store is not Store.CONTAINERD:
            self._send(Event("image", "prune"))

    def untag(self, reference: str) -> None:
        """Take a tag away, as `docker rmi` does: an image without another name goes with it."""
        self._change()
        if self._images.tagged(familiar(reference)) is None:
            raise NotFound(f"No such image: {reference}")
        self.remove(reference)

    def remove(self, name: str, *, force: bool = False) -> None:
        """Remove a tag, and with its last tag the image; or an image by ID, as `docker rmi` does."""
        self._change()
        with self._lock:
            image = self._find(name)
            tag = None if image.id == name else familiar(name)
            gone = self._take_away(image, tag, self._users(image.id), force=force)
        removed = (*image.tags, *image.keeps) if tag is None else (tag,)
        by_name = self._store is Store.CONTAINERD
        self._send(*(Event("image", "untag", image.id, known if by_name else None) for known in removed))
        if gone:
            self._send(Event("image", "delete", image.id))

    def run(
        self,
        name: str,
        reference: str,
        *,
        state: str = "running",
        status: str = "Up 2 hours",
        created: int | None = None,
        project: str | None = None,
        service: str | None = None,
        listed: float | None = None,
    ) -> str:
        """Create a container from a tag or an image ID; its ID. `project` and `service` are Compose's.

        `listed` is when its status was true, seconds since the epoch; None: just now.
        """
        self._change()
        with self._lock:
            image = self._find(reference)
            if any(known.name == name for known in self._containers.values()):
                raise EngineError(f'conflict: the container name "{name}" is already in use', status=409)
            self._created += 1
            identifier = digest_of(f"{name} {image.id} {self._created}").removeprefix("sha256:")
            since = since_of(status, time.time() if listed is None else listed)
            self._containers[identifier] = Container(
                id=identifier,
                name=name,
                image_id=image.id,
                created_from=None if reference == image.id else familiar(reference),
                state=state,
                status=status,
                since=since.at,
                since_exact=since.exact,
                health=health_of(status),
                created=int(time.time()) if created is None else created,
                compose_project=project,
                compose_service=service,
                manifest=image.manifest,
            )
        lived = {"created": ["create"], "exited": ["create", "start", "die"]}.get(state, ["create", "start"])
        self._send(*(Event("container", action, identifier) for action in lived))
        return identifier

    def discard(self, container_id: str) -> None:
        """Remove a container, if it is there."""
        self._change()
        with self._lock:
            gone = self._containers.pop(container_id, None)
        if gone is not None:
            self._send(Event("container", "destroy", container_id))

    def stop_answering(self) -> None:
        """Go away as a stopped engine does: streams end, calls fail, events are forgotten."""
        self._stopped = True
        self._sent.clear()
        self._end_streams()

    def answer_again(self) -> None:
        """Come back with everything that was here."""
        self._stopped = False

    def _listen(self) -> MemoryEvents:
        stream = MemoryEvents()
        with self._lock:
            self._streams = [*(known for known in self._streams if not known.closed), stream]
        return stream

    def _end_streams(self) -> None:
        with self._lock:
            for stream in self._streams:
                stream.close()
            self._streams.clear()

    def _reach(self) -> None:
        if self._stopped:
            raise Unavailable(
                Problem(ProblemKind.NOT_RUNNING, "the engine in memory was stopped", "start it again")
            )

    def _change(self) -> None:
        self._reach()
        if self.read_only:
            raise ReadOnly("read-only: nothing was changed")

    def _arrive(self, blueprint: Blueprint, references: Sequence[str]) -> str:
        with self._lock:
            image_id = self._images.add(blueprint)
            for tag in map(familiar, references):
                self._images.point(tag, image_id)
                if self._store is Store.CONTAINERD:  # what a graph driver loads or pulls has no `LastTagTime`
                    self._images.mark(image_id)
        return image_id

    def _known(self, image_id: str) -> Image:
        image = self._images.get(image_id)
        if image is None:
            raise NotFound(f"No such image: {image_id}")
        return image

    def _find(self, name: str) -> Image:
        image = self._images.get(self._resolve(name))
        if image is None:
            raise NotFound(f"No such image: {name}")
        return image

    def _resolve(self, name: str) -> str:
        """Return the ID that an ID or a reference names; the name itself where it names nothing."""
        if name in self._images:
            return name
        try:
            reference = Reference.parse(name).resolved()
        except InvalidReference:
            return name
        if reference.digest is None:
            return self._images.tagged(reference.familiar) or name
        wanted = f"{reference.familiar_name}@{reference.digest}"
        return next((image.id for image in self._images if wanted in image.repo_digests), name)

    def _users(self, image_id: str) -> list[Container]:
        return [known for known in self._containers.values() if known.image_id == image_id]

    def _take_away(self, image: Image, tag: str | None, users: Sequence[Container], *, force: bool) -> bool:
        """Remove one tag, or the image; whether the image is gone.

        Docker 20.10 and 28.5: a used image loses its last tag, an image goes by its ID with several
        tags, only by force, and never by ID while it runs. Without its last tag a used image stays on
        the containerd store, on a graph driver only while it runs.
        """
        running = any(user.running for user in users)
        if tag is not None:
            last = (*image.tags, *image.keeps) == (tag,)
            if last and users and not force:
                raise EngineError(f"conflict: container {users[0].name} is using {tag}", status=409)
            self._images.unpoint(tag)
            if self._store is Store.GRAPH:
                self._images.unname_without_tag(image.id, repository_of(tag) or "")
            kept = running or (bool(users) and self._store is Store.CONTAINERD)
            gone = last and not kept and not self._images.named(image.id)
        else:
            if len(image.tags) + len(image.keeps) > 1 and not force:
                raise EngineError("conflict: image is referenced in multiple repositories", status=409)
            if running or (users and not force):
                raise EngineError(f"conflict: container {users[0].name} is using {image.id}", status=409)
            gone = True
        if gone:
            self._images.drop(image.id)
        return gone

    def _send(self, *events: Event) -> None:
        with self._lock:
            now = self._clock()
            for number, event in enumerate(events):
                told = replace(event, time_ns=now + number)
                self._sent.append(told)
                for stream in self._streams:
                    stream.put(told)


def familiar(reference: str) -> str:
    """Return a reference as docker prints it, with a tag or a digest."""
    return Reference.parse(reference).with_default_tag().familiar
