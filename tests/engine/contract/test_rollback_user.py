"""Whom a container runs as after a roll back: never as root without a word where it did not before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pytest

from tests.engine.contract.rolling import SERVICE, Site
from tests.engines import content

pytestmark = pytest.mark.matrix

WAITS: Final = 'CMD ["sleep", "100000"]\n'
AS_ROOT: Final = 'RUN ["/bin/busybox", "sh", "-c", "echo app:x:0:0::/:/bin/sh > /etc/passwd"]\n'
AS_APP: Final = 'RUN ["/bin/busybox", "sh", "-c", "echo app:x:1005:1005::/:/bin/sh > /etc/passwd"]\n'


@dataclass(frozen=True)
class Case:
    """A container of an image, and the older image that it is rolled back to."""

    newer: str
    older: str
    options: tuple[str, ...] = ()
    after: str = ""
    """The number it runs as then; empty where it is refused."""
    risk: str = ""


CASES: Final = {
    "the image's number, the other sets none": Case("USER 1001\n", "", after="1001"),
    "the image's number, which was set too": Case("USER 1001\n", "", ("--user", "1001"), "1001"),
    "the image's name, the other sets none": Case(AS_APP + "USER app\n", "", (), "0", "runs as root"),
    "a name that was set": Case(AS_APP, AS_APP, ("--user", "app"), "1005"),
    "a name that was set, and is root there": Case(AS_APP, AS_ROOT, ("--user", "app")),
    "the image's name, which is root there": Case(AS_APP + "USER app\n", AS_ROOT + "USER app\n"),
    "a number, and a name that is root there": Case("USER 1001\n", AS_ROOT + "USER app\n", (), "1001"),
    "root that was set": Case("USER 0\n", AS_APP + "USER app\n", ("--user", "0"), "0"),
    "no user, the other sets one": Case("", AS_APP + "USER app\n", (), "0"),
    "root in both": Case("", "USER 0\n", (), "0"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_nobody_becomes_root_without_a_word(site: Site, case: Case) -> None:
    older, newer = (
        content.build(
            site.real, f"{site.name}:{tag}", version=site.name + tag, dockerfile=SERVICE + text + WAITS
        )
        for tag, text in (("o", case.older), ("n", case.newer))
    )
    site.run(*case.options, image=newer)

    def number() -> str:
        return site.real.docker("exec", site.api, "/bin/busybox", "id", "-u").strip()

    before = number()
    risks = site.plan(site.api, "--to", older)["risks"]
    assert [case.risk in risk for risk in risks if "root" in risk] == ([True] if case.risk else [])

    if not case.after:
        refused = site.refused(site.api, "--to", older)
        assert f"{site.api} would run as root: its user app is that in" in refused
        assert "everything is as it was" in refused
        assert number() == before
        assert set(site.seen().policies) == {site.api}
        return
    site.roll_back(site.api, "--to", older)
    assert number() == case.after
    assert case.after != "0" or before == "0" or case.risk
