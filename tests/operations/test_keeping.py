"""Keep rules hold what the next rebuild would drop, and release what none wants any more, in its time."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from threading import Barrier, Thread

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import Image, Layer, Store
from imgtui.model.core.layers import LayerTree
from imgtui.model.keeps.keep import KeptBy
from imgtui.model.keeps.rules import KeepRule
from imgtui.model.plans.plan import keeps_of, plan_keep
from imgtui.model.taglog.moves import Cause, Move
from imgtui.operations.acts.acts import Acts
from imgtui.operations.keeps.keeping import AT_ONCE, Keeping, own_keeps
from imgtui.operations.keeps.rule_book import RuleBook
from imgtui.operations.keeps.rule_report import report_of_rules
from imgtui.operations.session.rules_service import is_offered
from imgtui.operations.session.session import Session
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.scan import everything
from imgtui.store.cached.cache import Cache
from imgtui.store.journal import Journal
from imgtui.store.presence import Role, hold
from imgtui.store.rule_notes import RuleNotes
from imgtui.store.state import State
from tests.engines.waiting import wait_until
from tests.operations.clocks import Clocks
from tests.operations.listening import NOW, Listener, made
from tests.operations.watching import Watcher, forgetful
from tests.undoing import to_undo

HOUR, DAY = 3600.0, 86_400.0


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


class Site:
    """A machine on which `web:latest` is built again and again, and rules are applied."""

    def __init__(self, *rules: KeepRule, state: State | None = None) -> None:
        self.clocks = Clocks()
        self.engine = MemoryEngine(store=Store.CONTAINERD, clock=self.clocks.engine)
        self.state = state or State(None)
        self.watcher = Watcher(self.engine, self.state, clock=self.clocks.wall)
        self.layers: dict[str, tuple[Layer, ...]] = {}
        self.use(*rules)
        self.built: list[str] = []
        """Image IDs, the first one first."""

    def use(self, *rules: KeepRule) -> None:
        """Have these rules in force."""
        self.keeping = Keeping(
            self.engine, self.watcher.recorder, rules, lambda _: self.layers.items(), clock=self.clocks.moment
        )

    def build(self, *tags: str, times: int = 1) -> str:
        """Build, with the rules applied after it, an hour after the build before."""
        for _ in range(times):
            self.clocks.wait(HOUR)
            blueprint = made(f"web {len(self.built)}", age=1000)
            self.built.append(self.engine.build(blueprint, *(tags or ("web:latest",))))
            self.layers[self.built[-1]] = blueprint.layers
            self.apply()
        return self.built[-1]

    def apply(self) -> tuple[Move, ...]:
        """Look, and apply the rules; what is released."""
        self.watcher.look()
        return self.keeping.apply(self.watcher.catalog)

    def later(self, seconds: float) -> tuple[Move, ...]:
        """The same after some time."""
        self.clocks.wait(seconds)
        return self.apply()

    @property
    def here(self) -> list[int]:
        """The numbers of what was built and is still here."""
        images = everything(self.engine).images
        return [number for number, image_id in enumerate(self.built) if image_id in images]

    @property
    def titles(self) -> list[str]:
        """What the history of acts says of releases, the first one first."""
        journal = Journal(self.state, "memory-memory")
        return [entry.title for entry in journal.entries()[::-1] if "released" in entry.title]


LAST_TWO = KeepRule("web*", last=2)


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


def test_versions_with_a_tag_of_their_own_take_no_place_from_those_without() -> None:
    site = Site(KeepRule("web", last=5))
    for number in range(4):
        site.build(f"web:{number}", "web:latest")
    site.build(times=5)
    site.later(2 * DAY)
    assert site.later(2 * DAY) == ()
    assert site.here == list(range(9))
    site.build(times=1)
    site.later(2 * DAY)
    assert site.here == list(range(10))
    site.build(times=1)
    site.later(2 * DAY)
    assert site.here == [0, 1, 2, 3, 5, 6, 7, 8, 9, 10]


def test_nothing_is_released_within_its_grace_time_and_then_it_is_in_history_and_log() -> None:
    site = Site(LAST_TWO)
    site.build(times=4)
    assert site.here == [0, 1, 2, 3]
    assert site.later(DAY - 1) == ()
    assert not site.keeping.is_due
    site.clocks.wait(2)
    assert site.keeping.is_due
    (move,) = site.apply()
    assert site.here == [1, 2, 3]
    assert (move.origin, move.target, move.cause) == (site.built[0], None, Cause.RELEASE)
    assert (move.source, move.actor) == ("rule web*", "imgtui")
    assert site.watcher.log.moves()[0] == move
    assert site.titles == [f"rule web* released {site.built[0][7:19]} of web"]
    assert not site.keeping.is_due


def test_a_rule_has_its_own_grace_time_and_of_several_the_longest_holds() -> None:
    site = Site(KeepRule("web", last=1, grace=60.0), KeepRule("w*", days=0.01, grace=600.0))
    site.build(times=3)
    assert site.later(599) == ()
    assert [move.origin for move in site.later(1)] == [site.built[0]]


def test_the_grace_time_begins_when_the_last_protection_goes_whatever_it_was() -> None:
    site = Site(LAST_TWO)
    first = site.build("web:latest", "shop:1")
    site.engine.run("site", first)
    acts = Acts(site.engine, site.watcher.recorder)
    acts.perform(plan_keep(everything(site.engine), first, "web", NOW))
    site.build(times=3)
    site.later(10 * DAY)
    site.engine.untag("shop:1")
    assert site.later(10 * DAY) == ()
    (by_hand,) = (each for each in everything(site.engine).images[first].keeps if "/keep/" in each)
    site.engine.untag(by_hand)
    site.watcher.start()
    assert site.later(10 * DAY) == ()
    site.engine.stop_container("site")
    site.engine.remove_container("site")
    site.watcher.start()
    assert site.apply() == ()
    assert site.later(DAY - 1) == ()
    assert [move.origin for move in site.later(1)] == [first]


def test_what_is_wanted_again_meanwhile_begins_anew() -> None:
    site = Site(LAST_TWO)
    site.build(times=4)
    site.use(KeepRule("web*", last=1))
    site.later(DAY / 2)
    site.use(LAST_TWO)
    assert [move.origin for move in site.later(DAY / 2)] == site.built[:1]
    site.use(KeepRule("web*", last=1))
    site.apply()
    assert site.later(DAY - 1) == ()
    assert [move.origin for move in site.later(1)] == site.built[1:2]


def test_an_edited_rule_releases_nothing_at_once_and_few_at_a_time() -> None:
    site = Site(KeepRule("web", last=50))
    site.build(times=2 + AT_ONCE + 3)
    site.later(30 * DAY)
    site.use(KeepRule("web", last=1))
    assert site.apply() == ()
    assert [move.origin for move in site.later(DAY)] == site.built[:AT_ONCE]
    assert site.keeping.is_due
    assert [move.origin for move in site.apply()] == site.built[AT_ONCE : AT_ONCE + 3]
    assert len(site.titles) == AT_ONCE + 3


@pytest.mark.parametrize("jump", [60 * DAY, -60 * DAY])
def test_a_clock_that_jumps_releases_nothing(jump: float) -> None:
    """`days = 30` would release at once what was built today."""
    site = Site(KeepRule("web", days=30), KeepRule("web", last=1))
    site.build(times=5)
    site.clocks.jump(jump)
    for _ in range(3):
        assert site.later(HOUR / 4) == ()
    site.clocks.jump(-jump)
    site.later(2 * HOUR)
    assert site.later(DAY * 2) == ()
    assert site.here == [0, 1, 2, 3, 4]
    site.later(40 * DAY)
    site.later(DAY)
    assert site.here == [3, 4]


def test_a_clock_that_stays_wrong_has_to_be_steady_for_an_hour_and_the_grace_time_to_pass() -> None:
    site = Site(KeepRule("web", days=30))
    site.build(times=3)
    site.clocks.jump(60 * DAY)
    site.apply()
    site.later(HOUR - 1)
    assert site.later(1) == ()
    assert site.later(DAY - 1) == ()
    assert len(site.later(1)) == 2


def test_after_a_restart_of_the_machine_nothing_is_released_for_an_hour() -> None:
    site = Site(LAST_TWO)
    site.build(times=4)
    site.clocks.wait(2 * DAY)
    site.clocks.restart()
    assert site.apply() == ()
    assert site.later(HOUR - 1) == ()
    assert site.keeping.is_due is False
    assert [move.origin for move in site.later(1)] == site.built[:1]


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
def test_while_the_clock_of_the_engine_is_another_nothing_is_released(ahead: float) -> None:
    site = Site(LAST_TWO)
    site.build(times=4)
    site.clocks.engine_ahead = ahead
    assert site.later(2 * DAY) == ()
    site.clocks.engine_ahead = 0
    assert [move.origin for move in site.later(HOUR)] == site.built[:1]


def test_a_container_that_was_made_since_the_rules_were_judged_holds_its_image() -> None:
    site = Site(LAST_TWO)
    site.build(times=4)
    site.clocks.wait(2 * DAY)
    catalog = site.watcher.catalog
    site.engine.run("late", site.built[0])
    assert site.built[0] not in catalog.containers_of
    assert site.keeping.apply(catalog) == ()
    assert site.here == [0, 1, 2, 3]


@pytest.mark.parametrize("name", ["web:rescued", "by hand"])
def test_a_name_that_was_given_since_the_rules_were_judged_holds_it(name: str) -> None:
    site = Site(LAST_TWO)
    site.build(times=4)
    site.clocks.wait(2 * DAY)
    catalog = site.watcher.catalog
    first = site.built[0]
    if name == "by hand":
        Acts(site.engine, site.watcher.recorder).perform(plan_keep(catalog, first, "web", NOW))
    else:
        site.engine.tag(first, name)
    assert site.keeping.apply(catalog) == ()
    assert site.here == [0, 1, 2, 3]


def test_what_is_not_written_down_is_not_released(tmp_path: Path) -> None:
    state = State(tmp_path / "state.db")
    site = Site(LAST_TWO, state=state)
    site.build(times=4)
    site.clocks.wait(2 * DAY)
    catalog = site.watcher.catalog
    state.close()
    assert site.keeping.apply(catalog) == ()
    assert site.here == [0, 1, 2, 3]


def test_what_no_rule_wants_any_more_is_let_go_but_not_what_a_person_keeps() -> None:
    site = Site(KeepRule("web", last=1))
    site.build()
    Acts(site.engine, site.watcher.recorder).perform(
        plan_keep(everything(site.engine), site.built[0], "web", NOW)
    )
    site.build(times=4)
    site.later(2 * DAY)
    assert site.here == [0, 3, 4]
    assert KeptBy.PERSON in kept(site.engine)[site.built[0]]


def test_a_lost_log_lets_nothing_go() -> None:
    site = Site(LAST_TWO)
    site.build(times=2)
    site.watcher = Watcher(site.engine, State(None), clock=site.clocks.wall)
    site.use(KeepRule("web", last=1), KeepRule("web", days=30))
    for _ in range(4):
        assert site.later(100 * DAY) == ()
    assert set(kept(site.engine)) == set(site.built)


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


def test_what_a_container_uses_is_held_and_not_let_go() -> None:
    site = Site(KeepRule("web", last=1))
    first = site.build()
    site.engine.run("site", "web:latest")
    site.build(times=4)
    site.watcher.start()
    site.later(2 * DAY)
    assert site.here == [0, 3, 4]
    assert kept(site.engine)[first] == [KeptBy.RULE]


def test_a_budget_counts_what_only_the_rule_holds() -> None:
    site = Site(KeepRule("web", all=True, budget=2500))
    site.build("web:latest", "web:1")
    site.build(times=5)
    site.later(2 * DAY)
    assert site.here == [0, 3, 4, 5]


def test_a_rules_keep_and_a_release_are_nothing_that_a_person_would_undo() -> None:
    site = Site(LAST_TWO)
    site.build(times=4)
    site.later(2 * DAY)
    newest = to_undo(site.watcher.log.moves(), everything(site.engine).tags.get)
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


def test_two_programs_at_once_keep_once_and_release_once(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    site = Site(LAST_TWO, state=State(path))
    site.watcher.look()
    other = Watcher(site.engine, State(path), clock=site.clocks.wall)
    second = Keeping(site.engine, other.recorder, [LAST_TWO], lambda _: (), clock=site.clocks.moment)
    released: list[Move] = []
    for number in range(12):
        site.clocks.wait(DAY)
        site.built.append(site.engine.build(made(f"web {number}"), "web:latest"))
        site.watcher.look()
        other.look()
        ready = Barrier(2)

        def apply(keeping: Keeping, catalog: Catalog, ready: Barrier = ready) -> None:
            ready.wait()
            released.extend(keeping.apply(catalog))

        threads = [
            Thread(target=apply, args=(site.keeping, site.watcher.catalog)),
            Thread(target=apply, args=(second, other.catalog)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (site.keeping.problem, second.problem) == (None, None)
        other.start()
        site.watcher.start()
    assert all(by == [KeptBy.RULE] for by in kept(site.engine).values())
    origins = [move.origin for move in released]
    assert origins == list(dict.fromkeys(origins)) == site.built[: len(origins)]
    assert len(site.titles) == len(origins) >= 8


def test_all_keeps_that_rules_made_of_a_version_go_with_it() -> None:
    """Two programs may have kept it, one of them since this one looked."""
    site = Site(LAST_TWO)
    site.build(times=4)
    site.clocks.wait(2 * DAY)
    catalog = site.watcher.catalog
    keep_by_rule(site, site.watcher.recorder)
    assert [move.origin for move in site.keeping.apply(catalog)] == site.built[:1]
    assert site.here == [1, 2, 3]


def keep_by_rule(site: Site, recorder: Recorder) -> None:
    """As a rule of another program does that has not looked since."""
    here = Catalog({site.built[0]: Image(site.built[0])})
    Acts(site.engine, recorder).perform(plan_keep(here, site.built[0], "web", NOW, by=KeptBy.RULE))


def test_what_a_rule_of_another_state_file_keeps_is_held() -> None:
    site = Site(LAST_TWO)
    site.build(times=4)
    other = Watcher(site.engine, State(None), clock=site.clocks.wall)
    keep_by_rule(site, other.recorder)
    assert [move.origin for move in (*site.later(2 * DAY), *site.later(10 * DAY))] == site.built[:1]
    assert site.here == [0, 1, 2, 3]
    assert kept(site.engine)[site.built[0]] == [KeptBy.RULE]


def test_what_another_state_files_rules_kept_before_this_one_began_is_held() -> None:
    site = Site(KeepRule("*", last=10))
    site.build(times=6)
    mine = Watcher(site.engine, State(None), clock=site.clocks.wall)
    mine.recorder.guarded(lambda: mine.log.restore(site.watcher.log.moves()))
    rules = [KeepRule("*", last=1, grace=0.0)]
    keeping = Keeping(site.engine, mine.recorder, rules, lambda _: (), clock=site.clocks.moment)
    for _ in range(3):
        site.clocks.wait(2 * DAY)
        mine.look()
        assert keeping.apply(mine.catalog) == ()
    assert site.here == [0, 1, 2, 3, 4, 5]


def test_beside_the_machines_recorder_no_first_rule_is_offered(tmp_path: Path) -> None:
    site = Site()
    site.watcher.recorder._beside = tmp_path / "state.db"
    book = RuleBook(tmp_path / "config.toml")
    assert is_offered(site.watcher.recorder, book)
    with hold(tmp_path, "memory-memory", Role.RECORD):
        assert not is_offered(site.watcher.recorder, book)


def test_each_state_files_rules_hold_what_they_want_whatever_others_release(tmp_path: Path) -> None:
    """The machine's recorder and a person's explorer, each with rules of its own."""
    site = Site(KeepRule("*", last=1), state=State(tmp_path / "one.db"))
    mine = Watcher(site.engine, State(tmp_path / "two.db"), clock=site.clocks.wall)
    last_three = [KeepRule("*", last=3)]
    keeping = Keeping(site.engine, mine.recorder, last_three, lambda _: (), clock=site.clocks.moment)
    for _ in range(6):
        site.build()
        mine.look()
        assert keeping.apply(mine.catalog) == ()
    assert {tuple(by) for by in kept(site.engine).values()} == {(KeptBy.RULE, KeptBy.RULE)}
    site.clocks.wait(2 * DAY)
    assert [move.origin for move in site.apply()] == site.built[:4], "its own keeps, though others hold it"
    assert site.here == [0, 1, 2, 3, 4, 5]
    mine.look()
    assert [move.origin for move in keeping.apply(mine.catalog)] == site.built[:2]
    assert site.here == [2, 3, 4, 5]
    assert site.later(2 * DAY) == ()


def test_two_state_files_that_keep_in_one_second_do_not_share_a_keep(tmp_path: Path) -> None:
    site = Site(LAST_TWO, state=State(tmp_path / "one.db"))
    mine = Watcher(site.engine, State(tmp_path / "two.db"), clock=site.clocks.wall)
    built = site.engine.build(made("web"), "web:latest")
    mine.look()
    keeping = Keeping(site.engine, mine.recorder, [LAST_TWO], lambda _: (), clock=site.clocks.moment)
    site.apply()
    keeping.apply(mine.catalog)
    keeps = everything(site.engine).images[built].keeps
    assert len(keeps) == 2
    assert sorted([*own_keeps(site.watcher.recorder), *own_keeps(mine.recorder)]) == sorted(keeps)


@pytest.mark.parametrize("other", ["more", "mistake", "gone"])
def test_of_two_settings_files_with_one_state_file_none_releases_what_the_other_wants(
    tmp_path: Path, other: str
) -> None:
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text('[[keep]]\nrepository = "*"\nlast = 1\n')
    two.write_text('[[keep]]\nrepository = "web"\nlast = 3\n')
    site = Site()
    books = [RuleBook(one), RuleBook(two)]
    first, second = (
        Keeping(site.engine, site.watcher.recorder, book, lambda _: (), clock=site.clocks.moment)
        for book in books
    )
    for book in books:
        book.look()
    for _ in range(6):
        site.build()
        second.apply(site.watcher.catalog)
        first.apply(site.watcher.catalog)
    if other == "mistake":
        two.write_text("[[keep]]\nlast = 3\n")
    if other == "gone":
        two.unlink()
    site.clocks.wait(2 * DAY)
    site.watcher.look()
    told = report_of_rules(
        site.watcher.recorder, books[0].rules, site.watcher.catalog, LayerTree(), site.clocks.moment, path=one
    )
    released = [*first.apply(site.watcher.catalog)]
    site.clocks.wait(2 * DAY)
    site.watcher.look()
    released += first.apply(site.watcher.catalog)
    wanted = {"more": site.built[:2], "mistake": [], "gone": site.built[:4]}[other]
    assert [move.origin for move in released] == wanted
    if other == "mistake":
        assert first.problem is not None
        assert "two.toml" in first.problem
        assert "two.toml" in told[1]
    else:
        assert [each.unwanted.image_id for each in told[0][0].releases] == wanted


def test_while_another_program_applies_rules_only_what_is_urgent_is_held(tmp_path: Path) -> None:
    state = State(tmp_path / "state.db")
    site = Site(LAST_TWO, state=state)
    site.build(times=4)
    site.clocks.wait(2 * DAY)
    with hold(tmp_path, "memory-memory", Role.RULES):
        urgent = site.engine.build(made("urgent"), "web:latest")
        site.watcher.look()
        assert site.keeping.apply(site.watcher.catalog) == ()
        assert not is_kept(everything(site.engine), urgent)
        assert site.keeping.apply(site.watcher.catalog, {"web"}) == ()
        assert is_kept(everything(site.engine), urgent)
        assert not site.keeping.is_due
    site.clocks.wait(30)
    assert site.keeping.is_due
    assert [move.origin for move in site.apply()] == site.built[:1]


def test_where_the_lock_cannot_be_used_what_is_wanted_is_held_and_nothing_released(tmp_path: Path) -> None:
    hold(tmp_path, "memory-memory", Role.RULES).release()
    (lock,) = tmp_path.glob("rules-*.lock")
    lock.unlink()
    lock.mkdir()
    site = Site(LAST_TWO, state=State(tmp_path / "state.db"))
    site.build(times=5)
    assert site.later(5 * DAY) == ()
    assert site.here == [0, 1, 2, 3, 4]
    assert not site.keeping.is_due


def test_what_a_removed_container_held_is_noticed_at_once(engine: MemoryEngine, tmp_path: Path) -> None:
    told, state = Listener(), State(tmp_path / "state.db")
    rule = KeepRule("web", last=1)
    recorder = Recorder(engine, lambda: state)
    session = Session(engine, Cache(None), "", told, recorder=recorder, rules=[rule])
    first = engine.build(made("web 0"), "web:latest")
    engine.run("site", "web:latest")
    session.start()
    told.until_live(lambda catalog: is_kept(catalog, first), "the keep")
    for number in range(1, 4):
        built = engine.build(made(f"web {number}"), "web:latest")
        told.until_live(partial(is_kept, image_id=built), "the keep")
    notes = RuleNotes(state, "memory-memory")
    assert ("web", first) not in notes.notices()
    engine.stop_container("site")
    engine.remove_container("site")
    wait_until(lambda: ("web", first) in notes.notices(), "the notice")
    session.close()
