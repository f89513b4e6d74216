"""The tag log, keeps and plans on the screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep, digest_of
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.core.clock import SECOND
from imgtui.model.core.digest import short
from imgtui.model.core.image import Image, Layer, Store
from imgtui.model.keeps.keep import keep_of
from imgtui.model.taglog.moves import Cause, Move, Provenance
from imgtui.operations.protocol.updates import Remembered
from imgtui.operations.session.session import Session
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.cached.cache import Cache
from imgtui.store.state import State, StateUnusable
from imgtui.ui.explorer.rows import GONE
from imgtui.ui.taglog.screen import TagLogScreen
from tests.operations.listening import Listener
from tests.ui.robot import NARROW, NOW, Robot, both_sizes, exploring


def made(text: str, age: int = 3600) -> Blueprint:
    return Blueprint(
        (BlueprintStep(f"COPY {text} / # buildkit", Layer(digest_of(text), 1000)),), created=NOW - age
    )


async def rebuilt(robot: Robot, times: int = 3) -> list[str]:
    """Builds of one tag, each seen."""
    ids = []
    for number in range(times):
        ids.append(robot.memory.build(made(f"web {number}", 100 - number), "web:latest"))
        now = ids[-1]
        await robot.until(lambda: robot.explorer.known.catalog.tags.get("web:latest") == now, "the build")  # noqa: B023
        await robot.until(lambda: robot.explorer.known.complete, "its layers, with which its facts are kept")
    await robot.open_repository("web")
    return ids


@both_sizes
async def test_versions_that_a_rebuild_dropped_stay_in_the_list_with_the_tag_they_had(
    size: tuple[int, int],
) -> None:
    async with exploring(MemoryEngine(store=Store.CONTAINERD), size) as robot:
        ids = await rebuilt(robot)
        assert robot.explorer.versions.keys == [ids[-1], GONE]
        await robot.sees("1 version + 2 gone · 1 tag", "2 gone versions · enter shows them")
        await robot.do("move.bottom")
        await robot.press("enter")
        assert robot.explorer.versions.keys == [*ids[::-1], GONE]
        await robot.sees("(latest", "enter hides 2 gone versions")
        await robot.press("enter")
        await robot.misses("(latest")


async def test_a_repository_of_which_nothing_is_left_is_folded_and_counted_as_gone() -> None:
    async with exploring(MemoryEngine(store=Store.CONTAINERD)) as robot:
        ids = await rebuilt(robot, 1)
        robot.memory.tag(ids[0], "foo:bar")
        await robot.sees("foo")
        robot.memory.untag("foo:bar")
        await robot.sees("Repositories  1 + 1 gone", "1 gone · enter shows it")
        await robot.open_repository("foo")
        await robot.sees("enter hides 1 gone", "foo  1 version · 0 tags")


async def test_who_filters_sees_what_is_gone_too() -> None:
    async with exploring(MemoryEngine(store=Store.CONTAINERD)) as robot:
        ids = await rebuilt(robot)
        await robot.filter("gone:")
        assert robot.explorer.versions.keys == ids[-2::-1]
        await robot.sees("2 of 3 versions")


async def test_the_tab_tells_every_move_with_both_digests_and_how_it_is_known() -> None:
    async with exploring(MemoryEngine(store=Store.CONTAINERD)) as robot:
        ids = await rebuilt(robot)
        await robot.show_tab("Tag log")
        await robot.sees("WHEN", "build", "event", short(ids[0]), short(ids[1]), short(ids[2]))


@both_sizes
async def test_a_repository_that_loses_digests_to_rebuilds_is_pointed_out_until_something_is_kept(
    size: tuple[int, int],
) -> None:
    async with exploring(MemoryEngine(store=Store.CONTAINERD), size) as robot:
        await rebuilt(robot)
        await robot.do("pane.detail")
        await robot.sees("unprotected", "rebuilds have dropped 2 digests of web", "m keeps this one")
        await robot.press("m")
        await robot.sees("enter: do it")
        await robot.press("enter")
        await robot.misses("unprotected")


async def test_on_a_graph_driver_nothing_is_pointed_out_because_nothing_is_dropped() -> None:
    async with exploring(MemoryEngine()) as robot:
        await rebuilt(robot)
        await robot.until(lambda: robot.explorer.settled, "the detail")
        await robot.misses("unprotected")


@both_sizes
async def test_v_compares_the_two_digests_of_the_newest_move_whoever_made_it(size: tuple[int, int]) -> None:
    """Of the one before only the facts that were kept are there: the containerd store has dropped it."""
    async with exploring(MemoryEngine(store=Store.CONTAINERD), size) as robot:
        ids = await rebuilt(robot)
        await robot.press("V")
        await robot.sees(f"A {short(ids[-2])}", f"was moved to {short(ids[-1])[:2]}", "no layer in common")
        await robot.back()
        robot.memory.tag(robot.memory.build(made("web of another tag"), "web:other"), "web:latest")
        await robot.until(lambda: robot.explorer.known.log[0].origin == ids[-1], "the move by docker tag")
        await robot.press("V")
        await robot.sees(f"A {short(ids[-1])}", "no layer in common")


async def test_the_layers_of_a_version_that_is_gone_are_those_that_it_had() -> None:
    async with exploring(MemoryEngine(store=Store.CONTAINERD)) as robot:
        ids = await rebuilt(robot, 2)
        await robot.until(lambda: robot.explorer.known.complete, "all layers")
        robot.explorer.select_version(ids[0])
        await robot.show_tab("Layers")
        await robot.sees("COPY web 0")
        await robot.misses("facts were not kept")


class Night:
    """A clock by which a build comes every four minutes."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now

    def nanoseconds(self) -> int:
        """The same, as an engine's clock: no two acts are at one time."""
        self.now += 0.001
        return int(self.now * SECOND)


async def test_an_explorer_that_stood_open_over_a_night_of_builds_tells_each_once(tmp_path: Path) -> None:
    """Beside a recorder, and over an engine that goes away twice: its events are forgotten then."""
    night = Night()
    engine = MemoryEngine(store=Store.CONTAINERD, clock=night.nanoseconds)
    recorded = Listener()
    recorder = Recorder(engine, lambda: State(tmp_path / "state.db"), clock=night)
    session = Session(engine, Cache(None), "", recorded, recorder=recorder, headless=True, clock=night)
    session.start()
    recorded.until_live()
    built = []
    async with exploring(engine, open_state=lambda: State(tmp_path / "state.db"), clock=night) as robot:
        for number in range(120):
            night.now += 240
            built.append(engine.build(made(f"night {number}"), f"web:{number % 3}"))
            # Four minutes lie between two builds: by then the one before is in the log.
            await robot.until(lambda: len(robot.explorer.known.log) == len(built), f"{len(built)} moves")
            if number in {50, 90}:
                engine.stop_answering()
                await robot.sees("STALE")
                engine.answer_again()
                await robot.misses("STALE")
        assert [move.target for move in robot.explorer.known.log] == built[::-1]
        exact = [move.at // SECOND - NOW for move in robot.explorer.known.log if move.not_before is None]
        assert exact == [240 * (number + 1) for number in range(119, -1, -1)]
        await robot.do("log.open")
        await robot.sees("120 moves", short(built[-1]), short(built[-4]))
    session.close()


@both_sizes
async def test_what_cannot_be_undone_is_typed_and_not_nodded(size: tuple[int, int]) -> None:
    async with exploring(MemoryEngine(store=Store.CONTAINERD), size) as robot:
        ids = await rebuilt(robot, 1)
        await robot.press("m")
        await robot.sees("enter: do it")
        await robot.press("enter")
        await robot.sees("1 kept")
        robot.memory.build(made("newer", 1), "web:latest")
        await robot.until(lambda: len(robot.explorer.versions.keys) == 2, "the newer")
        robot.explorer.versions.select(ids[0])
        await robot.until(lambda: robot.explorer.settled, "the detail")
        await robot.press("m")
        await robot.sees("RISK", "nothing brings it back", f"type {short(ids[0])}")
        await robot.press("enter")
        await robot.type("wrong")
        await robot.press("enter")
        assert ids[0] in robot.explorer.known.catalog.images
        await robot.press(*["backspace"] * 5)
        await robot.type(short(ids[0]))
        await robot.press("enter")
        await robot.until(lambda: robot.memory.image(ids[0]) is None, "the image gone")


async def kept_builds(robot: Robot, times: int = 8) -> list[str]:
    """Builds of one tag, each kept: the last one has the tag too."""
    ids = []
    for number in range(times):
        ids.append(robot.memory.build(made(f"web {number}", 100 - number), "web:latest"))
        robot.memory.tag(ids[-1], keep_of(ids[-1], "web", NOW).reference)
    last = ids[-1]
    await robot.until(lambda: robot.explorer.known.catalog.images.get(last, Image("")).keeps, "the last keep")
    await robot.open_repository("web")
    return ids


async def test_all_risks_of_eight_kept_versions_are_seen_at_once_and_their_number_is_typed() -> None:
    async with exploring(MemoryEngine(store=Store.CONTAINERD), NARROW) as robot:
        *lost, tagged = await kept_builds(robot)
        await robot.press(*["space"] * 8, "m")
        await robot.sees("stop keeping 8 versions", "type delete 7 to do it")
        told = " ".join(" ".join(robot.text.replace("│", " ").split()).split())
        _, _, risk = told.partition("RISK ")
        names, _, happens = risk.partition(": each ")
        assert sorted(names.split(", ")) == sorted(map(short, lost))
        assert happens.startswith("has no other name: the engine deletes it, and nothing brings it back")
        assert short(tagged) not in names
        await robot.type(short(tagged))
        await robot.press("enter")
        assert all(robot.memory.image(image_id) for image_id in lost)
        await robot.press(*["backspace"] * 12)
        await robot.type("delete 7")
        await robot.press("enter")
        await robot.until(lambda: not any(map(robot.memory.image, lost)), "the images gone")
        assert robot.memory.image(tagged)


async def test_a_plan_that_is_longer_than_the_screen_is_scrolled_while_one_types() -> None:
    async with exploring(MemoryEngine(store=Store.CONTAINERD), NARROW) as robot:
        ids = await kept_builds(robot)
        await robot.press(*["space"] * 8, "m")
        await robot.sees("RISK")
        await robot.type("dele")
        await robot.press("pagedown")
        await robot.misses("RISK  ")
        await robot.press("G")
        await robot.misses("the same with docker")
        await robot.press("pageup", "k", "j", "g")
        await robot.sees("RISK  ", *(f"stop keeping {short(image_id)}" for image_id in ids))
        await robot.type("te 7")
        await robot.press("enter")
        await robot.until(lambda: not any(map(robot.memory.image, ids[:-1])), "the images gone")


async def test_of_two_kept_versions_the_word_is_the_digest_in_danger() -> None:
    async with exploring(MemoryEngine(store=Store.CONTAINERD), NARROW) as robot:
        lost, tagged = await kept_builds(robot, 2)
        assert robot.explorer.versions.keys[0] == tagged
        await robot.press("space", "space", "m")
        await robot.sees(f"type {short(lost)} to do it")


async def test_marked_versions_are_kept_together() -> None:
    async with exploring() as robot:
        await robot.open_repository("myapp")
        await robot.press("space", "space", "m")
        await robot.sees("keep 2 versions")
        await robot.press("enter")
        await robot.sees("2 kept")


async def test_an_act_that_the_engine_refuses_says_why() -> None:
    async with exploring() as robot:
        await robot.open_repository("myapp")
        await robot.press("m")
        await robot.sees("enter: do it")
        robot.memory.read_only = True
        await robot.press("enter")
        await robot.sees("read-only: nothing was changed")


@pytest.mark.parametrize("key", ["m", "t", "T", "z", "Z"])
async def test_read_only_changes_nothing_and_says_so_before_a_plan(key: str) -> None:
    async with exploring(read_only=True) as robot:
        await robot.open_repository("myapp")
        await robot.press(key)
        await robot.sees("imgtui runs read-only")


@pytest.mark.parametrize("key", ["m", "z"])
async def test_nothing_is_planned_while_the_engine_does_not_answer(key: str) -> None:
    async with exploring() as robot:
        await robot.open_repository("myapp")
        robot.memory.stop_answering()
        await robot.sees("STALE")
        await robot.press(key)
        await robot.sees("the engine does not answer")


async def test_a_retag_that_docker_would_refuse_is_refused_while_one_types() -> None:
    async with exploring() as robot:
        await robot.open_repository("myapp")
        await robot.press("t")
        await robot.type("not/this")
        await robot.sees("invalid reference")
        await robot.press("enter")
        await robot.sees("invalid reference")
        await robot.press("escape")
        await robot.misses("invalid reference")


def nowhere() -> State:
    raise StateUnusable("the state file /nowhere cannot be written (Read-only file system): use --state")


@both_sizes
async def test_without_a_state_file_everything_goes_on_and_the_header_says_that_nothing_is_recorded(
    size: tuple[int, int],
) -> None:
    async with exploring(size=size, open_state=nowhere) as robot:
        await robot.sees("NOT RECORDING", "Read-only file system", "live")
        await robot.open_repository("myapp")
        await robot.sees("NOT RECORDING", "14 versions")


def many(number: int, reference: Callable[[int], str]) -> list[Move]:
    return [
        Move(
            reference(index),
            digest_of(str(index - 1)),
            digest_of(str(index)),
            (NOW - number + index) * 1_000_000_000,
            None,
            Cause.BUILD,
            Provenance.EVENT,
            number=index + 1,
        )
        for index in range(number)
    ][::-1]


async def test_a_move_that_is_told_better_by_now_is_so_in_the_log_that_stands_open() -> None:
    """A build's own event may come after its tag was recorded, by another program too."""
    async with exploring(MemoryEngine(store=Store.CONTAINERD)) as robot:
        await rebuilt(robot, 2)
        await robot.do("log.open")
        await robot.until(lambda: isinstance(robot.app.screen, TagLogScreen), "the log")
        known = robot.explorer.known
        told = tuple(replace(move, cause=Cause.IMPORT) for move in known.log)
        robot.explorer.features.log.take(Remembered((), None, told, known.acts))
        await robot.sees("import")
        await robot.misses(" build ")


async def test_ten_thousand_moves_are_opened_and_filtered() -> None:
    async with exploring() as robot:
        log = many(10_000, lambda index: f"shop/web{index % 50}:latest")
        robot.explorer.take(Remembered((), None, log))
        await robot.press("L")
        await robot.sees("Tag log of this engine  10,000 moves")
        await robot.press("slash")
        await robot.type("web7: build")
        await robot.sees("200 of 10,000 moves")
        await robot.press("escape")
        await robot.sees("engine  10,000 moves")
        screen = robot.app.screen
        assert isinstance(screen, TagLogScreen)
        await robot.press("G")
        await robot.sees("nothing" if log[-1].origin is None else str(log[-1].origin))


async def test_what_was_typed_into_the_log_as_hostile_text_does_nothing() -> None:
    async with exploring() as robot:
        move = Move(
            "a:b", None, digest_of("x"), NOW * 10**9, 0, known=Provenance.EVIDENCE, source="container [bold]"
        )
        robot.explorer.take(Remembered((), None, [move]))
        await robot.press("L")
        await robot.sees("container [bold]", "no later than")


async def test_a_running_recorder_is_shown() -> None:
    async with exploring() as robot:
        robot.explorer.take(Remembered((), None, (), recorder=True))
        await robot.sees(" recorder ")
