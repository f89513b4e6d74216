"""The engine behind `imgtui --demo`: a lived-in server that needs nothing and touches nothing.

It stays still: nothing happens on it but what the user does. The same `now` gives the same engine.
"""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from imgtui.engine.demo.builds import remember_build
from imgtui.engine.demo.data import (
    APPS,
    DAY,
    HOUR,
    INGEST,
    POSTGRES,
    PYTHON_BASE,
    REDIS,
    REMOVED,
    SERVICES,
    TEAM_API,
    App,
    DemoRelease,
    DemoService,
    Part,
)
from imgtui.engine.demo.files import layer_content
from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep, digest_of
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.errors import EngineError
from imgtui.model.core.clock import SECOND
from imgtui.model.core.image import Layer, Store
from imgtui.model.taglog.moves import Cause, Move, Provenance

PUBLISHED: Final = (INGEST, POSTGRES, REDIS, PYTHON_BASE)
"""What came from registries."""
LAYERS_MADE: Final = 1_730_678_400
"""What all files in layers say of their time: the demo's digests do not depend on when it is opened."""
_BULK_BASES: Final = ("debian", "alpine", "python", "node")
_BULK_VERSIONS: Final = 50
_BULK_NIGHTLY: Final = 4
_BULK_STEPS: Final = (
    "COPY . /opt/app/ # buildkit",
    "RUN /bin/sh -c make install && rm -f /opt/app/deps/*.jar # buildkit",
    "RUN |1 CHANNEL=stable /bin/sh -c ./warm-cache --all # buildkit",
    "COPY entrypoint.sh /usr/local/bin/ # buildkit",
)


class DemoEngine(MemoryEngine):
    """The demo's engine, with the moves of its tags before it was opened, oldest first."""

    diary: tuple[Move, ...] = ()


def demo_engine(now: int, *, images: int = 0, read_only: bool = False) -> DemoEngine:
    """Return the demo's engine as it is at `now` (seconds since the epoch).

    `images` more are generated, 50 to a repository, for trying what many images look like.
    """
    engine, diary = DemoEngine(store=Store.CONTAINERD, name="demo"), _Diary(now)
    if images > 0:
        engine.stock(_generated(now, images))
    for app, index, service in _by_age():
        if service is None:
            diary.released(app, app.releases[index], _release(engine, app, index, now))
        else:
            engine.run(
                service.name,
                service.reference,
                state=service.state,
                status=service.status,
                created=now - service.age,
                project=service.project,
                service=service.service,
                listed=now,
            )
    for tag in REMOVED:
        engine.remove(tag, force=True)
        diary.removed(tag)
    _publish(engine, now)
    _remember_builds(engine, now)
    engine.diary = tuple(sorted(diary.moves, key=lambda move: move.at))
    engine.read_only = read_only
    return engine


TIDIED: Final = HOUR // 2
"""How long ago tags were taken away, in seconds."""
RECORDED: Final = 50 * DAY
"""How long the demo is watched: what came before has no names but what containers prove."""


class _Diary:
    """What somebody who has watched the demo of late has recorded."""

    def __init__(self, now: int) -> None:
        self._now = now
        self._pointed: dict[str, str] = {}
        self.moves: list[Move] = []

    def released(self, app: App, release: DemoRelease, image_id: str) -> None:
        """A version came, and its tags with it."""
        came = Cause.PULL if app.pinned else Cause.BUILD
        for number, tag in enumerate(release.tags):
            self._move(f"{app.repository}:{tag}", image_id, release.age, Cause.TAG if number else came)

    def removed(self, name: str) -> None:
        """A tag was taken away, after everything else that happened to it."""
        self._move(name, None, TIDIED, Cause.UNTAG)

    def _move(self, name: str, target: str | None, age: int, cause: Cause) -> None:
        at, origin = (self._now - age) * SECOND, self._pointed.pop(name, None)
        if age <= RECORDED:
            self.moves.append(Move(name, origin, target, at, None, cause, Provenance.EVENT))
        if target is not None:
            self._pointed[name] = target


def _by_age() -> list[tuple[App, int, DemoService | None]]:
    """Order what happened, oldest first: releases as application and index, and containers."""
    happened: list[tuple[int, tuple[App, int, DemoService | None]]] = [
        (release.age, (app, index, None)) for app in APPS for index, release in enumerate(app.releases)
    ]
    happened += [(service.age, (APPS[0], 0, service)) for service in SERVICES]
    return [what for _, what in sorted(happened, key=lambda pair: -pair[0])]


def _publish(engine: MemoryEngine, now: int) -> None:
    """Have registries that know the newest releases, one of which was not pulled; one does not answer."""
    for app in APPS:
        for index, release in enumerate(app.releases if app in PUBLISHED else ()):
            for tag in release.tags:
                engine.publish(f"{app.repository}:{tag}", _blueprint(app, index, now))
    engine.publish("postgres:16", _blueprint(POSTGRES, len(POSTGRES.releases) - 1, now - DAY))
    silent = EngineError(f"{TEAM_API.repository.partition('/')[0]} did not answer within 30 s")
    engine.publish(f"{TEAM_API.repository}:stable", silent)


def _remember_builds(engine: MemoryEngine, now: int) -> None:
    """Have the builder know what was built here."""
    for app in APPS:
        for index, release in enumerate(app.releases if app not in PUBLISHED else ()):
            remember_build(engine, app.repository, release.tags, _blueprint(app, index, now))


def _blueprint(app: App, index: int, now: int) -> Blueprint:
    release = app.releases[index]
    return Blueprint(
        steps=tuple(_step(app, part, number, index, release) for number, part in enumerate(app.parts)),
        created=now - release.age,
        config=_config(app, release),
        platforms=app.platforms,
    )


def _release(engine: MemoryEngine, app: App, index: int, now: int) -> str:
    release, blueprint = app.releases[index], _blueprint(app, index, now)
    first, *others = [f"{app.repository}:{tag}" for tag in release.tags]
    image_id = engine.receive(blueprint, first, pinned=app.pinned)
    for reference in others:
        engine.tag(image_id, reference)
    return image_id


def _step(app: App, part: Part, number: int, index: int, release: DemoRelease) -> BlueprintStep:
    """Make a step; what a base has in common is the same layer in every application."""
    instruction = part.instruction.replace("{version}", release.version)
    if not part.size:
        return BlueprintStep(instruction)
    if not part.every:
        return _with_layer(instruction, "", part.size)
    generation = index // part.every
    size = part.size + part.size // 40 * generation + 13 * generation
    return _with_layer(instruction, f"{app.repository} {number} {generation}", size)


@cache  # releases share most of their layers
def _with_layer(instruction: str, seed: str, size: int) -> BlueprintStep:
    content = layer_content(instruction, seed, size, LAYERS_MADE)
    return BlueprintStep(instruction, Layer(f"sha256:{hashlib.sha256(content).hexdigest()}", size), content)


def _config(app: App, release: DemoRelease) -> Mapping[str, object]:
    environment = app.config.get("Env")
    lines = environment if isinstance(environment, list) else []
    name = app.repository.rpartition("/")[2]
    return {
        **app.config,
        "Env": [str(line).replace("{version}", release.version) for line in lines],
        "Labels": {
            "org.opencontainers.image.title": name,
            "org.opencontainers.image.version": release.version,
            "org.opencontainers.image.revision": digest_of(f"{name} {release.version}")[7:47],
            "org.opencontainers.image.source": f"https://git.example.com/{name}",
        },
    }


def _generated(now: int, images: int) -> Iterator[tuple[Blueprint, tuple[str, ...]]]:
    """Generate small images of 5 to 8 layers; the last ones of a repository were one `nightly` in turn."""
    bases = [_bulk_base(name) for name in _BULK_BASES]
    for start in range(0, images, _BULK_VERSIONS):
        number = start // _BULK_VERSIONS
        repository = f"bench/service-{number:03d}"
        count = min(_BULK_VERSIONS, images - start)
        deps = Layer(digest_of(f"{repository} deps"), 60_000 + 7 * number)
        steps = (*bases[number % len(bases)], BlueprintStep("COPY deps/ ./deps/ # buildkit", deps))
        config = {"WorkingDir": "/opt/app", "User": "app", "Labels": {"bench.population": "bench"}}
        for version in range(count):
            own = tuple(
                BlueprintStep(
                    text, Layer(digest_of(f"{repository} {version} {text}"), 1_000 + 37 * version + number)
                )
                for text in _BULK_STEPS[: 1 + (version + number) % len(_BULK_STEPS)]
            )
            created = now - 8 * DAY * (count - version) - 61 * number
            tags = _bulk_tags(version, count)
            yield Blueprint((*steps, *own), created, config), tuple([f"{repository}:{tag}" for tag in tags])


def _bulk_base(name: str) -> tuple[BlueprintStep, ...]:
    sizes = (2_400_000, 800_000, 30_000)
    return tuple(
        BlueprintStep(f"RUN /bin/sh -c {name} part {number}", Layer(digest_of(f"{name} {number}"), size))
        for number, size in enumerate(sizes)
    )


def _bulk_tags(version: int, count: int) -> tuple[str, ...]:
    numbered = max(1, count - _BULK_NIGHTLY)
    if version >= numbered:
        return ("nightly",) if version == count - 1 else ()
    return (f"1.{version}.0", *(("latest", "v1") if version == numbered - 1 else ()))
