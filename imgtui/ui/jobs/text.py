"""Jobs as rows and lines: how far each is, and what of it moves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from imgtui.model.jobs.job import Job, JobBar, JobState
from imgtui.ui.widgets.columns import Column, fit
from imgtui.ui.widgets.spans import Line, Span, line
from imgtui.words import HOUR, MINUTE, size

JOB_COLUMNS = (
    Column("JOB", 18, rank=9, stretch=2),
    Column("STATE", 7, rank=8),
    Column("PROGRESS", 17, rank=7),
    Column("LEFT", 7, rank=5, right=True),
    Column("SPEED", 11, rank=4, right=True),
    Column("BYTES", 8, rank=3, right=True),
    Column("TIME", 7, rank=6, right=True),
    Column("WHAT", 16, rank=2, stretch=3),
)
_STYLES = {
    JobState.RUNNING: "accent",
    JobState.DONE: "good",
    JobState.FAILED: "bad",
    JobState.STOPPED: "warn",
}
_WAITING = frozenset({"waiting"})
WIDTH = 10
"""Cells of a bar, in ASCII: every terminal has them."""
_BAR_WIDTH = 20
LONGEST = 34
"""Cells that the header gives to jobs."""


def jobs_word(jobs: Iterable[Job]) -> Span | None:
    """What runs, in a few words for the header: `pull web 42%`; None while nothing does."""
    running = [job for job in jobs if job.running]
    if not running:
        return None
    first = running[0]
    percent = f" {_percent(first.fraction)}" if first.fraction is not None else ""
    count = f"{len(running)} jobs: " if len(running) > 1 else ""
    room = LONGEST - len(count) - len(percent)
    title = first.title if len(first.title) <= room else fit(first.title, room)
    return Span(f" {count}{title}{percent} ", "accent")


def job_cells(job: Job, now: float) -> Sequence[Span]:
    """A row under `JOB_COLUMNS`."""
    left, speed = job.left(now), job.speed
    return (
        Span(job.title, "strong" if job.running else ""),
        Span(job.state.value, _STYLES[job.state]),
        Span(_progress(job)),
        Span(duration(left) if left is not None else ""),
        Span(f"{size(int(speed))}/s" if job.running and speed else ""),
        Span(size(job.done) if job.done else ""),
        Span(duration((job.ended or now) - job.begun), "dim"),
        Span(job.line, "bad" if job.state is JobState.FAILED else "dim"),
    )


def job_lines(job: Job, room: int) -> list[Line]:
    """A job in full, in so many lines: what it does, and of its bars those that move first."""
    lines = [
        line(Span(f" {job.title}  ", "strong"), Span(job.state.value, _STYLES[job.state])),
        line(f" {job.line}"),
    ]
    bars = sorted((bar if job.running else _ended(bar) for bar in job.bars), key=_place)
    fitting = len(bars) if len(bars) <= room - len(lines) else max(0, room - len(lines) - 1)
    name = max((len(bar.name) for bar in bars[:fitting]), default=0)
    lines += [_bar_line(bar, min(name, 40)) for bar in bars[:fitting]]
    if rest := bars[fitting:]:
        lines.append(line(Span(f" … {_count(rest)}", "dim")))
    return lines


def job_text(job: Job) -> str:
    """What a filter looks through."""
    return f"{job.title} {job.state.value} {job.line}".lower()


def log_heading(job: Job) -> tuple[Line, Line]:
    """What job it is, and how far."""
    left = line(Span(f" {job.title}  ", "strong"), Span(job.state.value, _STYLES[job.state]), f"  {job.line}")
    return left, [Span(f"{_progress(job)} ")]


def log_footer(job: Job) -> Line:
    """The keys of the log."""
    stop = [Span("x", "strong"), Span(" stop  ", "dim")] if job.running else []
    keys = [Span(" j k ", "strong"), Span("scroll  ", "dim"), Span("G ", "strong"), Span("follow  ", "dim")]
    return [*keys, *stop, Span("esc ", "strong"), Span("back", "dim")]


def act_lines(act: str | None) -> list[Line]:
    """The act that is under way while somebody wants to quit."""
    return [line(Span(f" {act}  ", "strong"), "is under way")] if act else []


def quit_lines(jobs: Sequence[Job]) -> list[Line]:
    """What runs while somebody wants to quit."""
    return [line(Span(f" {job.title}  ", "strong"), job.line) for job in jobs]


def duration(seconds: float) -> str:
    """`12 s`, `3:05`, `1:02:03`."""
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    hours, minutes = whole // HOUR, whole % HOUR // MINUTE
    return f"{hours}:{minutes:02}:{whole % MINUTE:02}" if hours else f"{minutes}:{whole % MINUTE:02}"


def _progress(job: Job) -> str:
    if job.state is JobState.DONE or job.fraction is None:
        return ""
    return f"{_drawn(job.fraction, WIDTH)} {_percent(job.fraction):>3}"


def _percent(fraction: float) -> str:
    """What goes on is never whole."""
    return f"{min(99, int(fraction * 100))}%"


def _drawn(fraction: float, width: int) -> str:
    full = int(fraction * width)
    return "[" + "#" * full + "." * (width - full) + "]"


def _bar_line(bar: JobBar, width: int) -> Line:
    name = bar.name if len(bar.name) <= width else fit(bar.name, width)
    style = "dim" if bar.over or bar.state in _WAITING else ""
    drawn = "" if bar.fraction is None else f" {_drawn(bar.fraction, _BAR_WIDTH)}"
    counted = f" {size(bar.done)}" if bar.done or bar.total else ""
    counted += f" of {size(bar.total)}" if bar.total else ""
    took = f"  {bar.seconds:.1f} s" if bar.seconds is not None else ""
    return line(Span(f" {name:<{width}}  {bar.state:<11}{drawn}{counted}{took}", style))


def _ended(bar: JobBar) -> JobBar:
    """A part of a job that is over: what went on then came to no end of its own."""
    still = bar.state not in _WAITING and bar.state != "failed" and not bar.over
    return replace(bar, state="broken off") if still else bar


def _place(bar: JobBar) -> int:
    return 2 if bar.over else 1 if bar.state in _WAITING else 0


def _count(bars: Sequence[JobBar]) -> str:
    """`87 more: 12 waiting, 75 done`."""
    states = dict.fromkeys(bar.state for bar in bars)
    counts = (f"{sum(bar.state == state for bar in bars)} {state}" for state in states)
    return f"{len(bars)} more: {', '.join(counts)}"
