"""The roll back of a container is undone on a real engine: the container before has its place again."""

from __future__ import annotations

from contextlib import closing
from typing import Final

import pytest

from imgtui.model.core.digest import short
from imgtui.model.launch.launch import Discard
from imgtui.operations.launch.launching import Launching
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.state import State
from tests.engine.contract.rolling import SETTLE, WAITS, Seen, Site

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


def test_where_the_new_one_was_removed_by_hand_the_one_before_is_started_under_its_name(site: Site) -> None:
    before = site.run("--restart=always")
    site.roll_back(site.api)
    site.real.docker("rm", "-f", site.api)

    said = undo(site)

    assert f"{site.api} was removed since: {site.retired} gets its name" in said
    assert site.told()["Id"] == before
    assert site.seen() == site.as_it_was("always")
    assert "there is no change" in site.try_imgtui("undo", site.api, "--yes").stderr

    undo(site, site.api, "--redo")

    assert site.seen() == site.rolled_back("always")


@pytest.mark.matrix
def test_where_the_new_one_was_removed_and_the_one_before_fails_it_stands_aside_again(site: Site) -> None:
    once = site.image("once", ONCE)
    site.run(image=once)
    site.roll_back(site.api, "--to", site.old)
    site.real.docker("rm", "-f", site.api)
    as_it_was = site.seen()

    done = site.try_imgtui("undo", site.api, "--yes", "--settle", SETTLE)

    assert "everything is as it was" in done.stderr
    assert site.seen() == as_it_was


@pytest.mark.matrix
def test_a_name_that_somebody_else_has_by_now_is_not_taken_from_him(site: Site) -> None:
    site.run()
    site.roll_back(site.api)
    site.real.docker("rm", "-f", site.api)
    other = site.run()

    assert "there is no change" in site.try_imgtui("undo", site.api, "--yes").stderr
    assert site.told()["Id"] == other


@pytest.mark.matrix
def test_one_that_was_renamed_is_found_by_its_id(site: Site) -> None:
    before = site.run()
    site.roll_back(site.api)
    moved, aside = f"{site.name}-moved", f"{site.name}-aside"
    site.real.docker("rename", site.api, moved)
    site.real.docker("rename", site.retired, aside)

    said = undo(site, site.api)

    assert f"{site.api} is called {moved} by now, and keeps that name" in said
    assert site.told(moved)["Id"] == before
    assert site.seen().running == {moved: site.new}
    undo(site, moved, "--redo")
    assert site.seen().running == {moved: site.old}


@pytest.mark.matrix
def test_it_is_named_by_its_id_too(site: Site) -> None:
    before = site.run()
    site.roll_back(site.api)

    undo(site, site.told()["Id"][:12])

    assert site.told()["Id"] == before


@pytest.mark.matrix
def test_after_a_container_prune_it_is_made_again(site: Site) -> None:
    site.run("--restart=always", "-e", "MODE=mine")
    site.roll_back(site.api)
    site.real.docker("container", "prune", "--force")

    undo(site)

    assert site.seen().running == {site.api: site.new}
    assert "MODE=mine" in site.told()["Config"]["Env"]


@pytest.mark.matrix
def test_after_a_container_prune_one_that_did_not_run_is_made_again(site: Site) -> None:
    site.run("-e", "MODE=mine")
    site.real.docker("stop", site.api)
    site.roll_back(site.api)
    site.real.docker("container", "prune", "--force")
    assert site.seen().policies == {}

    undo(site, site.api)

    assert site.seen().policies == {site.api: "no"}
    assert site.seen().running == {}
    assert site.told()["Image"].removeprefix("sha256:") == site.new.removeprefix("sha256:")
    assert "MODE=mine" in site.told()["Config"]["Env"]


@pytest.mark.matrix
def test_where_all_of_it_is_gone_only_its_name_brings_it_back_and_no_secret_is_guessed(site: Site) -> None:
    site.of_compose = True
    site.run("-e", "MODE=mine")
    site.roll_back(site.api)
    site.real.docker("rm", "-f", site.api)
    assert f"Move {site.tag} back" in site.imgtui("undo", "--plan").stdout

    said = undo(site, f"{site.name}/api")

    assert f"{site.api} was removed since: " in said
    assert f"RISK: {site.api} loses what Compose had put into it" in said
    assert site.seen().running == {site.api: site.new}
    assert "MODE=mine" in site.told()["Config"]["Env"]

    site.real.docker("rm", "-f", site.api)
    site.run("-e", "MY_TOKEN=mine")
    site.roll_back(site.api)
    site.real.docker("rm", "-f", site.api)

    why = site.try_imgtui("undo", site.api, "--yes").stderr

    assert f"{site.api} cannot be made again: values that look secret are masked" in why
    assert f"the change before it: Move {site.tag} back" in why


@pytest.mark.matrix
def test_made_again_it_has_what_its_own_image_gave(site: Site) -> None:
    """Values that look secret are not in the journal: those of an image are asked of it."""
    old, new = (site.image(name, f"ENV API_TOKEN=hunter-{name}\n{WAITS}") for name in ("one", "two"))
    site.run("-e", "MY_TOKEN=mine", image=new)
    before = variables(site)
    site.roll_back(site.api, "--to", old)
    assert "API_TOKEN=hunter-one" in site.told()["Config"]["Env"]
    site.real.docker("rm", f"{site.api}-{short(new)}")

    undo(site, site.api)

    assert variables(site) == before


@pytest.mark.matrix
def test_where_the_one_before_was_removed_by_plan_it_is_made_again(site: Site) -> None:
    site.run("-e", "MODE=mine")
    site.roll_back(site.api)
    discard(site, site.retired)

    undo(site)

    assert site.seen().running == {site.api: site.new}
    assert "MODE=mine" in site.told()["Config"]["Env"]


@pytest.mark.matrix
def test_where_a_removal_cannot_be_undone_the_change_before_it_is_named(site: Site) -> None:
    other = f"{site.name}-other"
    site.run(name=other)
    site.imgtui("record", "--once")
    discard(site, other)

    done = site.try_imgtui("undo", "--yes")

    assert f"the newest change cannot be undone: stop and remove {other}" in done.stderr
    assert f"the change before it can: Move {site.tag} back to {short(site.old)}" in done.stderr
    assert f"imgtui undo {site.tag}" in done.stderr


def discard(site: Site, name: str) -> None:
    """Remove a container by plan, as the explorer does."""
    with closing(State(site.state)) as state:
        recorder = Recorder(site.engine, lambda: state)
        recorder.follow(site.engine.connect())
        Launching(site.engine, recorder, lambda _: None).discard(Discard(site.told(name)["Id"], name))


def variables(site: Site) -> set[str]:
    """Of `api`, without its ID, which Podman has among them."""
    return {each for each in site.told()["Config"]["Env"] if not each.startswith("HOSTNAME=")}
