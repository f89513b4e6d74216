"""What is in the layers of the demo: invented files, most of them holes of the right size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from imgtui.engine.archive.tar import BLOCK
from imgtui.engine.archive.writing import header, sparse_header

_PYTHON: Final = "usr/local/lib/python3.12/site-packages"
_LAYERS: Final[Sequence[tuple[str, tuple[str, ...]]]] = (
    (
        "debian.sh",
        (
            "bin/bash",
            "etc/os-release",
            "etc/passwd",
            "lib/x86_64-linux-gnu/libc.so.6",
            "usr/bin/perl",
            "usr/share/zoneinfo/Europe/Berlin",
            "var/lib/dpkg/status",
        ),
    ),
    (
        "alpine-minirootfs",
        (
            "bin/busybox",
            "etc/alpine-release",
            "etc/passwd",
            "lib/ld-musl-x86_64.so.1",
            "lib/apk/db/installed",
        ),
    ),
    (
        "ca-certificates netbase",
        (
            "etc/ssl/certs/ca-certificates.crt",
            "usr/bin/openssl",
            "usr/share/zoneinfo/UTC",
            "var/cache/apt/pkgcache.bin",
            "var/lib/dpkg/status",
        ),
    ),
    (
        "make install",
        (
            "usr/local/bin/python3.12",
            "usr/local/lib/libpython3.12.so.1.0",
            "usr/local/lib/python3.12/os.py",
            "usr/local/lib/python3.12/json/decoder.py",
        ),
    ),
    ("idle3 pip3", ("usr/local/bin/python3",)),
    (
        "adduser -u 1000 -G node",
        ("etc/passwd", "usr/local/bin/node", "usr/local/lib/node_modules/npm/bin/npm-cli.js"),
    ),
    (
        "openjdk",
        (
            "usr/lib/jvm/java-17-openjdk-amd64/lib/modules",
            "usr/lib/jvm/java-17-openjdk-amd64/bin/java",
            "var/cache/apt/pkgcache.bin",
            "var/lib/dpkg/status",
        ),
    ),
    (
        "postgresql",
        (
            "usr/lib/postgresql/bin/postgres",
            "usr/share/postgresql/pg_hba.conf.sample",
            "var/cache/apt/pkgcache.bin",
            "var/lib/dpkg/status",
        ),
    ),
    (
        "libpq5",
        (
            "usr/bin/curl",
            "usr/lib/x86_64-linux-gnu/libpq.so.5",
            "var/cache/apt/pkgcache.bin",
            "var/lib/dpkg/status",
        ),
    ),
    ("compileall", ("app/__pycache__/wsgi.cpython-312.pyc", "app/__pycache__/models.cpython-312.pyc")),
    (
        "pip install",
        (
            f"{_PYTHON}/gunicorn/app/base.py",
            f"{_PYTHON}/django/core/wsgi.py",
            f"{_PYTHON}/psycopg/_psycopg.so",
            "root/.cache/pip/selfcheck.json",
        ),
    ),
    (
        "npm ci",
        (
            "srv/node_modules/express/index.js",
            "srv/node_modules/react/cjs/react.production.js",
            "root/.npm/_logs/debug.log",
        ),
    ),
    ("requirements.txt", ("app/requirements.txt",)),
    ("package.json", ("srv/package.json", "srv/package-lock.json")),
    ("COPY dist", ("srv/dist/server.js", "srv/dist/public/index.html", "srv/dist/public/app.css")),
    (
        "COPY . /app",
        ("app/manage.py", "app/wsgi.py", "app/models.py", "app/static/logo.svg", "app/README.md"),
    ),
    ("COPY worker", ("worker/worker/__init__.py", "worker/worker/tasks.py")),
    (
        "COPY libs",
        ("opt/api/libs/spring-core.jar", "opt/api/libs/hibernate.jar", "opt/api/libs/postgresql.jar"),
    ),
    ("redis", ("usr/local/bin/redis-server", "usr/local/bin/redis-cli", "usr/local/bin/redis-benchmark")),
)
"""Words of an instruction, and what it leaves in its layer."""
_REMOVING: Final = {"rm -rf /var/lib/apt/lists": "etc/.wh.motd", "pip install --upgrade": "root/.wh..cache"}
_STORED: Final = 400
"""Bytes of a file that are there, before its hole."""


def layer_content(instruction: str, seed: str, size: int, mtime: int) -> bytes:
    """The tar of a layer whose files have `size` bytes together; another seed makes another layer."""
    paths = next((found for words, found in _LAYERS if words in instruction), None) or (_copied(instruction),)
    return b"".join(
        [*_folders(paths, mtime), *_files(paths, seed, size, mtime), *_removed(instruction), bytes(2 * BLOCK)]
    )


def _folders(paths: Sequence[str], mtime: int) -> Iterator[bytes]:
    known: dict[str, None] = {}
    for path in paths:
        parts = path.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            known["/".join(parts[:depth])] = None
    for folder in known:
        yield header(f"{folder}/", 0, kind=b"5", mode=0o755, mtime=mtime)


def _files(paths: Sequence[str], seed: str, size: int, mtime: int) -> Iterator[bytes]:
    """The first file has what is left over from equal shares, less for each that follows."""
    left = size
    for number, path in enumerate(reversed(paths), 1):
        share = left if number == len(paths) else left // (2 * (len(paths) - number + 1))
        left -= share
        text = f"{path.rpartition('/')[2]}: invented for the demo, {seed}\n".encode()
        stored = (text * (_STORED // len(text) + 1))[: min(share, _STORED)]
        mode = 0o755 if "bin/" in path else 0o644
        if share > _STORED:
            yield sparse_header(path, len(stored), share, mode=mode, mtime=mtime)
        else:
            yield header(path, len(stored), mode=mode, mtime=mtime)
        yield stored.ljust(-(-len(stored) // BLOCK) * BLOCK, b"\0")


def _removed(instruction: str) -> Iterator[bytes]:
    for words, whiteout in _REMOVING.items():
        if words in instruction:
            yield header(whiteout, 0)


def _copied(instruction: str) -> str:
    """Where `COPY SOURCE… TARGET` puts something; anything else leaves a note."""
    words = instruction.removesuffix("# buildkit").split()
    if len(words) < 3 or words[0] not in {"ADD", "COPY"}:
        return "var/lib/misc/note.txt"
    target = words[-1].strip("/.") or "app"
    return f"{target}/{words[1].rstrip('/').rpartition('/')[2]}" if words[-1].endswith("/") else target
