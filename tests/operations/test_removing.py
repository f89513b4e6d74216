"""A removal does exactly its plan: each image is looked at once more, and one that stays keeps no other."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field

import pytest

from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep, digest_of
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.errors import EngineError, Problem, ProblemKind, ReadOnly, Unavailable
from imgtui.model.acts.changes import RemovedForGood
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import Layer, Store
from imgtui.model.core.layers import LayerTree
from imgtui.model.plans.plan import NotPossible, plan_keep
from imgtui.model.removal.build_cache import BuildCache, CacheRemoval
from imgtui.model.removal.plan import Removal
from imgtui.model.removal.selection import Bulk, BulkSelection
from imgtui.model.taglog.moves import IMGTUI, Cause, Provenance
from imgtui.operations.acts.acts import Acts
from imgtui.operations.containers.rollback import Rollbacks
from imgtui.operations.removal.execute import Removed, Removing
from imgtui.operations.removal.planning import RemovalPlans
from imgtui.operations.taglog.full_scan import layers_of
from imgtui.operations.taglog.scan import everything
from imgtui.store.cached.cache import Cache
from imgtui.store.journal import Journal, JournalEntry
from imgtui.store.state import State
from tests.operations.listening import NOW, made
from tests.operations.watching import Watcher


@dataclass
class Desk:
    """An engine, and who removes from it."""

    engine: MemoryEngine = field(default_factory=lambda: MemoryEngine(store=Store.GRAPH))
    state: State = field(default_factory=lambda: State(None))

    def __post_init__(self) -> None:
        self.watcher = Watcher(self.engine, self.state)
        self.removing = Removing(self.engine, self.watcher.recorder)
        self.plans = RemovalPlans(self.engine, self.watcher.recorder, Cache(None))

    @property
    def catalog(self) -> Catalog:
        self.watcher.look()
        return self.watcher.catalog

    @property
    def journal(self) -> JournalEntry:
        """The newest act."""
        return Journal(self.state, self.engine.connect().id).entries()[0]

    def plan(self, *image_ids: str) -> Removal:
        return self.plans.plan(self.catalog, image_ids)

    def remove(self, *image_ids: str) -> Removed:
        return self.removing.perform(self.plan(*image_ids))

    def total(self) -> int:
        """Bytes of all layers, each once."""
        tree = LayerTree()
        info = self.engine.connect()
        images = everything(self.engine).images
        for image_id, layers in layers_of(self.engine, Cache(None), info, images).layers.items():
            tree.add(image_id, layers)
        return tree.total


@pytest.fixture
def desk() -> Desk:
    return Desk()


def three(desk: Desk) -> tuple[str, str, str]:
    return (
        desk.engine.load(made("one"), "web:1", "web:latest"),
        desk.engine.load(made("two"), "web:2"),
        desk.engine.load(made("three"), "web:3"),
    )


def populated(dice: random.Random) -> MemoryEngine:
    """An engine with images that share layers, some of which have several tags, and some containers."""
    engine = MemoryEngine(store=Store.GRAPH)
    pool = [Layer(digest_of(f"layer {number}"), dice.randrange(1, 5000)) for number in range(8)]
    grown: list[tuple[Layer, ...]] = [()]
    for number in range(dice.randrange(2, 16)):
        layers = (*dice.choice(grown), *dice.choices(pool, k=dice.randrange(0, 4)))
        grown.append(layers)
        steps = tuple(BlueprintStep(f"COPY {place} /", layer) for place, layer in enumerate(layers))
        tags = [f"web:{number}.{tag}" for tag in range(dice.randrange(1, 4))]
        engine.load(Blueprint((*steps, BlueprintStep(f"LABEL n={number}")), created=NOW), *tags)
        if dice.random() < 0.2:
            engine.run(f"c{number}", tags[0], state=dice.choice(["running", "exited"]))
    return engine


@pytest.mark.parametrize("seed", range(60))
def test_any_set_of_images_frees_what_its_plan_promised(seed: int) -> None:
    dice = random.Random(seed)
    desk = Desk(populated(dice))
    before, total = desk.catalog, desk.total()
    chosen = dice.sample(sorted(before.images), dice.randrange(1, len(before.images) + 1))
    try:
        plan = desk.plan(*chosen)
    except NotPossible:
        assert all(before.containers_of.get(image_id) for image_id in chosen)
        return
    done = desk.removing.perform(plan)

    assert done.whole
    assert total - desk.total() == done.freed.certain == plan.freed.certain == plan.freed.about
    assert before.images.keys() - everything(desk.engine).images.keys() == {*done.gone}
    assert {*chosen} - {*done.gone} == {left.image_id for left in plan.left_out}


def test_the_log_says_that_imgtui_removed_each_tag_and_the_journal_what_was_done(desk: Desk) -> None:
    one, two, _ = three(desk)
    done = desk.remove(one, two)
    assert done.words == "2 versions removed, 2.0 kB freed"
    assert {(move.reference, move.origin, move.target) for move in done.moves} == {
        ("web:1", one, None), ("web:latest", one, None), ("web:2", two, None),
    }  # fmt: skip
    assert {(move.cause, move.known, move.actor) for move in desk.watcher.moves[-3:]} == {
        (Cause.DELETE, Provenance.ACT, IMGTUI)
    }
    assert (desk.journal.title, desk.journal.outcome) == ("remove 2 versions", "done")
    assert desk.journal.command.splitlines()[0] == "docker rmi --no-prune web:1"
    before = len(desk.watcher.moves)
    desk.watcher.look()
    assert len(desk.watcher.moves) == before


def test_keeps_go_with_the_image(desk: Desk) -> None:
    one, *_ = three(desk)
    Acts(desk.engine, desk.watcher.recorder).perform(plan_keep(desk.catalog, one, "web", NOW))
    desk.watcher.start()
    assert desk.remove(one).whole
    assert one not in everything(desk.engine).images


@pytest.mark.parametrize(
    ("between", "reason"),
    [
        ("tagged", "it got the name web:new meanwhile"),
        ("untagged", "it lost the name web:latest meanwhile"),
        ("moved", "it lost the name web:latest meanwhile"),
        ("used", "container api (exited) needs it by now"),
        ("gone", "it was gone already"),
    ],
)
def test_what_is_not_as_planned_any_more_stays_and_the_others_go(
    desk: Desk, between: str, reason: str
) -> None:
    one, two, three_ = three(desk)
    plan = desk.plan(one, two, three_)
    if between == "tagged":
        desk.engine.tag(one, "web:new")
    elif between == "untagged":
        desk.engine.untag("web:latest")
    elif between == "moved":
        desk.engine.tag(desk.engine.load(made("four"), "web:4"), "web:latest")
    elif between == "used":
        desk.engine.run("api", one, state="exited")
    else:
        desk.engine.remove(one, force=True)
    names = everything(desk.engine).tags

    done = desk.removing.perform(plan)

    assert [(stayed.image_id, stayed.reason) for stayed in done.stayed] == [(one, reason)]
    assert done.gone == (two, three_)
    assert done.freed.certain == 2000
    assert reason in done.words
    assert everything(desk.engine).tags == {
        tag: image_id for tag, image_id in names.items() if image_id not in {two, three_}
    }
    assert desk.journal.outcome == done.words


def test_a_name_that_comes_in_the_middle_is_not_taken_away(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, _ = three(desk)
    plan, untag = desk.plan(one, two), desk.engine.untag

    def and_tag(reference: str) -> None:
        if reference == "web:1":
            desk.engine.tag(one, "web:new")
        untag(reference)

    monkeypatch.setattr(desk.engine, "untag", and_tag)
    done = desk.removing.perform(plan)
    assert done.gone == (two,)
    assert done.stayed[0].reason == "it got the name web:new meanwhile"
    assert everything(desk.engine).tags["web:new"] == one


def test_what_the_engine_refuses_is_said_and_the_others_go(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, _ = three(desk)
    plan, untag = desk.plan(two, one), desk.engine.untag

    def refuse(reference: str) -> None:
        if reference == "web:2":
            raise EngineError("conflict: it is needed", status=409)
        untag(reference)

    monkeypatch.setattr(desk.engine, "untag", refuse)
    done = desk.removing.perform(plan)
    assert done.gone == (one,)
    assert done.words.endswith(f"{two[7:19]} stays: conflict: it is needed")


def test_it_stops_between_images_and_says_what_was_done(desk: Desk) -> None:
    plan, stop = desk.plan(*three(desk)), threading.Event()
    told: list[str] = []

    def tell(line: str) -> None:
        told.append(line)
        stop.set()

    done = desk.removing.perform(plan, tell, stop)
    assert len(told) == len(done.gone) == 1
    assert done.words == "stopped by hand: 1 version removed, 1.0 kB freed"
    assert len(everything(desk.engine).images) == 2
    assert desk.journal.outcome == done.words


def test_an_engine_that_goes_away_in_the_middle_leaves_the_act_open_and_its_moves_are_known(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, _ = three(desk)
    plan, image = desk.plan(one, two), desk.engine.image

    def away(name: str) -> object:
        if name == two:
            raise Unavailable(Problem(ProblemKind.INTERRUPTED, "it went away", "start it"))
        return image(name)

    monkeypatch.setattr(desk.engine, "image", away)
    with pytest.raises(Unavailable):
        desk.removing.perform(plan)
    assert desk.journal.ended is None
    monkeypatch.undo()
    desk.watcher.look()
    assert {(move.reference, move.actor) for move in desk.watcher.moves if move.target is None} == {
        ("web:1", IMGTUI), ("web:latest", IMGTUI),
    }  # fmt: skip


def untagged(desk: Desk, number: int = 1) -> str:
    """An image that had `web:<number>`."""
    image_id = desk.engine.load(made(f"old {number}"), f"web:{number}")
    desk.watcher.look()
    desk.engine.load(made(f"new {number}"), f"web:{number}")
    desk.watcher.look()
    return image_id


def over(desk: Desk) -> list[str]:
    """What the acts that are over say of what they took away, the newest first."""
    acts = Journal(desk.state, desk.engine.connect().id).over()
    return [act.what for act in acts if isinstance(act, RemovedForGood)]


def test_what_is_gone_for_good_is_written_down_when_it_is_gone(desk: Desk) -> None:
    one, two = untagged(desk, 1), untagged(desk, 2)
    plan = desk.plan(one, two)
    desk.engine.run("late", two)
    assert desk.removing.perform(plan).gone == (one,)
    assert over(desk) == [f"remove {one[7:19]}"]


def test_a_removal_that_removed_nothing_is_nothing_that_cannot_be_undone(desk: Desk) -> None:
    one = untagged(desk)
    plan = desk.plan(one)
    desk.engine.run("late", one)
    assert desk.removing.perform(plan).gone == ()
    assert over(desk) == []


def test_what_went_beside_a_tagged_one_that_stays_is_written_down(desk: Desk) -> None:
    one, tagged = untagged(desk), desk.engine.load(made("tagged"), "web:9")
    plan = desk.plan(one, tagged)
    desk.engine.run("late", tagged)
    assert desk.removing.perform(plan).gone == (one,)
    assert over(desk) == [f"remove {one[7:19]}"]


def test_a_removal_that_runs_or_was_interrupted_is_no_act_to_be_taken_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = untagged(desk)
    plan, recorder = desk.plan(one), desk.watcher.recorder
    rollbacks = Rollbacks(desk.engine, recorder, Acts(desk.engine, recorder))

    def remove(_: str) -> None:
        assert rollbacks.pending() == []
        raise Unavailable(Problem(ProblemKind.INTERRUPTED, "it went away", "start it"))

    monkeypatch.setattr(desk.engine, "remove_image", remove)
    with pytest.raises(Unavailable):
        desk.removing.perform(plan)
    assert desk.journal.ended is None
    assert rollbacks.pending() == []
    assert rollbacks.not_understood == ()
    assert desk.state.unread.words is None


def test_read_only_nothing_is_removed(desk: Desk) -> None:
    one, *_ = three(desk)
    plan = desk.plan(one)
    desk.engine.read_only = True
    done = desk.removing.perform(plan)
    assert done.gone == ()
    assert "read-only" in done.words
    with pytest.raises(ReadOnly):
        desk.removing.free_cache(CacheRemoval(BuildCache(1, 10)))


def test_a_bulk_plan_finds_what_has_no_tag(desk: Desk) -> None:
    one, two, _ = three(desk)
    desk.engine.tag(one, "web:2")
    plan = desk.plans.plan_bulk(desk.catalog, BulkSelection(Bulk.DANGLING))
    assert desk.removing.perform(plan).gone == (two,)
    with pytest.raises(NotPossible, match="no image here is like that"):
        desk.plans.plan_bulk(desk.catalog, BulkSelection(Bulk.DANGLING))


def test_the_build_cache_is_freed_and_the_journal_says_how_much(desk: Desk) -> None:
    with pytest.raises(NotPossible, match="nothing in the build cache"):
        desk.plans.plan_cache()
    desk.engine.cached = BuildCache(3, 5_000, 1_000)
    assert desk.removing.free_cache(desk.plans.plan_cache()) == 5_000
    assert (desk.journal.command, desk.journal.outcome) == (
        "docker builder prune --all", "done: 5.0 kB freed",
    )  # fmt: skip
