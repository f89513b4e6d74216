"""`imgtui files IMAGE|ARCHIVE`: the files of an image or of one of its layers, and what it wastes."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, NotFound
from imgtui.engine.wire.facts import read_facts
from imgtui.model.core.digest import short
from imgtui.model.core.image import ImageFacts
from imgtui.model.core.instruction import instruction
from imgtui.model.core.printable import printable
from imgtui.model.files.changes import Change
from imgtui.model.files.entries import Kind
from imgtui.model.files.view import FilesView, view_of
from imgtui.model.files.waste import Efficiency
from imgtui.model.files.words import link_text, mode_text
from imgtui.operations.files.layer_files import ReadTree, tree_of
from imgtui.store.cached.layer_lists import LayerLists
from imgtui.verbs.console.exact import as_bytes, exact_path, exact_text, is_utf8
from imgtui.verbs.console.odd import say_what_is_odd
from imgtui.verbs.console.output import Exit, RowsOf, print_error, print_json_list, print_table, put
from imgtui.verbs.console.progress import ReadingProgress
from imgtui.words import count, plural, size

TITLES = ("", "MODE", "OWNER", "SIZE", "LAYER", "PATH")
SIGNS = {Change.ADDED: "+", Change.CHANGED: "~", Change.REMOVED: "-", Change.UNCHANGED: ""}
_LAST = 253_402_300_799
"""The last second that Python's datetime knows."""


@dataclass(frozen=True, slots=True)
class FilesArguments:
    """What the call asks for."""

    image: str | None
    """A REF; None where an archive has only one image."""
    layer: str | None
    """Number from 1, the bottom one, or the beginning of a diff ID; None for all layers."""
    as_json: bool
    min_efficiency: float | None = None
    max_wasted: int | None = None
    """Bytes."""


def run(engine: Engine, lists: LayerLists, wanted: FilesArguments) -> Exit:
    """Print the files. FOUND where the image wastes more than it may. Raises EngineError."""
    engine.connect()
    say_what_is_odd(engine)
    image_id, facts = _image(engine, wanted.image)
    diff_ids = [layer.diff_id for layer in facts.layers]
    try:
        layer = None if wanted.layer is None else number_of(wanted.layer, diff_ids)
    except ValueError as error:
        print_error(str(error))
        return Exit.USAGE
    read = tree_of(engine, lists, image_id, diff_ids, ReadingProgress())
    tree = read.tree
    view = view_of(tree, len(tree.layers) - 1 if layer is None else layer, aggregated=layer is None)
    nodes = [node for node in view.all() if layer is None or view.is_touched(node)]
    if wanted.as_json:
        described = (dict(_file(view, node)) for node in nodes)
        print_json_list(describe(image_id, facts, read, layer), "files", described)
    else:
        print_table(TITLES, RowsOf(nodes, partial(_row, view)))
        if read.efficiency is not None:
            put(f"\n{words(read.efficiency)}\n")
    if read.efficiency is None:
        print_error(f"not all of it was read: {read.problem}")
        return Exit.FAILED
    return _judge(read.efficiency, wanted)


def number_of(text: str, diff_ids: Sequence[str]) -> int:
    """The number, from 0, of a layer that is named. Raises ValueError with a line that says why."""
    if text.isdigit() and len(text) < 4:
        if 1 <= int(text) <= len(diff_ids):
            return int(text) - 1
        raise ValueError(f"there is no layer {text}: this image has {plural(len(diff_ids), 'layer')}")
    digits = text.removeprefix("sha256:")
    matching = [number for number, diff_id in enumerate(diff_ids) if diff_id[7:].startswith(digits)]
    if len(digits) < 4 or not matching:
        raise ValueError(f"{text} is neither the number of a layer nor the beginning of its diff ID")
    return matching[0]


def describe(image_id: str, facts: ImageFacts, read: ReadTree, layer: int | None) -> dict[str, object]:
    """The JSON object of a call, but for its files."""
    steps = [entry.created_by for entry in facts.history if entry.diff_id]
    found = read.efficiency
    return {
        "image": image_id,
        "layer": None if layer is None else layer + 1,
        "efficiency": None if found is None else found.score,
        "wasted_bytes": None if found is None else found.wasted_bytes,
        "reclaimable_bytes": None if found is None else found.reclaimable_bytes,
        "wasted": [
            {
                "path": exact_path(waste.path),
                "times": waste.times,
                "bytes": waste.bytes,
                "reclaimable": waste.reclaimable,
            }
            for waste in (() if found is None else found.wasted)
        ],
        "problem": read.problem or None,
        "layers": [
            {
                "number": number,
                "diff_id": known.diff_id,
                "size": None if files is None else files.content,
                "entries": None if files is None else len(files.entries),
                "created_by": instruction(steps[number - 1]) if number <= len(steps) else "",
            }
            for number, (known, files) in enumerate(zip(facts.layers, read.tree.layers, strict=True), 1)
        ],
    }


def words(found: Efficiency) -> str:
    """Efficiency and waste in one line."""
    share = int(found.score * 10_000) / 100
    wasted, least = found.wasted_bytes, found.reclaimable_bytes
    return (
        f"efficiency {share:g} %, {count(wasted)} bytes wasted ({size(wasted)}),"
        f" {count(least)} of them reclaimable ({size(least)})"
    )


def _judge(found: Efficiency, wanted: FilesArguments) -> Exit:
    status = Exit.DONE
    if wanted.min_efficiency is not None and found.score < wanted.min_efficiency:
        print_error(f"the efficiency is {found.score:.4f}, below {wanted.min_efficiency:g}")
        status = Exit.FOUND
    if wanted.max_wasted is not None and found.reclaimable_bytes > wanted.max_wasted:
        print_error(f"{found.reclaimable_bytes} wasted bytes are reclaimable, more than {wanted.max_wasted}")
        status = Exit.FOUND
    return status


def _image(engine: Engine, name: str | None) -> tuple[str, ImageFacts]:
    """The image that is meant, and its facts. Raises EngineError."""
    if name is None:
        images = [image for part in engine.list_images() for image in part.images]
        if len(images) > 1:
            names = ", ".join(next(iter(image.tags), short(image.id)) for image in images[:5])
            raise EngineError(f"{plural(len(images), 'image')} are in it: name one, as PATH#{names}")
        image_id = images[0].id
    else:
        found = engine.image(name)
        if found is None:
            raise NotFound(f"nothing here is called {name}: imgtui ls shows what there is")
        image_id = found.id
    document = engine.document(image_id)
    if document is None:
        raise NotFound(f"the engine does not tell the facts of {short(image_id)}")
    try:
        return image_id, read_facts(document)
    except ValueError:
        raise EngineError(f"the facts of {short(image_id)} are no JSON") from None


def _row(view: FilesView, node: int) -> tuple[str, ...]:
    entry, origin = view.entry(node), view.origin(node)
    folder = "/" if view.is_folder(node) else ""
    return (
        SIGNS[view.change(node)],
        mode_text(entry),
        "" if entry is None else f"{entry.uid}:{entry.gid}",
        str(view.sizes[node]),
        "" if origin is None else str(origin + 1),
        printable(f"/{view.tree.paths[node]}") + folder + link_text(entry),
    )


def _file(view: FilesView, node: int) -> Iterator[tuple[str, object]]:
    entry, origin, path = view.entry(node), view.origin(node), view.tree.paths[node]
    yield "path", exact_path(path)
    yield "kind", (Kind.DIRECTORY if entry is None else entry.kind).value
    yield "size", view.sizes[node]
    yield "mode", None if entry is None else f"{entry.mode:04o}"
    yield "owner", None if entry is None else f"{entry.uid}:{entry.gid}"
    yield "change", view.change(node).value
    yield "layer", None if origin is None else origin + 1
    if not is_utf8(path):
        yield "path_base64", base64.b64encode(as_bytes(f"/{path}")).decode()
    if entry is None:
        return
    yield "mtime", _time(entry.mtime)
    yield "digest", entry.sha256
    if entry.link:
        yield "link", exact_text(entry.link)
    if entry.xattrs:
        yield "xattrs", {exact_text(name): exact_text(value) for name, value in entry.xattrs}
    if entry.device is not None:
        yield "device", list(entry.device)


def _time(seconds: int) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat() if 0 <= seconds <= _LAST else None
