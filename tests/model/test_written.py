"""What a container has written outside of its volumes is named, and what nobody misses is not."""

from __future__ import annotations

import pytest

from imgtui.model.containers.written import (
    NANOSECONDS,
    is_injected,
    outside_of_mounts,
    worth_telling,
    written_words,
)


@pytest.mark.parametrize(
    ("changed", "mounted", "found"),
    [
        ([], [], ()),
        (["/etc", "/etc/c1"], [], ("/etc/c1",)),
        (["/var", "/var/lib", "/var/lib/app", "/var/lib/app/db"], [], ("/var/lib/app/db",)),
        (["/data", "/data/x", "/database"], ["/data"], ("/database",)),
        (["/data/x"], ["/data/"], ()),
        (["/tmp/x", "/run", "/run/pid", "/var/log/a.log", "/var/cache/apt/b"], [], ()),
        (["/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/.dockerenv"], [], ()),
        (["/a", "/a b/c", "/a b"], [], ("/a", "/a b/c")),
        (["/etc", "/srv", "/srv/data"], ["/srv/data/x"], ()),
    ],
    ids=[
        "nothing", "a file", "deep", "a volume", "with a slash", "passing", "an engine", "like a folder",
        "folders alone",
    ],
)  # fmt: skip
def test_files_that_somebody_may_miss(changed: list[str], mounted: list[str], found: tuple[str, ...]) -> None:
    assert worth_telling(outside_of_mounts(changed, mounted)) == found


def test_the_words_name_a_few_printable() -> None:
    paths = ["/etc/\x1b[2J", *(f"/srv/{number}" for number in range(9))]
    said = written_words(paths, "api-1")
    assert said == (
        "wrote 10 files (/etc/␛[2J, /srv/0, /srv/1, /srv/2, …) outside of volumes:"
        " the new one does not have them, they stay in api-1"
    )
    assert written_words(["/a"], "api-1").startswith("wrote 1 file (/a) outside of volumes:")


@pytest.mark.parametrize(
    ("modified", "started", "put"),
    [(101, 103, True), (100, 100.7, True), (101, 100.7, True), (99, 103, False), (163, 164, True),
     (102, 100.7, False), (100.8, 103, False)],
    ids=["at once", "rounded down", "rounded up", "of the image", "waited", "when it ran", "by a program"],
)  # fmt: skip
def test_a_file_was_put_into_a_container_when_it_was_made(modified: float, started: float, put: bool) -> None:
    assert is_injected(*(int(each * NANOSECONDS) for each in (modified, 100.5, started))) is put
