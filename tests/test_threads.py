"""All threads begin in one place, tell what ends them in one line, and end when they shall."""

from __future__ import annotations

import ast
import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

import imgtui
from imgtui import threads
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.operations.session.session import Session
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.cached.cache import Cache
from imgtui.store.state import State
from tests.engines.waiting import PATIENCE, wait_until
from tests.operations.listening import Listener, made

ROOT = Path(imgtui.__file__).parent
BEGINNING = frozenset({"Thread", "Timer", "ThreadPoolExecutor", "ProcessPoolExecutor", "to_thread",
                       "run_in_executor", "start_new_thread", "start_new", "Process", "fork"})  # fmt: skip
OF_TEXTUAL = frozenset({"run_worker", "work"})
"""They begin a thread where they are called with `thread=True`."""


def called(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        function = node.func
        return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return ""


def in_a_thread(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and (
        called(node) in BEGINNING
        or (called(node) in OF_TEXTUAL and any(word.arg == "thread" for word in node.keywords))
    )


@cache
def trees() -> tuple[tuple[str, ast.Module], ...]:
    return tuple(
        (path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(ROOT.rglob("*.py"))
    )


def test_threads_begin_in_one_module_alone() -> None:
    found = {name: [node for node in ast.walk(tree) if in_a_thread(node)] for name, tree in trees()}
    assert {name: len(nodes) for name, nodes in found.items() if nodes} == {"threads.py": 1}


def test_each_thread_has_a_name_of_its_own_and_everything_that_ends_it() -> None:
    names: list[object] = [
        node.args[0].value if isinstance(node.args[0], ast.Constant) else None
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and called(node) in {"in_background", "alarm", "side_by_side"}
        and name != "threads.py"
    ]
    assert len(names) > 25
    assert None not in names
    assert len(set(names)) == len(names)


def alive() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("imgtui-")]


@pytest.fixture(autouse=True)
def nothing_before() -> Iterator[None]:
    threads.unheard.clear()
    yield
    threads.unheard.clear()


class Dies(BaseException):
    """What no `except Exception` catches."""


@pytest.mark.parametrize("kind", [RuntimeError, Dies, SystemExit])
def test_whatever_ends_a_thread_is_told_in_one_printable_line(
    kind: type[BaseException], capfd: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []

    def fail() -> None:
        raise kind("nobody foresaw\x1b[2J\nthis")

    assert threads.in_background("test", fail, said.append, threads.ends_by_itself).wait(PATIENCE)
    assert said == [f"{kind.__name__}: nobody foresaw␛[2J↵this"]
    assert capfd.readouterr() == ("", "")


def test_who_cannot_be_told_is_told_at_the_end(capfd: pytest.CaptureFixture[str]) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("once")

    assert threads.in_background("test", fail, fail, threads.ends_by_itself).wait(PATIENCE)
    assert threads.unheard == ["RuntimeError: once", "RuntimeError: once"]
    assert capfd.readouterr() == ("", "")


def test_what_nobody_heard_is_printed_by_the_command_when_it_ends() -> None:
    script = """
import sys
from imgtui import cli, threads
threads.in_background("x", lambda: 1 / 0, lambda error: [][0], lambda: None).wait(60)
sys.exit(cli.main(["--version"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.stderr.splitlines() == [
        "imgtui: in the background: ZeroDivisionError: division by zero",
        "imgtui: in the background: IndexError: list index out of range",
    ]


def test_an_alarm_rings_unless_it_is_stopped() -> None:
    rung: list[str] = []
    stopped = threads.alarm("test", PATIENCE, lambda: rung.append("stopped"))
    assert threads.alarm("test", 0.0, lambda: rung.append("rings")).wait(PATIENCE)
    stopped.stop()
    assert stopped.wait(PATIENCE)
    assert rung == ["rings"]


def test_side_by_side_tells_everything_and_raises_what_is_raised() -> None:
    assert sorted(threads.side_by_side("test", 4, lambda n: [n, -n], range(50))) == [
        *range(-49, 1), *range(50)
    ]  # fmt: skip

    def odd(number: int) -> list[int]:
        if number == 7:
            raise Dies("seven")
        return [number]

    with pytest.raises(Dies, match="seven"):
        list(threads.side_by_side("test", 4, odd, range(50)))
    assert list(threads.side_by_side("test", 4, odd, ())) == []


def test_who_listens_no_longer_stops_what_is_left() -> None:
    done: list[int] = []
    go_on = threading.Event()

    def slow(number: int) -> list[int]:
        if number:
            go_on.wait()
        done.append(number)
        return [number]

    listened = threads.side_by_side("test", 2, slow, range(1000))
    assert next(listened) == 0
    listened.close()  # type: ignore[attr-defined]
    go_on.set()
    wait_until(lambda: "imgtui-test" not in alive(), "the end of them")
    assert len(done) <= 3


async def test_aside_gives_what_it_makes_or_raises_and_waits_for_nobody_who_hangs() -> None:
    for_ever = threading.Event()
    assert await threads.aside("test", lambda: 42) == 42
    with pytest.raises(RuntimeError, match="no"):
        await threads.aside("test", fails("no"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(threads.aside("test", for_ever.wait), 0.05)
    for_ever.set()


def fails(text: str) -> Callable[[], None]:
    def fail() -> None:
        raise RuntimeError(text)

    return fail


def test_a_loop_that_has_ended_hears_nothing_and_nobody_complains() -> None:
    for_ever = threading.Event()

    async def leave() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(threads.aside("left", for_ever.wait), 0.01)

    asyncio.run(leave())
    for_ever.set()
    wait_until(lambda: "imgtui-left" not in alive(), "its end")
    assert threads.unheard == []


def test_a_session_that_is_closed_leaves_no_thread() -> None:
    memory = MemoryEngine()
    built = [memory.build(made(f"web {number}"), f"web:{number}") for number in range(30)]
    told, state = Listener(), State(None)
    recorder = Recorder(memory, lambda: state, gather=lambda *_: ())
    session = Session(memory, Cache(None), "", told, recorder=recorder)
    others = set(alive())
    session.start()
    told.until_live()
    for image_id in built:
        session.services.facts.ask(image_id)
    session.services.read_journal()
    session.services.ask_registries([f"web:{number}" for number in range(30)])
    session.services.files.ask(built[0], ["sha256:" + "0" * 64], at_once=True)
    session.close()
    wait_until(lambda: set(alive()) <= others, "the end of all of them")
    assert threads.unheard == []
