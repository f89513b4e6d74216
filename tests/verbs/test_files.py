"""`imgtui files`, as a script and a person call it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from imgtui.arguments import read
from tests.engine.archive.tars import (
    digest,
    folder,
    gzipped,
    hard_link,
    member,
    new_docker_archive,
    oci_archive,
    symlink,
    tar_of,
    write_layout,
)
from tests.engine.archive.test_odd import HALF_CONFIG, ODD
from tests.verbs.command import call, environment

BASE = tar_of(
    folder("etc/"),
    member("etc/version", b"1" * 1000, mode=0o4755, uid=1, gid=2, mtime=1_700_000_000),
    member("etc/old", b"old" * 100),
    hard_link("etc/again", "etc/old"),
    symlink("bin", "usr/bin"),
)
TOP = tar_of(
    member("etc/version", b"2" * 500),
    member("etc/.wh.old"),
    member("caf\udce9", b"1", pax_headers={"SCHILY.xattr.user.a": "b"}),
)
LAYERS = [BASE, TOP]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "image.tar"
    path.write_bytes(new_docker_archive(LAYERS))
    return path


def files(home: Path, *arguments: object) -> dict[str, Any]:
    """What `imgtui files --json` prints."""
    done = call(environment(home), "files", *map(str, arguments), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_json_has_every_file_with_its_change_and_layer(archive: Path, tmp_path: Path) -> None:
    found = files(tmp_path, archive)
    assert found["layer"] is None
    assert [layer["diff_id"] for layer in found["layers"]] == [digest(layer) for layer in LAYERS]
    by_path = {each["path"]: each for each in found["files"]}
    assert {path: (each["change"], each["layer"]) for path, each in by_path.items()} == {
        "/bin": ("unchanged", 1), "/caf\\xe9": ("added", 2), "/etc": ("changed", 1),
        "/etc/again": ("unchanged", 1), "/etc/old": ("removed", 1), "/etc/version": ("changed", 2),
    }  # fmt: skip
    assert by_path["/etc/version"] == {
        "path": "/etc/version", "kind": "file", "size": 500, "mode": "0644", "owner": "0:0",
        "change": "changed", "layer": 2, "mtime": "1970-01-01T00:00:00+00:00", "digest": digest(b"2" * 500),
    }  # fmt: skip
    assert base64.b64decode(by_path["/caf\\xe9"]["path_base64"]) == b"/caf\xe9"
    assert by_path["/caf\\xe9"]["xattrs"] == {"user.a": "b"}
    assert by_path["/bin"]["link"] == "usr/bin"
    assert (by_path["/etc/again"]["kind"], by_path["/etc/again"]["link"]) == ("hard_link", "etc/old")
    assert by_path["/etc"]["size"] == 500


def test_one_layer_is_named_by_number_or_digest(archive: Path, tmp_path: Path) -> None:
    by_number = files(tmp_path, archive, "--layer", 2)
    assert by_number == files(tmp_path, archive, "--layer", digest(TOP)[7:15])
    assert [(each["path"], each["change"]) for each in by_number["files"]] == [
        ("/caf\\xe9", "added"), ("/etc/old", "removed"), ("/etc/version", "changed"),
    ]  # fmt: skip
    assert {each["change"] for each in files(tmp_path, archive, "--layer", 1)["files"]} == {"added"}


@pytest.mark.parametrize("layer", ["0", "3", "zz", "abc"])
def test_a_layer_that_is_not_there_is_a_usage_error(archive: Path, tmp_path: Path, layer: str) -> None:
    done = call(environment(tmp_path), "files", str(archive), "--layer", layer)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_waste_above_what_is_allowed_is_status_4(archive: Path, tmp_path: Path) -> None:
    found = files(tmp_path, archive)
    assert (found["wasted_bytes"], found["reclaimable_bytes"]) == (1800, 1300)
    assert [(each["path"], each["bytes"], each["reclaimable"]) for each in found["wasted"]] == [
        ("/etc/version", 1500, 1000),
        ("/etc/old", 300, 300),
    ]
    for option, value, status in (
        ("--max-wasted", "1300", 0), ("--max-wasted", "1299", 4), ("--max-wasted", "2kB", 0),
        ("--min-efficiency", "0.1", 0), ("--min-efficiency", "0.999", 4),
    ):  # fmt: skip
        done = call(environment(tmp_path), "files", str(archive), option, value)
        assert done.returncode == status, (option, value)
        assert done.stderr.count("\n") == (status == 4)


def test_the_table_can_be_read_and_printed_anywhere(archive: Path, tmp_path: Path) -> None:
    done = call(environment(tmp_path), "files", str(archive))
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["MODE", "OWNER", "SIZE", "LAYER", "PATH"]
    assert "/bin → usr/bin" in done.stdout
    assert next(line for line in lines if line.startswith("-")).endswith("/etc/old")
    assert "1,800 bytes wasted (1.8 kB), 1,300 of them reclaimable" in lines[-1]


@pytest.mark.parametrize("form", ["layout", "gzip", "packed"])
def test_archives_of_other_forms_have_the_same_files(form: str, archive: Path, tmp_path: Path) -> None:
    if form == "layout":
        other = write_layout(tmp_path / "layout", LAYERS)
    else:
        other = tmp_path / "other.tar.gz"
        packed = oci_archive(LAYERS, [gzipped(layer) for layer in LAYERS])
        other.write_bytes(packed if form == "gzip" else gzipped(archive.read_bytes()))
    assert files(tmp_path, other)["files"] == files(tmp_path, archive)["files"]


def test_of_several_images_one_has_to_be_named(tmp_path: Path) -> None:
    two = {"web:1": [BASE], "web:2": [TOP]}
    members = []
    manifest: list[object] = []
    for tag, layers in two.items():
        from tests.engine.archive.tars import config_of

        config = config_of(layers)
        members += [member(f"{tag[-1]}.json", config), member(f"{tag[-1]}/layer.tar", layers[0])]
        manifest.append({"Config": f"{tag[-1]}.json", "RepoTags": [tag], "Layers": [f"{tag[-1]}/layer.tar"]})
    path = tmp_path / "two.tar"
    path.write_bytes(tar_of(*members, member("manifest.json", json.dumps(manifest).encode())))
    done = call(environment(tmp_path), "files", str(path))
    assert done.returncode == 1
    assert "2 images are in it: name one, as PATH#web:1, web:2" in done.stderr
    assert len(files(tmp_path, f"{path}#web:2")["layers"]) == 1


@pytest.mark.parametrize(
    ("content", "said"), [(b"hello" * 300, "no tar"), (b"", "no image is in it"), (BASE, "no image is in it")]
)
def test_what_is_no_archive_is_one_line_and_status_1(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(content)
    done = call(environment(tmp_path), "files", str(path))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert said in done.stderr


def test_an_archive_that_is_not_there_is_not_taken_for_an_image(tmp_path: Path) -> None:
    done = call(environment(tmp_path), "files", "./nothing.tar")
    assert done.returncode == 1
    assert "nothing.tar cannot be read: No such file or directory" in done.stderr


def test_the_demo_has_files_too(tmp_path: Path) -> None:
    found = files(tmp_path, "--demo", "myapp:latest")
    assert found["wasted_bytes"] > 0
    assert {"/app/wsgi.py", "/bin/bash"} <= {each["path"] for each in found["files"]}


@pytest.mark.parametrize(
    ("words", "archive"),
    [
        (["image.tar"], "image.tar"), (["-H", "tcp://x", "./folder"], "./folder"), ([], None),
        (["ls"], None), (["--demo"], None), (["files", "image.tar"], None),
        (["--archive", "image.tar"], "image.tar"), (["--archive=image.tar"], "image.tar"),
    ],
)  # fmt: skip
def test_a_path_in_the_place_of_a_verb_opens_the_explorer_on_an_archive(
    words: list[str], archive: str | None
) -> None:
    options = read(words)
    assert options.archive == archive
    assert options.read_only is (archive is not None)


@pytest.mark.parametrize(
    ("text", "count"), [("0", 0), ("12", 12), ("20MB", 20_000_000), ("1 GiB", 1 << 30), ("3k", 3000)]
)
def test_bytes_are_given_plainly_or_with_a_unit(text: str, count: int) -> None:
    assert read(["files", "x", "--max-wasted", text]).max_wasted == count


@pytest.mark.parametrize(
    "arguments", [["--max-wasted", "many"], ["--min-efficiency", "2"], ["--max-wasted", "-1"]]
)
def test_what_is_no_limit_is_a_usage_error(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        read(["files", "x", *arguments])
    assert raised.value.code == 2


def written(place: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    return place


def test_what_is_no_image_is_told_beside_the_files_of_one(tmp_path: Path) -> None:
    layout = written(tmp_path / "layout", ODD["a Helm chart"][0])
    done = call(environment(tmp_path), "files", str(layout))
    assert done.returncode == 0
    assert "/etc/version" in done.stdout
    assert done.stderr.count("\n") == 1
    assert "is an artifact (application/vnd.cncf.helm.config.v1+json), not an image" in done.stderr


def test_of_an_image_that_lacks_a_layer_the_others_are_told(tmp_path: Path) -> None:
    layout = written(tmp_path / "layout", ODD["a missing layer"][0])
    images = call(environment(tmp_path), "files", str(layout))
    assert "2 images are in it" in images.stderr
    name = f"{layout}#{digest(HALF_CONFIG)}"
    done = call(environment(tmp_path), "files", name, "--json", "--max-wasted", "0")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert (found["efficiency"], found["wasted_bytes"], found["reclaimable_bytes"]) == (None, None, None)
    assert [layer["entries"] for layer in found["layers"]] == [1, None]
    assert "has no layer with the digest" in found["problem"]
    assert [each["path"] for each in found["files"]] == ["/etc", "/etc/version"]
    assert "is missing in the archive" in done.stderr
    assert "not all of it was read" in done.stderr
