"""The command line, run: exit status, and which verb does it.

Textual is imported only when the explorer opens, docker only when an engine is asked.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from imgtui import explorer, wiring
from imgtui.arguments import read
from imgtui.threads import unheard
from imgtui.verbs.console.output import (
    Exit,
    OutputFailed,
    nobody_reads,
    open_closed_streams,
    print_error,
    print_problem,
    print_unforeseen,
    put,
)
from imgtui.verbs.console.waiting import waiting_line
from imgtui.wiring import Wiring

if TYPE_CHECKING:
    from imgtui.operations.taglog.recording import Recorder
    from imgtui.verbs import rollback
    from imgtui.verbs.console.asking import Manner
    from imgtui.verbs.plans import Planner

ACTS = frozenset({"keep", "unkeep", "tag", "untag", "undo"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run imgtui; the exit status."""
    if not open_closed_streams():
        print_error("standard output is closed")
        return Exit.FAILED
    sys.excepthook = print_unforeseen
    try:
        try:
            return _run(read(arguments), os.environ)
        finally:
            for line in unheard:
                print_error(f"in the background: {line}")
            put("", now=True)  # what the interpreter writes at its end fails with a traceback
    except KeyboardInterrupt:
        return Exit.FAILED
    except BrokenPipeError:
        nobody_reads()
        return Exit.DONE
    except OutputFailed as error:
        nobody_reads()
        print_error(str(error))
        return Exit.FAILED


def _run(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    if options.verb == "help":
        from imgtui.verbs import topics

        return topics.run(options.topic)
    refused = _refusal(options, environ)
    if refused is not None:
        return refused
    if options.verb == "record" and options.print_unit:
        from imgtui.verbs import unit

        return unit.run(
            options.host, options.context, options.state, environ, user=options.user, group=options.group
        )
    return _with_engine(options, environ)


def _with_engine(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    from imgtui.engine.connect.contexts import EndpointError
    from imgtui.engine.port.errors import EngineError, Problem, ProblemKind, Refused, Unavailable

    try:
        endpoint = wiring.endpoint(options, environ)
    except EndpointError as error:
        print_problem(Problem(ProblemKind.WRONG_CONTEXT, error.cause, error.remedy))
        return Exit.NO_ENGINE
    try:
        engine = wiring.engine(endpoint, environ, options)
    except EngineError as error:
        print_error(str(error))
        return Exit.FAILED
    wired = Wiring(options, environ, endpoint, engine)
    try:
        verbs = {None: explorer.run, "record": _record, "files": _files, "diff": _diff}
        with waiting_line() if options.verb is not None else nullcontext():
            return verbs.get(options.verb, _print)(wired)
    except Unavailable as error:
        print_problem(error.problem)
        return Exit.NO_ENGINE
    except Refused as error:
        print_problem(error.problem)
        return Exit.FAILED
    except EngineError as error:
        print_error(str(error))
        return Exit.FAILED
    finally:
        engine.close()


def _refusal(options: argparse.Namespace, environ: Mapping[str, str]) -> Exit | None:
    """What can be refused before anything is asked, in one line."""
    verb = options.verb
    if verb is None:
        return None if explorer.terminal_can_show(environ) else Exit.USAGE
    if verb in ACTS and (verb != "keep" or (options.refs and not options.rules)):
        return _manner(options).refusal(terminal=sys.stdin.isatty())
    wrong = None
    if (
        verb == "log"
        and (options.export or options.import_file is not None)
        and (options.ref or options.json)
    ):
        wrong = "--export and --import are of the whole log, and have a form of their own"
    if verb == "log" and options.ref and (options.engines or options.adopt is not None or options.as_new):
        wrong = "--engines, --adopt and --as-new are of whole logs"
    if verb == "record" and options.user and not options.print_unit:
        wrong = "--user belongs to --print-unit"
    if verb == "rollback" and sum((options.name is not None, options.unfinished, options.give_up)) != 1:
        wrong = "NAME, --unfinished or --give-up is wanted"
    if verb == "keep" and bool(options.refs) is options.rules:
        wrong = "either a REF or --rules is wanted"
    if verb == "record" and options.demo:
        wrong = "the demo has nothing to record"
    if verb == "rm" and not (options.names or options.bulk):
        wrong = "a DIGEST, or which ones to remove, is wanted"
    if wrong is None and verb == "rm":
        return _manner(options).refusal(terminal=sys.stdin.isatty())
    if wrong is None and verb == "rollback":
        return _manner(options).refusal(terminal=sys.stdin.isatty())
    if wrong is None:
        return None
    print_error(f"{wrong}: see imgtui {verb} --help")
    return Exit.USAGE


def _print(wired: Wiring) -> int:
    from imgtui.store.config.paths import config_file
    from imgtui.verbs import doctor
    from imgtui.verbs.doctor_files import Files

    options, engine = wired.options, wired.engine
    if options.verb == "doctor":
        paths = wired.cache_path, wired.state_path, config_file(), wired.machine_path
        files = None if wired.endpoint is None else Files(*paths)
        return doctor.run(engine, wired.endpoint, files, wired.environ, as_json=options.json)
    recorder = wired.recorder()
    if options.verb == "keep" and options.rules:
        return _rules(wired, recorder)
    try:
        return _print_log(wired, recorder) if options.verb == "log" else _print_rest(wired, recorder)
    finally:
        if recorder.remark is not None:
            print_error(recorder.remark)


def _print_log(wired: Wiring, recorder: Recorder) -> int:
    """A log of which a part was not understood is printed, and is not all: that is a failure."""
    from imgtui.verbs import engines, log, transfer

    options, engine = wired.options, wired.engine
    if options.engines:
        return _engines(wired)
    if options.adopt is not None or options.as_new:
        return engines.answer(engine, recorder, options.adopt)
    if options.import_file is not None:
        return transfer.import_log(engine, recorder, options.import_file)
    if options.export:
        status = transfer.export_log(engine, recorder)
    else:
        status = log.run(engine, recorder, options.ref, as_json=options.json)
    if recorder.problem is not None and status is Exit.DONE:
        print_error(f"nothing is recorded: {recorder.problem}")
    return Exit.FAILED if status is Exit.DONE and recorder.remark is not None else status


def _print_rest(wired: Wiring, recorder: Recorder) -> int:
    from imgtui.verbs import acts, drift, ls

    options, engine = wired.options, wired.engine
    if options.verb == "undo":
        status = _undo(wired, recorder)
    elif options.verb in ACTS:
        status = acts.run(engine, recorder, _planners(options), _manner(options))
    elif options.verb == "rollback":
        status = _roll_back(wired, recorder)
    elif options.verb == "rm":
        status = _remove(wired, recorder)
    elif options.verb == "ls":
        status = ls.run(engine, wired.cache(), recorder, options.repository, as_json=options.json)
        _say_what_is_lost(wired, recorder)
    else:
        status = drift.run(engine, recorder, registry=options.registry, as_json=options.json)
    if recorder.doubt is not None:
        print_error(recorder.doubt.words)
    elif recorder.problem is not None:
        print_error(f"nothing is recorded: {recorder.problem}")
    return status


def _engines(wired: Wiring) -> Exit:
    from contextlib import closing

    from imgtui.store.state import StateUnusable
    from imgtui.verbs import engines

    try:
        with closing(wired.state()) as state:
            return engines.show(state, as_json=wired.options.json)
    except StateUnusable as error:
        print_error(str(error))
        return Exit.FAILED


def _rules(wired: Wiring, recorder: Recorder) -> Exit:
    from imgtui.store.config.settings import SettingsError
    from imgtui.verbs import rules

    try:
        found = wired.settings().keep
    except SettingsError as error:
        print_error(str(error))
        return Exit.FAILED
    return rules.run(wired.engine, wired.cache(), recorder, found, as_json=wired.options.json)


def _say_what_is_lost(wired: Wiring, recorder: Recorder) -> None:
    """What `ls` says besides; settings with a mistake have no rule in force."""
    from imgtui.store.config.settings import SettingsError
    from imgtui.verbs.rules import say_what_is_lost

    try:
        say_what_is_lost(recorder, wired.rules(wired.settings()))
    except SettingsError as error:
        print_error(str(error))


def _files(wired: Wiring) -> Exit:
    from imgtui.verbs import files

    options = wired.options
    _, image = wiring.place_of(options.image, options)
    wanted = files.FilesArguments(
        image, options.layer, options.json, options.min_efficiency, options.max_wasted
    )
    return files.run(wired.engine, wired.cache().layer_lists, wanted)


def _diff(wired: Wiring) -> Exit:
    from imgtui.verbs import diff

    options = wired.options
    places = (wiring.place_of(options.a, options), wiring.place_of(options.b, options))
    wanted = diff.DiffArguments(*places, options.files, options.json)
    return diff.run(wired.engine, wired.cache(), wired.recorder(), wanted)


def _remove(wired: Wiring, recorder: Recorder) -> Exit:
    from imgtui.verbs import rm

    options = wired.options
    kind, amount = options.bulk or ("", "")
    wanted = rm.RmArguments(tuple(options.names), kind, amount)
    return rm.run(wired.engine, wired.cache(), recorder, wanted, _manner(options))


def _roll_back(wired: Wiring, recorder: Recorder) -> Exit:
    from imgtui.verbs import rollback

    if (wanted := _wanted(wired, wired.options.name)) is None:
        return Exit.FAILED
    return rollback.run(wired.engine, recorder, wanted, _manner(wired.options))


def _undo(wired: Wiring, recorder: Recorder) -> Exit:
    from imgtui.verbs import undo

    options = wired.options
    if (wanted := _wanted(wired, None)) is None:
        return Exit.FAILED
    return undo.run(wired.engine, recorder, options.ref, _manner(options), redo=options.redo, wanted=wanted)


def _wanted(wired: Wiring, name: str | None) -> rollback.RollbackArguments | None:
    """What is wanted of a roll back; None where the settings are not understood, which is said."""
    from imgtui.store.config.settings import SettingsError
    from imgtui.verbs import rollback

    options = wired.options
    try:
        settle = wired.settings().rollback.settle if options.settle is None else options.settle
    except SettingsError as error:
        print_error(str(error))
        return None
    found = rollback.RollbackArguments(
        name, settle=settle, allow_restarts=options.allow_restarts, health=not options.no_health
    )
    if options.verb != "rollback":
        return found
    return replace(
        found,
        to=options.to,
        with_containers=tuple(options.with_containers),
        with_all=options.with_all,
        all_replicas=options.all_replicas,
        no_dependents=options.no_dependents,
        pin=options.pin,
        give_up=options.give_up,
    )


def _manner(options: argparse.Namespace) -> Manner:
    from imgtui.verbs.console.asking import Manner

    return Manner(options.yes, options.plan, options.json, options.read_only)


def _planners(options: argparse.Namespace) -> list[Planner]:
    from imgtui.verbs import plans

    match options.verb:
        case "keep":
            return [plans.keeping(ref) for ref in options.refs]
        case "unkeep":
            return [plans.unkeeping(ref) for ref in options.refs]
        case "tag":
            return [plans.tagging(options.source, options.ref)]
        case _:
            return [plans.untagging(options.ref)]


def _record(wired: Wiring) -> int:
    from imgtui.store.cached.cache import Cache
    from imgtui.store.config.settings import SettingsError
    from imgtui.store.state import StateUnusable
    from imgtui.verbs import record

    try:
        settings = wired.settings()
        rules = wired.rules(settings)
        state = wired.state()
    except (SettingsError, StateUnusable) as error:
        print_error(str(error))
        return Exit.FAILED
    recorder = wired.recorder(state)
    cache = wired.cache() if rules.counts_bytes else Cache(None)
    if wired.options.read_only and settings.keep:
        print_error("keep rules are not applied: imgtui runs read-only")
    if wired.options.once:
        return record.once(wired.engine, recorder, rules, cache)
    return record.run(wired.engine, wired.where, state, recorder, rules, cache, rollback=settings.rollback)
