"""A container, or a tag with its containers, uses an earlier digest again, on a real engine."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from imgtui.model.digest import short
from tests.engine.contract.rolling import ENDS, ILL, SLOW, Site
from tests.engines import content
from tests.engines.private import PrivateEngine
from tests.engines.waiting import wait_until

NUMBERS = count(1)


@pytest.fixture
def site(real_engine: PrivateEngine, tmp_path: Path) -> Iterator[Site]:
    made = Site(real_engine, tmp_path, f"roll{next(NUMBERS)}")
    yield made
    made.clean()
    made.engine.close()


def test_a_container_goes_back_and_forward_again(site: Site) -> None:
    before = site.run("--restart=always")

    said = site.roll_back(site.api)

    assert f"{site.api} runs {short(site.old)}; the one before stays, stopped, as {site.retired}" in said
    assert site.seen() == site.rolled_back("always")
    assert site.told(site.retired)["Id"] == before

    site.roll_back(site.api, "--to", site.new)

    back = f"{site.api}-{short(site.old)}"
    seen = site.seen()
    assert seen.running == {site.api: site.new}
    assert set(seen.policies) == {site.api, site.retired, back}
    assert seen.policy(site.api) == "always"


def test_the_earlier_digest_runs_beside_what_the_tag_has_become(site: Site) -> None:
    made = content.run(site.real, f"{site.name}-earlier", site.old)

    assert site.seen().running == {f"{site.name}-earlier": site.old}
    assert site.told(made)["Config"]["Image"] == site.old
    assert site.real.docker("exec", made, "cat", "/etc/version") == f"{site.name} old\n"


def test_a_tag_takes_the_containers_along_that_are_marked(site: Site) -> None:
    worker, other = f"{site.name}-worker", f"{site.name}-other"
    for name in (site.api, worker, other):
        site.run(name=name)

    site.roll_back(site.tag, "--with", site.api, "--with", worker)

    seen = site.seen()
    assert seen.running == {site.api: site.old, worker: site.old, other: site.new}
    assert seen.tag == site.old


def test_what_ends_at_once_leaves_everything_as_it_was(site: Site) -> None:
    ends = site.build("ends", ENDS)
    site.run("--restart=always")

    why = site.refused(site.api, "--to", ends)

    assert "everything is as it was" in why
    assert "no such database" in why
    assert site.seen() == site.as_it_was("always")
