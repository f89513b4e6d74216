"""The files of images: every engine's export gives the lists that its own containers have."""

from __future__ import annotations

import hashlib
import io
import stat
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from imgtui.engine.port.errors import EngineError
from imgtui.engine.wire.facts import read_facts
from imgtui.model.files.entries import Kind, LayerFiles
from imgtui.model.files.tree import FileTree
from imgtui.model.files.union import Union, union
from imgtui.model.files.view import view_of
from imgtui.operations.files.extracting import extract, plan_extraction
from imgtui.operations.files.layer_files import files_of
from imgtui.operations.files.reading_files import read_file
from imgtui.operations.protocol.cancellation import Stopped
from imgtui.store.cached.cache import Cache
from imgtui.store.cached.layer_lists import LayerLists
from tests.engine.contract.hands import DockerHands, Hands
from tests.engines.archives import ArchiveImage, layer
from tests.engines.content import image_id as id_of
from tests.engines.content import write_context
from tests.engines.looked_at import not_on
from tests.engines.private import PrivateEngine

DOCKERFILE = """\
FROM scratch
ARG VERSION
COPY bin /bin
COPY etc /etc
COPY tree /tree
RUN ["/bin/busybox", "sh", "-c", "cd /tree; rm gone; rm -r folder; mkdir folder; echo new > folder/new; \\
 chmod 700 mode; ln one hard; ln -s nowhere soft; mknod null c 1 3; mkfifo pipe; echo 2 > changed"]
RUN ["/bin/busybox", "sh", "-c", "rm -r /tree/whole; echo 3 >> /tree/changed"]
LABEL org.opencontainers.image.version=$VERSION
CMD ["sh"]
"""


def write_tree(folder: Path) -> None:
    """What layers above change."""
    for name in ("gone", "mode", "one", "changed", "folder/old", "whole/a/b"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


@pytest.fixture
def lists() -> Iterator[LayerLists]:
    cache = Cache(None)
    yield cache.layer_lists
    cache.close()


@pytest.fixture(scope="module")
def built(real_engine: PrivateEngine) -> tuple[DockerHands, str]:
    """An engine, and an image that was built there of layers that change each other."""
    with tempfile.TemporaryDirectory() as name:
        write_context(Path(name), version="1", dockerfile=DOCKERFILE)
        write_tree(Path(name) / "tree")
        real_engine.docker("build", "-q", "-t", "files-of-images:1", "--build-arg", "VERSION=1", name)
    return DockerHands(real_engine), id_of(real_engine, "files-of-images:1")


def diff_ids(hands: Hands, image_id: str) -> list[str]:
    document = hands.engine.document(image_id)
    assert document is not None
    return [each.diff_id for each in read_facts(document).layers]


def test_the_union_of_the_layers_is_what_docker_export_has(
    built: tuple[DockerHands, str], lists: LayerLists
) -> None:
    hands, image_id = built
    found = union(files_of(hands.engine, lists, image_id, diff_ids(hands, image_id)))
    hands.real.docker("create", "--name", "files-of-images", image_id)
    try:
        with tempfile.NamedTemporaryFile() as file:
            hands.real.docker("export", "-o", file.name, "files-of-images")
            exported = of_export(Path(file.name).read_bytes())
    finally:
        hands.discard("files-of-images")
    mounted = {
        path for path in exported if path not in found.entries and path.split("/")[0] in MADE_BY_ENGINES
    }
    assert {path: of_entry(found, path) for path in found.entries} == {
        path: each for path, each in exported.items() if path not in mounted
    }


MADE_BY_ENGINES = frozenset({".dockerenv", "dev", "etc", "proc", "sys", "run"})
"""What an engine puts into every container: mount points and files of its own, also into `/etc`."""


def of_export(content: bytes) -> dict[str, tuple[object, ...]]:
    """What a container has, by Python's tarfile."""
    found: dict[str, tuple[object, ...]] = {}
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        for member in tar:
            path = member.name.strip("./") if member.name in {".", "./"} else member.name.removesuffix("/")
            if not path:
                continue
            target = tar.getmember(member.linkname) if member.islnk() else member
            file = tar.extractfile(target) if target.isreg() else None
            found[path] = (
                stat.filemode(target.mode | kind_of(target))[0],
                target.mode & 0o7777,
                target.uid,
                target.gid,
                member.linkname if member.issym() else "",
                None if file is None else digest(file.read()),
            )
    return found


def of_entry(found: Union, path: str) -> tuple[object, ...]:
    """The same of the union."""
    entry = found.resolved(path)
    assert entry is not None
    letters = {
        Kind.DIRECTORY: "d",
        Kind.SYMLINK: "l",
        Kind.CHARACTER_DEVICE: "c",
        Kind.FIFO: "p",
        Kind.FILE: "-",
    }
    link = entry.link if entry.kind is Kind.SYMLINK else ""
    return letters[entry.kind], entry.mode, entry.uid, entry.gid, link, entry.digest or None


def kind_of(member: tarfile.TarInfo) -> int:
    if member.isdir():
        return stat.S_IFDIR
    if member.issym():
        return stat.S_IFLNK
    if member.ischr():
        return stat.S_IFCHR
    return stat.S_IFIFO if member.isfifo() else stat.S_IFREG


def digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


@not_on("docker28-rootless", why="a user cannot make a device")
def test_every_layer_is_told_with_what_it_takes_away(
    built: tuple[DockerHands, str], lists: LayerLists
) -> None:
    hands, image_id = built
    layers = files_of(hands.engine, lists, image_id, diff_ids(hands, image_id))
    removed = [
        {entry.path for entry in files.entries if entry.kind is Kind.WHITEOUT} for files in layers[-2:]
    ]
    assert {"tree/gone"} <= removed[0]
    assert removed[1] == {"tree/whole"}
    null = next(entry for entry in layers[-2].entries if entry.path == "tree/null")
    assert (null.kind, null.device) == (Kind.CHARACTER_DEVICE, (1, 3))


@not_on("docker28-rootless", why="a user cannot make a device")
def test_a_file_is_read_and_a_folder_taken_out_as_they_are_in_the_image(
    built: tuple[DockerHands, str], lists: LayerLists, tmp_path: Path
) -> None:
    hands, image_id = built
    ids = diff_ids(hands, image_id)
    tree = FileTree(files_of(hands.engine, lists, image_id, ids))
    view = view_of(tree, len(ids) - 1, aggregated=False)
    found = tree.file("tree/changed", view.layer)
    assert found is not None
    assert read_file(hands.engine, image_id, ids[found[0]], "tree/changed").beginning == b"2\n3\n"
    node = tree.node("tree")
    assert node is not None
    said = extract(hands.engine, plan_extraction(image_id, view, node), tmp_path / "out")
    assert "2 entries left out" in said  # the device and the pipe
    assert {
        str(path.relative_to(tmp_path / "out")): path.read_text()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    } == {"mode": "mode", "one": "one", "hard": "one", "changed": "2\n3\n", "folder/new": "new\n"}
    assert (tmp_path / "out/mode").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "out/soft").readlink() == Path("nowhere")


def image_of(tag: str, *texts: str) -> ArchiveImage:
    """An image with a layer for each text."""
    return ArchiveImage([tag], [layer({f"file-{n}": text.encode()}) for n, text in enumerate(texts)], {})


def test_a_layer_is_read_once_in_its_life(hands: Hands, name: str, lists: LayerLists) -> None:
    one = hands.load(image_of(f"{name}:1", name, "one"))
    two = hands.load(image_of(f"{name}:2", name, "two"))
    first = files_of(hands.engine, lists, one, diff_ids(hands, one))
    told: list[int] = []
    second = files_of(
        hands.engine, lists, two, diff_ids(hands, two), lambda reading: told.append(reading.read)
    )
    assert first[0] == second[0]
    assert [names(files) for files in (*first, second[1])] == [["file-0"], ["file-1"], ["file-1"]]
    assert told[0] == 1
    read_again: list[int] = []
    files_of(hands.engine, lists, one, diff_ids(hands, one), lambda reading: read_again.append(reading.read))
    assert not read_again
    for image_id in (one, two):
        hands.remove(image_id, force=True)


def names(files: LayerFiles) -> list[str]:
    return [entry.path for entry in files.entries]


def test_an_image_that_is_gone_is_an_error_in_words(hands: Hands, lists: LayerLists) -> None:
    with pytest.raises(EngineError) as raised:
        files_of(hands.engine, lists, f"sha256:{'0' * 64}", ["sha256:1"])
    assert str(raised.value).isprintable()


def test_reading_is_stopped_from_another_thread(hands: Hands, name: str, lists: LayerLists) -> None:
    image_id = hands.load(image_of(f"{name}:stop", "x" * 3_000_000, "y"))
    stop = threading.Event()
    with pytest.raises(Stopped):
        files_of(hands.engine, lists, image_id, diff_ids(hands, image_id), lambda _: stop.set(), stop)
    assert len(files_of(hands.engine, lists, image_id, diff_ids(hands, image_id))) == 2
    hands.remove(image_id, force=True)
