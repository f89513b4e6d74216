"""`imgtui keep --rules`: what each keep rule matches, holds and will release; and that there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from imgtui.engine.port.engine import Engine
from imgtui.model.catalog.catalog import NONE
from imgtui.model.core.clock import SECOND, MonotonicTime
from imgtui.model.core.digest import short
from imgtui.model.core.printable import printable
from imgtui.model.keeps.report import RuleReport
from imgtui.model.keeps.rules import KeepRule
from imgtui.operations.keeps.rule_book import RuleBook
from imgtui.operations.keeps.rule_report import report_of_rules
from imgtui.operations.session.rules_service import is_offered
from imgtui.operations.taglog.full_scan import survey
from imgtui.operations.taglog.recording import Recorder, moment
from imgtui.store.cached.cache import Cache
from imgtui.store.config.paths import config_file
from imgtui.verbs.console.output import Exit, print_error, print_json, put
from imgtui.words import plural, rule_words, size, span


def run(
    engine: Engine,
    cache: Cache,
    recorder: Recorder,
    rules: Sequence[KeepRule],
    *,
    as_json: bool,
    clock: Callable[[], MonotonicTime] = moment,
) -> Exit:
    """Print each rule. Raises EngineError."""
    found = survey(engine, cache, recorder)
    names = [name for name in found.catalog.repositories if name != NONE]
    path = config_file()
    reports, waiting = report_of_rules(recorder, rules, found.catalog, found.tree, clock, path=path)
    now = recorder.wall
    if as_json:
        print_json([_describe(report, now) for report in reports])
    else:
        for report in reports:
            for text in _lines(report, len(names)):
                put(f"{text}\n")
        if not reports:
            put(f"there is no keep rule: [[keep]] in {printable(config_file())} makes one\n")
    if waiting:
        print_error(waiting)
    if not rules:
        say_what_is_lost(recorder, RuleBook(config_file(), rules))
    return Exit.DONE


def say_what_is_lost(recorder: Recorder, rules: RuleBook) -> None:
    """Say that no rule holds what this engine deletes, where that is so and nobody wanted it."""
    if is_offered(recorder, rules):
        print_error(nothing_is_kept())


def nothing_is_kept() -> str:
    """One line: what is wrong, and what to do."""
    return (
        "no keep rule, and this engine deletes what a rebuild replaces: press M in the explorer,"
        f" or add [[keep]] to {printable(config_file())}"
    )


def _lines(report: RuleReport, repositories: int) -> Iterator[str]:
    rule = report.rule
    yield f"{printable(rule.repository)}  {rule_words(rule)}"
    if not report.repositories:
        like = f": the nearest name is {report.nearest}" if report.nearest else ""
        yield f"  matches none of {plural(repositories, 'repository')} here{like}"
        return
    shown = ", ".join(report.repositories)
    yield f"  matches  {plural(len(report.repositories), 'repository')}: {shown}"
    new = sum(not each.kept for each in report.holds)
    soon = f", {new} of them when the rule is applied next" if new else ""
    only = f"{size(report.held_bytes)} that nothing else holds"
    yield f"  holds    {plural(len(report.holds), 'version')}{soon}; {only}"
    if not report.releases:
        yield "  releases nothing"
        return
    yield f"  releases {plural(len(report.releases), 'version')}, {size(report.released_bytes)}:"
    for each in report.releases:
        when = f"in {span(each.seconds)}" if each.seconds > 0 else "when the rule is applied next"
        yield f"    {short(each.unwanted.image_id)} of {each.unwanted.repository} {when}"


def _describe(report: RuleReport, now: int) -> dict[str, object]:
    """The JSON object of a rule: full digests, bytes, seconds, RFC 3339 times."""
    rule = asdict(report.rule)
    return {
        "repository": rule["repository"],
        "last": rule["last"],
        "days": rule["days"],
        "all": rule["all"],
        "budget": rule["budget"],
        "grace_seconds": rule["grace"],
        "matches": list(report.repositories),
        "nearest": report.nearest,
        "holds": [
            {"repository": each.repository, "id": each.image_id, "kept": each.kept} for each in report.holds
        ],
        "held_bytes": report.held_bytes,
        "releases": [
            {
                "repository": each.unwanted.repository,
                "id": each.unwanted.image_id,
                "not_before": _time(now + int(each.seconds * SECOND)),
                "seconds": int(each.seconds + 0.5),
            }
            for each in report.releases
        ],
        "released_bytes": report.released_bytes,
    }


def _time(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds // SECOND, UTC).isoformat()
