"""A verdict says whether content is the same, and counts layers as they are stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.build.verdict import Same, Side, VerdictChange, verdict_of
from imgtui.model.core.image import ImageConfig, ImageFacts, Layer

A, B, C, D = (
    Layer(f"sha256:{letter * 64}", size) for letter, size in (("a", 1), ("b", 20), ("c", 300), ("d", 4000))
)
CONFIG: Final = ImageConfig(env=(("PATH", "/bin"), ("TOKEN", "one")), cmd=("sh",), labels={"v": "1"})


def side(name: str, *layers: Layer, manifest: str | None = None, config: ImageConfig = CONFIG) -> Side:
    return Side(
        name, ImageFacts(name, layers=layers, config=config, os="linux", architecture="amd64"), manifest
    )


def test_layers_are_shared_from_the_bottom_on() -> None:
    verdict = verdict_of(side("old", A, B, C), side("new", A, B, D))
    assert (verdict.reused, verdict.fresh, verdict.left) == ((A, B), (D,), (C,))
    assert verdict.same is None
    above = verdict_of(side("old", A, C), side("new", B, C))
    assert (above.reused, above.fresh, above.left) == ((), (B, C), (A, C))


def test_the_same_image_the_same_manifest_the_same_content() -> None:
    assert verdict_of(side("one", A), side("one", A)).same is Same.IMAGE
    assert verdict_of(side("old", A, manifest="m"), side("new", A, manifest="m")).same is Same.MANIFEST
    assert verdict_of(side("old", A), side("new", A)).same is Same.CONTENT
    assert verdict_of(side("old", A, manifest="m"), side("new", A, manifest="n")).same is Same.CONTENT
    assert verdict_of(side("old"), side("new")).same is None


def test_what_changed_in_the_configuration_is_named_without_its_value() -> None:
    changed = replace(
        CONFIG, env=(("PATH", "/bin"), ("TOKEN", "two"), ("NEW", "x")), cmd=(), labels={}, user="app"
    )
    verdict = verdict_of(side("old", A), side("new", A, config=changed))
    assert verdict.changes == (
        VerdictChange("environment NEW", "added"),
        VerdictChange("environment TOKEN", "changed"),
        VerdictChange("label v", "removed"),
        VerdictChange("command", "removed"),
        VerdictChange("user", "added"),
    )
    assert verdict.same is None
    assert "two" not in repr(verdict.changes)


def test_without_an_earlier_image_everything_is_new() -> None:
    verdict = verdict_of(None, side("new", A, B))
    assert (verdict.old, verdict.fresh, verdict.changes) == (None, (A, B), ())


LAYERS: Final = st.lists(st.sampled_from([A, B, C, D]), max_size=6)


@given(LAYERS, LAYERS)
def test_what_is_reused_and_what_is_new_is_the_image(old: list[Layer], new: list[Layer]) -> None:
    verdict = verdict_of(side("old", *old), side("new", *new))
    assert (*verdict.reused, *verdict.fresh) == tuple(new)
    assert (*verdict.reused, *verdict.left) == tuple(old)
    if verdict.fresh and verdict.left:
        assert verdict.fresh[0] != verdict.left[0]
    assert (verdict.same is not None) == (old == new and bool(new))
