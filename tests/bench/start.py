"""From exec to the list on the screen: time, CPU, memory, bytes, beside the engine's own answer time."""

import shutil
import statistics
import subprocess
import time
from dataclasses import dataclass, replace

from tests.bench.engine_api import EngineApi
from tests.bench.process import Usage, usage
from tests.bench.recorder import cpu_ns
from tests.bench.report import Figure, Section, figure, single
from tests.bench.subject import Home, Subject
from tests.bench.terminal import TerminalSession

LIST = "/images/json"
_CALIBRATIONS = 3
_SETTLED_SECONDS = 1.0
_SETTLE_DEADLINE = 30.0
_QUIT_SECONDS = 3.0


@dataclass(frozen=True)
class Start:
    """One start: ms after exec, bytes written by then, CPU ms and memory at that moment."""

    list_ms: float
    complete_ms: float | None
    sent: int
    cpu_ms: float
    memory: Usage


def measure(session: TerminalSession, subject: Subject) -> Start:
    """Wait for the list, and for its last row where that can be told. Raises NotReady.

    CPU time is that of the moment of the output that completed the list; descendants and memory are sampled
    when the emulator has noticed, some 20 ms later.
    """
    shown = subject.wait_ready(session)
    used = usage(session.pid)
    descendants = max(0.0, used.cpu_ms - cpu_ns(session.pid) / 1e6)
    complete = subject.wait_complete(session)
    return Start(
        list_ms=(shown.at - session.started) / 1e6,
        complete_ms=(complete.at - session.started) / 1e6 if complete else None,
        sent=sum(len(output.data) for output in session.outputs if output.at <= shown.at),
        cpu_ms=shown.cpu / 1e6 + descendants,
        memory=used,
    )


def _start_and_quit(subject: Subject, home: Home, host: str | None) -> Start:
    with subject.open(home, host) as session:
        measured = measure(session, subject)
        session.wait_quiet(_SETTLED_SECONDS, _SETTLE_DEADLINE)
        session.press(subject.quit_keys)
        session.wait_end(_QUIT_SECONDS)
        return measured


def _docker_image_ls(host: str) -> Figure:
    """What the docker client takes for the same list, where there is one."""
    docker = shutil.which("docker")
    if docker is None:
        return single("docker image ls", None, "ms", note="no docker client")
    began = time.monotonic()
    done = subprocess.run([docker, "--host", host, "image", "ls"], check=False, capture_output=True)
    milliseconds = (time.monotonic() - began) * 1000
    return single("docker image ls", None if done.returncode else milliseconds, "ms")


def _section(title: str, goal: str, starts: list[Start], engine_ms: list[float]) -> Section:
    times = [start.list_ms for start in starts]
    figures = [figure("list on the screen after exec", times, "ms", goal)]
    if engine_ms:
        figures.append(figure("GET /images/json alone, just before", engine_ms, "ms"))
        ratios = [time / raw for time, raw in zip(times, engine_ms, strict=True)]
        figures.append(figure("ratio", ratios, "×", "≤ 4"))
    complete = [start.complete_ms for start in starts if start.complete_ms is not None]
    if complete:
        figures.append(figure("list complete after exec", complete, "ms", "≤ half of docker image ls"))
    figures += [
        figure("CPU by then", [start.cpu_ms for start in starts], "ms", "≤ 250"),
        figure("bytes by then", [start.sent for start in starts], "B"),
        figure("RSS then", [start.memory.rss for start in starts], "MB", "< 70 at 1,000 images"),
        figure("PSS then", [start.memory.pss for start in starts], "MB"),
        figure("peak by then", [start.memory.peak for start in starts], "MB"),
    ]
    return Section(title, tuple(figures))


def starts(subject: Subject, engine: EngineApi | None, runs: int) -> list[Section]:
    """Measure `runs` first starts, each followed by a second one that finds what the first has stored."""
    first, second = list[Start](), list[Start]()
    raw: tuple[list[float], list[float]] = ([], [])
    for _run in range(runs):
        with Home() as home:
            for measured, milliseconds in zip((first, second), raw, strict=True):
                if engine is not None:
                    times = [engine.milliseconds(LIST) for _ in range(_CALIBRATIONS)]
                    milliseconds.append(statistics.median(times))
                measured.append(_start_and_quit(subject, home, engine.host if engine else None))
    cold = _section("First start (nothing stored)", "≤ 4 × GET; containerd store: ≤ 1,000", first, raw[0])
    if engine is not None:
        cold = replace(cold, figures=(*cold.figures, _docker_image_ls(engine.host)))
    warm = _section("Second start (last known state stored)", "as on the graph driver", second, raw[1])
    return [cold, warm]
