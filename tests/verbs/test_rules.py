"""`imgtui keep --rules`, releases in the log, and that no rule is there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from imgtui.model.core.image import Store
from imgtui.model.keeps.rules import KeepRule
from imgtui.operations.keeps.keeping import Keeping
from imgtui.operations.keeps.rule_book import RuleBook
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.scan import look
from imgtui.store.cached.cache import Cache
from imgtui.store.rule_notes import OfferAnswer, RuleNotes
from imgtui.verbs import rules
from imgtui.verbs.console.output import Exit
from tests.engines.private import PrivateEngine
from tests.operations.clocks import Clocks
from tests.operations.listening import made
from tests.verbs.calling import Caller
from tests.verbs.command import call, environment

HOUR = 3600.0


class Place:
    """A machine with a rule, on which a call is made now and then."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.clocks = Clocks()
        caller.engine._clock = self.clocks.engine

    @property
    def recorder(self) -> Recorder:
        """That of one call."""
        return Recorder(self.caller.engine, lambda: self.caller.state, clock=self.clocks.wall)

    def apply(self, *in_force: KeepRule) -> None:
        """As `record --once` does."""
        recorder = self.recorder
        catalog = look(self.caller.engine, recorder).catalog
        Keeping(self.caller.engine, recorder, in_force, lambda _: (), clock=self.clocks.moment).apply(catalog)

    def build(self, *in_force: KeepRule, times: int) -> list[str]:
        """Build `web:latest` with rules in force; the image IDs, the newest last."""
        built = []
        for number in range(times):
            built.append(self.caller.engine.build(made(f"web {number}"), "web:latest"))
            self.apply(*in_force)
        return built

    def shown(self, *in_force: KeepRule) -> str:
        """What `keep --rules` prints for people."""
        assert self._run(in_force, as_json=False) is Exit.DONE
        return self.caller.capsys.readouterr().out

    def told(self, *in_force: KeepRule) -> list[dict[str, Any]]:
        """What it prints for scripts."""
        assert self._run(in_force, as_json=True) is Exit.DONE
        found: list[dict[str, Any]] = json.loads(self.caller.capsys.readouterr().out)
        return found

    def _run(self, in_force: Sequence[KeepRule], *, as_json: bool) -> Exit:
        return rules.run(
            self.caller.engine,
            Cache(None),
            self.recorder,
            in_force,
            as_json=as_json,
            clock=self.clocks.moment,
        )


@pytest.fixture
def place(caller: Caller) -> Place:
    return Place(caller)


def test_each_rule_says_what_it_matches_holds_and_releases_when_and_the_bytes(place: Place) -> None:
    rule = KeepRule("w*", last=1, grace=4 * HOUR)
    built = place.build(rule, times=4)
    place.clocks.wait(HOUR)
    assert place.shown(rule).splitlines() == [
        "w*  last = 1, grace = 4 h",
        "  matches  1 repository: web",
        "  holds    2 versions; 1.0 kB that nothing else holds",
        "  releases 2 versions, 2.0 kB:",
        f"    {built[0][7:19]} of web in 3 h",
        f"    {built[1][7:19]} of web in 3 h",
    ]
    (told,) = place.told(rule)
    times = [datetime.fromisoformat(each.pop("not_before")).timestamp() for each in told["releases"]]
    assert times == [place.clocks.wall() + 3 * HOUR] * 2
    assert told == {
        "repository": "w*",
        "last": 1,
        "days": None,
        "all": False,
        "budget": None,
        "grace_seconds": 4 * HOUR,
        "matches": ["web"],
        "nearest": None,
        "holds": [{"repository": "web", "id": image_id, "kept": True} for image_id in (built[3], built[2])],
        "held_bytes": 1000,
        "releases": [{"repository": "web", "id": image_id, "seconds": 3 * HOUR} for image_id in built[:2]],
        "released_bytes": 2000,
    }


def test_asking_changes_nothing(place: Place) -> None:
    built = place.build(KeepRule("web", last=9), times=4)
    for _ in range(3):
        (told,) = place.told(KeepRule("web", last=1))
        assert [each["seconds"] for each in told["releases"]] == [24 * HOUR] * 2
        place.clocks.wait(30 * HOUR)
    assert all(place.caller.engine.image(image_id) for image_id in built)


def test_what_is_not_kept_yet_is_said(place: Place) -> None:
    place.caller.engine.build(made("web"), "web:latest")
    assert "holds    1 version, 1 of them when the rule is applied next; 0 B" in place.shown(
        KeepRule("web", last=1)
    )


def test_a_rule_that_matches_nothing_says_so_with_the_nearest_name(place: Place) -> None:
    place.caller.engine.build(made("web"), "shop/web:latest")
    assert place.shown(KeepRule("shop/wbe*", last=1)).splitlines()[1] == (
        "  matches none of 1 repository here: the nearest name is shop/web"
    )
    (told,) = place.told(KeepRule("shop/wbe*", last=1))
    assert (told["matches"], told["nearest"], told["holds"]) == ([], "shop/web", [])


def test_while_the_clock_is_not_trusted_it_says_why(place: Place) -> None:
    rule = KeepRule("web", last=1)
    place.build(rule, times=4)
    place.clocks.wait(23.9 * HOUR)
    place.clocks.jump(10 * HOUR)
    (told,) = place.told(rule)
    assert "clock jumped" not in json.dumps(told)
    assert place._run([rule], as_json=True) is Exit.DONE
    assert "the clock jumped or the machine started" in place.caller.capsys.readouterr().err
    assert all(each["seconds"] == HOUR for each in told["releases"])
    place.clocks.engine_ahead = 2 * HOUR
    assert place._run([rule], as_json=True) is Exit.DONE
    assert "the engine's clock is 7200 s ahead of this machine's" in place.caller.capsys.readouterr().err


def test_a_release_stands_in_the_log_by_its_repository_and_rule(place: Place) -> None:
    rule = KeepRule("web", last=1)
    built = place.build(rule, times=3)
    place.clocks.wait(25 * HOUR)
    place.apply(rule)
    (told,) = (move for move in place.caller.log() if move["cause"] == "release")
    assert (told["from"], told["to"], told["rule"], told["actor"]) == (built[0], None, "rule web", "imgtui")
    assert told["ref"].startswith("imgtui.invalid/rule/docker.io/library/web:")
    (line,) = (line for line in place.caller.table("web") if "release" in line)
    assert line.split()[2:9] == ["web", built[0][7:19], "-", "release", "act:", "rule", "web"]
    assert {move["rule"] for move in place.caller.log() if move["cause"] != "release"} == {None}
    assert not [move for move in place.caller.log("web:latest") if move["cause"] == "release"]


# ---------------------------------------------------------------- no rule on an engine that deletes


def loses(caller: Caller, book: RuleBook) -> str:
    recorder = caller.recorder
    look(caller.engine, recorder)
    rules.say_what_is_lost(recorder, book)
    return caller.capsys.readouterr().err


def test_without_a_rule_it_is_one_line_until_it_was_declined(caller: Caller, tmp_path: Path) -> None:
    book = RuleBook(tmp_path / "config.toml")
    said = loses(caller, book)
    assert said.count("\n") == 1
    assert "no keep rule, and this engine deletes what a rebuild replaces: press M" in said
    RuleNotes(caller.state, "memory-other").keep_answer(OfferAnswer.DECLINED, 1)
    assert loses(caller, book) == said
    RuleNotes(caller.state, "memory-memory").keep_answer(OfferAnswer.DECLINED, 1)
    assert loses(caller, book) == ""


def test_nothing_is_said_where_a_rule_holds_or_the_engine_keeps_by_itself(
    caller: Caller, tmp_path: Path
) -> None:
    assert loses(caller, RuleBook(tmp_path / "config.toml", [KeepRule("x", last=1)])) == ""
    assert loses(caller, RuleBook()) == ""
    caller.engine._store = Store.GRAPH
    assert loses(caller, RuleBook(tmp_path / "config.toml")) == ""


def test_every_verb_that_looks_says_it_on_standard_error_alone(
    docker28_containerd: PrivateEngine, tmp_path: Path
) -> None:
    environ = environment(tmp_path, docker28_containerd.host)
    for arguments in (["ls", "--json"], ["doctor", "--json"], ["record", "--once"]):
        done = call(environ, *arguments)
        assert done.stderr.count("no keep rule, and this engine deletes") == 1, arguments
        assert done.stderr.count("\n") == 1, arguments
        assert "--json" not in arguments or json.loads(done.stdout) is not None


def test_read_only_a_look_applies_no_rule_and_succeeds(
    docker28_containerd: PrivateEngine, tmp_path: Path
) -> None:
    environ = environment(tmp_path, docker28_containerd.host)
    (tmp_path / "imgtui").mkdir()
    (tmp_path / "imgtui/config.toml").write_text('[[keep]]\nrepository = "*"\nlast = 3\n')
    image_id = docker28_containerd.docker("import", "-", "read-only-look:1", stdin=b"\0" * 1024).strip()
    for _ in range(2):
        done = call(environ, "--read-only", "record", "--once")
        assert (done.returncode, done.stderr) == (
            Exit.DONE,
            "imgtui: keep rules are not applied: imgtui runs read-only\n",
        )
    names = docker28_containerd.docker("image", "inspect", "--format", "{{.RepoTags}}", image_id)
    assert "imgtui.invalid" not in names


@pytest.mark.parametrize("arguments", [[], ["--rules", "web"]])
def test_either_versions_or_the_rules_are_asked_for(tmp_path: Path, arguments: list[str]) -> None:
    done = call(environment(tmp_path), "keep", *arguments)
    assert done.returncode == Exit.USAGE
    assert done.stderr == "imgtui: either a REF or --rules is wanted: see imgtui keep --help\n"


def test_settings_with_a_mistake_are_one_line(docker28_containerd: PrivateEngine, tmp_path: Path) -> None:
    (tmp_path / "imgtui").mkdir()
    (tmp_path / "imgtui/config.toml").write_text('[[keep]]\nrepository = "web"\n')
    done = call(environment(tmp_path, docker28_containerd.host), "keep", "--rules")
    assert (done.returncode, done.stderr.count("\n")) == (Exit.FAILED, 1)
    assert "line 1: this keep rule keeps nothing" in done.stderr
