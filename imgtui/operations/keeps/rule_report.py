"""What keep rules hold and will release on an engine, and when: looked at, and nothing written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from imgtui.model.catalog.catalog import NONE, Catalog
from imgtui.model.core.clock import MonotonicTime
from imgtui.model.core.layers import LayerTree
from imgtui.model.keeps.patience import look_at_clock, parted
from imgtui.model.keeps.report import RuleReport, report
from imgtui.model.keeps.rules import KeepRule, Unwanted
from imgtui.operations.keeps.keeping import candidates_of, keeps_that_count, own_keeps, rules_of_others
from imgtui.operations.taglog.recording import Recorder, moment
from imgtui.store.config.settings import SettingsError
from imgtui.store.rule_notes import RuleNotes


def report_of_rules(
    recorder: Recorder,
    rules: Sequence[KeepRule],
    catalog: Catalog,
    tree: LayerTree,
    clock: Callable[[], MonotonicTime] = moment,
    *,
    path: Path | None = None,
) -> tuple[list[RuleReport], str]:
    """What each rule holds and will release, and why nothing is released now; empty for no reason.

    `path` is the settings file in which they are.

    Nothing is written down: a version of which no program has noticed yet that no rule wants it has its whole
    grace time before it.
    """
    own = own_keeps(recorder)
    judged = {
        name: candidates_of(repository, catalog, own)
        for name, repository in catalog.repositories.items()
        if name != NONE
    }
    keeps = [keep for image in catalog.images.values() for keep in keeps_that_count(image, own)]
    notes = recorder.notes
    notices = (recorder.guarded(notes.notices) if notes is not None else None) or {}
    wall, at = recorder.wall, clock()
    wait, why = _why_not(recorder, notes, wall, at)
    others: Sequence[KeepRule] = ()
    try:
        others = rules_of_others(recorder, path)
    except SettingsError as error:
        why = f"nothing is released: {error}"

    def remaining(unwanted: Unwanted) -> float:
        notice = notices.get((unwanted.repository, unwanted.image_id))
        left = unwanted.grace if notice is None else notice.remaining(unwanted.grace, wall, at)
        return max(left, wait if notice is not None else wait + unwanted.grace)

    return report(rules, judged, keeps, recorder.now, tree.freed, remaining, others), why


def _why_not(recorder: Recorder, notes: RuleNotes | None, wall: int, at: MonotonicTime) -> tuple[float, str]:
    """For how many seconds no clock is trusted, and why nothing is released; nothing is written down."""
    if apart := parted(recorder.now, wall):
        told = (
            f"the engine's clock is {abs(apart):.0f} s {'ahead of' if apart > 0 else 'behind'} this machine's"
        )
        return 0.0, f"{told}: nothing is released until both are set"
    known = recorder.guarded(notes.clock) if notes is not None else None
    wait = look_at_clock(known, wall, at).steady_in(at)
    if wait <= 0:
        return 0.0, ""
    return (
        wait,
        f"the clock jumped or the machine started in the last hour: nothing is released for {wait:.0f} s",
    )
