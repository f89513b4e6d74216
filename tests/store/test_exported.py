"""An exported log is read back as it was written, and nothing else is taken for one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.core.image import Image
from imgtui.model.taglog.moves import IMGTUI, OUTSIDE, Cause, Move, Provenance
from imgtui.store.exported import ExportedLog, WrongLine, read, write
from imgtui.store.rows import LATEST
from imgtui.verbs.moves import cells, rfc3339

OLD, NEW = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
HEAD: dict[str, Any] = {"imgtui_log": 1, "engine": "one", "name": "web-01"}
MOVE: dict[str, Any] = {
    "number": 1, "ref": "web:1", "from": None, "to": NEW, "at_ns": 5, "not_before_ns": None,
    "cause": "tag", "known": "event", "source": "", "actor": "outside", "undoes": None,
}  # fmt: skip
IMAGE: dict[str, Any] = {"id": NEW, "created": 1, "size": 2, "repo_digests": [f"web@{NEW}"]}

times = st.integers(0, LATEST)
moves = st.builds(
    lambda at, span, **others: Move(at=at, not_before=None if span is None else max(0, at - span), **others),
    at=times,
    span=st.none() | times,
    reference=st.sampled_from(["web:1", "localhost:5000/team/api:latest", "imgtui.invalid/keep:x"]),
    origin=st.none() | st.just(OLD),
    target=st.just(NEW),
    cause=st.sampled_from(Cause),
    known=st.sampled_from([known for known in Provenance if known is not Provenance.UNREAD]),
    source=st.sampled_from(["", "container site"]),
    actor=st.sampled_from([IMGTUI, OUTSIDE]),
    number=st.integers(-5, 5),
    undoes=st.none() | st.integers(-5, 5),
)


def lines_of(*documents: object) -> list[bytes]:
    return [json.dumps(document).encode() for document in documents]


@given(st.lists(moves, unique_by=lambda move: move.number))
def test_what_is_read_is_what_was_written(written: list[Move]) -> None:
    images = (Image(NEW, (), (f"web@{NEW}",), 7, 8), Image(OLD))
    pulls = {OLD: (f"reg.example/web@{NEW}", f"web@{OLD}")}
    log = ExportedLog("one", "web-01", tuple(written), images, pulls)
    assert read(line.encode() for line in write(log)) == log


def test_empty_lines_are_nothing() -> None:
    log = read([*lines_of(HEAD), b"\n", *lines_of({"move": MOVE}), b"  \n"])
    assert [move.reference for move in log.moves] == ["web:1"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ref": "web"}, "no tag"),
        ({"ref": "docker.io/library/web:1"}, "no tag"),
        ({"ref": "web:1\n"}, "ref must be"),
        ({"ref": 7}, "ref must be"),
        ({"to": "sha256:12"}, "to must be a digest"),
        ({"to": None}, "one of from and to"),
        ({"at_ns": "now"}, "at_ns must be"),
        ({"at_ns": 2**63}, "at_ns must be"),
        ({"at_ns": -1}, "at_ns must be"),
        ({"at_ns": True}, "at_ns must be"),
        ({"at_ns": None}, "whole numbers"),
        ({"not_before_ns": 6}, "not be after"),
        ({"cause": "magic"}, "magic"),
        ({"known": "rumour"}, "rumour"),
        ({"source": "\x1b[2J"}, "source must be"),
        ({"actor": "somebody"}, "actor must be"),
        ({"undoes": "1"}, "undoes must be"),
    ],
)
def test_a_move_that_no_log_has_is_refused_with_its_line(change: dict[str, Any], says: str) -> None:
    with pytest.raises(WrongLine, match=f"line 2: .*{says}"):
        read(lines_of(HEAD, {"move": {**MOVE, **change}}))


@pytest.mark.parametrize(
    "change",
    [
        {"id": "x"},
        {"id": None},
        {"repo_digests": "x"},
        {"repo_digests": ["web:1"]},
        {"pulls": ["web:1"]},
        {"pulls": [f"web@{NEW}", 7]},
        {"size": 1.5},
        {"created": -1},
    ],
)
def test_an_image_that_no_log_has_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(WrongLine, match="line 2: "):
        read(lines_of(HEAD, {"image": {**IMAGE, **change}}))


def test_what_an_earlier_version_exported_has_no_pulls() -> None:
    log = read(lines_of(HEAD, {"image": IMAGE}))
    assert ([image.id for image in log.images], log.pulls) == ([NEW], {})


def test_an_image_from_beyond_the_year_9999_is_refused_with_its_line() -> None:
    last = 253_402_300_799
    (image,) = read(lines_of(HEAD, {"image": {**IMAGE, "created": last}})).images
    assert datetime.fromtimestamp(image.created, UTC).year == 9999
    for created in (last + 1, 9_000_000_000_000):
        with pytest.raises(WrongLine, match="line 2: created must be a time before the year 10000"):
            read(lines_of(HEAD, {"image": {**IMAGE, "created": created}}))


def test_the_first_and_the_last_time_that_a_move_may_have_can_be_shown() -> None:
    for at, year in ((0, 1970), (LATEST, 2255)):
        (move,) = read(lines_of(HEAD, {"move": {**MOVE, "at_ns": at, "not_before_ns": at}})).moves
        assert rfc3339(move.at)[:4] == str(year)
        assert cells(move, {}, UTC)[0].removeprefix("until ")[:4] == str(year)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "line 1: there is no log"),
        ([b"\n"], "line 1: it is no JSON"),
        ([b"root:x:0:0\n"], "line 1: it is no JSON"),
        ([b"\xff\xfe"], "line 1: it is no JSON"),
        ([b"[" * 100_000], "line 1: it is no JSON"),
        ([b"[]"], "no JSON object"),
        (lines_of({"move": MOVE}), "line 1: it is not the head"),
        (lines_of({**HEAD, "imgtui_log": 2}), "format 2"),
        (lines_of({**HEAD, "name": "\x1b"}), "name must be"),
        (lines_of(HEAD, {"something": 1}), "line 2: "),
        (lines_of(HEAD, {"move": MOVE}, {"move": MOVE}), "line 3: there are two moves of number 1"),
    ],
)
def test_what_is_no_exported_log_is_refused(lines: list[bytes], says: str) -> None:
    with pytest.raises(WrongLine, match=says):
        read(lines)
