"""Facts are asked for once, first those that are looked at, and from the cache the next time."""

from __future__ import annotations

from collections import Counter

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.taglog.history import FormerName, Past
from imgtui.operations.session import facts_service as facts
from imgtui.operations.session.facts_service import SIDE_BY_SIDE, FactsService
from imgtui.operations.session.session import Session
from imgtui.store.cached.cache import Cache
from tests.engines.waiting import wait_until
from tests.operations.conftest import Following
from tests.operations.listening import Counted, Listener, clock, made

MANY = 40


@pytest.fixture
def engine() -> Counted:
    """An engine with forty images, the last one the newest."""
    memory = MemoryEngine()
    for number in range(MANY):
        memory.build(made(f"image {number}", age=10_000 - number), f"web:{number}")
    return Counted(memory)


def catalog_of(engine: Counted) -> Catalog:
    return Catalog({image.id: image for part in engine.memory.list_images() for image in part.images})


def test_the_rows_in_view_come_first_and_then_the_newest(
    engine: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "SIDE_BY_SIDE", 1)
    told, catalog = Listener(), catalog_of(engine)
    desk = FactsService(engine, Cache(None), told)
    newest_first = [version.image.id for version in catalog.everything]
    in_view = newest_first[-5:]
    desk.in_view(in_view)
    desk.follow(engine.memory.connect().store, catalog)
    told.until(lambda: len(told.learned) == MANY, "all layers")
    assert engine.of("document") == [*in_view, *newest_first[:-5]]


def test_what_somebody_looks_at_comes_before_everything_else(
    engine: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "SIDE_BY_SIDE", 1)
    told, catalog = Listener(), catalog_of(engine)
    desk = FactsService(engine, Cache(None), told)
    engine.gate.clear()
    desk.follow(engine.memory.connect().store, catalog)
    first, *_, last = [version.image.id for version in catalog.everything]
    wait_until(lambda: engine.of("document") == [first], "the first request")
    desk.ask(last)
    engine.gate.set()
    told.until(lambda: told.facts, "the facts")
    assert engine.of("document")[:2] == [first, last]
    assert told.facts[0].image_id == last
    told.until(lambda: len(told.learned) == MANY, "all layers")


def test_no_more_than_a_few_requests_are_under_way(engine: Counted) -> None:
    told = Listener()
    desk = FactsService(engine, Cache(None), told)
    engine.gate.clear()
    desk.follow(engine.memory.connect().store, catalog_of(engine))
    for image_id in catalog_of(engine).images:
        desk.ask(image_id)
    assert engine.count("document") <= SIDE_BY_SIDE
    engine.gate.set()
    told.until(lambda: len(told.facts) == MANY, "all facts")


def test_facts_are_asked_once_also_when_the_engine_changes_meanwhile(engine: Counted) -> None:
    told, catalog = Listener(), catalog_of(engine)
    desk = FactsService(engine, Cache(None), told)
    engine.gate.clear()
    desk.follow(engine.memory.connect().store, catalog)
    for _ in range(5):
        desk.follow(engine.memory.connect().store, catalog)
    engine.gate.set()
    told.until(lambda: len(set(told.learned)) == MANY, "all layers")
    asked = Counter(engine.of("document"))
    assert set(asked.values()) == {1}


def test_facts_come_from_the_cache_the_next_time(following: Following) -> None:
    for number in range(5):
        following.memory.build(made(f"image {number}"), f"web:{number}")
    following.live()
    following.session.close()
    asked = following.engine.count("document")
    told = Listener()
    again = Session(following.engine, following.cache, "unix:///engine", told, clock=clock)
    again.start()
    told.until_live()
    told.until(lambda: len(told.learned) == 5, "all layers")
    image_id = next(iter(told.catalog.images))
    again.services.facts.ask(image_id)
    told.until(lambda: told.facts, "the facts")
    assert told.facts[0].facts is not None
    assert following.engine.count("document") == asked
    again.close()


def test_revealed_facts_are_asked_of_the_engine_and_never_kept(following: Following) -> None:
    built = following.memory.build(made("one"), "web:latest")
    following.live()
    store = following.memory.connect().store
    kept = following.cache.document(store, built)
    asked = following.engine.count("document")
    following.session.services.facts.ask(built, reveal=True)
    following.told.until(lambda: following.told.facts, "the facts")
    assert following.told.facts[0].revealed
    assert following.engine.count("document") == asked + 1
    assert following.cache.document(store, built) == kept


def test_an_image_that_is_gone_has_no_facts(following: Following) -> None:
    following.live()
    following.session.services.facts.ask("sha256:" + "0" * 64)
    following.told.until(lambda: following.told.facts, "the answer")
    assert following.told.facts[0].facts is None


def test_images_that_could_not_be_asked_for_are_asked_again_later(following: Following) -> None:
    built = following.memory.build(made("one"), "web:latest")
    following.engine.gate.clear()
    following.session.start()
    following.told.until_live()
    following.memory.stop_answering()
    following.engine.gate.set()
    following.told.until(lambda: following.told.state.problem, "the loss")
    following.memory.answer_again()
    following.told.until(lambda: built in following.told.learned, "its layers")


def test_what_was_gone_is_learned_again_when_it_is_back(engine: Counted) -> None:
    told, catalog = Listener(), catalog_of(engine)
    store = engine.memory.connect().store
    desk = FactsService(engine, Cache(None), told)
    desk.follow(store, catalog)
    told.until(lambda: len(told.learned) == MANY, "all layers")
    gone, *_ = catalog.images
    here = {image_id: image for image_id, image in catalog.images.items() if image_id != gone}
    # The list still has the gone version, which the tag log knows.
    log = Past({gone: (FormerName("web", "0", 0, ""),)}, {gone: catalog.images[gone]})
    without = Catalog(here, past=log)
    assert gone in {version.image.id for version in without.everything}
    desk.follow(store, without)
    wait_until(lambda: desk._workers == 0, "that there is nothing to do")
    before = len(told.learned)
    desk.follow(store, catalog)
    told.until(lambda: gone in told.learned[before:], "its layers once more")
