"""Keep rules: what they want held, and that nothing is lost through them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.image import Layer
from imgtui.model.keep import Keep, KeptBy, keep_of
from imgtui.model.layers import LayerTree
from imgtui.model.rules import DAY, Candidate, Changes, KeepRule, changes, wanted

NOW = 1_760_000_000 * 1_000_000_000
IDS = [f"sha256:{number:064x}" for number in range(8)]
A, B, C, D, *_ = IDS


def nothing_of_its_own(_: frozenset[str]) -> int:
    return 0


def ten_each(image_ids: frozenset[str]) -> int:
    return 10 * len(image_ids)


def kept(image_id: str, repository: str | None = "web", by: KeptBy = KeptBy.RULE) -> Keep:
    return keep_of(image_id, repository, NOW // 1_000_000_000, by)


def days_ago(image_id: str, days: float, *, current: bool = False) -> Candidate:
    return Candidate(image_id, NOW - int(days * DAY), current)


HISTORY = [days_ago(A, 0, current=True), days_ago(B, 1), days_ago(C, 8), days_ago(D, 40)]

NAMES = st.sampled_from(["web", "web2", "shop/web", "localhost:5000/team/api"])
RULES = st.builds(
    KeepRule,
    st.sampled_from(["web", "web*", "*", "*/web", "localhost:5000/*"]),
    last=st.none() | st.integers(1, 9),
    days=st.none() | st.floats(0.1, 60),
    all=st.booleans(),
    budget=st.none() | st.integers(1, 400),
)
LAYERS = st.lists(st.builds(Layer, st.sampled_from("pqrs"), st.integers(0, 90)), max_size=4)
STORES = st.fixed_dictionaries(dict.fromkeys(IDS, LAYERS))


@st.composite
def histories(draw: st.DrawFn) -> list[Candidate]:
    """The images a repository had, newest first: those with a tag now, then the former ones."""
    ids = draw(st.lists(st.sampled_from(IDS), unique=True))
    tagged = draw(st.integers(0, len(ids)))
    ages = sorted(draw(st.lists(st.floats(0, 90), min_size=len(ids), max_size=len(ids))))
    return [
        days_ago(each, age, current=place < tagged)
        for place, (each, age) in enumerate(zip(ids, ages, strict=True))
    ]


REPOSITORIES = st.dictionaries(NAMES, histories(), max_size=4)
KEEPS = st.lists(
    st.builds(kept, st.sampled_from(IDS), st.none() | NAMES, st.sampled_from(KeptBy)), max_size=9
)


def tree_of(store: dict[str, list[Layer]]) -> LayerTree:
    tree = LayerTree()
    for image_id, layers in store.items():
        tree.add(image_id, layers)
    return tree


def former(candidates: Sequence[Candidate], image_ids: Sequence[str]) -> list[str]:
    return [each.image_id for each in candidates if not each.current and each.image_id in image_ids]


@pytest.mark.parametrize(
    ("pattern", "repository", "matches"),
    [
        ("web*", "web", True),
        ("web*", "web-admin", True),
        ("web*", "web/admin/api", True),
        ("web*", "shop/web", False),
        ("*", "localhost:5000/team/api", True),
        ("localhost:5000/*", "localhost:5000/team/api", True),
        ("*/api", "localhost:5000/team/api", True),
        ("web-[ab]", "web-b", True),
        ("web?", "web", False),
        ("Web", "web", False),
    ],
)
def test_a_pattern_is_the_shells_and_a_star_matches_slashes(
    pattern: str, repository: str, matches: bool
) -> None:
    assert KeepRule(pattern, all=True).matches(repository) is matches


@pytest.mark.parametrize(
    ("rule", "image_ids"),
    [
        (KeepRule("*", last=2), [A, B]),
        (KeepRule("*", last=99), [A, B, C, D]),
        (KeepRule("*", days=8), [A, B, C]),
        (KeepRule("*", days=0.5), [A]),
        (KeepRule("*", all=True), [A, B, C, D]),
        (KeepRule("*", last=1, days=3), [A, B]),
        (KeepRule("*", last=3, days=3), [A, B, C]),
        (KeepRule("*"), []),
    ],
)
def test_a_rule_wants_what_any_of_its_parts_asks_for(rule: KeepRule, image_ids: list[str]) -> None:
    assert wanted(rule, HISTORY, NOW, nothing_of_its_own) == image_ids


def test_an_image_that_a_tag_has_pointed_at_for_long_is_wanted_before_the_tag_leaves_it() -> None:
    settled = [days_ago(A, 200, current=True), days_ago(B, 200)]
    assert wanted(KeepRule("*", days=30), settled, NOW, nothing_of_its_own) == [A]


@pytest.mark.parametrize(
    ("budget", "image_ids"), [(9, [A]), (10, [A, B]), (29, [A, B, C]), (30, [A, B, C, D])]
)
def test_a_budget_takes_the_oldest_and_never_what_has_a_tag(budget: int, image_ids: list[str]) -> None:
    assert wanted(KeepRule("*", all=True, budget=budget), HISTORY, NOW, ten_each) == image_ids


def test_layers_that_two_former_images_share_count_once_for_the_budget() -> None:
    base, app = Layer("base", 100), Layer("app", 5)
    tree = tree_of({A: [], B: [base], C: [base, app], D: [Layer("else", 100)]})
    rule = KeepRule("*", all=True, budget=105)
    assert wanted(rule, HISTORY, NOW, tree.freed) == [A, B, C]


@given(RULES, histories(), STORES)
def test_what_is_wanted_is_in_order_and_fits_the_budget_as_far_as_it_costs(
    rule: KeepRule, candidates: list[Candidate], store: dict[str, list[Layer]]
) -> None:
    tree = tree_of(store)
    found = wanted(rule, candidates, NOW, tree.freed)

    assert found == [each.image_id for each in candidates if each.image_id in found]
    assert rule.budget is None or tree.freed(former(candidates, found)) <= rule.budget


@given(RULES, histories(), STORES)
def test_a_budget_takes_only_what_is_older_than_all_it_leaves_and_no_more_than_it_must(
    rule: KeepRule, candidates: list[Candidate], store: dict[str, list[Layer]]
) -> None:
    tree = tree_of(store)
    found = wanted(rule, candidates, NOW, tree.freed)
    unlimited = KeepRule(rule.repository, rule.last, rule.days, rule.all)
    asked = wanted(unlimited, candidates, NOW, tree.freed)

    tagged = {each.image_id for each in candidates if each.current}
    paid, asked_former = former(candidates, found), former(candidates, asked)
    assert set(found) & tagged == set(asked) & tagged
    assert paid == asked_former[: len(paid)]
    if len(paid) < len(asked_former):
        assert rule.budget is not None
        assert tree.freed(asked_former[: len(paid) + 1]) > rule.budget


def test_what_a_rule_wants_is_added_and_what_none_wants_any_more_is_dropped() -> None:
    found = changes([KeepRule("web", last=2)], {"web": HISTORY}, [kept(B), kept(C)], NOW, nothing_of_its_own)
    assert found == Changes(add=(("web", A),), drop=(kept(C),))


def test_what_a_person_keeps_is_neither_added_nor_dropped() -> None:
    by_person = [kept(A, by=KeptBy.PERSON), kept(D, by=KeptBy.PERSON)]
    found = changes([KeepRule("web", last=1)], {"web": HISTORY}, by_person, NOW, nothing_of_its_own)
    assert found == Changes()


def test_a_keep_in_one_repository_is_none_in_another() -> None:
    repositories = {"web": HISTORY[:1], "api": HISTORY[:1]}
    found = changes([KeepRule("*", last=1)], repositories, [kept(A, "api")], NOW, nothing_of_its_own)
    assert found == Changes(add=(("web", A),))


def test_several_rules_add_up_and_each_has_its_own_budget() -> None:
    rules = [KeepRule("web", all=True, budget=10), KeepRule("w*", last=3), KeepRule("api", all=True)]
    found = changes(rules, {"web": HISTORY}, [], NOW, ten_each)
    assert found.add == (("web", A), ("web", B), ("web", C))


def test_taking_a_rule_out_of_the_configuration_drops_nothing() -> None:
    keeps = [kept(B), kept(C)]
    for rules in ([], [KeepRule("api", last=1)]):
        assert changes(rules, {"web": HISTORY}, keeps, NOW, nothing_of_its_own) == Changes()


def test_losing_the_tag_log_drops_nothing() -> None:
    rules = [KeepRule("*", last=1)]
    assert changes(rules, {}, [kept(B)], NOW, nothing_of_its_own) == Changes()
    assert changes(rules, {"web": HISTORY[:1]}, [kept(A), kept(B)], NOW, nothing_of_its_own) == Changes()


@given(st.lists(RULES, max_size=3), REPOSITORIES, KEEPS, STORES)
def test_when_the_changes_are_made_the_rules_are_kept_and_nothing_is_left_to_do(
    rules: list[KeepRule],
    repositories: dict[str, list[Candidate]],
    keeps: list[Keep],
    store: dict[str, list[Layer]],
) -> None:
    tree = tree_of(store)
    todo = changes(rules, repositories, keeps, NOW, tree.freed)
    after = [keep for keep in keeps if keep not in todo.drop]
    after += [kept(image_id, repository) for repository, image_id in todo.add]

    assert changes(rules, repositories, after, NOW, tree.freed) == Changes()
    held = {(keep.repository, keep.image_id) for keep in after}
    for repository, candidates in repositories.items():
        for rule in rules:
            if rule.matches(repository):
                wants = wanted(rule, candidates, NOW, tree.freed)
                assert {(repository, image_id) for image_id in wants} <= held


@given(st.lists(RULES, max_size=3), REPOSITORIES, KEEPS, STORES)
def test_only_a_keep_that_a_rule_made_and_every_matching_rule_gives_up_is_dropped(
    rules: list[KeepRule],
    repositories: dict[str, list[Candidate]],
    keeps: list[Keep],
    store: dict[str, list[Layer]],
) -> None:
    tree = tree_of(store)
    for keep in changes(rules, repositories, keeps, NOW, tree.freed).drop:
        assert keep in keeps
        assert keep.by is KeptBy.RULE
        assert keep.repository is not None
        matching = [rule for rule in rules if rule.matches(keep.repository)]
        candidates = repositories[keep.repository]
        assert matching
        assert keep.image_id in {each.image_id for each in candidates}
        assert all(keep.image_id not in wanted(rule, candidates, NOW, tree.freed) for rule in matching)
