"""What a container has written outside of its volumes is named, and what nobody misses is not."""

from __future__ import annotations

import pytest

from imgtui.model.written import written_outside, written_words


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
    assert written_outside(changed, mounted) == found


def test_the_words_name_a_few_printable() -> None:
    paths = ["/etc/\x1b[2J", *(f"/srv/{number}" for number in range(9))]
    said = written_words(paths, "api-1")
    assert said == (
        "wrote 10 files outside of volumes (/etc/␛[2J, /srv/0, /srv/1, /srv/2, …):"
        " the new one does not have them, they stay in api-1"
    )
    assert written_words(["/a"], "api-1").startswith("wrote 1 file outside of volumes (/a):")
