"""The word to be typed before an act that cannot be undone."""

from __future__ import annotations

from imgtui.engine.memory.blueprint import digest_of
from imgtui.model.acts.consent import word_of
from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.digest import short
from imgtui.model.core.image import Image
from imgtui.model.keeps.keep import KeptBy, keep_of
from imgtui.model.plans.plan import Plan, plan_unkeep, together


def kept(*names: str, tagged: str) -> Catalog:
    """Kept images, one of them with a tag too."""
    return Catalog().with_images(
        Image(
            digest_of(name),
            ("web:1",) if name == tagged else (),
            keeps=(keep_of(digest_of(name), "web", 1, KeptBy.PERSON).reference,),
        )
        for name in names
    )


def letting_go(*names: str, tagged: str = "") -> Plan:
    catalog = kept(*names, tagged=tagged)
    return together("all", [plan_unkeep(catalog, digest_of(name)) for name in names])


def test_a_plan_without_a_risk_has_no_word() -> None:
    assert word_of(letting_go("one", tagged="one")) == ""


def test_the_word_of_one_risk_is_the_digest_in_danger_wherever_its_step_stands() -> None:
    for tagged in ("first", "last"):
        lost = "last" if tagged == "first" else "first"
        assert word_of(letting_go("first", "last", tagged=tagged)) == short(digest_of(lost))


def test_the_word_of_several_risks_is_their_number() -> None:
    assert word_of(letting_go("one", "two", "three", tagged="two")) == "delete 2"
