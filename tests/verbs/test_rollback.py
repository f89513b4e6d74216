"""`imgtui rollback`: which digest, which containers, what it prints, and the exit status."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest

from imgtui.model.core.digest import short
from imgtui.model.core.image import Container
from imgtui.operations.acts.acts import Acts
from imgtui.operations.containers.rollback import Rollbacks
from imgtui.verbs.console.asking import Manner
from imgtui.verbs.console.output import Exit
from imgtui.verbs.rollback import RollbackArguments, run
from tests.verbs.calling import YES, Caller

PLAN = Manner(plan_only=True)
FIELDS = {"title", "steps", "containers", "changes", "notes", "risks"}


@dataclass
class Shop:
    """`web:latest` moved from one image to another; `api` runs the newer one, `worker` the older one."""

    caller: Caller

    def __post_init__(self) -> None:
        engine = self.caller.engine
        self.one = self.caller.load("one", "web:1", "web:latest")
        self.worker = engine.run("worker", "web:latest")
        self.caller.log()
        self.two = self.caller.load("two", "web:2", "web:latest")
        self.api = engine.run("api", "web:latest")
        self.caller.log()

    def call(self, wanted: RollbackArguments, manner: Manner = YES) -> Exit:
        return run(self.caller.engine, self.caller.recorder, wanted, manner)

    def done(self, name: str, **wanted: Any) -> str:
        """What is printed where it was done."""
        status = self.call(RollbackArguments(name, settle=0, **wanted))
        out, err = self.caller.capsys.readouterr()
        assert status is Exit.DONE, err
        return out

    def refused(self, name: str, **wanted: Any) -> str:
        """The line where nothing was done."""
        assert self.call(RollbackArguments(name, settle=0, **wanted)) is Exit.FAILED
        return self.caller.failure()

    def planned(self, name: str, **wanted: Any) -> dict[str, Any]:
        """The plan as JSON."""
        manner = Manner(plan_only=True, as_json=True)
        assert self.call(RollbackArguments(name, **wanted), manner) is Exit.DONE
        document: dict[str, Any] = json.loads(self.caller.capsys.readouterr().out)
        return document

    def container(self, name: str) -> Container:
        return next(known for known in self.caller.engine.containers() if known.name == name)

    def tag(self) -> str:
        return self.caller.engine.find_images(["web:latest"])[0].id


@pytest.fixture
def shop(caller: Caller) -> Shop:
    return Shop(caller)


def test_a_container_goes_back_to_what_its_tag_pointed_at_before(shop: Shop) -> None:
    said = shop.done("api")
    assert said.splitlines()[-1] == (
        f"api runs {short(shop.one)}; the one before stays, stopped, as api-{short(shop.two)};"
        " docker container prune would remove what is stopped"
    )
    assert (shop.container("api").image_id, shop.container("api").running) == (shop.one, True)
    assert not shop.container(f"api-{short(shop.two)}").running
    assert shop.tag() == shop.two


def test_and_forward_again_by_its_digest(shop: Shop) -> None:
    shop.done("api")
    shop.done("api", to=short(shop.two))
    assert shop.container("api").image_id == shop.two
    assert shop.container(f"api-{short(shop.one)}").image_id == shop.one


def test_a_tag_goes_back_alone_or_with_the_containers_that_are_named(shop: Shop) -> None:
    plan = shop.planned("web", with_containers=("api",))
    assert set(plan) == FIELDS
    assert [container["name"] for container in plan["containers"]] == ["api"]
    assert plan["steps"][-1]["ref"] == "web:latest"
    assert shop.tag() == shop.two
    shop.done("web:latest", with_containers=("api",))
    assert shop.tag() == shop.one
    assert shop.container("api").image_id == shop.one
    assert next(move["cause"] for move in shop.caller.log("web:latest")) == "rollback"


def test_with_all_are_those_that_run_and_drift_from_what_the_tag_will_be(shop: Shop) -> None:
    shop.caller.engine.run("stopped", "web:latest", state="exited", status="Exited (0)")
    plan = shop.planned("web", with_all=True)
    assert [container["name"] for container in plan["containers"]] == ["api"]


def test_a_tag_alone_says_what_will_drift(shop: Shop) -> None:
    plan = shop.planned("web:latest")
    assert "drift afterwards: api" in plan["notes"]
    shop.done("web:latest")
    assert (shop.tag(), shop.container("api").image_id) == (shop.one, shop.two)


def test_a_digest_that_is_gone_is_passed_over_for_an_earlier_one(shop: Shop) -> None:
    gone = shop.caller.load("gone", "web:latest")
    shop.caller.log()
    shop.caller.load("late", "web:3", "web:latest")
    late = shop.caller.engine.run("late", "web:latest")
    shop.caller.log()
    shop.caller.engine.remove(gone)
    passed = f"{short(gone)} was there later, and is passed over: gone, and no registry is known to have it"
    for name in ("web", late):
        plan = shop.planned(name)
        assert plan["title"].endswith(f"back to {short(shop.two)}")
        assert plan["notes"][0] == passed


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"name": "nothing"}, "there is neither a container nothing nor a tag nothing:latest"),
        ({"name": "webb", "to": "web:1"}, "nor a tag webb:latest: imgtui tag web:1 webb makes a new tag"),
        ({"name": "0" * 12, "to": "web:1"}, "there is neither a container 000000000000"),
        ({"name": "api", "to": "nothing:1"}, "nothing here is called nothing:1"),
        ({"name": "worker"}, "is not known to have pointed elsewhere before"),
        ({"name": "web:2"}, "web:2 is not known to have pointed elsewhere before: say which digest"),
        ({"name": "api", "to": "web:2"}, "api runs"),
        ({"name": "web:latest", "to": "web:2"}, "web:latest points at"),
        ({"name": "web", "with_containers": ("worker",)}, "worker is not a container that was created from"),
        ({"name": "web@sha256:" + "0" * 64}, "names a digest"),
    ],
)
def test_what_cannot_be_is_one_line(shop: Shop, wanted: dict[str, Any], said: str) -> None:
    assert said in shop.refused(**wanted)
    assert {known.name for known in shop.caller.engine.containers()} == {"api", "worker"}


@pytest.mark.parametrize("digits", [64, 12, 5])
def test_a_container_is_named_by_its_id_or_the_beginning_of_it_too(shop: Shop, digits: int) -> None:
    assert f"api runs {short(shop.one)}" in shop.done(shop.api[:digits])
    assert shop.container("api").image_id == shop.one
    assert shop.tag() == shop.two


def test_only_the_plan_is_printed_for_people(shop: Shop) -> None:
    assert shop.call(RollbackArguments("api"), PLAN) is Exit.DONE
    lines = shop.caller.capsys.readouterr().out.splitlines()
    assert lines[0] == f"roll api back to {short(shop.one)}"
    assert "  docker stop api" in lines
    assert shop.container("api").image_id == shop.two


def test_a_digest_of_another_repository_is_a_risk_that_is_typed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = shop.caller.load("other", "shop/redis:7")
    risks = shop.planned("api", to="shop/redis:7")["risks"]
    assert risks == [f"api would run another repository: {short(other)} is of shop/redis, not of web"]
    (risk,) = shop.planned("web", to=short(other))["risks"]
    assert (
        risk == f"web:latest would point at another repository: {short(other)} is of shop/redis, not of web"
    )
    monkeypatch.setattr("sys.stdin", StringIO("y\n"))
    assert shop.call(RollbackArguments("api", to=short(other), settle=0), Manner()) is Exit.FAILED
    assert "type api to do it" in shop.caller.capsys.readouterr().err
    assert shop.container("api").image_id == shop.two
    shop.done("api", to="shop/redis:7")
    assert shop.container("api").image_id == other


@pytest.mark.parametrize("now", [True, False], ids=["it has its name", "it had its name"])
def test_a_digest_of_the_same_repository_is_none(shop: Shop, now: bool) -> None:
    shop.caller.engine.tag(shop.one, "mirror/web:1")
    if not now:
        shop.caller.engine.untag("web:1")
    assert not shop.planned("api", to="mirror/web:1")["risks"]


def test_of_a_digest_without_a_name_it_is_said_that_nobody_knows(shop: Shop) -> None:
    nameless = shop.caller.load("nameless")
    note = (
        f"{short(nameless)} has no name here, and had none that is known: whether it is of web cannot be told"
    )
    plan = shop.planned("api", to=short(nameless))
    assert note in plan["notes"]
    assert not plan["risks"]


def test_a_secret_is_in_no_plan(shop: Shop) -> None:
    body = {"Image": shop.two, "Env": ["DB_PASSWORD=hunter2", "MODE=fast"]}
    shop.caller.engine.create_container("quiet", body)
    assert shop.call(RollbackArguments("quiet", to="web:1"), PLAN) is Exit.DONE
    printed = shop.caller.capsys.readouterr()
    assert "hunter2" not in printed.out + printed.err
    assert "MODE=fast" in printed.out


def test_a_read_only_engine_is_left_alone(shop: Shop) -> None:
    shop.caller.engine.read_only = True
    with pytest.raises(Exception, match="read-only"):
        shop.call(RollbackArguments("api", settle=0))
    assert shop.container("api").image_id == shop.two


def test_nothing_unfinished_is_said(shop: Shop) -> None:
    assert shop.call(RollbackArguments(None)) is Exit.DONE
    assert shop.caller.capsys.readouterr().out == "nothing was interrupted\n"


def test_what_was_interrupted_is_taken_up(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(shop.caller.engine, "start_container", killed)
        with pytest.raises(KeyboardInterrupt):
            shop.call(RollbackArguments("api", settle=0))
    recorder = shop.caller.recorder
    recorder.follow(shop.caller.engine.connect())
    assert Rollbacks(shop.caller.engine, recorder, Acts(shop.caller.engine, recorder)).pending()
    assert not shop.container("api").running
    shop.caller.capsys.readouterr()
    assert shop.call(RollbackArguments(None, settle=0)) is Exit.DONE
    assert "api: everything is as it was" in shop.caller.capsys.readouterr().out
    assert (shop.container("api").image_id, shop.container("api").running) == (shop.two, True)


def test_what_another_program_manages_is_left_alone(shop: Shop) -> None:
    body = {"Image": shop.two, "Labels": {"com.docker.swarm.service.name": "shop_web"}}
    shop.caller.engine.create_container("shop_web.1.x", body)
    refused = shop.refused("shop_web.1.x", to="web:1")
    assert "docker service update --image web@sha256:" in refused
    assert refused.endswith(" shop_web\n")


SHARED = [
    ({"NetworkMode": "container:{}"}, "network", "loses its network at once"),
    ({"PidMode": "container:{}"}, "PID", "is killed"),
    ({"IpcMode": "container:{}"}, "IPC", "loses its IPC at once"),
    ({"Links": ["/api:/side/db"]}, "link", "loses that at once, with docker exec and its health checks"),
]


@pytest.mark.parametrize(("mode", "kind", "lost"), SHARED, ids=str)
def test_what_shares_a_namespace_is_made_anew_or_a_risk_where_its_image_is_gone(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, mode: dict[str, Any], kind: str, lost: str
) -> None:
    engine = shop.caller.engine
    three = shop.caller.load("three", "side:1")
    host = {key: value.format(shop.api) if isinstance(value, str) else value for key, value in mode.items()}
    engine.start_container(engine.create_container("side", {"Image": three, "HostConfig": host}))

    plan = shop.planned("api")
    assert [each["name"] for each in plan["containers"]] == ["api", "side"]
    anew = f"side uses {kind} of api: it is stopped before it, and recreated after it on its image"
    assert anew in plan["notes"]
    assert not plan["risks"]

    image = engine.image
    monkeypatch.setattr(engine, "image", lambda name: None if name == three else image(name))
    plan = shop.planned("api")
    assert [each["name"] for each in plan["containers"]] == ["api"]
    (risk,) = plan["risks"]
    assert risk.startswith(f"side uses {kind} of api: it {lost}, and cannot be started again nor recreated")
    assert risk.endswith(f"as {short(three)} is gone")


def test_one_that_joins_a_container_that_is_recreated_and_cannot_be_is_told_and_in_nobody_s_way(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = shop.caller.engine
    three, four = shop.caller.load("three", "side:1"), shop.caller.load("four", "third:1")
    joins = {"NetworkMode": f"container:{shop.api}"}
    side = engine.create_container("side", {"Image": three, "HostConfig": joins})
    third = engine.create_container(
        "third", {"Image": four, "HostConfig": {"NetworkMode": f"container:{side}"}}
    )
    for each in (side, third):
        engine.start_container(each)
    image = engine.image
    monkeypatch.setattr(engine, "image", lambda name: None if name == four else image(name))
    (risk,) = shop.planned("api")["risks"]
    assert risk.startswith("third uses network of side")

    shop.done("api")

    assert shop.container("api").image_id == shop.one
    assert shop.container("side").id != side
