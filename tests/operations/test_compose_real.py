"""Every sentence about Compose, held to the real `docker compose` on both stores of Docker 28."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from imgtui.model.containers.compose import IMAGE_LABEL, Override, compose_notes, labels_on, override
from imgtui.model.core.digest import short
from imgtui.model.plans.plan import NotPossible
from imgtui.operations.containers.compose_file import write_override
from tests.engines import content
from tests.engines.private import CommandFailedError, PrivateEngine
from tests.engines.registry import Registry

SERVICE: Final = """\
services:
  web:
    image: composed:latest
    network_mode: none
    stop_signal: KILL
    command: [sh, -c, "sleep 1000"]
    depends_on: [db]
  db:
    image: composed:db
    network_mode: none
    stop_signal: KILL
    command: [sh, -c, "sleep 1000"]
"""
REMOVED: Final = (
    "shop-web-1: the container before it is removed, as Compose would start it too (undo makes it again)"
)
pytestmark = [
    pytest.mark.matrix,
    pytest.mark.parametrize("real_engine", ["docker28-overlay2", "docker28-containerd"], indirect=True),
]
"""Those that Debian has a `docker compose` for."""


class Project:
    """A Compose project whose service `web` has been rolled back from `new` to `old`."""

    def __init__(self, engine: PrivateEngine, folder: Path, images: dict[str, str]) -> None:
        self.engine = engine
        self.file = folder / "compose.yml"
        self.file.write_text(SERVICE)
        self.old, self.new, self.third = (images[name] for name in ("old", "new", "third"))
        self.point(self.new)
        engine.docker("tag", self.new, "composed:db")

    def point(self, image_id: str) -> None:
        """Have the service's tag point at an image."""
        self.engine.docker("tag", image_id, "composed:latest")

    def compose(self, *arguments: str) -> None:
        """Run `docker compose` on the project's own file."""
        self.engine.docker("compose", "--project-name", "shop", "--file", str(self.file), *arguments)

    def up(self, *arguments: str) -> None:
        self.compose("up", "--detach", *arguments)

    def inspect(self, name: str) -> dict[str, object]:
        found: list[dict[str, object]] = json.loads(self.engine.docker("inspect", name))
        return found[0]

    def labels(self, name: str) -> dict[str, str]:
        shown: dict[str, str] = json.loads(
            self.engine.docker("inspect", "--format", "{{json .Config.Labels}}", name)
        )
        return shown

    @property
    def web(self) -> dict[str, tuple[str, str]]:
        """State and image of each container of the service, by name."""
        shown = self.engine.docker(
            "ps", "--all", "--quiet", "--filter", "label=com.docker.compose.service=web"
        ).split()
        if not shown:
            return {}
        lines = self.engine.docker(
            "inspect", "--format", "{{.Name}} {{.State.Status}} {{.Image}}", *shown
        ).splitlines()
        return {name.removeprefix("/"): (state, image) for name, state, image in map(str.split, lines)}

    def identity(self, name: str = "shop-web-1") -> object:
        return self.inspect(name)["Id"]

    def roll_back(
        self, *, to: str, points_at: str, beside: bool = False, honest: bool = True
    ) -> tuple[str, ...]:
        """Put a container on another image in the place of the one that runs; the notes for it.

        `beside` leaves that there, stopped, which imgtui does not; without `honest` its labels stay as they
        were.
        """
        labels = self.labels("shop-web-1")
        carried = {name: value for name, value in labels.items() if name.startswith("com.docker.compose.")}
        carried |= labels_on(labels, points_at) if honest else {}
        self.engine.docker("stop", "shop-web-1")
        self.engine.docker("rename", "shop-web-1", "shop-web-1-before")
        options = [word for name, value in carried.items() for word in ("--label", f"{name}={value}")]
        self.engine.docker(
            "run", "--detach", "--name", "shop-web-1", "--network", "none", "--stop-signal", "KILL",
            *options, to, "sh", "-c", "sleep 1000",
        )  # fmt: skip
        if not beside:
            self.engine.docker("rm", "shop-web-1-before")
        self.point(points_at)
        return compose_notes(
            labels,
            "shop-web-1",
            to,
            reference="composed:latest",
            points_at=points_at,
        )

    def pinned(self, **options: object) -> Override:
        """The override file of the old image, written."""
        made = override(self.labels("shop-web-1"), self.old, **options)  # type: ignore[arg-type]
        write_override(made)
        return made

    def use(self, made: Override) -> None:
        """Run the command of an override file, as it is shown."""
        self.engine.docker(*shlex.split(made.command)[1:])


@pytest.fixture
def project(real_engine: PrivateEngine, tmp_path: Path) -> Iterator[Project]:
    """A project that is up on the new image."""
    names = ("old", "new", "third")
    images = {name: content.build(real_engine, f"composed:{name}", version=name) for name in names}
    folder = tmp_path / "srv shop"
    folder.mkdir()
    made = Project(real_engine, folder, images)
    made.up()
    yield made
    if found := made.web:
        real_engine.docker("rm", "--force", *found)
    made.file.write_text(SERVICE)
    made.compose("down", "--remove-orphans")


def test_up_leaves_it_until_the_tag_moves_and_force_recreate_brings_the_tag_back(project: Project) -> None:
    notes = project.roll_back(to=project.old, points_at=project.new)
    assert notes == (
        f"docker compose up leaves shop-web-1 on {short(project.old)} until composed:latest moves",
        REMOVED,
        f"docker compose up --force-recreate, or with changed files, brings back {short(project.new)}",
    )
    before = project.identity()
    for options in ((), ("--no-build",), ("--pull", "never"), ("--pull", "missing"), ("--no-recreate",)):
        project.up(*options)
        assert project.identity() == before
    project.point(project.third)
    project.up()
    assert project.web == {"shop-web-1": ("running", project.third)}


@pytest.mark.parametrize("changed", [False, True], ids=["--force-recreate", "changed files"])
def test_what_brings_back_the_tag_does(project: Project, changed: bool) -> None:
    project.roll_back(to=project.old, points_at=project.new)
    if changed:
        project.file.write_text(SERVICE.replace("sleep 1000", "sleep 1001"))
    project.up(*(() if changed else ("--force-recreate",)))
    assert project.web == {"shop-web-1": ("running", project.new)}


def test_where_the_tag_went_back_with_it_up_leaves_it(project: Project) -> None:
    notes = project.roll_back(to=project.old, points_at=project.old)
    leaves = f"docker compose up leaves shop-web-1 on {short(project.old)} until composed:latest moves"
    assert notes == (leaves, REMOVED)
    before = project.identity()
    project.up()
    assert project.identity() == before


def test_with_labels_as_they_were_up_would_make_it_anew_where_the_tag_went_back_too(project: Project) -> None:
    project.roll_back(to=project.old, points_at=project.old, honest=False)
    assert project.labels("shop-web-1")[IMAGE_LABEL] == project.new
    before = project.identity()
    project.up()
    assert project.identity() != before
    assert project.web == {"shop-web-1": ("running", project.old)}


def test_of_one_that_stays_beside_it_up_makes_the_only_replica(project: Project) -> None:
    """Why the container before does not stay: a label cannot be taken from it."""
    project.roll_back(to=project.old, points_at=project.new, beside=True)
    project.up()
    assert project.web == {"shop-web-1-before": ("running", project.new)}


@pytest.mark.parametrize("verb", ["start", "restart"])
def test_one_that_stays_beside_it_is_started_too(project: Project, verb: str) -> None:
    """As above."""
    project.roll_back(to=project.old, points_at=project.new, beside=True)
    project.compose(verb, "web")
    assert {state for state, _ in project.web.values()} == {"running"}
    assert set(project.web) == {"shop-web-1", "shop-web-1-before"}


def test_where_the_tag_had_moved_on_up_leaves_it(project: Project) -> None:
    notes = project.roll_back(to=project.old, points_at=project.third)
    assert f"docker compose up leaves shop-web-1 on {short(project.old)} until composed:latest moves" in notes
    project.up()
    assert project.web == {"shop-web-1": ("running", project.old)}


def test_of_one_whose_labels_are_older_than_its_tag_up_makes_another_one(project: Project) -> None:
    """As what an undo makes, where the tag has moved since."""
    labels = project.labels("shop-web-1")
    project.point(project.third)
    notes = compose_notes(
        labels,
        "shop-web-1",
        project.new,
        reference="composed:latest",
        points_at=project.third,
        outdated=True,
    )
    assert notes == (
        "docker compose up recreates shop-web-1 from composed:latest, which has moved since",
        REMOVED,
    )
    project.up()
    assert project.web == {"shop-web-1": ("running", project.third)}


def test_where_the_tag_is_gone_up_builds_or_pulls_it_or_fails(project: Project) -> None:
    project.roll_back(to=project.old, points_at=project.new)
    project.engine.docker("rmi", "composed:latest")
    labels = project.labels("shop-web-1")
    notes = compose_notes(labels, "shop-web-1", project.old, reference="composed:latest", points_at=None)
    anew = "docker compose up pulls or builds composed:latest, and recreates shop-web-1 from it"
    assert notes == (anew, REMOVED)
    with pytest.raises(CommandFailedError, match="registry"):
        project.up()
    assert project.web == {"shop-web-1": ("running", project.old)}
    build = SERVICE.replace("image: composed:latest", "image: composed:latest\n    build: .")
    project.file.write_text(build)
    content.write_context(project.file.parent, version="built anew")
    project.up()
    (state, built) = project.web["shop-web-1"]
    assert state == "running"
    assert built not in {project.old, project.new, project.third}


def test_what_compose_run_made_is_none_of_up_s_business(project: Project) -> None:
    project.compose("run", "--detach", "--name", "shop-once", "web")
    labels = project.labels("shop-once")
    try:
        assert compose_notes(labels, "shop-once", project.old, reference=None, points_at=project.new) == ()
        assert labels_on(labels, project.old) == {}
        project.point(project.old)
        project.up()
        assert project.web["shop-once"] == ("running", project.new)
    finally:
        project.engine.docker("rm", "--force", "shop-once")


def test_the_override_file_pins_the_digest_of_one_service(project: Project) -> None:
    made = project.pinned()
    project.point(project.third)
    project.engine.docker("tag", project.third, "composed:db")
    database = project.identity("shop-db-1")
    project.use(made)
    assert project.web == {"shop-web-1": ("running", project.old)}
    pinned = project.identity()
    project.use(made)
    assert project.identity() == pinned
    assert project.identity("shop-db-1") == database
    project.up("web")
    assert project.web == {"shop-web-1": ("running", project.third)}


def test_the_override_file_is_used_after_a_roll_back(project: Project) -> None:
    project.roll_back(to=project.old, points_at=project.new)
    project.use(project.pinned())
    assert project.web == {"shop-web-1": ("running", project.old)}


def test_what_is_pinned_by_a_file_is_pinned_anew_by_the_same_file(project: Project) -> None:
    made = project.pinned()
    project.use(made)
    again = override(project.labels("shop-web-1"), project.third)
    assert (again.path, again.command) == (made.path, made.command)
    write_override(again, replace=True)
    project.use(again)
    assert project.web == {"shop-web-1": ("running", project.third)}


def test_a_pinned_service_is_not_built(project: Project) -> None:
    project.file.write_text(SERVICE.replace("image: composed:latest", "build: .\n    pull_policy: build"))
    content.write_context(project.file.parent, version="built")
    project.up()
    built = content.image_id(project.engine, "shop-web")
    made = project.pinned()
    project.use(made)
    project.engine.docker(*shlex.split(made.command)[1:], "--build")
    assert project.web == {"shop-web-1": ("running", project.old)}
    assert content.image_id(project.engine, "shop-web") == built
    assert project.engine.docker("images", "--quiet", "sha256") == ""


def test_all_containers_of_a_service_are_pinned_and_none_is_lost(project: Project) -> None:
    project.up("--scale", "web=2")
    project.use(project.pinned(containers=2))
    assert project.web == {f"shop-web-{number}": ("running", project.old) for number in (1, 2)}


def test_the_files_of_variables_that_were_given_are_given_again(project: Project) -> None:
    variables = project.file.parent / "a b.env"
    variables.write_text("COMMAND=sleep 1002\n")
    project.file.write_text(SERVICE.replace("sleep 1000", "${COMMAND}"))
    project.compose("--env-file", str(variables), "up", "--detach")
    project.use(project.pinned())
    assert "sleep 1002" in json.dumps(project.inspect("shop-web-1")["Config"])


def test_a_file_from_standard_input_cannot_be_overridden(project: Project) -> None:
    arguments = ("--project-name", "shop", "--file", "-", "up", "--detach", "--force-recreate")
    project.engine.docker("compose", *arguments, stdin=SERVICE)
    with pytest.raises(NotPossible, match="do not say where"):
        project.pinned()


def test_what_a_registry_has_is_pinned_by_its_repo_digest_and_pulled_where_it_is_not_here(
    project: Project,
) -> None:
    with Registry() as registry:
        pushed = f"{registry.address}/composed:old"
        project.engine.docker("tag", project.old, pushed)
        project.engine.docker("push", "--quiet", pushed)
        digest = project.engine.docker("inspect", "--format", "{{index .RepoDigests 0}}", pushed).strip()
        repo_digest = f"{registry.address}/composed@{digest.partition('@')[2]}"
        project.engine.docker("rmi", pushed, "composed:old")
        made = project.pinned(repo_digest=repo_digest)
        project.use(made)
        (found,) = project.web.values()
        assert found[0] == "running"
        assert project.labels("shop-web-1")["org.opencontainers.image.version"] == "old"
        assert project.inspect("shop-web-1")["Config"]["Image"] == repo_digest  # type: ignore[index]


def test_a_repository_at_a_digest_is_no_name_of_what_no_registry_has(project: Project) -> None:
    project.engine.docker("tag", project.old, "held-by-a-tag:1")
    project.engine.docker("rmi", "composed:old")
    with pytest.raises(CommandFailedError, match="registry"):
        project.use(project.pinned(repo_digest=f"composed@{project.old}"))
    assert project.web == {"shop-web-1": ("running", project.new)}
    made = override(project.labels("shop-web-1"), project.old)
    write_override(made, replace=True)
    project.use(made)
    assert project.web == {"shop-web-1": ("running", project.old)}
