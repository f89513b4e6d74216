"""An override file is written whole or not at all, and never over another one unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtui.model.containers.compose import Override
from imgtui.operations.containers.compose_file import NotWritten, PinnedAlready, write_override


@pytest.fixture
def made(tmp_path: Path) -> Override:
    """An override beside a Compose file that its group may read."""
    beside = tmp_path / "compose.yml"
    beside.write_text("services: {}\n")
    beside.chmod(0o640)
    return Override(
        str(tmp_path / "compose.imgtui.shop.web.yml"), str(beside), "services: {web: {}}\n", "docker compose"
    )


def names(made: Override) -> set[str]:
    """What is in its folder."""
    return {path.name for path in Path(made.path).parent.iterdir()}


def test_it_is_as_readable_as_the_file_beside_it_and_nothing_else_is_left(made: Override) -> None:
    write_override(made)
    assert Path(made.path).read_text() == made.text
    assert Path(made.path).stat().st_mode & 0o777 == 0o640
    assert names(made) == {"compose.yml", "compose.imgtui.shop.web.yml"}


def test_another_file_stays_until_it_is_said_to_be_replaced(made: Override) -> None:
    path = Path(made.path)
    path.write_text("mine\n")
    with pytest.raises(PinnedAlready, match="is there already"):
        write_override(made)
    assert path.read_text() == "mine\n"
    assert names(made) == {"compose.yml", "compose.imgtui.shop.web.yml"}
    write_override(made, replace=True)
    assert path.read_text() == made.text


def test_the_same_file_is_left_as_it_is(made: Override) -> None:
    write_override(made)
    before = Path(made.path).stat()
    write_override(made)
    assert Path(made.path).stat() == before


def test_a_link_is_replaced_and_what_it_names_stays(made: Override, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("mine\n")
    Path(made.path).symlink_to(other)
    with pytest.raises(PinnedAlready):
        write_override(made)
    write_override(made, replace=True)
    assert other.read_text() == "mine\n"
    assert Path(made.path).read_text() == made.text


def test_a_link_to_nowhere_is_another_file_too(made: Override, tmp_path: Path) -> None:
    Path(made.path).symlink_to(tmp_path / "nowhere")
    with pytest.raises(PinnedAlready):
        write_override(made)
    assert not (tmp_path / "nowhere").exists()


def test_where_compose_was_run_on_another_machine_it_says_where_to_write_it(made: Override) -> None:
    Path(made.beside).unlink()
    with pytest.raises(NotWritten, match=r"compose\.imgtui\.shop\.web\.yml where Compose is run"):
        write_override(made)
    assert names(made) == set()


def test_what_cannot_be_written_leaves_nothing_behind(made: Override) -> None:
    Path(made.path).mkdir()
    with pytest.raises(NotWritten, match="cannot be written"):
        write_override(made, replace=True)
    assert names(made) == {"compose.yml", "compose.imgtui.shop.web.yml"}
