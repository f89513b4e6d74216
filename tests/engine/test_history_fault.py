"""A build history that may end its engine is not asked, unless somebody says so."""

from __future__ import annotations

import pytest

from imgtui.engine.build.history_fault import ASK, MAY_END, NOT_WANTED, why_not_ask

NODE = "Driver:        docker\nNodes:\nName: default\n{line}\nPlatforms: linux/amd64\n"


def reason(line: str = "", engine: str | None = None, **environ: str) -> str:
    return why_not_ask(NODE.format(line=line), lambda: engine, environ)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("BuildKit version: v0.19.0", ""),
        ("BuildKit version: v0.20.0", MAY_END),
        ("BuildKit version: v0.25.2-3-gabc", MAY_END),
        ("BuildKit:      v0.28.1", MAY_END),
        ("BuildKit version: v0.29.0", ""),
        ("BuildKit version: v1.0.0", ""),
    ],
)
def test_it_depends_on_the_version_of_the_builder(line: str, expected: str) -> None:
    assert reason(line, "28.5.2") == expected


@pytest.mark.parametrize(
    ("engine", "expected"),
    [("27.5.1\n", ""), ("28.5.2+dfsg4\n", MAY_END), ("30.0.0", MAY_END), ("", MAY_END), (None, MAY_END)],
)
def test_a_builder_that_says_no_version_is_that_of_its_engine(engine: str | None, expected: str) -> None:
    assert reason("BuildKit version: v0.0.0+unknown", engine) == reason("", engine) == expected


def test_a_person_decides() -> None:
    assert reason("BuildKit version: v0.25.2", **{ASK: "always"}) == ""
    assert reason("BuildKit version: v0.29.0", **{ASK: "never"}) == NOT_WANTED
