"""Takes a file or a folder of an image out to the disk: into one new file or folder, and nowhere else.

Everything is made in a folder of its own beside it, which nobody else can enter, files before links, so that
no link of the archive is ever followed; then it takes its name in one step. What an archive must not decide
is left out: owners, set-user-ID, devices, names with `..`, links that lead out.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from imgtui.engine.archive.content import read_contents
from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError
from imgtui.model.core.printable import printable
from imgtui.model.files.changes import Change
from imgtui.model.files.entries import FileEntry, Kind
from imgtui.model.files.view import FilesView
from imgtui.model.jobs.job import JobBar
from imgtui.operations.files.layer_files import Heard, Reading, exported
from imgtui.operations.protocol.cancellation import Stopped
from imgtui.words import plural, size

if TYPE_CHECKING:
    from imgtui.operations.tasks.jobs import Task

_PRIVATE: Final = 0o700


class NotExtracted(EngineError):
    """Nothing was written; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be made."""

    name: str
    """Path under the new folder; empty for that itself."""
    entry: FileEntry | None
    """None for a folder that no entry names."""
    source: tuple[str, str] | None = None
    """Diff ID and path of the content of a file."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """What is to be taken out."""

    image_id: str
    path: str
    items: tuple[Item, ...]
    """Folders before what is in them."""
    left_out: int
    """Entries that are not taken out: devices, and what would not stay inside."""

    @property
    def bytes(self) -> int:
        """Bytes that it will have; what has several names once."""
        return sum(
            {item.source: item.entry.size for item in self.items if item.source and item.entry}.values()
        )

    @property
    def name(self) -> str:
        """The name that it has in the image."""
        return self.path.rpartition("/")[2]


def plan_extraction(image_id: str, view: FilesView, node: int) -> Extraction:
    """What takes out a node and all that is in it, as a view has it. Raises NotExtracted."""
    tree = view.tree
    path = tree.paths[node]
    if path.rpartition("/")[2] in {"", ".", ".."}:
        raise NotExtracted("this has no name that a file can have")
    items: list[Item] = []
    left_out = 0
    for here in tree.below(node):
        if view.change(here) is Change.REMOVED or not view.is_there(here):
            continue
        item = _item(view, here, path)
        if item is None:
            left_out += 1
        else:
            items.append(item)
    if not items or items[0].name:
        raise NotExtracted(f"{printable(path, 200)} is nothing that can be taken out")
    return Extraction(image_id, path, tuple(items), left_out)


def extract(
    engine: Engine,
    wanted: Extraction,
    target: Path,
    heard: Heard = lambda _: None,
    stop: threading.Event | None = None,
) -> str:
    """Make `target`, which must not be there yet; what was made, in one line.

    Raises NotExtracted, Stopped, EngineError: then nothing is left.
    """
    if os.path.lexists(target):
        raise NotExtracted(f"{printable(target, 300)} is there already: nothing was written")
    try:
        if shutil.disk_usage(target.parent).free < wanted.bytes:
            raise NotExtracted(f"{size(wanted.bytes)} do not fit on that disk: nothing was written")
        workshop = Path(tempfile.mkdtemp(prefix=".imgtui-", dir=target.parent))
        try:
            made = _make(engine, wanted, workshop, heard, stop or threading.Event())
            _take_name(made, target)
        finally:
            _clear(workshop)
    except FileExistsError:
        raise NotExtracted(f"{printable(target, 300)} is there by now: nothing was written") from None
    except OSError as error:
        raise NotExtracted(
            f"{printable(target, 300)} cannot be written: {error.strerror or error}"
        ) from error
    files = sum(item.source is not None for item in wanted.items)
    left = f"; {plural(wanted.left_out, 'entry')} left out" if wanted.left_out else ""
    return f"{printable(target, 300)}: {plural(files, 'file')}, {size(wanted.bytes)}{left}"


def extracting(engine: Engine, wanted: Extraction, target: Path, task: Task) -> str:
    """Do it as a job. Raises what `extract` raises."""

    def heard(reading: Reading) -> None:
        layers = f"{reading.read} of {plural(reading.layers, 'layer')}"
        task.say(f"{layers}, {size(reading.bytes)} read", [JobBar("archive", "reading", reading.bytes)])

    task.say("the engine is asked")
    return extract(engine, wanted, target, heard, task.stop)


def _item(view: FilesView, node: int, top: str) -> Item | None:
    """What is made of a node; None for what is left out."""
    tree = view.tree
    path = tree.paths[node]
    name = path[len(top) + 1 :]
    entry = view.entry(node)
    if ".." in name.split("/") or "\0" in path:
        return None
    if entry is None or entry.kind is Kind.DIRECTORY:
        return Item(name, entry)
    if entry.kind is Kind.SYMLINK:
        return None if not name or leads_out(name, entry.link) else Item(name, entry)
    found = tree.file(path, view.layer)
    files = tree.layers[found[0]] if found is not None else None
    if found is None or files is None or found[1].kind is not Kind.FILE:
        return None
    return Item(name, found[1]._replace(path=path), (files.diff_id, found[1].path))


def leads_out(name: str, link: str) -> bool:
    """Whether a symbolic link could leave the folder that it is somewhere in.

    Folders on the way to it are no links themselves. `..` is harmless at its beginning, as far as there are
    folders to leave; after a name, which may be another link, nobody can tell where it leads.
    """
    parts = [part for part in link.split("/") if part not in {"", "."}]
    up = next((number for number, part in enumerate(parts) if part != ".."), len(parts))
    return link.startswith("/") or not link or "\0" in link or ".." in parts[up:] or up > name.count("/")


class _Staged:
    """A file in the workshop, under a number."""

    def __init__(self, folder: Path, number: int) -> None:
        self.path = folder / str(number)
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        self._file: IO[bytes] = os.fdopen(handle, "wb", buffering=0)

    def write(self, offset: int, piece: bytes) -> None:
        """A hole stays a hole."""
        self._file.seek(offset)
        while piece:
            piece = piece[self._file.write(piece) :]

    def close(self, size: int) -> None:
        """The end may be a hole."""
        self._file.truncate(size)
        self._file.close()


def _make(engine: Engine, wanted: Extraction, workshop: Path, heard: Heard, stop: threading.Event) -> Path:
    """Make all of it in the workshop; where it is."""
    staged = _fetch(engine, wanted, workshop, heard, stop)
    top = workshop / "made"
    links: list[tuple[Path, str]] = []
    for item in wanted.items:
        place = top / item.name if item.name else top
        if item.source is not None:
            _put(staged[item.source], place, item.entry)
        elif item.entry is not None and item.entry.kind is Kind.SYMLINK:
            links.append((place, item.entry.link))
        else:
            place.mkdir(mode=(item.entry.mode & 0o777 if item.entry else 0) | _PRIVATE)
    for place, link in links:
        place.symlink_to(link)
    return top


def _fetch(
    engine: Engine, wanted: Extraction, workshop: Path, heard: Heard, stop: threading.Event
) -> Mapping[tuple[str, str], Path]:
    """The contents, as files with numbers for names."""
    by_layer: dict[str, set[str]] = {}
    for item in wanted.items:
        if item.source is not None:
            by_layer.setdefault(item.source[0], set()).add(item.source[1])
    if not by_layer:
        return {}
    folder = workshop / "staged"
    folder.mkdir(mode=_PRIVATE)
    numbers = iter(range(1 << 62))
    done = 0

    def told(passed: int, _: int) -> None:
        if stop.is_set():
            raise Stopped("stopped by hand: nothing was written")
        heard(Reading(done, len(by_layer), passed))

    found: dict[tuple[str, str], Path] = {}
    with exported(engine, [wanted.image_id], stop) as archive:
        for diff_id, taken in read_contents(
            archive, by_layer, lambda *_: _Staged(folder, next(numbers)), told
        ):
            done += 1
            for path, file in taken.items():
                found[diff_id, path] = file.path
    missing = next(
        (path for diff_id, paths in by_layer.items() for path in paths if (diff_id, path) not in found), None
    )
    if missing is not None:
        raise NotExtracted(f"{printable(missing, 200)} is not in its layer: nothing was written")
    return found


def _put(staged: Path, place: Path, entry: FileEntry | None) -> None:
    """A file at its place; hard links of the archive are hard links, where the file system has them."""
    try:
        os.link(staged, place)
    except FileExistsError:
        raise
    except OSError:
        with staged.open("rb") as source, place.open("xb") as made:
            _copy(source, made)
    if entry is not None:
        place.chmod(entry.mode & 0o777)
        with suppress(OSError, OverflowError):  # a time that the file system does not know
            os.utime(place, (entry.mtime, entry.mtime))


def _copy(source: IO[bytes], made: IO[bytes]) -> None:
    """Copy a file, with its holes."""
    handle = source.fileno()
    end = os.fstat(handle).st_size
    for start, stop in _stored(handle, end):
        source.seek(start)
        made.seek(start)
        left = stop - start
        while left and (piece := source.read(min(left, 1 << 18))):
            made.write(piece)
            left -= len(piece)
    made.truncate(end)


def _stored(handle: int, end: int) -> Iterator[tuple[int, int]]:
    """Where a file is no hole."""
    at = 0
    while at < end:
        try:
            start = os.lseek(handle, at, os.SEEK_DATA)
        except OSError:  # nothing but a hole is left
            return
        at = os.lseek(handle, start, os.SEEK_HOLE)
        yield start, at


def _take_name(made: Path, target: Path) -> None:
    """A link does not replace a file that came meanwhile, as a rename does; nor a folder one with content."""
    if made.is_dir():
        made.rename(target)
        return
    try:
        os.link(made, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(target):
            raise FileExistsError from None
        made.rename(target)


def _clear(workshop: Path) -> None:
    shutil.rmtree(workshop, ignore_errors=True)
