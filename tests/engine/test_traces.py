"""Traces of the past in the answers of engines, as far as no engine of the tests sends them."""

import pytest

from imgtui.engine.wire.answers import WrongShape
from imgtui.engine.wire.traces import traces
from imgtui.engine.wire.translate import nanoseconds
from imgtui.model.taglog.traces import Traces

ID = "sha256:" + "a" * 64
ZERO = "0001-01-01T00:00:00Z"


def test_identity_tells_repositories_and_builds() -> None:
    identity = {
        "Signature": [{"Name": "x"}],
        "Pull": [{"Repository": "docker.io/library/web"}, {"Repository": "localhost:5000/team/api"}],
        "Build": [
            {"Ref": "b", "CreatedAt": "2026-11-25T00:59:45Z"},
            {"Ref": "a", "CreatedAt": "2026-11-25T00:59:44.5Z"},
            {"Ref": "c", "CreatedAt": ZERO},
            {"Ref": "d"},
        ],
    }

    assert traces({"Id": ID, "Identity": identity, "Metadata": {"LastTagTime": ZERO}}) == Traces(
        pulled_from=("web", "localhost:5000/team/api"),
        builds=(1_795_568_384_500_000_000, 1_795_568_385_000_000_000),
    )


def test_names_of_podmans_builder_and_of_keeps_are_no_names() -> None:
    names = [f"docker.io/library/{'a1' * 32}-tmp:latest", "imgtui.invalid/keep:x", "docker.io/library/web:1"]

    assert traces({"Id": ID, "NamesHistory": names}).names == ("web:1",)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {},
        {"Id": ID, "Metadata": []},
        {"Id": ID, "Metadata": {"LastTagTime": 7}},
        {"Id": ID, "Identity": {"Pull": {}}},
        {"Id": ID, "Identity": {"Pull": [{"Repository": 1}]}},
        {"Id": ID, "NamesHistory": [None]},
    ],
)
def test_an_answer_of_another_shape_is_not_understood(raw: object) -> None:
    with pytest.raises(WrongShape):
        traces(raw)


def test_an_image_without_traces_has_none() -> None:
    assert traces({"Id": ID, "Metadata": None, "Identity": {"Pull": None, "Build": [{}]}}) == Traces()


def test_times_keep_their_nanoseconds() -> None:
    assert nanoseconds("2026-11-25T01:59:44.91051629+01:00") == 1_795_568_384_910_516_290
    assert nanoseconds("2026-11-25T00:59:44Z") == 1_795_568_384_000_000_000
    assert [nanoseconds(value) for value in (ZERO, "", None, "now", 7, "9" * 500)] == [0] * 6
