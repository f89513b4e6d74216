"""Containers with a `--link` to one that is rolled back: recreated with it, as a sidecar is."""

from __future__ import annotations

import pytest

from tests.engine.contract.rolling import ENDS, SETTLE, Site
from tests.engines import content
from tests.engines.kinds import DOCKERS
from tests.engines.looked_at import only_on
from tests.engines.private import CommandFailedError

pytestmark = [pytest.mark.matrix, only_on(*DOCKERS, why="Podman has no links")]


def linked(site: Site, name: str, image: str = "", *options: str) -> str:
    """A container that reaches `api` as `db`; its name."""
    site.run("--link", f"{site.api}:db", *options, name=name, image=image or site.new)
    return name


def reaches(site: Site, name: str) -> bool:
    return "1 packets received" in site.real.docker("exec", name, "/bin/busybox", "ping", "-c1", "db")


def assert_works(site: Site, name: str) -> None:
    """It reaches the container that has the name now, and so it does after it was started again."""
    assert site.told(name)["State"]["Running"]
    assert reaches(site, name)
    site.real.docker("restart", "-t", "0", name)
    assert reaches(site, name)


def test_what_has_a_link_is_recreated_after_it_and_goes_back_with_it(site: Site) -> None:
    before = site.run()
    side = linked(site, f"{site.name}-a-side")
    of_side = site.told(side)["Id"]
    plan = site.plan(site.api)
    assert [each["name"] for each in plan["containers"]] == [site.api, side]
    assert f"{side} uses link of {site.api}: it is stopped before it, and recreated after it" in str(plan)

    site.roll_back(site.api)
    assert site.seen().running == {site.api: site.old, side: site.new}
    assert_works(site, side)

    site.imgtui("undo", site.api, "--yes", "--settle", SETTLE)
    assert (site.told()["Id"], site.told(side)["Id"]) == (before, of_side)
    assert_works(site, side)


def test_where_the_new_one_does_not_work_the_link_is_as_it_was(site: Site) -> None:
    site.run()
    side = linked(site, f"{site.name}-a-side")

    assert "everything is as it was" in site.refused(site.api, "--to", site.image("ends", ENDS))

    assert site.seen().running == {site.api: site.new, side: site.new}
    assert_works(site, side)


def test_who_does_not_want_that_is_refused(site: Site) -> None:
    site.run()
    side = linked(site, f"{site.name}-a-side")
    assert f"{side} uses link of {site.api}, and would lose it" in site.refused(site.api, "--no-dependents")


def test_both_go_back_with_their_tag_in_the_order_that_the_link_needs(site: Site) -> None:
    site.run()
    side = linked(site, f"{site.name}-a-side", site.tag)

    site.roll_back(site.tag, "--with-all")

    assert site.seen().running == {site.api: site.old, side: site.old}
    assert_works(site, side)


def test_what_is_said_of_one_that_stays_is_so(site: Site) -> None:
    """Where its image is gone it cannot be recreated: it loses that at once, with docker exec."""
    site.run()
    side = linked(site, f"{site.name}-a-side")
    for command in (
        ("create", "--name", f"{site.name}-new", site.old),
        ("stop", site.api),
        ("rename", site.api, site.retired),
        ("rename", f"{site.name}-new", site.api),
        ("start", site.api),
    ):
        site.real.docker(*command)
    for words in (("exec", side, "true"), ("restart", "-t", "0", side), ("start", side)):
        with pytest.raises(CommandFailedError, match="Cannot link to a non running container"):
            site.real.docker(*words)


def test_a_link_in_a_network_of_ones_own_goes_by_name_and_leads_to_the_new_one(site: Site) -> None:
    network = f"{site.name}-net"
    content.network(site.real, network)
    site.run("--network", network)
    side = linked(site, f"{site.name}-a-side", "", "--network", network)
    before = site.told(side)["Id"]
    plan = site.plan(site.api)
    assert f"{side} uses link by name of {site.api}: it leads to the new one" in plan["notes"]
    assert not plan["risks"]

    site.roll_back(site.api)

    assert site.told(side)["Id"] == before
    assert_works(site, side)
