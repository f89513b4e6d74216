"""The tab Overview: what a version is, what points at it, what it costs, who uses it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from imgtui.model.catalog.catalog import Catalog, Version
from imgtui.model.core.image import ImageFacts, Store
from imgtui.model.plans.plan import keeps_of
from imgtui.ui.explorer.hints import KeyOf
from imgtui.ui.explorer.knowledge import Knowledge
from imgtui.ui.explorer.rows import bound
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.words import ago, plural, size

LABEL = 15
OFTEN = 2
"""Digests that rebuilds have dropped, from which on it is worth a word."""
OCI = "org.opencontainers.image."
"""Annotation keys of the OCI image specification (annotations.md)."""


def overview(version: Version, facts: ImageFacts | None, known: Knowledge, key_of: KeyOf) -> list[Line]:
    """The lines of the tab; what is not known yet is left out."""
    return list(_lines(version, facts, known, key_of))


def field(label: str, *value: str | Span) -> Line:
    """A line with a label before it."""
    return line(Span(f" {label:<{LABEL}}", "dim"), *value)


def _lines(version: Version, facts: ImageFacts | None, known: Knowledge, key_of: KeyOf) -> Iterator[Line]:
    image, catalog = version.image, known.catalog
    if image.id not in catalog.images:
        yield line(Span(" The engine does not have this image any more; containers may still run it.", "bad"))
        where = known.where(image.id)
        if where.pull is not None:
            how = "It can be pulled again" if where.certain else "If it was pushed"
            yield line(Span(f" {how}: docker pull {where.pull}", "warn"))
    yield field("image ID", Span(image.id, "strong"))
    yield from _names(version, known)
    if image.manifest:
        yield field("manifest", image.manifest)
    if image.created:
        stamp = datetime.fromtimestamp(image.created, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        yield field("created", f"{stamp}, {ago(image.created, known.now)}")
    if (lost := known.lost(version.repository)) >= OFTEN:
        text = f"rebuilds have dropped {plural(lost, 'digest')} of {version.repository} from this engine:"
        yield field("unprotected", Span(text, "warn"))
        key = key_of("version.keep")
        rule = "a keep rule in config.toml"
        text = f"{key} keeps this one, {rule} the coming ones" if key else f"{rule} keeps the coming ones"
        yield field("", Span(text, "warn"))
    yield from _bytes(version, known)
    if image.platforms:
        yield field("platforms here", ", ".join(image.platforms))
    elif facts is not None and facts.platform:
        yield field("platform", facts.platform)
    yield from _users(version, catalog)
    if facts is not None:
        yield from _origin(facts)


def _names(version: Version, known: Knowledge) -> Iterator[Line]:
    catalog = known.catalog
    everywhere = catalog.images.get(version.image.id, version.image)
    for label, reference in zip(_labels("tags"), everywhere.tags, strict=False):
        yield field(label, Span(reference, "accent"))
    if not everywhere.tags:
        yield field("tags", Span("none now", "dim"))
    for name in version.former:
        proof = f"proof: {name.source}" if name.source else f"until {ago(name.until, known.now)}"
        yield field("was", f"{name.repository}:{name.tag}", Span(f"  {proof}", "dim"))
    for keep in keeps_of(everywhere):
        place = f" in {keep.repository}" if keep.repository not in {None, version.repository} else ""
        yield field("kept", Span(f"{known.kept_by(keep)}{place}, {ago(keep.made, known.now)}", "good"))
    if version.repository is None and (guess := known.guess(version.image.id)):
        yield field(
            "perhaps", f"{guess[0]}", Span(f"  a guess: {plural(guess[1], 'layer')} in common", "dim")
        )
    for label, digest in zip(_labels("repo digest"), everywhere.repo_digests, strict=False):
        yield field(label, digest)


def _bytes(version: Version, known: Knowledge) -> Iterator[Line]:
    image = version.image
    if image.id not in known.catalog.images:
        return
    yield field("size", f"{size(image.size)}", Span("  as the engine lists it", "dim"))
    if image.id not in known.tree:
        yield field("own bytes", Span("reading the layers…", "dim"))
        return
    own, shared = known.tree.own(image.id), known.tree.shared(image.id)
    exact = known.complete
    yield field(
        "own bytes", bound(own, exact=exact), Span("  what removing this image alone would free", "dim")
    )
    yield field("shared bytes", size(shared), Span("  in layers that other images hold too", "dim"))
    info = known.state.info
    if info is not None and info.store is Store.CONTAINERD:
        note = "own and shared count unpacked layers, each once; this store keeps compressed content besides"
        yield field("", Span(note, "dim"))


def _users(version: Version, catalog: Catalog) -> Iterator[Line]:
    users = catalog.containers_of.get(version.image.id, ())
    mounting = catalog.mounted_by.get(version.image.id, ())
    if mounting:
        names = ", ".join(user.name for user in mounting)
        yield field("mounted by", f"{plural(len(mounting), 'container')}: {names}")
    if not users:
        if not mounting:
            yield field("used by", Span("no container", "dim"))
        return
    drifting = [user for user in users if catalog.drifted(user)]
    yield field("used by", f"{plural(len(users), 'container')}: {', '.join(user.name for user in users)}")
    if drifting:
        text = f"{plural(len(drifting), 'container')} created from a tag that points at another image now"
        yield field("drift", Span(text, "warn"))
    if rebuilt := [user for user in users if catalog.rebuilt(user)]:
        text = f"{plural(len(rebuilt), 'container')} created from a tag that was rebuilt to the same content"
        yield field("rebuilt", Span(text, "accent"))


def _origin(facts: ImageFacts) -> Iterator[Line]:
    labels = facts.config.labels
    for key in ("title", "version", "revision", "source", "base.name"):
        if value := labels.get(OCI + key):
            yield field(key, value)
    if facts.author:
        yield field("author", facts.author)
    yield field("layers", plural(len(facts.layers), "layer"))


def _labels(first: str) -> Iterator[str]:
    yield first
    while True:
        yield ""
