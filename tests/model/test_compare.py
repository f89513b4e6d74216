"""Two images compared by their facts: words, alignment of instructions, configuration, base, cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.build.verdict import Side
from imgtui.model.compare.base import Base, base_change, base_of
from imgtui.model.compare.compare import Comparison, DifferenceCause, cause, compare
from imgtui.model.compare.files import FilesDifference
from imgtui.model.compare.steps import MOST_PAIRS, StepChange, aligned
from imgtui.model.core.image import HistoryEntry, ImageConfig, ImageFacts, Layer
from imgtui.model.core.instruction import instruction, keyword, normalized
from imgtui.model.files.changes import Change, FileChange
from imgtui.model.files.entries import FileEntry, Kind
from imgtui.model.safety.mask import MASK

LETTERS: Final = "abcdefgh"


def layer(letter: str) -> Layer:
    return Layer(f"sha256:{letter * 64}", 10 ** LETTERS.index(letter))


def facts(letters: str, config: ImageConfig | None = None, **fields: str) -> ImageFacts:
    """An image with a layer for each letter, made by `RUN <letter>`."""
    layers = tuple(map(layer, letters))
    history = tuple(
        HistoryEntry(0, f"RUN step {letter} # buildkit", each.size, "", each.diff_id)
        for letter, each in zip(letters, layers, strict=True)
    )
    known = ImageFacts(letters, "amd64", "linux", layers=layers, history=history)
    return replace(known, config=config or ImageConfig(), **fields)  # type: ignore[arg-type]


def compared(a: ImageFacts, b: ImageFacts, tagged: Sequence[tuple[str, Sequence[str]]] = ()) -> Comparison:
    return compare(Side(f"id of {a.id}", a), Side(f"other id of {b.id}", b), tagged, (a, b))


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ("abc", "abd", "1 of 3 layers differ from RUN step d on"),
        ("abcd", "aecd", "1 of 4 layers differ from RUN step e on"),
        ("ab", "abcd", "2 more layers than the same 2 from RUN step c on"),
        ("abc", "ab", "1 fewer layer than the same 2"),
        ("abc", "acb", "the same layers in another order"),
        ("ab", "cd", "no layer in common: 2 layers, 2 layers"),
        ("abc", "abc", "identical content: the same layers and configuration"),
    ],
)
def test_the_first_line_says_it_in_words(a: str, b: str, words: str) -> None:
    assert compared(facts(a), facts(b)).words == words


def test_the_first_line_names_what_differs_in_the_configuration() -> None:
    config = ImageConfig(cmd=("sh",), user="app")
    assert compared(facts("ab"), facts("ab", config)).words == (
        "same layers, other configuration: command, user"
    )
    assert compared(facts("ab"), facts("ac", config)).words.endswith("; configuration: command, user")


def test_the_same_image_is_said_to_be_the_same() -> None:
    side = Side("one", facts("a"))
    assert compare(side, side).words == "the same image"


def test_a_long_instruction_is_cut_in_the_first_line() -> None:
    long = facts("ab")
    entry = replace(long.history[1], created_by=f"RUN {'x' * 500}")
    other = facts("ac")
    cut = compared(other, replace(long, history=(long.history[0], entry))).words
    assert len(cut) < 100
    assert "…" in cut


# ------------------------------------------------------------------ configuration


def test_secrets_stay_masked_and_that_they_differ_is_told() -> None:
    masked = ImageConfig(env=(("TOKEN", MASK), ("PATH", "/bin")), labels={"key": "v"})
    real = [
        ImageConfig(env=(("TOKEN", value), ("PATH", "/bin")), labels={"key": "v"}) for value in ("1", "2")
    ]
    a, b = Side("a", facts("ab", masked)), Side("b", facts("ab", masked))
    known = compare(a, b, (), (facts("ab", real[0]), facts("ab", real[1])))
    (setting,) = known.differing
    assert (setting.key, setting.a, setting.b, setting.behind_mask) == ("environment TOKEN", MASK, MASK, True)
    assert "'1'" not in repr(known)
    assert "'2'" not in repr(known)
    unknown = compare(a, b)
    assert (unknown.differing, unknown.unmasked) == ((), False)


def test_every_key_of_the_configuration_is_compared() -> None:
    config = ImageConfig(
        (("A", "1"),), ("e",), ("c",), "u", "/w", ("80/tcp",), ("/v",), {"l": "1"}, "TERM", ("CMD", "x"),
        ("Interval 3 s",), ("/bin/sh",), ("RUN x",),
    )  # fmt: skip
    found = compared(facts("a"), facts("a", config, author="me", variant="v8"))
    assert {(setting.key, setting.change) for setting in found.differing} == {
        ("environment A", "added"), ("entry point", "added"), ("command", "added"), ("user", "added"),
        ("working directory", "added"), ("exposed ports", "added"), ("volumes", "added"),
        ("label l", "added"),
        ("stop signal", "added"), ("health check", "added"), ("health check options", "added"),
        ("shell", "added"), ("instructions of builds on it", "added"), ("author", "added"),
        ("platform", "changed"),
    }  # fmt: skip


def test_seen_from_the_other_side_everything_is_the_other_way_round() -> None:
    a = facts("abc", ImageConfig(user="app", cmd=("one",)))
    b = facts("abde", ImageConfig(cmd=("two",), stop_signal="TERM"))
    assert compared(a, b).swapped() == replace(
        compare(Side("other id of abde", b), Side("id of abc", a), (), (b, a)),
    )
    assert compared(a, b).swapped().swapped() == compared(a, b)


# ------------------------------------------------------------------ instructions


def test_what_builders_wrap_around_an_instruction_is_taken_off() -> None:
    digest = "0" * 64
    assert instruction("RUN /bin/sh -c make # buildkit") == "RUN make"
    assert instruction("/bin/sh -c make") == "RUN make"
    assert instruction("|1 A=b /bin/sh -c make") == "RUN |1 A=b /bin/sh -c make"
    assert instruction('/bin/sh -c #(nop)  CMD ["sh"]') == 'CMD ["sh"]'
    assert normalized(f"/bin/sh -c #(nop) COPY file:{digest} in /bin ") == "COPY /bin"
    assert keyword("ENV PATH=/bin") == "ENV PATH"
    assert keyword("COPY app /app # buildkit") == "COPY /app"


def test_instructions_that_changed_stand_beside_each_other() -> None:
    a = [HistoryEntry(0, text, 0, "", text) for text in ("FROM", "ENV A=1", "RUN one", "CMD x")]
    b = [HistoryEntry(0, text, 0, "", text) for text in ("FROM", "ENV B=1", "ENV A=2", "RUN two", "CMD x")]
    assert [
        (step.change.value, step.a and step.a.created_by, step.b and step.b.created_by)
        for step in aligned(a, b)
    ] == [
        ("same", "FROM", "FROM"), ("added", None, "ENV B=1"), ("changed", "ENV A=1", "ENV A=2"),
        ("changed", "RUN one", "RUN two"), ("same", "CMD x", "CMD x"),
    ]  # fmt: skip


def test_the_same_instruction_that_made_another_layer_was_built_again() -> None:
    (step,) = aligned([HistoryEntry(0, "COPY . .", 1, "", "x")], [HistoryEntry(1, "COPY . .", 2, "", "y")])
    assert step.change is StepChange.REBUILT


def test_what_is_masked_in_instructions_is_told_apart() -> None:
    masked = [HistoryEntry(0, f"ARG TOKEN={MASK}")]
    real = [HistoryEntry(0, "ARG TOKEN=1")], [HistoryEntry(0, "ARG TOKEN=2")]
    assert [step.change for step in aligned(masked, masked)] == [StepChange.SAME]
    (step,) = aligned(masked, masked, real)
    assert step.change is StepChange.CHANGED
    assert step.a is masked[0]


entries = st.lists(
    st.builds(
        HistoryEntry,
        st.just(0),
        st.sampled_from(["RUN a", "RUN b", "COPY x /x", "ENV A=1", "ENV A=2", "ENV B=1", "CMD z", "\x1b[2J"]),
        st.just(0),
        st.just(""),
        st.sampled_from([None, "one", "two"]),
    ),
    max_size=12,
)


@given(entries, entries, entries)
def test_every_instruction_of_both_is_there_once_in_its_order(
    first: list[HistoryEntry], a: list[HistoryEntry], b: list[HistoryEntry]
) -> None:
    a, b = [*first, *a], [*first, *b]
    steps = aligned(a, b)
    assert [step.a for step in steps if step.a is not None] == a
    assert [step.b for step in steps if step.b is not None] == b
    assert [(step.change, step.a, step.b) for step in steps[: len(first)]] == [
        (StepChange.SAME, entry, entry) for entry in first
    ]
    assert all(step.a is not None or step.b is not None for step in steps)


def test_a_history_beyond_measure_is_aligned_at_its_ends_alone() -> None:
    count = int(MOST_PAIRS**0.5) + 10
    a = [
        HistoryEntry(0, "first"),
        *(HistoryEntry(0, f"RUN {n}") for n in range(count)),
        HistoryEntry(0, "last"),
    ]
    b = [
        HistoryEntry(0, "first"),
        *(HistoryEntry(0, f"ADD {n}") for n in range(count)),
        HistoryEntry(0, "last"),
    ]
    steps = aligned(a, b)
    assert len(steps) == 2 * count + 2
    assert [steps[0].change, steps[-1].change] == [StepChange.SAME, StepChange.SAME]


# ------------------------------------------------------------------ base image


def tags(**letters: str) -> list[tuple[str, list[str]]]:
    return [(f"{name}:1", [layer(letter).diff_id for letter in text]) for name, text in letters.items()]


def test_the_base_is_what_labels_say_or_the_tag_with_the_most_of_the_bottom_layers() -> None:
    known = tags(small="a", large="ab", other="ac", same="abc")
    assert base_of(facts("abc"), known) == Base("large:1", layers=2)
    assert base_of(facts("efg"), known) is None
    labels = {
        "org.opencontainers.image.base.name": "python:3.12",
        "org.opencontainers.image.base.digest": "sha256:1",
    }
    assert base_of(facts("abc", ImageConfig(labels=labels)), known) == Base("python:3.12", "sha256:1")


def test_another_base_is_named_where_the_bottom_layers_differ() -> None:
    known = tags(old="ab", new="ac")
    found = compared(facts("abd"), facts("acd"), known)
    assert found.base is not None
    assert found.base.words == "old:1 -> new:1"
    assert "base image old:1 -> new:1" in found.words
    assert base_change(facts("abd"), facts("abe"), known, 2) is None
    assert base_change(facts("ab"), facts("abe"), known, 2) is None
    half = base_change(facts("abd"), facts("fgh"), known, 0)
    assert half is not None
    assert half.words == "old:1 -> not known"


# ------------------------------------------------------------------ cause


def entry(mtime: int, digest: bytes = b"1") -> FileEntry:
    return FileEntry("x", Kind.FILE, 1, mtime=mtime, digest=digest)


TIME: Final = FileChange("x", Change.CHANGED, entry(1), entry(2), ("time",))
CONTENT: Final = FileChange("x", Change.CHANGED, entry(1), entry(1, b"2"), ("content",))


@pytest.mark.parametrize(
    ("a", "b", "files", "expected"),
    [
        (facts("ab"), facts("ac"), None, None),
        (facts("ab"), facts("ac"), FilesDifference((), (TIME,)), DifferenceCause.TIMES),
        (facts("ab"), facts("ac"), FilesDifference((CONTENT,), (TIME,)), DifferenceCause.CONTENT),
        (facts("ab"), facts("ac"), FilesDifference(), DifferenceCause.ORDER),
        (facts("abc"), facts("acb"), FilesDifference((), (TIME,)), DifferenceCause.ORDER),
        (facts("ab"), facts("ac", ImageConfig(user="x")), FilesDifference(), DifferenceCause.CONFIGURATION),
        (facts("ab"), facts("ab", ImageConfig(user="x")), None, DifferenceCause.CONFIGURATION),
        (facts("ab", created="1"), facts("ab", created="2"), None, DifferenceCause.TIMES),
        (facts("ab"), facts("ab"), None, DifferenceCause.PROVENANCE),
    ],
)
def test_the_cause_is_named(
    a: ImageFacts, b: ImageFacts, files: FilesDifference | None, expected: DifferenceCause | None
) -> None:
    assert cause(compared(a, b), files) is expected


def test_the_same_manifest_in_another_index_is_provenance_alone() -> None:
    one, other = Side("one", facts("a"), "m"), Side("other", facts("a", created="later"), "m")
    assert cause(compare(one, other), None) is DifferenceCause.PROVENANCE
    assert cause(compare(one, one), None) is DifferenceCause.NOTHING
