"""Jobs on the screen: one line that they run, what they do, how they end, and what quitting asks."""

from __future__ import annotations

import json
import tarfile
import threading
from pathlib import Path

from rich.cells import cell_len

from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep, digest_of
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.errors import EngineError
from imgtui.model.core.image import Layer
from imgtui.model.jobs.job import Job, JobBar, JobState
from imgtui.operations.protocol.updates import JobUpdated
from imgtui.ui.jobs.quitting import QuitScreen
from imgtui.ui.jobs.screen import JobsScreen
from tests.operations.listening import made
from tests.ui.hostile import EVERYTHING
from tests.ui.keys.transfers import typed_anew
from tests.ui.robot import NARROW, Robot, both_sizes, exploring
from tests.ui.test_hostile import UNSAFE


def layered(number: int) -> Blueprint:
    """An image of so many layers."""
    layers = [Layer(digest_of(f"layer {index}"), 1000 + index) for index in range(number)]
    return Blueprint(tuple(BlueprintStep("COPY . /", layer) for layer in layers), created=1_750_000_000)


async def pull(robot: Robot, reference: str) -> None:
    """Have something pulled."""
    await robot.do("version.pull")
    await robot.sees("pull a tag or a digest")
    await typed_anew(robot, reference)
    await robot.sees("enter: do it")
    await robot.press("enter")
    await robot.misses("enter: do it")


async def open_jobs(robot: Robot) -> JobsScreen:
    """The list of jobs."""
    await robot.press("5")
    await robot.until(lambda: isinstance(robot.app.screen, JobsScreen), "the jobs")
    screen = robot.app.screen
    assert isinstance(screen, JobsScreen)
    return screen


@both_sizes
async def test_two_jobs_go_on_while_one_looks_elsewhere_and_each_tells_its_end_once(
    size: tuple[int, int],
) -> None:
    engine, gate, other = MemoryEngine(), threading.Event(), threading.Event()
    engine.publish("slow:1", layered(4), gate=gate)
    engine.publish("slower:1", layered(2), gate=other)
    async with exploring(engine, size) as robot:
        await pull(robot, "slow:1")
        await pull(robot, "slower:1")
        await robot.sees("2 jobs: pull slow:1 25%")
        await robot.do("app.help")
        await robot.press("escape")
        gate.set()
        await robot.sees("pull slow:1: nothing -> ", "pull slower:1 50%")
        await robot.misses("2 jobs")
        await robot.press("j")
        await robot.misses("pull slow:1: nothing")
        other.set()
        await robot.sees("pull slower:1: nothing -> ")
        await robot.press("5")
        await robot.sees("2 jobs, 0 running", "pull slow:1", "pull slower:1", "done")


async def test_the_parts_that_move_are_shown_first_and_the_rest_is_counted() -> None:
    engine, gate = MemoryEngine(), threading.Event()
    engine.publish("big:1", layered(100), gate=gate)
    async with exploring(engine) as robot:
        await pull(robot, "big:1")
        await open_jobs(robot)
        await robot.sees("downloading [####################] 1.0 kB of 1.0 kB", "more: ", "waiting", "1%")
        gate.set()
        await robot.sees("1 job, 0 running", "100 layers", "more: ", "done")


async def test_of_a_job_that_was_stopped_nothing_is_said_to_go_on() -> None:
    engine, gate = MemoryEngine(), threading.Event()
    engine.publish("big:1", layered(3), gate=gate)
    async with exploring(engine) as robot:
        await pull(robot, "big:1")
        await open_jobs(robot)
        await robot.sees("downloading", "waiting")
        await robot.press("x")
        await robot.sees("1 job, 0 running", "broken off", "waiting")
        await robot.misses("downloading")
        gate.set()


async def test_the_log_of_a_job_follows_its_end_unless_one_has_scrolled_away() -> None:
    engine, gate = MemoryEngine(), threading.Event()
    engine.publish("big:1", layered(100), gate=gate)
    async with exploring(engine, NARROW) as robot:
        await pull(robot, "big:1")
        await open_jobs(robot)
        await robot.press("enter")
        await robot.sees("running", "waiting", "follow")
        await robot.press("g")
        await robot.sees("docker pull big:1")
        gate.set()
        await robot.sees("done", "docker pull big:1")
        last = f"{layered(100).layers[-1].diff_id[7:19]}: done"
        assert last not in robot.text
        await robot.press("G")
        await robot.sees(last)
        await robot.press("escape")
        await robot.sees("1 job, 0 running")


@both_sizes
async def test_quitting_asks_while_jobs_run_and_esc_stays(size: tuple[int, int]) -> None:
    engine, gate = MemoryEngine(), threading.Event()
    engine.publish("slow:1", layered(2), gate=gate)
    async with exploring(engine, size) as robot:
        await pull(robot, "slow:1")
        await robot.press("q")
        await robot.sees("1 job runs", "pull slow:1", "enter: stop, and quit", "esc: stay")
        await robot.press("escape")
        await robot.misses("1 job runs")
        assert robot.app.is_running
        await robot.press("ctrl+c")
        await robot.sees("1 job runs")
        await robot.press("enter")
        await robot.until(lambda: not robot.app.is_running or robot.app._exit, "the end")
    assert engine.find_images(["slow:1"]) == []


async def test_who_quits_while_being_asked_means_it() -> None:
    engine, gate = MemoryEngine(), threading.Event()
    engine.publish("slow:1", layered(2), gate=gate)
    async with exploring(engine) as robot:
        await pull(robot, "slow:1")
        await robot.press("ctrl+c")
        await robot.until(lambda: isinstance(robot.app.screen, QuitScreen), "the question")
        await robot.press("ctrl+c")
        await robot.until(lambda: robot.app._exit, "the end")


async def test_quitting_does_not_ask_when_no_job_runs() -> None:
    async with exploring(MemoryEngine()) as robot:
        await robot.press("q")
        await robot.until(lambda: robot.app._exit, "the end")


async def test_a_job_whose_engine_goes_away_fails_with_one_line_and_the_explorer_stays() -> None:
    engine, gate = MemoryEngine(), threading.Event()
    engine.build(made("here"), "here:1")
    engine.publish("slow:1", layered(2), gate=gate)
    async with exploring(engine) as robot:
        await pull(robot, "slow:1")
        await robot.sees("pull slow:1 50%")
        engine.stop_answering()
        await robot.sees("pull slow:1: the engine in memory was stopped", "STALE", "here")
        await open_jobs(robot)
        await robot.sees("1 job, 0 running", "failed")


async def test_a_job_is_shown_while_the_list_is_frozen() -> None:
    engine = MemoryEngine()
    engine.publish("tool:1", layered(1))
    async with exploring(engine) as robot:
        await robot.press("f")
        await robot.sees(" frozen ")
        await pull(robot, "tool:1")
        await robot.sees("pull tool:1: nothing -> ")


async def test_nothing_is_pulled_pushed_or_loaded_read_only() -> None:
    async with exploring(read_only=True) as robot:
        await robot.open_repository("myapp")
        for action in ("version.pull", "version.push", "image.load"):
            await robot.do(action)
            await robot.sees("imgtui runs read-only")
            await robot.press("j")
            await robot.misses("imgtui runs read-only")


async def test_a_version_that_is_gone_is_pulled_by_its_digest() -> None:
    engine = MemoryEngine()
    engine.publish("tool:1", layered(1))
    async with exploring(engine) as robot:
        await pull(robot, "tool:1")
        await robot.until(lambda: "tool:1" in robot.explorer.known.catalog.tags, "the tag")
        (image,) = engine.find_images(["tool:1"])
        engine.remove(image.id, force=True)
        await robot.until(lambda: image.id not in robot.explorer.known.catalog.images, "it gone")
        await robot.open_repository("tool")
        await robot.do("version.pull")
        await robot.sees(f"tool@{engine.remote_tag('tool:1').digest}"[:60], "enter: go on")
        await robot.press("enter")
        await robot.sees("docker pull tool@sha256:", "enter: do it")
        await robot.press("enter")
        await robot.until(lambda: image.id in robot.explorer.known.catalog.images, "it back")


async def test_an_archive_with_very_many_tags_has_a_plan_that_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "many.tar"
    tags = [f"many:{number}" for number in range(3000)]
    listed = tmp_path / "manifest.json"
    listed.write_text(json.dumps([{"Config": "a", "RepoTags": tags, "Layers": []}]))
    with tarfile.open(path, "w") as archive:
        archive.add(listed, "manifest.json")
    async with exploring(MemoryEngine(), NARROW) as robot:
        await robot.do("image.load")
        await robot.sees("load the archive")
        await robot.type(str(path))
        await robot.press("enter")
        await robot.sees("load many.tar", "many:0", "enter: do it")
        await robot.press("escape")
        assert engine_has(robot) == 0


def engine_has(robot: Robot) -> int:
    """How many images there are."""
    return sum(len(part.images) for part in robot.memory.list_images())


@both_sizes
async def test_hostile_text_of_jobs_is_drawn_and_not_obeyed(size: tuple[int, int]) -> None:
    engine = MemoryEngine()
    engine.publish("bad:1", EngineError(f"denied {EVERYTHING}"))
    async with exploring(engine, size) as robot:
        await pull(robot, "bad:1")
        await robot.sees("pull bad:1: denied")
        await open_jobs(robot)
        for key in ("enter", "escape", "slash"):
            await robot.press(key)
            assert [line for line in robot.lines if UNSAFE.search(line)] == []
            assert {cell_len(line) for line in robot.lines} == {robot.app.size.width}


async def test_what_is_told_of_very_many_jobs_is_painted_seldom() -> None:
    async with exploring(MemoryEngine()) as robot:
        painted: list[int] = []
        show_top = robot.explorer.show_top

        def counted() -> None:
            painted.append(1)
            show_top()

        robot.explorer.show_top = counted  # type: ignore[method-assign]
        for number in range(1, 51):
            bars = (JobBar("layer", "downloading", number, 50),)
            for job in range(1, 21):
                robot.explorer.take(JobUpdated(Job(job, f"pull {job}", bars=bars)))
        assert painted == []  # a thousand are gathered
        await robot.sees("20 jobs: pull 1 99%")
        assert len(painted) == 1
        robot.explorer.take(JobUpdated(Job(1, "pull 1", JobState.DONE, "here")))
        await robot.sees("pull 1: here", "19 jobs: pull 2 99%")
