import hashlib
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from imgtui.engine.endpoint import Endpoint, EndpointError, list_contexts, resolve_endpoint

needs_docker_cli = pytest.mark.skipif(
    shutil.which("docker") is None, reason="NO DOCKER COMMAND: our reading is not compared with docker's own"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".docker").mkdir()
    return tmp_path


def resolve(home: Path, host: str | None = None, context: str | None = None, **environ: str) -> Endpoint:
    # No engine of this machine may decide a test: there is no runtime folder, and no default socket.
    environment = {"XDG_RUNTIME_DIR": str(home / "run"), **environ}
    return resolve_endpoint(host, context, environment, home, default_socket=home / "docker.sock")


def refusal(home: Path, host: str | None = None, context: str | None = None, **environ: str) -> EndpointError:
    with pytest.raises(EndpointError) as caught:
        resolve(home, host, context, **environ)
    assert "\n" not in caught.value.cause + caught.value.remedy
    assert caught.value.remedy
    return caught.value


def make_context(home: Path, name: str, meta: object, tls: Mapping[str, str] | None = None) -> Path:
    """Write a context as docker does; `tls` maps file names to contents."""
    identifier = hashlib.sha256(name.encode()).hexdigest()
    folder = home / ".docker" / "contexts" / "meta" / identifier
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(meta if isinstance(meta, str) else json.dumps(meta))
    if tls is not None:
        files = home / ".docker" / "contexts" / "tls" / identifier / "docker"
        files.mkdir(parents=True)
        for file, content in tls.items():
            (files / file).write_text(content)
    return folder / "meta.json"


def meta(name: str, host: str, *, skip_verify: bool = False, description: str = "") -> dict[str, object]:
    return {
        "Name": name,
        "Metadata": {"Description": description},
        "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": skip_verify}},
    }


def use(home: Path, name: str) -> None:
    (home / ".docker" / "config.json").write_text(json.dumps({"currentContext": name}))


@pytest.fixture
def listening(home: Path) -> Iterator[Path]:
    """Sockets of all kinds of engines of this user."""
    sockets = []
    for place in ("run/docker.sock", "run/podman/podman.sock"):
        (home / place).parent.mkdir(parents=True, exist_ok=True)
        one = socket.socket(socket.AF_UNIX)
        one.bind(str(home / place))
        sockets.append(one)
    yield home / "run"
    for one in sockets:
        one.close()


def test_nothing_set_means_the_default_socket(home: Path) -> None:
    assert resolve(home) == Endpoint("unix:///var/run/docker.sock", "default", None, None, home / ".docker")


def test_without_a_default_socket_the_rootless_one_is_taken(home: Path, listening: Path) -> None:
    endpoint = resolve(home)
    assert (endpoint.host, endpoint.source) == (f"unix://{listening}/docker.sock", "rootless socket")


def test_without_docker_sockets_podmans_is_taken(home: Path, listening: Path) -> None:
    (listening / "docker.sock").unlink()
    endpoint = resolve(home)
    assert (endpoint.host, endpoint.source) == (f"unix://{listening}/podman/podman.sock", "Podman socket")


def test_a_default_socket_wins_over_those_of_the_user(home: Path, listening: Path) -> None:
    with socket.socket(socket.AF_UNIX) as default:
        default.bind(str(home / "docker.sock"))
        assert resolve(home).source == "default"


@pytest.mark.parametrize(
    ("context", "environ"),
    [("default", {}), (None, {"DOCKER_CONTEXT": "default"}), (None, {"DOCKER_HOST": " "})],
)
def test_who_names_the_default_gets_no_other_socket(
    home: Path, listening: Path, context: str | None, environ: dict[str, str]
) -> None:
    assert listening.exists()
    assert resolve(home, None, context, **environ).host == "unix:///var/run/docker.sock"


def test_a_host_and_a_context_together_are_refused(home: Path) -> None:
    assert "-H and -c" in refusal(home, "tcp://h:1", "prod").cause


class Choice(NamedTuple):
    """What names an engine, and which one it has to be."""

    options: tuple[str | None, str | None]
    environ: dict[str, str]
    host: str
    source: str


BOTH = {"DOCKER_HOST": "tcp://env:1", "DOCKER_CONTEXT": "two"}
PRECEDENCE = [
    Choice(("tcp://option:1", None), BOTH, "tcp://option:1", "-H"),
    Choice((None, "one"), BOTH, "tcp://one:1", "context one (-c)"),
    Choice((None, None), BOTH, "tcp://env:1", "DOCKER_HOST"),
    Choice((None, None), {"DOCKER_CONTEXT": "two"}, "tcp://two:1", "context two (DOCKER_CONTEXT)"),
    Choice((None, None), dict.fromkeys(BOTH, ""), "tcp://three:1", "context three (docker context use)"),
    Choice((None, "default"), {"DOCKER_HOST": "tcp://env:1"}, "tcp://env:1", "DOCKER_HOST"),
    Choice((None, "default"), {}, "unix:///var/run/docker.sock", "default"),
    Choice((None, None), {"DOCKER_CONTEXT": "default"}, "unix:///var/run/docker.sock", "default"),
]


@pytest.mark.parametrize("choice", PRECEDENCE)
def test_the_engine_is_chosen_in_dockers_order(home: Path, choice: Choice) -> None:
    for name in ("one", "two", "three"):
        make_context(home, name, meta(name, f"tcp://{name}:1"))
    use(home, "three")
    endpoint = resolve(home, *choice.options, **choice.environ)
    assert (endpoint.host, endpoint.source) == (choice.host, choice.source)
    named = choice.source.split()[1] if choice.source.startswith("context") else None
    assert endpoint.context == named


ADDRESSES = [
    ("tcp://h:2376", "tcp://h:2376"),
    ("tcp://h", "tcp://h:2375"),
    ("tcp://", "tcp://localhost:2375"),
    ("h:1", "tcp://h:1"),
    (":1", "tcp://localhost:1"),
    ("h", "tcp://h:2375"),
    ("tcp://h:1/prefix", "tcp://h:1/prefix"),
    ("tcp://[::1]:1", "tcp://[::1]:1"),
    ("tcp://[::1]:", "tcp://[::1]:2375"),
    ("tcp://::1", "tcp://[::1]:2375"),
    ("/run/x.sock", "tcp://localhost:2375/run/x.sock"),
    ("  tcp://h:1  ", "tcp://h:1"),
    ("", "unix:///var/run/docker.sock"),
    ("unix://", "unix:///var/run/docker.sock"),
    ("unix:///run/x.sock", "unix:///run/x.sock"),
    ("unix://unix:///run/x.sock", "unix:///run/x.sock"),
    ("ssh://user@h:2222", "ssh://user@h:2222"),
    ("ssh://h/run/x.sock", "ssh://h/run/x.sock"),
]

REFUSED = [
    ("http://h:1", "http:// is not a scheme"),
    ("https://h:1", "https:// is not a scheme"),
    ("foo://h", "foo:// is not a scheme"),
    ("tcp://h:abc", '"abc" is not a port'),
    ("tcp://[::1]", "IPv6"),
    ("unix://tcp://h", "not a path"),
    ("ssh://", "no host name"),
    ("ssh://u:secret@h", "password"),
    ("ssh://h?x", "query"),
]


@pytest.mark.parametrize(("given", "expected"), ADDRESSES)
def test_an_address_is_read_as_docker_reads_it(home: Path, given: str, expected: str) -> None:
    assert resolve(home, given).host == expected


@pytest.mark.parametrize(("given", "words"), REFUSED)
def test_an_address_that_docker_refuses_is_refused(home: Path, given: str, words: str) -> None:
    assert words in refusal(home, given).cause


@pytest.mark.parametrize(
    ("given", "words"),
    [("npipe:////./pipe/docker_engine", "Windows"), ("fd://x", "client"), ("tcp://h:99999", "port")],
)
def test_an_address_that_nothing_can_connect_to_is_refused(home: Path, given: str, words: str) -> None:
    error = refusal(home, DOCKER_HOST=given)
    assert words in error.cause
    assert "DOCKER_HOST" in error.cause


def test_a_password_in_an_address_is_not_repeated(home: Path) -> None:
    assert "secret" not in str(refusal(home, "ssh://u:secret@h"))


def test_a_relative_socket_path_starts_where_imgtui_was_started(home: Path) -> None:
    assert resolve(home, "unix://x.sock").host == f"unix://{Path.cwd()}/x.sock"


@pytest.fixture
def certificates(home: Path) -> Path:
    folder = home / "certificates"
    folder.mkdir()
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (folder / name).write_text("x")
    return folder


TLS_ENVIRONMENT = [
    ({}, None),
    ({"DOCKER_TLS_VERIFY": "1"}, True),
    ({"DOCKER_TLS_VERIFY": "0"}, True),
    ({"DOCKER_TLS": "1"}, False),
    ({"DOCKER_TLS": "1", "DOCKER_TLS_VERIFY": "1"}, True),
    ({"DOCKER_TLS_VERIFY": ""}, None),
]


@pytest.mark.parametrize(("environ", "verify"), TLS_ENVIRONMENT)
def test_tls_is_switched_on_by_the_environment(
    home: Path, certificates: Path, environ: dict[str, str], verify: bool | None
) -> None:
    tls = resolve(home, "tcp://h:1", DOCKER_CERT_PATH=str(certificates), **environ).tls
    assert (tls.verify if tls else None) == verify
    if tls is not None:
        assert (tls.ca, tls.cert) == (certificates / "ca.pem", certificates / "cert.pem")


def test_tls_without_a_host_means_the_tls_port_of_this_machine(home: Path, certificates: Path) -> None:
    endpoint = resolve(home, DOCKER_TLS="1", DOCKER_CERT_PATH=str(certificates))
    assert endpoint.host == "tcp://localhost:2376"


def test_tls_does_not_change_the_port_of_a_named_host(home: Path, certificates: Path) -> None:
    assert resolve(home, "tcp://h", DOCKER_TLS="1", DOCKER_CERT_PATH=str(certificates)).host == "tcp://h:2375"


def test_a_certificate_without_its_key_does_not_count(home: Path, certificates: Path) -> None:
    (certificates / "key.pem").unlink()
    tls = resolve(home, "tcp://h", DOCKER_TLS="1", DOCKER_CERT_PATH=str(certificates)).tls
    assert tls is not None
    assert (tls.cert, tls.key) == (None, None)


def test_certificates_are_looked_for_in_the_configuration_folder(home: Path) -> None:
    (home / ".docker" / "ca.pem").write_text("x")
    tls = resolve(home, "tcp://h", DOCKER_TLS_VERIFY="1").tls
    assert tls is not None
    assert tls.ca == home / ".docker" / "ca.pem"


@pytest.mark.parametrize("host", ["tcp://h", "unix:///x"])
def test_a_missing_ca_file_is_an_error_as_it_is_for_docker(home: Path, host: str) -> None:
    error = refusal(home, host, DOCKER_TLS="1")
    assert str(home / ".docker" / "ca.pem") in error.cause
    assert "unset DOCKER_TLS" in error.remedy


def test_a_socket_has_no_tls(home: Path, certificates: Path) -> None:
    endpoint = resolve(home, "unix:///x", DOCKER_TLS="1", DOCKER_CERT_PATH=str(certificates))
    assert endpoint.tls is None


def test_a_context_brings_its_tls_files(home: Path) -> None:
    make_context(
        home, "prod", meta("prod", "tcp://h:2376"), dict.fromkeys(("ca.pem", "cert.pem", "key.pem"), "x")
    )
    tls = resolve(home, context="prod").tls
    assert tls is not None
    assert [path.name for path in (tls.ca, tls.cert, tls.key) if path] == ["ca.pem", "cert.pem", "key.pem"]
    assert tls.verify


def test_the_tls_environment_says_nothing_about_a_context(home: Path) -> None:
    make_context(home, "prod", meta("prod", "tcp://h:2376"))
    assert resolve(home, context="prod", DOCKER_TLS_VERIFY="1").tls is None


def test_a_context_can_skip_verification_without_any_file(home: Path) -> None:
    make_context(home, "prod", meta("prod", "tcp://h:2376", skip_verify=True))
    tls = resolve(home, context="prod").tls
    assert tls is not None
    assert (tls.ca, tls.verify) == (None, False)


CONTEXT_HOSTS = [
    ("unix:///run/x.sock", "unix:///run/x.sock"),
    ("ssh://u@h", "ssh://u@h"),
    ("http://h:1", "tcp://h:1"),
    ("tcp://h", "tcp://h:80"),
    ("", "unix:///var/run/docker.sock"),
]


@pytest.mark.parametrize(("given", "expected"), CONTEXT_HOSTS)
def test_the_host_of_a_context_has_its_own_rules(home: Path, given: str, expected: str) -> None:
    make_context(home, "prod", meta("prod", given))
    assert resolve(home, context="prod").host == expected


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("h:1", "no scheme"),
        ("https://h", "plain HTTP"),
        ("npipe:////./pipe/x", "Windows"),
        ("foo://h", "foo://"),
    ],
)
def test_a_context_with_an_unusable_host_is_refused_by_name(home: Path, given: str, words: str) -> None:
    make_context(home, "prod", meta("prod", given))
    error = refusal(home, context="prod")
    assert words in error.cause
    assert 'context "prod"' in error.cause
    assert "docker context update prod" in error.remedy


def test_an_unknown_context_is_answered_with_those_that_exist(home: Path) -> None:
    make_context(home, "prod-2", meta("prod-2", "tcp://h:1"))
    make_context(home, "prod-10", meta("prod-10", "tcp://h:1"))
    error = refusal(home, DOCKER_CONTEXT="stage")
    assert '"stage"' in error.cause
    assert "default, prod-2, prod-10" in error.remedy


def test_a_broken_context_names_its_file(home: Path) -> None:
    path = make_context(home, "prod", '{"Name":"prod",')
    assert str(path) in refusal(home, context="prod").cause


def test_a_context_without_a_docker_endpoint_is_refused(home: Path) -> None:
    make_context(home, "prod", {"Name": "prod", "Endpoints": {"kubernetes": {}}})
    assert "no Docker endpoint" in refusal(home, context="prod").cause


@pytest.mark.parametrize(
    ("text", "position"),
    [('{"currentContext": "x",\n oops}', "line 2 column 2"), ('{"currentContext": 3}', "not a text")],
)
def test_a_broken_configuration_names_the_place(home: Path, text: str, position: str) -> None:
    path = home / ".docker" / "config.json"
    path.write_text(text)
    error = refusal(home)
    assert str(path) in error.cause
    assert position in error.cause


def test_a_broken_configuration_does_not_matter_when_the_engine_is_named(home: Path) -> None:
    (home / ".docker" / "config.json").write_text("{")
    assert resolve(home, "tcp://h:1").host == "tcp://h:1"


@pytest.mark.parametrize(
    "text", ["", " \n", "{}", '{"currentContext": ""}', '{"currentContext": null}', '{"auths": {}} left over']
)
def test_a_configuration_without_a_context_means_the_default(home: Path, text: str) -> None:
    (home / ".docker" / "config.json").write_text(text)
    assert resolve(home).source == "default"


def test_the_configuration_folder_can_be_elsewhere(home: Path, tmp_path: Path) -> None:
    use(home, "prod")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    endpoint = resolve(home, DOCKER_CONFIG=str(elsewhere))
    assert (endpoint.source, endpoint.config_dir) == ("default", elsewhere)


def test_text_in_an_error_cannot_reach_the_terminal_raw(home: Path) -> None:
    assert "\x1b" not in str(refusal(home, context="a\x1b[2J"))


def test_all_contexts_are_listed_with_what_is_wrong_with_them(home: Path) -> None:
    make_context(home, "b10", meta("b10", "tcp://h:1", description="the tenth"))
    make_context(home, "b9", meta("b9", "ssh://h"))
    make_context(home, "a", {"Name": "a", "Endpoints": {}})
    contexts = list_contexts(home / ".docker")
    assert [(one.name, one.host, one.description) for one in contexts] == [
        ("a", "", ""),
        ("b9", "ssh://h", ""),
        ("b10", "tcp://h:1", "the tenth"),
    ]
    assert contexts[0].problem is not None


# What follows asks the real docker command. `context` verbs never connect to an engine.


def docker(home: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), **environ}
    program = shutil.which("docker") or "docker"
    return subprocess.run(
        [program, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@needs_docker_cli
@pytest.mark.parametrize("choice", PRECEDENCE)
def test_docker_itself_chooses_the_same_engine(home: Path, choice: Choice) -> None:
    for name in ("one", "two", "three"):
        make_context(home, name, meta(name, f"tcp://{name}:1"))
    use(home, "three")
    host, context = choice.options
    options = [*(("-H", host) if host else ()), *(("-c", context) if context else ())]
    chosen = docker(home, *options, "context", "show", **choice.environ).stdout.strip()
    told = docker(home, *options, "context", "inspect", chosen, **choice.environ).stdout
    assert json.loads(told)[0]["Endpoints"]["docker"]["Host"] == choice.host
    named = choice.source.split()[1] if choice.source.startswith("context") else "default"
    assert chosen == named


@needs_docker_cli
@pytest.mark.parametrize(("given", "expected"), ADDRESSES)
def test_docker_itself_reads_an_address_so(home: Path, given: str, expected: str) -> None:
    told = docker(home, "-H", given, "context", "inspect", "default").stdout
    assert json.loads(told)[0]["Endpoints"]["docker"]["Host"] == expected


@needs_docker_cli
@pytest.mark.parametrize("given", [given for given, _ in REFUSED])
def test_docker_itself_refuses_an_address_so(home: Path, given: str) -> None:
    # An ssh:// address is only looked at when a connection is made: here none comes about.
    verb = ("version",) if given.startswith("ssh://") else ("context", "inspect", "default")
    answer = docker(home, "-H", given, *verb)
    assert answer.returncode != 0
    assert "invalid" in answer.stderr


@needs_docker_cli
@pytest.mark.parametrize(("environ", "verify"), TLS_ENVIRONMENT)
def test_docker_itself_reads_the_tls_environment_so(
    home: Path, certificates: Path, environ: dict[str, str], verify: bool | None
) -> None:
    told = docker(home, "context", "inspect", "default", DOCKER_CERT_PATH=str(certificates), **environ).stdout
    document = json.loads(told)[0]
    assert bool(document["TLSMaterial"]) == (verify is not None)
    assert document["Endpoints"]["docker"]["Host"].endswith(":2376") == (verify is not None)
    assert document["Endpoints"]["docker"]["SkipTLSVerify"] == (verify is False)


@needs_docker_cli
def test_docker_itself_refuses_a_missing_ca_file(home: Path) -> None:
    answer = docker(home, "-H", "unix:///x", "context", "inspect", "default", DOCKER_TLS="1")
    assert str(home / ".docker" / "ca.pem") in answer.stderr


@needs_docker_cli
def test_a_context_that_docker_made_is_read(home: Path, certificates: Path) -> None:
    # Garbage is refused by `context create`, so the certificate is a real one.
    openssl = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=engine -keyout key.pem -out cert.pem"
    )
    subprocess.run(openssl.split(), cwd=certificates, check=True, capture_output=True)
    shutil.copy(certificates / "cert.pem", certificates / "ca.pem")
    files = ",".join(f"{option}={certificates}/{option}.pem" for option in ("ca", "cert", "key"))
    options = f"host=tcp://h:2376,{files},skip-tls-verify=true"
    made = docker(home, "context", "create", "prod", "--description", "a note", "--docker", options)
    assert made.returncode == 0, made.stderr
    assert docker(home, "context", "use", "prod").returncode == 0

    endpoint = resolve(home)
    assert (endpoint.host, endpoint.source) == ("tcp://h:2376", "context prod (docker context use)")
    assert endpoint.tls is not None
    assert not endpoint.tls.verify
    for path, name in (
        (endpoint.tls.ca, "ca.pem"),
        (endpoint.tls.cert, "cert.pem"),
        (endpoint.tls.key, "key.pem"),
    ):
        assert path is not None
        assert path.read_bytes() == (certificates / name).read_bytes()
    assert [(one.name, one.description) for one in list_contexts(home / ".docker")] == [("prod", "a note")]


@needs_docker_cli
def test_docker_itself_lists_the_same_contexts_in_the_same_order(home: Path) -> None:
    for name in ("b10", "b9", "a"):
        make_context(home, name, meta(name, "tcp://h:1"))
    told = docker(home, "context", "ls", "--format", "{{.Name}}").stdout.split()
    assert [name for name in told if name != "default"] == [
        one.name for one in list_contexts(home / ".docker")
    ]


@needs_docker_cli
def test_docker_itself_refuses_an_unknown_context_and_a_conflict(home: Path) -> None:
    assert 'context "stage"' in docker(home, "-c", "stage", "version").stderr
    assert "conflicting options" in docker(home, "-c", "stage", "-H", "tcp://h:1", "version").stderr
