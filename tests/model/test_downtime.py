"""How long nothing answers while containers are replaced, as a plan tells it."""

from dataclasses import replace

from imgtui.model.containers.downtime import downtimes
from imgtui.model.containers.replacement import Replacement

API = Replacement("1", "api", True, "sha256:a", "sha256:b", {}, "api-a", {})
SIDE = replace(API, container_id="2", name="side", joins=("1",), stop_seconds=3)
SIMPLE = "api: down from when the old one is stopped (within 10 s, then it is killed) until the new one "


def test_one_alone_is_down_from_its_stop_until_it_runs_or_is_healthy() -> None:
    assert downtimes([API], 10) == [f"{SIMPLE}has started"]
    checked = replace(API, health_seconds=95)
    assert downtimes([checked], 10) == [f"{SIMPLE}is healthy, for which 95 s are waited at most"]
    assert downtimes([checked], 10, health=False) == [f"{SIMPLE}has started"]


def test_one_that_does_not_run_is_not_down() -> None:
    assert downtimes([replace(API, running=False)], 10) == []
    assert downtimes([replace(API, stopped=True)], 10) == []


def test_what_joins_another_one_waits_until_that_is_well() -> None:
    assert downtimes([replace(API, health_seconds=95), SIDE], 10)[1] == (
        "side: down from when the old one is stopped until the new one has started: 0 to 108 s and 2 starts"
        " (side stops (within 3 s), api stops (within 10 s), api is healthy (within 95 s))"
    )


def test_replicas_are_down_one_after_the_other() -> None:
    second = replace(API, container_id="3", name="api-2")
    assert downtimes([API, second], 10)[1] == SIMPLE.replace("api:", "api-2:") + "has started"
