"""How an image was built is found from every source, each field with where it is known from."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from imgtui.engine.build.history_fault import ASK, MAY_END
from imgtui.engine.wire.translate import mapping
from imgtui.model.build.build import BuilderKind
from imgtui.model.build.recipe import Origin
from imgtui.model.build.sources import NOT_HERE
from imgtui.model.core.image import Store
from imgtui.model.safety.mask import MASK
from tests.engine.contract.hands import DockerHands, Hands
from tests.engine.contract.rebuilding import DOCKERFILE, Site
from tests.engines import content

pytestmark = pytest.mark.in_turn

COMPOSE: Final = """\
services:
  api:
    image: {tag}
    command: ["sh", "-c", "sleep 1000"]
    network_mode: none
    build:
      context: ./context
      target: final
      args: {{VERSION: "9", API_TOKEN: hunter2}}
      labels: {{team: shop}}
      tags: ["{extra}"]
      secrets: [npm]
secrets:
  npm: {{file: ./npm}}
"""
SECRET: Final = 'RUN --mount=type=secret,id=npm ["/bin/busybox", "cat", "/run/secrets/npm"]\n'


@pytest.fixture
def site(asking: None, plain: Site) -> Site:
    """Where BuildKit and Compose are, and the build history is asked whatever may become of the engine."""
    return plain


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody wants the build history asked."""
    monkeypatch.setenv(ASK, "always")


@pytest.fixture
def plain(hands: Hands, name: str, tmp_path: Path) -> Iterator[Site]:
    """Where BuildKit and Compose are."""
    if not isinstance(hands, DockerHands):
        pytest.skip("an engine in memory has what it is given")
    made = Site(hands, name, tmp_path / "context")
    yield made
    made.engine.close()


def docker(site: Site, *arguments: str) -> str:
    assert isinstance(site.hands, DockerHands)
    return site.hands.real.docker(*arguments)


def with_buildkit(site: Site) -> None:
    if site.kind is not BuilderKind.BUILDKIT:
        pytest.skip("no builder here remembers anything")


def test_a_build_record_tells_all_but_secrets(site: Site, tmp_path: Path) -> None:
    with_buildkit(site)
    site.write("one", DOCKERFILE + SECRET)
    (tmp_path / "npm").write_text("s3cret-of-npm")
    docker(
        site,
        *("build", "-q", "-t", site.tag, "--target", "final", "--network", "none"),
        *("--build-arg", "VERSION=3", "--build-arg", "API_TOKEN=hunter2", "--label", "team=shop"),
        *("--secret", f"id=npm,src={tmp_path / 'npm'}", str(site.folder)),
    )
    image_id = str(site.where())
    draft = site.draft(image_id, site.tag)
    fields = draft.recipe.fields
    assert {fields[name].origin for name in ("context", "dockerfile", "target", "labels", "network")} == {
        Origin.RECORD
    }
    assert draft.recipe.values("context") == (str(site.folder),)
    assert draft.recipe.values("target") == ("final",)
    assert set(draft.recipe.values("arguments")) == {"VERSION=3", f"API_TOKEN={MASK}"}
    assert draft.recipe.values("secrets") == ("id=npm",)
    assert draft.recipe.values("labels") == ("team=shop",)
    assert draft.recipe.values("network") == ("none",)
    assert "hunter2" not in repr(draft)
    assert "s3cret" not in repr(draft)
    _, faults = site.checked(draft)
    assert faults.keys() == {"arguments", "secrets"}
    assert faults["secrets"].startswith("type where npm is")
    build, faults = site.checked(
        draft, arguments="VERSION=3 API_TOKEN=hunter2", secrets=f"id=npm,src={tmp_path / 'npm'}"
    )
    assert faults == {}
    assert f"--secret 'id=npm,src={MASK}'" in build.command
    job = site.desk.end(site.begin(build))
    assert job.state.value == "done", job.line
    assert "s3cret" not in "\n".join(site.desk.jobs.log(1))
    assert "npm,src" not in "\n".join(site.desk.state._connection.iterdump()).replace(MASK, "").replace(
        "id=npm,src=", "", 1
    )


def test_a_record_outlives_its_image(site: Site) -> None:
    with_buildkit(site)
    before = site.build_outside()
    site.write("two")
    site.build_outside()
    draft = site.draft(before, former=(site.tag,))
    assert draft.recipe.values("context") == (str(site.folder),)
    assert draft.recipe.values("tags") == (site.tag,)


def test_a_record_of_another_user_does_not_say_the_folder(site: Site) -> None:
    with_buildkit(site)
    image_id = site.build_outside()
    assert isinstance(site.hands, DockerHands)
    shutil.rmtree(site.hands.real.folder / "config/buildx/refs")
    draft = site.draft(image_id, site.tag)
    assert draft.recipe.notes == (NOT_HERE,)
    _, faults = site.checked(draft)
    assert faults["context"] == "nothing tells the context: say its folder or address"


def test_what_is_attested_beside_an_image_is_found_though_the_history_is_not_asked(plain: Site) -> None:
    site = plain
    with_buildkit(site)
    if site.hands.store is not Store.CONTAINERD:
        pytest.skip("a graph driver keeps nothing beside an image")
    docker(site, "build", "-q", "-t", site.tag, "--target", "final", "--network", "none", str(site.folder))
    image_id = str(site.where())
    draft = site.draft(image_id, site.tag)
    assert draft.recipe.notes == (MAY_END,)
    assert draft.recipe.fields["target"].origin is Origin.PROVENANCE
    assert draft.recipe.values("target") == ("final",)
    assert draft.recipe.values("network") == ("none",)
    assert draft.recipe.values("context") == ()


def test_compose_files_are_found_by_the_labels_of_a_container(site: Site, tmp_path: Path) -> None:
    """What the record of the same build has counts more: the files say what is new in them, and differs."""
    with_buildkit(site)
    (tmp_path / "npm").write_text("s3cret-of-npm")
    extra, file = f"{site.repository}:extra", tmp_path / "compose.yaml"
    text = COMPOSE.format(tag=site.tag, extra=extra)
    file.write_text(text)
    compose = ("compose", "--project-name", site.repository, "-f", str(file))
    docker(site, *compose, "up", "-d", "--build")
    try:
        file.write_text(text.replace("target: final", "target: base\n      network: none"))
        draft = site.draft(str(site.where()), site.tag)
    finally:
        docker(site, *compose, "down", "-t", "0")
    recipe = draft.recipe
    assert recipe.fields["context"].origin is Origin.RECORD
    assert recipe.values("context") == (str(site.folder),)
    assert recipe.fields["target"].values == ("final",)
    assert recipe.fields["target"].others == ((Origin.COMPOSE, ("base",)),)
    assert (recipe.fields["network"].origin, recipe.values("network")) == (Origin.COMPOSE, ("none",))
    assert set(recipe.values("arguments")) == {"VERSION=9", f"API_TOKEN={MASK}"}
    assert recipe.values("secrets") == ("id=npm",)
    assert "team=shop" in recipe.values("labels")
    assert recipe.values("tags") == (site.tag,)
    assert any(set(words) == {site.tag, extra} for _, words in recipe.fields["tags"].others)
    assert "hunter2" not in repr(draft)


def test_what_compose_has_built_stays_its_own_though_the_history_is_not_asked(
    plain: Site, tmp_path: Path
) -> None:
    with_buildkit(plain)
    (tmp_path / "npm").write_text("s3cret-of-npm")
    file = tmp_path / "compose.yaml"
    file.write_text(COMPOSE.format(tag=plain.tag, extra=f"{plain.repository}:extra"))
    compose = ("compose", "--project-name", plain.repository, "-f", str(file))
    docker(plain, *compose, "up", "-d", "--build")
    try:
        before = str(plain.where())
        draft = plain.draft(before, plain.tag)
    finally:
        docker(plain, *compose, "down", "-t", "0")
    assert draft.recipe.notes == (MAY_END,)
    assert draft.recipe.fields["context"].origin is Origin.COMPOSE
    build, _ = plain.checked(
        draft, arguments="VERSION=10 API_TOKEN=hunter2", secrets=f"id=npm,src={tmp_path / 'npm'}"
    )
    assert plain.desk.end(plain.begin(build)).state.value == "done"
    after = str(plain.where())
    assert after != before
    assert compose_labels(plain, after) == compose_labels(plain, before) != {}


def compose_labels(site: Site, image_id: str) -> dict[str, object]:
    """Those by which Compose knows an image."""
    labels = mapping(mapping(site.engine.image_config(image_id)).get("Labels"))
    return {name: value for name, value in labels.items() if name.startswith("com.docker.compose.")}


def test_labels_tell_the_source_and_an_empty_form_is_left(site: Site) -> None:
    source = "LABEL org.opencontainers.image.source=https://git.example/web\n"
    revision = "LABEL org.opencontainers.image.revision=abc123\n"
    assert isinstance(site.hands, DockerHands)
    image_id = content.build(
        site.hands.real, site.tag, version="1", dockerfile=content.DOCKERFILE + source + revision
    )
    draft = site.draft(image_id, site.tag)
    assert draft.recipe.fields["repository"].origin is Origin.LABELS
    assert draft.recipe.values("repository") == ("https://git.example/web",)
    assert draft.recipe.values("revision") == ("abc123",)
    _, faults = site.checked(draft)
    assert "context" in faults


def test_of_two_sources_the_first_counts_and_the_other_is_told(site: Site) -> None:
    with_buildkit(site)
    docker(site, "build", "-q", "-t", site.tag, "--build-arg", "VERSION=3", str(site.folder))
    image_id = str(site.where())
    site.rebuild(arguments=("VERSION=4",))
    docker(site, "tag", image_id, site.tag)
    draft = site.draft(image_id, site.tag)
    assert draft.recipe.values("arguments") == ("VERSION=4",)
    assert draft.recipe.fields["arguments"].origin is Origin.REBUILD
    assert draft.recipe.fields["arguments"].others == ((Origin.RECORD, ("VERSION=3",)),)
