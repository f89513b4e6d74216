"""What BuildKit attests, as it was recorded from Docker 28.5, and as nobody should say it."""

from __future__ import annotations

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from imgtui.engine.build.provenance import read_provenance
from imgtui.model.core.printable import safe_for_terminal
from imgtui.model.safety.mask import MASK

DIGEST: Final = f"sha256:{'1' * 64}"
METADATA: Final = "https://mobyproject.org/buildkit@v1#metadata"
VCS: Final = {
    "localdir:context": ".",
    "revision": "1cf57590eb9845732d1d45ef75d33e4ac29130c4",
    "source": "https://me:hunter2@git.example/shop.git",
}
BESIDE: Final = {
    "_type": "https://in-toto.io/Statement/v0.1",
    "predicateType": "https://slsa.dev/provenance/v0.2",
    "subject": [{"name": "pkg:docker/shop/web@1?platform=linux%2Famd64", "digest": {"sha256": "e4"}}],
    "predicate": {
        "buildType": "https://mobyproject.org/buildkit@v1",
        "invocation": {
            "configSource": {"entryPoint": "Dockerfile"},
            "parameters": {
                "frontend": "dockerfile.v0",
                "args": {"force-network-mode": "none", "target": "final"},
            },
            "environment": {"platform": "linux/amd64"},
        },
        "metadata": {METADATA: {"vcs": VCS}},
    },
}
WHOLE: Final = {
    "buildType": "https://mobyproject.org/buildkit@v1",
    "invocation": {
        "configSource": {"uri": "https://git.example/shop.git#main", "entryPoint": "docker/Dockerfile"},
        "parameters": {
            "args": {
                "build-arg:API_TOKEN": "hunter2",
                "build-arg:VERSION": "5",
                "label:a": "b",
                "platform": "linux/arm64",
            },
            "secrets": [{"id": "tok", "optional": True}, {"nothing": 1}],
        },
        "environment": {"platform": "linux/amd64"},
    },
}
VERSION_1: Final = {
    "buildDefinition": {
        "externalParameters": {
            "configSource": {"path": "Dockerfile"},
            "request": {"args": {"build-arg:VERSION": "5"}, "secrets": [{"id": "tok"}]},
        }
    },
    "runDetails": {"metadata": {"buildkit_metadata": {"vcs": VCS}}},
}


def test_what_is_beside_an_image_has_no_arguments() -> None:
    found = read_provenance(BESIDE, DIGEST)
    assert found is not None
    assert (found.names, found.dockerfile, found.target) == (("shop/web:1",), "Dockerfile", "final")
    assert (found.network, found.arguments, found.platforms) == ("none", (), ())
    assert found.repository == f"https://me:{MASK}@git.example/shop.git"
    assert found.revision.startswith("1cf57590")


def test_what_the_history_keeps_has_arguments_and_the_ids_of_secrets() -> None:
    found = read_provenance(WHOLE, DIGEST)
    assert found is not None
    assert found.arguments == (("API_TOKEN", MASK), ("VERSION", "5"))
    assert found.labels == (("a", "b"),)
    assert found.secrets == ("tok",)
    assert found.platforms == ("linux/arm64",)
    assert (found.context, found.dockerfile) == ("https://git.example/shop.git#main", "docker/Dockerfile")


def test_version_1_is_read_too() -> None:
    found = read_provenance(VERSION_1, DIGEST)
    assert found is not None
    assert (found.arguments, found.secrets, found.dockerfile) == ((("VERSION", "5"),), ("tok",), "Dockerfile")
    assert found.revision.startswith("1cf57590")


def test_what_says_nothing_of_a_build_is_none() -> None:
    nothing: tuple[object, ...] = (None, {}, [], "x", {"predicate": {"builder": {"id": "x"}}})
    for raw in nothing:
        assert read_provenance(raw, DIGEST) is None


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "args",
                    "secrets",
                    "id",
                    "build-arg:A",
                    "label:b",
                    "target",
                    "platform",
                    "uri",
                    "vcs",
                    "source",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(
    st.fixed_dictionaries({"invocation": st.fixed_dictionaries({"parameters": JSON, "configSource": JSON})})
)
def test_whatever_is_attested_is_safe_to_show(raw: object) -> None:
    found = read_provenance(raw, DIGEST)
    if found is not None:
        texts = (found.context, found.dockerfile, found.target, found.repository, found.revision)
        pairs = (text for pair in (*found.arguments, *found.labels) for text in pair)
        assert all(map(safe_for_terminal, (*texts, *pairs, *found.secrets, *found.platforms)))
