"""A build as a docker command: what is shown, what is given to docker, what is written down."""

from __future__ import annotations

import shlex
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.build import Build, BuilderKind, is_remote, mask_secret
from imgtui.model.mask import MASK

SECRET: Final = "hunter2-of-the-build"
BUILD: Final = Build(
    "/srv/web",
    ("web:latest", "web:3.0"),
    "docker/Dockerfile",
    "final",
    (f"API_TOKEN={SECRET}", "VERSION=3", "HOME"),
    ("team=shop", f"auth.password={SECRET}"),
    "linux/amd64",
    ("id=npm,src=/run/npm.token", "id=x,env=X_OF_NPM"),
    ("web:cache", f"type=registry,ref=web,token={SECRET}"),
    "none",
    no_cache=True,
    pull=True,
)


def test_the_command_is_what_a_person_would_type_without_secrets() -> None:
    words = shlex.split(BUILD.command)
    assert words[:3] == ["docker", "buildx", "build"]
    assert words[-1] == "/srv/web"
    assert "/srv/web/docker/Dockerfile" in words
    assert f"API_TOKEN={MASK}" in words
    assert f"id=npm,src={MASK}" in words
    assert f"id=x,env={MASK}" in words
    assert {"--no-cache", "--pull"} <= set(words)
    assert SECRET not in BUILD.command
    assert "npm.token" not in BUILD.command


def test_docker_is_given_values_that_look_secret_by_its_environment() -> None:
    assert BUILD.hidden == {"API_TOKEN": SECRET}
    assert "API_TOKEN" in BUILD.options
    assert not [word for word in BUILD.options if word.startswith("API_TOKEN=")]
    assert "id=npm,src=/run/npm.token" in BUILD.options


def test_names_that_mean_something_to_docker_are_no_variables_of_it() -> None:
    build = Build("/srv/web", arguments=(f"DOCKER_AUTH_CONFIG={SECRET}",))
    assert build.hidden == {}
    assert f"DOCKER_AUTH_CONFIG={SECRET}" in build.options
    assert SECRET not in build.command


def test_what_is_written_down_has_no_secret_and_of_secrets_the_ids() -> None:
    assert SECRET not in repr(BUILD.words)
    assert BUILD.words["secrets"] == ("id=npm", "id=x")
    assert BUILD.words["arguments"] == (f"API_TOKEN={MASK}", "VERSION=3", "HOME")
    assert SECRET not in repr(BUILD)


def test_built_first_there_is_no_tag() -> None:
    build = Build("/srv/web", ("web:latest",), look_first=True)
    assert "-t" not in build.options
    assert build.title == "rebuild web:latest"


def test_a_dockerfile_of_an_address_is_a_path_in_it() -> None:
    build = Build("https://git.example/web.git#main", ("web:1",), "docker/Dockerfile")
    assert build.remote
    assert "docker/Dockerfile" in build.options


def test_the_classic_builder_has_the_older_command() -> None:
    assert Build("/srv", ("web:1",), kind=BuilderKind.CLASSIC).command == "docker build -t web:1 /srv"


@pytest.mark.parametrize(
    ("context", "remote"),
    [
        ("/srv/web", False),
        ("git@host:web.git", True),
        ("https://x/y.tar.gz", True),
        ("ssh://git@host/web", True),
        ("github.com/a/b", True),
        ("/https://x", False),
    ],
)
def test_an_address_is_told_from_a_folder(context: str, remote: bool) -> None:
    assert is_remote(context) is remote


@given(st.text(alphabet="abc=,/srcenv", max_size=40))
def test_where_a_secret_is_from_is_never_shown(text: str) -> None:
    shown = mask_secret(f"id=a,src={text.replace(',', '')}")
    assert shown == f"id=a,src={MASK}"


@given(st.lists(st.text(min_size=1, max_size=12), max_size=4))
def test_every_value_is_one_word_of_the_command(values: list[str]) -> None:
    arguments = tuple(f"A{number}={value}" for number, value in enumerate(values))
    words = Build("/srv", ("web:1",), arguments=arguments).options
    assert words.count("--build-arg") == len(values)
