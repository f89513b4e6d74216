"""What an engine and a builder remember of an image's past by themselves: none of it was observed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Traces:
    """What one image carries of its own past; a field is empty where the engine does not tell it."""

    last_tag: int = 0
    """When a tag was set on it last, nanoseconds since the epoch: no tag that it has is younger."""
    pulled_from: tuple[str, ...] = ()
    """Familiar repositories that it came from, or was pushed to since."""
    builds: tuple[int, ...] = ()
    """When builds on this engine made it, nanoseconds since the epoch, oldest first."""
    names: tuple[str, ...] = ()
    """Tagged familiar references that it has or had, newest first."""


@dataclass(frozen=True, slots=True)
class BuildRecords:
    """What is known of the build of one image."""

    record: BuildRecord | None = None
    """From the builder's history."""
    attested: BuildRecord | None = None
    """From the provenance beside the image."""
    not_asked: str = ""
    """Why the builder's history was left alone, in words."""


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """One finished build, as the builder's history tells it; it outlives the image. Secrets are masked."""

    ref: str
    """The builder's identifier of the build."""
    digest: str | None
    """Image ID of what it made; None where it failed, or made no image."""
    completed: int
    """Nanoseconds since the epoch."""
    started: int = 0
    names: tuple[str, ...] = ()
    """Tagged familiar references that the build gave the image, where its provenance says them."""
    title: str = ""
    """What the builder calls it."""
    context: str = ""
    """Absolute folder, or address; empty where it was built by another user or from another machine."""
    dockerfile: str = ""
    """Path in the context, or absolute; empty where that is not known."""
    target: str = ""
    platforms: tuple[str, ...] = ()
    arguments: tuple[tuple[str, str], ...] = ()
    """Build arguments, name and value."""
    labels: tuple[tuple[str, str], ...] = ()
    repository: str = ""
    """Address of the source repository."""
    revision: str = ""
    """Commit of the source."""
    network: str = ""
    """Of its `RUN` instructions: `none` or `host`; empty for the builder's own."""
    cache_from: tuple[str, ...] = ()
    """Where else it looked for layers, as `--cache-from` takes it."""
    secrets: tuple[str, ...] = ()
    """IDs of the secrets that it was given, where its provenance says them."""
    error: str = ""
    """Why it failed; empty where it did not."""
