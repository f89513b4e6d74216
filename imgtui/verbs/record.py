"""`imgtui record`: the moves of tags are recorded, and keep rules applied, without a screen."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterable
from functools import partial

from imgtui.engine.port.engine import Engine
from imgtui.model.keeps.keep import is_keep
from imgtui.model.taglog.moves import Cause, Move, in_order
from imgtui.operations.keeps.keeping import Keeping
from imgtui.operations.keeps.rule_book import RuleBook
from imgtui.operations.protocol.updates import (
    ActEnded,
    EngineState,
    Failed,
    Phase,
    Remembered,
    RulesUpdated,
    Settled,
    Update,
)
from imgtui.operations.session.session import Session
from imgtui.operations.taglog.full_scan import survey
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.remembering import Remembering
from imgtui.store.cached.cache import Cache
from imgtui.store.config.settings import RollbackSettings
from imgtui.store.presence import AlreadyHeld, Presence, hold
from imgtui.store.state import State, StateUnusable
from imgtui.threads import in_background
from imgtui.verbs.console.looking import look
from imgtui.verbs.console.output import Exit, OutputFailed, nobody_reads, print_error, put
from imgtui.verbs.moves import line
from imgtui.verbs.rules import nothing_is_kept, say_what_is_lost
from imgtui.words import plural


def run(
    engine: Engine,
    where: str,
    state: State,
    recorder: Recorder,
    rules: RuleBook,
    cache: Cache,
    *,
    rollback: RollbackSettings | None = None,
) -> Exit:
    """Record until a signal comes, or until nothing can be recorded any more; reconnects for ever.

    `where` is how people call the endpoint. The recorder writes into `state`.
    """
    following = Following(state, recorder, where)
    _end_by_signal(following)
    print_error(f"connecting to {where}")
    session = Session(
        engine,
        cache,
        where,
        following,
        recorder=recorder,
        rules=rules,
        headless=True,
        rollback=rollback,
    )
    session.start()
    status = following.wait()
    session.close()
    return status


def once(engine: Engine, recorder: Recorder, rules: RuleBook, cache: Cache) -> Exit:
    """Look once, print what is new in the log, and apply the keep rules. Raises EngineError."""
    found = look(engine, recorder)
    catalog = found.catalog
    if recorder.problem is not None:
        print_error(recorder.problem)
        return Exit.FAILED
    _print((*in_order(found.proved)[::-1], *found.recorded.moves))
    Remembering(engine, recorder, cache, asks=True).save(found.info.store, catalog)
    say_what_is_lost(recorder, rules)
    if rules.counts_bytes:
        catalog = survey(engine, cache, recorder).catalog
    keeping = Keeping(engine, recorder, rules, cache.layers)
    _print(keeping.apply(catalog))
    if keeping.problem is not None:
        print_error(keeping.problem)
        return Exit.FAILED
    return Exit.DONE


class Following:
    """What a session tells, as lines, until something ends it."""

    def __init__(self, state: State, recorder: Recorder, where: str) -> None:
        self._state = state
        self._recorder = recorder
        self._where = where
        self._ended = threading.Event()
        self._status = Exit.DONE
        self._presence: tuple[str, Presence] | None = None
        self._printed: dict[str, int] = {}
        """Engine ID to the number of its newest move that was printed, or was there before."""
        self._told: str | None = None
        self._rules = RulesUpdated()
        self._begun = False
        """Whether it was said that it records: what is proved of the time before is printed after that."""

    def __call__(self, update: Update) -> None:
        """Hear of something, in a thread of the session."""
        if self._ended.is_set():
            return
        try:
            if isinstance(update, EngineState):
                self._hear(update)
            if isinstance(update, ActEnded):
                self._say(update.error or update.said)
            if isinstance(update, Failed):
                self._say(update.problem)
            if isinstance(update, Settled):
                self._say("; ".join(update.lines))
            if isinstance(update, RulesUpdated):
                self._hear_of_rules(update)
            if isinstance(update, EngineState | Remembered):
                self._print_moves()
            if self._recorder.problem is not None:
                self._hear_of_file(self._recorder.problem, passing=self._recorder.can_write)
        except BrokenPipeError:
            nobody_reads()
            self.end(Exit.FAILED)
        except OutputFailed as error:
            nobody_reads()
            self.fail(str(error))
        except StateUnusable as error:
            self._hear_of_file(str(error), passing=error.passing)
        except OSError as error:
            self.fail(str(error))

    def end(self, status: Exit) -> None:
        """End it; the first to do so says with what status."""
        if not self._ended.is_set():
            self._status = status
            self._ended.set()

    def wait(self) -> Exit:
        """Wait until it is ended; the exit status."""
        self._ended.wait()
        if self._presence is not None:
            self._presence[1].release()
        return self._status

    def _hear(self, state: EngineState) -> None:
        if state.phase is Phase.LOST and state.problem is not None:
            self._say(f"no connection: {state.problem.cause}; it is tried again and again")
        elif state.info is not None and state.phase in {Phase.LISTING, Phase.LIVE}:
            self._watch()
            if state.phase is Phase.LIVE:
                info, self._begun = state.info, True
                self._say(
                    f"recording {info.product} {info.version} on {info.name} ({info.host or self._where})"
                )

    def _hear_of_file(self, problem: str, *, passing: bool) -> None:
        """While another program has the file locked it is tried again: what moved meanwhile is found."""
        if passing:
            self._say(f"{problem}; it is tried again and again")
        else:
            self.fail(problem)

    def _hear_of_rules(self, told: RulesUpdated) -> None:
        """Say what is wrong with them, and how many there are when it has changed."""
        before, self._rules = self._rules, told
        if told.problem is not None and told.problem != before.problem:
            print_error(told.problem)
        if told.rules != before.rules:
            print_error(f"{plural(len(told.rules), 'keep rule')} in force")
        if told.offered and not before.offered:
            print_error(nothing_is_kept())

    def _watch(self) -> None:
        """Be the one recorder of this engine; at the same address there may be another one now."""
        path, key = self._state.path, self._recorder.key
        if path is None or key is None or (self._presence is not None and self._presence[0] == key):
            return
        if self._presence is not None:
            self._presence[1].release()
            self._presence = None
        try:
            self._presence = key, hold(path.parent, key)
        except AlreadyHeld:
            self.fail(f"another imgtui records this engine already, into {path.parent}")
        except OSError as error:
            self.fail(f"the folder {path.parent} cannot be used ({error.strerror})")

    def _print_moves(self) -> None:
        """Print what is new in the log, whoever recorded it: each move is one line of the recorder."""
        log, key = self._recorder.log, self._recorder.key
        if log is None or key is None:
            return
        printed = self._printed.setdefault(key, log.newest_number())
        if not self._begun:
            return
        moves = log.moves_after(printed)
        _print(move for move in moves if move.cause is Cause.RELEASE or not is_keep(move.reference))
        self._printed[key] = max((printed, *(move.number for move in moves)))

    def _say(self, text: str) -> None:
        """Say once what is so until something else is."""
        if text != self._told:
            self._told = text
            print_error(text)

    def fail(self, problem: str) -> None:
        """End it, and say why."""
        if not self._ended.is_set():
            print_error(problem)
            self.end(Exit.FAILED)


def _end_by_signal(following: Following) -> None:
    """Have SIGTERM and SIGINT end it.

    Their numbers are read from a pipe: a handler runs in the main thread only, which a signal does not always
    wake while it waits (2 of 30 recorders went on).
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)

    def hear() -> None:
        os.read(reading, 1)
        following.end(Exit.DONE)

    in_background("signals", hear, following.fail, partial(os.close, writing))


def _print(moves: Iterable[Move]) -> None:
    for move in moves:
        put(line(move) + "\n")
    put("", now=True)
