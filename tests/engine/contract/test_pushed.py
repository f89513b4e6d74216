"""What imgtui has pushed, or pulled by digest, can be had again: removal, undo and restarts rely on it."""

from __future__ import annotations

import time
from functools import partial

import pytest

from imgtui.model.catalog.availability import Now, Whereabouts, whereabouts_of
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.jobs.job import JobState
from imgtui.model.jobs.plans import plan_pull_of, plan_push
from imgtui.model.plans.plan import Plan, Verb, plan_undo, points_at
from imgtui.operations.acts.acts import Acts
from imgtui.operations.removal.execute import Removing
from imgtui.operations.removal.planning import RemovalPlans
from imgtui.store.cached.cache import Cache
from tests.engine.contract.conftest import archive
from tests.engine.contract.hands import Hands
from tests.engine.contract.source import Source
from tests.engine.contract.transferring import Desk, Target
from tests.engines.archives import digest
from tests.engines.kinds import CONTAINERD_STORES
from tests.engines.looked_at import only_on
from tests.engines.registry import Registry
from tests.operations.watching import Watcher
from tests.undoing import to_undo


@pytest.fixture
def target(hands: Hands, registry: Registry | None, name: str) -> Target:
    return Target(hands, registry, name)


def seen(desk: Desk, hands: Hands) -> Catalog:
    """What is here, with what the state file knows, to who has just started."""
    return Watcher(hands.engine, desk.state).catalog


def undo(desk: Desk, hands: Hands, tag: str) -> Plan:
    """The undo of what happened to a tag last."""
    here = seen(desk, hands)
    move = to_undo([move for move in desk.moves() if move.reference == tag], partial(points_at, here))
    assert move is not None
    return plan_undo(here, move, int(time.time()))


def pushed(desk: Desk, target: Target, tag: str, image_id: str) -> str:
    """Push a tag; where the image can be pulled from."""
    job = desk.run(plan_push(desk.catalog(), target.tag(tag), image_id))
    assert job.state is JobState.DONE, job.line
    return job.line


def test_what_was_pushed_is_removed_with_a_nod_and_brought_back_by_its_undo(
    hands: Hands, target: Target
) -> None:
    image_id, tag = target.make("1", "one"), target.tag("1")
    desk = Desk(hands.engine)
    plans = RemovalPlans(hands.engine, desk.recorder, Cache(None))
    before = plans.plan(seen(desk, hands), [image_id])
    assert before.word
    assert before.images[0].words == f"{tag}; nothing brings it back"

    name = pushed(desk, target, "1", image_id)
    plan = plans.plan(seen(desk, hands), [image_id])
    assert (plan.risks, plan.word, plan.lost) == ((), "", ())
    assert plan.versions[0].words == f"{tag}; pulled again by {name}"
    Removing(hands.engine, desk.recorder).perform(plan)
    assert hands.engine.image(image_id) is None

    assert whereabouts_of(seen(desk, hands), image_id) == Whereabouts(Now.GONE, name, certain=True)
    back = undo(desk, hands, tag)
    assert [(step.verb, step.reference) for step in back.steps] == [(Verb.PULL, name), (Verb.TAG, tag)]
    Acts(hands.engine, desk.recorder).perform(back)
    assert seen(desk, hands).tags[tag] == image_id


def test_what_another_tool_removed_is_had_again_by_the_push(hands: Hands, target: Target) -> None:
    image_id, tag = target.make("1", "one"), target.tag("1")
    desk = Desk(hands.engine)
    name = pushed(desk, target, "1", image_id)
    assert hands.remove(tag)
    assert whereabouts_of(seen(desk, hands), image_id) == Whereabouts(Now.GONE, name, certain=True)
    Acts(hands.engine, desk.recorder).perform(undo(desk, hands, tag))
    assert seen(desk, hands).tags[tag] == image_id


def test_a_push_that_failed_proves_nothing(hands: Hands, target: Target) -> None:
    image_id = target.make("1", "one")
    desk = Desk(hands.engine)
    plan = plan_push(desk.catalog(), target.tag("1"), image_id)
    target.make("1", "two")
    assert desk.run(plan).state is JobState.FAILED
    assert seen(desk, hands).past.pulls.get(image_id) is None


def test_a_pull_by_digest_proves_that_it_can_be_pulled_again(hands: Hands, source: Source) -> None:
    source.publish("1", "one")
    there = source.pull("1")
    found = hands.engine.image(there)
    assert found is not None
    names = [name for name in found.repo_digests if name.startswith(f"{source.repository}@")]
    assert hands.remove(there, force=True)
    desk = Desk(hands.engine)
    catalog = seen(desk, hands)
    job = desk.run(plan_pull_of(catalog, names[0], int(time.time())))
    assert job.state is JobState.DONE, job.line
    assert seen(desk, hands).past.pulls[there][0] == names[0]


@only_on(*CONTAINERD_STORES, why="only the containerd store has indexes")
def test_one_platform_that_was_pushed_instead_of_the_index_is_no_way_back_to_it(
    hands: Hands, registry: Registry | None, name: str
) -> None:
    """The containerd store has one platform of what it pulled, and can push no more than that."""
    assert registry is not None
    both = {"amd64": archive("unused:1", f"{name} here"), "s390x": archive("unused:1", f"{name} elsewhere")}
    index, manifests = registry.publish_index(f"{name}:1", **both)
    tag = f"{registry.address}/{name}:1"
    list(hands.engine.pull(tag))
    again = f"{registry.address}/{name}-again:1"
    hands.tag(tag, again)
    desk = Desk(hands.engine)
    job = desk.run(plan_push(desk.catalog(), again, index))
    assert job.line == f"{registry.address}/{name}-again@{digest(manifests['amd64'])}"
    assert seen(desk, hands).past.pulls.get(index) is None
    assert any("one platform of" in line for line in desk.jobs.log(job.number))
