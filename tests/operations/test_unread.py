"""One image that the engine cannot read: it is left out, which is said, and the others are as they are."""

from __future__ import annotations

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.errors import EngineError
from imgtui.model.core.image import Store
from imgtui.operations.removal.execute import Removing
from imgtui.operations.removal.planning import RemovalPlans
from imgtui.operations.taglog.full_scan import survey, unread_words
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.scan import everything
from imgtui.store.cached.cache import Cache
from imgtui.store.state import State
from tests.operations.listening import Counted, made


class Unreadable(Counted):
    """An engine whose content store has lost a blob of some images."""

    def document(self, image_id: str, *, reveal: bool = False) -> str | None:
        if image_id in self.broken:
            raise EngineError("content digest: not found", status=500)
        return super().document(image_id, reveal=reveal)


def test_others_are_counted_and_what_cannot_be_read_is_named() -> None:
    engine = Unreadable(MemoryEngine())
    one = engine.memory.build(made("one"), "web:1")
    two = engine.memory.build(made("two"), "web:2")
    engine.broken = {two}
    found = survey(engine, Cache(None), Recorder(engine, lambda: State(None)))
    assert set(found.catalog.images) == {one, two}
    assert found.tree.own(one) == 1000
    assert two not in found.tree
    assert found.unread == {two: "content digest: not found"}
    assert two[7:19] in unread_words(found.unread)


def test_many_that_cannot_be_read_are_one_line() -> None:
    words = unread_words({f"sha256:{number:064x}": "lost" for number in range(40)})
    assert words.count(",") == 4
    assert words.endswith("and 35 more: lost")


def test_every_removal_can_be_planned_and_done_that_of_the_broken_one_too() -> None:
    for store in (Store.GRAPH, Store.CONTAINERD):
        engine = Unreadable(MemoryEngine(store=store))
        one = engine.memory.build(made("one"), "web:1")
        two = engine.memory.build(made("two"), "web:2")
        recorder = Recorder(engine, lambda: State(None))
        recorder.follow(engine.connect())
        plans = RemovalPlans(engine, recorder, Cache(None))
        sure = plans.plan(everything(engine), [one])
        engine.broken = {two}
        for doomed in (one, two):
            plan = RemovalPlans(engine, recorder, Cache(None)).plan(everything(engine), [doomed])
            assert [image.image_id for image in plan.images] == [doomed]
            assert plan.freed.certain == 0  # nobody knows what it shares with the broken one
            assert any(two[7:19] in note and "cannot read" in note for note in plan.notes)
        assert sure.freed.certain > 0
        broken = plans.plan(everything(engine), [two])
        engine.broken = set()
        assert Removing(engine, recorder).perform(broken).whole
        assert set(everything(engine).images) == {one}
