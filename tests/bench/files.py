"""`python -m tests.bench.files`: what it costs to look inside a large image, at first and again.

Two versions of an image share all but the last layer. Nothing here passes or fails on a timing. dive is
measured beside it where it is installed.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import random
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from tests.bench.engine_api import EngineApi
from tests.bench.process import usage
from tests.bench.report import Section, figure, single, table
from tests.bench.subject import Home, Subject
from tests.bench.terminal import TerminalSession
from tests.engines.kinds import EVERY_KIND
from tests.engines.private import PrivateEngine

NAME: Final = "bench-files/app"
_KEYS: Final = (
    "j",
    "<enter>",
    "<enter>",
    "<down>",
    "u",
    "u",
    "<tab>",
    "<tab>",
    "[",
    "]",
    "s",
    "s",
    "*",
    "G",
    "g",
    "*",
)
_SECONDS: Final = 120.0
_RESTARTS: Final = 7
_OVERWRITTEN: Final = 12
"""Of so many files in a layer one is a file of the layer below, changed."""


def parser() -> argparse.ArgumentParser:
    """The options."""
    options = argparse.ArgumentParser(prog="python -m tests.bench.files", description=__doc__)
    options.add_argument("--host", help="an engine at unix:///path; without it, a private one is started")
    options.add_argument(
        "--kind", choices=EVERY_KIND, default="docker28-overlay2", help="which private engine"
    )
    options.add_argument("--files", type=int, default=30_000, help="files (default %(default)s)")
    options.add_argument(
        "--megabytes", type=int, default=196, help="bytes of all layers (default %(default)s)"
    )
    options.add_argument("--layers", type=int, default=14, help="layers (default %(default)s)")
    options.add_argument("--size", default="120x40", help="COLUMNSxROWS (default %(default)s)")
    return options


def layer(number: int, files: int, size: int) -> bytes:
    """The tar of a layer: the same bytes for the same arguments."""
    chance = random.Random(f"{number} {files} {size}")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for index in range(files):
            owner = max(0, number - 1) if index % _OVERWRITTEN == 0 else number
            entry = tarfile.TarInfo(f"srv/d{index % 40}/e{index % 7}/{owner}-{index}.bin")
            entry.size = chance.randint(size // 2, size * 3 // 2)
            entry.mtime = 1_700_000_000 + number
            tar.addfile(entry, io.BytesIO(chance.randbytes(entry.size)))
    return buffer.getvalue()


def archive(layers: Sequence[bytes], tag: str) -> bytes:
    """A docker-archive."""
    diff_ids = [f"sha256:{hashlib.sha256(each).hexdigest()}" for each in layers]
    config = json.dumps({
        "architecture": "amd64", "os": "linux", "created": "2024-01-01T00:00:00Z", "config": {},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": [{"created_by": f"RUN step {number}"} for number in range(len(layers))],
    }).encode()  # fmt: skip
    name = f"{hashlib.sha256(config).hexdigest()}.json"
    paths = [f"{number}/layer.tar" for number in range(len(layers))]
    manifest = json.dumps([{"Config": name, "RepoTags": [tag], "Layers": paths}]).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for path, content in [*zip(paths, layers, strict=True), (name, config), ("manifest.json", manifest)]:
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


@contextmanager
def engine(options: argparse.Namespace) -> Iterator[str]:
    """Where the engine is that has both versions; a private one is stopped afterwards."""
    each = options.files // options.layers
    size = options.megabytes * 1_000_000 // options.files - 768  # what a header and padding take
    layers = [layer(number, each, size) for number in range(options.layers)]
    other = [*layers[:-1], layer(options.layers, each, size)]
    private = None if options.host else PrivateEngine(options.kind)
    if private is not None:
        private.start()
    try:
        host = options.host or str(private.host if private is not None else "")
        api = EngineApi(host)
        for number, content in enumerate((layers, other), 1):
            api.load(archive(content, f"{NAME}:{number}"))
        yield host
    finally:
        if private is not None:
            private.stop()


_MEASURING: Final = """\
import resource, subprocess, sys, time
began = time.monotonic()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""A process that is small itself: a child counts what its parent held when it was forked."""


def _called(home: Home, host: str, *arguments: str) -> tuple[float, float]:
    """Seconds and peak megabytes of a call of imgtui."""
    command = [str(Path(sys.executable).with_name("imgtui")), "-H", host, *arguments]
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **home.environment}
    done = subprocess.run(
        [sys.executable, "-c", _MEASURING, *command],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds, kibibytes = done.stdout.split()
    return float(seconds), int(kibibytes) * 1024 / 1e6


def _subject(command: tuple[str, ...], size: tuple[int, int]) -> Subject:
    return Subject(command, size, re.compile(r"[0-9a-f]{12}"), 1, timeout=_SECONDS)


def _open(home: Home, host: str, size: tuple[int, int]) -> TerminalSession:
    subject = _subject((str(Path(sys.executable).with_name("imgtui")),), size)
    session = subject.open(home, host)
    subject.wait_ready(session)
    session.wait_quiet(0.5, 20)
    return session


def _look(session: TerminalSession) -> tuple[float | None, float | None]:
    """Seconds from F to the first rows of the tree, and to all of it."""
    pressed = session.press("F")
    times: list[float | None] = []
    for text in (r"▸ |▾ ", r"efficiency \d.*reclaimable"):
        pattern = re.compile(text)
        shown = session.wait_until(partial(_shows, pattern), _SECONDS)
        times.append(None if shown is None else (shown.at - pressed) / 1e9)
    return times[0], times[1]


def _milliseconds(looks: Sequence[tuple[float | None, float | None]], which: int) -> list[float]:
    return [seconds * 1e3 for look in looks if (seconds := look[which]) is not None]


def _shows(pattern: re.Pattern[str], lines: list[str]) -> bool:
    return any(map(pattern.search, lines))


def _keys(session: TerminalSession) -> list[float]:
    """Milliseconds from each key to the last output before it was quiet again."""
    found = []
    for key in _KEYS:
        pressed = session.press(key)
        session.wait_quiet(0.3, 10)
        outputs = session.between(pressed)
        if outputs:
            found.append((outputs[-1].at - pressed) / 1e6)
    return found


def sections(options: argparse.Namespace, host: str) -> list[Section]:
    """What was measured."""
    columns, _, rows = options.size.partition("x")
    size = int(columns), int(rows)
    with tempfile.TemporaryDirectory() as folder:
        before = time.monotonic()
        save = subprocess.run(
            ["docker", "-H", host, "save", "-o", f"{folder}/image.tar", f"{NAME}:1"],
            check=False,
            capture_output=True,
        )
        saved = time.monotonic() - before if save.returncode == 0 else None
    with Home() as home:
        cold, peak = _called(home, host, "files", f"{NAME}:1", "--json")
        other, _ = _called(home, host, "files", f"{NAME}:2", "--json")
        warm, _ = _called(home, host, "files", f"{NAME}:2", "--json")
    calls = Section(
        "imgtui files --json",
        (
            single("docker save alone", saved, "s"),
            single("first look", cold, "s"),
            single("a version that shares all but the last layer", other, "s"),
            single("second look", warm, "s"),
            single("peak memory of the first", peak, "MB", "150"),
        ),
    )
    with Home() as home:
        with _open(home, host, size) as session:
            first, whole = _look(session)
            session.wait_quiet(0.5, 20)
            keys = _keys(session)
            used = usage(session.pid)
        looks = []
        for _ in range(_RESTARTS):
            with _open(home, host, size) as session:
                looks.append(_look(session))
    screen = Section(
        "the tree on the screen",
        (
            single("F to its first rows", first, "s"),
            single("F to all of it", whole, "s", "5"),
            figure("F again, after a restart: first rows", _milliseconds(looks, 0), "ms", "100"),
            figure("F again, after a restart: all of it", _milliseconds(looks, 1), "ms", "100"),
            figure("a key", keys, "ms", "10"),
            single("peak memory", used.peak, "MB", "150"),
        ),
    )
    return [calls, screen, _dive(host)]


def _dive(host: str) -> Section:
    """dive, to its first screen, where it is installed."""
    command = shutil.which("dive")
    title = "dive"
    if command is None:
        return Section(title, (single("to its first screen", None, "s", note="dive is not installed"),))
    with Home() as home:
        subject = Subject((command, f"{NAME}:1"), (120, 40), re.compile("Layers"), 1, timeout=_SECONDS)
        with subject.open(home, host) as session:
            shown = subject.wait_ready(session)
            used = usage(session.pid)
            took = (shown.at - session.started) / 1e9
    return Section(title, (single("to its first screen", took, "s"), single("peak memory", used.peak, "MB")))


def main() -> int:
    """Measure and print."""
    options = parser().parse_args()
    with engine(options) as host:
        found = sections(options, host)
    sys.stdout.write(
        f"{options.files:,} files, {options.megabytes} MB, {options.layers} layers on"
        f" {options.host or options.kind}\n\n{table(found)}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
