"""Keep rules: what they want held, and that nothing is lost through them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.core.image import Layer
from imgtui.model.core.layers import LayerTree
from imgtui.model.keeps.keep import Keep, KeptBy, keep_of
from imgtui.model.keeps.rules import (
    DAY,
    Candidate,
    KeepRule,
    Loss,
    RuleChanges,
    Unwanted,
    changes,
    in_order,
    nearest,
    rule_of,
    wanted,
)

NOW = 1_760_000_000 * 1_000_000_000
IDS = [f"sha256:{number:064x}" for number in range(8)]
A, B, C, D, E, *_ = IDS


def nothing_of_its_own(_: frozenset[str]) -> int:
    return 0


def ten_each(image_ids: frozenset[str]) -> int:
    return 10 * len(image_ids)


def kept(image_id: str, repository: str | None = "web", by: KeptBy = KeptBy.RULE) -> Keep:
    return keep_of(image_id, repository, NOW // 1_000_000_000, by)


def lost(
    image_id: str, days: float, tag: str = "latest", *, held: bool = False, runs: bool = False
) -> Candidate:
    """A version that lost a tag so many days ago."""
    return Candidate(image_id, (), (Loss(tag, NOW - int(days * DAY)),), runs, held)


def now(image_id: str, *tags: str) -> Candidate:
    """A version that has tags, `latest` where none are named."""
    return Candidate(image_id, tags or ("latest",), held=True)


HISTORY = [now(A), lost(B, 1), lost(C, 8), lost(D, 40)]

NAMES = st.sampled_from(["web", "web2", "shop/web", "localhost:5000/team/api"])
RULES = st.builds(
    KeepRule,
    st.sampled_from(["web", "web*", "*", "*/web", "localhost:5000/*"]),
    last=st.none() | st.integers(1, 9),
    days=st.none() | st.floats(0.1, 60),
    all=st.booleans(),
    budget=st.none() | st.integers(1, 400),
    grace=st.floats(0, 200_000),
)
LAYERS = st.lists(st.builds(Layer, st.sampled_from("pqrs"), st.integers(0, 90)), max_size=4)
STORES = st.fixed_dictionaries(dict.fromkeys(IDS, LAYERS))


@st.composite
def histories(draw: st.DrawFn) -> list[Candidate]:
    """What became of the versions of a repository by moves of its tags, as a log tells it.

    Some are protected by something else; of some the log does not know when they lost their tag.
    """
    points: dict[str, str] = {}
    losses: dict[str, dict[str, Loss]] = {}
    moves = draw(
        st.lists(st.tuples(st.sampled_from(["latest", "1.0", "dev"]), st.none() | st.sampled_from(IDS)))
    )
    for number, (tag, target) in enumerate(moves, 1):
        at = NOW - int(draw(st.floats(0, 90)) * DAY)
        if (before := points.pop(tag, None)) is not None and before != target:
            losses.setdefault(before, {})[tag] = Loss(tag, at, draw(st.sampled_from([0, number])))
        if target is not None:
            points[tag] = target
    found = []
    for image_id in dict.fromkeys([*points.values(), *losses]):
        tags = tuple(tag for tag, target in points.items() if target == image_id)
        gone = tuple(loss for tag, loss in losses.get(image_id, {}).items() if tag not in tags)
        found.append(Candidate(image_id, tags, gone, draw(st.booleans()), bool(tags) or draw(st.booleans())))
    return found


REPOSITORIES = st.dictionaries(NAMES, histories(), max_size=4)
KEEPS = st.lists(
    st.builds(kept, st.sampled_from(IDS), st.none() | NAMES, st.sampled_from(KeptBy)), max_size=9
)


def tree_of(store: dict[str, list[Layer]]) -> LayerTree:
    tree = LayerTree()
    for image_id, layers in store.items():
        tree.add(image_id, layers)
    return tree


def free(candidates: Sequence[Candidate], image_ids: Sequence[str]) -> list[str]:
    """Those of them that nothing but a rule protects, what lost its tag last at the beginning."""
    return [each.image_id for each in in_order(candidates) if each.free and each.image_id in image_ids]


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
        (KeepRule("*", last=1), [A, B]),
        (KeepRule("*", last=2), [A, B, C]),
        (KeepRule("*", last=99), [A, B, C, D]),
        (KeepRule("*", days=8), [A, B, C]),
        (KeepRule("*", days=0.5), [A]),
        (KeepRule("*", all=True), [A, B, C, D]),
        (KeepRule("*", last=1, days=10), [A, B, C]),
        (KeepRule("*", last=2, days=3), [A, B, C]),
    ],
)
def test_a_rule_wants_what_any_of_its_parts_asks_for(rule: KeepRule, image_ids: list[str]) -> None:
    assert wanted(rule, HISTORY, NOW, nothing_of_its_own) == image_ids


def test_an_image_that_a_tag_has_pointed_at_for_long_is_wanted_before_the_tag_leaves_it() -> None:
    assert wanted(KeepRule("*", days=30), [now(A), lost(B, 200)], NOW, nothing_of_its_own) == [A]


def test_only_what_nothing_else_protects_uses_up_a_place() -> None:
    """Versions with tags of their own took the places of what had just lost its only tag."""
    tagged = [now(A, "latest", "4"), now(B, "3"), now(C, "2")]
    kept_by_hand, running = lost(D, 1, held=True), lost(E, 2, runs=True)
    free_ones = [lost(IDS[5], 3), lost(IDS[6], 4), lost(IDS[7], 5)]
    found = wanted(
        KeepRule("*", last=2), [*tagged, kept_by_hand, running, *free_ones], NOW, nothing_of_its_own
    )
    assert found == [A, B, C, D, E, IDS[5], IDS[6]]


def test_what_a_container_runs_is_wanted_however_long_ago_it_lost_its_tag() -> None:
    history = [now(A), lost(B, 1), lost(C, 400, runs=True)]
    for rule in (KeepRule("*", last=1), KeepRule("*", days=2), KeepRule("*", last=1, budget=1)):
        assert C in wanted(rule, history, NOW, nothing_of_its_own)


def test_what_something_else_protects_is_held_too_as_long_as_it_would_be_wanted_without() -> None:
    history = [now(A), lost(B, 1, held=True), lost(C, 2), lost(D, 3, held=True)]
    assert wanted(KeepRule("*", last=1), history, NOW, nothing_of_its_own) == [A, B, C]


def test_each_tag_has_its_own_places_and_tags_that_are_gone_share_those_of_one() -> None:
    history = [now(A, "latest"), now(B, "dev"), lost(C, 1, "dev"), lost(D, 2, "latest")]
    assert wanted(KeepRule("*", last=1), history, NOW, nothing_of_its_own) == [A, B, C, D]
    builds = [lost(image_id, number, f"build-{number}") for number, image_id in enumerate(IDS[1:], 1)]
    assert wanted(KeepRule("*", last=2), [now(A), *builds], NOW, nothing_of_its_own) == [A, B, C]


def test_the_order_is_that_of_the_log_and_what_was_not_observed_came_before() -> None:
    def at(image_id: str, days: float, number: int) -> Candidate:
        return Candidate(image_id, (), (Loss("latest", NOW - int(days * DAY), number),))

    stepped_back = [now(A), at(B, 5, 9), at(C, 1, 8), at(D, 0.1, 0)]
    assert wanted(KeepRule("*", last=1), stepped_back, NOW, nothing_of_its_own) == [A, B]
    assert wanted(KeepRule("*", last=2), stepped_back, NOW, nothing_of_its_own) == [A, B, C]


@given(st.lists(st.sampled_from(IDS), min_size=1), st.integers(1, 5))
def test_the_last_digests_of_a_tag_are_wanted_whatever_was_moved(targets: list[str], last: int) -> None:
    """By a straight simulation: so many digests that the tag pointed at before, each counted once."""
    order: list[str] = []
    for target in targets:
        order = [target, *(image_id for image_id in order if image_id != target)]
    gone: dict[str, int] = {}
    for number, (before, after) in enumerate(pairwise(targets), 1):
        if before != after:
            gone[before] = number
    candidates = [now(order[0])]
    candidates += [
        Candidate(image_id, (), (Loss("latest", NOW, number),))
        for image_id, number in gone.items()
        if image_id != order[0]
    ]
    assert wanted(KeepRule("*", last=last), candidates, NOW, nothing_of_its_own) == order[: last + 1]


@given(histories(), st.integers(1, 5), st.data())
def test_protecting_a_version_otherwise_takes_no_place_from_any_other(
    candidates: list[Candidate], last: int, data: st.DataObject
) -> None:
    rule = KeepRule("*", last=last)
    before = set(wanted(rule, candidates, NOW, nothing_of_its_own))
    chosen = data.draw(st.sets(st.sampled_from([each.image_id for each in candidates] or [A])))
    held = [replace_held(each) if each.image_id in chosen else each for each in candidates]
    assert before <= set(wanted(rule, held, NOW, nothing_of_its_own))


def replace_held(candidate: Candidate) -> Candidate:
    return candidate._replace(held=True)


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

    assert found == [each.image_id for each in in_order(candidates) if each.image_id in found]
    assert rule.budget is None or tree.freed(free(candidates, found)) <= rule.budget


@given(RULES, histories(), STORES)
def test_a_budget_takes_only_what_is_older_than_all_it_leaves_and_no_more_than_it_must(
    rule: KeepRule, candidates: list[Candidate], store: dict[str, list[Layer]]
) -> None:
    tree = tree_of(store)
    found = wanted(rule, candidates, NOW, tree.freed)
    unlimited = KeepRule(rule.repository, rule.last, rule.days, rule.all)
    asked = wanted(unlimited, candidates, NOW, tree.freed)

    protected = {each.image_id for each in candidates if not each.free}
    paid, asked_free = free(candidates, found), free(candidates, asked)
    assert set(found) & protected == set(asked) & protected
    assert paid == asked_free[: len(paid)]
    if len(paid) < len(asked_free):
        assert rule.budget is not None
        assert tree.freed(asked_free[: len(paid) + 1]) > rule.budget


def test_what_a_rule_wants_is_added_and_what_none_wants_any_more_is_dropped() -> None:
    rule = KeepRule("web", last=1, grace=60.0)
    longer = KeepRule("*", days=1, grace=3600.0)
    found = changes([rule, longer], {"web": HISTORY}, [kept(B), kept(C)], NOW, nothing_of_its_own)
    assert found == RuleChanges(add=(("web", A),), drop=(Unwanted("web", C, (kept(C),), rule, 3600.0),))


@pytest.mark.parametrize(
    "protected", [now(C, "2"), lost(C, 8, held=True), lost(C, 8, runs=True)], ids=["tag", "held", "container"]
)
def test_what_anything_else_protects_is_never_dropped(protected: Candidate) -> None:
    history = [now(A), lost(B, 1), protected]
    found = changes([KeepRule("web", last=1)], {"web": history}, [kept(B), kept(C)], NOW, nothing_of_its_own)
    assert found.drop == ()


def test_what_a_person_keeps_is_neither_added_nor_dropped() -> None:
    by_person = [kept(A, by=KeptBy.PERSON), kept(B, by=KeptBy.PERSON), kept(D, by=KeptBy.PERSON)]
    found = changes([KeepRule("web", last=1)], {"web": HISTORY}, by_person, NOW, nothing_of_its_own)
    assert found == RuleChanges()


def test_a_keep_in_one_repository_is_none_in_another() -> None:
    repositories = {"web": HISTORY[:1], "api": HISTORY[:1]}
    found = changes([KeepRule("*", last=1)], repositories, [kept(A, "api")], NOW, nothing_of_its_own)
    assert found == RuleChanges(add=(("web", A),))


def test_several_rules_add_up_and_each_has_its_own_budget() -> None:
    rules = [KeepRule("web", all=True, budget=10), KeepRule("w*", last=2), KeepRule("api", all=True)]
    found = changes(rules, {"web": HISTORY}, [], NOW, ten_each)
    assert found.add == (("web", A), ("web", B), ("web", C))


def test_taking_a_rule_out_of_the_configuration_drops_nothing() -> None:
    keeps = [kept(B), kept(C)]
    for rules in ([], [KeepRule("api", last=1)]):
        assert changes(rules, {"web": HISTORY}, keeps, NOW, nothing_of_its_own) == RuleChanges()


def test_losing_the_tag_log_drops_nothing() -> None:
    rules = [KeepRule("*", last=1)]
    assert changes(rules, {}, [kept(B)], NOW, nothing_of_its_own) == RuleChanges()
    assert changes(rules, {"web": HISTORY[:1]}, [kept(A), kept(B)], NOW, nothing_of_its_own) == RuleChanges()


@given(st.lists(RULES, max_size=3), REPOSITORIES, KEEPS, STORES)
def test_when_the_changes_are_made_the_rules_are_kept_and_nothing_is_left_to_do(
    rules: list[KeepRule],
    repositories: dict[str, list[Candidate]],
    keeps: list[Keep],
    store: dict[str, list[Layer]],
) -> None:
    tree = tree_of(store)
    todo = changes(rules, repositories, keeps, NOW, tree.freed)
    dropped = {keep for each in todo.drop for keep in each.keeps}
    after = [keep for keep in keeps if keep not in dropped]
    after += [kept(image_id, repository) for repository, image_id in todo.add]

    assert changes(rules, repositories, after, NOW, tree.freed) == RuleChanges()
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
    for each in changes(rules, repositories, keeps, NOW, tree.freed).drop:
        matching = [rule for rule in rules if rule.matches(each.repository)]
        (candidate,) = (one for one in repositories[each.repository] if one.image_id == each.image_id)
        assert candidate.free
        assert each.rule == matching[0]
        assert each.grace == max(rule.grace for rule in matching)
        assert set(each.keeps) <= set(keeps)
        for keep in each.keeps:
            assert (keep.by, keep.repository, keep.image_id) == (KeptBy.RULE, each.repository, each.image_id)
        candidates = repositories[each.repository]
        assert all(each.image_id not in wanted(rule, candidates, NOW, tree.freed) for rule in matching)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("wbe*", "web"),
        ("postgrse", "postgres"),
        ("myregistry/api*", "localhost:5000/team/api"),
        ("Web", "web"),
        ("zzzzzz", None),
    ],
)
def test_a_rule_that_matches_nothing_has_a_nearest_name(pattern: str, name: str | None) -> None:
    assert nearest(pattern, ["postgres", "web", "localhost:5000/team/api"]) == name


def test_a_keep_is_by_the_first_rule_that_matches() -> None:
    rules = [KeepRule("api", last=1), KeepRule("web*", last=1), KeepRule("*", last=1)]
    assert rule_of(rules, kept(A)) == rules[1]
    assert rule_of(rules, kept(A, None)) is None
    assert rule_of(rules, kept(A, by=KeptBy.PERSON)) is None
    assert rule_of(rules[:1], kept(A)) is None


def test_what_has_a_tag_or_runs_takes_nothing_of_a_budget() -> None:
    rule = KeepRule("web", all=True, budget=5)
    candidates = [Candidate(A, ("latest",)), lost(B, 1, runs=True), lost(C, 2, held=True), lost(D, 3)]
    assert wanted(rule, candidates, NOW, ten_each) == [A, B, C]
