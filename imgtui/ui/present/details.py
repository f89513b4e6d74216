"""The tabs Config, Containers and JSON."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from imgtui.engine.facts import pretty
from imgtui.model.catalog import Catalog, Version
from imgtui.model.digest import short
from imgtui.model.image import Container, ImageFacts
from imgtui.model.mask import MASK
from imgtui.ui.present.overview import field
from imgtui.ui.present.spans import Line, Span, line


def config(facts: ImageFacts) -> list[Line]:
    """What the image gives a container that says nothing else."""
    return list(_config(facts))


def containers(version: Version, catalog: Catalog) -> list[Line]:
    """The containers created from this image, with the tag each came from and where that points now."""
    users = catalog.containers_of.get(version.image.id, ())
    if not users:
        return [line(Span(" No container was created from this image.", "dim"))]
    width = max(len(user.name) for user in users)
    heading = f" {'NAME':<{width}}  {'STATE':<12} {'CREATED FROM':<28} THAT TAG NOW"
    return [line(Span(heading, "heading")), *(_container(user, width, catalog) for user in users)]


def json_lines(document: str) -> list[Line]:
    """`inspect` and `history` as the engine gave them, without what moves with the tags."""
    return [line(f" {text}") for text in pretty(document)]


def _config(facts: ImageFacts) -> Iterator[Line]:
    settings = facts.config
    yield field("platform", facts.platform)
    yield from _words("entrypoint", settings.entrypoint)
    yield from _words("command", settings.cmd)
    for label, value in (
        ("user", settings.user),
        ("workdir", settings.working_dir),
        ("stop signal", settings.stop_signal),
    ):
        if value:
            yield field(label, value)
    yield from _listed("port", settings.exposed_ports)
    yield from _listed("volume", settings.volumes)
    yield from _words("health check", settings.healthcheck)
    yield from _words("shell", settings.shell)
    yield from _pairs("environment", settings.env)
    yield from _pairs("labels", sorted(settings.labels.items()))


def _words(label: str, words: Sequence[str]) -> Iterator[Line]:
    if words:
        yield field(label, shlex.join(words))


def _listed(label: str, values: Sequence[str]) -> Iterator[Line]:
    for value in values:
        yield field(label, value)


def _pairs(title: str, pairs: Sequence[tuple[str, str]]) -> Iterator[Line]:
    if not pairs:
        return
    masked = any(MASK in value for _, value in pairs)
    yield line("")
    yield line(Span(f" {title}", "heading"), Span("   x shows masked values" if masked else "", "dim"))
    for name, value in pairs:
        yield line(Span(f"   {name}", "accent"), "=", Span(value, "warn" if MASK in value else ""))


def _container(user: Container, width: int, catalog: Catalog) -> Line:
    came_from = user.created_from or "an image ID"
    now = catalog.tag_now(user)
    if user.created_from is None:
        state = Span("")
    elif now is None:
        state = Span("gone", "warn")
    elif now == user.image_id:
        state = Span("this image", "good")
    else:
        state = Span(f"{short(now)}  drift", "warn")
    return line(f" {user.name:<{width}}  ", f"{user.state:<12} ", f"{came_from:<28} ", state)
