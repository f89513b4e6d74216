"""What differs between two images as a whole: whether their content is the same, layers, configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

from imgtui.model.core.image import ImageConfig, ImageFacts, Layer


class Same(StrEnum):
    """Why two images have the same content."""

    IMAGE = "the same image"
    MANIFEST = "the same platform manifest"
    """The indexes differ: BuildKit puts what it attests of a build beside the image (containerd store)."""
    CONTENT = "the same layers and configuration"


@dataclass(frozen=True, slots=True)
class Side:
    """One of two images, as it was looked at."""

    image_id: str
    facts: ImageFacts
    """Secrets in it need not be masked: of a verdict only names of what differs come out."""
    manifest: str | None = None
    """Digest of the platform manifest, where the engine tells it."""


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """One setting of the configuration that is not the same: `environment PATH`, `command`."""

    what: str
    how: str
    """`added`, `removed`, `changed`."""


@dataclass(frozen=True, slots=True)
class TagEnd:
    """A tag that was to be moved, and where it points before and after."""

    reference: str
    before: str | None
    after: str | None

    @property
    def moved(self) -> bool:
        """Whether it points elsewhere now."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rebuild has changed."""

    old: str | None
    """Image ID; None where there is nothing to compare with."""
    new: str
    same: Same | None = None
    """Why the content is the same; None where it is not."""
    reused: tuple[Layer, ...] = ()
    """Layers at the bottom that both have: they are stored once."""
    fresh: tuple[Layer, ...] = ()
    """The layers of the new image above them."""
    left: tuple[Layer, ...] = ()
    """The layers of the old one above them."""
    changes: tuple[VerdictChange, ...] = ()
    sizes_certain: bool = True
    """False where an image does not say which instruction made which layer."""
    tags: tuple[TagEnd, ...] = ()
    kept: str | None = None
    """The keep that holds the new image until its tags are moved; None where they were."""


def verdict_of(old: Side | None, new: Side, tags: Sequence[TagEnd] = (), kept: str | None = None) -> Verdict:
    """Compare two images; without an old one everything is new."""
    layers = new.facts.layers
    if old is None:
        return Verdict(None, new.image_id, fresh=layers, tags=tuple(tags), kept=kept)
    shared = _shared(old.facts.layers, layers)
    changes = tuple(_changes(old.facts, new.facts))
    return Verdict(
        old.image_id,
        new.image_id,
        _same(old, new, changes),
        layers[:shared],
        layers[shared:],
        old.facts.layers[shared:],
        changes,
        old.facts.sizes_certain and new.facts.sizes_certain,
        tuple(tags),
        kept,
    )


def _same(old: Side, new: Side, changes: Sequence[VerdictChange]) -> Same | None:
    if old.image_id == new.image_id:
        return Same.IMAGE
    if old.manifest is not None and old.manifest == new.manifest:
        return Same.MANIFEST
    layers = [layer.diff_id for layer in old.facts.layers]
    equal = layers == [layer.diff_id for layer in new.facts.layers] and not changes
    return Same.CONTENT if equal and layers else None


def _shared(old: Sequence[Layer], new: Sequence[Layer]) -> int:
    """How many layers from the bottom on are the same: only those share a chain ID, and their bytes."""
    count = 0
    for one, other in zip(old, new, strict=False):
        if one.diff_id != other.diff_id:
            break
        count += 1
    return count


def _changes(old: ImageFacts, new: ImageFacts) -> Iterator[VerdictChange]:
    for what, one, other in (("platform", old.platform, new.platform), ("author", old.author, new.author)):
        yield from _changed(what, one, other)
    yield from _differences("environment", dict(old.config.env), dict(new.config.env))
    yield from _differences("label", old.config.labels, new.config.labels)
    for name in (each.name for each in fields(ImageConfig) if each.name not in {"env", "labels"}):
        yield from _changed(WORDS.get(name, name), getattr(old.config, name), getattr(new.config, name))


def _differences(kind: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[VerdictChange]:
    for name in sorted({*old, *new}):
        if name not in old:
            yield VerdictChange(f"{kind} {name}", "added")
        else:
            yield from _changed(f"{kind} {name}", old[name], new.get(name))


def _changed(what: str, old: object, new: object) -> Iterator[VerdictChange]:
    if old != new:
        yield VerdictChange(what, "added" if not old else "removed" if not new else "changed")


WORDS = {
    "cmd": "command",
    "entrypoint": "entry point",
    "working_dir": "working directory",
    "exposed_ports": "exposed ports",
    "stop_signal": "stop signal",
    "healthcheck": "health check",
    "healthcheck_options": "health check options",
    "onbuild": "instructions of builds on it",
}
"""What people call the fields of the configuration that have other names."""
