"""A comparison as JSON: fields may be added, and are never renamed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from imgtui.model.compare.compare import Comparison, Setting, cause
from imgtui.model.compare.packages import PackagesDifference
from imgtui.model.compare.steps import ComparedStep
from imgtui.model.core.image import HistoryEntry, Layer
from imgtui.model.files.changes import FileChange
from imgtui.model.files.entries import FileEntry, Kind
from imgtui.operations.compare.comparing import ComparedFiles
from imgtui.verbs.console.exact import exact_path, exact_text


def describe(
    comparison: Comparison,
    names_a: Sequence[str],
    names_b: Sequence[str],
    files: ComparedFiles | None = None,
    packages: PackagesDifference | None = None,
) -> dict[str, object]:
    """The JSON object of a comparison, but for its files: full digests, bytes; lists are never null."""
    verdict = comparison.verdict
    only_a, only_b = comparison.only_a, comparison.only_b
    shared = list(comparison.b.facts.layers)
    for layer in only_b:
        shared.remove(layer)
    difference = files.difference if files is not None else None
    why = cause(comparison, difference)
    content = difference.content if difference is not None else ()
    return {
        "a": _image(comparison.a.image_id, comparison.a.manifest, comparison.a.facts.created, names_a),
        "b": _image(comparison.b.image_id, comparison.b.manifest, comparison.b.facts.created, names_b),
        "summary": comparison.words,
        "identical_content": verdict.same is not None,
        "cause": why.value if why is not None else None,
        "base": _base(comparison),
        "shared_layers": [layer.diff_id for layer in shared],
        "only_a": [layer.diff_id for layer in only_a],
        "only_b": [layer.diff_id for layer in only_b],
        "shared_bytes": _bytes(shared),
        "only_a_bytes": _bytes(only_a),
        "only_b_bytes": _bytes(only_b),
        "stored_once_bytes": _bytes(verdict.reused),
        "config": [_setting(setting) for setting in comparison.differing],
        "history": [_step(step) for step in comparison.steps],
        "files_compared": files is not None,
        "folders_changed": [
            {"path": exact_path(change.path), "differs": list(change.differs)}
            for change in content
            if _stays_folder(change)
        ],
        "only_time": [exact_path(change.path) for change in (difference.times if difference else ())],
        "packages": _packages(packages),
        "packages_not_read": list(packages.not_read) if packages is not None else [],
    }


def described_files(files: ComparedFiles | None) -> Iterator[dict[str, object]]:
    """The files that differ."""
    content = files.difference.content if files is not None else ()
    return (dict(_file(change)) for change in content if not _stays_folder(change))


def _image(image_id: str, manifest: str | None, created: str, names: Sequence[str]) -> dict[str, object]:
    return {"id": image_id, "manifest": manifest, "created": created or None, "tags": list(names)}


def _base(comparison: Comparison) -> dict[str, object] | None:
    change = comparison.base
    if change is None:
        return None
    return {
        side: None if base is None else {"name": base.name or None, "digest": base.digest or None}
        for side, base in (("a", change.a), ("b", change.b))
    }


def _bytes(layers: Sequence[Layer]) -> int:
    return sum(layer.size for layer in layers)


def _setting(setting: Setting) -> dict[str, object]:
    a, b = (list(value) if isinstance(value, tuple) else value for value in (setting.a, setting.b))
    return {"key": setting.key, "change": setting.change, "a": a, "b": b, "masked": setting.behind_mask}


def _step(step: ComparedStep) -> dict[str, object]:
    return {"change": step.change.value, "a": _entry(step.a), "b": _entry(step.b)}


def _entry(entry: HistoryEntry | None) -> Mapping[str, object] | None:
    if entry is None:
        return None
    return {"created_by": entry.created_by, "layer": entry.diff_id, "size": entry.size}


def _stays_folder(change: FileChange) -> bool:
    """Whether it is a folder in both images."""
    kinds = {entry.kind if entry is not None else None for entry in (change.a, change.b)}
    return kinds == {Kind.DIRECTORY}


def _file(change: FileChange) -> Iterator[tuple[str, object]]:
    present = change.b or change.a
    yield "path", exact_path(change.path)
    yield "change", change.change.value
    yield "kind", present.kind.value if present is not None else None
    for side, entry in (("a", change.a), ("b", change.b)):
        yield f"size_{side}", None if entry is None else entry.size
    yield "differs", list(change.differs)
    for side, entry in (("a", change.a), ("b", change.b)):
        yield side, None if entry is None else dict(_details(entry))


def _details(entry: FileEntry) -> Iterator[tuple[str, object]]:
    yield "mode", f"{entry.mode:04o}"
    yield "owner", f"{entry.uid}:{entry.gid}"
    yield "mtime", entry.mtime
    yield "digest", entry.sha256
    if entry.link:
        yield "link", exact_text(entry.link)
    if entry.xattrs:
        yield "xattrs", {exact_text(name): exact_text(value) for name, value in entry.xattrs}


def _packages(found: PackagesDifference | None) -> list[dict[str, object]]:
    return [
        {
            "manager": each.package.manager.value,
            "name": each.package.name,
            "place": f"/{each.package.place}" if each.package.place else None,
            "change": each.change,
            "a": each.a,
            "b": each.b,
        }
        for each in (found.changes if found is not None else ())
    ]
