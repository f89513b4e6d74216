"""A container, or a tag with its containers, uses an earlier digest again, on a real engine."""

from __future__ import annotations

import pytest

from imgtui.model.core.digest import short
from tests.engine.contract.rolling import ENDS, ILL, SLOW, Site
from tests.engines import content
from tests.engines.kinds import CONTAINERD_STORES, PODMANS
from tests.engines.looked_at import not_on, only_on
from tests.engines.waiting import wait_until

pytestmark = pytest.mark.in_turn


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
    assert seen.policies[site.api] == "always"


def test_a_tag_takes_the_containers_along_that_are_marked(site: Site) -> None:
    worker, other = f"{site.name}-worker", f"{site.name}-other"
    for name in (site.api, worker, other):
        site.run(name=name)

    site.roll_back(site.tag, "--with", site.api, "--with", worker)

    seen = site.seen()
    assert seen.running == {site.api: site.old, worker: site.old, other: site.new}
    assert seen.tag == site.old


@only_on(*CONTAINERD_STORES, why="other engines keep what a rebuild replaces")
def test_a_rebuild_that_took_the_image_away_is_rolled_back_and_cannot_be_gone_forward_to(site: Site) -> None:
    site.build(site.tag, ENDS)
    dropped = site.build(site.tag)
    site.imgtui("record", "--once")
    site.run("--restart=always", "-e", "MODE=mine")
    ill = site.build(site.tag, ILL)
    site.imgtui("record", "--once")
    notes = site.plan(site.api, "--to", site.old)["notes"]
    assert f"{short(dropped)} is gone from the engine: only the container before can run it again" in notes

    why = site.refused(site.api, "--to", ill)
    assert "everything is as it was" in why
    assert site.seen().running == {site.api: dropped}

    site.roll_back(site.api, "--to", site.old)
    assert site.seen().running == {site.api: site.old}
    assert "MODE=mine" in site.told()["Config"]["Env"]
    assert "is gone" in site.refused(site.api, "--to", dropped)


@not_on(*PODMANS, why="Podman checks health by systemd, which is not here")
def test_a_health_check_is_waited_for(site: Site) -> None:
    site.run()
    slow = site.image("slow", SLOW)

    said = site.imgtui("rollback", site.api, "--to", slow, "--yes", "--settle", "0")

    assert "health starting" in said.stderr
    assert site.told()["State"]["Health"]["Status"] == "healthy"
    assert site.seen().running == {site.api: slow}


def test_one_that_is_started_again_and_again_is_brought_back_to_what_works(site: Site) -> None:
    ends = site.image("ends", ENDS)
    site.move(ends)
    site.run("--restart=always")
    wait_until(lambda: site.told()["RestartCount"] > 0, "that it is started again")

    site.roll_back(site.api, "--to", site.old)

    seen = site.seen()
    assert seen.running == {site.api: site.old}
    assert seen.policies[site.api] == "always"


def test_one_that_is_started_again_and_again_is_so_still_where_the_other_does_not_work(site: Site) -> None:
    ends, too = site.image("ends", ENDS), site.image("ends-too", ENDS.replace("3", "4"))
    site.move(ends)
    site.run("--restart=always")
    wait_until(lambda: site.told()["RestartCount"] > 0, "that it is started again")

    assert "ended" in site.refused(site.api, "--to", too)

    seen = site.seen()
    assert seen.policies == {site.api: "always"}
    wait_until(lambda: site.told()["RestartCount"] > 0, "that it is started again")


NEEDS_TWO_STARTS = "test -e /begun && exec sleep 100000; echo > /begun; exit 1"


@not_on(*PODMANS, why="Podman has no state between an end and the next start")
def test_one_that_was_restarted_once_may_be_restarted_once_again(site: Site) -> None:
    site.run("--restart=on-failure", command=("sh", "-c", NEEDS_TWO_STARTS))
    wait_until(lambda: site.told()["RestartCount"] == 1 and site.told()["State"]["Running"], "the restart")

    site.roll_back(site.api)

    assert site.seen() == site.rolled_back("on-failure")
    assert site.told()["RestartCount"] == 1


@not_on(*PODMANS, why="Podman has no state between an end and the next start")
def test_restarts_that_the_one_before_did_not_have_are_allowed_by_hand(site: Site) -> None:
    only_old = f"read v </etc/version; case $v in *old) {NEEDS_TWO_STARTS} ;; esac; exec sleep 100000"
    site.run("--restart=on-failure", command=("sh", "-c", only_old))

    assert "is started again and again; everything is as it was" in site.refused(site.api)
    assert site.seen() == site.as_it_was("on-failure")

    site.roll_back(site.api, "--allow-restarts", "1")
    assert site.seen() == site.rolled_back("on-failure")


@not_on(*PODMANS, why="Podman checks health by systemd, which is not here")
def test_a_health_check_does_not_count_where_that_is_wanted(site: Site) -> None:
    site.run()
    ill = site.image("ill", ILL)

    site.roll_back(site.api, "--to", ill, "--no-health")

    assert site.seen().running == {site.api: ill}


@not_on(*PODMANS, why="Podman checks health by systemd, which is not here")
def test_a_health_check_that_fails_already_need_not_do_better(site: Site) -> None:
    site.run(
        "--health-cmd", "echo no such page; exit 1", "--health-interval", "100ms", "--health-retries", "1"
    )
    wait_until(lambda: site.told()["State"]["Health"]["Status"] == "unhealthy", "that its check fails")
    assert f"{site.api}: its health check fails now: no such page: where that of" in str(site.plan(site.api))

    site.roll_back(site.api)

    assert site.seen().running == {site.api: site.old}
    wait_until(lambda: site.told()["State"]["Health"]["Status"] == "unhealthy", "that it fails as before")


@not_on(*PODMANS, why="Podman has no links, and tells log drivers no such name")
def test_it_is_started_under_its_own_name(site: Site) -> None:
    needed = f"{site.name}-needed"
    site.run(name=needed, image=site.new)
    site.run(
        *("--log-opt", "tag={{.Name}}", "--link", f"{needed}:db"),
        command=("sh", "-c", "echo DB_NAME=$DB_NAME; exec sleep 100000"),
    )

    site.roll_back(site.api)

    said = site.real.docker("logs", "--details", site.api)
    assert f"tag={site.api} " in said
    assert f"DB_NAME=/{site.api}/db" in said


@only_on(*PODMANS, why="other engines run health checks themselves")
def test_a_health_check_that_nobody_runs_does_not_count(site: Site) -> None:
    site.run()
    slow = site.image("slow", SLOW)

    said = site.imgtui("rollback", site.api, "--to", slow, "--yes", "--settle", "0")

    assert "nobody runs its health check here" in said.stderr
    assert site.seen().running == {site.api: slow}


def test_one_that_is_stopped_is_replaced_by_one_that_is(site: Site) -> None:
    site.run("--restart=always")
    site.real.docker("stop", site.api)

    site.roll_back(site.api)

    seen = site.seen()
    assert seen.running == {}
    assert seen.policies == site.rolled_back("always").policies
    assert f"sha256:{site.told()['Image'].removeprefix('sha256:')}" == site.old


def test_one_that_goes_when_it_stops_is_replaced_by_another_of_its_kind(site: Site) -> None:
    site.run("--rm")

    site.roll_back(site.api)

    assert site.seen().running == {site.api: site.old}
    assert set(site.seen().policies) == {site.api, site.retired}
    assert site.told()["HostConfig"]["AutoRemove"]
    site.real.docker("stop", site.api)
    wait_until(lambda: site.api not in site.seen().policies, "that it goes")
    site.real.docker("rename", site.retired, site.api)
    site.real.docker("start", site.api)
    assert site.seen().running == {site.api: site.new}


def test_one_that_goes_when_it_stops_is_there_again_where_the_other_does_not_work(site: Site) -> None:
    ends = site.image("ends", ENDS)
    site.run("--rm", "-e", "MODE=mine")
    before = site.told()

    why = site.refused(site.api, "--to", ends)

    assert "everything is as it was" in why
    assert site.seen() == site.as_it_was()
    assert site.told()["HostConfig"]["AutoRemove"]
    assert "MODE=mine" in site.told()["Config"]["Env"]
    assert site.told()["HostConfig"] == before["HostConfig"]


@not_on(*PODMANS, why="Podman does not tell addresses")
def test_addresses_and_namespaces_are_handed_on(site: Site) -> None:
    network = f"{site.name}-net"
    address = content.network(site.real, network)
    site.run("--network", network, "--ip", address, "--network-alias", "web")
    site.run("--network", f"container:{site.api}", name=f"{site.name}-beside")

    site.roll_back(f"{site.name}-beside")
    assert site.seen().running == {site.api: site.new, f"{site.name}-beside": site.old}

    site.roll_back(site.api)
    endpoint = site.told()["NetworkSettings"]["Networks"][network]
    assert endpoint["IPAddress"] == address
    assert "web" in endpoint["Aliases"]


def test_a_plan_says_what_podman_does_with_the_restart_policy_of_the_one_before(site: Site) -> None:
    site.run("--restart=always")

    assert sum("podman-restart starts both" in note for note in site.plan(site.api)["notes"]) == (
        not site.changes_restart
    )


@not_on(*PODMANS, why="Podman refuses such a name")
def test_a_network_may_be_called_as_a_path_is(site: Site) -> None:
    name = f"{site.name}-x/../../containers/prune?y"
    network = site.real.docker("network", "create", name).strip()
    site.run()
    site.real.docker("network", "connect", network, site.api)
    bystander = f"{site.name}-stopped"
    content.create(site.real, bystander, site.tag)

    site.roll_back(site.api)

    assert name in site.told()["NetworkSettings"]["Networks"]
    assert set(site.seen().policies) == {site.api, site.retired, bystander}


def test_who_took_over_its_volumes_goes_on_with_them_as_the_new_one_does(site: Site) -> None:
    site.run("-v", "/data")
    user = f"{site.name}-user"
    site.run("--volumes-from", site.api, name=user, image=site.new)
    plan = site.plan(site.api)
    assert (
        f"{user} uses volumes of {site.api}: it goes on with these volumes, which {site.api} keeps too"
        in (plan["notes"])
    )

    site.roll_back(site.api)
    site.real.docker("exec", site.api, "sh", "-c", "echo new > /data/from-api")

    assert site.seen().running == {site.api: site.old, user: site.new}
    assert site.real.docker("exec", user, "cat", "/data/from-api") == "new\n"
    site.real.docker("restart", "-t", "0", user)
    assert site.real.docker("exec", user, "cat", "/data/from-api") == "new\n"


def test_what_was_written_outside_of_volumes_is_a_risk_and_stays_in_the_one_before(site: Site) -> None:
    site.run("-v", "/data")
    written = "echo 1 > /etc/c1; echo 2 > /data/x; mkdir -p /tmp; echo 3 > /tmp/y"
    site.real.docker("exec", site.api, "sh", "-c", written)

    (risk,) = site.plan(site.api)["risks"]
    assert "wrote 1 file (/etc/c1) outside of volumes: the new one does not have them" in risk

    site.roll_back(site.api)
    assert site.real.docker("cp", f"{site.retired}:/etc/c1", "-") != ""
