"""What `imgtui doctor` finds in the files of imgtui: settings, tag log, cache."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from imgtui.model.image import EngineInfo
from imgtui.model.printable import printable
from imgtui.store.cache import Cache
from imgtui.store.presence import is_held
from imgtui.store.settings import SettingsError, read_settings
from imgtui.store.state import State, StateUnusable
from imgtui.words import plural


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    topic: str
    ok: bool
    found: str
    remedy: str = ""
    optional: bool = False
    """Whether it is no problem, and nothing that is well either: something that one may want."""


@dataclass(frozen=True, slots=True)
class Files:
    """Where they are."""

    cache: Path
    state: Path | None
    settings: Path


def look_into(files: Files, info: EngineInfo | None) -> Iterator[Finding]:
    """Look into them; `info` is the engine that answers, None for none."""
    yield _settings(files.settings)
    if files.state is not None:
        yield _state(files.state)
        if info is not None:
            yield _recorder(files.state.parent, info)
    with closing(Cache(files.cache)) as cache:
        yield _cache(cache, files.cache)


def _settings(path: Path) -> Finding:
    try:
        rules = len(read_settings(path).keep)
    except SettingsError as error:
        return Finding("settings", False, *_cause_and_remedy(str(error), "; "))
    there = "" if path.exists() else ", not there"
    return Finding("settings", True, printable(f"{path}: {plural(rules, 'keep rule')}{there}"))


def _state(path: Path) -> Finding:
    try:
        with closing(State(path)):
            return Finding("tag log", True, printable(path))
    except StateUnusable as error:
        return Finding("tag log", False, *_cause_and_remedy(str(error), ": "))


def _recorder(folder: Path, info: EngineInfo) -> Finding:
    if is_held(folder, info.id):
        return Finding("recorder", True, f"imgtui record watches {info.name}")
    found = f"not running: while nothing of imgtui runs, the times of moves on {info.name} are not exact"
    return Finding(
        "recorder", True, found, "imgtui record --print-unit prints a unit that has it run", optional=True
    )


def _cache(cache: Cache, path: Path) -> Finding:
    cache.check()
    if cache.problem is not None:
        remedy = f"imgtui works without it, only slower: see to the folder, or delete {path}"
        return Finding("cache", False, printable(cache.problem), remedy)
    return Finding("cache", os.access(path, os.W_OK), str(path))


def _cause_and_remedy(text: str, between: str) -> tuple[str, str]:
    """An error's one line in its two halves."""
    cause, found, remedy = text.rpartition(between)
    return (cause, remedy) if found else (text, "see to the file")
