"""The files of an image on the screen."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from imgtui.engine.archive.engine import ArchiveEngine
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.jobs.job import JobState
from imgtui.operations.files.reading_files import FileContent
from imgtui.store.cached.cache import Cache
from imgtui.ui.files.content import content_lines
from imgtui.ui.files.pager import PagerScreen
from imgtui.ui.files.screen import FilesScreen, target_fault
from tests.engine.archive.tars import folder, hard_link, member, new_docker_archive, symlink, tar_of
from tests.engine.contract.hands import blueprint_of
from tests.engines.archives import ArchiveImage
from tests.ui.robot import WIDE, Robot, both_sizes, exploring

BASE = tar_of(
    folder("etc/"),
    member("etc/motd", b"hello\n" * 50),
    member("etc/old", b"old"),
    member("srv/data", bytes(range(256))),
    symlink("bin", "usr/bin"),
    hard_link("etc/again", "etc/motd"),
)
TOP = tar_of(
    member("etc/motd", b"\x1b]0;owned\x07bye\n"),
    member("etc/.wh.old"),
    member("etc/new", b"new"),
    member("evil\x1b[2J\u202e", b"1"),
)


def image(*layers: bytes) -> ArchiveImage:
    return ArchiveImage(["web:1"], layers, {})


@asynccontextmanager
async def looking(
    *layers: bytes, size: tuple[int, int] = WIDE, engine: MemoryEngine | None = None
) -> AsyncIterator[tuple[Robot, FilesScreen]]:
    """The files of an image of these layers."""
    memory = engine or MemoryEngine()
    if engine is None:
        memory.load(blueprint_of(image(*layers)), "web:1")
    async with exploring(memory, size) as robot:
        await robot.open_repository("web")
        await robot.do("files.open")
        await robot.until(lambda: isinstance(robot.app.screen, FilesScreen), "the files")
        screen = robot.app.screen
        assert isinstance(screen, FilesScreen)
        await robot.sees("efficiency", "MODE")
        await robot.until(lambda: screen.table.keys, "the tree")
        yield robot, screen


def rows(screen: FilesScreen) -> Sequence[str]:
    return list(screen.table.keys)


@both_sizes
async def test_the_tree_opens_folder_by_folder_with_marks_modes_and_links(size: tuple[int, int]) -> None:
    async with looking(BASE, TOP, size=size) as (robot, screen):
        await robot.sees("layer 2/2", "efficiency")
        assert rows(screen) == ["bin", "etc", "evil\x1b[2J\u202e", "srv"]
        await robot.sees("  bin → usr/bin", "/bin → usr/bin   symlink")
        await robot.press("j", "enter")
        await robot.sees("motd", "again", "new", "old")
        assert robot.line(" motd").split()[:3] == ["│", "~", "-rw-r--r--"]
        assert robot.line(" new").split()[1] == "+"
        assert robot.line(" old").split()[1] == "-"
        await robot.press("enter")
        await robot.misses("motd")


async def test_text_of_an_archive_never_reaches_the_terminal_as_it_is() -> None:
    async with looking(BASE, TOP) as (robot, _):
        await robot.sees("evil␛[2J⟨202e⟩")
        assert "\x1b" not in robot.text


async def test_arrows_open_and_close_and_go_to_the_folder_above() -> None:
    async with looking(BASE, TOP) as (robot, screen):
        await robot.press("j", "right", "right")
        assert screen.table.key == "etc/again"
        await robot.press("left")
        assert screen.table.key == "etc"
        await robot.press("h")
        assert rows(screen) == ["bin", "etc", "evil\x1b[2J\u202e", "srv"]
        await robot.press("asterisk")
        assert "srv/data" in rows(screen)
        await robot.press("space")
        assert "etc/motd" not in rows(screen)
        assert "srv/data" in rows(screen)
        await robot.press("asterisk", "asterisk")
        assert "srv/data" not in rows(screen)


async def test_a_r_m_u_hide_what_was_changed_so_and_show_it_again() -> None:
    async with looking(BASE, TOP) as (robot, screen):
        await robot.press("asterisk")
        every = rows(screen)
        for key, hidden in (
            ("a", {"etc/new", "evil\x1b[2J\u202e"}), ("r", {"etc/old"}), ("m", {"etc/motd"}),
            ("u", {"bin", "etc/again", "srv", "srv/data"}),
        ):  # fmt: skip
            await robot.press(key)
            assert set(every) - set(rows(screen)) == hidden
            await robot.sees(f"hidden {key}")
            await robot.press(key)
            assert rows(screen) == every


async def test_brackets_go_from_layer_to_layer_and_tab_marks_all_above_the_first() -> None:
    middle = tar_of(member("etc/middle", b"1"))
    async with looking(BASE, middle, TOP) as (robot, screen):
        await robot.press("u", "asterisk")
        assert rows(screen) == ["etc", "etc/motd", "etc/new", "etc/old", "evil\x1b[2J\u202e"]
        await robot.press("tab")
        await robot.sees("all above the first")
        assert "etc/middle" in rows(screen)
        await robot.press("tab", "left_square_bracket")
        await robot.sees("layer 2/3", "this layer")
        assert rows(screen) == ["etc", "etc/middle"]
        await robot.press("left_square_bracket", "left_square_bracket")
        await robot.sees("layer 1/3")
        await robot.press("right_square_bracket", "right_square_bracket", "right_square_bracket")
        await robot.sees("layer 3/3")


async def test_what_a_key_may_ask_for_next_is_worked_out_before() -> None:
    middle = tar_of(member("etc/middle", b"1"))
    async with looking(BASE, middle, TOP) as (robot, screen):
        await robot.press("left_square_bracket")
        near = {(0, False), (2, False), (1, True)}
        await robot.until(lambda: near <= screen.files.views.keys(), "the views beside the second layer")
        await robot.press("tab")
        other = {(0, True), (2, True), (1, False)}
        await robot.until(lambda: other <= screen.files.views.keys(), "those of the other way to count")


async def test_what_is_under_the_cursor_is_told_at_once_with_the_move() -> None:
    async with looking(BASE, TOP) as (_, screen):
        screen.action_move(1)
        assert screen.page.make_line(0, 40).text.startswith(" /etc ")


async def test_the_filter_shows_matches_with_the_folders_on_the_way() -> None:
    async with looking(BASE, TOP) as (robot, screen):
        await robot.press("slash")
        await robot.until(lambda: robot.filtering, "the filter line")
        await robot.type("motd")
        await robot.press("enter")
        await robot.until(lambda: not robot.filtering, "the filter line closed")
        assert rows(screen) == ["etc", "etc/motd"]
        await robot.press("escape")
        assert len(rows(screen)) == 4


async def test_the_foot_tells_what_is_under_the_cursor_and_which_layer_it_is_from() -> None:
    async with looking(BASE, TOP) as (robot, _):
        await robot.press("j", "l", "l")
        await robot.sees("/etc/again → /etc/motd", "hard link", "layer 1 of 2", "layer 0")
        await robot.press("j")
        await robot.sees("-rw-r--r-- 0644", "layer 2 of 2", "sha256:")


async def test_s_puts_the_largest_first_and_y_copies_the_path() -> None:
    async with looking(BASE, TOP) as (robot, screen):
        await robot.press("s")
        assert rows(screen)[0] == "srv"
        await robot.press("g", "y")
        assert robot.app.clipboard == "/srv"


@both_sizes
async def test_o_shows_text_with_its_controls_and_bytes_as_hexadecimal(size: tuple[int, int]) -> None:
    async with looking(BASE, TOP, size=size) as (robot, screen):
        await robot.press("asterisk")
        screen.table.select("etc/motd")
        await robot.press("o")
        await robot.until(lambda: isinstance(robot.app.screen, PagerScreen), "the file")
        await robot.sees("␛]0;owned␇bye")
        await robot.press("q")
        screen.table.select("srv/data")
        await robot.press("enter")
        await robot.until(lambda: isinstance(robot.app.screen, PagerScreen), "the file")
        await robot.sees("00000000  00 01 02 03", "000000f0")
        await robot.press("escape")
        screen.table.select("etc/again")
        await robot.press("o")
        await robot.sees("hello")


async def test_o_shows_a_file_that_this_layer_removed_and_says_of_a_link_that_it_is_none() -> None:
    async with looking(BASE, TOP) as (robot, screen):
        await robot.press("asterisk")
        screen.table.select("etc/old")
        await robot.press("o")
        await robot.until(lambda: isinstance(robot.app.screen, PagerScreen), "the file")
        await robot.sees("old")
        await robot.press("q")
        screen.table.select("bin")
        await robot.press("o")
        await robot.sees("this is no file")


async def test_x_extracts_to_a_new_place_and_never_over_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with looking(BASE, TOP) as (robot, _):
        await robot.press("j", "X")
        await robot.sees("extract /etc", str(tmp_path / "etc"))
        await robot.press("enter")
        await robot.sees("3 files")
        assert {path.name for path in (tmp_path / "etc").iterdir()} == {"motd", "again", "new"}
        (job,) = robot.explorer.known.jobs.values()
        assert (job.title, job.state) == ("extract /etc", JobState.DONE)
        assert "3 files" in job.line
        await robot.press("X")
        await robot.sees("this is there already: nothing is overwritten")
        await robot.press("enter")
        await robot.sees("extract /etc")
        await robot.press("escape")
        await robot.misses("extract /etc")


@pytest.mark.parametrize(
    ("text", "said"), [("", "a name is wanted"), ("/nowhere/x", "no folder"), ("/tmp", "there already")]
)
def test_a_place_for_what_is_extracted_is_judged_while_it_is_typed(text: str, said: str) -> None:
    assert said in (target_fault(text) or "")


async def test_files_are_read_when_they_are_looked_at_and_not_before() -> None:
    memory = MemoryEngine()
    memory.load(blueprint_of(image(BASE, TOP)), "web:1")
    cache = Cache(None)
    async with exploring(memory, cache=cache) as robot:
        await robot.open_repository("web")
        await robot.do("pane.detail")
        await robot.show_tab("Tag log")
        assert cache.layer_lists.size == 0
        await robot.show_tab("Files")
        await robot.sees("6 files", "wasted", "/etc/motd", "enter: look around")
        assert cache.layer_lists.size > 0
        await robot.press("enter")
        await robot.until(lambda: isinstance(robot.app.screen, FilesScreen), "the files")


async def test_what_was_read_before_is_there_at_once_after_a_restart() -> None:
    memory = MemoryEngine()
    memory.load(blueprint_of(image(BASE, TOP)), "web:1")
    cache = Cache(None)
    for _ in range(2):
        async with exploring(memory, cache=cache) as robot:
            await robot.open_repository("web")
            await robot.do("files.open")
            await robot.sees("etc/", "srv/", "layer 2/2", "efficiency")
            assert isinstance(robot.app.screen, FilesScreen)
        memory.archive_gate = threading.Event()  # nothing is read again


async def test_reading_is_told_stopped_and_begun_again() -> None:
    memory = MemoryEngine()
    memory.load(blueprint_of(image(BASE, TOP)), "web:1")
    memory.archive_gate = threading.Event()
    async with exploring(memory) as robot:
        await robot.open_repository("web")
        await robot.do("pane.detail")
        await robot.show_tab("Files")
        await robot.sees("reading… 0 of 2 layers")
        await robot.until(lambda: robot.explorer.known.files(str(robot.version)), "that it is read")
        await robot.do("act.stop")
        await robot.sees("not all of it was read: stopped by hand")
        memory.archive_gate.set()
        await robot.do("files.open")
        await robot.until(lambda: isinstance(robot.app.screen, FilesScreen), "the files")
        await robot.sees("layer 2/2", "efficiency")


async def test_an_engine_that_goes_away_meanwhile_leaves_what_was_read() -> None:
    memory = MemoryEngine()
    memory.load(blueprint_of(image(BASE, TOP)), "web:1")
    memory.archive_gate = threading.Event()
    async with exploring(memory) as robot:
        await robot.open_repository("web")
        await robot.do("pane.detail")
        await robot.show_tab("Files")
        await robot.sees("reading… 0 of 2 layers")
        memory.stop_answering()
        await robot.sees("not all of it was read: ")


async def test_an_archive_is_explored_without_an_engine(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(new_docker_archive([BASE, TOP]))
    async with exploring(ArchiveEngine(path), read_only=True) as robot:
        await robot.sees("image.tar", "archive", "web", "read-only")
        await robot.open_repository("web")
        await robot.press("d")
        await robot.sees("read-only")
        await robot.do("files.open")
        await robot.until(lambda: isinstance(robot.app.screen, FilesScreen), "the files")
        await robot.sees("web:1", "layer 2/2")


def test_the_end_of_a_large_file_is_said_to_be_missing() -> None:
    lines = content_lines(FileContent("a", b"line\n" * 100, 5000))
    assert len(lines) == 101
    assert "4.5 kB more are not shown" in lines[-1][0].text
    assert "empty" in content_lines(FileContent("a", b"", 0))[0][0].text
    many = content_lines(FileContent("a", b"\n" * 60_000, 60_000))
    assert "10.0 kB more are not shown" in many[-1][0].text
