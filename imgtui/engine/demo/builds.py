"""Builds of the demo: what its builder remembers, and what its sources have become since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep, digest_of
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.core.clock import SECOND
from imgtui.model.core.image import Layer
from imgtui.model.taglog.traces import BuildRecord


def source_of(repository: str) -> str:
    """Where the source of a repository is: nothing on this machine is named."""
    return f"https://git.example.com/{repository.rpartition('/')[2]}.git"


def remember_build(engine: MemoryEngine, repository: str, tags: tuple[str, ...], built: Blueprint) -> None:
    """Have the builder remember how a version was built, and its source one change further."""
    named = tuple(f"{repository}:{tag}" for tag in tags)
    context = source_of(repository)
    version = _version(built)
    for image in engine.find_images(named):
        engine.recorded[image.id] = BuildRecord(
            ref=digest_of(image.id)[7:32],
            digest=image.id,
            completed=built.created * SECOND,
            names=named,
            context=context,
            dockerfile="Dockerfile",
            arguments=(("VERSION", version),) if version else (),
            repository=context,
            revision=digest_of(f"{repository} {version}")[7:47],
        )
    engine.contexts[context] = replace(built, steps=tuple(_changed(built.steps)))


def _changed(steps: tuple[BlueprintStep, ...]) -> Iterator[BlueprintStep]:
    """The last layer is another one."""
    last = max((number for number, step in enumerate(steps) if step.layer is not None), default=-1)
    for number, step in enumerate(steps):
        if number == last and step.layer is not None:
            diff_id, size = digest_of(f"{step.layer.diff_id} changed"), step.layer.size + 4_096
            yield BlueprintStep(step.instruction, Layer(diff_id, size))
        else:
            yield step


def _version(built: Blueprint) -> str:
    labels = built.config.get("Labels")
    return str(labels.get("org.opencontainers.image.version", "")) if isinstance(labels, dict) else ""
