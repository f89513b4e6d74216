"""The immutable facts: which instruction made which layer, and that nothing harmful or secret is in them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.engine.wire.facts import NO_LAYER, pretty, read_facts, to_document, which_made_layers
from tests.engine.payloads import VALUES, is_safe, payload, texts

RUN, COPY, WORKDIR = "RUN /bin/sh -c make # buildkit", "COPY . /app # buildkit", "WORKDIR /app"
CMD = "/bin/sh -c #(nop)  CMD []"
ENTRIES = st.lists(
    st.tuples(
        st.sampled_from([RUN, COPY, WORKDIR, CMD, "ENV A=1", "", "ARG X", "CMDS"]),
        st.sampled_from([0, 0, 1, 900]),
    ),
    max_size=8,
)


@pytest.mark.parametrize(
    ("entries", "layers", "made", "certain"),
    [
        ([], 0, [], True),
        ([(COPY, 10), ("ENV A=1", 0), (RUN, 5)], 2, [True, False, True], True),
        ([(COPY, 10), (WORKDIR, 0), ("CMD [sh]", 0)], 2, [True, True, False], True),
        ([(COPY, 10), (WORKDIR, 0), (RUN, 0)], 2, [True, True, False], False),
        (
            [("/bin/sh -c #(nop) ADD file:1 in / ", 9), (CMD, 0)],
            1,
            [True, False],
            True,
        ),
        ([("ENV A=1", 0), ("LABEL a=b", 0)], 1, [False, False], False),
        ([(COPY, 10)], 3, [True], False),
        ([(COPY, 10), (RUN, 5)], 1, [True, True], False),
        ([("", 7)], 1, [True], True),
    ],
)
def test_instructions_that_made_layers(
    entries: list[tuple[str, int]], layers: int, made: list[bool], certain: bool
) -> None:
    assert which_made_layers(entries, layers) == (made, certain)


@given(ENTRIES, st.integers(0, 10))
def test_every_instruction_with_bytes_made_a_layer(entries: list[tuple[str, int]], layers: int) -> None:
    made, certain = which_made_layers(entries, layers)

    assert len(made) == len(entries)
    assert all(made[index] for index, (_, size) in enumerate(entries) if size)
    assert not certain or sum(made) == layers
    makers = [size > 0 or not NO_LAYER.match(instruction) for instruction, size in entries]
    assert sum(made) == min(max(layers, sum(size > 0 for _, size in entries)), sum(makers))


@given(ENTRIES)
def test_an_image_whose_empty_instructions_make_no_layer_is_certain(entries: list[tuple[str, int]]) -> None:
    layers = sum(size > 0 for _, size in entries)

    assert which_made_layers(entries, layers) == ([size > 0 for _, size in entries], True)


def test_where_history_is_left_out_nothing_is_told_of_the_lowest_layers() -> None:
    """A base whose history was left out (`buildah --omit-history`), and what was built on it."""
    steps = [("COPY app /", 5), ("RUN make", 7), ("ENV A=1", 0), ("CMD [sh]", 0)]
    history = [{"CreatedBy": text, "Size": size} for text, size in reversed(steps)]
    inspect = {"RootFS": {"Layers": [f"sha256:{number}" for number in range(4)]}}
    facts = read_facts(to_document(inspect, history))
    assert [(entry.created_by, entry.diff_id) for entry in facts.history] == [
        ("", "sha256:0"), ("", "sha256:1"), ("COPY app /", "sha256:2"), ("RUN make", "sha256:3"),
        ("ENV A=1", None), ("CMD [sh]", None),
    ]  # fmt: skip
    assert not facts.sizes_certain


@pytest.mark.parametrize("history", [None, [], [{"CreatedBy": "CMD [sh]", "Size": 0}]])
def test_an_image_without_history_has_all_its_layers(history: object) -> None:
    inspect = {"RootFS": {"Layers": ["sha256:0", "sha256:1"]}}
    facts = read_facts(to_document(inspect, history))
    assert [entry.diff_id for entry in facts.history if entry.diff_id] == ["sha256:0", "sha256:1"]
    assert [entry.created_by for entry in facts.history if entry.diff_id] == ["", ""]


@given(
    payload("Id", "Created", "Architecture", "Os", "Variant", "Author", "Comment", "Config", "RootFS"),
    st.lists(payload("Created", "CreatedBy", "Size", "Comment", "Tags", "Id"), max_size=4) | VALUES,
)
def test_no_document_breaks_or_harms(inspect: dict[str, object], history: object) -> None:
    for reveal in (False, True):
        document = to_document(inspect, history, reveal=reveal)
        assert all(map(is_safe, texts(read_facts(document))))
        assert all(map(is_safe, pretty(document)))


@given(payload("Env", "Cmd", "Entrypoint", "Labels", "ExposedPorts", "Volumes", "Healthcheck", "Shell"))
def test_no_configuration_breaks_or_harms(config: dict[str, object]) -> None:
    assert all(map(is_safe, texts(read_facts(to_document({"Config": config}, None)))))


@given(VALUES)
def test_any_json_is_a_document(content: object) -> None:
    assert all(map(is_safe, texts(read_facts(json.dumps(content)))))


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        read_facts("{")


def test_layers_have_the_bytes_of_the_instruction_that_made_them() -> None:
    inspect = {"Id": "sha256:1", "RootFS": {"Layers": ["sha256:base", "sha256:dir", "sha256:app"]}}
    history = [
        {"CreatedBy": "CMD [sh]", "Size": 0},
        {"CreatedBy": COPY, "Size": 5},
        {"CreatedBy": WORKDIR, "Size": 0},
        {"CreatedBy": "ADD rootfs.tar / # buildkit", "Size": 70},
    ]

    facts = read_facts(to_document(inspect, history))

    assert [(layer.diff_id, layer.size) for layer in facts.layers] == [
        ("sha256:base", 70), ("sha256:dir", 0), ("sha256:app", 5),
    ]  # fmt: skip
    assert [entry.diff_id for entry in facts.history] == ["sha256:base", "sha256:dir", "sha256:app", None]
    assert facts.unpacked == 75


def test_the_same_layer_twice_has_its_bytes_twice() -> None:
    inspect = {"RootFS": {"Layers": ["sha256:base", "sha256:base"]}}
    history = [{"CreatedBy": COPY, "Size": 5}, {"CreatedBy": COPY, "Size": 5}]

    assert read_facts(to_document(inspect, history)).unpacked == 10


def test_a_document_has_nothing_that_moves_with_the_tags() -> None:
    moving = {
        "RepoTags": ["web:1"],
        "RepoDigests": ["web@sha256:1"],
        "Metadata": {"LastTagTime": "now"},
        "Descriptor": {"digest": "sha256:1", "annotations": {"io.containerd.image.name": "web:1"}},
    }

    document = to_document({"Id": "sha256:1", **moving}, [{"Tags": ["web:1"], "Size": 1}])

    assert "web" not in document
    assert "now" not in document
    assert json.loads(document)["inspect"]["Descriptor"] == {"digest": "sha256:1"}


def test_secrets_are_masked_in_environment_labels_and_instructions() -> None:
    inspect = {
        "Config": {
            "Env": ["API_TOKEN=hunter2", "DATABASE_URL=postgres://u:hunter2@db/x", "PATH=/bin"],
            "Labels": {"deploy.password": "hunter2"},
        }
    }
    history = [{"CreatedBy": "ENV API_TOKEN=hunter2", "Size": 0}]

    document = to_document(inspect, history)

    assert "hunter2" not in document
    assert dict(read_facts(document).config.env)["PATH"] == "/bin"
    assert to_document(inspect, history, reveal=True).count("hunter2") == 4


def test_a_pretty_document_has_its_own_words_and_no_controls() -> None:
    lines = pretty(to_document({"Author": "Zoë \x1b[31m"}, []))

    assert any("Zoë" in line for line in lines)
    assert all(map(is_safe, lines))
