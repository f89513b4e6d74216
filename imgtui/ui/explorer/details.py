"""The tabs Config and JSON."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from imgtui.engine.wire.facts import pretty
from imgtui.model.core.image import ImageFacts
from imgtui.model.safety.mask import MASK
from imgtui.ui.explorer.hints import KeyOf
from imgtui.ui.explorer.overview import field
from imgtui.ui.widgets.spans import Line, Span, line


def config(facts: ImageFacts, key_of: KeyOf) -> list[Line]:
    """What the image gives a container that says nothing else."""
    return list(_config(facts, key_of("secrets.reveal")))


def json_lines(document: str) -> list[Line]:
    """`inspect` and `history` as the engine gave them, without what moves with the tags."""
    return [line(f" {text}") for text in pretty(document)]


def _config(facts: ImageFacts, key: str | None) -> Iterator[Line]:
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
    yield from _pairs("environment", settings.env, key)
    yield from _pairs("labels", sorted(settings.labels.items()), key)


def _words(label: str, words: Sequence[str]) -> Iterator[Line]:
    if words:
        yield field(label, shlex.join(words))


def _listed(label: str, values: Sequence[str]) -> Iterator[Line]:
    for value in values:
        yield field(label, value)


def _pairs(title: str, pairs: Sequence[tuple[str, str]], key: str | None) -> Iterator[Line]:
    if not pairs:
        return
    masked = key is not None and any(MASK in value for _, value in pairs)
    yield line("")
    yield line(Span(f" {title}", "heading"), Span(f"   {key} shows masked values" if masked else "", "dim"))
    for name, value in pairs:
        yield line(Span(f"   {name}", "accent"), "=", Span(value, "warn" if MASK in value else ""))
