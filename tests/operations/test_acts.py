"""Acts do exactly their plan, keep what would lose its last name, and can be undone forwards."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.errors import EngineError, ReadOnly
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.clock import SECOND
from imgtui.model.core.image import Store
from imgtui.model.plans.plan import (
    NotPossible,
    Plan,
    Step,
    Verb,
    plan_keep,
    plan_redo,
    plan_tag,
    plan_undo,
    plan_unkeep,
    plan_untag,
    points_at,
)
from imgtui.model.taglog.moves import IMGTUI, Cause, Move, Provenance
from imgtui.operations.acts.act_journal import ActJournal, NotReadable, NotWrittenDown
from imgtui.operations.acts.acts import Acts, PlanOutdated
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.scan import everything
from imgtui.store.journal import Journal
from imgtui.store.state import State, StateUnusable
from imgtui.store.tag_log import Recorded, TagLog
from tests.operations.listening import NOW, made
from tests.operations.watching import Watcher
from tests.undoing import to_redo, to_undo


@dataclass
class Desk:
    """Two versions of web on an engine, and who acts on it."""

    engine: MemoryEngine = field(default_factory=lambda: MemoryEngine(store=Store.CONTAINERD))
    state: State = field(default_factory=lambda: State(None))

    def __post_init__(self) -> None:
        self.old = self.engine.load(made("old"), "web:1")
        self.new = self.engine.load(made("new"), "web:latest")
        self.watcher = Watcher(self.engine, self.state)
        self.acts = Acts(self.engine, self.watcher.recorder)

    @property
    def catalog(self) -> Catalog:
        return everything(self.engine)

    @property
    def newest(self) -> Move:
        return self.watcher.moves[-1]

    def points_at(self, reference: str) -> str | None:
        return points_at(self.catalog, reference)

    def undo(self) -> None:
        move = to_undo(self.watcher.log.moves(), self.points_at)
        assert move is not None
        self.acts.perform(plan_undo(self.catalog, move, NOW))

    def redo(self) -> None:
        move = to_redo(self.watcher.log.moves())
        assert move is not None
        self.acts.perform(plan_redo(self.catalog, move, NOW))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_retag_first_keeps_the_image_that_would_lose_its_last_name(desk: Desk) -> None:
    plan = plan_tag(desk.catalog, desk.old, "web:latest", NOW)
    assert [step.verb for step in plan.steps] == ["tag", "tag"]
    assert plan.steps[0].reference.startswith("imgtui.invalid/move/docker.io/library/web:sha256-")
    desk.acts.perform(plan)
    assert desk.catalog.tags == {"web:1": desk.old, "web:latest": desk.old}
    assert desk.catalog.images[desk.new].keeps == (plan.steps[0].reference,)
    assert (desk.newest.origin, desk.newest.target) == (desk.new, desk.old)
    assert (desk.newest.cause, desk.newest.known, desk.newest.actor) == (Cause.TAG, Provenance.ACT, IMGTUI)


def test_an_untagged_image_is_kept_first_and_stays(desk: Desk) -> None:
    desk.acts.perform(plan_untag(desk.catalog, "web", NOW))
    assert "web:latest" not in desk.catalog.tags
    assert desk.catalog.images[desk.new].keeps
    assert desk.newest.target is None
    desk.undo()
    assert desk.catalog.tags["web:latest"] == desk.new
    assert (desk.newest.cause, desk.newest.undoes) == (Cause.UNDO, desk.watcher.moves[-2].number)


def test_what_was_done_outside_is_undone_too_and_done_again(desk: Desk) -> None:
    desk.engine.tag(desk.old, "web:latest")
    desk.watcher.look()
    desk.undo()
    assert desk.catalog.tags["web:latest"] == desk.new
    desk.redo()
    assert desk.catalog.tags["web:latest"] == desk.old
    assert [move.cause for move in desk.watcher.moves] == [Cause.TAG, Cause.UNDO, Cause.REDO]
    desk.undo()
    assert desk.catalog.tags["web:latest"] == desk.new
    assert to_undo(desk.watcher.log.moves(), desk.points_at) is None


def test_undoing_goes_back_one_move_after_the_other(desk: Desk) -> None:
    for image_id in (desk.old, desk.new, desk.old):
        desk.engine.tag(image_id, "web:edge")
        desk.watcher.look()
    targets = []
    for _ in range(3):
        desk.undo()
        targets.append(desk.catalog.tags.get("web:edge"))
    assert targets == [desk.new, desk.old, None]
    assert to_undo(desk.watcher.log.moves(), desk.points_at) is None


def test_an_undo_is_not_offered_where_the_tag_has_moved_on(desk: Desk) -> None:
    desk.engine.tag(desk.old, "web:latest")
    desk.watcher.look()
    move = desk.newest
    desk.engine.tag(desk.new, "web:latest")
    with pytest.raises(NotPossible, match="points at"):
        plan_undo(desk.catalog, move, NOW)


def test_an_undo_of_a_move_whose_image_is_gone_says_so(desk: Desk) -> None:
    desk.engine.tag(desk.old, "web:latest")
    desk.watcher.look()
    desk.engine.remove(desk.new)
    with pytest.raises(NotPossible, match="is gone"):
        plan_undo(desk.catalog, desk.newest, NOW)


def test_a_keep_holds_an_image_through_rebuilds_and_can_be_undone(desk: Desk) -> None:
    desk.acts.perform(plan_keep(desk.catalog, desk.new, "web", NOW))
    desk.engine.build(made("newer"), "web:latest")
    assert desk.new in desk.catalog.images
    assert desk.catalog.tags["web:latest"] != desk.new
    with pytest.raises(NotPossible, match="kept already"):
        plan_keep(desk.catalog, desk.new, "web", NOW)


def test_undoing_a_keep_takes_it_away_and_redoing_brings_it_back(desk: Desk) -> None:
    desk.acts.perform(plan_keep(desk.catalog, desk.new, "web", NOW))
    kept = desk.catalog.images[desk.new].keeps
    desk.undo()
    assert desk.catalog.images[desk.new].keeps == ()
    desk.redo()
    assert desk.catalog.images[desk.new].keeps == kept


def test_to_stop_keeping_what_has_no_other_name_is_a_risk(desk: Desk) -> None:
    desk.acts.perform(plan_keep(desk.catalog, desk.new, "web", NOW))
    assert plan_unkeep(desk.catalog, desk.new).risks == ()
    desk.engine.tag(desk.old, "web:latest")
    plan = plan_unkeep(desk.catalog, desk.new)
    assert "no other name" in plan.risks[0]
    desk.acts.perform(plan)
    assert desk.new not in desk.catalog.images


def test_a_name_that_a_plan_relied_on_and_that_is_gone_by_now_stops_it(desk: Desk) -> None:
    desk.engine.tag(desk.old, "web:2")
    untag = plan_untag(desk.catalog, "web:1", NOW)
    move = plan_tag(desk.catalog, desk.new, "web:1", NOW)
    assert len(untag.steps) == len(move.steps) == 1
    desk.engine.remove("web:2")
    for plan in (untag, move):
        with pytest.raises(PlanOutdated, match="last name"):
            desk.acts.perform(plan)
    assert desk.catalog.tags["web:1"] == desk.old


def test_a_keep_that_became_the_last_name_is_not_taken_away_by_a_nod(desk: Desk) -> None:
    desk.acts.perform(plan_keep(desk.catalog, desk.new, "web", NOW))
    plan = plan_unkeep(desk.catalog, desk.new)
    assert plan.risks == ()
    desk.engine.remove("web:latest")
    with pytest.raises(PlanOutdated, match="last name"):
        desk.acts.perform(plan)
    assert desk.new in desk.catalog.images


def test_what_is_only_proved_cannot_be_undone(desk: Desk) -> None:
    (proof,) = desk.watcher.log.add_evidence([Move("web:1", None, desk.old, 5, 0, known=Provenance.EVIDENCE)])
    with pytest.raises(NotPossible, match="not observed"):
        plan_undo(desk.catalog, proof, NOW)


def test_an_act_that_never_happened_claims_no_later_move(desk: Desk) -> None:
    recorder = desk.watcher.recorder
    plan = plan_tag(desk.catalog, desk.old, "web:latest", NOW)
    Journal(desk.state, desk.engine.connect().id).begin(
        plan.title, plan.commands, recorder.now - 60 * SECOND, steps=plan.steps
    )
    desk.watcher.start()
    desk.engine.tag(desk.old, "web:latest")
    desk.watcher.look()
    assert (desk.newest.known, desk.newest.actor) == (Provenance.EVENT, "outside")


def test_moves_of_another_engine_keep_nobody_from_undoing(desk: Desk) -> None:
    desk.engine.tag(desk.old, "web:latest")
    desk.watcher.look()
    desk.watcher.log.add(
        [Move("web:latest", "sha256:a", "sha256:b", 5, cause=Cause.TAG, known=Provenance.EVENT)]
    )
    desk.undo()
    assert desk.catalog.tags["web:latest"] == desk.new


@pytest.mark.parametrize("between", ["moved", "gone"])
def test_a_plan_that_is_not_true_any_more_does_nothing(desk: Desk, between: str) -> None:
    plan = plan_tag(desk.catalog, desk.old, "web:latest", NOW)
    if between == "moved":
        desk.engine.load(made("third"), "web:latest")
    else:
        desk.engine.remove(desk.old, force=True)
    before = desk.catalog
    with pytest.raises(PlanOutdated, match="nothing was done"):
        desk.acts.perform(plan)
    assert desk.catalog == before


def test_the_journal_has_an_act_before_it_is_done_and_how_it_ended(desk: Desk) -> None:
    journal = Journal(desk.state, desk.engine.connect().id)
    plan = plan_tag(desk.catalog, desk.old, "web:latest", NOW)
    seen = []
    desk.acts.perform(plan, lambda _: seen.append(journal.entries()[0].outcome))
    assert seen == [None, None]
    (entry,) = journal.entries()
    assert (entry.title, entry.outcome) == (plan.title, "done")
    assert entry.command.splitlines()[-1] == f"docker tag {desk.old} web:latest"


def test_an_act_that_the_engine_refuses_is_in_the_journal_with_its_reason(desk: Desk) -> None:
    plan = plan_tag(desk.catalog, desk.old, "web:latest", NOW)
    desk.engine.read_only = True
    with pytest.raises(ReadOnly):
        desk.acts.perform(plan)
    (entry,) = Journal(desk.state, desk.engine.connect().id).entries()
    assert str(entry.outcome).startswith("failed: read-only")


def test_an_act_that_was_interrupted_after_it_was_done_is_still_known_as_one(desk: Desk) -> None:
    plan = plan_tag(desk.catalog, desk.old, "web:latest", NOW)
    Journal(desk.state, desk.engine.connect().id).begin(
        plan.title, plan.commands, desk.watcher.recorder.now, steps=plan.steps
    )
    for step in plan.steps:
        desk.engine.tag(step.image_id, step.reference)
    after = Watcher(desk.engine, desk.state).moves[-1]
    assert (after.cause, after.known, after.actor) == (Cause.TAG, Provenance.ACT, IMGTUI)


def test_two_that_record_at_once_have_one_act_once(desk: Desk) -> None:
    other = Watcher(desk.engine, desk.state)
    desk.acts.perform(plan_tag(desk.catalog, desk.old, "web:latest", NOW))
    other.look()
    desk.watcher.look()
    assert len([move for move in other.moves if move.reference == "web:latest"]) == 1


@pytest.mark.parametrize("why", ["engine", "file"])
def test_an_act_that_was_done_and_could_not_be_recorded_is_told_as_an_act_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    plan = plan_tag(desk.catalog, desk.old, "web:latest", NOW)

    def fail(*_: object, **__: object) -> Recorded:
        if why == "file":
            raise StateUnusable("locked", passing=True, locked=True)
        raise EngineError("a page of a proxy", status=502)

    with monkeypatch.context() as failing:
        if why == "engine":
            failing.setattr(Recorder, "look_at", fail)
        else:
            failing.setattr(TagLog, "record", fail)
        assert desk.acts.perform(plan).moves == ()
    (entry, *_) = Journal(desk.state, desk.engine.connect().id).entries()
    assert entry.outcome == "done"
    desk.watcher.start()
    (move,) = [move for move in desk.watcher.moves if move.reference == "web:latest"]
    assert (move.target, move.cause, move.known, move.actor) == (desk.old, Cause.TAG, Provenance.ACT, IMGTUI)
    assert desk.watcher.log.announced() == [], "what somebody else does later is no act of imgtui's"


def test_what_a_failing_act_moved_and_put_back_is_told_as_two_acts(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [Step(Verb.TAG, f"web:{tag}", desk.old, desk.new, Cause.TAG) for tag in ("latest", "edge")]
    for name in ("web:edge", "web:2"):
        desk.engine.tag(desk.new, name)
    desk.watcher.look()
    tag = desk.engine.tag

    def refuse(source: str, target: str) -> None:
        if target == "web:edge":
            raise EngineError("a broken disk", status=500)
        tag(source, target)

    monkeypatch.setattr(desk.engine, "tag", refuse)
    with pytest.raises(EngineError, match="a broken disk"):
        desk.acts.perform(Plan("move both", tuple(steps)))
    titles = [(e.title, e.outcome) for e in Journal(desk.state, desk.engine.connect().id).entries()]
    assert titles == [
        ("put web:latest back: the act that moved it failed", "done"),
        ("move both", "failed: a broken disk"),
    ]
    desk.watcher.look()
    there, back = [move for move in desk.watcher.moves if move.reference == "web:latest"]
    assert (there.target, there.cause, there.known, there.actor) == (
        desk.old,
        Cause.TAG,
        Provenance.ACT,
        IMGTUI,
    )
    assert (back.target, back.cause, back.known, back.actor) == (desk.new, Cause.UNDO, Provenance.ACT, IMGTUI)


@pytest.mark.parametrize(
    ("reference", "cause"),
    [
        ("web:latest", "already"),
        ("Web:1", "lowercase"),
        ("imgtui.invalid/keep:1", "its own"),
        (f"web@sha256:{'0' * 64}", "names a digest"),
    ],
)
def test_a_retag_that_makes_no_sense_says_why(desk: Desk, reference: str, cause: str) -> None:
    with pytest.raises(NotPossible, match=cause):
        plan_tag(desk.catalog, desk.new, reference, NOW)


def test_containers_that_will_drift_are_said_beforehand(desk: Desk) -> None:
    desk.engine.run("site", "web:latest")
    plan: Plan = plan_tag(desk.catalog, desk.old, "web:latest", NOW)
    assert "drift afterwards: site" in plan.notes


def nowhere() -> State:
    raise StateUnusable("the disk is full")


def test_without_a_state_file_an_act_is_done_by_who_was_told_that_it_is_not_written_down(desk: Desk) -> None:
    recorder = Recorder(desk.engine, nowhere)
    recorder.follow(desk.engine.connect())
    acts, plan = Acts(desk.engine, recorder), plan_tag(desk.catalog, desk.old, "web:latest", NOW)
    with pytest.raises(NotWrittenDown, match=r"nothing was done, .*: the disk is full"):
        acts.perform(plan)
    assert desk.catalog.tags["web:latest"] == desk.new
    recorder.told_unwritten = True
    assert acts.perform(plan).moves == ()
    assert desk.catalog.tags["web:latest"] == desk.old


@pytest.mark.parametrize("told", [True, False])
def test_while_the_state_file_is_locked_nothing_is_done(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, told: bool
) -> None:
    monkeypatch.setattr("imgtui.store.state.BUSY_SECONDS", 0.01)
    recorder = Recorder(desk.engine, lambda: State(tmp_path / "state.db"))
    recorder.follow(desk.engine.connect())
    acts, plan = Acts(desk.engine, recorder), plan_tag(desk.catalog, desk.old, "web:latest", NOW)
    with closing(sqlite3.connect(tmp_path / "state.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        recorder.told_unwritten = told
        with pytest.raises(NotWrittenDown, match=r"nothing was done, .* has it locked .*: try again"):
            acts.perform(plan)
        assert desk.catalog.tags["web:latest"] == desk.new
    assert acts.perform(plan).plan == plan
    recorder.close()


def test_a_write_that_failed_stops_the_act_whatever_other_threads_read_meanwhile(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failure of a write is its own: a read that succeeds right after it takes nothing back."""
    recorder = Recorder(desk.engine, lambda: desk.state)
    recorder.follow(desk.engine.connect())
    journal, log = ActJournal(recorder), recorder.log
    assert log is not None
    number = journal.begin("an act", [])

    def fail(*_: object) -> None:
        reading = threading.Thread(target=lambda: recorder.guarded(log.tags))
        reading.start()
        reading.join()
        raise StateUnusable("locked", passing=True, locked=True)

    monkeypatch.setattr(Journal, "note", fail)
    for _ in range(2):
        with pytest.raises(NotWrittenDown, match="locked"):
            journal.note(number, "{}")
        recorder.guarded(log.tags)
        assert recorder.problem == "locked", "a read ends no trouble of a write"


def test_where_another_thread_found_the_file_unusable_a_note_is_not_skipped(desk: Desk) -> None:
    recorder = Recorder(desk.engine, lambda: desk.state)
    recorder.follow(desk.engine.connect())
    journal = ActJournal(recorder)
    number = journal.begin("an act", [])

    def broken() -> None:
        raise StateUnusable("the disk is gone")

    recorder.guarded(broken)
    with pytest.raises(NotWrittenDown, match="the disk is gone"):
        journal.note(number, "{}")
    with pytest.raises(NotReadable, match="the disk is gone"):
        journal.unfinished()


def test_an_engine_that_goes_away_in_the_middle_is_an_error(desk: Desk) -> None:
    plan = plan_tag(desk.catalog, desk.old, "web:latest", NOW)
    with pytest.raises(EngineError):
        desk.acts.perform(plan, lambda _: desk.engine.stop_answering())
