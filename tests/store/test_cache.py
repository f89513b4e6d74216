"""The cache on disk: facts and the last known state."""

import sqlite3
import stat
from pathlib import Path

from imgtui.engine.demo import demo_engine
from imgtui.engine.facts import read_facts
from imgtui.model.catalog import Catalog
from imgtui.model.image import Container, EngineInfo, Image, Layer, Store
from imgtui.store.cache import SCHEMA, Cache, Snapshot

INFO = EngineInfo("id", "host", "29.1.0", "1.52", Store.CONTAINERD, records=2)
IMAGE = Image("sha256:" + "a" * 64, ("web:1",), ("web@sha256:" + "a" * 64,), 5, 7, None, ("linux/amd64",))
CATALOG = Catalog({IMAGE.id: IMAGE}, {"c": Container("c", "api", IMAGE.id, "web:1", "running", "Up", 3)})


def test_the_last_known_state_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "cache.db"
    Cache(path).keep_snapshot("unix:///a", Snapshot(INFO, CATALOG, 12.5))
    again = Cache(path).snapshot("unix:///a")
    assert again == Snapshot(INFO, CATALOG, 12.5)
    assert Cache(path).snapshot("unix:///b") is None


def test_layers_and_documents_come_back_for_the_kind_of_store_they_are_of(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache.db")
    layers = (Layer("sha256:1", 3), Layer("sha256:2", 0))
    cache.keep_facts(Store.GRAPH, [(IMAGE.id, layers, '{"inspect":{}}')])
    assert dict(cache.layers(Store.GRAPH)) == {IMAGE.id: layers}
    assert cache.document(Store.GRAPH, IMAGE.id) == '{"inspect":{}}'
    assert dict(cache.layers(Store.PODMAN)) == {}
    assert cache.document(Store.PODMAN, IMAGE.id) is None


def test_a_file_that_is_no_database_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    path.write_bytes(b"this is no database, whatever its name says" * 100)
    cache = Cache(path)
    cache.keep_snapshot("e", Snapshot(INFO, CATALOG, 1.0))
    assert Cache(path).snapshot("e") is not None


def test_a_cache_of_another_schema_is_thrown_away(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    first = Cache(path)
    first.keep_snapshot("e", Snapshot(INFO, CATALOG, 1.0))
    first.close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    assert Cache(path).snapshot("e") is None


def test_a_snapshot_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    cache = Cache(path)
    for body in (b"", b"x", b"[1,2]"):
        with sqlite3.connect(path) as connection:
            connection.execute("INSERT OR REPLACE INTO snapshot VALUES ('e', 1.0, ?)", (body,))
        connection.close()
        assert cache.snapshot("e") is None


def test_a_folder_that_cannot_be_used_leaves_a_cache_in_memory_that_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    cache = Cache(tmp_path / "file" / "cache.db")
    cache.keep_snapshot("e", Snapshot(INFO, CATALOG, 1.0))
    assert cache.snapshot("e") is not None
    assert cache.problem is not None
    assert str(tmp_path) in cache.problem


def test_only_its_owner_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "cache.db"
    Cache(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_no_secret_value_of_the_demo_reaches_the_disk(tmp_path: Path) -> None:
    engine = demo_engine(1_760_000_000)
    cache = Cache(tmp_path / "cache.db")
    secrets: set[str] = set()
    for listing in engine.list_images():
        for image in listing.images:
            shown, revealed = engine.document(image.id), engine.document(image.id, reveal=True)
            assert shown is not None
            assert revealed is not None
            facts, bare = read_facts(shown), read_facts(revealed)
            pairs = zip(facts.config.env, bare.config.env, strict=True)
            secrets |= {raw[1] for masked, raw in pairs if masked != raw}
            cache.keep_facts(Store.CONTAINERD, [(image.id, facts.layers, shown)])
            kept = cache.document(Store.CONTAINERD, image.id) or ""
            assert not any(secret in kept for secret in secrets)
    assert secrets
