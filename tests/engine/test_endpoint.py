"""Which engine is chosen, and how its address is read."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from imgtui.engine.connect.addresses import parse_host, without_password
from imgtui.engine.connect.endpoint import Endpoint, EndpointError
from tests.engine.docker_home import (
    ADDRESSES,
    PRECEDENCE,
    REFUSED,
    TLS_ENVIRONMENT,
    Choice,
    make_context,
    meta,
    refusal,
    resolve,
    use,
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".docker").mkdir()
    return tmp_path


@pytest.fixture
def certificates(home: Path) -> Path:
    folder = home / "certificates"
    folder.mkdir()
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (folder / name).write_text("x")
    return folder


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


@pytest.mark.parametrize("choice", PRECEDENCE)
def test_the_engine_is_chosen_in_dockers_order(home: Path, choice: Choice) -> None:
    for name in ("one", "two", "three"):
        make_context(home, name, meta(name, f"tcp://{name}:1"))
    use(home, "three")
    endpoint = resolve(home, *choice.options, **choice.environ)
    assert (endpoint.host, endpoint.source) == (choice.host, choice.source)
    named = choice.source.split()[1] if choice.source.startswith("context") else None
    assert endpoint.context == named


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


def shown(home: Path, host: str | None = None, context: str | None = None, **environ: str) -> str:
    try:
        return resolve(home, host, context, **environ).host
    except EndpointError as error:
        return str(error)


MALFORMED = [
    "ssh://u:M4RK@h",
    "ssh://u:M4RK@[h",
    "ssh://u:M4RK@h:port",
    "ssh://u@h:M4RK@x",
    "ssh://u:M4RK\u2100@h",
    "tcp://u:M4RK@[bad",
    "tcp://u:M4RK/w@127.0.0.1:1",
    "tcp://u:M4RK/@[::1]",
    "tcp://u:M4RK#@h",
    "tcp://u:M4RK?@h",
    "tcp://u:M4RK://x@h",
    "u:M4RK@x://h",
    "u:M4RK@[h",
    "u:M4RK@h:x:y@[",
    "u:M4RK /@h:99999",
    "http://u:M4RK@h:1",
    "tpc://u:M4RK@h:1",
    "unix://tcp://u:M4RK@h",
    "npipe://u:M4RK@h",
    "://u:M4RK@h",
    "tcp:/u:M4RK@h:x",
]


@pytest.mark.parametrize("address", MALFORMED)
def test_a_password_in_an_address_is_not_repeated_whatever_is_wrong_with_it(home: Path, address: str) -> None:
    make_context(home, "prod", meta("prod", address))
    assert "M4RK" not in shown(home, address)
    assert "M4RK" not in shown(home, DOCKER_HOST=address)
    assert "M4RK" not in shown(home, context="prod")


@example("", "//", "", "h")
@given(
    st.sampled_from(["tcp://", "ssh://", "http://", "", "foo://", "//", "tcp:/"]),
    st.text(st.sampled_from("ab1:/@[]?# %\u2100."), max_size=12),
    st.text(st.sampled_from("ab1:/[]?# %\u2100."), max_size=12),
    st.sampled_from(["h", "[::1]", "[h", "h:1", "h:x", "", "h:99999/p"]),
)
def test_no_address_shows_what_stands_between_a_colon_and_the_last_at(
    scheme: str, before: str, after: str, host: str
) -> None:
    address = f"{scheme}user:{before}M4RK{after}@{host}"
    try:
        told = parse_host(address, tls=False)
    except ValueError as error:
        told = str(error)
    assert "M4RK" not in without_password(address)
    assert "M4RK" not in told


def test_a_relative_socket_path_starts_where_imgtui_was_started(home: Path) -> None:
    assert resolve(home, "unix://x.sock").host == f"unix://{Path.cwd()}/x.sock"


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


@pytest.mark.parametrize("host", ["tcp://h", "unix:///x"])
def test_a_missing_ca_file_is_an_error_as_it_is_for_docker(home: Path, host: str) -> None:
    error = refusal(home, host, DOCKER_TLS="1")
    assert str(home / ".docker" / "ca.pem") in error.cause
    assert "unset DOCKER_TLS" in error.remedy


def test_a_socket_has_no_tls(home: Path, certificates: Path) -> None:
    endpoint = resolve(home, "unix:///x", DOCKER_TLS="1", DOCKER_CERT_PATH=str(certificates))
    assert endpoint.tls is None


def test_text_in_an_error_cannot_reach_the_terminal_raw(home: Path) -> None:
    assert "\x1b" not in str(refusal(home, context="a\x1b[2J"))
