"""Images of which the engine does not have everything: another platform alone, no history, less of it."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from imgtui.engine.archive.engine import ArchiveEngine
from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.docker.engine import DockerEngine
from imgtui.engine.port.errors import EngineError
from imgtui.engine.wire.facts import read_facts
from imgtui.model.core.image import ImageFacts
from imgtui.model.jobs.job import JobState
from imgtui.operations.files.layer_files import tree_of
from imgtui.store.cached.cache import Cache
from tests.bench.engine_api import EngineApi
from tests.engine.archive.tars import platforms_archive
from tests.engine.contract.conftest import archive, listed
from tests.engine.contract.hands import DockerHands, Hands
from tests.engine.contract.test_archives import saving
from tests.engine.contract.transferring import Desk
from tests.engines import content
from tests.engines.archives import ArchiveImage
from tests.engines.looked_at import not_on, only_on
from tests.engines.private import PrivateEngine
from tests.engines.wrong_answers import Wrong, WrongAnswers
from tests.verbs.command import call, environment

NO_SNAPSHOT = Wrong(
    "no snapshot", '{"message": "snapshot sha256:aa does not exist: not found"}', "404 Not Found"
)
NO_IMAGE = Wrong("no image", '{"message": "No such image: web"}', "404 Not Found")

platforms = only_on("docker28-containerd", why="only the containerd store has several platforms of an image")


def real_of(hands: Hands) -> PrivateEngine:
    return cast("DockerHands", hands).real


def load(hands: Hands, tag: str, architectures: list[str], missing: list[str]) -> str:
    """Load an image for several platforms; its ID."""
    EngineApi(real_of(hands).host).load(platforms_archive(tag, architectures, missing))
    image = hands.engine.image(tag)
    assert image is not None
    return image.id


def facts_of(engine: DockerEngine, name: str) -> ImageFacts:
    document = engine.document(name)
    assert document is not None
    return read_facts(document)


@platforms
def test_what_is_here_for_another_platform_alone_is_looked_into_and_saved(
    hands: Hands, name: str, tmp_path: Path
) -> None:
    image_id = load(hands, f"{name}:1", ["amd64", "arm64"], ["amd64"])
    facts = facts_of(cast("DockerEngine", hands.engine), image_id)
    assert facts.platform == "linux/arm64"
    diff_ids = [layer.diff_id for layer in facts.layers]
    read = tree_of(hands.engine, Cache(None).layer_lists, image_id, diff_ids)
    assert [*read.tree.paths] == ["", "etc", "etc/arm64"]
    desk = Desk(hands.engine)
    path = tmp_path / "image.tar"
    job = desk.run(saving(desk.catalog(), path, image_id))
    assert job.state is JobState.DONE, job.line
    hands.remove(image_id, force=True)
    EngineApi(real_of(hands).host).load(path.read_bytes())
    again = hands.engine.image(f"{name}:1")
    assert again is not None
    assert facts_of(cast("DockerEngine", hands.engine), again.id).platform == "linux/arm64"
    hands.remove(again.id, force=True)


@platforms
def test_images_that_have_no_platform_in_common_are_not_exported_together(hands: Hands, name: str) -> None:
    names = [f"{name}:1", f"{name}:2"]
    load(hands, names[0], ["amd64", "arm64"], ["amd64"])
    load(hands, names[1], ["amd64", "arm64"], ["arm64"])
    with pytest.raises(EngineError, match="only together with platforms that are not here"):
        hands.engine.save_images(names)
    for tag in names:
        hands.remove(tag, force=True)


@not_on("memory-graph", "memory-containerd", why="it always tells a history")
@pytest.mark.parametrize("gone", [False, True], ids=["there", "gone meanwhile"])
def test_an_image_whose_history_the_engine_refuses_is_told_without_it(
    gone: bool, hands: Hands, name: str, tmp_path: Path
) -> None:
    image_id = hands.load(archive(f"{name}:1", "one", "two"))
    with (
        WrongAnswers(tmp_path, real_of(hands).host) as between,
        closing(DockerEngine(Endpoint(between.host, "-H", None, None, tmp_path))) as engine,
    ):
        engine.connect()
        between.answer({"/images/.*/history": NO_SNAPSHOT})
        facts = facts_of(engine, image_id)
        assert [entry.created_by for entry in facts.history] == ["", ""]
        assert [entry.diff_id for entry in facts.history] == [layer.diff_id for layer in facts.layers]
        assert not facts.sizes_certain
        if gone:
            between.answer({"/images/.*/history": NO_SNAPSHOT, "/images/.*/json": NO_IMAGE})
            assert engine.document(image_id) is None
        assert between.answered


class Untold(ArchiveImage):
    """The image of a builder that leaves out the history of its base."""

    @property
    def config_json(self) -> bytes:
        """Without the first entry, and with one that made no layer."""
        document = json.loads(super().config_json)
        none = {"created": self.created, "created_by": "CMD [sh]", "empty_layer": True}
        document["history"] = [*document["history"][1:], none]
        return json.dumps(document, sort_keys=True).encode()


@not_on("memory-graph", "memory-containerd", why="it always tells a history")
def test_the_layers_of_a_base_without_history_have_no_instruction_of_what_is_on_it(
    hands: Hands, name: str
) -> None:
    whole = archive(f"{name}:1", "base " * 1000, "child")
    image = Untold(whole.tags, whole.layers, whole.config)
    facts = facts_of(cast("DockerEngine", hands.engine), hands.load(image))
    assert [(entry.created_by, entry.diff_id) for entry in facts.history] == [
        ("", image.diff_ids[0]),
        ("layer 1", image.diff_ids[1]),
        ("CMD [sh]", None),
    ]


@platforms
def test_what_buildx_makes_for_other_platforms_is_shown_with_the_rest(
    hands: Hands, name: str, tmp_path: Path
) -> None:
    real, engine = real_of(hands), cast("DockerEngine", hands.engine)
    context = tmp_path / "context"
    context.mkdir()
    content.write_context(context, version=name)
    mine = hands.build(f"{name}:1", "mine")
    for tag, wanted in ((f"{name}:arm", ["linux/arm64"]), (f"{name}:two", ["linux/arm64", "linux/s390x"])):
        real.build(f"--platform={','.join(wanted)}", "-t", tag, str(context))
        made = listed(hands)[content.image_id(real, tag)]
        assert made.platforms == tuple(wanted)
        facts = facts_of(engine, made.id)
        assert facts.platform == "linux/arm64"
        assert len(facts.history) == len(facts_of(engine, mine).history)
        diff_ids = [layer.diff_id for layer in facts.layers]
        paths = tree_of(engine, Cache(None).layer_lists, made.id, diff_ids).tree.paths
        assert {"bin/busybox", "etc/version"} <= {*paths}
        desk = Desk(engine)
        path = tmp_path / f"{len(wanted)}.tar"
        assert desk.run(saving(desk.catalog(), path, made.id)).state is JobState.DONE
        with closing(ArchiveEngine(path)) as archived:
            kept = {image.tags: image.platforms for part in archived.list_images() for image in part.images}
        assert kept, path
    done = call(environment(tmp_path, real.address), "ls", "--json", name)
    assert done.returncode == 0, done.stderr
    assert {tag for row in json.loads(done.stdout) for tag in row["tags"]} == {
        f"{name}:1", f"{name}:arm", f"{name}:two",
    }  # fmt: skip
