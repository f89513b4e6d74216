"""Compares of images that real engines built, against what docker itself says of them."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from imgtui.engine.archive.engine import ArchiveEngine
from imgtui.engine.wire.facts import read_facts
from imgtui.model.compare.compare import DifferenceCause, cause
from imgtui.model.compare.packages import Manager
from imgtui.model.compare.steps import StepChange
from imgtui.model.core.image import Store
from imgtui.model.core.instruction import instruction
from imgtui.operations.compare.comparing import (
    ComparedFiles,
    Pair,
    Subject,
    compare_file,
    compare_files,
    compare_images,
    compare_packages,
)
from imgtui.operations.taglog.scan import everything
from imgtui.store.cached.cache import Cache
from tests.engine.contract.hands import DockerHands
from tests.engines.content import image_id as id_of
from tests.engines.content import write_context
from tests.engines.private import PrivateEngine

pytestmark = pytest.mark.in_turn

DOCKERFILE = """\
FROM scratch
ARG VERSION
COPY bin /bin
COPY packages /lib/apk/db
COPY tree /tree
ENV PASSWORD=secret-$VERSION MODE=same
COPY etc /etc
RUN ["/bin/busybox", "sh", "-c", "cd /tree; mkdir -p made/of; echo $VERSION > made/of/$VERSION; \\
 touch same; ln one hard-$VERSION; ln -s target-$VERSION soft; rm gone-$VERSION; rm -r folder-$VERSION; \\
 chmod 7${VERSION}0 mode; chown $VERSION owned; mkfifo pipe-$VERSION"]
LABEL version=$VERSION both=same
EXPOSE 8$VERSION/tcp
USER $VERSION
WORKDIR /tree
CMD ["sh", "-c", "echo $VERSION"]
"""
NAME = "compare-contract"


def write(folder: Path, version: str) -> None:
    """A build context of a version."""
    write_context(folder, version=version, dockerfile=DOCKERFILE)
    for name in ("one", "same", "mode", "owned", "gone-1", "gone-2", "folder-1/a/b", "folder-2/c", "binary"):
        path = folder / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (folder / "tree" / "text").write_text(f"first\n{version}\nlast\n")
    (folder / "tree" / "binary").write_bytes(bytes(range(256)) * 40 + version.encode())
    (folder / "packages").mkdir()
    (folder / "packages" / "installed").write_text(f"P:musl\nV:1.2.{version}\n\nP:zlib\nV:1.3\n\n")


def build(engine: PrivateEngine, version: str, tag: str, *options: str) -> str:
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), version)
        engine.docker("build", "-q", "-t", tag, "--build-arg", f"VERSION={version}", *options, name)
    return id_of(engine, tag)


@pytest.fixture(scope="module")
def two(real_engine: PrivateEngine) -> Iterator[tuple[DockerHands, str, str]]:
    """An engine, and two versions of one Dockerfile that were built there."""
    hands = DockerHands(real_engine)
    hands.engine.connect()
    yield hands, build(real_engine, "1", f"{NAME}:1"), build(real_engine, "2", f"{NAME}:2")
    hands.engine.close()


@pytest.fixture
def cache() -> Iterator[Cache]:
    kept = Cache(None)
    yield kept
    kept.close()


def subject(hands: DockerHands, image_id: str) -> Subject:
    return Subject(hands.engine, hands.store, image_id, everything(hands.engine).images[image_id].manifest)


@pytest.fixture
def pair(two: tuple[DockerHands, str, str], cache: Cache) -> Pair:
    hands, one, other = two
    return compare_images(subject(hands, one), subject(hands, other), cache)


@pytest.fixture
def files(pair: Pair, cache: Cache) -> ComparedFiles:
    return compare_files(pair, cache.layer_lists)


def inspected(engine: PrivateEngine, tag: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(engine.docker("image", "inspect", tag))[0]
    return found


def test_layers_are_those_of_docker_inspect(two: tuple[DockerHands, str, str], pair: Pair) -> None:
    a, b = (inspected(two[0].real, f"{NAME}:{n}")["RootFS"]["Layers"] for n in (1, 2))
    shared = 0
    while a[shared] == b[shared]:
        shared += 1
    comparison = pair.comparison
    assert 0 < shared < len(a)
    assert [layer.diff_id for layer in comparison.verdict.reused] == a[:shared]
    assert [layer.diff_id for layer in comparison.only_a] == [each for each in a if each not in b]
    assert [layer.diff_id for layer in comparison.only_b] == [each for each in b if each not in a]


def test_the_configuration_that_differs_is_that_of_docker_inspect(
    two: tuple[DockerHands, str, str], pair: Pair
) -> None:
    a, b = (inspected(two[0].real, f"{NAME}:{n}")["Config"] for n in (1, 2))
    expected: set[tuple[str, str]] = set()
    for field, key in (("User", "user"), ("Cmd", "command"), ("WorkingDir", "working directory")):
        expected |= {(key, "changed")} if a.get(field) != b.get(field) else set()
    for kind, sides in (
        ("environment", [dict(each.split("=", 1) for each in config["Env"]) for config in (a, b)]),
        ("label", [config["Labels"] for config in (a, b)]),
    ):
        for name in {*sides[0], *sides[1]}:
            if sides[0].get(name) != sides[1].get(name):
                how = "added" if name not in sides[0] else "removed" if name not in sides[1] else "changed"
                expected.add((f"{kind} {name}", how))
    if a["ExposedPorts"] != b["ExposedPorts"]:
        expected.add(("exposed ports", "changed"))
    assert {(each.key, each.change) for each in pair.comparison.differing} == expected
    assert ("environment PASSWORD", "changed") in expected


def test_secrets_are_nowhere_in_what_is_told(pair: Pair) -> None:
    (password,) = [each for each in pair.comparison.differing if each.key == "environment PASSWORD"]
    assert password.behind_mask
    assert "secret-" not in repr(pair.comparison)


def test_instructions_are_those_of_docker_history_each_once(
    two: tuple[DockerHands, str, str], pair: Pair
) -> None:
    hands, one, other = two
    steps = pair.comparison.steps
    for image_id, found in (
        (one, [step.a for step in steps if step.a is not None]),
        (other, [step.b for step in steps if step.b is not None]),
    ):
        told = hands.real.docker("history", "--no-trunc", "--format", "{{json .}}", image_id).splitlines()
        assert len(found) == len(told)
        document = hands.engine.document(image_id)
        assert document is not None
        assert found == list(read_facts(document).history)
    by_text = {instruction(step.b.created_by).split()[0]: step.change for step in steps if step.b is not None}
    # Podman writes the variable into the history, not its value.
    as_written = hands.store is Store.PODMAN
    assert by_text["USER"] is (StepChange.SAME if as_written else StepChange.CHANGED)
    assert next(step.change for step in steps if step.b and "/bin" in step.b.created_by) is StepChange.SAME


Exported = dict[str, tuple[object, ...]]


def exported(engine: PrivateEngine, tag: str) -> Exported:
    """Every path of a container of an image, by `docker export`: what it is, content, mode, owner, target."""
    found: Exported = {}
    engine.docker("create", "--name", NAME, tag, "true")
    with tempfile.NamedTemporaryFile() as file:
        engine.docker("export", "-o", file.name, NAME)
        engine.docker("rm", "--force", NAME)
        archive = Path(file.name).read_bytes()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            resolved = tar.getmember(member.linkname) if member.islnk() else member
            content = tar.extractfile(resolved) if resolved.isfile() else None
            found[member.name.rstrip("/").removeprefix("./")] = (
                resolved.type,
                hashlib.sha256(content.read()).hexdigest() if content is not None else "",
                resolved.mode & 0o7777,
                resolved.uid,
                resolved.gid,
                resolved.linkname if resolved.issym() else "",
            )
    found.pop("", None)
    return found


def test_the_files_that_differ_are_those_of_docker_export(
    two: tuple[DockerHands, str, str], files: ComparedFiles
) -> None:
    a, b = (exported(two[0].real, f"{NAME}:{n}") for n in (1, 2))
    expected = {
        **dict.fromkeys(b.keys() - a.keys(), "added"),
        **dict.fromkeys(a.keys() - b.keys(), "removed"),
        **{path: "changed" for path in a.keys() & b.keys() if a[path] != b[path]},
    }
    assert {each.path: each.change.value for each in files.difference.content} == expected
    assert {
        "tree/made/of/1": "removed", "tree/hard-2": "added", "tree/soft": "changed", "tree/mode": "changed",
        "tree/owned": "changed", "tree/text": "changed", "tree/folder-2/c": "removed",
        "etc/version": "changed",
    }.items() <= expected.items()  # fmt: skip
    assert "tree/same" not in expected
    assert cause_of(files, two) is DifferenceCause.CONTENT


def cause_of(files: ComparedFiles, two: tuple[DockerHands, str, str]) -> DifferenceCause | None:
    kept = Cache(None)
    with closing(kept):
        found = compare_images(subject(two[0], two[1]), subject(two[0], two[2]), kept)
        return cause(found.comparison, files.difference)


def test_a_file_is_compared_line_by_line_or_as_hexadecimal(pair: Pair, files: ComparedFiles) -> None:
    text = compare_file(pair, files, "tree/text")
    assert text.lines == ("@@ -1,4 +1,4 @@", " first", "-1", "+2", " last", " ")
    binary = compare_file(pair, files, "tree/binary")
    assert binary.binary
    changed = [line[:13] for line in binary.lines if line[0] in "-+"]
    assert changed == ["-00002800  31", "+00002800  32"]


def test_packages_are_those_of_the_database(pair: Pair, files: ComparedFiles) -> None:
    found = compare_packages(pair, files)
    assert [(each.package.manager, each.package.name, each.a, each.b) for each in found.changes] == [
        (Manager.APK, "musl", "1.2.1", "1.2.2")
    ]
    assert found.not_read == ()


def test_a_layer_is_read_once_for_ever(pair: Pair, files: ComparedFiles, cache: Cache) -> None:
    """The second compare works without the engine."""
    engine = ArchiveEngine.__new__(ArchiveEngine)  # any call of it would fail
    blind = Pair(
        Subject(engine, Store.GRAPH, pair.a.image_id),
        Subject(engine, Store.GRAPH, pair.b.image_id),
        pair.comparison,
    )
    assert compare_files(blind, cache.layer_lists) == files


def test_an_archive_and_the_engine_it_is_from_have_the_same(
    two: tuple[DockerHands, str, str], cache: Cache, tmp_path: Path
) -> None:
    hands, one, other = two
    path = tmp_path / "one.tar"
    hands.real.docker("save", "-o", str(path), f"{NAME}:1")
    with closing(ArchiveEngine(path)) as archive:
        (image,) = everything(archive).images.values()
        saved = Subject(archive, Store.GRAPH, image.id)
        same = compare_images(saved, subject(hands, one), cache)
        assert same.comparison.verdict.same is not None
        found = compare_images(saved, subject(hands, other), cache)
        direct = compare_images(subject(hands, one), subject(hands, other), cache)
        assert found.comparison.differing == direct.comparison.differing
        assert compare_files(found, cache.layer_lists).difference.content == (
            compare_files(direct, cache.layer_lists).difference.content
        )


def test_the_same_recipe_built_again_differs_in_times_alone(
    two: tuple[DockerHands, str, str], cache: Cache
) -> None:
    hands, one, _ = two
    again = build(hands.real, "1", f"{NAME}:again", "--no-cache")
    assert again != one
    found = compare_images(subject(hands, one), subject(hands, again), cache)
    compared = compare_files(found, cache.layer_lists)
    assert compared.difference.content == ()
    assert cause(found.comparison, compared.difference) is DifferenceCause.TIMES
