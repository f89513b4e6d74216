"""Every size of a terminal, and changes between sizes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from imgtui.ui.explorer.rows import REPOSITORY_COLUMNS, VERSION_COLUMNS
from imgtui.ui.widgets.columns import GAP, Column, aligned, fit, fitting
from imgtui.ui.widgets.table import MARGIN
from tests.ui.robot import Robot, exploring

DIGEST = 12
"""Hexadecimal digits of a digest on the screen."""


async def resize(robot: Robot, size: tuple[int, int]) -> None:
    """Make the terminal another size, and wait until the screen fills it."""
    await robot.pilot.resize_terminal(*size)
    await robot.until(lambda: len(robot.lines) == size[1], f"{size[1]} lines")
    assert {cell_len(line) for line in robot.lines} == {size[0]}


async def test_a_terminal_can_become_small_and_large_again() -> None:
    async with exploring(size=(120, 40)) as robot:
        await robot.open_repository("myapp")
        await robot.do("move.down")
        digest = robot.version
        assert digest is not None
        shown = digest.removeprefix("sha256:")[:DIGEST]
        await robot.sees("Repositories", shown, "image ID")
        for size in ((80, 24), (60, 16)):
            await resize(robot, size)
            await robot.sees(shown, "14 versions", "live")
            assert "Repositories" not in robot.text
        await resize(robot, (50, 10))
        await robot.sees("60x16", "50x10")
        assert shown not in robot.text
        await robot.press("j", "k")
        for size in ((60, 16), (80, 24), (120, 40), (200, 60)):
            await resize(robot, size)
            await robot.sees(shown, "14 versions", "live")
        await robot.sees("Repositories", "image ID")
        assert robot.version == digest


@pytest.mark.parametrize("size", [(200, 60), (100, 30), (99, 30), (80, 24), (60, 16)])
async def test_each_pane_can_be_read_at_every_size(size: tuple[int, int]) -> None:
    async with exploring(size=size) as robot:
        await robot.open_repository("myapp")
        await robot.sees("9b94b5201a3b", "latest 3.0")
        await robot.do("pane.detail")
        await robot.sees("image ID", "sha256:9b94b520")
        await robot.do("pane.repositories")
        await robot.sees("myapp", "Repositories")


async def test_the_cursor_is_in_view_at_every_size() -> None:
    async with exploring(size=(120, 40)) as robot:
        await robot.do("pane.versions")
        await robot.do("move.bottom")
        for size in ((120, 20), (80, 24), (60, 16), (120, 60), (100, 17)):
            await resize(robot, size)
            await robot.until(lambda: robot.version in robot.explorer.versions.keys_in_view(), str(size))


async def test_the_whole_digest_can_be_read_where_the_terminal_is_narrow() -> None:
    async with exploring(size=(60, 16)) as robot:
        await robot.open_repository("myapp")
        await robot.do("pane.detail")
        digest = str(robot.version)

        def unwrapped() -> str:
            return "".join(line.strip(" ▐") for line in robot.lines)

        await robot.until(lambda: digest in unwrapped(), "the whole digest")


@pytest.mark.parametrize("columns", [VERSION_COLUMNS, REPOSITORY_COLUMNS], ids=["versions", "repositories"])
def test_columns_fit_at_every_width_and_never_hide_what_names_the_row(columns: tuple[Column, ...]) -> None:
    for width in range(60, 201):
        widths = fitting(columns, width - MARGIN)
        assert widths[0] >= columns[0].width
        assert sum(given_width + GAP for given_width in widths if given_width) <= width - MARGIN
        for column, given_width in zip(columns, widths, strict=True):
            assert given_width == 0 or given_width >= column.width


def test_a_digest_is_never_cut() -> None:
    assert VERSION_COLUMNS[0].width == DIGEST
    for width in range(30, 201):
        assert fitting(VERSION_COLUMNS, width - MARGIN)[0] == DIGEST


def test_columns_are_left_out_by_rank_and_come_back_with_room() -> None:
    before = 0
    for width in range(20, 201):
        kept = [
            column.rank
            for column, given in zip(VERSION_COLUMNS, fitting(VERSION_COLUMNS, width), strict=True)
            if given
        ]
        left_out = {column.rank for column in VERSION_COLUMNS} - set(kept)
        assert max(left_out, default=0) < min(kept)
        assert len(kept) >= before
        before = len(kept)


@given(text=st.text(), width=st.integers(0, 40), right=st.booleans())
def test_any_text_is_fitted_to_exactly_its_cells(text: str, width: int, right: bool) -> None:
    assert cell_len(aligned(text, width, right=right)) == width


@given(text=st.text(max_size=60), width=st.integers(1, 40))
def test_what_is_cut_is_marked(text: str, width: int) -> None:
    assert fit(text, width).endswith("…") or cell_len(text) <= width
