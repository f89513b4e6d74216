"""References are read as distribution/reference reads them, by its own tables."""

from __future__ import annotations

import pytest

from imgtui.model.core.reference import InvalidReference, Reference
from tests.model.published_references import TABLES


def test_what_is_valid_there_is_valid_here() -> None:
    for text in TABLES["valid"]:
        assert Reference.parse(text).path


@pytest.mark.parametrize("text", TABLES["invalid"], ids=lambda text: text[:40])
def test_what_is_invalid_there_is_invalid_here(text: str) -> None:
    with pytest.raises(InvalidReference) as refused:
        Reference.parse(text)
    assert "\n" not in str(refused.value)


def test_names_are_normalised_as_they_are_there() -> None:
    for row in TABLES["names"]:
        read = Reference.parse(row["text"])
        told = (read.domain, read.path, read.familiar_name, read.name)
        assert told == (row["domain"], row["path"], row["familiar"], row["canonical"]), row["text"]
    for text, domain, path in TABLES["split"]:
        read = Reference.parse(text)
        assert (read.domain, read.path) == (domain, path), text


def test_tags_and_digests_are_cut_off_as_they_are_there() -> None:
    for text, tag, digest in TABLES["parts"]:
        read = Reference.parse(text)
        assert (read.tag, read.digest) == (tag, digest), text
    for text, equivalent in TABLES["equivalent"]:
        assert Reference.parse(text).canonical == equivalent, text
