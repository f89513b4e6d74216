"""What the keys do about jobs: pull, push, save, load, and the list of them."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from imgtui.engine.archive.tags import read_archive
from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep, digest_of
from imgtui.model.core.digest import short
from imgtui.model.core.image import Layer
from tests.engines.archives import ArchiveImage, docker_archive, layer
from tests.ui.keys.changes import tag
from tests.ui.keys.scenarios import does
from tests.ui.robot import Robot


def two_layers() -> Blueprint:
    """An image whose pull stands still between its layers."""
    layers = [Layer(digest_of(text), 1000) for text in ("one", "two")]
    return Blueprint(tuple(BlueprintStep("COPY . /", layer) for layer in layers), created=1_750_000_000)


async def typed_anew(robot: Robot, text: str) -> None:
    """Type a text in the place of what stands in the line."""
    await robot.press("end", "ctrl+u")
    await robot.type(text)
    await robot.press("enter")


@does("version.pull")
async def p_pulls_a_tag_after_its_plan_and_says_where_it_points(robot: Robot, key: str) -> None:
    await robot.open_repository("postgres")
    before = str(tag(robot, "postgres:16"))
    robot.memory.untag("postgres:latest")
    await robot.until(lambda: "postgres:latest" not in robot.explorer.known.catalog.tags, "one tag")
    await robot.press(key)
    await robot.sees("pull a tag or a digest", "postgres:16", "enter: go on")
    await robot.type(":")
    await robot.sees("invalid reference")
    await typed_anew(robot, "postgres:16")
    kept = f"postgres:16 points at {short(before)}: it is kept first"
    await robot.sees("pull postgres:16", kept, "docker pull postgres:16")
    assert tag(robot, "postgres:16") == before
    await robot.press("enter")
    await robot.until(lambda: tag(robot, "postgres:16") != before, "the tag moved")
    await robot.sees("pull postgres:16:", f"{short(before)} -> {short(str(tag(robot, 'postgres:16')))}")
    assert robot.memory.image(before).keeps != ()  # type: ignore[union-attr]  # it was kept


@does("version.push")
async def big_p_pushes_a_tag_of_the_version_to_the_registry_it_names(robot: Robot, key: str) -> None:
    await robot.open_repository("myapp")
    await robot.press(key)
    await robot.sees("Push", "myapp:latest", "myapp:3.0", "enter: this one")
    await robot.press("j", "enter")
    await robot.sees("push myapp:3.0", "-> docker.io", "docker push myapp:3.0", "enter: do it")
    await robot.press("enter")
    await robot.sees("push myapp:3.0: myapp@sha256:")
    assert robot.memory.remote_tag("myapp:3.0").digest == robot.version


@does("version.save")
async def w_writes_the_version_into_an_archive_with_its_tags(robot: Robot, key: str) -> None:
    await robot.open_repository("ghcr.io/acme/ingest")
    tags = robot.memory.image(str(robot.version)).tags  # type: ignore[union-attr]  # it is there
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.tar"
        await robot.press(key)
        await robot.sees(f"save {short(str(robot.version))} to the file", "ingest-")
        await typed_anew(robot, f"{folder}/none/a.tar")
        await robot.sees(f"there is no {folder}/none")
        await robot.press(key)
        await typed_anew(robot, str(path))
        await robot.sees("save to", "enter: do it", *tags)
        await robot.press("enter")
        await robot.sees("a.tar, ")
        assert set(read_archive(path).tags) == set(tags)
        await robot.press(key)
        await typed_anew(robot, str(path))
        await robot.sees("RISK", "there is such a file", "type replace to do it")


@does("image.load")
async def big_w_loads_an_archive_and_shows_the_tags_it_names(robot: Robot, key: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.tar"
        path.write_bytes(docker_archive([ArchiveImage(["tool:1"], [layer({"a": b"b"})])]))
        await robot.press(key)
        await robot.sees("load the archive", "a path is wanted")
        await robot.type(f"{folder}/none")
        await robot.press("enter")
        await robot.sees("cannot be read: No such file or directory")
        await robot.press(key)
        await robot.type(str(path))
        await robot.press("enter")
        await robot.sees("load a.tar", "tool:1", "docker load -i", "enter: do it")
        await robot.press("enter")
        await robot.sees("load a.tar: Loaded image: tool:1")
        assert tag(robot, "tool:1") is not None


@does("pane.jobs")
async def five_shows_the_jobs_their_parts_and_their_logs_and_stops_them(robot: Robot, key: str) -> None:
    await robot.press(key)
    await robot.sees("0 jobs, 0 running", "No job runs")
    await robot.press("escape")
    gate = threading.Event()
    robot.memory.publish("tool:1", two_layers(), gate=gate)
    await robot.do("version.pull")
    await typed_anew(robot, "tool:1")
    await robot.press("enter")
    await robot.sees("pull tool:1 50%")
    await robot.press(key)
    await robot.sees("1 job, 1 running", "[#####.....]", "50%", "downloading", "1.0 kB of 1.0 kB", "waiting")
    await robot.press("enter")
    await robot.sees("docker pull tool:1", "downloading", "stop")
    await robot.press("x")
    await robot.sees("stopped by hand", "stopped")
    await robot.press("escape")
    await robot.sees("1 job, 0 running", "stopped by hand")
    await robot.press("2")
    await robot.misses("1 job, 0 running")
    assert tag(robot, "tool:1") is None
