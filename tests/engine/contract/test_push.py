"""A push brings exactly the planned digest to the registry that the tag names, or says why not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.docker.engine import DockerEngine
from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, ReadOnly
from imgtui.model.core.image import Store
from imgtui.model.jobs.job import JobState
from imgtui.model.jobs.plans import plan_push
from imgtui.model.keeps.keep import keep_of
from imgtui.model.plans.plan import NotPossible
from tests.engine.contract.hands import DockerHands, Hands, MemoryHands, connect
from tests.engine.contract.transferring import Desk, Target
from tests.engines.faulty_registry import FaultyRegistry
from tests.engines.private import PrivateEngine
from tests.engines.registry import PASSWORD, Registry, login

pytestmark = pytest.mark.in_turn


@pytest.fixture
def target(hands: Hands, registry: Registry | None, name: str) -> Target:
    return Target(hands, registry, name)


@pytest.fixture(scope="module")
def locked_registry() -> object:
    """A registry that wants a password."""
    with Registry(locked=True) as registry:
        yield registry


def test_what_was_pushed_is_in_the_registry_under_the_digest_that_is_told(
    hands: Hands, target: Target
) -> None:
    image_id = target.make("1", "one")
    desk = Desk(hands.engine)
    job = desk.run(plan_push(desk.catalog(), target.tag("1"), image_id))

    assert (job.state, job.line) == (JobState.DONE, f"{target.repository}@{target.digest('1')}")
    assert desk.journal()[0].command == f"docker push {target.tag('1')}"
    assert desk.journal()[0].outcome == f"done: {job.line}"
    assert desk.moves() == []
    here = hands.engine.image(image_id)
    assert here is not None
    # Podman 4.3 compresses what it pushes, which is another manifest than the one it has.
    assert (job.line in here.repo_digests) is (hands.store is not Store.PODMAN)
    if hands.store is not Store.PODMAN:
        assert hands.remove(image_id, force=True)
        list(hands.engine.pull(job.line))
        assert hands.engine.image(job.line).id == image_id  # type: ignore[union-attr]  # it was pulled


def test_a_tag_that_moved_meanwhile_is_not_pushed(hands: Hands, target: Target) -> None:
    image_id = target.make("1", "one")
    desk = Desk(hands.engine)
    plan = plan_push(desk.catalog(), target.tag("1"), image_id)
    target.make("1", "two")
    job = desk.run(plan)
    assert job.state is JobState.FAILED
    assert "look again" in job.line
    assert target.digest("1") is None
    assert desk.journal() == []


def test_what_a_registry_refuses_changes_nothing_and_says_why(
    request: pytest.FixtureRequest, hands: Hands, name: str
) -> None:
    real = isinstance(hands, DockerHands)
    locked = request.getfixturevalue("locked_registry") if real else None
    target = Target(hands, locked, name, locked=True)
    image_id = target.make("1", "one")
    before = hands.engine.image(image_id)
    target.refuse("1")
    desk = Desk(hands.engine)
    job = desk.run(plan_push(desk.catalog(), target.tag("1"), image_id))
    assert job.state is JobState.FAILED
    assert "auth" in job.line
    assert desk.journal()[0].outcome == f"failed: {job.line}"
    assert job.line in desk.jobs.log(job.number)
    assert target.digest("1") is None
    assert hands.engine.image(image_id) == before


def test_credentials_come_from_the_configuration_of_docker_and_stand_nowhere_else(
    real_engine: PrivateEngine, locked_registry: Registry, tmp_path: Path, name: str
) -> None:
    hands = DockerHands(real_engine, DockerEngine(Endpoint(real_engine.address, "-H", None, None, tmp_path)))
    (tmp_path / "config.json").write_text(json.dumps({"auths": {locked_registry.address: {"auth": login()}}}))
    target = Target(hands, locked_registry, name, locked=True)
    image_id = target.make("1", "one")
    desk = Desk(hands.engine)
    job = desk.run(plan_push(desk.catalog(), target.tag("1"), image_id))
    assert (job.state, job.line) == (JobState.DONE, f"{target.repository}@{target.digest('1')}")
    told = repr((desk.updates, desk.journal(), desk.jobs.log(job.number)))
    assert PASSWORD not in told
    assert login() not in told
    hands.engine.close()


def test_what_imgtui_keeps_images_by_is_never_pushed(hands: Hands, target: Target) -> None:
    image_id = target.make("1", "one")
    keep = keep_of(image_id, target.repository, 1_700_000_000).reference
    hands.engine.tag(image_id, keep)
    with pytest.raises(NotPossible):
        plan_push(Desk(hands.engine).catalog(), keep, image_id)
    with pytest.raises(EngineError, match="never pushed"):
        hands.engine.push(keep)
    hands.engine.untag(keep)


def test_a_push_through_a_read_only_engine_is_not_sent(hands: Hands, target: Target) -> None:
    target.make("1", "one")
    if isinstance(hands, MemoryHands):
        hands.engine.read_only = True
        engine: Engine = hands.engine
    else:
        assert isinstance(hands, DockerHands)
        engine = connect(hands.real, read_only=True)
    with pytest.raises(ReadOnly):
        engine.push(target.tag("1"))
    assert target.digest("1") is None


def test_a_push_that_stands_still_is_stopped_by_hand(
    real_engine: PrivateEngine, faulty_registry: FaultyRegistry, name: str
) -> None:
    hands = DockerHands(real_engine)
    target = Target(hands, None, name)
    target.repository = f"{faulty_registry.address}/{name}"
    image_id = target.make("1", "one")
    before = hands.engine.image(image_id)
    desk = Desk(hands.engine)
    faulty_registry.in_the_middle.clear()
    faulty_registry.gate.clear()
    number = desk.transfers.begin(plan_push(desk.catalog(), target.tag("1"), image_id))
    desk.wait_for(faulty_registry.in_the_middle, number)
    desk.jobs.stop(number)
    job = desk.end(number)
    faulty_registry.gate.set()
    assert job.state is JobState.STOPPED
    assert "stopped by hand" in job.line
    assert hands.engine.image(image_id) == before
    hands.engine.close()


def test_a_registry_that_breaks_off_is_told_unless_the_engine_tries_again_until_it_is_stopped(
    real_engine: PrivateEngine, faulty_registry: FaultyRegistry, name: str
) -> None:
    """A graph driver tries five times, with longer and longer pauses (Docker 20.10, 28.5)."""
    hands = DockerHands(real_engine)
    target = Target(hands, None, name)
    target.repository = f"{faulty_registry.address}/{name}"
    image_id = target.make("1", "one")
    desk = Desk(hands.engine)
    number = desk.transfers.begin(plan_push(desk.catalog(), target.tag("1"), image_id))
    if hands.store is Store.GRAPH:
        desk.until(number, lambda job: "retrying" in {bar.state for bar in job.bars})
        desk.jobs.stop(number)
        assert desk.end(number).state is JobState.STOPPED
    else:
        job = desk.end(number)
        assert job.state is JobState.FAILED
        assert "EOF" in job.line or "reset" in job.line or "closed" in job.line
    hands.engine.close()


def test_an_engine_that_goes_away_in_the_middle_of_a_push_is_told_as_such(
    own_engine: PrivateEngine, faulty_registry: FaultyRegistry
) -> None:
    hands = DockerHands(own_engine)
    target = Target(hands, None, "away")
    target.repository = f"{faulty_registry.address}/pushed-away"
    image_id = target.make("1", "one")
    desk = Desk(hands.engine)
    faulty_registry.in_the_middle.clear()
    faulty_registry.gate.clear()
    number = desk.transfers.begin(plan_push(desk.catalog(), target.tag("1"), image_id))
    desk.wait_for(faulty_registry.in_the_middle, number)
    own_engine.kill()
    job = desk.end(number)
    faulty_registry.gate.set()
    assert job.state is JobState.FAILED
    assert "closed the connection" in job.line or "broke" in job.line or "answer" in job.line
    assert desk.journal()[0].outcome is None
    hands.engine.close()
