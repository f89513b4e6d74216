"""The compare screen: what it shows, on wide and narrow terminals, of friendly and hostile images."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from imgtui.engine.archive.engine import ArchiveEngine
from imgtui.engine.demo.engine import demo_engine
from imgtui.model.core.digest import short
from imgtui.ui.compare.compared import SECTIONS, Section
from imgtui.ui.compare.screen import CompareScreen
from imgtui.ui.files.pager import PagerScreen
from tests.engine.archive.tars import folder, member, tar_of
from tests.engines.archives import ArchiveImage, docker_archive
from tests.ui.hostile import TEXTS
from tests.ui.keys.rebuilds import rebuild
from tests.ui.robot import NOW, WIDE, Robot, both_sizes, exploring

BASE: Final = tar_of(
    folder("etc/"),
    member("etc/same", b"same"),
    member("lib/apk/db/installed", b"P:musl\nV:1.0\n"),
    member("data/binary", bytes(range(256))),
)
TOP_A: Final = tar_of(
    member("etc/text", b"one\ntwo\nthree\n"), member("etc/touched", b"x", mtime=1), member("gone", b"123")
)
TOP_B: Final = tar_of(
    member("etc/text", b"one\n2\nthree\n"),
    member("etc/touched", b"x", mtime=2),
    member("new/deep/down", b"b" * 1000),
    member("lib/apk/db/installed", b"P:musl\nV:1.1\n"),
    member("data/binary", bytes(range(255)) + b"\0"),
)
CONFIG: Final = {"Env": ["MODE=old", "API_TOKEN=hunter2"], "Cmd": ["serve"], "Labels": {"v": "1"}}
OTHER: Final = {"Env": ["MODE=new", "API_TOKEN=hunter3"], "Cmd": ["serve"], "Labels": {"v": "1"}}
TWO: Final = [
    ArchiveImage(["app:1"], [BASE, TOP_A], CONFIG, "2024-01-01T00:00:00Z"),
    ArchiveImage(["app:2"], [BASE, TOP_B], OTHER, "2024-01-02T00:00:00Z"),
]


class Comparer:
    """A robot that looks at a comparison."""

    def __init__(self, robot: Robot) -> None:
        self.robot = robot

    @property
    def screen(self) -> CompareScreen:
        """The compare screen."""
        assert isinstance(self.robot.app.screen, CompareScreen)
        return self.robot.app.screen

    async def turn_to(self, section: Section) -> None:
        """Look at a section."""
        while self.screen.section is not section:
            await self.robot.press("right_square_bracket")

    async def look_at_files(self) -> None:
        """Wait for the files."""
        await self.turn_to(Section.FILES)
        await self.robot.until(lambda: self.screen.has_class("-files"), "the files")


@asynccontextmanager
async def comparing(
    folder: Path, images: list[ArchiveImage] | None = None, size: tuple[int, int] = WIDE
) -> AsyncIterator[Comparer]:
    """The older of two images as A, the newer as B."""
    path = folder / "images.tar"
    path.write_bytes(docker_archive(images or TWO))
    async with exploring(ArchiveEngine(path), size) as robot:
        await robot.do("pane.versions")
        await robot.until(lambda: len(robot.explorer.versions.keys) == 2, "both")
        await robot.do("mark.all")
        await robot.do("version.compare")
        await robot.until(lambda: isinstance(robot.app.screen, CompareScreen), "the compare screen")
        await robot.sees("layer")
        yield Comparer(robot)


@both_sizes
async def test_the_facts_are_there_at_once(tmp_path: Path, size: tuple[int, int]) -> None:
    async with comparing(tmp_path, size=size) as comparer:
        robot = comparer.robot
        await robot.sees(
            "app:1", "app:2", "1 of 2 layers differ", "environment MODE", "1 layer,", "stored once"
        )
        await comparer.turn_to(Section.INSTRUCTIONS)
        await robot.sees("layer 0", "layer 1")
        await comparer.turn_to(Section.CONFIG)
        await robot.sees("environment API_TOKEN", "what is masked differs", "environment MODE", "old", "new")
        assert "hunter" not in robot.text


@both_sizes
async def test_files_are_summed_filtered_and_opened(tmp_path: Path, size: tuple[int, int]) -> None:
    async with comparing(tmp_path, size=size) as comparer:
        robot = comparer.robot
        await comparer.look_at_files()
        await robot.sees(
            "1 added, 3 changed, 1 removed", "1 with another time alone", "new/deep/", "1.0 kB", "down"
        )
        assert "touched" not in robot.text
        await robot.press("t")
        await robot.sees("touched")
        await robot.press("slash")
        await robot.type("etc !touched")
        await robot.press("enter")
        await robot.until(lambda: comparer.screen.table.keys == ["etc/text"], "the one that matches")
        await robot.press("enter")
        await robot.until(lambda: isinstance(robot.app.screen, PagerScreen), "the difference")
        await robot.sees("-two", "+2", "/etc/text")
        await robot.press("escape")
        await robot.press("escape")
        await robot.until(lambda: len(comparer.screen.table.keys) > 1, "all rows")
        await robot.press("g", "enter")
        await robot.misses("down")
        await robot.press("asterisk")
        await robot.sees("down")
        assert comparer.screen.section is Section.FILES


async def test_what_is_no_text_is_shown_as_hexadecimal(tmp_path: Path) -> None:
    async with comparing(tmp_path) as comparer:
        await comparer.look_at_files()
        comparer.screen.table.select("data/binary")
        await comparer.robot.press("enter")
        await comparer.robot.sees("no text", "-000000f0", "+000000f0")


async def test_seen_from_the_other_side_what_was_added_is_removed(tmp_path: Path) -> None:
    async with comparing(tmp_path) as comparer:
        robot = comparer.robot
        await comparer.look_at_files()
        await robot.sees("1 added, 3 changed, 1 removed")
        assert robot.line("down").lstrip("> ").startswith("+")
        await robot.press("x")
        await robot.until(lambda: robot.line("down").lstrip("> ").startswith("-"), "the other side")
        assert robot.lines[0].index("app:2") < robot.lines[0].index("app:1")
        comparer.screen.table.select("etc/text")
        await robot.press("enter")
        await robot.sees("-2", "+two")


async def test_what_a_key_may_ask_for_next_is_made_before(tmp_path: Path) -> None:
    async with comparing(tmp_path) as comparer:
        await comparer.look_at_files()
        files = comparer.screen.known.files
        assert files is not None
        other = files.swapped()
        assert other.swapped() is files
        await comparer.robot.until(lambda: len(other.trees) == 2, "the trees of the other side")
        assert set(files.trees) == {False, True}
        assert files.tree(times=True) is not files.tree(times=False)
        assert files.tree(times=True) is files.trees[True]


async def test_packages_are_told_as_names_and_versions(tmp_path: Path) -> None:
    async with comparing(tmp_path) as comparer:
        await comparer.turn_to(Section.PACKAGES)
        await comparer.robot.sees("apk", "musl", "1.0 -> 1.1")
        await comparer.robot.press("x")
        await comparer.robot.sees("1.1 -> 1.0")


async def test_why_something_is_not_compared_is_said(tmp_path: Path) -> None:
    async with comparing(tmp_path) as comparer:
        robot = comparer.robot
        await comparer.turn_to(Section.LAYERS)
        await robot.press("slash")
        await robot.sees("the filter is for files")
        await comparer.look_at_files()
        await robot.press("t")
        comparer.screen.table.select("etc/touched")
        await robot.press("enter")
        await robot.sees("the content is the same: only time differs")


async def test_an_archive_that_went_away_is_said_and_asked_again(tmp_path: Path) -> None:
    async with comparing(tmp_path) as comparer:
        path = tmp_path / "images.tar"
        path.rename(tmp_path / "elsewhere")
        await comparer.turn_to(Section.FILES)
        await comparer.robot.sees("cannot be read", "enter: try again")
        (tmp_path / "elsewhere").rename(path)
        await comparer.robot.press("enter")
        await comparer.robot.sees("with another time alone")


@both_sizes
async def test_hostile_images_are_only_drawn(tmp_path: Path, size: tuple[int, int]) -> None:
    texts = [text.replace("\0", "")[:2000] for text in TEXTS.values()]
    names = [text.replace("/", "|").replace("\ud800", "\udc80").replace("\udfff", "\udcff") for text in texts]
    top = tar_of(*(member(f"dir/{name[:60]}", name.encode(errors="surrogateescape")) for name in names))
    config = {"Env": [f"{text}={text}" for text in texts], "Labels": dict(zip(texts, texts, strict=True))}
    images = [
        ArchiveImage(["app:1"], [BASE, TOP_A], {"Cmd": texts}, "2024-01-01T00:00:00Z"),
        ArchiveImage(["app:2"], [BASE, top], config, "2024-01-02T00:00:00Z"),
    ]
    async with comparing(tmp_path, images, size) as comparer:
        for section in SECTIONS:
            await comparer.turn_to(section)
            if section is Section.FILES:
                await comparer.look_at_files()
            assert all(line.isprintable() for line in comparer.robot.lines)
            await comparer.robot.press("G")
            assert all(line.isprintable() for line in comparer.robot.lines)


async def test_the_verdict_of_a_rebuild_has_the_comparison_one_key_away() -> None:
    async with exploring(demo_engine(NOW)) as robot:
        before = await rebuild(robot, "B")
        await robot.sees("D compare")
        await robot.press("D")
        await robot.until(lambda: isinstance(robot.app.screen, CompareScreen), "the compare screen")
        await robot.sees(f"A {short(before)}", "layers differ from")


async def test_a_version_that_is_gone_is_compared_by_the_facts_that_were_kept() -> None:
    async with exploring(demo_engine(NOW)) as robot:
        await robot.open_repository("myapp")
        known = robot.explorer.known.catalog
        gone = next(key for key in robot.explorer.versions.keys if key not in known.containers_of)
        robot.memory.tag(gone, "myapp:old")
        await robot.until(lambda: robot.explorer.known.catalog.tags.get("myapp:old") == gone, "its tag")
        robot.memory.remove(gone, force=True)
        await robot.until(lambda: gone not in robot.explorer.known.catalog.images, "that it is gone")
        await robot.sees("gone")
        robot.explorer.select_version(gone)
        await robot.do("version.compare")
        await robot.do("move.top")
        await robot.do("version.compare")
        await robot.sees(f"A {short(gone)}", "layers differ from")
        comparer = Comparer(robot)
        await comparer.turn_to(Section.FILES)
        await robot.sees("No such image", "enter: try again")
