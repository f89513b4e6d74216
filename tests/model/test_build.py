"""A build as a docker command: what is shown, what is given to docker, what is written down."""

from __future__ import annotations

import json
import shlex
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.build.build import Build, BuilderKind, is_remote, mask_secret
from imgtui.model.safety.mask import MASK

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


def target(build: Build, **environ: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(build.definition(environ))["target"]["default"]
    return found


def test_docker_reads_a_definition_that_has_everything() -> None:
    assert target(BUILD, HOME="/root", VERSION="not this") == {
        "context": "/srv/web",
        "dockerfile": "/srv/web/docker/Dockerfile",
        "target": "final",
        "tags": ["web:latest", "web:3.0"],
        "args": {"API_TOKEN": SECRET, "VERSION": "3", "HOME": "/root"},
        "labels": {"team": "shop", "auth.password": SECRET},
        "platforms": ["linux/amd64"],
        "secret": ["id=npm,src=/run/npm.token", "id=x,env=X_OF_NPM"],
        "cache-from": ["web:cache", f"type=registry,ref=web,token={SECRET}"],
        "network": "none",
        "no-cache": True,
        "pull": True,
    }
    assert target(Build("/srv/web", ("web:1",), arguments=("UNSET",), labels=("HOME",)), HOME="x") == {
        "context": "/srv/web",
        "tags": ["web:1"],
    }


def test_what_looks_like_a_template_of_bake_is_none() -> None:
    build = Build("/srv/${x}", ("web:1",), arguments=("A=${B} $C $${D} %{if}",), labels=("l${x}=%%{y}",))
    found = target(build)
    assert found["context"] == "/srv/$${x}"
    assert found["args"] == {"A": "$${B} $C $$${D} %%{if}"}
    assert found["labels"] == {"l$${x}": "%%%{y}"}


def test_what_is_written_down_has_no_secret_and_of_secrets_the_ids() -> None:
    assert SECRET not in repr(BUILD.words)
    assert BUILD.words["secrets"] == ("id=npm", "id=x")
    assert BUILD.words["arguments"] == (f"API_TOKEN={MASK}", "VERSION=3", "HOME")
    assert SECRET not in repr(BUILD)


def test_built_first_there_is_no_tag() -> None:
    build = Build("/srv/web", ("web:latest",), look_first=True)
    assert "-t" not in shlex.split(build.command)
    assert "tags" not in target(build)
    assert build.title == "rebuild web:latest"


def test_a_dockerfile_of_an_address_is_a_path_in_it() -> None:
    build = Build("https://git.example/web.git#main", ("web:1",), "docker/Dockerfile")
    assert build.remote
    assert "docker/Dockerfile" in shlex.split(build.command)
    assert target(build)["dockerfile"] == "docker/Dockerfile"


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
    build = Build("/srv", ("web:1",), arguments=arguments)
    assert shlex.split(build.command).count("--build-arg") == len(values)
    assert len(json.loads(build.definition({}))["target"]["default"].get("args", {})) == len(values)
