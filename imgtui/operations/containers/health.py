"""What an engine tells of a container: who it is, and whether it is well."""

from __future__ import annotations

import time

from imgtui.engine.port.containers import Containers, Document
from imgtui.engine.port.errors import EngineError
from imgtui.engine.wire.translate import items, mapping, number, text
from imgtui.model.clone.restart import restart_flag

RESTART_SECONDS, RESTART_LOOK_SECONDS = 2.0, 0.02
"""Longest time between an end and the next start: Podman 4.3 starts again at once."""
NANOSECONDS = 1_000_000_000
NEVER_RAN = frozenset({"created", "configured", "initialized"})
"""States of Docker and Podman before a container runs for the first time."""
UNHEALTHY = "unhealthy"
CHECKS_AWAITED = 2
"""Intervals of a health check after which it should have been run."""


class NotWell(EngineError):
    """The new container does not do what the old one did; the message is one line that says why."""


def refuse_ill(made: Document | None, health: str, allowed: int = 0) -> None:
    """Raises NotWell where a container has ended, is started again and again, or fails its health check.

    So many restarts by its policy are `allowed`.
    """
    if made is None:
        raise NotWell("it ended at once, and is gone")
    state = mapping(made.get("State"))
    restarts, waits = restarts_of(made), state.get("Restarting") is True
    if restarts > allowed or (waits and not allowed):
        if waits or not state.get("Running"):
            code = number(state.get("ExitCode"))
            raise NotWell(f"it ended with code {code} and is started again and again")
        raise NotWell("it has ended, and is started again and again")  # of one that runs no code is told
    if waits:
        return
    if not state.get("Running"):
        said = text(state.get("Error"), 300)
        raise NotWell(f"it ended with code {number(state.get('ExitCode'))}" + (f": {said}" if said else ""))
    if health == UNHEALTHY:
        raise NotWell(f"its health check fails{said_by_check(made)}")


def said_by_check(container: Document) -> str:
    """What its health check has said last, as it follows on that it fails."""
    checks = items(mapping(mapping(container.get("State")).get("Health")).get("Log"))
    said = text(mapping(checks[-1]).get("Output"), 200).strip("␊↵ ") if checks else ""
    return f": {said}" if said else ""


def restarts_of(container: Document) -> int:
    """How often its policy has restarted it."""
    return number(container.get("RestartCount"))


def is_up(container: Document | None) -> bool:
    """Whether it runs, and does not wait to be restarted (Docker tells such a one as running too)."""
    state = mapping((container or {}).get("State"))
    return state.get("Running") is True and not state.get("Restarting")


def is_never_checked(container: Document, seconds: float) -> bool:
    """Whether nobody runs its health check, as far as that shows after so many seconds.

    Podman has systemd run it: where that is not there, nothing is ever in its log.
    """
    check = mapping(mapping(container.get("Config")).get("Healthcheck"))
    interval = (number(check.get("Interval")) or 30 * NANOSECONDS) / NANOSECONDS
    begins = number(check.get("StartPeriod")) / NANOSECONDS
    log = items(mapping(mapping(container.get("State")).get("Health")).get("Log"))
    return not log and seconds > begins + CHECKS_AWAITED * interval


def health_of(container: Document) -> str:
    """`starting`, `healthy`, `unhealthy`; empty where there is no check."""
    status = text(mapping(mapping(container.get("State")).get("Health")).get("Status"), 32)
    return "" if status == "none" else status


def patience_of(container: Document) -> float:
    """Seconds after which its check has decided: all of them one after the other, each as slow as may be."""
    check = mapping(mapping(container.get("Config")).get("Healthcheck"))

    def seconds(key: str, default: int) -> float:
        return (number(check.get(key)) or default * NANOSECONDS) / NANOSECONDS

    every = seconds("Interval", 30) + seconds("Timeout", 30)
    return seconds("StartPeriod", 0) + every * ((number(check.get("Retries")) or 3) + 1)


def health_seconds(config: Document) -> float | None:
    """The same of a `Config`; None where that has no health check."""
    test = items(mapping(config.get("Healthcheck")).get("Test"))
    return patience_of({"Config": config}) if test[:1] not in ([], ["NONE"]) else None


def runs(container: Document) -> bool:
    """Whether it runs; so does one that waits to be started again (Docker)."""
    return mapping(container.get("State")).get("Running") is True


def comes_back(engine: Containers, container: Document) -> bool:
    """Whether one that does not run now is started again and again: Podman has no state that says so.

    Raises EngineError.
    """
    policy = restart_flag(mapping(mapping(container.get("HostConfig")).get("RestartPolicy")))
    restarts = number(container.get("RestartCount"))
    if policy == "no" or not restarts or mapping(container.get("State")).get("Restarting"):
        return False
    deadline = time.monotonic() + RESTART_SECONDS
    while time.monotonic() < deadline:
        time.sleep(RESTART_LOOK_SECONDS)
        seen = engine.inspect_container(id_of(container)) or {}
        if number(seen.get("RestartCount")) != restarts:
            return True
    return False


def id_of(container: Document) -> str:
    """Its ID."""
    return text(container.get("Id"), 320)


def name_of(container: Document) -> str:
    """Its name, without the slash."""
    return text(container.get("Name"), 320).lstrip("/")
