"""What is taken out of an image goes into one new place, whatever the archive says."""

from __future__ import annotations

import os
import tarfile
import threading
from functools import partial
from pathlib import Path

import pytest

from imgtui.engine.archive.engine import ArchiveEngine
from imgtui.engine.archive.writing import sparse_header
from imgtui.engine.port.errors import EngineError, NotFound
from imgtui.engine.wire.facts import read_facts
from imgtui.model.files.tree import FileTree
from imgtui.model.files.view import FilesView, view_of
from imgtui.operations.files.extracting import NotExtracted, extract, extracting, leads_out, plan_extraction
from imgtui.operations.files.layer_files import files_of
from imgtui.operations.files.reading_files import MOST_SHOWN, read_file
from imgtui.operations.protocol.cancellation import Stopped
from imgtui.operations.tasks.jobs import Jobs
from imgtui.store.cached.cache import Cache
from tests.engine.archive.tars import (
    folder,
    hard_link,
    member,
    new_docker_archive,
    old_docker_archive,
    symlink,
    tar_of,
)
from tests.engines.waiting import PATIENCE, wait_until

LOWER = tar_of(
    folder("app/"),
    member("app/file", b"lower"),
    member("app/run", b"#!", mode=0o4755, mtime=1_700_000_000),
    hard_link("app/again", "app/run"),
)
UPPER = tar_of(
    member("app/file", b"upper"),
    member("app/deep/er/file", b"deep"),
    symlink("app/inside", "deep/er"),
    symlink("app/absolute", "/etc/passwd"),
    symlink("app/outside", "../../../etc"),
    symlink("app/self", "self"),
    symlink("app/dot", "."),
    symlink("app/through", "dot/../../etc"),
    member("app/null", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
    member("app/../../escape", b"out"),
    member("../escape", b"out"),
    member("app/sub/../../../escape", b"out"),
)


def opened(tmp_path: Path, *layers: bytes, old: bool = False) -> tuple[ArchiveEngine, str, FilesView]:
    """An archive of these layers, its image, and its files."""
    path = tmp_path / "image.tar"
    path.write_bytes((old_docker_archive if old else new_docker_archive)(layers))
    engine = ArchiveEngine(path)
    image_id = next(image.id for part in engine.list_images() for image in part.images)
    document = engine.document(image_id)
    assert document is not None
    diff_ids = [layer.diff_id for layer in read_facts(document).layers]
    tree = FileTree(files_of(engine, Cache(None).layer_lists, image_id, diff_ids))
    return engine, image_id, view_of(tree, len(diff_ids) - 1, aggregated=False)


def node(view: FilesView, path: str) -> int:
    found = view.tree.node(path)
    assert found is not None
    return found


def below(place: Path) -> set[str]:
    return {str(path.relative_to(place)) for path in place.rglob("*")}


@pytest.mark.parametrize("old", [False, True], ids=["new archive", "old archive"])
def test_a_folder_is_taken_out_without_what_leads_out_of_it(tmp_path: Path, old: bool) -> None:
    engine, image_id, view = opened(tmp_path, LOWER, UPPER, old=old)
    place = tmp_path / "here"
    place.mkdir()
    said = extract(engine, plan_extraction(image_id, view, node(view, "app")), place / "out")
    assert below(place / "out") == {
        "file", "run", "again", "deep", "deep/er", "deep/er/file", "inside", "self", "dot", "sub",
    }  # fmt: skip
    assert "left out" in said
    assert (place / "out/file").read_text() == "upper"
    assert (place / "out/inside/file").read_text() == "deep"
    assert (place / "out/run").stat().st_mode & 0o7777 == 0o755
    assert (place / "out/run").stat().st_mtime == 1_700_000_000
    assert (place / "out/again").samefile(place / "out/run")
    assert below(place) == {"out"} | {f"out/{path}" for path in below(place / "out")}


def test_one_file_is_taken_out_under_another_name(tmp_path: Path) -> None:
    engine, image_id, view = opened(tmp_path, LOWER, UPPER)
    extract(engine, plan_extraction(image_id, view, node(view, "app/file")), tmp_path / "other name")
    assert (tmp_path / "other name").read_text() == "upper"


@pytest.mark.parametrize("there", ["file", "folder", "dangling link"])
def test_what_is_there_is_never_overwritten(tmp_path: Path, there: str) -> None:
    engine, image_id, view = opened(tmp_path, LOWER, UPPER)
    target = tmp_path / "out"
    if there == "file":
        target.write_text("mine")
    elif there == "folder":
        target.mkdir()
    else:
        target.symlink_to(tmp_path / "nothing")
    before = below(tmp_path)
    with pytest.raises(NotExtracted, match="is there already: nothing was written"):
        extract(engine, plan_extraction(image_id, view, node(view, "app")), target)
    assert below(tmp_path) == before


def test_names_with_dots_in_the_way_cannot_be_chosen(tmp_path: Path) -> None:
    _, image_id, view = opened(tmp_path, LOWER, UPPER)
    for path in ("..", "app/.."):
        with pytest.raises(NotExtracted, match="no name that a file can have"):
            plan_extraction(image_id, view, node(view, path))
    with pytest.raises(NotExtracted):
        plan_extraction(image_id, view, node(view, "app/null"))


@pytest.mark.parametrize(
    ("name", "link", "out"),
    [
        ("a", "b", False), ("a", "./b//c", False), ("d/a", "../b", False), ("d/a", "..", False),
        ("a", "..", True), ("a", "../b", True), ("d/a", "../../b", True), ("a", "/etc", True),
        ("a", "b/../c", True), ("a", "b/../../c", True), ("a", "", True), ("a", "b\0c", True),
    ],
)  # fmt: skip
def test_a_link_leads_out_where_it_could(name: str, link: str, out: bool) -> None:
    assert leads_out(name, link) is out


def test_holes_stay_holes(tmp_path: Path) -> None:
    size = 3_000_000_000
    holes = sparse_header("holes", 5, size) + b"there".ljust(512, b"\0") + bytes(1024)
    engine, image_id, view = opened(tmp_path, holes)
    extract(engine, plan_extraction(image_id, view, node(view, "holes")), tmp_path / "out")
    stat = (tmp_path / "out").stat()
    assert stat.st_size == size
    assert stat.st_blocks * 512 < 1_000_000
    with (tmp_path / "out").open("rb") as file:
        assert file.read(8) == b"there\0\0\0"


def test_what_does_not_fit_on_the_disk_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    huge = sparse_header("huge", 0, 1 << 60) + bytes(1024)
    engine, image_id, view = opened(tmp_path, huge)
    with pytest.raises(NotExtracted, match="do not fit on that disk"):
        extract(engine, plan_extraction(image_id, view, node(view, "huge")), tmp_path / "out")
    assert below(tmp_path) == {"image.tar"}


def test_who_stops_it_leaves_nothing(tmp_path: Path) -> None:
    engine, image_id, view = opened(tmp_path, LOWER, UPPER)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped, match="nothing was written"):
        extract(engine, plan_extraction(image_id, view, node(view, "app")), tmp_path / "out", stop=stop)
    assert below(tmp_path) == {"image.tar"}


def test_a_folder_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    engine, image_id, view = opened(tmp_path, LOWER, UPPER)
    with pytest.raises(NotExtracted, match="cannot be written: No such file"):
        extract(engine, plan_extraction(image_id, view, node(view, "app")), tmp_path / "not/there")


def test_the_beginning_of_a_file_is_read_from_the_layer_that_has_it(tmp_path: Path) -> None:
    engine, image_id, view = opened(tmp_path, LOWER, UPPER)
    diff_ids = [files.diff_id for files in view.tree.layers if files is not None]
    assert [read_file(engine, image_id, each, "app/file").beginning for each in diff_ids] == [
        b"lower",
        b"upper",
    ]
    with pytest.raises(NotFound):
        read_file(engine, image_id, diff_ids[0], "app/deep/er/file")
    with pytest.raises(EngineError, match="has no layer"):
        read_file(engine, image_id, f"sha256:{'0' * 64}", "app/file")


def test_of_a_large_file_only_the_beginning_is_held(tmp_path: Path) -> None:
    content = os.urandom(1000) * 1500
    engine, image_id, view = opened(tmp_path, tar_of(member("large", content)))
    found = view.tree.layers[0]
    assert found is not None
    read = read_file(engine, image_id, found.diff_id, "large")
    assert (read.beginning, read.size) == (content[:MOST_SHOWN], 1_500_000)


def test_holes_are_zeros_where_they_are_looked_at(tmp_path: Path) -> None:
    holes = sparse_header("holes", 5, 10_000_000_000) + b"there".ljust(512, b"\0") + bytes(1024)
    engine, image_id, view = opened(tmp_path, holes)
    found = view.tree.layers[0]
    assert found is not None
    read = read_file(engine, image_id, found.diff_id, "holes")
    assert read.beginning == b"there".ljust(MOST_SHOWN, b"\0")
    assert read.size == 10_000_000_000


def test_who_ends_imgtui_in_the_middle_leaves_no_half_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, image_id, view = opened(tmp_path, LOWER)
    out = tmp_path / "out"
    out.mkdir()

    def slow(_: object, __: object, workshop: Path, ___: object, stop: threading.Event) -> Path:
        (workshop / "half").write_text("half")
        stop.wait()
        raise Stopped("nothing was written")

    monkeypatch.setattr("imgtui.operations.files.extracting._make", slow)
    jobs = Jobs(lambda _: None)
    wanted = plan_extraction(image_id, view, node(view, "app"))
    jobs.begin("extract /app", partial(extracting, engine, wanted, out / "app"))
    wait_until(lambda: any(out.glob(".imgtui-*/half")), "that it has begun")
    assert [job.title for job in jobs.running] == ["extract /app"]

    jobs.stop_all()

    assert jobs.wait(PATIENCE)
    assert [*out.iterdir()] == []
