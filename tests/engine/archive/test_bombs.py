"""No file costs more than 150 MB and half a minute of a processor, and each ends in a line or in a list.

The figures are printed by `python -m tests.engine.archive.bombs FOLDER`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.archive.bombs import BOMBS, NAME, cost_of, entries_of

MOST_MEGABYTES = 150
MOST_SECONDS = 30
"""Of the processor, on a machine that is busy: the longest takes 10 on one that is not."""


@pytest.mark.matrix
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_little(name: str, tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(BOMBS[name]())
    cost = cost_of("files", str(path))
    assert cost.megabytes < MOST_MEGABYTES
    assert cost.seconds < MOST_SECONDS
    assert cost.status in {0, 1}
    assert "Traceback" not in cost.said
    assert cost.said.count("\n") <= 7
    assert cost.status == 0 or cost.said.startswith("imgtui: ")


@pytest.mark.matrix
@pytest.mark.parametrize("options", [(), ("--json",)], ids=["table", "json"])
def test_as_many_entries_as_are_listed_take_no_more_memory(options: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(entries_of(250_000))
    cost = cost_of("files", str(path), *options)
    assert (cost.status, cost.said) == (0, "")
    assert cost.megabytes < MOST_MEGABYTES


@pytest.mark.matrix
@pytest.mark.parametrize("options", [(), ("--json",)], ids=["table", "json"])
def test_as_many_differences_as_are_told_take_no_more_memory(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    a, b = tmp_path / "a.tar", tmp_path / "b.tar"
    a.write_bytes(entries_of(125_000))
    b.write_bytes(entries_of(125_000, NAME.replace("many", "more")))
    cost = cost_of("diff", "--files", str(a), str(b), *options)
    assert (cost.status, cost.said) == (0, "")
    assert cost.megabytes < MOST_MEGABYTES
