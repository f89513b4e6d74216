"""A session keeps a catalog equal to an engine, and asks for no more than it must."""

from __future__ import annotations

from collections import Counter

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.core.event import Event
from imgtui.model.core.image import EngineInfo
from imgtui.model.jobs.plans import plan_push
from imgtui.operations.protocol.updates import Phase
from imgtui.operations.session.session import RETRY_SECONDS, Session
from imgtui.store.cached.cache import Cache
from tests.operations.conftest import Following
from tests.operations.listening import NOW, Listener, clock, made


def test_a_session_connects_listens_and_lists_once(following: Following) -> None:
    first = following.memory.build(made("one"), "web:latest")
    following.live()
    assert set(following.told.catalog.images) == {first}
    assert [state.phase for state in following.told.states][-1] is Phase.LIVE
    assert following.engine.count("list") == 1
    order = [request for request, _ in following.engine.asked]
    assert order.index("connect") < order.index("events") < order.index("list")


def test_what_happens_is_known_without_a_list(following: Following) -> None:
    following.live()
    built = following.memory.build(made("one"), "web:latest")
    following.told.until_live(lambda catalog: catalog.tags.get("web:latest") == built, "the build")
    following.memory.tag(built, "web:stable")
    following.told.until_live(lambda catalog: "web:stable" in catalog.tags, "the tag")
    following.memory.remove("web:latest")
    following.told.until_live(lambda catalog: "web:latest" not in catalog.tags, "the untagging")
    container = following.memory.run("site", "web:stable")
    following.told.until_live(lambda catalog: container in catalog.containers, "the container")
    following.memory.discard(container)
    following.told.until_live(lambda catalog: not catalog.containers, "the container gone")
    following.memory.remove("web:stable")
    following.told.until_live(lambda catalog: not catalog.images, "the image gone")
    assert following.engine.count("list") == 1
    assert following.engine.of("containers").count("all") == 1


def test_an_arriving_image_has_its_size_also_where_inspect_leaves_it_out(following: Following) -> None:
    following.live()
    built = following.memory.build(made("one"), "web:latest")
    following.told.until_live(lambda catalog: built in catalog.images, "the build")
    listed = {image.id: image for part in following.memory.list_images() for image in part.images}
    assert following.told.catalog.images == listed


def test_a_push_is_known_at_once_as_a_way_to_have_it_again(following: Following) -> None:
    built = following.memory.build(made("one"), "reg.example/web:1")
    following.live()
    catalog = following.told.catalog
    following.session.services.transfers.begin(plan_push(catalog, "reg.example/web:1", built))
    following.told.until_live(lambda catalog: built in catalog.past.pulls, "the push")
    (name,) = following.told.catalog.past.pulls[built]
    assert name.startswith("reg.example/web@sha256:")


def test_a_push_by_another_tool_is_remembered_where_the_engine_tells_of_it(following: Following) -> None:
    """The repo digest of a graph driver, which the image takes along when it goes."""
    built = following.memory.build(made("one"), "reg.example/web:1")
    following.live()
    if following.told.catalog.images[built].repo_digests:
        pytest.skip("the containerd store gives a repo digest to every tag")
    list(following.memory.push("reg.example/web:1"))
    following.told.until_live(lambda catalog: catalog.images[built].repo_digests, "the repo digest")
    following.memory.remove(built, force=True)
    following.told.until_live(lambda catalog: built not in catalog.images, "the image gone")
    assert following.told.catalog.past.pulls[built][0].startswith("reg.example/web@sha256:")


def test_a_burst_of_events_is_looked_at_together(following: Following) -> None:
    built = following.memory.build(made("one"), "web:latest")
    following.live()
    states, asked = len(following.told.states), len(following.engine.of("image"))
    for number in range(100):
        following.memory.tag(built, f"web:{number}")
    following.told.until_live(lambda catalog: len(catalog.tags) == 101, "all tags")
    assert len(following.told.states) - states < 20
    assert len(following.engine.of("image")) - asked < 20


def test_an_idle_session_asks_and_tells_nothing(following: Following) -> None:
    following.memory.build(made("one"), "web:latest")
    following.live()
    following.memory.run("site", "web:latest")
    following.told.until_live(lambda catalog: catalog.containers, "the container")
    before = len(following.engine.asked), len(following.told.heard)
    following.told.until_live(lambda catalog: catalog.containers, "the container still")
    assert (len(following.engine.asked), len(following.told.heard)) == before


def test_a_lost_engine_leaves_what_was_known_and_says_why_and_of_when(following: Following) -> None:
    built = following.memory.build(made("one"), "web:latest")
    following.live()
    following.memory.stop_answering()
    following.told.until(lambda: following.told.state.phase is Phase.LOST, "the loss")
    following.told.until(lambda: following.told.state.problem, "the reason")
    assert set(following.told.catalog.images) == {built}
    assert following.told.state.as_of == NOW


def test_a_reconnection_compares_with_a_fresh_list(following: Following) -> None:
    kept = following.memory.build(made("one"), "web:latest")
    following.memory.build(made("two"), "api:latest")
    following.live()
    following.memory.stop_answering()
    following.told.until(lambda: following.told.state.phase is Phase.LOST, "the loss")
    following.memory.answer_again()
    new = following.memory.build(made("three"), "worker:latest")
    following.memory.remove("api:latest")
    following.told.until_live(lambda catalog: set(catalog.images) == {kept, new}, "what is there now")
    assert following.engine.count("list") == 2
    # What was known before the loss stays on the screen while the list is on its way.
    relisting = [state for state in following.told.states if state.phase is Phase.LISTING][1:]
    assert all(kept in state.catalog.images for state in relisting)
    following.told.until(lambda: new in following.told.learned, "the new image's layers")


def test_a_refresh_lists_anew_without_calling_the_engine_lost(following: Following) -> None:
    following.memory.build(made("one"), "web:latest")
    following.live()
    silent = made("silent")
    following.memory.stock([(silent, ("silent:latest",))])
    following.session.refresh()
    following.told.until_live(lambda catalog: "silent:latest" in catalog.tags, "what came silently")
    phases = [state.phase for state in following.told.states]
    assert Phase.LOST not in phases
    assert phases[phases.index(Phase.LIVE) :] == [
        Phase.LIVE, Phase.CONNECTING, *[Phase.LISTING] * (phases.count(Phase.LISTING) // 2), Phase.LIVE
    ]  # fmt: skip


def test_a_refresh_tries_a_lost_engine_at_once(following: Following) -> None:
    following.memory.stop_answering()
    following.session.start()
    following.told.until(
        lambda: len([state for state in following.told.states if state.phase is Phase.LOST]) > 1, "a retry"
    )
    tries = following.engine.count("connect")
    following.memory.answer_again()
    following.session.refresh()
    following.told.until_live()
    assert following.engine.count("connect") == tries + 1


def test_the_pauses_between_tries_grow_up_to_a_bound() -> None:
    assert list(RETRY_SECONDS) == sorted(RETRY_SECONDS)
    assert RETRY_SECONDS[-1] <= 5


def test_the_last_known_state_comes_first_with_its_age(following: Following) -> None:
    built = following.memory.build(made("one"), "web:latest")
    following.memory.run("site", "web:latest")
    following.live()
    following.session.close()
    following.memory.stop_answering()
    told = Listener()
    again = Session(following.engine, following.cache, "unix:///engine", told, clock=clock)
    recalled = again.recall()
    assert recalled is not None
    assert (recalled.phase, recalled.as_of) == (Phase.CONNECTING, NOW)
    assert recalled.catalog.images == following.told.catalog.images
    assert recalled.catalog.containers == following.told.catalog.containers
    assert recalled.info == following.told.state.info
    again.start()
    again.proceed()
    told.until(lambda: told.states and told.state.phase is Phase.LOST, "the loss")
    assert set(told.catalog.images) == {built}
    assert told.state.as_of == NOW
    assert set(told.learned) == {built}
    again.close()


def test_another_endpoint_knows_nothing_of_this_one(following: Following) -> None:
    following.memory.build(made("one"), "web:latest")
    following.live()
    following.session.close()
    other = Session(following.engine, following.cache, "tcp://other:2375", Listener(), clock=clock)
    assert other.recall() is None


def test_a_closed_session_tells_nothing_more(following: Following) -> None:
    following.live()
    following.session.close()
    heard = len(following.told.heard)
    following.memory.build(made("one"), "web:latest")
    following.memory.stop_answering()
    assert len(following.told.heard) == heard


def test_an_event_that_names_nothing_is_answered_with_a_list(following: Following) -> None:
    following.live()
    following.memory.stock([(made("loaded"), ("loaded:latest",))])
    following.memory._send(Event("image", "loadfromarchive"))
    following.told.until_live(lambda catalog: "loaded:latest" in catalog.tags, "what was loaded")
    assert following.engine.count("list") == 2


class Strange(MemoryEngine):
    """An engine that answers what nobody foresaw, until it is put right."""

    strange = True

    def connect(self) -> EngineInfo:
        if self.strange:
            raise KeyError("surprise")
        return super().connect()


def test_an_answer_that_nobody_foresaw_is_a_lost_engine_and_not_the_end() -> None:
    engine, told = Strange(), Listener()
    session = Session(engine, Cache(None), "unix:///engine", told, clock=clock)
    session.start()
    told.until(lambda: told.states and told.state.phase is Phase.LOST, "the loss")
    assert told.state.problem is not None
    assert "surprise" in told.state.problem.cause
    engine.strange = False
    told.until_live()
    session.close()


def test_requests_of_a_start_are_few(following: Following) -> None:
    for number in range(20):
        following.memory.build(made(f"image {number}"), f"web:{number}")
    following.live()
    asked = Counter(request for request, _ in following.engine.asked)
    once = dict.fromkeys(("connect", "events", "past events", "list", "containers"), 1)
    assert asked == {**once, "document": 20}
