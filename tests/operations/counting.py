"""An engine that counts what it is asked."""

from collections import Counter
from collections.abc import Iterator, Sequence

from imgtui.engine.memory import MemoryEngine
from imgtui.engine.port import EventStream, Listing
from imgtui.model.image import Container, EngineInfo, Image


class CountingEngine:
    """Passes every call on to an engine in memory."""

    def __init__(self, engine: MemoryEngine) -> None:
        self.engine = engine
        self.asked: Counter[str] = Counter()
        self.documents: list[str] = []

    def connect(self) -> EngineInfo:
        self.asked["connect"] += 1
        return self.engine.connect()

    def list_images(self) -> Iterator[Listing]:
        self.asked["list"] += 1
        return self.engine.list_images()

    def find_images(self, references: Sequence[str]) -> list[Image]:
        self.asked["find"] += 1
        return self.engine.find_images(references)

    def dangling_images(self) -> list[Image]:
        self.asked["dangling"] += 1
        return self.engine.dangling_images()

    def image(self, name: str) -> Image | None:
        self.asked["image"] += 1
        return self.engine.image(name)

    def document(self, image_id: str, *, reveal: bool = False) -> str | None:
        self.asked["document"] += 1
        self.documents.append(image_id)
        return self.engine.document(image_id, reveal=reveal)

    def containers(self, ids: Sequence[str] | None = None) -> list[Container]:
        self.asked["containers"] += 1
        return self.engine.containers(ids)

    def events(self) -> EventStream:
        self.asked["events"] += 1
        return self.engine.events()

    def close(self) -> None:
        self.engine.close()
