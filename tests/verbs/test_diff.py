"""`imgtui diff`, as a script and a person call it: on archives and on an engine in memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imgtui.engine.demo.engine import demo_engine
from imgtui.store.cached.cache import Cache
from imgtui.verbs import diff
from imgtui.verbs.console.output import Exit
from tests.engine.archive.tars import digest, folder, gzipped, member, symlink, tar_of, write_layout
from tests.engines.archives import ArchiveImage, docker_archive
from tests.operations.listening import made
from tests.verbs.calling import Caller
from tests.verbs.command import call, environment

BASE = tar_of(folder("etc/", mtime=1), member("etc/same", b"same"), member("etc/touched", b"x", mtime=1))
OLD = tar_of(member("etc/text", b"old", mode=0o600), member("gone/file", b"1"), folder("gone/"))
NEW = tar_of(
    folder("etc/", mtime=2),
    member("etc/text", b"newer"),
    member("etc/touched", b"x", mtime=2),
    symlink("link", "etc/text"),
    member("caf\udce9", b"1"),
)
A = ArchiveImage(["app:1"], [BASE, OLD], {"Env": ["MODE=1", "API_TOKEN=hunter2"], "Cmd": ["a", "b"]})
B = ArchiveImage(["app:2"], [BASE, NEW], {"Env": ["MODE=2", "API_TOKEN=hunter3"], "User": "app"})


@pytest.fixture
def archives(tmp_path: Path) -> tuple[str, str]:
    """Two archives, one image in each."""
    paths = []
    for name, image in (("a.tar", A), ("b.tar.gz", B)):
        content = docker_archive([image])
        (tmp_path / name).write_bytes(gzipped(content) if name.endswith("gz") else content)
        paths.append(str(tmp_path / name))
    return paths[0], paths[1]


def compared(home: Path, *arguments: str) -> dict[str, Any]:
    """What `imgtui diff --json` prints."""
    done = call(environment(home), "diff", *arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "hunter" not in done.stdout
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_json_has_layers_configuration_and_history_without_an_engine(
    archives: tuple[str, str], tmp_path: Path
) -> None:
    found = compared(tmp_path, *archives)
    assert found["identical_content"] is False
    assert (found["shared_layers"], found["only_a"], found["only_b"]) == (
        [digest(BASE)], [digest(OLD)], [digest(NEW)]
    )  # fmt: skip
    assert {
        each["key"]: (each["change"], each["a"], each["b"], each["masked"]) for each in found["config"]
    } == {
        "environment MODE": ("changed", "1", "2", False),
        "environment API_TOKEN": ("changed", "********", "********", True),
        "command": ("removed", ["a", "b"], None, False),
        "user": ("added", None, "app", False),
    }
    assert [(step["change"], step["a"]["layer"], step["b"]["layer"]) for step in found["history"]] == [
        ("same", digest(BASE), digest(BASE)), ("rebuilt", digest(OLD), digest(NEW))
    ]  # fmt: skip
    assert (found["files_compared"], found["files"], found["packages"], found["cause"]) == (
        False,
        [],
        [],
        None,
    )


def test_files_are_told_by_path_with_sizes_and_what_only_has_another_time_apart(
    archives: tuple[str, str], tmp_path: Path
) -> None:
    found = compared(tmp_path, *archives, "--files")
    told = {
        each["path"]: (each["change"], each["kind"], each["size_a"], each["size_b"])
        for each in found["files"]
    }
    assert told == {
        "/caf\\xe9": ("added", "file", None, 1), "/etc/text": ("changed", "file", 3, 5),
        "/gone": ("removed", "directory", 0, None), "/gone/file": ("removed", "file", 1, None),
        "/link": ("added", "symlink", None, 0),
    }  # fmt: skip
    assert found["only_time"] == ["/etc", "/etc/touched"]
    assert (found["files_compared"], found["cause"], found["folders_changed"]) == (True, "content", [])
    text = next(each for each in found["files"] if each["path"] == "/etc/text")
    assert text["differs"] == ["content", "mode"]
    assert (text["a"]["mode"], text["b"]["mode"]) == ("0600", "0644")
    assert text["b"]["digest"] == digest(b"newer")


def test_the_same_content_is_said_to_be_identical(tmp_path: Path) -> None:
    one, other = tmp_path / "one.tar", tmp_path / "other.tar"
    one.write_bytes(docker_archive([A]))
    later = ArchiveImage(["x:1"], A.layers, A.config, "2025-01-01T00:00:00Z")
    other.write_bytes(docker_archive([later]))
    found = compared(tmp_path, str(one), str(other))
    assert (found["identical_content"], found["cause"]) == (True, "times")
    assert found["summary"] == "identical content: the same layers and configuration"
    assert (found["only_a"], found["only_b"], found["config"]) == ([], [], [])


def test_an_image_of_several_in_an_archive_is_named_after_a_hash(tmp_path: Path) -> None:
    both = tmp_path / "both.tar"
    both.write_bytes(docker_archive([A, B]))
    found = compared(tmp_path, f"{both}#app:1", f"{both}#app:2")
    assert (found["a"]["tags"], found["b"]["tags"]) == (["app:1"], ["app:2"])
    done = call(environment(tmp_path), "diff", str(both), f"{both}#app:2")
    assert done.returncode == 1
    assert "has 2 images: name one of" in done.stderr
    assert "both.tar#NAME" in done.stderr
    missing = call(environment(tmp_path), "diff", f"{both}#app:3", f"{both}#app:2")
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)
    assert "has no image app:3" in missing.stderr


def test_a_layout_folder_is_compared_with_an_archive(archives: tuple[str, str], tmp_path: Path) -> None:
    layout = write_layout(tmp_path / "layout", [BASE, NEW])
    found = compared(tmp_path, archives[0], str(layout), "--files")
    assert found["only_b"] == [digest(NEW)]
    assert "/link" in {each["path"] for each in found["files"]}


def test_for_people_it_is_a_few_tables(archives: tuple[str, str], tmp_path: Path) -> None:
    done = call(environment(tmp_path), "diff", *archives, "--files")
    assert (done.returncode, done.stderr) == (0, "")
    for text in (
        "1 of 2 layers differ from layer 1 on; configuration: ", "what differs: content",
        "what is masked differs",
        "/etc/text", "content mode", "2 added, 2 removed, 1 changed; 2 with another time alone",
    ):  # fmt: skip
        assert text in done.stdout
    assert "hunter" not in done.stdout


def test_an_archive_that_is_none_is_one_line(archives: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "none.tar").write_bytes(b"no tar at all")
    for name in ("none.tar", "missing.tar"):
        done = call(environment(tmp_path), "diff", archives[0], str(tmp_path / name))
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert name in done.stderr


def test_the_engine_is_needed_for_a_reference(archives: tuple[str, str], tmp_path: Path) -> None:
    done = call(environment(tmp_path), "diff", archives[0], "web:1")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)


def test_references_are_tags_and_digests_of_the_engine(caller: Caller) -> None:
    one, other = caller.load("one", "web:1"), caller.load("two", "web:2")

    def run(a: str, b: str) -> Exit:
        wanted = diff.DiffArguments((None, a), (None, b), files=False, as_json=True)
        return diff.run(caller.engine, Cache(None), caller.recorder, wanted)

    assert run("web:1", other[7:19]) is Exit.DONE
    found = json.loads(caller.capsys.readouterr().out)
    assert (found["a"]["id"], found["b"]["id"]) == (one, other)
    assert found["only_a"] == [layer.diff_id for layer in made("one").layers]
    assert run("web:1", "nothing:1") is Exit.FAILED
    assert "nothing here is called nothing:1" in caller.failure()


def test_the_demo_has_two_versions_to_compare(capsys: pytest.CaptureFixture[str], caller: Caller) -> None:
    caller.engine = demo_engine(1_760_000_000)
    wanted = diff.DiffArguments((None, "myapp:2.0"), (None, "myapp:latest"), files=True, as_json=True)
    assert diff.run(caller.engine, Cache(None), caller.recorder, wanted) is Exit.DONE
    found = json.loads(capsys.readouterr().out)
    assert found["shared_layers"]
    assert found["files"]
