"""From events to a catalog that is true again: what is asked, and what is never asked."""

from __future__ import annotations

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.errors import Unavailable
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.event import Event
from imgtui.model.core.image import Image, Store
from imgtui.operations.taglog.reconcile import merge_parts, reconcile
from tests.operations.listening import Counted, made


@pytest.fixture(params=[Store.GRAPH, Store.CONTAINERD], ids=["graph", "containerd"])
def engine(request: pytest.FixtureRequest) -> Counted:
    """An empty engine of each store in turn."""
    return Counted(MemoryEngine(store=request.param))


def catalog_of(engine: Counted) -> Catalog:
    """What the engine holds, past the counting."""
    images = {image.id: image for part in engine.memory.list_images() for image in part.images}
    return Catalog(images, {container.id: container for container in engine.memory.containers()})


def test_the_image_that_lost_a_tag_is_asked_for(engine: Counted) -> None:
    old = engine.memory.load(made("one"), "web:latest")
    new = engine.memory.load(made("two"), "web:next")
    before = catalog_of(engine)
    engine.memory.tag(new, "web:latest")
    after = reconcile(engine, before, [Event("image", "tag", new, "web:latest")])
    assert old in engine.of("image")
    assert after == catalog_of(engine)
    assert after.images[old].tags == ()
    assert engine.count("list") == 0


def test_the_image_that_a_build_replaced_is_found_gone_or_untagged(engine: Counted) -> None:
    old = engine.memory.build(made("one"), "web:latest")
    before = catalog_of(engine)
    new = engine.memory.build(made("two"), "web:latest")
    after = reconcile(
        engine, before, [Event("image", "create", new), Event("image", "tag", new, "web:latest")]
    )
    assert (old in after.images) is (engine.memory.connect().store is Store.GRAPH)
    assert after == catalog_of(engine)


def test_a_pull_is_looked_up_by_the_reference_it_names(engine: Counted) -> None:
    before = catalog_of(engine)
    pulled = engine.memory.receive(made("one"), "web:latest")
    after = reconcile(engine, before, [Event("image", "pull", None, "web:latest")])
    assert after.tags == {"web:latest": pulled}
    assert after == catalog_of(engine)


def test_a_pull_by_digest_is_looked_up_by_the_digest_and_nothing_is_listed(engine: Counted) -> None:
    engine.memory.publish("web:latest", made("one"))
    digest = f"web@{engine.memory.remote_tag('web:latest').digest}"
    before = catalog_of(engine)
    for _ in engine.memory.pull(digest):
        pass
    after = reconcile(engine, before, engine.memory.past_events(0))
    assert [image.repo_digests for image in after.images.values()] == [(digest,)]
    assert after == catalog_of(engine)
    assert engine.count("list") == 0


def test_a_pull_over_a_tag_asks_for_the_loser_too(engine: Counted) -> None:
    old = engine.memory.receive(made("one"), "web:latest")
    before = catalog_of(engine)
    engine.memory.receive(made("two"), "web:latest")
    after = reconcile(engine, before, [Event("image", "pull", None, "web:latest")])
    assert old in engine.of("image")
    assert after == catalog_of(engine)


def test_a_tag_that_moves_several_times_ends_where_it_is_now(engine: Counted) -> None:
    ids = [engine.memory.load(made(str(number)), f"web:{number}") for number in range(4)]
    before = catalog_of(engine)
    events = []
    for image_id in ids:
        engine.memory.tag(image_id, "web:latest")
        events.append(Event("image", "tag", image_id, "web:latest"))
    after = reconcile(engine, before, events)
    assert after == catalog_of(engine)
    assert engine.count("list") == 0


def test_an_image_is_asked_for_once_for_all_its_events(engine: Counted) -> None:
    image_id = engine.memory.load(made("one"), "web:latest")
    before = catalog_of(engine)
    reconcile(engine, before, [Event("image", "tag", image_id, f"web:{number}") for number in range(50)])
    assert engine.of("image") == [image_id]


def test_a_deleted_image_is_taken_away(engine: Counted) -> None:
    image_id = engine.memory.load(made("one"), "web:latest")
    before = catalog_of(engine)
    engine.memory.remove("web:latest")
    after = reconcile(engine, before, [Event("image", "untag", image_id), Event("image", "delete", image_id)])
    assert after.images == {}


def test_only_the_containers_that_are_named_are_asked_for(engine: Counted) -> None:
    engine.memory.load(made("one"), "web:latest")
    engine.memory.run("other", "web:latest")
    before = catalog_of(engine)
    container = engine.memory.run("site", "web:latest")
    events = [Event("container", action, container) for action in ("create", "start", "exec_start")]
    after = reconcile(engine, before, events)
    assert after == catalog_of(engine)
    assert engine.asked == [("containers", container)]


def test_an_image_that_the_engine_cannot_look_at_keeps_nobody_from_the_others(engine: Counted) -> None:
    broken = engine.memory.load(made("one"), "web:latest")
    before = catalog_of(engine)
    other = engine.memory.load(made("two"), "api:latest")
    engine.broken.add(broken)
    events = [Event("image", "tag", broken), Event("image", "load", other)]
    after = reconcile(engine, before, events)
    assert after == catalog_of(engine)
    engine.memory.stop_answering()
    with pytest.raises(Unavailable):
        reconcile(engine, before, [Event("image", "load", other)])


@pytest.mark.parametrize("action", ["prune", "save"])
def test_what_moves_nothing_asks_nothing(engine: Counted, action: str) -> None:
    engine.memory.load(made("one"), "web:latest")
    before = catalog_of(engine)
    assert reconcile(engine, before, [Event("image", action)]) == before
    assert engine.asked == []


def test_an_image_that_arrives_in_two_parts_has_the_names_of_both() -> None:
    images: dict[str, Image] = {}
    merge_parts(images, [Image("sha256:1", ("web:1",), ("web@sha256:1",), 5, 7)])
    merge_parts(images, [Image("sha256:1", ("web:2", "web:1"), ("api@sha256:1",), 5, 7), Image("sha256:2")])
    assert images["sha256:1"] == Image("sha256:1", ("web:1", "web:2"), ("web@sha256:1", "api@sha256:1"), 5, 7)
    assert set(images) == {"sha256:1", "sha256:2"}
