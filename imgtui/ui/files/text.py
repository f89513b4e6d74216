"""The files of an image as lines: the tab, the rows of the tree, and what belongs to one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from imgtui.model.core.digest import short
from imgtui.model.core.instruction import instruction
from imgtui.model.core.printable import printable
from imgtui.model.files.changes import Change
from imgtui.model.files.entries import FileEntry, Kind
from imgtui.model.files.view import view_of
from imgtui.model.files.words import link_text, mode_text
from imgtui.ui.widgets.columns import Column
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.words import count, plural, size

if TYPE_CHECKING:
    from imgtui.model.core.image import ImageFacts
    from imgtui.model.files.view import FilesView
    from imgtui.model.files.waste import Efficiency
    from imgtui.operations.files.layer_files import Reading
    from imgtui.operations.files.updates import FilesUpdated

FILE_COLUMNS: Final = (
    Column("", 1, rank=9),
    Column("MODE", 10, rank=3),
    Column("OWNER", 11, rank=1),
    Column("SIZE", 9, rank=9, right=True),
    Column("NAME", 20, rank=9, stretch=1),
)
SIGNS: Final = {Change.ADDED: "+", Change.CHANGED: "~", Change.REMOVED: "-", Change.UNCHANGED: " "}
STYLES: Final = {Change.ADDED: "good", Change.CHANGED: "warn", Change.REMOVED: "gone", Change.UNCHANGED: ""}
LONGEST: Final = 150
"""Characters of an instruction."""
SHOWN_WASTE: Final = 100
"""Paths that waste which the tab lists."""
_LAST: Final = 253_402_300_799
"""The last second that Python's datetime knows."""


def files_lines(told: FilesUpdated | None) -> list[Line]:
    """The tab Files, as far as was read."""
    if told is None or told.tree is None:
        said = progress(told.reading) if told and told.reading else "reading…"
        return [line(Span(f" {said}", "dim"))]
    tree = told.tree
    lines: list[Line] = []
    if told.problem:
        lines.append(line(Span(f" not all of it was read: {told.problem}", "bad")))
    if told.reading is not None:
        lines.append(line(Span(f" {progress(told.reading)}", "warn")))
    if not tree.layers:
        return [*lines, line(Span(" This image has no layers.", "dim"))]
    view = view_of(tree, len(tree.layers) - 1, aggregated=False)
    lines.append(
        line(
            f" {plural(view.files, 'file')}, {size(view.sizes[0])}",
            Span(f" in {plural(sum(files is not None for files in tree.layers), 'layer')}", "dim"),
            Span("   enter: look around", "accent"),
        )
    )
    if told.efficiency is not None:
        lines.append(waste_line(told.efficiency))
    lines.append(line(""))
    lines += [[Span(" "), *row_spans(view, node)] for node in view.rows(())]
    if told.efficiency is not None and told.efficiency.wasted:
        lines += _waste(told.efficiency)
    return lines


def progress(reading: Reading) -> str:
    """How far it is, in one line."""
    entries = f", {plural(reading.entries, 'file')} of the next" if reading.entries else ""
    passed = f", {size(reading.bytes)} went by" if reading.bytes else ""
    return f"reading… {count(reading.read)} of {plural(reading.layers, 'layer')}{passed}{entries}"


def waste_line(found: Efficiency) -> Line:
    """Efficiency and wasted bytes."""
    return line(
        Span(" efficiency ", "dim"),
        percent(found.score),
        Span("   wasted ", "dim"),
        size(found.wasted_bytes),
        Span(f" in {plural(len(found.wasted), 'path')}, stored again or removed", "dim"),
        Span("   reclaimable ", "dim"),
        size(found.reclaimable_bytes),
    )


def percent(score: float) -> str:
    """`98.4 %`; never 100 for less than all."""
    return f"{int(score * 1000) / 10:g} %"


def row_spans(view: FilesView, node: int) -> Line:
    """A node without a table: sign, bytes, name."""
    change = view.change(node)
    name = printable(view.tree.name(node), 1000) + ("/" if view.is_folder(node) else "")
    style = STYLES[change]
    return [Span(f"{SIGNS[change]} {size(view.sizes[node]):>9}  ", style), Span(name, style)]


def file_cells(view: FilesView, node: int, opened: Collection[int] | None) -> Sequence[Span]:
    """The cells of a row of the tree; `opened` None is that all folders are open."""
    change, entry = view.change(node), view.entry(node)
    style = STYLES[change]
    name = printable(view.tree.name(node), 1000)
    if view.is_folder(node):
        mark = "▾ " if opened is None or node in opened else "▸ "
        name = f"{mark if view.tree.has_children(node) else '  '}{name}/"
    else:
        name = f"  {name}{link_text(entry)}"
    owner = "" if entry is None else f"{entry.uid}:{entry.gid}"
    quiet = style or "dim"
    return (
        Span(SIGNS[change], style),
        Span(mode_text(entry), quiet),
        Span(owner, quiet),
        Span(size(view.sizes[node]), style),
        Span("  " * view.depth(node) + name, style),
    )


def file_lines(view: FilesView, node: int, facts: ImageFacts | None) -> list[Line]:
    """A node in full: what it is, whose, what it holds, and which layer it is from."""
    entry, number = view.entry(node), view.origin(node)
    path = printable("/" + view.tree.paths[node])
    if entry is None:
        return [line(Span(f" {path}/", "strong"), Span("   a folder that no layer names", "dim"))]
    kind = entry.kind.value.replace("_", " ")
    return [
        line(Span(f" {path}", "strong"), Span(f"{link_text(entry)}   {kind}{_device(entry)}", "dim")),
        line(" ", Span(" ".join(_facts(entry)), "dim")),
        line(" ", Span(_origin(view, number, facts), "dim")),
    ]


def layer_text(number: int, facts: ImageFacts | None) -> str:
    """The instruction that made a layer, as far as it is known."""
    layers = [entry for entry in facts.history if entry.diff_id] if facts is not None else []
    return instruction(layers[number].created_by) if number < len(layers) else ""


def _facts(entry: FileEntry) -> Iterator[str]:
    yield f"{mode_text(entry)} {entry.mode:04o}"
    names = ":".join(printable(name, 64) for name in (entry.user, entry.group))
    yield f"{entry.uid}:{entry.gid}" + (f" ({names})" if names != ":" else "")
    yield moment(entry.mtime)
    if entry.kind is Kind.FILE:
        yield f"{count(entry.size)} B"
    if entry.sha256:
        yield entry.sha256
    for name, value in entry.xattrs:
        yield f"{printable(name, 100)}={printable(value, 100)}"


def _origin(view: FilesView, number: int | None, facts: ImageFacts | None) -> str:
    if number is None:
        return ""
    files = view.tree.layers[number]
    digest = short(files.diff_id) if files is not None else ""
    text = printable(layer_text(number, facts), LONGEST)
    return f"layer {number + 1} of {len(view.tree.layers)} {digest}  {text}"


def moment(seconds: int) -> str:
    """A time of a file in UTC; as a number where no calendar has it."""
    if not 0 <= seconds <= _LAST:
        return str(seconds)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _waste(found: Efficiency) -> Iterator[Line]:
    yield line("")
    yield line(Span(f"   {'WASTED':>9}  RECLAIMABLE  TIMES  PATH", "heading"))
    for waste in found.wasted[:SHOWN_WASTE]:
        yield line(
            Span(f"   {size(waste.bytes):>9}  {size(waste.reclaimable):>11}  {waste.times:>5}  ", "warn"),
            printable(f"/{waste.path}", 1000),
        )
    if (more := len(found.wasted) - SHOWN_WASTE) > 0:
        yield line(Span(f"   and {plural(more, 'path')} more: imgtui files --json lists all", "dim"))


def _device(entry: FileEntry) -> str:
    return f" {entry.device[0]}, {entry.device[1]}" if entry.device is not None else ""
