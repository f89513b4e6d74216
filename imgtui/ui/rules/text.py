"""Keep rules as lines: what they hold, what they released, and the offer of a first one."""

from __future__ import annotations

from collections.abc import Sequence

from imgtui.model.catalog.catalog import NONE
from imgtui.model.core.clock import SECOND
from imgtui.model.core.digest import short
from imgtui.model.keeps.keep import read_keep
from imgtui.model.keeps.report import RuleReport, report
from imgtui.model.keeps.rules import KeepRule
from imgtui.model.taglog.moves import Move
from imgtui.operations.keeps.keeping import candidates_of, keeps_that_count
from imgtui.store.config.first_rule import FIRST_RULE, LINES
from imgtui.ui.explorer.knowledge import Knowledge
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.words import plural, rule_words, size


def released_words(moves: Sequence[Move]) -> str:
    """`rule web* released 3694a15074bd of web`, and how many others, in one line; the newest first."""
    newest = moves[0]
    keep = read_keep(newest.reference)
    place = f" of {keep.repository}" if keep is not None and keep.repository else ""
    more = f", and {len(moves) - 1} more: @ lists them" if len(moves) > 1 else ""
    return f"{newest.source} released {short(newest.origin or '')}{place}{more}"


def offer_lines(known: Knowledge) -> list[Line]:
    """What a first rule would do, the most important first: a small terminal shows the beginning."""
    (found,) = reports(known, [FIRST_RULE])
    new = sum(not each.kept for each in found.holds)
    lost = known.lost_by_builds() if known.rules.offered else 0
    lines = []
    if known.rules.offered:
        told = f": {plural(lost, 'version')} so far" if lost else ""
        lines += [line(f" This engine deletes what a rebuild replaces{told}."), line("")]
    return [
        *lines,
        line(Span(" enter", "accent"), " keeps the last 5 of every repository,"),
        line("       and what containers run, by a rule in"),
        line("       ", Span(known.rules.place, "accent")),
        *(line(Span(f"         {text}", "dim")) for text in LINES),
        line(f"       and a keep to {plural(new, 'image')} here: it costs no bytes now."),
        line("       What the rule wants no more goes after 24 h."),
    ]


def rules_lines(known: Knowledge) -> list[Line]:
    """Each rule with what it matches, holds and will release."""
    if not known.rules.rules:
        return [
            line(" No keep rule is in force."),
            line(" Rules are [[keep]] in imgtui's settings, config.toml."),
        ]
    lines: list[Line] = []
    for each in reports(known, known.rules.rules):
        lines.append(line(" ", Span(each.rule.repository, "accent"), f"  {rule_words(each.rule)}"))
        lines.append(line(f"   {_holds(each, known)}"))
    return [*lines, line(""), line(Span(" imgtui keep --rules says more: which, and when", "dim"))]


def reports(known: Knowledge, rules: Sequence[KeepRule]) -> list[RuleReport]:
    """What these rules hold here, as far as it is known on this screen."""
    catalog = known.catalog
    judged = {
        name: candidates_of(repository, catalog, known.rules.own)
        for name, repository in catalog.repositories.items()
        if name != NONE
    }
    own = known.rules.own
    keeps = [keep for image in catalog.images.values() for keep in keeps_that_count(image, own)]
    now = int(known.now) * SECOND
    return report(rules, judged, keeps, now, known.tree.freed, lambda unwanted: unwanted.grace)


def _holds(each: RuleReport, known: Knowledge) -> str:
    if not each.repositories:
        near = f": the nearest name is {each.nearest}" if each.nearest else ""
        return f"matches no repository here{near}"
    alone = f" ({size(each.held_bytes)} by it alone)" if known.complete else ""
    going = f"; will release {len(each.releases)}" if each.releases else ""
    matched = plural(len(each.repositories), "repository")
    return f"matches {matched}, holds {plural(len(each.holds), 'version')}{alone}{going}"
