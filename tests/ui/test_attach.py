"""What is said of a program that had the terminal and failed."""

from __future__ import annotations

import pytest

from imgtui.ui.launch.attach import reason_in

REFUSED = "Error response from daemon: exec: /no/such/program: no such file or directory"
LOGGED = 'time="2026-11-30T10:44:06Z" level=error msg="error waiting for container: context canceled"'


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("", ""),
        (f"{REFUSED}\n", REFUSED),
        (f"{LOGGED}\n{REFUSED}\nUsage: docker start\n", REFUSED),
        (f"{REFUSED}\n{LOGGED}\n", REFUSED),
        (f"\n{LOGGED}\n", LOGGED),
        ("pulling\nno such host\n", "no such host"),
        ("Error: \x1b[2J away\n", "Error: ␛[2J away"),
    ],
    ids=[
        "nothing",
        "refused",
        "logged before",
        "logged after",
        "logged alone",
        "without the word",
        "hostile",
    ],
)
def test_the_reason_is_the_refusal_and_not_what_docker_logs_around_it(said: str, reason: str) -> None:
    assert reason_in(said) == reason
