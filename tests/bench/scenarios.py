"""What is measured, in order, and how the program is brought to each point."""

import time
from dataclasses import dataclass, replace

from tests.bench.engine_api import EngineApi
from tests.bench.moves import hold, moves
from tests.bench.process import usage
from tests.bench.report import Figure, Section, figure, single
from tests.bench.retag import retag
from tests.bench.start import measure, starts
from tests.bench.subject import Home, NotReadyError, Subject
from tests.bench.terminal import TerminalSession
from tests.bench.traffic import EngineProxy, table_of

_SETTLED_SECONDS = 1.5
_SETTLE_DEADLINE = 60.0
_HUNG_SECONDS = 0.5
_QUIT_SECONDS = 10.0


@dataclass(frozen=True)
class Plan:
    """What to measure: how often, for how long, and whether the engine may be changed."""

    runs: int
    idle_seconds: float
    may_retag: bool
    retag_shows: str


def idle(session: TerminalSession, proxy: EngineProxy | None, seconds: float) -> Section:
    """Nobody does anything."""
    before, began = usage(session.pid), time.monotonic_ns()
    session.wait(seconds)
    after, ended = usage(session.pid), time.monotonic_ns()
    figures = [
        single("bytes", sum(len(output.data) for output in session.between(began, ended)), "B", "0"),
        single("CPU", after.cpu_ms - before.cpu_ms, "ms", "< 50"),
    ]
    requests = proxy.requests(began, ended) if proxy else []
    if proxy is not None:
        figures.append(single("requests to the engine", len(requests), "", "0"))
    return Section(f"Idle, {seconds:g} s", tuple(figures), table_of(requests))


def quit_figure(session: TerminalSession, subject: Subject, name: str, goal: str = "") -> Figure:
    """Ask the program to end; how long that takes, and what it has left of the terminal."""
    subject.go_back(session)
    pressed = session.press(subject.quit_keys)
    ending = session.wait_end(_QUIT_SECONDS)
    session.close()
    if ending is None:
        return single(name, None, "ms", goal, f"still running after {_QUIT_SECONDS:.0f} s")
    left = session.screen.left_on() + ([] if ending.cooked else ["raw mode"])
    note = f"exit status {ending.status}; " + (f"left on: {', '.join(left)}" if left else "terminal restored")
    return single(name, (ending.at - pressed) / 1e6, "ms", goal, note)


def memory(session: TerminalSession) -> Section:
    """What the program holds after everything."""
    used = usage(session.pid)
    figures = (single("RSS", used.rss, "MB", "< 70 at 1,000 images"), single("PSS", used.pss, "MB"))
    return Section("Memory after everything", (*figures, single("peak", used.peak, "MB")))


def _settle(session: TerminalSession, subject: Subject, proxy: EngineProxy | None) -> Section:
    """Wait for the list and until nothing moves any more: what that has cost the engine."""
    subject.wait_ready(session)
    subject.wait_complete(session)
    subject.go_to_list(session)
    session.wait_quiet(_SETTLED_SECONDS, _SETTLE_DEADLINE, proxy.is_busy if proxy else lambda: False)
    session.show()
    end = time.monotonic_ns()
    requests = proxy.requests(session.started, end) if proxy else []
    figures = [single("bytes until nothing moves", sum(len(output.data) for output in session.outputs), "B")]
    if proxy is not None:
        figures.append(single("requests until then", len(requests), ""))
        figures.append(single("full lists among them", sum(request.is_full_list for request in requests), ""))
    return Section("Start, settled", tuple(figures), table_of(requests))


def in_use(subject: Subject, engine: EngineApi | None, plan: Plan) -> list[Section]:
    """One long run, through the proxy where there is an engine, then one that ends with the engine hung."""
    if engine is None:
        with Home() as home:
            return _long_run(subject, home, None, None, plan)
    with Home() as home, EngineProxy(engine) as proxy:
        return [*_long_run(subject, home, engine, proxy, plan), *_hung(subject, home, proxy)]


def _long_run(
    subject: Subject, home: Home, engine: EngineApi | None, proxy: EngineProxy | None, plan: Plan
) -> list[Section]:
    with subject.open(home, proxy.host if proxy else None) as session:
        sections = [_settle(session, subject, proxy), idle(session, proxy, plan.idle_seconds), moves(session)]
        if engine is not None and proxy is not None and plan.may_retag:
            sections.append(retag(session, subject, engine, proxy, plan.retag_shows))
        sections.append(memory(session))
        ending = quit_figure(session, subject, "from the key to the exit, engine alive")
        return [*sections, Section("Quit", (ending,))]


def _hung(subject: Subject, home: Home, proxy: EngineProxy) -> list[Section]:
    with subject.open(home, proxy.host) as session:
        settled = replace(_settle(session, subject, proxy), title="Second start, settled")
        proxy.hang()
        try:
            if subject.hang_keys:
                session.press(subject.hang_keys)
            session.wait(_HUNG_SECONDS)
            ending = quit_figure(session, subject, "from the key to the exit, engine hung", "≤ 500")
        finally:
            proxy.resume()
        return [settled, Section("Quit while the engine does not answer", (ending,))]


def large(subject: Subject, command: tuple[str, ...]) -> Section:
    """The program on a large engine of its own: keys while it loads, and again when it has loaded."""
    title = f"A large engine in memory: {' '.join(command)}"
    with Home() as home, replace(subject, command=command).open(home, None) as session:
        try:
            start = measure(session, replace(subject, command=command))
        except NotReadyError as error:
            return Section(
                title, (single("list on the screen after exec", None, "ms"),), tuple(str(error).splitlines())
            )
        subject.go_to_list(session)
        loading = hold(session)
        session.wait_quiet(_SETTLED_SECONDS, _SETTLE_DEADLINE)
        loaded = hold(session)
        return Section(
            title,
            (
                single("list on the screen after exec", start.list_ms, "ms"),
                figure("key to first byte from then on", loading.waits_ms, "ms", "no freeze"),
                figure("CPU of a move, loaded", loaded.cpu_ms, "ms", "< 30"),
                single("RSS", usage(session.pid).rss, "MB", "< 110 at 10,000 images"),
                quit_figure(session, subject, "from the key to the exit"),
            ),
        )


def everything(subject: Subject, engine: EngineApi | None, plan: Plan) -> list[Section]:
    """All that is measured of a program on one engine. Raises NotReadyError."""
    return [*starts(subject, engine, plan.runs), *in_use(subject, engine, plan)]
