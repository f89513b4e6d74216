"""What is otherwise on another image is told; what may be the container's own stays the container's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.model.carrying import again, container

COMPOSE = {"com.docker.compose.project": "shop", "com.docker.compose.service": "web"}


@pytest.mark.parametrize(
    ("running", "now", "before", "after"),
    [
        ("1001", "1001", "", "1001"),
        ("1001:1001", "1001:1001", "app", "1001:1001"),
        ("root", "root", "app", "root"),
        ("", "", "app", "0"),
        ("1001", "app", "", "1001"),
        ("app", "app", "app", None),
        ("", "", "root", None),
        ("app", "app", "web", None),
    ],
    ids=[
        "a number stays where the other image sets none",
        "a number stays beside another user",
        "root stays root",
        "no user is root",
        "what people set stays",
        "the same in both",
        "root in both",
        "a name may not be known in the other image",
    ],
)
def test_the_user_stays_as_far_as_that_is_possible(
    running: str, now: str, before: str, after: str | None
) -> None:
    document = container({"User": running})
    found = again(document, {"User": now}, new_image={"User": before})
    assert found.body.get("User") == after
    assert found.risks == ()


def test_more_privileges_are_a_risk() -> None:
    found = again(container({"User": "app"}), {"User": "app"}, new_image={})
    assert "User" not in found.body
    assert found.risks == (
        "runs as root: it runs as app now, as its image says, and the other image sets no user",
    )


def test_of_an_image_that_is_not_there_yet_it_is_not_known_whether_it_means_root() -> None:
    found = again(container({"User": "1001"}), {"User": "1001"}, new_image=None)
    assert found.body["User"] == "1001"
    (risk,) = again(container({"User": "app"}), {"User": "app"}, new_image=None).risks
    assert risk.startswith("may run as root: it runs as app now")
    assert "before it is pulled" in risk


def test_the_labels_of_compose_stay_where_only_the_image_it_runs_has_them_too() -> None:
    labels = {**COMPOSE, "version": "2", "io.imgtui.replaces": "x"}
    found = again(container({"Labels": labels}), {"Labels": labels}, new_image={"Labels": {"version": "1"}})
    assert found.body["Labels"] == COMPOSE


def changes(config: dict[str, Any], old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return list(again(container(config), old, new_image=new).changes)


def test_what_is_otherwise_is_told_before_and_after() -> None:
    given = {
        "Cmd": ["serve", "--v2"],
        "Entrypoint": ["/new"],
        "WorkingDir": "/app2",
        "Env": ["MODE=2", "ONLY=new", "TOKEN_SECRET=abc"],
        "ExposedPorts": {"81/tcp": {}},
        "Volumes": {"/data2": {}},
        "Labels": {"version": "2"},
        "Healthcheck": {"Test": ["CMD-SHELL", "test -d /app2"]},
    }
    earlier = {
        "Cmd": ["serve"],
        "WorkingDir": "/app",
        "Env": ["MODE=1", "TOKEN_SECRET=def"],
        "ExposedPorts": {"80/tcp": {}},
        "Labels": {"version": "1", "only": "1"},
    }
    assert changes(given, given, earlier) == [
        "working directory: /app2 -> /app",
        "entry point: /new -> none",
        "command: serve --v2 -> serve",
        "health check: 'test -d /app2' -> none",
        "variables: MODE 2 -> 1, -ONLY (was new), TOKEN_SECRET ******** -> ********",
        "exposed ports: +80/tcp, -81/tcp",
        "volumes of the image: -/data2",
        "labels: +only=1, version 2 -> 1",
    ]


def test_what_people_set_is_not_otherwise() -> None:
    config = {"Cmd": ["mine"], "Env": ["MODE=mine"], "WorkingDir": "/mine"}
    assert changes(config, {"Cmd": ["serve"]}, {"Cmd": ["other"], "WorkingDir": "/app"}) == []


def test_a_health_check_of_which_only_the_times_differ_is_told_with_them() -> None:
    test = ["CMD", "curl", "localhost"]
    given = {"Healthcheck": {"Test": test, "Interval": 5_000_000_000, "Retries": 9}}
    assert changes(given, given, {"Healthcheck": {"Test": test, "Timeout": 500_000_000}}) == [
        "health check: curl localhost, every 5 s, retries 9 -> curl localhost, time-out 0.5 s"
    ]


def test_hostile_values_and_many_names_are_one_printable_line_that_has_all_of_them() -> None:
    config = {"WorkingDir": "/\x1b[2J", "Labels": {f"name-{number:02}": "" for number in range(20)}}
    told = changes(config, config, {})
    assert told[0] == "working directory: /␛[2J -> none"
    assert told[1] == "labels: " + ", ".join(f"-name-{number:02}" for number in range(20))
