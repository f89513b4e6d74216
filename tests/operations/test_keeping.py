"""Keep rules hold what the next rebuild would drop, and let go what no rule wants any more."""

from __future__ import annotations

import pytest

from imgtui.engine.memory import MemoryEngine
from imgtui.model.catalog import Catalog
from imgtui.model.image import Layer, Store
from imgtui.model.keep import KeptBy
from imgtui.model.plan import keeps_of, plan_keep
from imgtui.model.rules import KeepRule
from imgtui.operations.acts import Acts
from imgtui.operations.keeping import Keeping
from imgtui.operations.look import everything
from imgtui.operations.recording import Recorder
from imgtui.operations.session import Session
from imgtui.store.cache import Cache
from imgtui.store.state import State
from tests.operations.listening import NOW, Listener, made
from tests.operations.watching import Watcher, forgetful
from tests.undoing import to_undo


def session_with(rule: KeepRule, engine: MemoryEngine, told: Listener) -> Session:
    session = Session(engine, Cache(None), "memory", told, recorder=forgetful(engine), rules=[rule])
    session.start()
    told.until_live()
    return session


def kept(engine: MemoryEngine) -> dict[str, list[KeptBy]]:
    """Image ID to who keeps it."""
    return {i.id: [keep.by for keep in keeps_of(i)] for i in everything(engine).images.values() if i.keeps}


def is_kept(catalog: Catalog, image_id: str) -> bool:
    return image_id in catalog.images and bool(catalog.images[image_id].keeps)


@pytest.fixture
def engine() -> MemoryEngine:
    return MemoryEngine(store=Store.CONTAINERD)


def test_with_a_rule_every_rebuild_finds_the_digest_before_it_held(engine: MemoryEngine) -> None:
    told = Listener()
    session = session_with(KeepRule("web*", last=10), engine, told)
    built = []
    for number in range(5):
        built.append(engine.build(made(f"web {number}"), "web:latest"))
        told.until_live(lambda catalog: is_kept(catalog, built[-1]), "the keep")
    engine.build(made("other"), "other:latest")
    engine.build(made("another"), "other:latest")
    told.until_live(lambda catalog: "other:latest" in catalog.tags, "the other")
    session.close()
    assert set(built) <= everything(engine).images.keys()
    assert kept(engine) == {image_id: [KeptBy.RULE] for image_id in built}


def test_what_is_there_at_the_start_is_held_too(engine: MemoryEngine) -> None:
    first = engine.build(made("web"), "web:latest")
    told = Listener()
    session = session_with(KeepRule("*", all=True), engine, told)
    told.until_live(lambda catalog: is_kept(catalog, first), "the keep")
    session.close()


def test_what_no_rule_wants_any_more_is_let_go_but_not_what_a_person_keeps(engine: MemoryEngine) -> None:
    watcher = Watcher(engine, State(None))
    keeping = Keeping(engine, watcher.recorder, [KeepRule("web", last=2)], lambda _: ())
    built = []
    for number in range(4):
        built.append(engine.build(made(f"web {number}", age=1000 - number), "web:latest"))
        watcher.look()
        if number == 0:
            Acts(engine, watcher.recorder).perform(plan_keep(everything(engine), built[0], "web", NOW))
        keeping.apply(watcher.catalog)
    assert kept(engine) == {
        built[0]: [KeptBy.PERSON], built[2]: [KeptBy.RULE], built[3]: [KeptBy.RULE],
    }  # fmt: skip
    assert built[1] not in everything(engine).images


def test_a_lost_log_lets_nothing_go(engine: MemoryEngine) -> None:
    watcher = Watcher(engine, State(None))
    keeping = Keeping(engine, watcher.recorder, [KeepRule("web", last=2)], lambda _: ())
    built = []
    for number in range(2):
        built.append(engine.build(made(f"web {number}", age=10**7 - number), "web:latest"))
        watcher.look()
        keeping.apply(watcher.catalog)
    forgetting = Watcher(engine, State(None))
    rules = [KeepRule("web", last=1), KeepRule("web", days=30)]
    Keeping(engine, forgetting.recorder, rules, lambda _: ()).apply(forgetting.catalog)
    assert set(kept(engine)) == set(built)


def test_a_rule_is_applied_too_where_another_program_has_recorded_the_move(engine: MemoryEngine) -> None:
    told, state = Listener(), State(None)
    recorder = Recorder(engine, lambda: state)
    session = Session(engine, Cache(None), "", told, recorder=recorder, rules=[KeepRule("*", all=True)])
    session.start()
    told.until_live()
    other = Watcher(engine, state)
    built = engine.build(made("web"), "web:latest")
    other.look()
    told.until_live(lambda catalog: is_kept(catalog, built), "the keep")
    session.close()


def test_what_a_container_uses_is_not_let_go(engine: MemoryEngine) -> None:
    watcher = Watcher(engine, State(None))
    keeping = Keeping(engine, watcher.recorder, [KeepRule("web", last=1)], lambda _: ())
    first = engine.build(made("first"), "web:latest")
    watcher.look()
    keeping.apply(watcher.catalog)
    engine.run("site", "web:latest")
    engine.build(made("second", age=10), "web:latest")
    watcher.start()
    keeping.apply(watcher.catalog)
    assert kept(engine)[first] == [KeptBy.RULE]


def test_a_budget_counts_what_is_held_beyond_the_tags(engine: MemoryEngine) -> None:
    watcher = Watcher(engine, State(None))
    sizes: dict[str, tuple[Layer, ...]] = {}
    keeping = Keeping(
        engine, watcher.recorder, [KeepRule("web", all=True, budget=2500)], lambda _: sizes.items()
    )
    built = []
    for number in range(5):
        blueprint = made(f"web {number}", age=1000 - number)
        built.append(engine.build(blueprint, "web:latest"))
        sizes[built[-1]] = blueprint.layers
        watcher.look()
        keeping.apply(watcher.catalog)
    assert set(kept(engine)) == set(built[2:])


def test_a_rules_keep_is_nothing_that_a_person_would_undo(engine: MemoryEngine) -> None:
    watcher = Watcher(engine, State(None))
    engine.build(made("web"), "web:latest")
    watcher.look()
    keeping = Keeping(engine, watcher.recorder, [KeepRule("web", last=2)], lambda _: ())
    keeping.apply(watcher.catalog)
    newest = to_undo(watcher.log.moves(), everything(engine).tags.get)
    assert newest is not None
    assert newest.reference == "web:latest"


def test_a_rule_that_cannot_be_applied_says_so_and_does_not_stop_the_others(engine: MemoryEngine) -> None:
    engine.build(made("web"), "web:latest")
    engine.read_only = True
    recorder = Recorder(engine, lambda: State(None))
    recorder.follow(engine.connect())
    keeping = Keeping(engine, recorder, [KeepRule("*", last=2)], lambda _: ())
    keeping.apply(everything(engine))
    assert "read-only" in str(keeping.problem)
