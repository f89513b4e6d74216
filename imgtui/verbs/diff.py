"""`imgtui diff A B`: what differs between two images, of an engine or of archives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from imgtui.engine.archive.engine import ArchiveEngine
from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, NotFound
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.compare.compare import Comparison, Setting, cause
from imgtui.model.compare.packages import PackagesDifference
from imgtui.model.compare.steps import StepChange
from imgtui.model.core.digest import short
from imgtui.model.core.image import HistoryEntry, Image, Store
from imgtui.model.core.instruction import instruction
from imgtui.model.core.printable import printable
from imgtui.model.files.changes import Change, FileChange
from imgtui.model.files.entries import FileEntry, Kind
from imgtui.model.plans.lookup import find_image
from imgtui.model.plans.plan import NotPossible
from imgtui.operations.compare.comparing import (
    ComparedFiles,
    Subject,
    compare_files,
    compare_images,
    compare_packages,
    tagged_layers,
)
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.scan import Look, everything
from imgtui.store.cached.cache import Cache
from imgtui.verbs.console.looking import look
from imgtui.verbs.console.odd import say_what_is_odd
from imgtui.verbs.console.output import Exit, print_error, print_json_list, print_table, put
from imgtui.verbs.console.progress import ReadingProgress
from imgtui.verbs.diff_json import describe, described_files
from imgtui.words import count, plural, size

Place = tuple[Path | None, str | None]
"""An archive, None for the engine, and a reference; None for the only image of an archive."""
SIGNS = {"same": "", "rebuilt": "~", "changed": "~", "added": "+", "removed": "-"}


@dataclass(frozen=True, slots=True)
class DiffArguments:
    """What the call asks for."""

    a: Place
    b: Place
    files: bool
    as_json: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """An image, and what it is called."""

    subject: Subject
    names: tuple[str, ...]


def run(engine: Engine, cache: Cache, recorder: Recorder, wanted: DiffArguments) -> Exit:
    """Print what differs; DONE whether or not anything does. Raises EngineError."""
    with ExitStack() as opened:
        seen: Look | None = None
        found: list[_Found] = []
        for archive, reference in (wanted.a, wanted.b):
            if archive is not None:
                found.append(_in_archive(opened.enter_context(closing(ArchiveEngine(archive))), reference))
                continue
            seen = seen or look(engine, recorder)
            try:
                found.append(_on_engine(engine, seen.info.store, seen.catalog, reference or ""))
            except NotPossible as error:
                print_error(str(error))
                return Exit.FAILED
        a, b = found
        tagged = [] if seen is None else tagged_layers(cache, seen.info.store, seen.catalog.tags)
        pair = compare_images(a.subject, b.subject, cache, tagged, recorder)
        files = packages = None
        if wanted.files:
            files = compare_files(pair, cache.layer_lists, ReadingProgress())
            packages = compare_packages(pair, files, ReadingProgress())
    if wanted.as_json:
        head = describe(pair.comparison, a.names, b.names, files, packages)
        print_json_list(head, "files", described_files(files))
    else:
        _print(pair.comparison, a.names, b.names, files, packages)
    return Exit.DONE


def _on_engine(engine: Engine, store: Store, catalog: Catalog, reference: str) -> _Found:
    image_id = find_image(catalog, reference).image_id
    image = catalog.images.get(image_id) or Image(image_id)
    return _Found(Subject(engine, store, image_id, image.manifest), image.tags)


def _in_archive(engine: ArchiveEngine, reference: str | None) -> _Found:
    """Raises NotFound, EngineError."""
    say_what_is_odd(engine)
    images = everything(engine).images
    if reference is not None:
        image = engine.image(reference)
        if image is None:
            raise NotFound(f"{printable(engine.path)} has no image {printable(reference, 200)}")
    elif len(images) == 1:
        image = next(iter(images.values()))
    else:
        names = ", ".join(next(iter(each.tags), short(each.id)) for each in list(images.values())[:5])
        path = printable(engine.path)
        raise EngineError(f"{path} has {plural(len(images), 'image')}: name one of {names}, as {path}#NAME")
    return _Found(Subject(engine, Store.ARCHIVE, image.id, image.manifest), image.tags)


def _print(
    comparison: Comparison,
    names_a: Sequence[str],
    names_b: Sequence[str],
    files: ComparedFiles | None,
    packages: PackagesDifference | None,
) -> None:
    for name, side, names in (("A", comparison.a, names_a), ("B", comparison.b, names_b)):
        put(f"{name}  {short(side.image_id)}  {' '.join(names)}".rstrip() + "\n")
    put(f"{comparison.words}\n")
    why = cause(comparison, files.difference if files is not None else None)
    if why is not None:
        put(f"what differs: {why.value}\n")
    _print_layers(comparison)
    if comparison.differing:
        put("\n")
        rows = [(SIGNS[each.change], each.key, *_values(each)) for each in comparison.differing]
        print_table(("", "CONFIGURATION", "A", "B"), rows)
    if files is not None:
        _print_files(files, packages)


def _print_layers(comparison: Comparison) -> None:
    stored = {layer.diff_id for layer in comparison.verdict.reused}
    rows: list[tuple[str, ...]] = []
    for step in comparison.steps:
        if step.change is StepChange.CHANGED:
            rows.append(("-", *_layer(step.a), "", "", _instruction(step.a)))
            rows.append(("+", "", "", *_layer(step.b), _instruction(step.b)))
            continue
        a, b = (entry.diff_id if entry is not None else None for entry in (step.a, step.b))
        sign = "=" if a is not None and a == b and a in stored else SIGNS[step.change.value]
        rows.append((sign, *_layer(step.a), *_layer(step.b), _instruction(step.b or step.a)))
    put("\n")
    print_table(("", "A", "SIZE", "B", "SIZE", "INSTRUCTION"), rows)


def _instruction(entry: HistoryEntry | None) -> str:
    return "" if entry is None else instruction(entry.created_by) or entry.comment


def _layer(entry: HistoryEntry | None) -> tuple[str, str]:
    if entry is None or entry.diff_id is None:
        return "", ""
    return short(entry.diff_id), size(entry.size)


def _values(setting: Setting) -> tuple[str, str]:
    import shlex

    a, b = (
        shlex.join(value) if isinstance(value, tuple) else value or "" for value in (setting.a, setting.b)
    )
    return a, f"{b} (what is masked differs)" if setting.behind_mask else b


def _print_files(files: ComparedFiles, packages: PackagesDifference | None) -> None:
    difference = files.difference
    put("\n")
    if difference.content:
        print_table(("", "A", "B", "PATH", "DIFFERS"), _Rows(difference.content))
    counts = ", ".join(
        f"{count(difference.count(change))} {change.value}"
        for change in (Change.ADDED, Change.REMOVED, Change.CHANGED)
    )
    put(f"{counts}; {count(len(difference.times))} with another time alone\n")
    if packages is not None and packages.changes:
        put("\n")
        versions = [
            (SIGNS[each.change], each.package.manager.value, each.package.name, each.a or "", each.b or "")
            for each in packages.changes
        ]
        print_table(("", "PACKAGES", "NAME", "A", "B"), versions)
    for reason in packages.not_read if packages is not None else ():
        put(f"{reason}\n")


class _Rows:
    """What differs, as rows that are made each time they are gone through."""

    def __init__(self, changes: Sequence[FileChange]) -> None:
        self._changes = changes

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        for change in self._changes:
            path, differs = printable(f"/{change.path}"), " ".join(change.differs)
            yield SIGNS[change.change.value], _size(change.a), _size(change.b), path, differs


def _size(entry: FileEntry | None) -> str:
    return "" if entry is None or entry.kind is Kind.DIRECTORY else str(entry.size)
