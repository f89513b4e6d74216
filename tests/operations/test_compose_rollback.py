"""imgtui rolls services of a real `docker compose` back: replicas, sidecars, configs that it injected."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from imgtui.model.core.digest import short
from tests.engines import content
from tests.engines.private import PrivateEngine
from tests.verbs.command import call, environment

SERVICES: Final = """\
services:
  web:
    image: composed-back:latest
    network_mode: none
    stop_signal: KILL
    command: [sh, -c, "sleep 1000"]
    scale: 3
    configs: [{source: greeting, target: /etc/app/greeting, mode: 0440, uid: "7"}]
    secrets: [token]
  vpn:
    image: composed-back:latest
    networks: [inner]
    stop_signal: KILL
    command: [sh, -c, "sleep 1000"]
  side:
    image: composed-back:side
    network_mode: service:vpn
    pid: service:vpn
    stop_signal: KILL
    command: [sh, -c, "sleep 1000"]
configs:
  greeting: {content: "good morning"}
secrets:
  token: {environment: TOKEN}  # of `.env`
networks:
  inner: {}
"""
BUILT: Final = """\
services:
  app:
    image: composed-ci:latest
    build: .
    network_mode: none
    stop_signal: KILL
    command: [sh, -c, "sleep 1000"]
"""
pytestmark = [
    pytest.mark.matrix,
    pytest.mark.parametrize("real_engine", ["docker28-overlay2", "docker28-containerd"], indirect=True),
]
"""Those that Debian has a `docker compose` for."""

WEBS: Final = [f"web-{number}" for number in (1, 2, 3)]


def of_people(told: dict[str, Any]) -> dict[str, Any]:
    """What people and Compose set of a container, without what tells two containers of one kind apart."""
    config = {key: value for key, value in told["Config"].items() if key not in {"Image", "Hostname"}}
    labels = config["Labels"].items()
    config["Labels"] = {key: value for key, value in labels if not key.startswith("io.imgtui.")}
    networks = {
        name: {key: each[key] for key in ("IPAMConfig", "Links", "DriverOpts", "GwPriority") if key in each}
        for name, each in told["NetworkSettings"]["Networks"].items()
    }
    host, mounts = told["HostConfig"], sorted(json.dumps(each) for each in told["Mounts"])
    return {"Config": config, "HostConfig": host, "Networks": networks, "Mounts": mounts}


class Project:
    """A project of the real `docker compose`, and imgtui beside it."""

    def __init__(self, engine: PrivateEngine, folder: Path, home: Path, name: str) -> None:
        self.engine, self.folder, self.project = engine, folder, name
        self.environ = environment(home, engine.host)

    def compose(self, *arguments: str) -> str:
        folder = ("--project-directory", str(self.folder), "--file", str(self.folder / "compose.yml"))
        return self.engine.docker("compose", "--project-name", self.project, *folder, *arguments)

    def up(self) -> None:
        self.compose("up", "--detach")

    def imgtui(self, *arguments: str) -> str:
        done = call(self.environ, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def roll_back(self, *arguments: str) -> str:
        return self.imgtui("rollback", *arguments, "--yes", "--settle", "0.3")

    def plan(self, *arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.imgtui("rollback", *arguments, "--plan", "--json"))
        return found

    def told(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.engine.ask("GET", f"/containers/{name}/json")
        return found

    @property
    def running(self) -> Mapping[str, str]:
        """The image of each container of the project that runs, by its name without the project's."""
        told = [json.loads(line) for line in self.compose("ps", "--format", "json").splitlines()]
        names = [each["Name"] for each in told if each["State"] == "running"]
        return {name.removeprefix(f"{self.project}-"): self.told(name)["Image"] for name in names}

    @property
    def containers(self) -> list[str]:
        """The names of all its containers, without the project's."""
        found = self.engine.ask("GET", "/containers/json?all=1")
        names = (name.strip("/") for each in found for name in each["Names"])
        start = f"{self.project}-"
        return [name.removeprefix(start) for name in names if name.startswith(start)]

    def read(self, name: str, path: str) -> str:
        return self.engine.docker("exec", f"{self.project}-{name}", "cat", path)


class Shop(Project):
    """One that is up on the newer one of two images of a tag."""

    def __init__(
        self,
        engine: PrivateEngine,
        folder: Path,
        home: Path,
        project: str = "back",
        images: tuple[str, str, str] | None = None,
    ) -> None:
        super().__init__(engine, folder, home, project)
        (folder / "compose.yml").write_text(SERVICES)
        (folder / ".env").write_text("TOKEN=sesame\n")
        self.old, self.new, self.side = images or (
            content.build(engine, "composed-back:old", version="old"),
            content.build(engine, "composed-back:new", version="new"),
            content.build(engine, "composed-back:side", version="side"),
        )
        self.point(self.old)
        self.imgtui("record", "--once")
        self.point(self.new)
        self.up()

    def point(self, image_id: str) -> None:
        self.engine.docker("tag", image_id, "composed-back:latest")


@pytest.fixture
def shop(real_engine: PrivateEngine, tmp_path: Path) -> Iterator[Shop]:
    """A project that is up on the newer image."""
    folder = tmp_path / "shop"
    folder.mkdir()
    made = Shop(real_engine, folder, tmp_path)
    yield made
    made.compose("down", "--remove-orphans", "--timeout", "0")


def test_a_service_is_rolled_back_with_all_replicas_and_what_compose_injected(shop: Shop) -> None:
    plan = shop.plan("back/web")
    assert [each["name"] for each in plan["containers"]] == [f"back-web-{number}" for number in (1, 2, 3)]
    assert not plan["risks"]
    copied = "2 files (/run/secrets/token, /etc/app/greeting) that Compose seems to have put there"
    assert f"back-web-1, back-web-2, back-web-3: {copied}: copied into the new one" in plan["notes"]

    shop.roll_back("back/web")

    webs = WEBS
    assert shop.running == {**dict.fromkeys(webs, shop.old), "vpn-1": shop.new, "side-1": shop.side}
    for web in webs:
        assert shop.read(web, "/etc/app/greeting") == "good morning"
        assert shop.read(web, "/run/secrets/token") == "sesame"
        stat = shop.engine.docker(
            "exec", f"back-{web}", "busybox", "stat", "-c", "%u %a", "/etc/app/greeting"
        )
        assert stat == "7 440\n"

    shop.roll_back("back/web", "--to", shop.new)
    assert {shop.running[web] for web in webs} == {shop.new}
    for web in webs:
        assert shop.read(web, "/etc/app/greeting") == "good morning", "the second time too"
        assert shop.read(web, "/run/secrets/token") == "sesame"


def test_it_is_undone_and_all_replicas_are_exactly_as_they_were(shop: Shop) -> None:
    before = {web: of_people(shop.told(f"back-{web}")) for web in WEBS}
    shop.roll_back("back/web")
    there = {web: of_people(shop.told(f"back-{web}")) for web in WEBS}

    shop.imgtui("undo", "back/web", "--yes", "--settle", "0.3")

    assert {web: of_people(shop.told(f"back-{web}")) for web in WEBS} == before
    assert {shop.running[web] for web in WEBS} == {shop.new}
    for web in WEBS:
        assert shop.read(web, "/etc/app/greeting") == "good morning"
        assert shop.read(web, "/run/secrets/token") == "sesame"
    ids = {web: shop.told(f"back-{web}")["Id"] for web in WEBS}
    shop.up()
    assert {web: shop.told(f"back-{web}")["Id"] for web in WEBS} == ids, "up leaves them"

    shop.imgtui("undo", "back/web", "--redo", "--yes", "--settle", "0.3")

    assert {web: of_people(shop.told(f"back-{web}")) for web in WEBS} == there
    assert {shop.running[web] for web in WEBS} == {shop.old}


def test_after_several_roll_backs_compose_sees_the_replicas_that_it_had(shop: Shop) -> None:
    for target in (shop.old, shop.new, shop.old):
        shop.roll_back("back/web", "--to", target)
    rolled_back, containers = shop.running, sorted(shop.containers)
    assert containers == ["side-1", "vpn-1", *WEBS]

    for verb in (["restart"], ["stop", "--timeout", "0"], ["start"], ["up", "--detach"]):
        shop.compose(*verb)
        assert sorted(shop.containers) == containers
    assert shop.running == rolled_back
    assert {shop.running[web] for web in WEBS} == {shop.old}
    assert len(shop.compose("ps", "--all", "--quiet").split()) == len(containers)


def test_a_sidecar_is_exactly_as_it_was_after_an_undo(shop: Shop) -> None:
    before = {name: of_people(shop.told(f"back-{name}")) for name in ("vpn-1", "side-1")}
    shop.roll_back("back-vpn-1")

    shop.imgtui("undo", "back/vpn", "--yes", "--settle", "0.3")

    vpn = shop.told("back-vpn-1")["Id"]
    shared = {"NetworkMode": f"container:{vpn}", "PidMode": f"container:{vpn}"}
    before["side-1"]["HostConfig"] |= shared
    assert {name: of_people(shop.told(f"back-{name}")) for name in before} == before
    assert sorted(shop.containers) == ["side-1", "vpn-1", *WEBS]


def test_what_up_and_down_do_afterwards_is_as_the_plan_says(shop: Shop) -> None:
    notes = shop.plan("composed-back:latest", "--with-all")["notes"]
    shown = shop.imgtui("rollback", "composed-back:latest", "--with-all", "--plan")
    shop.roll_back("composed-back:latest", "--with-all")
    rolled_back = shop.running
    assert {name: image for name, image in rolled_back.items() if name != "side-1"} == {
        **{f"web-{number}": shop.old for number in (1, 2, 3)},
        "vpn-1": shop.old,
    }
    made = {name: shop.told(f"back-{name}")["Id"] for name in rolled_back}
    leaves = f"on {short(shop.old)} until composed-back:latest moves"
    assert f"docker compose up leaves back-vpn-1, back-web-1, back-web-2, back-web-3 {leaves}" in notes
    anew = "docker compose up recreates back-side-1 once more, from composed-back:side"
    assert anew in notes
    assert sorted(shop.containers) == sorted(made), "none stays beside them"
    assert f"docker rm back-web-1-{short(shop.new)}" in shown

    shop.up()

    assert shop.running == rolled_back
    again = {name: shop.told(f"back-{name}")["Id"] for name in rolled_back}
    assert {name for name in again if again[name] != made[name]} == {"side-1"}
    assert sorted(shop.containers) == sorted(made)
    shop.compose("down", "--timeout", "0")
    assert shop.containers == []


def test_a_sidecar_is_made_anew_with_the_service_whose_network_it_uses(shop: Shop) -> None:
    shop.roll_back("back-vpn-1")

    assert shop.running["vpn-1"] == shop.old
    assert shop.running["side-1"] == shop.side
    host = shop.told("back-side-1")["HostConfig"]
    assert host["NetworkMode"] == host["PidMode"] == f"container:{shop.told('back-vpn-1')['Id']}"
    assert shop.read("side-1", "/proc/net/dev").count(":") > 1


def test_one_replica_alone_says_which_ones_stay(shop: Shop) -> None:
    done = call(shop.environ, "rollback", "back-web-2", "--yes", "--settle", "0.3")
    assert done.returncode == 0, done.stderr
    assert "back-web-1, back-web-3 of back/web stay as they are: --all-replicas" in done.stderr
    assert shop.running["web-2"] == shop.old
    assert shop.running["web-1"] == shop.running["web-3"] == shop.new

    shop.roll_back("back-web-1", "--all-replicas")
    assert {shop.running[f"web-{number}"] for number in (1, 2, 3)} == {shop.old}


def test_two_projects_from_one_folder_stay_apart(shop: Shop, tmp_path: Path) -> None:
    other = Shop(shop.engine, shop.folder, tmp_path, "other", (shop.old, shop.new, shop.side))
    try:
        before = other.running
        shop.roll_back("back/web", "--pin")
        assert other.running == before
        assert (shop.folder / "compose.imgtui.back.web.yml").exists()
        other.roll_back("other/web", "--pin")
        assert (shop.folder / "compose.imgtui.other.web.yml").exists()
        assert {other.running[f"web-{number}"] for number in (1, 2, 3)} == {shop.old}
    finally:
        other.compose("down", "--remove-orphans", "--timeout", "0")


def test_what_was_built_elsewhere_stays_in_the_project_of_one_that_compose_built(
    real_engine: PrivateEngine, tmp_path: Path
) -> None:
    """Compose labels the images that it builds; the older one, of another builder, has no such labels."""
    folder = tmp_path / "ci"
    folder.mkdir()
    old = content.build(real_engine, "composed-ci:latest", version="of the build server")
    content.write_context(folder, version="of compose")
    (folder / "compose.yml").write_text(BUILT)
    project = Project(real_engine, folder, tmp_path, "ci")
    project.imgtui("record", "--once")
    try:
        project.imgtui("keep", old, "--yes")
        project.compose("build")
        project.up()
        new = project.running["app-1"]
        labels = project.told("ci-app-1")["Config"]["Labels"]
        assert (
            "com.docker.compose.project" in real_engine.ask("GET", f"/images/{new}/json")["Config"]["Labels"]
        )

        project.roll_back("composed-ci:latest", "--with-all")

        assert project.running == {"app-1": old}
        made = project.told("ci-app-1")
        by_compose = {key for key in labels if key.startswith("com.docker.compose.")}
        assert by_compose <= made["Config"]["Labels"].keys()
        project.up()
        assert project.running == {"app-1": old}
        assert project.told("ci-app-1")["Id"] == made["Id"]
    finally:
        project.compose("down", "--timeout", "0")
    assert project.containers == []
