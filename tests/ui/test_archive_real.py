"""The explorer on an archive, in a terminal."""

from __future__ import annotations

import re
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.bench.subject import Home, Subject
from tests.engine.archive.test_odd import ODD
from tests.engines.waiting import PATIENCE


def shows(pattern: str, lines: list[str]) -> bool:
    return any(re.search(pattern, line) for line in lines)


@pytest.mark.parametrize(
    ("what", "said"),
    [("a Helm chart", "is an artifact .*not an image"), ("a missing layer", "is missing in the archive")],
)
def test_what_is_odd_in_a_layout_is_said_beside_its_images(what: str, said: str, tmp_path: Path) -> None:
    for name, content in ODD[what][0].items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    command = (str(Path(sys.executable).with_name("imgtui")), str(tmp_path))
    subject = Subject(command, (200, 40), re.compile(r"[0-9a-f]{12}"), 1, timeout=PATIENCE)
    with Home() as home, subject.open(home, "unix:///nonexistent") as session:
        subject.wait_ready(session)
        assert session.wait_until(partial(shows, said), PATIENCE) is not None
