"""What labels of Compose say, and the files that pin. What Compose does is proved in test_compose_real.py."""

from __future__ import annotations

import json
import shlex

import pytest

from imgtui.model.containers.compose import (
    IMAGE_LABEL,
    Service,
    compose_notes,
    labels_on,
    override,
    service_of,
)
from imgtui.model.plans.plan import NotPossible

OLD, NEW = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
LABELS = {
    "com.docker.compose.project": "shop",
    "com.docker.compose.service": "web",
    "com.docker.compose.oneoff": "False",
    "com.docker.compose.image": NEW,
    "com.docker.compose.project.config_files": "/srv/shop/compose.yml,/srv/shop/more.yml",
    "com.docker.compose.project.working_dir": "/srv/shop",
    "com.docker.compose.project.environment_file": "/srv/shop/a.env,/srv/shop/b c.env",
}


def but(**changed: str | None) -> dict[str, str]:
    """The labels with some changed or, for None, left out; `__` stands for a dot."""
    given = {f"com.docker.compose.{name.replace('__', '.')}": value for name, value in changed.items()}
    return {name: value for name, value in {**LABELS, **given}.items() if value is not None}


def test_a_service_is_read_from_the_labels_of_its_container() -> None:
    files = ("/srv/shop/compose.yml", "/srv/shop/more.yml")
    assert service_of(LABELS) == Service(
        "shop", "web", files, "/srv/shop", ("/srv/shop/a.env", "/srv/shop/b c.env")
    )


@pytest.mark.parametrize(
    "labels",
    [
        {},
        but(project=None),
        but(service=None),
        but(service=""),
        but(oneoff="True"),
        {"com.docker.compose.project": 7},
    ],
)
def test_what_compose_does_not_manage_has_no_service_no_notes_and_no_labels(
    labels: dict[str, object],
) -> None:
    assert service_of(labels) is None
    assert compose_notes(labels, "web", OLD, reference="web:1", points_at=NEW) == ()
    assert labels_on(labels, NEW) == {}
    with pytest.raises(NotPossible, match="does not manage"):
        override(labels, OLD)


def test_the_replacement_says_where_the_tag_points_or_nothing_new() -> None:
    assert labels_on(LABELS, OLD) == {IMAGE_LABEL: OLD}
    assert labels_on(LABELS, None) == {}


def test_an_override_names_the_digest_the_way_and_what_to_run() -> None:
    made = override(LABELS, OLD)
    command = (
        "docker compose --project-name shop --project-directory /srv/shop --env-file /srv/shop/a.env"
        " --env-file '/srv/shop/b c.env' --file /srv/shop/compose.yml --file /srv/shop/more.yml"
        " --file /srv/shop/compose.imgtui.shop.web.yml up --detach --no-deps web"
    )
    assert (made.path, made.beside) == ("/srv/shop/compose.imgtui.shop.web.yml", "/srv/shop/compose.yml")
    assert made.command == command
    assert made.text == (
        "# Written by imgtui: pins web of the Compose project shop. To use it:\n"
        f"#   {command}\n"
        "# Without this file docker compose goes back to the image that the other files name.\n"
        "services:\n"
        '  "web":\n'
        f'    image: "{OLD}"\n'
        "    pull_policy: never\n"
        "    build: !reset null\n"
    )


def test_what_a_registry_has_is_pinned_so_that_it_can_be_pulled() -> None:
    text = override(LABELS, OLD, repo_digest=f"localhost:5000/web@{NEW}").text
    assert f'image: "localhost:5000/web@{NEW}"\n    pull_policy: missing\n' in text


def test_no_container_of_a_scaled_service_is_lost() -> None:
    assert override(LABELS, OLD, containers=3).command.endswith("--no-deps --scale web=3 web")


def test_the_file_of_an_earlier_pin_is_given_once_and_last() -> None:
    earlier = override(LABELS, OLD)
    labels = but(project__config_files=f"/srv/shop/compose.yml,{earlier.path},/srv/shop/more.yml")
    assert (override(labels, OLD).path, override(labels, OLD).command) == (earlier.path, earlier.command)
    alone = override(but(project__config_files=f"{earlier.path}"), OLD)
    assert shlex.split(alone.command).count(earlier.path) == 1


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        (but(project__config_files=None), "do not say where"),
        (but(project__config_files="-"), "do not say where"),
        (but(project__config_files="compose.yml"), "do not say where"),
        (but(project__config_files="/srv/a, b/compose.yml"), "do not say where"),
        (but(project__environment_file="/srv/a, b.env"), "do not say where"),
        (but(project__config_files="/srv/\x1b[2J/compose.yml"), "cannot be shown"),
        (but(project__config_files="/srv/\n#/compose.yml"), "cannot be shown"),
        (but(project__working_dir="/srv/\u2028"), "cannot be shown"),
        (but(project__environment_file="/srv/\x07"), "cannot be shown"),
        (but(service="../../etc/x"), "not as Compose makes them"),
        (but(service='web":\n  privileged: true'), "not as Compose makes them"),
        (but(service="web$HOME"), "not as Compose makes them"),
        (but(project="--help"), "not as Compose makes them"),
        (but(service="--help"), "not as Compose makes them"),
    ],
)
def test_labels_that_are_not_as_compose_writes_them_make_no_file(labels: dict[str, str], why: str) -> None:
    with pytest.raises(NotPossible, match=why):
        override(labels, OLD)


@pytest.mark.parametrize(
    "repo_digest", ["web:1", "web", f"we$b@{OLD}", f"web@{OLD}\n    privileged: true", ""]
)
def test_only_a_digest_pins(repo_digest: str) -> None:
    with pytest.raises(NotPossible):
        override(LABELS, OLD, repo_digest=repo_digest)
    with pytest.raises(NotPossible):
        override(LABELS, "web:1")


def test_notes_have_no_text_that_a_terminal_obeys() -> None:
    notes = compose_notes(LABELS, "we\x1b[2Jb", OLD, reference="a\x07:1", points_at=NEW)
    assert "\x1b" not in json.dumps(notes, ensure_ascii=False)
    assert "we␛[2Jb" in " ".join(notes)
