"""The immutable facts of an image."""

import json
import re
from typing import Final

import pytest

from imgtui.engine.wire.facts import read_facts
from imgtui.model.core.image import ImageFacts, Store
from tests.engine.contract.conftest import archive, listed
from tests.engine.contract.hands import DockerHands, Hands
from tests.engines import content
from tests.engines.private import PrivateEngine

CONFIG: Final[dict[str, object]] = {
    "Env": ["PATH=/bin", "API_TOKEN=hunter2", "EMPTY="],
    "Cmd": ["serve", "--all"],
    "Entrypoint": ["/bin/app"],
    "User": "1000:1000",
    "WorkingDir": "/srv",
    "Labels": {"org.opencontainers.image.version": "1"},
    "ExposedPorts": {"8080/tcp": {}},
    "Volumes": {"/data": {}},
    "StopSignal": "SIGINT",
}
DOCKERFILE: Final = """\
FROM scratch
COPY bin /bin
RUN ["/bin/busybox", "sh", "-c", "echo 1234567 > /eight"]
RUN ["/bin/busybox", "true"]
WORKDIR /srv
ENV API_TOKEN=hunter2
HEALTHCHECK CMD true
COPY etc /etc
USER 1000
CMD ["sh"]
"""


def facts_of(hands: Hands, name: str) -> ImageFacts:
    document = hands.engine.document(name)
    assert document is not None
    return read_facts(document)


def test_the_facts_name_the_layers_of_the_image(hands: Hands, name: str) -> None:
    image = archive(f"{name}:1", name, "two", "three")

    facts = facts_of(hands, hands.load(image))

    assert [layer.diff_id for layer in facts.layers] == image.diff_ids
    assert [entry.diff_id for entry in facts.history] == image.diff_ids
    assert facts.sizes_certain
    assert facts.platform == "linux/amd64"
    assert facts.created.startswith("2024-01-01T00:00:00")


def test_the_facts_tell_how_the_image_is_run(hands: Hands, name: str) -> None:
    config = facts_of(hands, hands.load(archive(f"{name}:1", name, config=CONFIG))).config

    assert [name for name, _ in config.env] == ["PATH", "API_TOKEN", "EMPTY"]
    assert (config.entrypoint, config.cmd) == (("/bin/app",), ("serve", "--all"))
    assert (config.user, config.working_dir, config.stop_signal) == ("1000:1000", "/srv", "SIGINT")
    assert config.labels["org.opencontainers.image.version"] == "1"
    assert (config.exposed_ports, config.volumes) == (("8080/tcp",), ("/data",))


def test_a_secret_value_is_not_in_the_document_unless_it_is_asked_for(hands: Hands, name: str) -> None:
    loaded = hands.load(archive(f"{name}:1", name, config=CONFIG))

    assert "hunter2" not in (hands.engine.document(loaded) or "hunter2")
    assert "hunter2" in (hands.engine.document(loaded, reveal=True) or "")


def test_a_document_does_not_change_when_tags_move(hands: Hands, name: str) -> None:
    loaded = hands.load(archive(f"{name}:1", name))
    before = hands.engine.document(loaded)
    hands.tag(f"{name}:1", f"elsewhere/{name}:2")
    hands.remove(f"{name}:1")

    assert hands.engine.document(loaded) == before
    assert name not in (before or name)


def test_a_document_of_a_tag_is_that_of_its_image(hands: Hands, name: str) -> None:
    loaded = hands.load(archive(f"{name}:1", name))

    assert facts_of(hands, f"{name}:1") == facts_of(hands, loaded)
    assert facts_of(hands, loaded).id == loaded


def test_every_instruction_of_a_build_has_the_bytes_that_docker_history_prints(
    real_engine: PrivateEngine, name: str
) -> None:
    hands = DockerHands(real_engine)
    built = content.build(real_engine, f"{name}:1", version=name, dockerfile=DOCKERFILE)
    shown = real_engine.docker("history", "--no-trunc", "--human=false", "--format", "{{.Size}}", built)
    layers = json.loads(real_engine.docker("image", "inspect", "--format", "{{json .RootFS.Layers}}", built))

    facts = facts_of(hands, built)

    assert [entry.size for entry in reversed(facts.history)] == [int(size) for size in shown.split()]
    assert [layer.diff_id for layer in facts.layers] == layers
    assert [entry.diff_id for entry in facts.history if entry.diff_id] == layers
    assert facts.config.user == "1000"
    # Podman builds OCI images, whose configuration has no health check.
    assert facts.config.healthcheck == (() if hands.store is Store.PODMAN else ("CMD-SHELL", "true"))
    assert "hunter2" not in (hands.engine.document(built) or "hunter2")
    hands.engine.close()


def test_the_layer_of_an_instruction_is_the_one_it_made(
    docker28_overlay2: PrivateEngine, docker28_containerd: PrivateEngine, name: str
) -> None:
    for real in (docker28_overlay2, docker28_containerd):
        hands = DockerHands(real)
        facts = facts_of(hands, content.build(real, f"{name}:1", version=name, dockerfile=DOCKERFILE))
        made = {entry.created_by: entry for entry in facts.history if entry.diff_id}

        assert [re.split(r"[ {]", instruction)[0] for instruction in made] == [
            "COPY", "RUN", "RUN", "WORKDIR", "COPY",
        ]  # fmt: skip
        assert facts.unpacked == sum(entry.size for entry in facts.history)
        hands.engine.close()


@pytest.mark.parametrize("texts", [("one",), ("one", "two"), ("same", "same")])
def test_the_bytes_of_layers_add_up_to_the_size_on_a_graph_driver(
    hands: Hands, name: str, texts: tuple[str, ...]
) -> None:
    loaded = hands.load(archive(f"{name}:1", *texts, config={"Labels": {"unique": name}}))

    facts = facts_of(hands, loaded)

    assert len(facts.layers) == len(texts)
    assert (facts.unpacked == listed(hands)[loaded].size) is (hands.store is Store.GRAPH)
