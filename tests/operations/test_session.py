"""A session keeps a catalog equal to an engine."""

from collections.abc import Iterator

import pytest

from imgtui.engine.blueprint import Blueprint, Step
from imgtui.engine.memory import MemoryEngine
from imgtui.model.image import EngineInfo, Layer, Store
from imgtui.operations.updates import Phase
from imgtui.store.cache import Cache
from tests.operations.counting import CountingEngine
from tests.operations.listener import following


def blueprint(number: int) -> Blueprint:
    base = Step("COPY base /", Layer("sha256:" + "0" * 64, 1000))
    own = Step(f"RUN make {number}", Layer(f"sha256:{number:064x}", number))
    return Blueprint((base, own), created=number)


@pytest.fixture(params=[Store.GRAPH, Store.CONTAINERD])
def counted(request: pytest.FixtureRequest) -> Iterator[CountingEngine]:
    engine = MemoryEngine(store=request.param)
    for number in range(1, 6):
        engine.build(blueprint(number), f"app:{number}")
    yield CountingEngine(engine)
    engine.close()


def test_the_catalog_is_what_the_engine_holds(counted: CountingEngine) -> None:
    with following(counted) as (_, listener):
        state = listener.until_live()
    assert sorted(state.catalog.tags) == [f"app:{number}" for number in range(1, 6)]
    assert counted.asked["list"] == 1


def test_an_event_never_costs_a_list(counted: CountingEngine) -> None:
    with following(counted) as (_, listener):
        listener.until_live()
        image_id = counted.engine.build(blueprint(9), "app:1")
        listener.until(lambda: listener.states[-1].catalog.tags.get("app:1") == image_id, "the moved tag")
        counted.engine.remove("app:2")
        listener.until(lambda: "app:2" not in listener.states[-1].catalog.tags, "the removed tag")
    assert counted.asked["list"] == 1


def test_the_image_that_a_moved_tag_left_is_asked_for(counted: CountingEngine) -> None:
    """On the containerd store a build drops it, on graph drivers it stays: no event tells."""
    with following(counted) as (_, listener):
        loser = listener.until_live().catalog.tags["app:1"]
        image_id = counted.engine.build(blueprint(9), "app:1")
        listener.until(lambda: listener.states[-1].catalog.tags.get("app:1") == image_id, "the moved tag")
        catalog = listener.states[-1].catalog
    stays = counted.engine.connect().store is Store.GRAPH
    assert (loser in catalog.images) is stays
    assert catalog.images[image_id].size > 0


def test_a_burst_of_events_is_looked_at_together(counted: CountingEngine) -> None:
    with following(counted) as (_, listener):
        image_id = listener.until_live().catalog.tags["app:1"]
        before = counted.asked["image"]
        for number in range(50):
            counted.engine.tag(image_id, f"burst:{number}")
        listener.until(lambda: "burst:49" in listener.states[-1].catalog.tags, "the last tag")
    assert counted.asked["image"] - before < 25


def test_a_container_event_asks_for_that_container_alone(counted: CountingEngine) -> None:
    with following(counted) as (_, listener):
        listener.until_live()
        container = counted.engine.run("api", "app:1")
        listener.until(lambda: container in listener.states[-1].catalog.containers, "the container")
        counted.engine.discard(container)
        listener.until(lambda: container not in listener.states[-1].catalog.containers, "it is gone")
    assert counted.asked["list"] == 1


def test_a_lost_engine_leaves_the_last_state_and_comes_back_by_itself(counted: CountingEngine) -> None:
    with following(counted) as (_, listener):
        before = listener.until_live().catalog
        counted.engine.stop_answering()
        listener.until(lambda: listener.states[-1].phase is Phase.LOST, "lost")
        lost = listener.states[-1]
        assert lost.catalog == before
        assert lost.as_of == 100.0
        assert lost.problem is not None
        counted.engine.answer_again()
        counted.engine.build(blueprint(7), "app:7")
        listener.until(lambda: "app:7" in listener.states[-1].catalog.tags, "what came meanwhile")
        assert listener.states[-1].phase is Phase.LIVE


def test_the_last_known_state_is_there_before_the_engine_has_answered(counted: CountingEngine) -> None:
    cache = Cache(None)
    with following(counted, cache, clock=lambda: 50.0) as (_, listener):
        catalog = listener.until_live().catalog
    with following(counted, cache) as (_, listener):
        first = listener.states[0]
        assert first.phase is Phase.CONNECTING
        assert first.catalog == catalog
        assert first.as_of == 50.0
        assert listener.until_live().as_of == 100.0


def test_facts_are_asked_for_once_and_come_from_the_cache_next_time(counted: CountingEngine) -> None:
    cache = Cache(None)
    with following(counted, cache) as (_, listener):
        images = listener.until_live().catalog.images.keys()
        listener.until(lambda: listener.learned == images, "all layers")
    assert sorted(counted.documents) == sorted(images)
    with following(counted, cache) as (session, listener):
        listener.until_live()
        listener.until(lambda: listener.learned == images, "all layers again")
        image_id = next(iter(images))
        session.facts.ask(image_id)
        listener.until(lambda: listener.facts, "the facts")
    assert len(counted.documents) == len(images)


def test_revealed_values_are_asked_of_the_engine_and_not_kept(counted: CountingEngine) -> None:
    cache = Cache(None)
    with following(counted, cache) as (session, listener):
        image_id = next(iter(listener.until_live().catalog.images))
        listener.until(lambda: image_id in listener.learned, "the layers")
        session.facts.ask(image_id, reveal=True)
        listener.until(lambda: listener.facts, "the facts")
        assert listener.facts[0].revealed
    assert counted.documents.count(image_id) == 2


def test_an_answer_that_nobody_foresaw_is_a_lost_engine_and_not_the_end(counted: CountingEngine) -> None:
    class Strange(CountingEngine):
        def connect(self) -> EngineInfo:
            raise KeyError("surprise")

    with following(Strange(counted.engine)) as (_, listener):
        listener.until(lambda: sum(state.phase is Phase.LOST for state in listener.states) >= 2, "lost twice")
    problem = listener.states[-1].problem
    assert problem is not None
    assert "surprise" in problem.cause
