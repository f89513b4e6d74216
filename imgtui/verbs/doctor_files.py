"""What `imgtui doctor` finds in the files of imgtui: settings, tag log, cache."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from imgtui.model.core.image import EngineInfo, Store
from imgtui.model.core.printable import printable
from imgtui.model.taglog.identity import Doubt, identify, place_of
from imgtui.store.cached.cache import Cache
from imgtui.store.config.settings import SettingsError, read_settings
from imgtui.store.engines import Engines
from imgtui.store.examine import read_everything
from imgtui.store.machine import check_shared, is_watched
from imgtui.store.rule_notes import RuleNotes
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
    machine: Path | None = None
    """The log of the machine's recorder, beside this user's own."""


def look_into(files: Files, info: EngineInfo | None) -> Iterator[Finding]:
    """Look into them; `info` is the engine that answers, None for none."""
    yield _settings(files.settings)
    if files.state is not None:
        yield from _state(files.state, files.machine, info)
    with closing(Cache(files.cache)) as cache:
        yield _cache(cache, files.cache)


def loses_unasked(files: Files, info: EngineInfo) -> bool:
    """Whether this engine deletes what a rebuild replaces, no rule holds it, and nobody wanted it so.

    Where the machine's recorder watches it, that applies rules of its own.
    """
    if info.store is not Store.CONTAINERD or files.state is None:
        return False
    if files.machine is not None and is_watched(None, files.machine, info.id, place_of(info)):
        return False
    try:
        if read_settings(files.settings).keep:
            return False
        with closing(State(files.state)) as state:
            key = _key(state, info)
            return isinstance(key, str) and RuleNotes(state, key).answer() is None
    except (SettingsError, StateUnusable):
        return False  # the finding about that file says so


def _settings(path: Path) -> Finding:
    try:
        rules = len(read_settings(path).keep)
    except SettingsError as error:
        return Finding("settings", False, *_cause_and_remedy(str(error), "; "))
    there = "" if path.exists() else ", not there"
    return Finding("settings", True, printable(f"{path}: {plural(rules, 'keep rule')}{there}"))


def _state(path: Path, machine: Path | None, info: EngineInfo | None) -> Iterator[Finding]:
    """The log, whose it is, and who watches."""
    key: str | Doubt | None = None
    try:
        with closing(State(path)) as state:
            read_everything(state)
            yield _log(path, state)
            key = None if info is None else _key(state, info)
    except StateUnusable as error:
        yield Finding("tag log", False, *_cause_and_remedy(str(error), ": "))
    if machine is not None:
        yield _machine(machine)
    if isinstance(key, Doubt):
        remedy = "imgtui log --adopt ID, or --as-new; imgtui log --engines lists them"
        yield Finding("identity", False, key.question, remedy)
    elif key is not None and info is not None:
        yield _recorder(info, watched=is_watched(path, machine, key, place_of(info)))


def _key(state: State, info: EngineInfo) -> str | Doubt:
    """Whose log it is, without a list: what a look would still have to compare is no doubt yet."""
    return identify(place_of(info), Engines(state).known(), lambda _: None)


def _log(path: Path, state: State) -> Finding:
    if state.refused is not None:
        return Finding("tag log", False, *_cause_and_remedy(str(state.refused), ": "))
    if state.unread.words is not None:
        return Finding("tag log", False, *_cause_and_remedy(state.unread.words, ": "))
    if aside := sorted(path.parent.glob(f"{path.name}.damaged-*")):
        found = f"{path}, begun anew after {aside[-1].name} was set aside"
        return Finding("tag log", True, printable(found), "restore a backup in its place, or remove it")
    return Finding("tag log", True, printable(path))


def _machine(path: Path) -> Finding:
    try:
        check_shared(path)
        with closing(State.for_reading(path)) as state:
            read_everything(state)
            if state.unread.words is not None:
                return Finding("machine's log", False, *_cause_and_remedy(state.unread.words, ": "))
    except StateUnusable as error:
        return Finding("machine's log", False, *_cause_and_remedy(str(error), ": "))
    return Finding("machine's log", True, printable(f"{path} is read too: its moves are taken over"))


def _recorder(info: EngineInfo, *, watched: bool) -> Finding:
    if watched:
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
