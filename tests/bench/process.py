"""What a program and its descendants use: CPU time and memory, from /proc (proc(5))."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.recorder import cpu_ns

_PROC = Path("/proc")
_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """CPU in ms (utime + stime, ended children included), memory in MB; peak is the sum of the peaks."""

    cpu_ms: float
    rss: float
    pss: float
    peak: float
    processes: int


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, the state first; empty when the process is gone."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def tree(pid: int) -> list[int]:
    """`pid` and its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def _ended_children_ms(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[13]) + int(fields[14])) * _TICK_MS if fields else 0.0


def _megabytes(pid: int, file: str) -> dict[str, float]:
    """The `Name: N kB` lines (units of 1,024) of a file of /proc/PID; none when it is not ours to read."""
    values: dict[str, float] = {}
    with contextlib.suppress(OSError):
        for line in (_PROC / str(pid) / file).read_text().splitlines():
            name, _, value = line.partition(":")
            if value.endswith(" kB"):
                values[name] = int(value[:-3]) * 1024 / 1e6
    return values


def usage(pid: int) -> Usage:
    """What `pid` and its descendants have used up to now and hold at this moment."""
    members = tree(pid)
    status = [_megabytes(member, "status") for member in members]
    return Usage(
        cpu_ms=sum(cpu_ns(member) / 1e6 + _ended_children_ms(member) for member in members),
        rss=sum(values.get("VmRSS", 0) for values in status),
        pss=sum(_megabytes(member, "smaps_rollup").get("Pss", 0) for member in members),
        peak=sum(values.get("VmHWM", 0) for values in status),
        processes=len(members),
    )


@contextlib.contextmanager
def in_the_background() -> Iterator[None]:
    """Use only CPU time that nobody else wants (needs the right to come back: root)."""
    polite = os.geteuid() == 0
    if polite:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    try:
        yield
    finally:
        if polite:
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
