"""What people call an image: tags first, then digests and their beginnings, and never a guess."""

from __future__ import annotations

import pytest

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import Container, Image
from imgtui.model.core.reference import Reference
from imgtui.model.plans.lookup import Named, find_image, moves_about, moves_of
from imgtui.model.plans.plan import NotPossible
from imgtui.model.taglog.moves import Move

A = f"sha256:abcd1{'1' * 59}"
B = f"sha256:abcd2{'2' * 59}"
C = f"sha256:cafe{'3' * 60}"
GONE = f"sha256:dead{'4' * 60}"
PUSHED = f"sha256:{'9' * 64}"

CATALOG = Catalog(
    {
        A: Image(A, ("web:latest", "shop/web:1")),
        B: Image(B, ("cafe:latest",)),
        C: Image(C, (), (f"web@{PUSHED}",)),
    },
    {"1": Container("1", "site", GONE, "old:1")},
)


@pytest.mark.parametrize(
    ("text", "image_id", "repository"),
    [
        ("web", A, "web"),
        ("web:latest", A, "web"),
        ("docker.io/library/web", A, "web"),
        ("shop/web:1", A, "shop/web"),
        (A, A, "shop/web"),
        (A[7:], A, "shop/web"),
        ("abcd1", A, "shop/web"),
        ("sha256:abcd2", B, "cafe"),
        ("cafe", B, "cafe"),
        ("cafe3", C, "web"),
        (f"web@{PUSHED}", C, "web"),
        (PUSHED, C, "web"),
        ("dead", GONE, "old"),
    ],
)
def test_an_image_is_found_by_what_it_is_called(text: str, image_id: str, repository: str) -> None:
    assert find_image(CATALOG, text) == Named(image_id, repository)


def test_what_several_are_called_names_them() -> None:
    with pytest.raises(NotPossible, match=r"abcd is ambiguous: abcd1{16}.*, abcd2{16}.*"):
        find_image(CATALOG, "abcd")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("abc", "nothing here is called abc:latest"),
        ("beef", "no image here is called beef"),
        ("Web:1", "neither a tag nor"),
        (f"other@{PUSHED}", "no image here"),
    ],
)
def test_what_nothing_is_called_is_said(text: str, says: str) -> None:
    with pytest.raises(NotPossible, match=says):
        find_image(CATALOG, text)


KEEP = f"imgtui.invalid/keep/docker.io/library/web:sha256-{A[7:]}-20261125T003551Z"
MOVES = [
    Move("web:1", A, B, 3),
    Move("web:2", None, C, 2),
    Move("cafe:1", None, A, 1),
    Move(KEEP, None, A, 0),
]


def test_the_moves_of_a_repository_are_those_of_its_tags_and_keeps() -> None:
    assert [move.at for move in moves_of(MOVES, Reference.parse("web"))] == [3, 2, 0]
    assert [move.at for move in moves_of(MOVES, Reference.parse("web:1"))] == [3]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cafe", [1]),
        ("cafe3", [2]),
        ("abcd1", [3, 1, 0]),
        (PUSHED, [2]),
        (f"web@{PUSHED}", [2]),
        (f"cafe@{A}", [1]),
        ("web:9", []),
    ],
)
def test_a_name_with_moves_comes_before_the_beginning_of_a_digest(text: str, expected: list[int]) -> None:
    assert [move.at for move in moves_about(MOVES, text, CATALOG.images)] == expected


def test_what_can_be_no_name_is_refused() -> None:
    with pytest.raises(NotPossible, match="neither"):
        moves_about(MOVES, "not a name", {})
