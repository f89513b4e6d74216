"""A pull as a job: the digest that would lose its tag is kept first, and only as long as it has to be."""

from __future__ import annotations

import threading

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.core.digest import short
from imgtui.model.jobs.job import JobState
from imgtui.model.jobs.plans import PullPlan, plan_pull_of
from imgtui.model.keeps.keep import keep_of, read_keep
from imgtui.model.plans.plan import NotPossible
from imgtui.model.taglog.moves import IMGTUI, Cause, Provenance
from imgtui.operations.tasks import following
from tests.engine.contract.hands import Hands
from tests.engine.contract.source import Source
from tests.engine.contract.transferring import Desk
from tests.engines.waiting import PATIENCE
from tests.operations.listening import made

NOW = 1_760_000_000


def planned(desk: Desk, reference: str) -> PullPlan:
    """The plan of a pull."""
    return plan_pull_of(desk.catalog(), reference, NOW)


def test_a_pull_that_moves_a_tag_has_kept_the_digest_that_lost_it(hands: Hands, source: Source) -> None:
    source.publish("1", "one")
    before, tag = source.pull("1"), source.tag("1")
    source.publish("1", "two")
    desk = Desk(hands.engine)
    plan = planned(desk, tag)
    assert plan.notes == (
        f"{tag} points at {short(before)}: it is kept first, and no longer if the tag does not move",
    )
    assert plan.commands[-1] == f"docker pull {tag}"
    job = desk.run(plan)
    assert job.state is JobState.DONE, job.line
    here = str(source.at("1"))
    assert here != before
    assert job.line.startswith(f"{short(before)} -> {short(here)}, ")

    (keep,) = desk.catalog().images[before].keeps
    assert read_keep(keep).repository == source.repository  # type: ignore[union-attr]  # it is one
    (move,) = [move for move in desk.moves() if move.reference == tag]
    assert (move.origin, move.target, move.cause) == (before, here, Cause.PULL)
    assert (move.known, move.actor) == (Provenance.ACT, IMGTUI)
    assert [(entry.command, entry.outcome) for entry in desk.journal()] == [
        (f"docker tag {before} {keep}", "done"),
        (f"docker pull {tag}", f"done: {job.line}"),
    ]
    hands.engine.untag(keep)


def test_a_pull_that_moves_nothing_leaves_no_keep(hands: Hands, source: Source) -> None:
    source.publish("1", "one")
    here = source.pull("1")
    desk = Desk(hands.engine)
    plan = planned(desk, source.tag("1"))
    assert plan.keeping is not None
    job = desk.run(plan)
    assert (job.state, job.line) == (JobState.DONE, f"{source.tag('1')} is up to date: {short(here)}")
    assert desk.catalog().images[here].keeps == ()
    assert [move for move in desk.moves() if move.reference == source.tag("1")] == []


def test_what_has_another_name_is_not_kept(hands: Hands, source: Source) -> None:
    source.publish("1", "one")
    here = source.pull("1")
    hands.tag(here, source.tag("stable"))
    desk = Desk(hands.engine)
    plan = planned(desk, source.tag("1"))
    assert plan.keeping is None
    assert plan.notes == (f"{source.tag('1')} points at {short(here)}",)


@pytest.mark.parametrize("end", ["breaks off", "is stopped"])
def test_a_pull_that_does_not_come_to_its_end_leaves_everything_as_it_was(
    hands: Hands, source: Source, end: str
) -> None:
    source.publish("1", "one")
    here = source.pull("1")
    desk = Desk(hands.engine)
    plan = planned(desk, source.tag("1"))
    source.publish("1", "two", broken=end == "breaks off")
    if end == "is stopped":
        source.hold()
    number = desk.transfers.begin(plan)
    if end == "is stopped":
        desk.until(number, lambda job: job.bars)
        desk.jobs.stop(number)
    job = desk.end(number)
    source.go_on()
    assert job.state is (JobState.FAILED if end == "breaks off" else JobState.STOPPED)
    assert job.line in desk.jobs.log(number)
    assert source.at("1") == here
    assert desk.catalog().images[here].keeps == ()
    assert desk.journal()[-1].outcome == f"failed: {job.line}"


def test_a_digest_is_pulled_and_moves_no_tag(hands: Hands, source: Source) -> None:
    source.publish("1", "one")
    image_id = source.pull("1")
    (digest,) = hands.engine.image(image_id).repo_digests  # type: ignore[union-attr]  # it is there
    source.remove(image_id)
    desk = Desk(hands.engine)
    plan = planned(desk, digest)
    assert (plan.commands, plan.keeping, plan.cause) == ((f"docker pull {digest}",), None, None)
    job = desk.run(plan)
    assert job.state is JobState.DONE, job.line
    assert hands.engine.image(digest).id == image_id  # type: ignore[union-attr]  # it was pulled


def test_a_plan_that_is_outdated_does_nothing(hands: Hands, source: Source) -> None:
    source.publish("1", "one")
    source.pull("1")
    desk = Desk(hands.engine)
    plan = planned(desk, source.tag("1"))
    source.publish("1", "two")
    moved = source.pull("1")
    job = desk.run(plan)
    assert job.state is JobState.FAILED
    assert "look again" in job.line
    assert desk.catalog().images[moved].keeps == ()
    assert desk.journal() == []


def test_what_cannot_be_pulled_has_no_plan() -> None:
    catalog = Desk(MemoryEngine()).catalog()
    keep = keep_of("sha256:" + "1" * 64, "web", NOW).reference
    for text in (keep, "Web:1", "", "web:1@sha256:12", "https://example.com/web", "-x", "a b"):
        with pytest.raises(NotPossible):
            plan_pull_of(catalog, text, NOW)


def test_jobs_run_beside_each_other() -> None:
    engine, gate = MemoryEngine(), threading.Event()
    engine.publish("slow:1", made("slow"), gate=gate)
    engine.publish("fast:1", made("fast"))
    desk = Desk(engine)
    slow = desk.transfers.begin(planned(desk, "slow:1"))
    desk.until(slow, lambda job: job.done)
    assert desk.run(planned(desk, "fast:1")).state is JobState.DONE
    assert [job.number for job in desk.jobs.running] == [slow]
    gate.set()
    assert desk.end(slow).state is JobState.DONE


def test_an_engine_that_waits_keeps_nobody_from_stopping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "PATIENCE_SECONDS", 0.0)
    asked, answered = threading.Event(), threading.Event()

    class Waiting(MemoryEngine):
        def pull(self, reference: str):  # type: ignore[no-untyped-def]
            asked.set()
            assert answered.wait(PATIENCE)
            return super().pull(reference)

    engine = Waiting()
    engine.build(made("old"), "web:1")
    engine.publish("web:1", made("new"))
    desk = Desk(engine)
    number = desk.transfers.begin(planned(desk, "web:1"))
    assert asked.wait(PATIENCE)
    desk.jobs.stop(number)
    job = desk.end(number)
    assert (job.state, job.line) == (JobState.STOPPED, "stopped by hand; the engine may still be at it")
    before = engine.find_images(["web:1"])[0].id
    assert desk.catalog().images[before].keeps != ()  # it may lose its tag yet
    answered.set()


def test_an_engine_that_goes_away_leaves_what_was_kept_and_the_act_open() -> None:
    engine, gate = MemoryEngine(), threading.Event()
    before = engine.build(made("old"), "web:1")
    engine.publish("web:1", made("new"), gate=gate)
    desk = Desk(engine)
    number = desk.transfers.begin(planned(desk, "web:1"))
    desk.until(number, lambda job: job.done)
    engine.stop_answering()
    job = desk.end(number)
    assert (job.state, job.line) == (JobState.FAILED, "the engine in memory was stopped")
    assert [entry.outcome for entry in desk.journal()] == ["done", None]
    engine.answer_again()
    assert desk.catalog().images[before].keeps != ()
