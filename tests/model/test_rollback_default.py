"""Which digest a roll back goes to where nobody says it: the newest earlier one that can be had."""

from __future__ import annotations

import pytest

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.containers.rollback import Earlier, earlier_of_tag
from imgtui.model.core.image import Image
from imgtui.model.plans.plan import NotPossible
from imgtui.model.taglog.history import Past
from imgtui.model.taglog.moves import Move

ONE, TWO, THREE, FOUR = (f"sha256:{digit * 64}" for digit in "1234")
HISTORY = [
    Move("web:latest", before, after, 0) for before, after in ((THREE, FOUR), (TWO, THREE), (ONE, TWO))
]
"""The newest first."""


def default(*here: str, pulled: str = "", moves: list[Move] = HISTORY) -> Earlier:
    images = {key: Image(key) for key in here}
    images[FOUR] = Image(FOUR, tags=("web:latest",))
    past = Past(pulls={pulled: (f"web@{pulled}",)} if pulled else {})
    return earlier_of_tag(Catalog(images, past=past), moves, "web:latest")


def test_the_one_before_where_it_is_there() -> None:
    assert default(ONE, TWO, THREE) == Earlier(THREE)
    assert Earlier(THREE).notes == ()


def test_one_that_is_gone_is_passed_over_which_is_said() -> None:
    found = default(ONE)
    assert found == Earlier(ONE, (THREE, TWO))
    passed = "333333333333, 222222222222 were there later, and are passed over"
    assert found.notes == (f"{passed}: gone, and no registry is known to have it",)
    assert default(ONE, TWO).notes[0].startswith("333333333333 was there later, and is passed over")


def test_one_that_can_be_pulled_again_is_as_good() -> None:
    assert default(ONE, TWO, pulled=THREE) == Earlier(THREE)


def test_moves_back_and_forth_are_followed() -> None:
    back = [Move("web:latest", ONE, FOUR, 0), Move("web:latest", FOUR, ONE, 0), *HISTORY]
    assert default(ONE, TWO, THREE, moves=back) == Earlier(ONE)
    assert default(TWO, moves=back) == Earlier(TWO, (ONE, THREE))


def test_where_all_are_gone_that_is_said() -> None:
    with pytest.raises(NotPossible, match=r"before \(333333333333, 222222222222, 111111111111\) is gone"):
        default()
