"""Packages out of the databases of package managers, however damaged."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.compare.packages import Manager, manager_of, packages_difference, read_database
from imgtui.model.compare.rpm import read_rpm
from imgtui.model.files.changes import Change, FileChange
from imgtui.model.files.entries import FileEntry, Kind

DPKG = b"""\
Package: libc6
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Version: 2.36-9
Description: GNU C Library
 Version: 9 is in a line that goes on

Package: bash
Status: install ok installed
Version: 5.2

Package: gone
Status: deinstall ok config-files
Version: 1

Package: never
Status: unknown ok not-installed
"""
APK = b"C:Q1abc\nP:musl\nV:1.2.5-r0\nA:x86_64\nF:lib\n\nP:zlib\nV:1.3\n\n"


def names(path: str, content: bytes) -> dict[str, str]:
    return {package.name: version for package, version in read_database(path, content).items()}


def test_dpkg_tells_what_is_installed() -> None:
    assert names("var/lib/dpkg/status", DPKG) == {"libc6:amd64": "2.36-9", "bash": "5.2"}
    distroless = b"Package: tzdata\nVersion: 2024a\n"
    assert names("var/lib/dpkg/status.d/tzdata", distroless) == {"tzdata": "2024a"}


def test_apk_tells_names_and_versions() -> None:
    assert names("lib/apk/db/installed", APK) == {"musl": "1.2.5-r0", "zlib": "1.3"}
    assert manager_of("usr/lib/apk/db/installed") is Manager.APK


def test_node_counts_what_is_directly_in_node_modules() -> None:
    package = json.dumps({"name": "other", "version": "1.2.3"}).encode()
    assert names("app/node_modules/@scope/tool/package.json", package) == {"@scope/tool": "1.2.3"}
    assert manager_of("node_modules/a/package.json") is Manager.NODE
    assert manager_of("app/node_modules/a/node_modules/b/package.json") is None
    assert manager_of("app/node_modules/a/lib/package.json") is None
    assert names("node_modules/a/package.json", b"[" * 100_000) == {}


def rpm_header(fields: Mapping[int, str | int]) -> bytes:
    """A header as rpm writes it."""
    index, store = b"", b""
    for tag, value in fields.items():
        if isinstance(value, int):
            store += bytes(-len(store) % 4)
            index += struct.pack(">IiiI", tag, 4, len(store), 1)
            store += struct.pack(">I", value)
        else:
            index += struct.pack(">IiiI", tag, 6, len(store), 1)
            store += value.encode() + b"\0"
    return struct.pack(">II", len(fields), len(store)) + index + store


def rpm_database(path: Path, *headers: bytes) -> bytes:
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(
            "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)"
        )
        database.executemany("INSERT INTO Packages (blob) VALUES (?)", [(header,) for header in headers])
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path.read_bytes()


def test_rpm_databases_are_read_in_their_sqlite_form(tmp_path: Path) -> None:
    content = rpm_database(
        tmp_path / "rpmdb.sqlite",
        rpm_header({1000: "bash", 1001: "5.2", 1002: "1.fc40", 1022: "x86_64"}),
        rpm_header({1000: "openssl", 1001: "3.2", 1002: "2", 1003: 1}),
    )
    assert names("var/lib/rpm/rpmdb.sqlite", content) == {"bash.x86_64": "5.2-1.fc40", "openssl": "1:3.2-2"}


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"\0" * 8,
        b"\xff" * 16,
        struct.pack(">II", 1, 4) + struct.pack(">IiiI", 1000, 6, 1 << 30, 1) + b"abcd",
    ],
)
def test_damaged_rpm_headers_tell_nothing(header: bytes, tmp_path: Path) -> None:
    assert read_rpm(rpm_database(tmp_path / "rpmdb.sqlite", header)) == {}


def test_a_hostile_rpm_database_is_not_obeyed(tmp_path: Path) -> None:
    path = tmp_path / "rpmdb.sqlite"
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE VIEW Packages AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
            " SELECT x AS hnum, zeroblob(1000000) AS blob FROM n"
        )
    database.close()
    assert read_rpm(path.read_bytes()) == {}


@given(st.binary(max_size=400))
def test_no_content_breaks_a_reader(content: bytes) -> None:
    for path in ("var/lib/dpkg/status", "lib/apk/db/installed", "node_modules/a/package.json"):
        assert isinstance(names(path, content), dict)
    assert read_rpm(content) == {}
    assert read_rpm(b"SQLite format 3\0" + content) == {}


def differing(path: str, *, a: bool = True, b: bool = True) -> FileChange:
    entry = FileEntry(path, Kind.FILE, 1, digest=b"1")
    kind = Change.CHANGED if a and b else Change.REMOVED if a else Change.ADDED
    return FileChange(path, kind, entry if a else None, entry if b else None, ("content",) if a and b else ())


def test_packages_that_came_went_and_have_another_version() -> None:
    old = "usr/lib/python3/site-packages/flask_login-1.0.dist-info/METADATA"
    found = packages_difference(
        [
            differing("lib/apk/db/installed"),
            differing(old, b=False),
            differing(old.replace("1.0", "1.1"), a=False),
            differing("usr/lib/python3/site-packages/old-2-py3.11.egg-info", b=False),
            differing("etc/passwd"),
        ],
        {"lib/apk/db/installed": APK},
        {"lib/apk/db/installed": APK.replace(b"1.3", b"1.4").replace(b"P:musl", b"P:\x1b[2J")},
    )
    told = [(each.package.manager.value, each.package.name, each.a, each.b) for each in found.changes]
    assert told == [
        ("apk", "musl", "1.2.5-r0", None), ("apk", "zlib", "1.3", "1.4"), ("apk", "␛[2J", None, "1.2.5-r0"),
        ("python", "flask-login", "1.0", "1.1"), ("python", "old", "2", None),
    ]  # fmt: skip


def test_what_cannot_be_read_is_said() -> None:
    found = packages_difference([differing("var/lib/rpm/Packages"), differing("var/lib/dpkg/status")], {}, {})
    assert [reason.partition(":")[0].split()[0] for reason in found.not_read] == [
        "/var/lib/rpm/Packages", "/var/lib/dpkg/status"
    ]  # fmt: skip
