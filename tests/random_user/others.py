"""What others do to an engine while somebody looks at it: a finite stock of images, tags and containers."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from imgtui.engine.demo.files import layer_content
from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep, digest_of
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.errors import EngineError
from imgtui.model.core.image import Layer

NAMES: Final = ("myapp", "web", "shop/api", "registry.example.com/team/api", "localhost:5000/db")
TAGS: Final = ("latest", "1.0", "1.1", "stable")
CONTAINERS: Final = ("web", "web-1", "api", "db", "worker", "cron")
CREATED: Final = 1_750_000_000
MOST_IMAGES: Final = 60
MOST_CONTAINERS: Final = 14

ESCAPES: Final = "\x1b]0;MARKED\x07\x1b[31m\u202e\x9b2J"
"""What must never reach a terminal."""


def _step(number: int, instruction: str) -> BlueprintStep:
    content = layer_content(instruction, f"{number} {instruction}", 900 + 37 * number, CREATED)
    return BlueprintStep(instruction, Layer(digest_of(content), len(content)), content)


def blueprints(count: int = 40) -> tuple[Blueprint, ...]:
    """Images that share layers; one in five is hostile, one ends at once, one has a health check."""
    base = (_step(0, "COPY rootfs.tar / # buildkit"), _step(1, "RUN apk add --no-cache curl # buildkit"))
    made = []
    for number in range(count):
        hostile = ESCAPES if number % 5 == 0 else ""
        config: dict[str, object] = {
            "Env": ["PATH=/usr/bin", f"VERSION={number}", f"API_TOKEN=planted{number}", f"ODD={hostile}"],
            "Cmd": ["false"] if number % 7 == 0 else ["sh"],
            "Labels": {"org.opencontainers.image.version": f"{number}{hostile}"},
        }
        if number % 3 == 0:
            config["Healthcheck"] = {"Test": ["CMD", "false" if number % 6 == 0 else "true"]}
        own = (_step(number // 4, f"COPY deps /deps # {hostile}"), _step(number, f"COPY app-{number} /app"))
        made.append(Blueprint((*base, *own), CREATED + 3600 * number, config))
    return tuple(made)


class Others:
    """Everybody else who works with this engine."""

    def __init__(self, engine: MemoryEngine, chance: random.Random) -> None:
        self._engine = engine
        self._chance = chance
        self._stock = blueprints()
        self.changes = 0
        self.refused = 0

    def change(self) -> None:
        """Do something at random; what the engine refuses is not done."""
        act: Callable[[], object] = self._chance.choice((
            self._build, self._build, self._build, self._load, self._tag, self._tag, self._untag,
            self._remove, self._run, self._run, self._start_or_stop, self._rename, self._discard,
            self._publish, self._receive, self._engine.prune,
        ))  # fmt: skip
        try:
            act()
            self._tidy()
        except EngineError:
            self.refused += 1
        else:
            self.changes += 1

    def restart_engine(self) -> None:
        """End everything and come back."""
        self._engine.restart_engine()
        self.changes += 1

    def _reference(self) -> str:
        return f"{self._chance.choice(NAMES)}:{self._chance.choice(TAGS)}"

    def _blueprint(self) -> Blueprint:
        return self._chance.choice(self._stock)

    def _image(self) -> str:
        return self._chance.choice([image.id for part in self._engine.list_images() for image in part.images])

    def _container(self) -> str:
        ids = [container.id for container in self._engine.containers()]
        if not ids:
            raise EngineError("there is no container")
        return self._chance.choice(ids)

    def _build(self) -> None:
        self._engine.build(self._blueprint(), self._reference())

    def _load(self) -> None:
        self._engine.load(self._blueprint(), self._reference())

    def _receive(self) -> None:
        self._engine.receive(self._blueprint(), self._reference(), pinned=self._chance.random() < 0.5)

    def _tag(self) -> None:
        self._engine.tag(self._image(), self._reference())

    def _untag(self) -> None:
        self._engine.untag(self._reference())

    def _remove(self) -> None:
        self._engine.remove(self._image(), force=self._chance.random() < 0.3)

    def _run(self) -> None:
        self._engine.run(self._chance.choice(CONTAINERS), self._reference())

    def _start_or_stop(self) -> None:
        if self._chance.random() < 0.5:
            self._engine.start_container(self._container())
        else:
            self._engine.stop_container(self._container())

    def _rename(self) -> None:
        self._engine.rename_container(self._container(), self._chance.choice(CONTAINERS))

    def _discard(self) -> None:
        self._engine.discard(self._container())

    def _publish(self) -> None:
        self._engine.publish(self._reference(), self._blueprint())

    def _tidy(self) -> None:
        """Keep the engine as large as it is."""
        containers = self._engine.containers()
        for container in containers[: len(containers) - MOST_CONTAINERS]:
            self._engine.discard(container.id)
        images = [image for part in self._engine.list_images() for image in part.images]
        used = {container.image_id for container in self._engine.containers()}
        free = [image.id for image in images if image.id not in used]
        for image_id in free[: len(images) - MOST_IMAGES]:
            self._engine.remove(image_id, force=True)
