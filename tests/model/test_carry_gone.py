"""What an image gave that is gone, where its secrets are masked: order tells what people had set."""

from __future__ import annotations

import pytest

from imgtui.model.clone.config import filled_in, set_by_people
from imgtui.model.safety.mask import MASK

IMAGE = {"Env": ["PATH=/bin", f"API_TOKEN={MASK}", "RELEASE=1"], "Labels": {"a": "b"}}


@pytest.mark.parametrize(
    ("found", "people"),
    [
        (["PATH=/bin", "API_TOKEN=x", "RELEASE=1"], []),
        (["MODE=mine", "PATH=/bin", "API_TOKEN=x", "RELEASE=1"], ["MODE=mine"]),
        (["API_TOKEN=mine", "MODE=mine", "PATH=/bin", "RELEASE=1"], ["API_TOKEN=mine", "MODE=mine"]),
        (["RELEASE=mine", "PATH=/bin", "API_TOKEN=x"], ["RELEASE=mine"]),
    ],
)
def test_in_order_what_was_set_stands_first(found: list[str], people: list[str]) -> None:
    config = {"Env": found, "Labels": {"a": "b"}}
    made = set_by_people(config, filled_in(IMAGE, config, ordered=True), ordered=True)
    assert made.get("Env", []) == people
    assert "Labels" not in made


def test_without_order_what_is_masked_is_not_lost() -> None:
    config = {"Env": ["RELEASE=1", "API_TOKEN=x", "MODE=mine", "PATH=/bin"]}
    made = set_by_people(config, filled_in(IMAGE, config, ordered=False), ordered=False)
    assert made["Env"] == ["API_TOKEN=x", "MODE=mine"]
