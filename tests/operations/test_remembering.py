"""Facts of images are in the state file before the images can be gone, and are asked for once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.core.image import Store
from imgtui.model.plans.plan import plan_keep, plan_unkeep
from imgtui.model.safety.mask import MASK
from imgtui.operations.acts.acts import Acts
from imgtui.operations.compare.comparing import Subject, compare_images
from imgtui.operations.session.session import Session
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.remembering import Remembering, remembered
from imgtui.operations.taglog.scan import look
from imgtui.store.cached.cache import Cache
from imgtui.store.facts import Facts
from imgtui.store.state import State
from tests.engines.waiting import wait_until
from tests.operations.conftest import Following
from tests.operations.listening import NOW, Counted, Listener, clock, made


@pytest.fixture
def engine() -> Counted:
    return Counted(MemoryEngine(store=Store.CONTAINERD))


def known(state: State) -> set[str]:
    return Facts(state).known(Store.CONTAINERD)


@pytest.mark.parametrize("headless", [True, False])
def test_every_image_that_has_a_tag_is_remembered_and_asked_for_once(
    engine: Counted, *, headless: bool
) -> None:
    first = engine.memory.build(made("one"), "web:latest")
    state, told = State(None), Listener()
    session = Session(
        engine,
        Cache(None),
        "",
        told,
        recorder=Recorder(engine, lambda: state),
        headless=headless,
        clock=clock,
    )
    session.start()
    told.until_live()
    wait_until(lambda: known(state) == {first}, "the facts of what was there")
    second = engine.memory.build(made("two"), "web:latest")
    wait_until(lambda: known(state) == {first, second}, "the facts of what was built")
    third = engine.memory.build(made("three"), "web:latest")
    wait_until(lambda: known(state) == {first, second, third}, "the facts of what was built then")
    assert sorted(engine.of("document")) == sorted({first, second, third})
    session.close()


def test_without_a_cache_what_is_gone_is_compared_and_shown(engine: Counted) -> None:
    old = engine.memory.build(made("one"), "web:latest")
    state = State(None)
    recorder = Recorder(engine, lambda: state)
    Remembering(engine, recorder, asks=True).save(Store.CONTAINERD, look(engine, recorder).catalog)
    new = engine.memory.build(made("two"), "web:latest")
    assert engine.memory.image(old) is None, "the containerd store lets go what a build replaces"
    a, b = (Subject(engine, Store.CONTAINERD, image_id) for image_id in (old, new))
    pair = compare_images(a, b, Cache(None), (), recorder)
    assert pair.comparison.a.facts.layers

    told = Listener()
    session = Session(engine, Cache(None), "", told, recorder=Recorder(engine, lambda: state), clock=clock)
    session.start()
    told.until_live()
    told.until(lambda: {old, new} <= set(told.learned), "layers, also of what is gone")
    session.services.facts.ask(old)
    told.until(lambda: told.facts, "the facts")
    assert told.facts[0].facts is not None
    session.close()


def test_what_only_the_cache_knew_of_an_image_that_is_gone_is_kept_too(following: Following) -> None:
    built = following.memory.build(made("one"), "web:latest")
    following.live()
    store = following.memory.connect().store
    facts = following.session.recorder.facts
    assert facts is not None
    wait_until(lambda: facts.known(store) == {built}, "the facts")


def test_no_secret_is_in_the_file(tmp_path: Path) -> None:
    engine = MemoryEngine(store=Store.CONTAINERD)
    blueprint = replace(made("one"), config={"Env": ["DB_PASSWORD=hunter2", "MODE=fast"]})
    image_id = engine.build(blueprint, "web:latest")
    state = State(tmp_path / "state.db")
    recorder = Recorder(engine, lambda: state)
    Remembering(engine, recorder, asks=True).save(Store.CONTAINERD, look(engine, recorder).catalog)
    document = remembered(recorder, Store.CONTAINERD, image_id)
    assert document is not None
    assert f"DB_PASSWORD={MASK}" in document
    assert "MODE=fast" in document
    assert "hunter2" not in document
    state.close()


def test_an_image_that_cannot_be_inspected_keeps_no_other_from_being_known(engine: Counted) -> None:
    one = engine.memory.build(made("one"), "web:1")
    two = engine.memory.build(made("two"), "web:2")
    ask = engine.memory.document

    def broken(image_id: str, *, reveal: bool = False) -> str | None:
        if image_id == one:
            raise TypeError("of another shape")
        return ask(image_id, reveal=reveal)

    engine.memory.document = broken  # type: ignore[method-assign]
    state = State(None)
    recorder = Recorder(engine, lambda: state)
    Remembering(engine, recorder, asks=True).save(Store.CONTAINERD, look(engine, recorder).catalog)
    assert known(state) == {two}


def test_an_act_that_deletes_an_image_remembers_it_first(engine: Counted) -> None:
    image_id = engine.memory.build(made("one"), "web:latest")
    state = State(None)
    recorder = Recorder(engine, lambda: state)
    acts = Acts(engine, recorder)
    acts.perform(plan_keep(look(engine, recorder).catalog, image_id, "web", int(NOW)))
    engine.memory.untag("web:latest")
    acts.perform(plan_unkeep(look(engine, recorder).catalog, image_id))
    assert engine.memory.image(image_id) is None
    assert known(state) == {image_id}
