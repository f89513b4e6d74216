"""The files that differ between two images: rows of their tree, one of them in full, one line by line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from imgtui.model.compare.files import FilesDifference, Node, is_folder
from imgtui.model.compare.text import TextDifference
from imgtui.model.core.printable import printable
from imgtui.model.files.changes import Change, FileChange
from imgtui.model.files.entries import FileEntry, Kind
from imgtui.model.files.words import link_text, mode_text
from imgtui.ui.widgets.columns import Column
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.words import count, plural, size

COLUMNS: Final = (
    Column("", 1, rank=9),
    Column("BYTES", 9, rank=9, right=True),
    Column("WAS", 9, rank=3, right=True),
    Column("IS", 9, rank=4, right=True),
    Column("PATH", 34, rank=9, stretch=3),
    Column("DIFFERS", 16, rank=5, stretch=1),
)
SIGNS: Final = {Change.ADDED: "+", Change.CHANGED: "~", Change.REMOVED: "-"}
STYLES: Final = {Change.ADDED: "good", Change.CHANGED: "warn", Change.REMOVED: "bad"}
_LAST: Final = 253_402_300_799
"""The last second that Python's datetime knows."""


def summary(difference: FilesDifference, *, times: bool) -> str:
    """How many came, went, changed; how many only have another time."""
    counts = ", ".join(f"{count(difference.count(change))} {change.value}" for change in SIGNS)
    parts = [counts] if difference.content else ["no file differs in content"]
    if difference.times:
        key = "" if times else " (t shows them)"
        parts.append(f"{count(len(difference.times))} with another time alone{key}")
    return f" {'; '.join(parts)}"


def cells(node: Node, opened: Collection[str], *, flat: bool) -> Sequence[Span]:
    """A row: what became of it, bytes that differ, bytes in both, its name or path, what differs."""
    change = node.change
    sign = SIGNS[change.change] if change is not None else " "
    style = STYLES[change.change] if change is not None else ""
    if change is not None and change.differs == ("time",):
        sign, style = "·", "dim"
    name = "/" + node.path if flat else node.name
    if node.children and not flat:
        name = f"{'▾' if node.path in opened else '▸'} {name}/"
    indent = "" if flat else "  " * node.depth
    return (
        Span(sign, style),
        Span(size(node.bytes) if node.bytes else ""),
        Span(_size(change.a if change is not None else None), "dim"),
        Span(_size(change.b if change is not None else None), "dim"),
        Span(indent + printable(name, 2000), style),
        Span(_differs(node), "dim"),
    )


def _size(entry: FileEntry | None) -> str:
    return size(entry.size) if entry is not None and entry.kind is Kind.FILE else ""


def _differs(node: Node) -> str:
    change = node.change
    if change is not None and change.differs:
        return " ".join(change.differs)
    return plural(node.count, "file") if node.children else ""


def details(change: FileChange) -> list[Line]:
    """One path in full: as it was and as it is."""
    lines = [line(Span(f" /{printable(change.path, 2000)}", "strong"))]
    lines += _side("A", change.a, change)
    lines += _side("B", change.b, change)
    return lines


def _side(name: str, entry: FileEntry | None, change: FileChange) -> Iterator[Line]:
    if entry is None:
        yield line(Span(f" {name} not there", "dim"))
        return
    owner = f"{printable(entry.user, 40) or entry.uid}:{printable(entry.group, 40) or entry.gid}"
    parts = [mode_text(entry), owner, entry.kind.value.replace("_", " ")]
    if entry.kind is Kind.FILE:
        parts.append(size(entry.size))
        parts.append(f"sha256:{entry.digest.hex()[:12]}")
    parts.append(_when(entry.mtime))
    if entry.link:
        parts.append(printable(link_text(entry).strip(), 500))
    if entry.device is not None:
        parts.append("device {}:{}".format(*entry.device))
    if entry.xattrs:
        parts.append("xattrs " + printable(" ".join(key for key, _ in entry.xattrs), 200))
    layer = change.layer_a if name == "A" else change.layer_b
    if layer is not None:
        parts.append(f"layer {layer + 1}")
    yield line(Span(f" {name} ", "dim"), "  ".join(parts))


def _when(seconds: int) -> str:
    if not 0 <= seconds <= _LAST:
        return str(seconds)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def difference_lines(found: TextDifference) -> list[Line]:
    """The lines of a difference."""
    lines = [_difference_line(text) for text in found.lines]
    if not lines:
        lines = [line(Span(" What was compared is the same.", "dim"))]
    kind = [line(Span(" no text: as hexadecimal", "dim"))] if found.binary else []
    return [*kind, *lines, *([line(Span(f" {found.cut}", "warn"))] if found.cut else [])]


def _difference_line(text: str) -> Line:
    style = {"+": "good", "-": "bad", "@": "accent"}.get(text[:1], "")
    return line(Span(f" {text}", style))


def can_be_compared(change: FileChange | None) -> str | None:
    """Why the content of a row cannot be compared; None where it can."""
    if change is None or is_folder(change):
        return "this is a folder"
    kinds = {entry.kind for entry in (change.a, change.b) if entry is not None}
    if Kind.FILE not in kinds:
        return "this is no file"
    if change.change is Change.CHANGED and not {"content", "kind"} & set(change.differs):
        return f"the content is the same: only {' '.join(change.differs)} differs"
    return None
