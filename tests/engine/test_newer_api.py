"""What engines of API 1.52 to 1.55 tell, and leave out: made after moby's source and its API's change log.

Nothing here is recorded: no such engine is brought up by the tests yet (Docker 28.5 speaks 1.51). The build
cache of 1.52 is in `test_build_cache.py`, `Identity` of 1.53 in `test_traces.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from imgtui.engine.wire import translate
from imgtui.engine.wire.answers import Entry
from imgtui.engine.wire.facts import read_facts, to_document
from imgtui.engine.wire.listing import list_in_parts
from imgtui.model.core.image import EngineInfo, Image, Store

ID = "sha256:" + "a" * 64
DIFF = "sha256:" + "b" * 64
DESCRIPTOR = {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": ID, "size": 856}
ENGINE = EngineInfo("one", "host", "29.7.0", "1.54", Store.CONTAINERD, architecture="amd64")

INSPECT = {
    "Id": ID,
    "RepoTags": ["web:1"],
    "RepoDigests": [f"web@{ID}"],
    "Created": "2026-08-01T12:00:00.5Z",
    "Config": {"Cmd": ["sh"], "ArgsEscaped": True},
    "Architecture": "amd64",
    "Os": "linux",
    "Size": 4_000_000,
    "RootFS": {"Type": "layers", "Layers": [DIFF]},
    "Metadata": {"LastTagTime": "2026-08-01T12:00:01Z"},
    "Descriptor": DESCRIPTOR,
    "Identity": {"Build": [{"Ref": "x", "CreatedAt": "2026-08-01T12:00:00Z"}]},
}
"""`Parent`, `Comment`, `Author`, and of `Config` what is not set are left out since 1.52."""


def test_what_an_inspect_leaves_out_is_not_set() -> None:
    image = translate.inspected_image(INSPECT, ENGINE)
    assert (image.id, image.tags, image.repo_digests) == (ID, ("web:1",), (f"web@{ID}",))
    history = [{"Created": 1, "CreatedBy": "COPY a / # buildkit", "Size": 10, "Tags": None, "Comment": ""}]
    facts = read_facts(to_document(INSPECT, history, reveal=False))
    assert (facts.author, facts.config.env, facts.config.user) == ("", (), "")
    assert facts.config.cmd == ("sh",)
    assert [layer.diff_id for layer in facts.layers] == [DIFF]


def test_an_event_needs_nothing_but_its_actor() -> None:
    """`status`, `id` and `from` are gone since 1.52."""
    told = translate.event({
        "Type": "image",
        "Action": "tag",
        "Actor": {"ID": ID, "Attributes": {"name": "web:2"}},
        "scope": "local",
        "time": 1785585600,
        "timeNano": 1785585600000000001,
    })  # fmt: skip
    assert told is not None
    assert (told.action, told.id, told.reference) == ("tag", ID, "web:2")


def test_an_image_that_is_here_for_another_platform_alone_has_a_digest_without_a_repository() -> None:
    listed = translate.listed_image(
        Entry({"Id": ID, "RepoDigests": [ID], "RepoTags": ["web:1"], "Size": 7, "Containers": -1,
               "Created": 0, "Descriptor": DESCRIPTOR, "Manifests": []}),
        ENGINE,
    )  # fmt: skip
    assert (listed.tags, listed.repo_digests, listed.size) == (("web:1",), (f"web@{ID}",), 7)


def matches(pattern: str, name: str) -> bool:
    """Go's `path.Match`, of stars and classes."""
    parts = re.split(r"(\*|\[[^]]*\])", pattern)
    translated = "".join(
        "[^/]*" if part == "*" else part if part.startswith("[") else re.escape(part) for part in parts
    )
    return re.fullmatch(translated, name) is not None


def canonical(tag: str) -> str:
    first = tag.partition("/")[0]
    if "/" not in tag:
        return f"docker.io/library/{tag}"
    return tag if "." in first or ":" in first else f"docker.io/{tag}"


def named_before(tag: str) -> list[str]:
    return [tag, tag.rpartition(":")[0]]


def named_since(tag: str) -> list[str]:
    """Docker 29.5 compares with the complete name too (daf25751d5)."""
    return [*named_before(tag), canonical(tag), canonical(tag).rpartition(":")[0]]


TAGS = (
    "web:latest", "web:1", "team/web:2", "alpine:3.20", "host:5000/a/b/c0:x_y", "ghcr.io/acme/api:v1.2-rc",
    "a/b/c/d/e/f/g/h/i/deep:1",
)  # fmt: skip


def in_parts(named: Callable[[str], list[str]]) -> list[str]:
    """The names that come, in all parts, of what a large store lists."""

    def ask(filters: Mapping[str, list[str]]) -> list[Image]:
        if "dangling" in filters:
            return []
        wanted = filters.get("reference")
        return [
            Image(tag, tags=(tag,))
            for tag in TAGS
            if wanted is None or any(matches(each, name) for each in wanted for name in named(tag))
        ]

    return [tag for part in list_in_parts(ask, len(TAGS)) for image in part.images for tag in image.tags]


def test_a_large_list_comes_whole_whether_names_are_compared_short_or_complete() -> None:
    for named in (named_before, named_since):
        assert set(in_parts(named)) == set(TAGS)


def test_each_name_comes_in_one_part_but_for_the_latest_first() -> None:
    shallow = [tag for tag in TAGS if tag.count("/") < 4]
    for named in (named_before, named_since):
        found = in_parts(named)
        assert [tag for tag in shallow if found.count(tag) > 2 + tag.endswith(":latest")] == []
