"""`imgtui record`: a line for each move, whatever the engine does; it ends when it is told to."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.keeps.keep import read_keep
from imgtui.model.keeps.rules import KeepRule
from imgtui.operations.keeps.rule_book import RuleBook
from imgtui.operations.session.session import Session
from imgtui.operations.taglog.scan import everything, look
from imgtui.store.cached.cache import Cache
from imgtui.store.presence import is_held
from imgtui.store.state import State
from imgtui.verbs import plans, record
from imgtui.verbs.console.output import Exit, OutputFailed
from tests.engines import content
from tests.engines.private import PrivateEngine
from tests.engines.waiting import wait_until
from tests.operations.listening import Counted, Listener, made
from tests.ui.test_terminal_real import hung_engine
from tests.verbs.calling import Caller
from tests.verbs.command import IMGTUI, SECONDS, call, environment, recording

IN_TIME = 20.0
"""Seconds after which a recorder must have waited for something: the engine that hangs does so for longer."""
RULE = '[[keep]]\nrepository = "kept*"\nlast = 10\n'


def rule(home: Path, text: str = RULE) -> None:
    """Write settings."""
    (home / "imgtui").mkdir(exist_ok=True)
    (home / "imgtui/config.toml").write_text(text)


def test_a_line_is_printed_when_docker_moves_a_tag(
    docker28_containerd: PrivateEngine, tmp_path: Path
) -> None:
    engine, environ = docker28_containerd, environment(tmp_path, docker28_containerd.host)
    old = content.import_tar(engine, "line:1", {"file": b"one"})
    with recording(environ) as recorder:
        recorder.said("recording Docker 28")
        engine.docker("tag", "line:1", "line:2")
        words = next(words for words in iter(recorder.moved, []) if words[1] == "line:2")
        assert datetime.fromisoformat(words[0]).tzinfo is not None
        assert words[1:] == ["line:2", "-", "->", old, "tag", "event"]
        assert recorder.end()[0] == 0
    moves = json.loads(call(environ, "log", "line:2", "--json").stdout)
    assert [(move["from"], move["to"], move["exact"]) for move in moves] == [(None, old, True)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_time_with_status_0(
    docker28_overlay2: PrivateEngine, tmp_path: Path, number: signal.Signals
) -> None:
    with recording(environment(tmp_path, docker28_overlay2.host)) as recorder:
        recorder.said("recording")
        status, seconds = recorder.end(number)
    assert status == 0
    assert seconds < IN_TIME


def test_a_signal_ends_every_one_of_many_recorders(docker28_overlay2: PrivateEngine, tmp_path: Path) -> None:
    environ = environment(tmp_path, docker28_overlay2.host)
    for _ in range(15):
        with recording(environ) as recorder:
            recorder.said("recording")
            assert recorder.end()[0] == 0


def test_a_signal_ends_it_in_time_while_the_engine_hangs(tmp_path: Path) -> None:
    with hung_engine(tmp_path) as host, recording(environment(tmp_path, host)) as recorder:
        recorder.said("connecting")
        status, seconds = recorder.end()
    assert status == 0
    assert seconds < IN_TIME


def test_a_second_recorder_of_the_same_engine_says_so(
    docker28_overlay2: PrivateEngine, tmp_path: Path
) -> None:
    environ = environment(tmp_path, docker28_overlay2.host)
    with recording(environ) as first:
        first.said("recording")
        with recording(environ) as second:
            second.said("another imgtui records this engine already")
            assert second.ended() == Exit.FAILED
        findings = {
            finding["topic"]: finding for finding in json.loads(call(environ, "doctor", "--json").stdout)
        }
        assert "watches" in findings["recorder"]["found"]
        assert "remedy" not in {key for key, value in findings["recorder"].items() if value}
        assert call(environ, "record", "--once").returncode == Exit.DONE
        assert first.end()[0] == 0


def test_with_a_keep_rule_every_digest_of_five_rebuilds_still_runs(
    docker28_containerd: PrivateEngine, tmp_path: Path
) -> None:
    engine, environ = docker28_containerd, environment(tmp_path, docker28_containerd.host)
    rule(tmp_path)
    with recording(environ) as recorder:
        recorder.said("recording")
        built = []
        for number in range(5):
            built.append(content.build(engine, "kept:latest", version=f"kept {number}"))
            while recorder.moved()[4] != built[-1]:
                pass
            wait_until(lambda: _is_kept(engine, built[-1]), "the keep")
        assert recorder.end()[0] == 0
    for image_id in built:
        assert engine.docker("run", "--rm", image_id, "cat", "/etc/version")
    moves = json.loads(call(environ, "log", "kept", "--json").stdout)
    assert [move["to"] for move in moves][::-1] == built
    assert {move["to_now"] for move in moves} == {"kept"}


def _is_kept(engine: PrivateEngine, image_id: str) -> bool:
    names = engine.docker("image", "inspect", "--format", "{{json .RepoTags}}", image_id)
    return any(map(read_keep, json.loads(names)))


def test_one_look_prints_what_is_new_and_applies_the_rules(
    docker28_containerd: PrivateEngine, tmp_path: Path
) -> None:
    engine, environ = docker28_containerd, environment(tmp_path, docker28_containerd.host)
    assert call(environ, "record", "--once").returncode == Exit.DONE
    rule(tmp_path)
    image_id = content.import_tar(engine, "kept-once:1", {"file": b"once"})
    done = call(environ, "record", "--once")
    assert (done.returncode, done.stderr) == (Exit.DONE, "")
    (line,) = (line for line in done.stdout.splitlines() if "kept-once:1" in line)
    assert line.split()[1:] == ["kept-once:1", "-", "->", image_id, "import", "event"]
    assert _is_kept(engine, image_id)
    assert call(environ, "record", "--once").stdout == ""


def test_where_nobody_reads_it_ends_with_status_1_in_silence(
    docker28_overlay2: PrivateEngine, tmp_path: Path
) -> None:
    engine = docker28_overlay2
    content.import_tar(engine, "pipe:1", {"file": b"one"})
    reading, writing = os.pipe()
    command = [str(IMGTUI), "record"]
    environ = environment(tmp_path, engine.host)
    with subprocess.Popen(command, env=environ, stdout=writing, stderr=subprocess.PIPE, text=True) as process:
        os.close(writing)
        os.close(reading)
        assert process.stderr is not None
        while "recording" not in process.stderr.readline():
            pass
        engine.docker("tag", "pipe:1", "pipe:2")
        assert process.wait(SECONDS) == Exit.FAILED
        assert process.stderr.read() == ""


@pytest.mark.parametrize("full", ["stdout", "stderr"])
def test_where_nothing_can_be_written_it_is_no_zombie(
    docker28_overlay2: PrivateEngine, tmp_path: Path, full: str
) -> None:
    engine = docker28_overlay2
    content.import_tar(engine, "full:1", {"file": b"one"})
    with (
        Path("/dev/full").open("w") as device,
        subprocess.Popen(
            [str(IMGTUI), "record"],
            env=environment(tmp_path, engine.host),
            text=True,
            stdout=device if full == "stdout" else subprocess.PIPE,
            stderr=device if full == "stderr" else subprocess.PIPE,
        ) as process,
    ):
        if full == "stdout":
            assert process.stderr is not None
            said = []
            for line in process.stderr:
                said.append(line)
                if "recording" in line:
                    engine.docker("tag", "full:1", "full:2")
            assert process.wait(SECONDS) == Exit.FAILED
            assert said[-1] == "imgtui: standard output cannot be written (No space left on device)\n"
        else:
            assert process.stdout is not None
            wait_until(lambda: any(tmp_path.rglob("record-*.lock")), "the recorder")
            engine.docker("tag", "full:1", "full:3")
            assert any("full:3" in line for line in process.stdout)
            process.terminate()
            assert process.wait(SECONDS) == Exit.DONE


@pytest.mark.parametrize("arguments", [[], ["--once"]])
def test_an_unusable_state_file_is_one_line_and_status_1(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "file").touch()
    done = call(environment(tmp_path), "record", "--state", str(tmp_path / "file"), *arguments)
    assert done.returncode == Exit.FAILED
    assert done.stderr.count("\n") == 1
    assert "cannot be written" in done.stderr


def test_wrong_settings_are_one_line_with_their_place_and_status_1(tmp_path: Path) -> None:
    rule(tmp_path, '[[keep]]\nrepositary = "web"\n')
    done = call(environment(tmp_path), "record")
    assert done.returncode == Exit.FAILED
    assert "line 2" in done.stderr
    assert done.stderr.count("\n") == 1


def test_one_look_without_an_engine_has_status_3(tmp_path: Path) -> None:
    done = call(environment(tmp_path), "record", "--once")
    assert done.returncode == Exit.NO_ENGINE
    assert done.stderr.count("\n") == 1


def test_without_an_engine_it_waits_for_one(tmp_path: Path) -> None:
    with recording(environment(tmp_path)) as recorder:
        recorder.said("no connection: ", "/nowhere.sock", "tried again")
        assert recorder.end()[0] == 0


# ---------------------------------------------------------------- in memory: the engine comes and goes


@dataclass
class Following:
    """A session without a screen on an engine in memory."""

    caller: Caller
    folder: Path
    heard: record.Following
    session: Session
    out: str = ""
    err: str = ""

    def until(self, *texts: str, where: str = "out") -> None:
        """Wait until something was printed."""

        def there() -> bool:
            out, err = self.caller.capsys.readouterr()
            self.out, self.err = self.out + out, self.err + err
            return all(text in getattr(self, where) for text in texts)

        wait_until(there, f"{texts} in {self.out!r} or {self.err!r}")


@contextmanager
def follow(caller: Caller, folder: Path) -> Iterator[Following]:
    caller.state = State(folder / "state.db")
    recorder = caller.recorder
    heard = record.Following(caller.state, recorder, "memory")
    session = Session(caller.engine, Cache(None), "memory", heard, recorder=recorder, headless=True)
    session.start()
    following = Following(caller, folder, heard, session)
    following.until("recording Docker 29", where="err")
    try:
        yield following
    finally:
        session.close()
        heard.end(Exit.DONE)
        heard.wait()
        caller.state.close()


def test_a_lost_engine_is_said_once_and_what_it_did_meanwhile_is_printed(
    caller: Caller, tmp_path: Path
) -> None:
    image_id = caller.load("one", "web:1")
    with follow(caller, tmp_path) as following:
        caller.engine.stop_answering()
        following.until("no connection: ", where="err")
        caller.engine.answer_again()
        caller.engine.tag(image_id, "web:2")
        following.until(f"web:2 - -> {image_id} tag event\n")
        following.until("memory (memory)\nimgtui: no connection", "again\nimgtui: recording", where="err")
        assert following.err.count("no connection") == 1


def test_a_move_that_another_imgtui_recorded_is_printed_once_too(caller: Caller, tmp_path: Path) -> None:
    image_id = caller.load("one", "web:1")
    with follow(caller, tmp_path) as following:
        caller.engine.tag(image_id, "web:2")
        look(caller.engine, caller.recorder)
        following.until("web:2")
        caller.engine.tag(image_id, "web:3")
        following.until("web:3")
        assert [line.split()[1] for line in following.out.splitlines()] == ["web:2", "web:3"]


def test_keeps_of_imgtuis_own_are_no_moves(caller: Caller, tmp_path: Path) -> None:
    image_id = caller.load("one", "web:1")
    with follow(caller, tmp_path) as following:
        caller.done(plans.keeping("web:1"))
        caller.done(plans.unkeeping("web:1"))
        caller.engine.tag(image_id, "web:2")
        following.until("web:2")
        assert [line.split()[1] for line in following.out.splitlines()] == ["web:2"]


def test_a_locked_state_file_is_waited_for(
    caller: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imgtui.store.state.BUSY_SECONDS", 0.01)
    image_id = caller.load("one", "web:1")
    with (
        follow(caller, tmp_path) as following,
        closing(sqlite3.connect(tmp_path / "state.db", isolation_level=None)) as somebody_else,
    ):
        somebody_else.execute("BEGIN EXCLUSIVE")
        caller.engine.tag(image_id, "web:2")
        following.until("another program has it locked", "tried again and again", where="err")
        somebody_else.execute("COMMIT")
        following.until("web:2 - ->")


def test_a_recorder_is_seen_for_as_long_as_it_runs(caller: Caller, tmp_path: Path) -> None:
    with follow(caller, tmp_path):
        assert is_held(tmp_path, "memory-memory")
    assert not is_held(tmp_path, "memory-memory")


def test_without_a_screen_an_image_is_asked_for_once_and_no_state_is_kept() -> None:
    engine, cache, told = Counted(MemoryEngine()), Cache(None), Listener()
    image_id = engine.memory.load(made("one"), "web:1")
    session = Session(engine, cache, "memory", told, headless=True)
    session.start()
    told.until_live()
    engine.memory.tag(image_id, "web:2")
    told.until_live(lambda catalog: "web:2" in catalog.tags)
    session.close()
    assert engine.count("document") == 1
    assert cache.snapshot("memory") is None


def test_a_state_file_that_breaks_ends_it_with_status_1(caller: Caller, tmp_path: Path) -> None:
    image_id = caller.load("one", "web:1")
    with follow(caller, tmp_path) as following:
        caller.state.close()
        caller.engine.tag(image_id, "web:2")
        following.until("cannot be used", where="err")
        assert following.heard.wait() is Exit.FAILED


@pytest.mark.parametrize("error", [OutputFailed("it is full"), OSError("it is full")])
def test_output_that_cannot_be_written_ends_it_with_status_1_and_one_line(
    caller: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    def full(*_: object) -> None:
        raise error

    image_id = caller.load("one", "web:1")
    monkeypatch.setattr(record, "nobody_reads", lambda: None)
    with follow(caller, tmp_path) as following:
        monkeypatch.setattr(record, "_print", full)
        caller.engine.tag(image_id, "web:2")
        following.until("imgtui: it is full\n", where="err")
        assert following.heard.wait() is Exit.FAILED


def test_one_look_in_memory_keeps_by_rule_also_with_a_budget(caller: Caller) -> None:
    caller.load("one", "web:1")
    rules = [KeepRule("web", last=3, budget=10_000)]
    assert record.once(caller.engine, caller.recorder, RuleBook(None, rules), Cache(None)) is Exit.DONE
    (image,) = everything(caller.engine).images.values()
    assert len(image.keeps) == 1


def test_a_rule_that_cannot_be_applied_is_said_and_has_status_1(caller: Caller) -> None:
    caller.load("one", "web:1")
    caller.engine.read_only = True
    rules = [KeepRule("*", all=True)]
    assert record.once(caller.engine, caller.recorder, RuleBook(None, rules), Cache(None)) is Exit.FAILED
    assert "keep rule" in caller.failure()
