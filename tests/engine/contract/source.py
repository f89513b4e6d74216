"""Where engines pull from in the contract: a registry of the tests', or that of an engine in memory."""

from __future__ import annotations

import random
import threading

from imgtui.engine.port.errors import EngineError
from tests.engine.contract.hands import DockerHands, Hands, MemoryHands, blueprint_of
from tests.engines import content
from tests.engines.archives import ArchiveImage, layer
from tests.engines.faulty_registry import LARGE, FaultyRegistry
from tests.engines.private import CommandFailedError
from tests.engines.registry import Registry

LAYERS = 2


class Source:
    """One repository that can break off, or stand still, in the middle of a layer."""

    def __init__(
        self, hands: Hands, registry: Registry | None, faulty: FaultyRegistry | None, name: str
    ) -> None:
        self.hands = hands
        self._registry = registry
        self._faulty = faulty
        self._gate = threading.Event()
        self._gate.set()
        self._name = name
        self.repository = f"{faulty.address if faulty else '127.0.0.1:5000'}/{name}"

    def tag(self, tag: str) -> str:
        """A tag of the repository."""
        return f"{self.repository}:{tag}"

    def publish(self, tag: str, text: str, *, broken: bool = False) -> None:
        """Somebody else points a tag at an image; while it is `broken`, it cannot be read whole."""
        published = image(f"{self.repository} {text}")
        if isinstance(self.hands, MemoryHands):
            failure = EngineError("unexpected EOF") if broken else None
            self.hands.engine.publish(
                self.tag(tag), blueprint_of(published), gate=self._gate, failure=failure
            )
            return
        assert self._registry is not None
        assert self._faulty is not None
        self._registry.publish(f"{self._name}:{tag}", published)
        (self._faulty.broken.set if broken else self._faulty.broken.clear)()

    def hold(self) -> None:
        """From now on every pull stands still in the middle of a layer."""
        if self._faulty is not None:
            self._faulty.in_the_middle.clear()
        self._held.clear()

    def go_on(self) -> None:
        """Let every pull go on."""
        self._held.set()

    def repair(self) -> None:
        """Everything can be read again."""
        self.go_on()
        if self._faulty is not None:
            self._faulty.broken.clear()

    def clean(self) -> None:
        """Remove every image that has, or had, a name in the repository."""
        for part in self.hands.engine.list_images():
            for found in part.images:
                if any(self._name in name for name in (*found.tags, *found.keeps, *found.repo_digests)):
                    self.hands.remove(found.id, force=True)

    def pull(self, tag: str) -> str:
        """`docker pull` of a tag; the image ID."""
        if isinstance(self.hands, DockerHands):
            try:
                self.hands.real.docker("pull", "-q", self.tag(tag))
            except CommandFailedError as error:
                # The containerd store may delete what it has just received (Docker 28.5, seen
                # once): "failed to copy: httpReadSeeker: failed open: content at … not found".
                if "httpReadSeeker" not in str(error):
                    raise
                self.hands.real.docker("pull", "-q", self.tag(tag))
            return content.image_id(self.hands.real, self.tag(tag))
        for _ in self.hands.engine.pull(self.tag(tag)):
            pass
        found = self.at(tag)
        assert found is not None
        return found

    def remove(self, name: str) -> None:
        """`docker rmi`, by whatever name."""
        assert self.hands.remove(name, force=True)

    def at(self, tag: str) -> str | None:
        """Where a tag points, as the docker client sees it."""
        if isinstance(self.hands, DockerHands):
            try:
                return content.image_id(self.hands.real, self.tag(tag))
            except CommandFailedError:
                return None
        found = self.hands.engine.image(self.tag(tag))
        return found.id if found else None

    @property
    def _held(self) -> threading.Event:
        return self._faulty.gate if self._faulty else self._gate


def image(text: str) -> ArchiveImage:
    """An image whose layers do not compress."""
    noise = random.Random(text)
    layers = [layer({f"file-{number}": noise.randbytes(2 * LARGE)}) for number in range(LAYERS)]
    return ArchiveImage([], layers, {"Cmd": ["true"]})
