"""The form of a rebuild: what would be refused is said beforehand."""

from __future__ import annotations

from typing import Final

import pytest

from imgtui.model.build.build import BuilderFound, BuilderKind
from imgtui.model.build.form import BuildHost, RebuildDraft, RebuildFilled, check_rebuild
from imgtui.model.build.recipe import Clue, Origin, recipe_of
from imgtui.model.safety.mask import MASK

IMAGE: Final = f"sha256:{'1' * 64}"
GROUND: Final = BuildHost(
    {"HOME": "/home/me", "NPM": "x"},
    {"/srv/web", "/home/me/web"}.__contains__,
    {
        "/srv/web/Dockerfile",
        "/srv/web/other",
        "/abs/Dockerfile",
        "/run/npm",
        "/home/me/web/Dockerfile",
    }.__contains__,
)
GOOD: Final = {"tags": "web:latest", "context": "/srv/web"}


def faults(typed: dict[str, str], kind: BuilderKind = BuilderKind.BUILDKIT) -> dict[str, str]:
    draft = RebuildDraft(IMAGE, "web", recipe_of(()), BuilderFound(kind))
    return dict(check_rebuild(draft, RebuildFilled({**GOOD, **typed}), GROUND).faults)


def test_a_plain_form_is_right() -> None:
    assert faults({}) == {}


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("tags", "", "say what it shall be called"),
        ("tags", "web", "is no tag"),
        ("tags", f"web@{IMAGE}", "is no tag"),
        ("tags", "Web:1", "invalid reference"),
        ("tags", "imgtui.invalid/keep:1", "is no tag"),
        ("tags", "'web:1", "a quote is not closed"),
        ("context", "", "nothing tells the context"),
        ("context", "/nowhere", "no such folder"),
        ("context", "web", "a whole path"),
        ("context", "-o", "a whole path"),
        ("context", f"https://me:{MASK}@git.example/web.git", "type the password"),
        ("dockerfile", "none", "there is no none in the context"),
        ("dockerfile", "/abs/none", "no such file"),
        ("target", "a b", "one stage"),
        ("arguments", f"API_TOKEN={MASK}", "type the value of API_TOKEN"),
        ("arguments", "NOT_SET", "not in the environment"),
        ("arguments", "=x", "is no name"),
        ("secrets", "id=npm", "type where npm is"),
        ("secrets", "src=/run/npm", "id=NAME"),
        ("secrets", "id=npm,src=/nowhere", "no such file"),
        ("secrets", "id=npm,src=run/npm", "whole path"),
        ("secrets", "id=npm,env=NONE", "not in the environment"),
        ("labels", "=x", "a name is wanted"),
        ("labels", f"a={MASK}", "type the value of a"),
        ("platform", "linux/amd64,linux/arm64", "one platform"),
        ("cache_from", f"type=registry,ref=x,token={MASK}", "type what"),
        ("network", "my-network", "none and host"),
        ("builder", "--load", "no name of a builder"),
    ],
)
def test_what_is_wrong_is_said(field: str, text: str, said: str) -> None:
    assert said in faults({field: text})[field]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("context", "https://git.example/web.git#main"),
        ("context", "~/web"),
        ("dockerfile", "other"),
        ("dockerfile", "/abs/Dockerfile"),
        ("arguments", "A=1 'B=two words' NPM"),
        ("secrets", "id=npm,src=/run/npm id=x,env=NPM"),
        ("cache_from", "web:cache type=local,src=/c"),
        ("network", "none"),
        ("platform", "linux/arm64/v8"),
    ],
)
def test_what_docker_takes_is_right(field: str, text: str) -> None:
    assert faults({field: text}) == {}


def test_paths_at_home_are_whole_where_docker_would_not_look_there() -> None:
    draft = RebuildDraft(IMAGE, "web", recipe_of(()), BuilderFound(BuilderKind.BUILDKIT))
    typed = {**GOOD, "context": "~/web", "secrets": "id=npm,src=~/web/Dockerfile,type=file id=x,env=NPM"}
    checked = check_rebuild(draft, RebuildFilled(typed), GROUND)
    assert checked.faults == {}
    assert checked.build.context == "/home/me/web"
    assert checked.build.secrets == ("id=npm,src=/home/me/web/Dockerfile,type=file", "id=x,env=NPM")


def test_what_the_classic_builder_has_not_is_said() -> None:
    classic = BuilderKind.CLASSIC
    assert "no secrets" in faults({"secrets": "id=npm,src=/run/npm"}, classic)["secrets"]
    assert "images alone" in faults({"cache_from": "type=local,src=/c"}, classic)["cache_from"]
    assert "buildx is not used" in faults({"builder": "mine"}, classic)["builder"]
    assert faults({"network": "my-network"}, classic) == {}


def test_the_form_begins_with_the_recipe() -> None:
    clues = [Clue(Origin.RECORD, {"tags": ("web:1",), "arguments": ("A=1", "B=two words"), "target": ("x",)})]
    draft = RebuildDraft(IMAGE, "web", recipe_of(clues), BuilderFound(BuilderKind.BUILDKIT))
    assert draft.texts["arguments"] == "A=1 'B=two words'"
    assert draft.texts["target"] == "x"
    assert draft.texts["context"] == ""
