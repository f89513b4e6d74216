"""Traces of the past in the answers of engines, as far as no engine of the tests sends them."""

from imgtui.engine.traces import nanoseconds, traces
from imgtui.model.traces import Traces

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

    assert traces({"Identity": identity, "Metadata": {"LastTagTime": ZERO}}) == Traces(
        pulled_from=("web", "localhost:5000/team/api"),
        builds=(1_795_568_384_500_000_000, 1_795_568_385_000_000_000),
    )


def test_names_of_podmans_builder_and_of_keeps_are_no_names() -> None:
    names = [f"docker.io/library/{'a1' * 32}-tmp:latest", "imgtui.invalid/keep:x", "docker.io/library/web:1"]

    assert traces({"NamesHistory": names}).names == ("web:1",)


def test_answers_of_another_shape_carry_no_traces() -> None:
    answers: list[object] = [
        None,
        [],
        {"Metadata": [], "Identity": 3, "NamesHistory": {}},
        {"Metadata": {"LastTagTime": 7}, "Identity": {"Pull": {}, "Build": None}, "NamesHistory": [None, 3]},
        {"Identity": {"Pull": [None, {"Repository": 1}, {"Repository": "\x1b"}], "Build": [None, 1, {}]}},
    ]

    assert [traces(raw) for raw in answers] == [Traces()] * len(answers)


def test_times_keep_their_nanoseconds() -> None:
    assert nanoseconds("2026-11-25T01:59:44.91051629+01:00") == 1_795_568_384_910_516_290
    assert nanoseconds("2026-11-25T00:59:44Z") == 1_795_568_384_000_000_000
    assert [nanoseconds(value) for value in (ZERO, "", None, "now", 7, "9" * 500)] == [0] * 6
