"""The immutable facts of an image, from the JSON of `inspect` and `history`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from imgtui.engine.wire.answers import Entry, entries
from imgtui.engine.wire.translate import image_id, inspected_config, items, mapping, number, text
from imgtui.model.core.image import HistoryEntry, ImageConfig, ImageFacts, Layer
from imgtui.model.core.printable import printable

VOLATILE = ("RepoTags", "RepoDigests", "Metadata", "Identity")
"""Fields of `inspect` that move with the tags: no facts of the image."""

MAKES_NONE = "EmptyLayer"
"""Beside the fields of an engine's history: whether an entry made no layer, where that is known."""

INSTRUCTION_LIMIT = 8192

NO_LAYER = re.compile(
    r"^(?:/bin/sh -c )?(?:#\(nop\)\s+)?"
    r"(?:ARG|CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|SHELL|STOPSIGNAL|USER|VOLUME)\b"
)
"""Instructions that only change the configuration (Dockerfile reference)."""


def checked_inspect(raw: object) -> Mapping[str, object]:
    """`/images/{name}/json` as it came, if it is that of an image: it is kept for ever. Raises WrongShape."""
    entry = Entry(raw)
    entry.image_id("Id")
    entry.needed_entry("RootFS").texts("Layers")  # an image without a layer has no list of them
    inspected_config(raw)
    for key in ("Architecture", "Os", "Variant", "Author", "Comment", "Created"):
        entry.raw_text(key)
    return entry.raw


def checked_history(raw: object) -> list[Mapping[str, object]]:
    """`/images/{name}/history` as it came. Raises WrongShape."""
    steps = entries(raw)
    for step in steps:
        step.needed_number("Created")
        step.needed_number("Size")
        step.raw_text("CreatedBy")
        step.raw_text("Comment")
    return [step.raw for step in steps]


def to_document(inspect: object, history: object, *, reveal: bool = False) -> str:
    """Both answers as one JSON text, without what can change; secrets masked unless `reveal`."""
    steady = {key: value for key, value in mapping(inspect).items() if key not in VOLATILE}
    if descriptor := mapping(steady.get("Descriptor")):
        # Of an image that was loaded its annotations are the name it was loaded under (Docker 28.5).
        steady["Descriptor"] = {key: value for key, value in descriptor.items() if key != "annotations"}
    entries = [
        {key: value for key, value in mapping(entry).items() if key != "Tags"} for entry in items(history)
    ]
    document: object = {"inspect": steady, "history": entries}
    if not reveal:
        from imgtui.model.safety.secrets import (
            mask_document,  # its patterns take 8 ms: not before the first paint
        )

        document = mask_document(document)
    return json.dumps(document, separators=(",", ":"))


def mask_again(document: str) -> str:
    """A document of `to_document`, perhaps of long ago, with what is known to be a secret by now masked."""
    from imgtui.model.safety.secrets import mask_document

    try:
        content: object = json.loads(document)
    except ValueError:
        return document
    return json.dumps(mask_document(content), separators=(",", ":"))


def read_facts(document: str) -> ImageFacts:
    """The facts in a document that `to_document` made.

    Raises ValueError when the text is no JSON.
    """
    content = mapping(json.loads(document))
    inspect = mapping(content.get("inspect"))
    diff_ids = [text(value, 160) for value in items(mapping(inspect.get("RootFS")).get("Layers"))]
    oldest_first = [mapping(entry) for entry in reversed(items(content.get("history")))]
    made, certain = _makers(oldest_first, len(diff_ids))
    sizes = [number(entry.get("Size")) for entry, makes in zip(oldest_first, made, strict=True) if makes]
    untold = max(0, len(diff_ids) - len(sizes))
    # Engines count layers from the bottom on, whatever is missing in the history (moby `ImageHistory`).
    sizes += [0] * untold
    layers = tuple(map(Layer, diff_ids, sizes))
    remaining = iter(layers[untold:])
    history = [HistoryEntry(0, "", layer.size, diff_id=layer.diff_id) for layer in layers[:untold]]
    for entry, makes in zip(oldest_first, made, strict=True):
        layer = next(remaining, None) if makes else None
        history.append(
            HistoryEntry(
                created=number(entry.get("Created")),
                created_by=text(entry.get("CreatedBy"), INSTRUCTION_LIMIT),
                size=number(entry.get("Size")) if layer is None else layer.size,
                comment=text(entry.get("Comment"), 512),
                diff_id=None if layer is None else layer.diff_id,
            )
        )
    return ImageFacts(
        id=image_id(inspect.get("Id")),
        architecture=text(inspect.get("Architecture"), 64),
        os=text(inspect.get("Os"), 64),
        variant=text(inspect.get("Variant"), 64),
        author=text(inspect.get("Author"), 512),
        comment=text(inspect.get("Comment"), 512),
        created=text(inspect.get("Created"), 64),
        layers=layers,
        history=tuple(history),
        config=_config(mapping(inspect.get("Config"))),
        sizes_certain=certain,
    )


def config_of(document: str) -> Mapping[str, object] | None:
    """The `Config` in a document that `to_document` made, values masked as they are there; None for none."""
    try:
        inspect = mapping(mapping(json.loads(document)).get("inspect"))
    except (ValueError, RecursionError):
        return None
    return mapping(inspect.get("Config")) or None


def _makers(entries: Sequence[Mapping[str, object]], layers: int) -> tuple[list[bool], bool]:
    """Which entries of a history, oldest first, made a layer: archives tell it, engines do not."""
    told = [entry.get(MAKES_NONE) for entry in entries]
    if entries and all(isinstance(none, bool) for none in told):
        return [not none for none in told], True
    return which_made_layers(
        [(text(entry.get("CreatedBy"), 256), number(entry.get("Size"))) for entry in entries], layers
    )


def which_made_layers(entries: Sequence[tuple[str, int]], layers: int) -> tuple[list[bool], bool]:
    """Which instructions (text, bytes), oldest first, made a layer, and whether that is certain.

    The API tells the bytes of each instruction, not whether its layer exists (`empty_layer` of
    the OCI image configuration is not passed on). An instruction with bytes has one; of those
    without, so many as are missing, if they are known to make layers. Where there are fewer
    (`buildah --omit-history`, images of nix), nothing is told of the lowest layers: a base is what builders
    leave out. It is certain when no choice was left that could give a layer other bytes.
    """
    made = [size > 0 for _, size in entries]
    missing = layers - sum(made)
    if missing <= 0:
        return made, missing == 0
    candidates = [
        index
        for index, (instruction, size) in enumerate(entries)
        if not size and not NO_LAYER.match(instruction)
    ]
    certain = len(candidates) == missing
    for index in candidates[:missing]:
        made[index] = True
    return made, certain


def pretty(document: str) -> list[str]:
    """The document as indented lines that are safe for a terminal."""
    content = json.dumps(json.loads(document), indent=2, ensure_ascii=False)
    return [printable(line, 2000) for line in content.splitlines()]


def _config(raw: Mapping[str, object]) -> ImageConfig:
    labels = mapping(raw.get("Labels"))
    pairs = [text(value).partition("=") for value in items(raw.get("Env"))]
    return ImageConfig(
        env=tuple((name, value) for name, _, value in pairs),
        entrypoint=_strings(raw.get("Entrypoint")),
        cmd=_strings(raw.get("Cmd")),
        user=text(raw.get("User"), 256),
        working_dir=text(raw.get("WorkingDir")),
        exposed_ports=tuple(text(port, 64) for port in mapping(raw.get("ExposedPorts"))),
        volumes=tuple(text(path) for path in mapping(raw.get("Volumes"))),
        labels={text(name, 512): text(value) for name, value in labels.items()},
        stop_signal=text(raw.get("StopSignal"), 64),
        healthcheck=_strings(mapping(raw.get("Healthcheck")).get("Test")),
        healthcheck_options=tuple(_healthcheck_options(mapping(raw.get("Healthcheck")))),
        shell=_strings(raw.get("Shell")),
        onbuild=_strings(raw.get("OnBuild")),
    )


def _healthcheck_options(raw: Mapping[str, object]) -> Iterator[str]:
    """Durations are told in nanoseconds (Docker Engine API, `HealthConfig`)."""
    for name in ("Interval", "Timeout", "StartPeriod", "StartInterval"):
        if value := number(raw.get(name)):
            yield f"{name} {value / 1e9:g} s"
    if retries := number(raw.get("Retries")):
        yield f"Retries {retries}"


def _strings(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (text(value),)
    return tuple(text(part) for part in items(value))
