"""What was removed and can be pulled again is undone: exactly that digest and tag are back, or nothing is."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from imgtui.engine.port.errors import EngineError
from imgtui.model.catalog.availability import Now, Whereabouts, whereabouts_of
from imgtui.model.core.image import Store
from imgtui.model.plans.plan import NotPossible, Plan, Verb, plan_pull, plan_redo, plan_undo, points_at
from imgtui.model.taglog.moves import IMGTUI, Cause, Move, Provenance
from imgtui.operations.acts.acts import Acts
from imgtui.operations.protocol.cancellation import Stopped
from imgtui.store.journal import Journal
from imgtui.store.state import State
from tests.engine.contract.conftest import archive
from tests.engine.contract.hands import Hands
from tests.engine.contract.source import Source
from tests.operations.watching import Watcher
from tests.undoing import to_undo


@dataclass
class Desk:
    """Somebody who watches what happens to a repository, and undoes it."""

    source: Source
    state: State

    def __post_init__(self) -> None:
        self.watcher = Watcher(self.source.hands.engine, self.state)
        self.acts = Acts(self.source.hands.engine, self.watcher.recorder)

    @property
    def moves(self) -> list[Move]:
        """What is known of the repository, oldest first."""
        return [move for move in self.watcher.moves if move.reference.startswith(self.source.repository)]

    def plan(self) -> Plan:
        """The undo of the newest move in the repository."""
        self.watcher.start()
        catalog = self.watcher.catalog
        moves = [move for move in self.watcher.log.moves() if move in self.moves]
        move = to_undo(moves, partial(points_at, catalog))
        assert move is not None
        return plan_undo(catalog, move, int(time.time()))

    def where(self, image_id: str) -> Whereabouts:
        """What is said of an image."""
        self.watcher.start()
        return whereabouts_of(self.watcher.catalog, image_id)

    def outcome(self) -> str | None:
        """How the last act ended, by the journal."""
        info = self.watcher.recorder.info
        assert info is not None
        return Journal(self.state, info.id).entries()[0].outcome


@pytest.fixture
def desk(source: Source, tmp_path: Path) -> Iterator[Desk]:
    found = Desk(source, State(tmp_path / "state"))
    yield found
    found.state.close()


@pytest.fixture
def removed(desk: Desk) -> str:
    """An image that was pulled and removed."""
    return pulled_and_removed(desk)


def pulled_and_removed(desk: Desk, text: str = "one") -> str:
    desk.source.publish("1", text)
    image_id = desk.source.pull("1")
    desk.watcher.start()
    desk.source.remove(image_id)
    assert desk.source.at("1") is None
    return image_id


def test_a_removed_image_that_came_from_a_registry_can_be_pulled_again(desk: Desk, removed: str) -> None:
    where = desk.where(removed)
    assert (where.now, where.certain) == (Now.GONE, True)
    assert where.pull is not None
    assert where.pull.startswith(f"{desk.source.repository}@sha256:")
    plan = desk.plan()
    assert [step.verb for step in plan.steps] == [Verb.PULL, Verb.TAG]
    assert plan.steps[0].command == f"docker pull {where.pull}"
    assert plan.steps[1].command == f"docker tag {removed} {desk.source.tag('1')}"
    assert f"pulled again from {desk.source.repository}" in plan.notes[0]


def test_its_undo_brings_exactly_that_digest_and_tag_back(desk: Desk, removed: str) -> None:
    desk.source.publish("1", "what the tag is in the registry by now")
    told: list[str] = []
    done = desk.acts.perform(desk.plan(), tell=told.append)

    assert desk.source.at("1") == removed
    assert desk.outcome() == "done"
    (move,) = done.moves
    assert (move.origin, move.target) == (None, removed)
    assert (move.cause, move.known, move.actor) == (Cause.UNDO, Provenance.ACT, IMGTUI)
    assert [each.cause for each in desk.moves][-1] is Cause.UNDO
    assert told[0].startswith(f"pulling {removed[7:19]}: ")
    assert desk.where(removed).now is Now.HERE


def test_the_image_that_has_the_tag_by_now_is_kept_before_it_loses_it(desk: Desk) -> None:
    desk.source.publish("1", "one")
    first = desk.source.pull("1")
    desk.watcher.start()
    desk.source.publish("1", "two")
    second = desk.source.pull("1")
    desk.watcher.start()
    desk.source.remove(first)
    plan = desk.plan()
    assert plan.steps[0].verb is Verb.PULL
    desk.acts.perform(plan)

    assert desk.source.at("1") == first
    held = desk.source.hands.engine.image(second)
    assert held is not None
    assert held.keeps or held.tags


def test_what_is_undone_is_done_again_by_a_pull_too(desk: Desk) -> None:
    desk.source.publish("1", "one")
    image_id = desk.source.pull("1")
    desk.watcher.start()
    pulled = desk.moves[-1]
    assert pulled.cause is Cause.PULL
    desk.source.remove(image_id)
    plan = plan_redo(replace(desk.watcher.catalog, images={}), pulled, int(time.time()))
    assert [step.verb for step in plan.steps] == [Verb.PULL, Verb.TAG]
    desk.acts.perform(plan)
    assert desk.source.at("1") == image_id


def test_what_never_was_in_a_registry_cannot_be_pulled(desk: Desk, hands: Hands) -> None:
    """The containerd store and Podman give a repo digest to every tag: a truth about no registry."""
    image_id = hands.load(archive(desk.source.tag("1"), f"{desk.source.repository} loaded"))
    desk.watcher.start()
    desk.source.remove(image_id)
    where = desk.where(image_id)
    assert not where.certain
    assert (where.pull is None) is (hands.store is Store.GRAPH)
    with pytest.raises(NotPossible, match="no registry is known to have it"):
        desk.plan()


def test_a_second_name_of_a_pulled_image_is_not_taken_for_its_place_in_a_registry(
    desk: Desk, hands: Hands, name: str
) -> None:
    desk.source.publish("1", "one")
    image_id = desk.source.pull("1")
    hands.tag(desk.source.tag("1"), f"{name}-alias:1")
    desk.watcher.start()
    desk.source.remove(image_id)
    desk.watcher.start()
    catalog = desk.watcher.catalog
    assert [pull.partition("@")[0] for pull in catalog.past.pulls[image_id]] == [desk.source.repository]
    plan = plan_pull(catalog, image_id, repository=f"{name}-alias")
    desk.acts.perform(plan)
    found = hands.engine.image(image_id)
    assert found is not None
    assert found.tags == ()


def test_a_registry_that_breaks_off_leaves_everything_as_it_was(desk: Desk) -> None:
    removed = pulled_and_removed(desk)
    desk.source.publish("1", "one", broken=True)
    with pytest.raises(EngineError, match="EOF"):
        desk.acts.perform(desk.plan())
    assert desk.source.at("1") is None
    assert desk.source.hands.engine.image(removed) is None
    assert str(desk.outcome()).startswith("failed: ")
    desk.source.repair()
    desk.source.publish("1", "one")
    desk.acts.perform(desk.plan())
    assert desk.source.at("1") == removed


def test_a_registry_that_has_it_no_more_is_said_and_nothing_changes(desk: Desk, removed: str) -> None:
    plan = desk.plan()
    gone = replace(plan.steps[0], reference=f"{desk.source.repository}@sha256:{'0' * 64}")
    with pytest.raises(EngineError, match=r"not found|unknown"):
        desk.acts.perform(replace(plan, steps=(gone, *plan.steps[1:])))
    assert desk.source.at("1") is None
    assert desk.source.hands.engine.image(removed) is None


def test_it_is_stopped_in_the_middle_and_nothing_was_changed(desk: Desk, removed: str) -> None:
    stop = threading.Event()
    desk.source.hold()
    with pytest.raises(Stopped, match="nothing was changed"):
        desk.acts.perform(desk.plan(), tell=lambda _: stop.set(), stop=stop)
    desk.source.go_on()
    assert desk.source.at("1") is None
    assert desk.source.hands.engine.image(removed) is None
    assert desk.outcome() == "failed: stopped by hand: nothing was changed"


def test_another_image_than_the_wanted_one_is_taken_away_again(desk: Desk, removed: str) -> None:
    plan = desk.plan()
    other = replace(plan, steps=tuple(replace(s, image_id=f"sha256:{'1' * 64}") for s in plan.steps))
    with pytest.raises(EngineError, match="nothing was changed"):
        desk.acts.perform(other)
    assert desk.source.at("1") is None
    assert desk.source.hands.engine.image(removed) is None
