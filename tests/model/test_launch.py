"""A launch as a request and as a command, and the form that makes it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace

import pytest

from imgtui.model.clone.libpod import LibpodTold
from imgtui.model.core.image import TakenPort
from imgtui.model.launch.defaults import from_container, from_image, hints, own_config
from imgtui.model.launch.form import Checked, Draft, Filled, Surroundings, check, free_name
from imgtui.model.launch.launch import Launch
from imgtui.model.launch.libpod import with_own_options
from imgtui.model.launch.rest import NOTHING_MORE, rest_of
from imgtui.model.safety.mask import MASK

IMAGE = "sha256:" + "a" * 64
AROUND = Surroundings(
    {"api": "1"},
    [TakenPort("8080/tcp", "0.0.0.0", "api")],
    frozenset({"backend"}),
    environ={"HOME": "/home/me", "X": "y"},
)


def checked(draft: Draft | None = None, around: Surroundings = AROUND, **texts: str) -> Checked:
    made = draft or Draft(IMAGE, "web:1")
    return check(made, Filled({**made.texts, **texts}), around)


def test_the_body_names_the_digest_never_a_tag() -> None:
    launch = Launch(IMAGE, "web", "web:1")
    assert launch.body["Image"] == IMAGE
    assert launch.arguments[-1] == IMAGE
    assert "web:1" not in launch.arguments
    assert launch.body["Labels"] == {"io.imgtui.created-from": "web:1"}


def test_further_words_of_an_entry_point_come_before_the_command_as_docker_has_them() -> None:
    launch = Launch(IMAGE, "web", entrypoint=("python", "-m"), command=("http.server",))
    assert (launch.body["Entrypoint"], launch.body["Cmd"]) == (["python"], ["-m", "http.server"])
    assert launch.arguments[-5:] == ["--entrypoint", "python", IMAGE, "-m", "http.server"]


def test_what_is_not_said_is_left_to_the_image() -> None:
    assert not {"Cmd", "Entrypoint"} & Launch(IMAGE, "web").body.keys()


def test_secrets_are_in_the_body_alone() -> None:
    launch = Launch(
        IMAGE,
        "web",
        command=("serve", "--password=hunter22", "--token", "hunter22"),
        environment=("DB_PASSWORD=hunter22", "MODE=fast"),
        variables=("DB_PASSWORD=hunter22", "MODE=fast"),
        labels=("admin.password=hunter22",),
    )
    assert "hunter22" not in f"{launch!r} {launch.commands}"
    assert "MODE=fast" in launch.commands[0]
    assert str(launch.body).count("hunter22") == 4


def test_a_form_becomes_a_launch() -> None:
    found = checked(
        name="web",
        command="sh -c 'echo hello; sleep 9'",
        ports="9090:80 81/udp",
        environment="A=1 'B=two words' X",
        volumes="/srv:/data:ro cache:/var",
        network="backend",
        restart="unless-stopped",
        user="1000:1000",
        memory="512m",
        cpus="1.5",
        labels="a=b",
    )
    assert not found.faults
    line = shlex.join(found.launch.arguments)
    assert line.startswith("docker run -d --name web -p 9090:80 -p 81/udp -e A=1 -e 'B=two words' -e X")
    assert found.launch.variables == ("A=1", "B=two words", "X=y")
    assert found.launch.body["Cmd"] == ["sh", "-c", "echo hello; sleep 9"]


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "api", "api is taken"),
        ("name", "-x", "letters, digits"),
        ("ports", "8080:80", "8080 is taken by api"),
        ("ports", "'8080:80", "a quote is not closed"),
        ("network", "away", "there is no network away"),
        ("volumes", "data:here", "not absolute"),
        ("volumes", "/a:/x /b:/x/", "two volumes at one path"),
        ("environment", "=1", "a variable has a name"),
        ("env_files", "/no/file", "/no/file: no such file"),
        ("memory", "lots", "a number with"),
        ("cpus", "all", "a number such as"),
        ("restart", "maybe", "unless-stopped"),
        ("labels", "io.imgtui.shell=1", "imgtui's own"),
    ],
)
def test_what_docker_would_refuse_is_said_at_its_field(field: str, typed: str, said: str) -> None:
    def read(_: str) -> str:
        raise FileNotFoundError(2, "No such file or directory")

    around = replace(AROUND, read_file=read)
    found = check(Draft(IMAGE, None), Filled({field: typed}), around)
    assert list(found.faults) == [field]
    assert said in found.faults[field]


def test_networks_that_every_engine_has_and_those_of_containers_are_there() -> None:
    for network in ("host", "none", "container:api"):
        assert not checked(network=network).faults


def test_a_container_that_goes_is_not_restarted() -> None:
    found = check(Draft(IMAGE, None), Filled({"restart": "always"}, remove=True), AROUND)
    assert found.faults == {"remove": "not with a restart policy"}


def test_a_terminal_that_cannot_be_had_is_said() -> None:
    around = Surroundings(no_terminal="no docker command")
    assert check(Draft(IMAGE, None), Filled({}, terminal=True), around).faults == {
        "terminal": "no docker command"
    }
    assert not check(Draft(IMAGE, None), Filled({}), around).faults


def test_a_file_at_home_is_named_as_a_shell_would() -> None:
    files = {"/home/me/app.env": "A=1"}
    around = Surroundings(environ=AROUND.environ, read_file=files.__getitem__)
    launch = checked(around=around, env_files="~/app.env", environment="B=2").launch
    assert launch.variables == ("A=1", "B=2")
    assert "--env-file /home/me/app.env" in shlex.join(launch.arguments)


def test_a_free_name() -> None:
    assert free_name("shop/web", IMAGE, {}) == "web-aaaa"
    assert free_name("shop/web", IMAGE, {"web-aaaa": "1", "web-aaaa-2": "2"}) == "web-aaaa-3"
    assert free_name(None, IMAGE, {}) == "container-aaaa"


# ---------------------------------------------------------------------- filled from a container

CONFIG: Mapping[str, object] = {
    "Env": ["MODE=fast", "API_TOKEN=hunter22", "PATH=/bin"],
    "Cmd": ["serve", "--password", "hunter22"],
    "Entrypoint": ["/app"],
    "Labels": {
        "team": "web",
        "v": "1",
        "com.docker.compose.project": "shop",
        "io.imgtui.created-from": "web:0",
    },
    "User": "app",
    "Volumes": {"/data": {}, "/mine": {}},
}
OWN_IMAGE: Mapping[str, object] = {
    "Env": ["PATH=/bin"],
    "Cmd": ["serve"],
    "Entrypoint": ["/app"],
    "Labels": {"v": "1"},
    "User": "app",
    "Volumes": {"/data": {}},
}
HOST: Mapping[str, object] = {
    "Binds": ["cache:/var:rw,rprivate,nosuid,nodev,rbind", "/srv:/srv:ro", f"{'b' * 64}:/mine"],
    "PortBindings": {
        "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "9090"}],
        "53/udp": [{"HostIp": "", "HostPort": "53"}],
        "99/tcp": [{"HostIp": "::1", "HostPort": ""}],
    },
    "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
    "NetworkMode": "backend",
    "Memory": 536870912,
    "NanoCpus": 1500000000,
    "CapAdd": ["NET_ADMIN"],
    "Mounts": [
        {"Type": "bind", "Source": "/etc", "Target": "/host/etc", "ReadOnly": True},
        {"Type": "tmpfs", "Target": "/tmp"},
    ],
}
CONTAINER: Mapping[str, object] = {"Config": CONFIG, "HostConfig": HOST}


def filled() -> Draft:
    own = own_config(CONTAINER, OWN_IMAGE, OWN_IMAGE, ordered=True)
    fields = from_container(CONTAINER, own, OWN_IMAGE, [TakenPort("53/udp", "0.0.0.0", "dns")])
    return Draft(
        IMAGE,
        None,
        {name: field.text for name, field in fields.items()},
        {name: field.held for name, field in fields.items() if field.held},
    )


def test_what_people_had_set_fills_the_form_and_secrets_are_masked_in_it() -> None:
    made = filled()
    assert dict(made.texts) == {
        "command": f"serve --password '{MASK}'",
        "entrypoint": "",
        "ports": "127.0.0.1:9090:80 54:53/udp '[::1]::99'",
        "environment": f"MODE=fast 'API_TOKEN={MASK}'",
        "volumes": "cache:/var /srv:/srv:ro /etc:/host/etc:ro /mine",
        "network": "backend",
        "restart": "",
        "user": "",
        "memory": "512m",
        "cpus": "1.5",
        "labels": "team=web",
    }
    assert "hunter22" not in repr(made)


def test_a_masked_value_that_stays_is_what_it_stands_for() -> None:
    launch = checked(filled()).launch
    assert launch.variables == ("MODE=fast", "API_TOKEN=hunter22")
    assert launch.command == ("serve", "--password", "hunter22")
    assert "hunter22" not in str(launch.commands)


def test_a_masked_value_that_is_typed_over_is_what_was_typed() -> None:
    assert checked(filled(), environment="API_TOKEN=other").launch.variables == ("API_TOKEN=other",)


def test_masked_words_that_cannot_be_told_apart_are_asked_for() -> None:
    made = Draft(IMAGE, None, {"command": f"a {MASK} {MASK}"}, {"command": {MASK: ("one", "two")}})
    assert checked(made).launch.command == ("a", "one", "two")
    assert "which" in checked(made, command=f"a {MASK}").faults["command"]


def test_a_value_that_no_line_can_show_stays_what_it_is() -> None:
    container = {"Config": {"Env": ["MOTD=one\ntwo\x1b[31m"]}, "HostConfig": {}}
    fields = from_container(container, own_config(container, {}, {}, ordered=True), {}, ())
    field = fields["environment"]
    assert "\n" not in field.text
    assert "\x1b" not in field.text
    made = Draft(IMAGE, None, {"environment": field.text}, {"environment": field.held or {}})
    assert checked(made).launch.variables == ("MOTD=one\ntwo\x1b[31m",)


def test_what_no_field_can_say_is_carried_and_what_is_of_one_container_is_not() -> None:
    networks = {
        "backend": {"Aliases": ["web", "c" * 12], "IPAMConfig": {"IPv4Address": "10.0.0.9"}},
        "logs": {},
    }
    host = {**HOST, "MemorySwap": 2 * 536870912, "Ulimits": [{"Name": "nofile", "Soft": 9, "Hard": 9}]}
    container = {"Id": "c" * 64, "HostConfig": host, "NetworkSettings": {"Networks": networks}}
    own = {**CONFIG, "WorkingDir": "/srv", "Hostname": "c" * 12, "ExposedPorts": {"53/udp": {}, "7/tcp": {}}}

    rest = rest_of(container, own, (1, 44))

    assert rest.flags == ("--workdir", "--expose", "--mount", "--cap-add", "--ulimit")
    assert rest.networks == ("logs",)
    assert rest.left == ("--ip", "--network-alias")
    launch = checked(Draft(IMAGE, None, {"name": "web"}, rest=rest), ports="8088:80").launch
    assert launch.body["WorkingDir"] == "/srv"
    assert launch.body["ExposedPorts"] == {"7/tcp": {}, "80/tcp": {}}
    assert "Hostname" not in launch.body
    made = launch.body["HostConfig"]
    assert isinstance(made, dict)
    assert made["CapAdd"] == ["NET_ADMIN"]
    assert made["RestartPolicy"] == {"Name": "no", "MaximumRetryCount": 0}
    assert "MemorySwap" not in made
    assert "--ulimit nofile=9:9" in launch.commands[0]
    assert launch.commands[0].startswith("docker create --name web")
    assert launch.commands[1:] == ("docker network connect logs web", "docker start web")


def test_a_command_with_what_is_masked_says_that_it_cannot_be_run_as_it_is() -> None:
    launch = Launch(IMAGE, "web", environment=("DB_PASSWORD=hunter22",))
    assert launch.commands[0].endswith(f" {IMAGE}  # ******** is masked: put the value there")
    assert "#" not in Launch(IMAGE, "web", environment=("MODE=fast",)).commands[0]


def test_what_podman_s_own_api_is_not_asked_for_is_a_fault_beside_its_options() -> None:
    rest = with_own_options(
        NOTHING_MORE, LibpodTold(options=(("--tz", "UTC"), ("--rmi", "true"))), {"Image": IMAGE}
    )
    assert (rest.flags, rest.left) == (("--tz",), ("--rmi",))
    draft = Draft(IMAGE, None, {"name": "web"}, rest=rest)
    assert "Libpod" in checked(draft).launch.body
    assert "not with Env: Podman's own API" in checked(draft, environment="TAKEN_AWAY").faults["rest"]


def test_where_it_is_not_asked_at_all_its_options_are_named() -> None:
    body = {"Image": IMAGE, "HostConfig": {"UsernsMode": "keep-id"}}
    rest = with_own_options(NOTHING_MORE, LibpodTold(options=(("--tz", "UTC"),)), body)
    assert (rest.own.options, rest.left) == ((), ("--tz (with keep-id)",))
    without = check(Draft(IMAGE, None, rest=rest), Filled({"name": "web"}, rest=False), AROUND).launch
    assert without.commands == (f"docker run -d --name web {IMAGE}",)


def test_a_volume_that_another_container_writes_to_is_a_warning_unless_it_is_only_read() -> None:
    around = replace(AROUND, volumes={"data": ("api",), "/srv": ("web", "cron")})
    found = checked(around=around, volumes="data:/data")
    assert (found.faults, found.warnings) == ({}, {"volumes": "data is in use by api, which writes to it"})
    assert "web, cron" in checked(around=around, volumes="/srv/:/x").warnings["volumes"]
    assert not checked(around=around, volumes="data:/data:ro other:/other").warnings


def test_that_a_container_has_a_restart_policy_is_said() -> None:
    assert hints({}, CONTAINER, "api")["restart"] == "none; api has on-failure:3"
    assert "restart" not in hints({}, {"HostConfig": {}}, "api")


def test_an_image_proposes_its_ports_to_this_machine_alone_and_free_ones() -> None:
    image: Mapping[str, object] = {"ExposedPorts": {"8080/tcp": {}, "53/udp": {}, "many": {}}}
    assert from_image(image, AROUND.ports)["ports"].text == "127.0.0.1:53:53/udp 127.0.0.1:8081:8080"


def test_an_empty_field_says_what_the_image_has() -> None:
    said = hints({"Cmd": ["serve", "--token=hunter22"], "User": "app", "Env": ["A=1"]})
    assert said["user"] == "image: app"
    assert MASK in said["command"]
    assert "hunter22" not in said["command"]
