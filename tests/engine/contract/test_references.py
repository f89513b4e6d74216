"""What `docker tag` takes for a reference, and how it is listed then: read here as docker reads it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Final

import pytest

from imgtui.model.core.reference import InvalidReference, Reference
from tests.engines import content
from tests.engines.archives import ArchiveImage, layer
from tests.engines.looked_at import not_on
from tests.engines.private import CommandFailedError, PrivateEngine, RefusedError
from tests.model.published_references import texts
from tests.suite.sample import Share

PIECES: Final = (
    "a", "web", "0", "A", "Web", "docker.io", "index.docker.io", "localhost", "localhost:5000",
    "LOCALHOST", "library", "a.b", "a_b", "a__b", "a___b", "a-b", "a--b", "a.-b", "a..b", ".a", "a.", "-a",
    "_a", "my_host.io", "[::1]", "[fe80::1]:80", "[x]", "1.2.3.4:80", "é", " ", "\u202e", "a" * 128,
    "f" * 64, "",
)  # fmt: skip
SUFFIXES: Final = (
    "", "", ":1", ":latest", ":V_1.0-rc", ":.1", ":-1", ":", ":é", ":" + "t" * 128, ":" + "t" * 129, ":80:1",
    "@sha256:" + "f" * 64, ":1@sha256:" + "f" * 64, "@sha256:0", "@md5:" + "f" * 32, "@",
)  # fmt: skip
HEXADECIMAL: Final = re.compile(r"[0-9a-f]{64}:")
"""Docker prints such a name without its domain, by which it would be read as an ID."""
OLDER: Final = (
    "Docker 20.10 refuses capital letters and IPv6 in a domain, and counts it into the 255 characters"
)


def made(number: int) -> list[str]:
    """References out of pieces that matter, the same each time."""
    chance = random.Random(7)
    return [
        "/".join(chance.choices(PIECES, k=chance.choice((1, 1, 2, 2, 3)))) + chance.choice(SUFFIXES)
        for _ in range(number)
    ]


def read(text: str) -> str | None:
    """The tag that imgtui makes of it, as docker prints it; None for what is no tag."""
    try:
        reference = Reference.parse(text)
    except InvalidReference:
        return None
    return None if reference.digest else reference.with_default_tag().familiar


@pytest.fixture
def image(real_engine: PrivateEngine) -> Iterator[str]:
    """An image without a name to be tagged, but one."""
    own = "references-own:1"
    content.load_archive(real_engine, [ArchiveImage([own], [layer({"references": b"1"})])])
    yield own
    found = real_engine.ask("GET", f"/images/{own}/json")
    real_engine.ask("DELETE", f"/images/{found['Id']}?force=1")


@not_on("podman", "podman5", why="Podman has a reference package of its own")
@not_on("docker20-overlay2", why=OLDER)
def test_docker_tag_takes_what_is_a_reference_here(
    real_engine: PrivateEngine, image: str, share: Share
) -> None:
    for text in share.of([*texts(), *made(150)]):
        if text.startswith("-") or "\0" in text:
            continue  # an option of the command
        before = tags_of(real_engine, image)
        try:
            real_engine.docker("tag", image, text)
        except (CommandFailedError, RefusedError):
            told = None
        else:
            new = tags_of(real_engine, image) - before
            told = next(iter(new), None)
            assert len(new) == 1, (text, new)
            real_engine.docker("rmi", "--no-prune", *new)
        assert read(text) == (told and read(told)), text
        printed = told == read(text) or (told is not None and HEXADECIMAL.match(told))
        assert printed, (text, told)


def tags_of(engine: PrivateEngine, image: str) -> set[str]:
    return set(engine.ask("GET", f"/images/{image}/json")["RepoTags"])
