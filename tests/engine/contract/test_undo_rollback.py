"""The roll back of a container is undone on a real engine: the container before has its place again."""

from __future__ import annotations

from typing import Final

import pytest

from imgtui.model.digest import short
from tests.engine.contract.rolling import SETTLE, Seen, Site

pytestmark = pytest.mark.in_turn

ONCE: Final = 'CMD ["sh", "-c", "[ ! -e /ran ] || exit 3; echo > /ran; sleep 100000"]\n'
"""Runs, and ends with code 3 when it is started again."""


def undo(site: Site, *arguments: str) -> str:
    """What `imgtui undo` prints where it is done."""
    return site.imgtui("undo", *arguments, "--yes", "--settle", SETTLE).stdout


def test_the_container_before_is_started_again_under_its_name_and_none_is_added(site: Site) -> None:
    before = site.run("--restart=always")
    site.roll_back(site.api)
    after = site.told()["Id"]

    said = undo(site, site.api)

    aside = f"{site.api}-{short(site.old)}"
    assert f"Put {site.api} back on {short(site.new)} (rolled back by you" in said
    assert f"{site.api} runs {short(site.new)}; the one before stays, stopped, as {aside}" in said
    assert site.told()["Id"] == before
    assert site.told(aside)["Id"] == after
    retired = "no" if site.changes_restart else "always"
    assert site.seen() == Seen({site.api: site.new}, {site.api: "always", aside: retired}, site.new)

    undo(site, site.api, "--redo")

    assert site.told()["Id"] == after
    assert site.seen() == site.rolled_back("always")

    undo(site)
    assert site.told()["Id"] == before


def test_a_tag_and_its_containers_go_back_together(site: Site) -> None:
    site.run()
    site.roll_back(site.tag, "--with", site.api)
    assert site.seen().tag == site.old

    undo(site, site.name)

    assert site.seen().running == {site.api: site.new}
    assert site.seen().tag == site.new
    assert "there is no change" in site.try_imgtui("undo", site.api, "--yes").stderr


def test_a_move_made_since_is_undone_first(site: Site) -> None:
    site.run()
    site.roll_back(site.api)
    site.move(site.old)

    said = undo(site, site.name)

    assert f"Move {site.tag} back to {short(site.new)} (was moved to {short(site.old)} by docker tag" in said
    assert site.seen().running == {site.api: site.old}
    assert f"Put {site.api} back on {short(site.new)}" in undo(site, site.name)


def test_where_the_one_before_does_not_come_up_everything_is_as_it_was(site: Site) -> None:
    once = site.image("once", ONCE)
    site.run(image=once)
    site.roll_back(site.api, "--to", site.old)
    as_it_was = site.seen()

    done = site.try_imgtui("undo", site.api, "--yes", "--settle", SETTLE)

    assert done.returncode == 1
    assert "everything is as it was" in done.stderr
    assert site.seen() == as_it_was


def test_one_that_goes_when_it_stops_is_put_back_by_its_spare(site: Site) -> None:
    site.run("--rm", "-e", "MODE=mine")
    site.roll_back(site.api)

    undo(site, site.api)

    assert site.seen().running == {site.api: site.new}
    assert set(site.seen().policies) == {site.api, f"{site.api}-{short(site.old)}"}
    assert "MODE=mine" in site.told()["Config"]["Env"]


def test_one_that_has_ended_since_is_put_back_and_runs(site: Site) -> None:
    before = site.run()
    site.roll_back(site.api)
    site.real.docker("stop", site.api)

    undo(site, site.api)

    assert site.told()["Id"] == before
    assert site.seen().running == {site.api: site.new}


def test_where_the_one_before_is_gone_a_new_one_is_made(site: Site) -> None:
    site.run("--restart=always", "-e", "MODE=mine")
    site.roll_back(site.api)
    site.real.docker("rm", site.retired)

    said = undo(site, site.api)

    assert f"{site.retired} is gone: a new container is made from {short(site.new)}" in said
    assert site.seen().running == {site.api: site.new}
    assert "MODE=mine" in site.told()["Config"]["Env"]
