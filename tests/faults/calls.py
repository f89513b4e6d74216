"""Calls of imgtui in this process, through what may answer wrongly, and what is not right after them."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import sqlite3
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

from imgtui import cli
from imgtui.model.taglog.moves import Move
from imgtui.store.engines import Engines
from imgtui.store.state import State
from imgtui.store.tag_log import TagLog
from tests.faults.impatience import ONCE_MORE_SECONDS, impatience
from tests.faults.proxy import FaultyEngine, Recorded
from tests.faults.table import Fault
from tests.verbs.command import environment

HANGS_SECONDS: Final = 8.0
"""A call that has not ended by then, of a program that is impatient, would never."""
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_SAYS: Final = re.compile(
    '"ok": false|"error": ".*"|cannot read|or more|freed_bytes_about|does not tell how it was made'
)
"""Where what is printed says by itself what could not be had: doctor, registries, and plans of removal."""
_NAMED: Final = re.compile(r"sha256(?::|%3A)?[0-9a-f]{12,}|[0-9a-f]{12,}|misread(?::|%3A)\w+")
_AGE: Final = re.compile(r"\b\d+ (?:s|m|min|h)\b(?: ago)?|(?<=T)[\d:.]+(?=\+|Z)|\d\d:\d\d:\d\d")


@dataclass(frozen=True)
class Verb:
    """One call."""

    name: str
    words: tuple[str, ...]
    knows: bool = True
    """Whether imgtui has looked at the engine before."""

    def __str__(self) -> str:
        return self.name


VERBS: Final = (
    Verb("ls", ("ls",)),
    Verb("ls of one repository", ("ls", "misread", "--json")),
    Verb("ls at the first sight", ("ls", "--json"), knows=False),
    Verb("log", ("log",)),
    Verb("log of a tag", ("log", "misread:latest", "--json")),
    Verb("log at the first sight", ("log", "--json"), knows=False),
    Verb("log --engines", ("log", "--engines", "--json")),
    Verb("drift", ("drift",)),
    Verb("drift --json", ("drift", "--json")),
    Verb("drift --registry", ("drift", "--registry", "--json")),
    Verb("files", ("files", "misread:2", "--json")),
    Verb("files of a layer", ("files", "misread:1", "--layer", "1")),
    Verb("diff", ("diff", "misread:1", "misread:2", "--json")),
    Verb("diff --files", ("diff", "misread:1", "misread:2", "--files")),
    Verb("keep --plan", ("keep", "misread:2", "--plan")),
    Verb("keep --rules", ("keep", "--rules", "--json")),
    Verb("unkeep --plan", ("unkeep", "misread:1", "--plan")),
    Verb("tag --plan", ("tag", "misread:1", "misread:2", "--plan", "--json")),
    Verb("untag --plan", ("untag", "misread:2", "--plan")),
    Verb("undo --plan", ("undo", "--plan", "--json")),
    Verb("undo of a tag --plan", ("undo", "misread:latest", "--plan")),
    Verb("rm --plan", ("rm", "misread@unused", "--plan")),
    Verb("rm --unused --plan", ("rm", "--unused", "--plan", "--json")),
    Verb("rm --dangling --plan", ("rm", "--dangling", "--plan")),
    Verb("rm --build-cache --plan", ("rm", "--build-cache", "--plan", "--json")),
    Verb("rollback --plan", ("rollback", "misread", "--to", "misread:2", "--plan")),
    Verb("rollback --unfinished --plan", ("rollback", "--unfinished", "--plan")),
    Verb("record --once", ("record", "--once")),
    Verb("record --once at the first sight", ("record", "--once"), knows=False),
    Verb("doctor", ("doctor", "--json")),
)  # fmt: skip


@dataclass(frozen=True)
class Called:
    """What a call came to."""

    status: int
    out: str
    err: str
    seconds: float
    raised: str = ""
    """The traceback of what came out of it."""
    hung: bool = False

    @property
    def said(self) -> str:
        """What it prints, without what moves with the time."""
        return re.sub(" +", " ", _AGE.sub("*", self.out))

    def __str__(self) -> str:
        told = (self.out[-400:], self.err[-400:], self.raised[-1500:])
        return "\n".join((f"status {self.status} after {self.seconds:.1f} s", *filter(None, told)))


class _Terminal(StringIO):
    """Somebody looks on."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@contextmanager
def _alone(environ: Mapping[str, str], out: StringIO, err: StringIO) -> Iterator[None]:
    """Have a call see its own environment and streams."""
    before, streams, hook = dict(os.environ), (sys.stdout, sys.stderr), sys.excepthook
    os.environ.clear()
    os.environ.update(environ)
    sys.stdout, sys.stderr = out, err
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams
        sys.excepthook = hook
        os.environ.clear()
        os.environ.update(before)


def call(proxy: FaultyEngine, home: Path, words: Sequence[str], *, hangs: float = HANGS_SECONDS) -> Called:
    """Call imgtui; what hangs is let go by the end of all its connections."""
    out, err, raised = StringIO(), _Terminal(), ""
    hung = threading.Event()

    def end() -> None:
        hung.set()
        proxy.end_all()

    timer = threading.Timer(hangs, end)
    timer.start()
    began = time.monotonic()
    with _alone(environment(home, proxy.host), out, err):
        try:
            status = cli.main(words)
        except SystemExit as ended:
            status = int(ended.code or 0)
        except BaseException:
            status, raised = -1, traceback.format_exc()
        finally:
            timer.cancel()
    return Called(status, out.getvalue(), err.getvalue(), time.monotonic() - began, raised, hung.is_set())


class Caller:
    """Somebody who calls verbs of an engine that was recorded."""

    def __init__(self, proxy: FaultyEngine, home: Path, place: Path) -> None:
        """`home` has the state of somebody who has looked at the engine; calls are made in `place`."""
        self._proxy = proxy
        self._known = home
        self._home = place
        self.recorded: dict[str, Recorded] = {}
        self.keys: dict[str, Sequence[str]] = {}
        """The requests that each verb makes, in their order."""
        self.true: dict[str, Called] = {}
        """What each verb prints."""
        self._moves: dict[str, list[Move]] = {}

    def record(self, verbs: Sequence[Verb]) -> None:
        """Have each verb called on the engine, then from what was recorded: it must come to the same."""
        for verb in verbs:
            self._begin(verb)
            recording = self._proxy.record()
            live = call(self._proxy, self._home, verb.words, hangs=100)
            self.recorded[verb.name] = dict(recording.answers)
            self.keys[verb.name] = one_of_each(recording.asked)
            self.true[verb.name] = true = self.call(verb)
            assert (true.status, true.said) == (live.status, live.said), f"{verb}: {true}\nand live: {live}"
            assert not true.raised + live.raised, f"{verb}: {true}"
            self._moves[verb.name] = self.moves()

    def _begin(self, verb: Verb) -> None:
        shutil.rmtree(self._home, ignore_errors=True)
        if verb.knows:
            shutil.copytree(self._known, self._home)
        else:
            self._home.mkdir()

    def call(
        self, verb: Verb, key: str = "", fault: Fault | None = None, *, hangs: float = HANGS_SECONDS * 5
    ) -> Called:
        """Call a verb of which one request is answered by a fault."""
        self._begin(verb)
        self._proxy.answer(self.recorded[verb.name], key, fault)
        return call(self._proxy, self._home, verb.words, hangs=hangs)

    def moves(self) -> list[Move]:
        """All that is in the log."""
        path = self._home / "imgtui/state.db"
        if not path.exists():
            return []
        with closing(State(path)) as state:
            return [move for known in Engines(state).known() for move in TagLog(state, known.key).moves()]

    def wrong(self, verb: Verb, key: str, fault: Fault) -> str:
        """What is not right when one request of a verb is answered by a fault; empty where all is."""
        with impatience():
            found = self._wrong(verb, key, fault)
        if not found:
            return ""
        with impatience(ONCE_MORE_SECONDS):
            return self._wrong(verb, key, fault, hangs=HANGS_SECONDS * 5)

    def _wrong(self, verb: Verb, key: str, fault: Fault, *, hangs: float = HANGS_SECONDS) -> str:
        called, true = self.call(verb, key, fault, hangs=hangs), self.true[verb.name]
        what = self._wrong_end(called, true, fault) or self._false(verb, called, true, key, fault)
        shown = f"{verb}: {key} answered by {fault}: {called}\n{_differ(called, true)}"
        return f"{what} {shown}" if what else ""

    def _wrong_end(self, called: Called, true: Called, fault: Fault) -> str:
        """What is wrong with how a call ended, in words that a person finds by."""
        waits = fault.silent and called.status != true.status
        faults = {
            "TRACEBACK": called.raised or "Traceback" in called.err + called.out,
            "HANGS": called.hung,
            "NOT PLAYED": not self._proxy.played,
            "SILENT": waits and "waiting for the engine" not in called.err,
            "UNPRINTABLE": _UNPRINTABLE.search(called.out + called.err.replace("\r", "")),
            "CHANGED": self._proxy.changes,
        }
        return next((what for what, found in faults.items() if found), "")

    def _false(self, verb: Verb, called: Called, true: Called, key: str, fault: Fault) -> str:
        """What is wrong with what a call says, and with the log after it."""
        same = (called.status, called.said) == (true.status, true.said)
        named = _lines(called.err) - _lines(true.err) or _SAYS.search(_differ(called, true, "+"))
        faults = {
            "NOT THE TRUTH": fault.harmless and not same,
            "NOT SAID": not same and not named and not fault.says_nothing_is_there(key),
            "FALSE MOVES": not all(self._is_true(verb, move) for move in self.moves()),
            "DAMAGED": not self._is_whole(),
        }
        return next((what for what, found in faults.items() if found), "")

    def _is_whole(self) -> bool:
        """Whether the state file is one, where there is one."""
        path = self._home / "imgtui/state.db"
        if not path.exists():
            return True
        with closing(sqlite3.connect(path)) as file:
            return file.execute("PRAGMA quick_check").fetchall() == [("ok",)]

    def _is_true(self, verb: Verb, move: Move) -> bool:
        """Whether the log has this move, at least as exactly, when nothing is wrong."""
        return any(
            (move.reference, move.target) == (each.reference, each.target) for each in self._moves[verb.name]
        )


def one_of_each(asked: Sequence[str]) -> Sequence[str]:
    """The first request of each kind: of two that only name another thing the answer is read alike."""
    return tuple({_NAMED.sub("ID", key): key for key in reversed(asked)}.values())[::-1]


def _differ(called: Called, true: Called, signs: str = "+-") -> str:
    """The lines that two calls do not have in common: + those of the first alone, - those of the other."""
    lines = difflib.ndiff(true.said.splitlines(), called.said.splitlines())
    return "\n".join(line for line in lines if line[0] in signs)


def _lines(text: str) -> set[str]:
    return {line for line in re.split(r"[\r\n]+", text) if line.startswith("imgtui: ")}
