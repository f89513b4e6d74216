"""The suite itself: its shares are everything, its workers get the longest first, and every run ends."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Literal

import pytest

from tests.engines.kinds import EVERYDAY
from tests.engines.private import PrivateEngine
from tests.engines.test_private import processes_naming
from tests.engines.waiting import PATIENCE, wait_until
from tests.suite import units
from tests.suite.limits import Limits
from tests.suite.sample import RUNS, SHARES, is_taken, taken_in_turn
from tests.suite.units import place_of
from tests.verbs.command import HEARS_SIGNALS

ROOT = Path(__file__).parents[2]
TO_THE_END = 20
"""Seconds from ctrl+c to the end of a run."""
WAITS_FOR_EVER = """
import threading, pathlib

def test_waits(docker28_overlay2):
    pathlib.Path("folder").write_text(str(docker28_overlay2.folder))
    threading.Event().wait()
"""
HANGS = """
import threading

def test_fails():
    assert not "this is why"

def test_hangs():
    threading.Event().wait()

def test_passes():
    pass
"""


def test_all_shares_together_have_each_cell_once() -> None:
    for matrix in ("a matrix", "another"):
        taken = [
            [index for index in range(50) if is_taken(number, matrix, index)] for number in range(SHARES)
        ]
        assert Counter(index for share in taken for index in share) == Counter(range(50))
        assert {len(share) for share in taken} == {7, 8}


def test_all_runs_together_have_each_part_of_each_cell_once() -> None:
    taken = [
        (cell, index)
        for run in range(RUNS)
        for cell in range(4)
        for index in range(50)
        if is_taken(run % SHARES, "cells", cell) and is_taken(run // SHARES, "parts", index)
    ]
    assert Counter(taken) == Counter((cell, index) for cell in range(4) for index in range(50))


def test_what_is_run_in_turn_is_run_on_one_engine_each_time_and_on_all_in_the_end() -> None:
    cases = ["on four", "on two"] * 2 + ["on four"] * 2 + ["on one"]
    runs = [taken_in_turn(cases, run) for run in range(4)]
    for taken in runs:
        assert sorted(case for case, is_run in zip(cases, taken, strict=True) if is_run) == sorted(set(cases))
    assert [sum(column) for column in zip(*runs, strict=True)] == [1, 2, 1, 2, 1, 1, 4]


def test_without_a_share_everything_is_taken() -> None:
    assert all(is_taken(None, "a matrix", index) for index in range(SHARES))


@pytest.mark.parametrize(
    ("node_id", "lane", "file", "function"),
    [
        ("tests/a/test_b.py::test_c", "", "tests/a/test_b.py", "test_c"),
        ("tests/a/test_b.py::test_c[x@y]", "", "tests/a/test_b.py", "test_c"),
        ("tests/a/test_b.py::test_c[podman-a::b]@podman", "podman", "tests/a/test_b.py", "test_c"),
    ],
)
def test_a_test_has_the_place_that_its_node_id_says(
    node_id: str, lane: str, file: str, function: str
) -> None:
    place = place_of(node_id)

    assert (place.lane, place.file, place.function) == (lane, file, function)


def test_a_file_that_takes_long_is_parted_by_its_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    long = units.LONGEST_SECONDS
    monkeypatch.setattr(units, "file_seconds", lambda: {"podman test_b.py": long + 1, " test_b.py": long})

    assert place_of("test_b.py::test_c[1]@podman").unit == "podman test_b.py::test_c"
    assert place_of("test_b.py::test_c[1]").unit == " test_b.py"


def test_the_durations_are_of_lanes_that_there_are() -> None:
    assert {key.partition(" ")[0] for key in units.durations()} == {"", *EVERYDAY}


def test_ctrl_c_ends_a_run_and_every_engine_that_it_has_started(
    docker28_overlay2: PrivateEngine, tmp_path: Path
) -> None:
    del docker28_overlay2  # its kind can be had
    (tmp_path / "test_waits.py").write_text(WAITS_FOR_EVER)
    folder = tmp_path / "folder"
    with subprocess.Popen(
        (*HEARS_SIGNALS, *_workers("-p", "tests.engines.fixtures")),
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as run:
        wait_until(lambda: folder.exists() and folder.read_text() != "", "the engine has been started")
        engine = Path(folder.read_text())
        assert processes_naming(engine)

        os.killpg(run.pid, signal.SIGINT)

        told, _ = run.communicate(timeout=TO_THE_END)
    assert "KeyboardInterrupt" in told
    wait_until(lambda: not engine.exists() and not processes_naming(engine), "the engine is gone")


def test_a_test_that_hangs_fails_and_the_others_run(tmp_path: Path) -> None:
    run = _run(tmp_path, HANGS, "--timeout=3")

    assert run.returncode == pytest.ExitCode.TESTS_FAILED
    assert "2 failed, 1 passed" in run.stdout
    assert "Timeout" in run.stdout


def test_a_run_in_which_nothing_is_reported_is_interrupted_and_tells_what_is_open(
    monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    lines: list[str] = []
    terminal = pytest.TerminalReporter(pytestconfig)
    monkeypatch.setattr(terminal, "write_line", lines.append)
    limits = Limits(terminal, seconds=1)
    before = signal.getsignal(signal.SIGALRM)
    try:
        limits.pytest_sessionstart()
        limits.pytest_runtest_logreport(_report("test_it.py::test_fails", "call", "this is why"))
        assert "FAILED at call: test_it.py::test_fails" in lines[0]
        assert "this is why" in lines[0]
        with pytest.raises(KeyboardInterrupt):
            threading.Event().wait(PATIENCE)
        assert lines[1:] == [
            "\nNothing was reported for 1 s: the run is interrupted.",
            "not ended since its call: test_it.py::test_fails",
        ]
    finally:
        limits.pytest_sessionfinish()
        signal.signal(signal.SIGALRM, before)


def _report(node_id: str, phase: Literal["setup", "call", "teardown"], why: str) -> pytest.TestReport:
    return pytest.TestReport(node_id, (node_id, 1, node_id), {}, "failed", why, phase)


def _workers(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", *arguments)


def _run(folder: Path, tests: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What a run of workers ends with. Raises `subprocess.TimeoutExpired` where it does not end."""
    (folder / "test_it.py").write_text(tests)
    return subprocess.run(
        _workers("-p", "tests.suite.limits", *arguments),
        check=False,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
