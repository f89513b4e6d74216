"""The keep rules in force follow their file; a mistake in it changes none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.keeps.rules import KeepRule
from imgtui.operations.keeps.rule_book import RuleBook
from imgtui.operations.protocol.updates import RulesUpdated
from imgtui.operations.session import session
from imgtui.store.cached.cache import Cache
from imgtui.store.config.settings import RollbackSettings
from tests.engines.waiting import wait_until
from tests.operations.listening import Counted, Listener, made
from tests.operations.watching import forgetful

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


def test_how_containers_are_rolled_back_follows_the_file_and_that_keys_do_not_is_known(path: Path) -> None:
    path.write_text("[rollback]\nsettle = 5\n")
    book = RuleBook(path, keys={})
    book.look()
    assert book.rollback == RollbackSettings(settle=5)
    assert not book.other_keys
    path.write_text(path.read_text().replace("5", "7") + '[keys]\nlist.sort = "o"\n')
    assert not book.look(), "no rule has changed"
    assert book.rollback == RollbackSettings(settle=7)
    assert book.other_keys
    path.write_text("[rollback]\nsettle = 0\n")
    book.look()
    assert book.rollback == RollbackSettings(settle=7), "a mistake changes nothing"


def test_a_session_follows_all_of_it_and_says_what_it_does_not(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "SAVE_SECONDS", 0.01)
    monkeypatch.setattr(session, "RULES_SECONDS", 0.01)
    told = Listener()
    followed = session.Session(Counted(MemoryEngine()), Cache(None), "", told, rules=RuleBook(path, keys={}))
    followed.start()
    try:
        told.until_live()
        path.write_text('[rollback]\nsettle = 7\n[keys]\nlist.sort = "o"\n')
        wait_until(lambda: followed.services.acts.rollback.settle == 7, "what the file says")
        wait_until(
            lambda: any("next start" in told.said for told in told.heard if isinstance(told, RulesUpdated)),
            "that keys are not followed",
        )
    finally:
        followed.close()


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


class Looked(RuleBook):
    """Counts how often it was looked at the file."""

    looks = 0

    def look(self) -> bool:
        """As a rule book does."""
        self.looks += 1
        return super().look()


def test_looking_at_the_file_asks_nothing_of_the_engine(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "RULES_SECONDS", 0.01)
    monkeypatch.setattr(session, "SAVE_SECONDS", 0.05)
    path.write_text(WEB)
    engine, told, book = Counted(MemoryEngine()), Listener(), Looked(path)
    image_id = engine.memory.build(made("web"), "web:latest")
    following = session.Session(engine, Cache(None), "memory", told, recorder=forgetful(engine), rules=book)
    following.start()
    told.until_live(lambda catalog: image_id in catalog.images and catalog.images[image_id].keeps, "the keep")
    looks = book.looks
    wait_until(lambda: book.looks > looks + 5, "the engine quiet")
    asked, told_before, looks = list(engine.asked), len(told.heard), book.looks
    wait_until(lambda: book.looks > looks + 20, "the file looked at")
    assert (engine.asked, len(told.heard)) == (asked, told_before)
    path.write_text(WEB.replace("web", "other"))
    told.until(lambda: isinstance(told.heard[-1], RulesUpdated), "the new rules")
    assert engine.asked == asked
    following.close()
