"""`imgtui ls --json`: what each field says, and where a value is null."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep, digest_of
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.core.image import Layer, Store
from imgtui.store.cached.cache import Cache
from imgtui.verbs.console.output import Exit
from imgtui.verbs.ls import run
from imgtui.verbs.plans import keeping
from tests.operations.watching import forgetful
from tests.verbs.calling import Caller

CREATED = 1_750_000_000
BASE = BlueprintStep("ADD base / # buildkit", Layer(digest_of("base"), 5_000))


def made(text: str, *, created: int = CREATED) -> Blueprint:
    """An image of a base that all share and a layer of its own."""
    own = BlueprintStep(f"COPY {text} / # buildkit", Layer(digest_of(text), 100))
    return Blueprint((BASE, BlueprintStep("ENV A=b"), own), created=created)


def listed(
    engine: MemoryEngine, capsys: pytest.CaptureFixture[str], repository: str | None = None
) -> dict[str, dict[str, Any]]:
    """What `ls --json` prints, by image ID."""
    assert run(engine, Cache(None), forgetful(engine), repository, as_json=True) is Exit.DONE
    printed = capsys.readouterr()
    assert printed.err == ""
    return {version["id"]: version for version in json.loads(printed.out)}


def test_a_version_has_whole_names_full_digests_bytes_and_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    engine = MemoryEngine(store=Store.CONTAINERD)
    image_id = engine.build(made("one"), "localhost:5000/team/api:1", "localhost:5000/team/api:latest")
    engine.build(made("two"), "other:1")
    engine.run("site", "localhost:5000/team/api:1")
    version = listed(engine, capsys)[image_id]
    created = version.pop("created")
    assert datetime.fromisoformat(created) == datetime.fromtimestamp(CREATED, UTC)
    assert created.endswith("+00:00")
    assert version.pop("size") > 5_100
    assert version.pop("manifest").startswith("sha256:")
    assert version == {
        "id": image_id,
        "repository": "localhost:5000/team/api",
        "tags": ["localhost:5000/team/api:1", "localhost:5000/team/api:latest"],
        "former_tags": [],
        "repo_digests": [f"localhost:5000/team/api@{image_id}"],
        "own_size": 100,
        "shared_size": 5_000,
        "layers": [digest_of("base"), digest_of("one")],
        "containers": ["site"],
        "mounted_by": [],
        "kept": False,
        "present": True,
    }


def test_an_image_in_two_repositories_is_two_objects(capsys: pytest.CaptureFixture[str]) -> None:
    engine = MemoryEngine()
    image_id = engine.build(made("one"), "web:1", "shop/web:2")
    run(engine, Cache(None), forgetful(engine), None, as_json=True)
    versions = json.loads(capsys.readouterr().out)
    assert [(version["id"], version["repository"], version["tags"]) for version in versions] == [
        (image_id, "shop/web", ["shop/web:2"]),
        (image_id, "web", ["web:1"]),
    ]


def test_a_tag_that_moved_is_former_where_a_container_was_created_from_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    engine = MemoryEngine()
    old = engine.build(made("one"), "web:latest")
    engine.run("site", "web:latest")
    new = engine.build(made("two"), "web:latest")
    versions = listed(engine, capsys)
    assert (versions[old]["tags"], versions[old]["former_tags"]) == ([], ["web:latest"])
    assert (versions[new]["tags"], versions[new]["former_tags"]) == (["web:latest"], [])


def test_an_image_that_is_gone_but_run_is_not_present_and_what_is_unknown_is_null(
    capsys: pytest.CaptureFixture[str],
) -> None:
    engine = MemoryEngine(store=Store.CONTAINERD)
    old = engine.build(made("one"), "web:latest")
    engine.run("site", "web:latest")
    engine.build(made("two"), "web:latest")
    gone = listed(engine, capsys)[old]
    assert gone == {
        "id": old, "repository": "web", "tags": [], "former_tags": ["web:latest"], "repo_digests": [],
        "manifest": None, "created": None, "size": None, "own_size": None, "shared_size": None,
        "layers": [], "containers": ["site"], "mounted_by": [], "kept": False, "present": False,
    }  # fmt: skip


def test_an_image_that_nothing_places_has_no_repository(capsys: pytest.CaptureFixture[str]) -> None:
    engine = MemoryEngine()
    old = engine.build(made("one"), "web:latest")
    engine.build(made("two"), "web:latest")
    versions = listed(engine, capsys, "<none>")
    assert list(versions) == [old]
    assert (versions[old]["repository"], versions[old]["tags"]) == (None, [])


def test_a_keep_that_was_let_go_was_no_repository(capsys: pytest.CaptureFixture[str]) -> None:
    caller = Caller(capsys)
    image_id = caller.load("one", "web:1")
    caller.done(keeping("web:1"))
    caller.undo()
    assert run(caller.engine, Cache(None), caller.recorder, None, as_json=True) is Exit.DONE
    (version,) = json.loads(capsys.readouterr().out)
    assert (version["id"], version["repository"], version["former_tags"]) == (image_id, "web", [])


def test_an_image_without_a_time_has_none(capsys: pytest.CaptureFixture[str]) -> None:
    engine = MemoryEngine()
    image_id = engine.build(made("one", created=0), "web:latest")
    assert listed(engine, capsys)[image_id]["created"] is None


def test_an_engine_without_images_prints_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(MemoryEngine(), capsys) == {}
    engine = MemoryEngine()
    assert run(engine, Cache(None), forgetful(engine), None, as_json=False) is Exit.DONE
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_facts_are_kept_for_the_next_call(capsys: pytest.CaptureFixture[str]) -> None:
    engine, cache = MemoryEngine(), Cache(None)
    image_id = engine.build(made("one"), "web:latest")
    run(engine, cache, forgetful(engine), None, as_json=True)
    assert cache.document(Store.GRAPH, image_id) is not None
    assert next(iter(cache.layers(Store.GRAPH)))[0] == image_id
