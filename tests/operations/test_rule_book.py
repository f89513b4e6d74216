"""The keep rules in force follow their file; a mistake in it changes none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from imgtui.model.rules import KeepRule
from imgtui.operations.rule_book import RuleBook

WEB = '[[keep]]\nrepository = "web"\nlast = 3\n'
API = '[[keep]]\nrepository = "api"\nlast = 3\nbudget = "1 GB"\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def names(book: RuleBook) -> list[str]:
    return [rule.repository for rule in book.rules]


def test_without_a_file_it_has_the_rules_that_it_was_given() -> None:
    book = RuleBook(None, [KeepRule("web", last=1)])
    assert not book.look()
    assert names(book) == ["web"]


def test_what_is_written_in_place_or_renamed_over_it_is_read(path: Path) -> None:
    book = RuleBook(path)
    assert not book.look()
    path.write_text(WEB)
    assert book.look()
    assert names(book) == ["web"]
    assert not book.look()
    assert not book.counts_bytes
    new = path.with_name("new")
    new.write_text(API)
    new.rename(path)
    assert book.look()
    assert names(book) == ["api"]
    assert book.counts_bytes


def test_a_file_of_the_same_size_and_time_is_another_one(path: Path) -> None:
    path.write_text(WEB)
    book = RuleBook(path)
    book.look()
    seen = path.stat()
    path.write_text(WEB.replace("web", "wbe"))
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert book.look()
    assert names(book) == ["wbe"]


@pytest.mark.parametrize("mistake", ["[[keep]\n", "[[keep]]\nrepositary = 'web'\n", "[keys]\nx = 3\n"])
def test_while_there_is_a_mistake_the_rules_before_stay(path: Path, mistake: str) -> None:
    path.write_text(WEB)
    book = RuleBook(path)
    book.look()
    path.write_text(API + mistake)
    assert book.look()
    assert names(book) == ["web"]
    assert book.problem is not None
    assert "\n" not in book.problem
    assert "line " in book.problem
    assert "rules before stay in force" in book.problem
    assert not book.look()
    path.write_text(API)
    fixed = RuleBook(path)
    assert (book.look(), fixed.look()) == (True, True)
    assert (names(book), book.problem) == (names(fixed), fixed.problem)
    assert names(book) == ["api"]


def test_a_file_that_cannot_be_read_changes_nothing_and_one_that_is_gone_has_no_rules(path: Path) -> None:
    path.write_text(WEB)
    book = RuleBook(path)
    book.look()
    path.unlink()
    path.mkdir()
    assert book.look()
    assert names(book) == ["web"]
    assert "cannot be read" in str(book.problem)
    path.rmdir()
    assert book.look()
    assert (names(book), book.problem) == ([], None)


def test_a_comment_is_no_change(path: Path) -> None:
    path.write_text(WEB)
    book = RuleBook(path, [KeepRule("web", last=3)])
    assert not book.look()
    path.write_text(WEB + "# more\n")
    assert not book.look()
