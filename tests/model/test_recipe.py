"""Of several sources the first one counts, and the others are told where they differ."""

from __future__ import annotations

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.build.recipe import FIELDS, Clue, Origin, recipe_of
from imgtui.model.build.sources import NOT_HERE, clue_of_compose, clue_of_labels, clue_of_record
from imgtui.model.core.printable import safe_for_terminal
from imgtui.model.safety.mask import MASK
from imgtui.model.taglog.traces import BuildRecord

RECORD: Final = BuildRecord("ref", f"sha256:{'1' * 64}", 1, context="/srv/web", dockerfile="Dockerfile")


def test_the_first_source_counts_and_another_is_told() -> None:
    recipe = recipe_of(
        [
            Clue(Origin.REBUILD, {"target": ("final",), "labels": ("a=1", "b=2")}),
            Clue(Origin.RECORD, {"target": ("base",), "labels": ("b=2", "a=1"), "network": ("none",)}),
            Clue(Origin.COMPOSE, {"target": ("base",), "unknown": ("x",), "context": ()}),
        ]
    )
    assert recipe.fields["target"].values == ("final",)
    assert recipe.fields["target"].others == ((Origin.RECORD, ("base",)),)
    assert recipe.fields["labels"].others == ()
    assert recipe.fields["network"].origin is Origin.RECORD
    assert recipe.fields.keys() == {"target", "labels", "network"}


def test_a_record_without_a_folder_says_so() -> None:
    assert clue_of_record(RECORD).notes == ()
    assert clue_of_record(BuildRecord("ref", None, 1)).notes == (NOT_HERE,)
    assert clue_of_record(BuildRecord("ref", None, 1), Origin.PROVENANCE).notes == ()


def test_compose_tells_what_it_builds() -> None:
    clue = clue_of_compose(
        {
            "image": "shop/api:latest",
            "build": {
                "context": "/srv/api",
                "args": {"VERSION": "9", "API_TOKEN": "hunter2", "FROM_ENV": None},
                "secrets": [{"source": "npm"}],
                "platforms": ["linux/amd64"],
                "dockerfile_inline": "FROM scratch",
                "tags": ["shop/api:extra", 7],
            },
        }
    )
    assert clue is not None
    assert set(clue.values["arguments"]) == {"VERSION=9", f"API_TOKEN={MASK}", "FROM_ENV"}
    assert clue.values["secrets"] == ("id=npm",)
    assert clue.values["tags"] == ("shop/api:latest", "shop/api:extra")
    assert "in the Compose file itself" in clue.notes[0]
    assert clue_of_compose({"image": "postgres:16"}) is None


def test_labels_tell_the_source() -> None:
    clue = clue_of_labels(
        {
            "org.opencontainers.image.source": "https://me:hunter2@git.example/web",
            "org.opencontainers.image.revision": "abc",
        }
    )
    assert clue.values == {"repository": (f"https://me:{MASK}@git.example/web",), "revision": ("abc",)}


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
BUILD: Final = st.fixed_dictionaries(
    {"context": st.text(min_size=1, max_size=20)},
    optional=dict.fromkeys(
        ("dockerfile", "target", "args", "labels", "platforms", "secrets", "cache_from", "tags"), JSON
    ),
)


@given(st.fixed_dictionaries({"build": BUILD, "image": JSON}))
def test_whatever_compose_says_is_safe_to_show(service: dict[str, object]) -> None:
    clue = clue_of_compose(service)
    for name, values in clue.values.items() if clue is not None else ():
        assert name in FIELDS
        assert all(map(safe_for_terminal, values))
