"""The registries that an engine in memory can reach: what was published, or pushed, there can be pulled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from imgtui.engine.memory.acts import MemoryActs, familiar
from imgtui.engine.memory.blueprint import Blueprint
from imgtui.engine.port.errors import EngineError, NotFound
from imgtui.engine.wire.transfers import refuse_own
from imgtui.model.catalog.registry_tag import RemoteTag
from imgtui.model.core.event import Event
from imgtui.model.core.image import Layer, Store
from imgtui.model.core.reference import Reference
from imgtui.model.jobs.progress import Transfer, TransferStage


@dataclass(frozen=True, slots=True)
class Published:
    """An image in a registry, and how a pull of it goes."""

    blueprint: Blueprint
    digest: str
    gate: threading.Event | None
    failure: EngineError | None


class MemoryRegistry(MemoryActs):
    """Pulls, pushes, and what registries say."""

    def __init__(
        self,
        *,
        store: Store = Store.GRAPH,
        name: str = "memory",
        read_only: bool = False,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        super().__init__(store=store, name=name, read_only=read_only, clock=clock)
        self._published: dict[str, Published | EngineError] = {}
        """By tag, and by repo digest."""

    def publish(
        self,
        reference: str,
        blueprint: Blueprint | EngineError,
        *,
        gate: threading.Event | None = None,
        failure: EngineError | None = None,
    ) -> None:
        """Point a tag of a registry at an image, as a push from another machine does; or have it fail.

        In the middle, a pull waits for the gate until it is set, and ends with the failure.
        """
        name = familiar(reference)
        if isinstance(blueprint, EngineError):
            self._published[name] = blueprint
            return
        digest = self._images.remote_digest(blueprint)
        found = Published(blueprint, digest, gate, failure)
        self._published[name] = found
        self._published[f"{Reference.parse(name).familiar_name}@{digest}"] = found

    def remote_tag(self, reference: str) -> RemoteTag:
        """Return where a tag points in its registry: what was published."""
        self._reach()
        found = self._look_up(familiar(reference))
        return RemoteTag(familiar(reference), found.digest, found.blueprint.platforms)

    def pull(self, reference: str) -> MemoryTransfer:
        """Pull what was published."""
        self._change()
        name = Reference.parse(reference).with_default_tag().familiar
        return MemoryTransfer(self._look_up(name), lambda found: self._have(found, name), self._reach)

    def push(self, reference: str) -> MemoryTransfer:
        """Publish what a tag points at, where nothing published there stands against it."""
        self._change()
        refuse_own(reference)
        name = familiar(reference)
        there = self._published.get(name)
        if isinstance(there, EngineError):
            raise there
        with self._lock:
            image = self._find(name)
            blueprint = self._images.blueprint(image.id)
        if blueprint is None:
            raise NotFound(f"No such image: {reference}")
        found = Published(blueprint, self._images.remote_digest(blueprint), None, None)
        if there is not None:
            found = replace(found, gate=there.gate, failure=there.failure)
        return MemoryTransfer(
            found, lambda pushed: self._pushed(pushed, name), self._reach, TransferStage.UPLOADING
        )

    def untag(self, reference: str) -> None:
        """Take a tag, or a repo digest, away: an image without another name goes with it."""
        named = Reference.parse(reference)
        if named.digest is None:
            super().untag(reference)
            return
        self._change()
        with self._lock:
            image = self._find(reference)
            self._images.unname_by_digest(named.familiar_name, image.id)
            gone = not self._images.named(image.id)
            if gone:
                self._images.drop(image.id)
        self._send(Event("image", "untag", image.id), *([Event("image", "delete", image.id)] if gone else []))

    def _look_up(self, name: str) -> Published:
        found = self._published.get(name)
        if found is None:
            raise NotFound(f"manifest for {name} not found: manifest unknown: manifest unknown")
        if isinstance(found, EngineError):
            raise found
        return found

    def _pushed(self, found: Published, name: str) -> None:
        """On a graph driver it gives the image its repo digest; on the containerd store the tag does."""
        self.publish(name, found.blueprint)
        image_id = self._images.tagged(name)
        if image_id is not None and self._store is not Store.CONTAINERD:
            self._images.name_by_digest(Reference.parse(name).familiar_name, image_id)
        self._send(Event("image", "push", None, name))

    def _have(self, found: Published, name: str) -> None:
        named = Reference.parse(name)
        if named.digest is None:
            self.receive(found.blueprint, name)
            return
        with self._lock:
            image_id = self._images.add(found.blueprint)
            self._images.name_by_digest(named.familiar_name, image_id)
        self._send(Event("image", "pull", repo_digest=name))


class MemoryTransfer:
    """A pull, or a push, that a test can hold up in the middle."""

    def __init__(
        self,
        found: Published,
        have: Callable[[Published], None],
        reach: Callable[[], None],
        stage: TransferStage = TransferStage.DOWNLOADING,
    ) -> None:
        self._found = found
        self._have = have
        self._reach = reach
        self._stage = stage
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[Transfer]:
        layers = self._found.blueprint.layers
        known = Transfer()
        for layer in layers:
            known = known.with_layer(_name(layer), TransferStage.WAITING)
        for number, layer in enumerate(layers):
            for part in (layer.size // 2, layer.size):
                known = known.with_layer(_name(layer), self._stage, part, layer.size)
                yield known
            if number == 0:
                self._pause()
            if self._closed.is_set():
                return
            known = known.with_layer(_name(layer), TransferStage.DONE)
            yield known
        self._have(self._found)
        if self._stage is TransferStage.UPLOADING:
            yield replace(known, digest=self._found.digest)

    def close(self) -> None:
        """Break it off."""
        self._closed.set()

    def _pause(self) -> None:
        """Wait for the gate; then the engine, or the registry, may be gone."""
        gate = self._found.gate
        while gate is not None and not gate.wait(0.01) and not self._closed.is_set():
            self._reach()
        self._reach()
        if self._found.failure is not None and not self._closed.is_set():
            raise self._found.failure


def _name(layer: Layer) -> str:
    return layer.diff_id[7:19]
