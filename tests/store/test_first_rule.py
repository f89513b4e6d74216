"""A first keep rule is added to the settings: in one step, with all that is there, and nowhere else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.core.printable import safe_for_terminal
from imgtui.model.keeps.rules import KeepRule
from imgtui.store.config import first_rule
from imgtui.store.config.first_rule import FIRST_RULE, LINES, RuleNotWritten, add_first_rule
from imgtui.store.config.settings import parse_settings, read_settings

RULE = "\n".join(LINES)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "imgtui" / "config.toml"


def refused(path: Path) -> str:
    with pytest.raises(RuleNotWritten) as caught:
        add_first_rule(path)
    message = str(caught.value)
    assert safe_for_terminal(message)
    assert 'by hand: [[keep]] / repository = "*" / last = 5' in message
    return message


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_where_there_is_no_file_one_is_made_that_is_its_owners_alone(path: Path) -> None:
    add_first_rule(path)
    assert read_settings(path).keep == (FIRST_RULE,)
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert RULE in path.read_text()
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# mine\n",
        '[keys]\nlist.sort = "o"',
        '[[keep]]\nrepository = "web"\nlast = 3\n\n\n[rollback]\nsettle = 3\n',
        '\ufeff[keys]\r\nlist.sort = "o"\r\n',
        "# keep = 3\n",
    ],
)
def test_what_is_there_stays_byte_for_byte(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_bytes(text.encode())
    before = read_settings(path)
    add_first_rule(path)
    assert path.read_bytes().startswith(text.encode())
    after = read_settings(path)
    assert after.keep == (*before.keep, FIRST_RULE)
    assert (after.keys, after.rollback) == (before.keys, before.rollback)
    assert b"\r\n" not in path.read_bytes() or b"\n" not in path.read_bytes().replace(b"\r\n", b"")


@given(st.text(alphabet="ab=\"\n[]# 1\r'", max_size=60))
def test_any_file_gets_the_rule_or_stays_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "config.toml"
    path.write_bytes(text.encode())
    try:
        add_first_rule(path)
    except RuleNotWritten:
        assert path.read_bytes() == text.encode()
    else:
        assert read_settings(path).keep[-1] == FIRST_RULE
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("rights", [0o600, 0o640, 0o644])
def test_rights_and_owner_stay(path: Path, rights: int) -> None:
    path.parent.mkdir()
    path.touch()
    path.chmod(rights)
    os.chown(path, -1, os.getegid())
    before = path.stat()
    add_first_rule(path)
    assert mode(path) == rights
    assert (path.stat().st_uid, path.stat().st_gid) == (before.st_uid, before.st_gid)


def test_nothing_is_written_through_a_link(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    target = tmp_path / "passwd"
    target.write_text("# a file\n")
    path.symlink_to(target)
    assert f"is a link to {target}" in refused(path)
    assert target.read_text() == "# a file\n"
    target.unlink()
    assert "is a link" in refused(path)
    assert not target.exists()


def test_the_other_name_of_a_file_keeps_what_it_has(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.write_text("# mine\n")
    other = tmp_path / "other"
    other.hardlink_to(path)
    add_first_rule(path)
    assert other.read_text() == "# mine\n"


def test_a_file_of_another_user_and_what_is_no_file_are_left_alone(path: Path) -> None:
    path.mkdir(parents=True)
    assert "is no file" in refused(path)
    path.rmdir()
    os.mkfifo(path)
    assert "is no file" in refused(path)
    path.unlink()
    path.write_text("")
    if os.geteuid() == 0:
        os.chown(path, 12345, 12345)
        assert "belongs to user 12345" in refused(path)
        os.chown(path, 0, 0)
    path.chmod(0o400)
    assert "is read-only" in refused(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[keep]\n", "nothing is added to a file with a mistake"),
        ("[[keep]]\nlast = 3\n", "needs a repository"),
        ('keep = [{repository = "web", last = 3}]\n', "written in a way that no rule can be added to"),
        ("x = '''\n", "nothing is added to a file with a mistake"),
    ],
)
def test_a_file_that_would_not_be_understood_is_left_alone(path: Path, text: str, said: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    assert said in refused(path)
    assert path.read_text() == text
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_changes_meanwhile_is_read_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    path.write_text("# one\n")
    other = '[[keep]]\nrepository = "web"\nall = true\n'
    seen: list[int] = []

    def parse(*arguments: object) -> object:
        if not seen:
            path.write_text(other)
        seen.append(1)
        return parse_settings(*arguments)  # type: ignore[arg-type] # passed on as it came

    monkeypatch.setattr(first_rule, "parse_settings", parse)
    add_first_rule(path)
    assert path.read_text().startswith(other)
    assert read_settings(path).keep == (KeepRule("web", all=True), FIRST_RULE)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be written" in refused(tmp_path / "file" / "config.toml")
