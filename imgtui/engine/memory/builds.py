"""Builds of an engine in memory: a context is what its image will be made of."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from imgtui.engine.memory.acts import MemoryActs
from imgtui.engine.memory.blueprint import Blueprint
from imgtui.engine.port.errors import EngineError
from imgtui.model.build.build import Build, BuilderFound, BuilderKind, BuildProgress
from imgtui.model.containers.compose import Service
from imgtui.model.core.layers import chain_ids
from imgtui.model.core.reference import Reference
from imgtui.model.jobs.job import JobBar
from imgtui.model.taglog.traces import BuildRecord, BuildRecords

SECONDS = 0.1
"""How long a step says that it took."""


class MemoryBuilds(MemoryActs):
    """Builds, and what is known of those that were. A test can have each step wait for a gate."""

    build_gate: threading.Event | None = None
    _built = 0

    @cached_property
    def contexts(self) -> dict[str, Blueprint]:
        """By folder or address: what is built from it. What is not there cannot be built."""
        return {}

    @cached_property
    def recorded(self) -> dict[str, BuildRecord]:
        """What the builder remembers, by image ID."""
        return {}

    @cached_property
    def services(self) -> dict[str, Mapping[str, object]]:
        """What the Compose files of all projects say, by service."""
        return {}

    def builder(self) -> BuilderFound:
        """BuildKit, by whose rules images are made here."""
        self._reach()
        return BuilderFound(BuilderKind.BUILDKIT)

    def build_records(self, image_id: str) -> BuildRecords:
        """What was recorded."""
        self._reach()
        return BuildRecords(self.recorded.get(image_id))

    def compose_service(self, service: Service) -> Mapping[str, object]:
        """What the Compose files say."""
        self._reach()
        return self.services.get(service.name, {})

    def start_build(self, build: Build) -> MemoryBuilding:
        """Begin a build."""
        self._change()
        return MemoryBuilding(build, self._ingredients, self._finish_build, self._hold)

    def _ingredients(self, build: Build) -> tuple[Blueprint, int]:
        """What the image will be made of, and how many of its layers are here."""
        blueprint = self.contexts.get(build.context)
        if blueprint is None:
            raise EngineError(f"unable to prepare context: path {build.context} not found")
        chain = chain_ids([layer.diff_id for layer in blueprint.layers])
        with self._lock:
            known = [self._images.blueprint(image.id) for image in self._images]
        here = {
            chain_id
            for made in known
            if made is not None
            for chain_id in chain_ids([layer.diff_id for layer in made.layers])
        }
        self._built += 1
        given = replace(blueprint, provenance=f"build {self._built}")
        return given, 0 if build.no_cache else sum(chain_id in here for chain_id in chain)

    def _finish_build(self, build: Build, blueprint: Blueprint) -> str:
        tags = () if build.look_first else build.tags
        return self.build(blueprint, *(Reference.parse(tag).familiar for tag in tags))

    def _hold(self, closed: threading.Event) -> None:
        """Wait for the gate; then the engine may be gone."""
        gate = self.build_gate
        while gate is not None and not gate.wait(0.01) and not closed.is_set():
            self._reach()
        self._reach()


class MemoryBuilding:
    """A build in memory."""

    image_id = ""

    def __init__(
        self,
        build: Build,
        made_of: Callable[[Build], tuple[Blueprint, int]],
        finish: Callable[[Build, Blueprint], str],
        pause: Callable[[threading.Event], None],
    ) -> None:
        self._build = build
        self._made_of = made_of
        self._finish = finish
        self._pause = pause
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[BuildProgress]:
        """Step by step; then the tags move."""
        blueprint, here = self._made_of(self._build)
        names = [step.instruction for step in blueprint.steps if step.layer is not None]
        for done, name in enumerate(names):
            state = "cached" if done < here else "done"
            ended = "CACHED" if state == "cached" else f"DONE {SECONDS}s"
            yield BuildProgress(_bars(names, here, done), (f"#{done + 1} {name}",))
            self._pause(self._closed)
            if self._closed.is_set():
                return
            yield BuildProgress(_bars(names, here, done + 1), (f"#{done + 1} {ended}",))
        self.image_id = self._finish(self._build, blueprint)

    def close(self) -> None:
        """Nothing is made."""
        self._closed.set()


def _bars(names: list[str], here: int, done: int) -> tuple[JobBar, ...]:
    def state(number: int) -> str:
        if number < done:
            return "cached" if number < here else "done"
        return "running" if number == done else "waiting"

    states = [state(number) for number in range(len(names))]
    return tuple(
        JobBar(f"[{number + 1}/{len(names)}] {name}", told, seconds=SECONDS if told == "done" else None)
        for number, (name, told) in enumerate(zip(names, states, strict=True))
    )
