"""The cache: what cannot have changed is found again, and nothing that goes wrong with it is fatal."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from imgtui.engine.demo.engine import demo_engine
from imgtui.engine.wire.facts import read_facts
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import Container, EngineInfo, Image, Layer, Store
from imgtui.store.cached.cache import SCHEMA, Cache, Snapshot

NOW = 1_760_000_000

IMAGE = Image(
    "sha256:" + "1" * 64,
    ("web:1", "web:latest"),
    ("web@sha256:" + "2" * 64,),
    5,
    7,
    "sha256:3",
    ("linux/amd64",),
)
BARE = Image("sha256:" + "4" * 64)
CONTAINER = Container("c1", "site", IMAGE.id, "web:1", "running", "Up 2 hours", 9, "shop", "web")
OTHER = Container("c2", "other", BARE.id)
INFO = EngineInfo(
    "id", "web-01", "29.1", "1.52", Store.CONTAINERD, "overlayfs", "amd64", "Docker", 3
)  # fmt: skip
SNAPSHOT = Snapshot(
    INFO, Catalog({IMAGE.id: IMAGE, BARE.id: BARE}, {"c1": CONTAINER, "c2": OTHER}), float(NOW)
)
LAYERS = (Layer("sha256:a", 1), Layer("sha256:b", 0))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file in a folder that is not there yet."""
    return tmp_path / "cache" / "imgtui" / "cache.db"


def test_a_snapshot_comes_back_as_it_was(path: Path) -> None:
    cache = Cache(path)
    cache.keep_snapshot("unix:///a", SNAPSHOT)
    cache.close()
    again = Cache(path)
    assert again.snapshot("unix:///a") == SNAPSHOT
    assert again.snapshot("unix:///b") is None
    assert again.problem is None
    again.close()


def test_the_last_snapshot_of_an_endpoint_is_the_one_that_counts() -> None:
    cache = Cache(None)
    cache.keep_snapshot("unix:///a", SNAPSHOT)
    later = Snapshot(INFO, Catalog(), NOW + 1.5)
    cache.keep_snapshot("unix:///a", later)
    assert cache.snapshot("unix:///a") == later


def test_facts_come_back_as_they_were(path: Path) -> None:
    cache = Cache(path)
    cache.keep_facts(Store.GRAPH, [(IMAGE.id, LAYERS, '{"inspect": "ä␛"}'), (BARE.id, (), "{}")])
    cache.close()
    again = Cache(path)
    assert dict(again.layers(Store.GRAPH)) == {IMAGE.id: LAYERS, BARE.id: ()}
    assert again.document(Store.GRAPH, IMAGE.id) == '{"inspect": "ä␛"}'
    assert again.document(Store.GRAPH, "sha256:other") is None
    again.close()


def test_facts_of_one_kind_of_store_are_none_of_another() -> None:
    cache = Cache(None)
    cache.keep_facts(Store.GRAPH, [(IMAGE.id, LAYERS, "{}")])
    assert list(cache.layers(Store.CONTAINERD)) == []
    assert cache.document(Store.CONTAINERD, IMAGE.id) is None


def test_facts_never_change() -> None:
    cache = Cache(None)
    cache.keep_facts(Store.GRAPH, [(IMAGE.id, LAYERS, "first")])
    cache.keep_facts(Store.GRAPH, [(IMAGE.id, (), "second")])
    assert cache.document(Store.GRAPH, IMAGE.id) == "first"


def test_two_programs_use_one_file(path: Path) -> None:
    one, other = Cache(path), Cache(path)
    one.keep_snapshot("unix:///a", SNAPSHOT)
    other.keep_facts(Store.GRAPH, [(IMAGE.id, LAYERS, "{}")])
    assert other.snapshot("unix:///a") == SNAPSHOT
    assert one.document(Store.GRAPH, IMAGE.id) == "{}"
    one.close()
    other.close()


def test_the_file_and_its_folder_are_their_owners_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        cache = Cache(path)
        cache.keep_snapshot("unix:///a", SNAPSHOT)
        files = [file for file in path.parent.iterdir() if file.name.startswith(path.name)]
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in files}
        cache.close()
    finally:
        os.umask(before)
    assert path.name in modes
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"no database at all " * 300, b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_broken_file_is_replaced(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    cache = Cache(path)
    cache.keep_snapshot("unix:///a", SNAPSHOT)
    cache.close()
    again = Cache(path)
    assert again.snapshot("unix:///a") == SNAPSHOT
    assert again.problem is None
    again.close()


def test_a_file_whose_contents_are_broken_is_as_good_as_none(path: Path) -> None:
    cache = Cache(path)
    cache.keep_snapshot("unix:///a", SNAPSHOT)
    cache.keep_facts(Store.GRAPH, [(f"sha256:{number}", LAYERS, "x" * 500) for number in range(500)])
    cache.close()
    content = bytearray(path.read_bytes())
    for start in range(4096, len(content), 4096):
        content[start : start + 4096] = b"\xa5" * 4096
    path.write_bytes(content)
    again = Cache(path)
    again.check()
    assert again.problem is not None
    assert again.snapshot("unix:///a") is None
    assert list(again.layers(Store.GRAPH)) == []
    assert again.document(Store.GRAPH, "sha256:1") is None
    again.keep_snapshot("unix:///a", SNAPSHOT)
    again.close()


def test_records_that_cannot_be_read_are_as_good_as_none(path: Path) -> None:
    cache = Cache(path)
    cache.keep_snapshot("unix:///a", SNAPSHOT)
    cache.keep_facts(Store.GRAPH, [(IMAGE.id, LAYERS, "{}")])
    cache.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE snapshot SET body = x'00'")
        connection.execute("UPDATE facts SET document = x'00', layers = 'no json'")
    connection.close()
    again = Cache(path)
    assert again.snapshot("unix:///a") is None
    assert again.document(Store.GRAPH, IMAGE.id) is None
    assert list(again.layers(Store.GRAPH)) == []
    again.close()


def test_a_cache_of_another_schema_is_thrown_away(path: Path) -> None:
    cache = Cache(path)
    cache.keep_snapshot("unix:///a", SNAPSHOT)
    cache.close()
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE snapshot RENAME COLUMN taken TO age")
        connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    again = Cache(path)
    assert again.snapshot("unix:///a") is None
    again.keep_snapshot("unix:///a", SNAPSHOT)
    assert again.snapshot("unix:///a") == SNAPSHOT
    assert again.problem is None
    again.close()


def test_where_nothing_can_be_written_it_works_in_memory_and_says_so(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    cache = Cache(in_the_way / "imgtui" / "cache.db")
    assert cache.problem is not None
    assert str(in_the_way) in cache.problem
    cache.keep_snapshot("unix:///a", SNAPSHOT)
    assert cache.snapshot("unix:///a") == SNAPSHOT


def test_no_value_that_looks_secret_is_on_the_disk(path: Path) -> None:
    engine, cache = demo_engine(NOW), Cache(path)
    known: list[tuple[str, tuple[Layer, ...], str]] = []
    secrets: set[str] = set()
    for image in (image for part in engine.list_images() for image in part.images):
        masked, revealed = engine.document(image.id), engine.document(image.id, reveal=True)
        assert masked is not None
        assert revealed is not None
        facts, bare = read_facts(masked), read_facts(revealed)
        pairs = zip(facts.config.env, bare.config.env, strict=True)
        secrets |= {raw for (_, shown), (_, raw) in pairs if shown != raw}
        known.append((image.id, facts.layers, masked))
    cache.keep_facts(Store.CONTAINERD, known)
    kept = " ".join(cache.document(Store.CONTAINERD, image_id) or "" for image_id, _, _ in known)
    cache.close()
    on_disk = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert len(secrets) >= 5
    assert "API_TOKEN" in kept
    for secret in secrets:
        assert secret not in kept
        assert secret.encode() not in on_disk
