"""TCP, TLS and ssh that fail: real ports, certificates and programs, with docker-py's own exception."""

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from imgtui.engine.connect.endpoint import Tls
from imgtui.engine.diagnosis import diagnose
from imgtui.engine.port.errors import Problem, ProblemKind
from tests.engine.failures import (
    Conversation,
    Place,
    ask,
    error_of,
    http_answer,
    make_certificate,
    problem_of,
    raw_answer,
    serving,
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def serving_tls(server: Tls, *, client_ca: Path | None = None) -> Iterator[str]:
    """Answer over TLS with this certificate; with `client_ca` only to clients that it has signed."""
    assert server.cert is not None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.cert, server.key)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    answer = http_answer(200, '{"ApiVersion": "1.51"}')

    def talk(connection: socket.socket) -> None:
        with connection.dup() as raw:
            try:
                with context.wrap_socket(connection, server_side=True) as wrapped:
                    answer(wrapped)
            except ssl.SSLError:
                # Closing with something unread would reset the connection and lose the alert just sent.
                raw.shutdown(socket.SHUT_WR)
                while raw.recv(65536):
                    pass

    with serving(None, talk) as host:
        yield host


def over_tcp(place: Place, talk: Conversation, tls: Tls | None = None) -> Problem:
    with serving(None, talk) as host:
        return problem_of(place.endpoint(host, "DOCKER_HOST", tls=tls), place.machine())


def test_a_port_that_refuses_is_unreachable(place: Place) -> None:
    host = f"tcp://127.0.0.1:{free_port()}"
    problem = problem_of(place.endpoint(host, "context prod (-c)", context="prod"), place.machine())
    assert problem.kind is ProblemKind.UNREACHABLE
    assert f"{host} (from context prod (-c)) refuses the connection" in problem.cause
    assert "docker context ls" in problem.remedy


def test_a_socket_path_read_as_a_host_name_is_explained(place: Place) -> None:
    host = f"tcp://localhost:{free_port()}/run/docker.sock"
    problem = problem_of(place.endpoint(host, "DOCKER_HOST"), place.machine())
    assert problem.kind is ProblemKind.UNREACHABLE
    assert problem.remedy == "Write unix:///run/docker.sock in DOCKER_HOST"


def test_a_scheme_without_slashes_is_explained(place: Place) -> None:
    problem = problem_of(place.endpoint("tcp://unix:2375/run/docker.sock", "-H"), place.machine())
    assert problem.kind is ProblemKind.UNREACHABLE
    assert problem.cause == (
        "The name unix is unknown (from -H): a path without unix:// is read as a TCP address"
    )
    assert problem.remedy == "Write unix:///run/docker.sock"


def test_an_address_of_colons_is_one_of_ipv6_which_takes_brackets(place: Place) -> None:
    problem = problem_of(place.endpoint("tcp://[::1:2375]:2375", "-H"), place.machine())
    assert problem.kind is ProblemKind.UNREACHABLE
    assert problem.cause.endswith(": without brackets all of it is read as an IPv6 address")
    assert problem.remedy == "Write tcp://[::1]:2375"


def test_an_unknown_name_is_unreachable(place: Place) -> None:
    problem = problem_of(place.endpoint("tcp://engine.invalid:2375", "DOCKER_HOST"), place.machine())
    assert problem.kind is ProblemKind.UNREACHABLE
    assert "engine.invalid is unknown" in problem.cause
    assert "getent hosts engine.invalid" in problem.remedy


def test_a_port_that_never_answers_is_unreachable(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        problem = problem_of(place.endpoint(host, "-H"), place.machine(), seconds=1)
    assert problem.kind is ProblemKind.UNREACHABLE
    assert "does not answer in time" in problem.cause


def test_a_socket_that_never_answers_is_unreachable(place: Place) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(place.folder / "docker.sock"))
        silent.listen()
        problem = problem_of(place.endpoint(place.socket()), place.machine("dockerd"), seconds=1)
    assert problem.kind is ProblemKind.UNREACHABLE
    assert "journalctl" in problem.remedy


def test_an_http_proxy_in_the_way_is_named(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    endpoint = place.endpoint("tcp://engine.invalid:2375", "-H")
    problem = diagnose(
        error_of(endpoint.host, ask("/version"), through_proxy=True), endpoint, place.machine()
    )
    assert problem.kind is ProblemKind.UNREACHABLE
    assert "proxy" in problem.cause
    assert "NO_PROXY=engine.invalid" in problem.remedy


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    ],
)
def test_a_connection_that_breaks_off_is_interrupted(place: Place, answer: bytes) -> None:
    assert over_tcp(place, raw_answer(answer)).kind is ProblemKind.INTERRUPTED


# ---------------------------------------------------------------- TLS


def test_a_self_signed_certificate_is_not_trusted(place: Place) -> None:
    server = make_certificate(place.folder / "server", "engine")
    other = make_certificate(place.folder / "mine", "ca")
    trusting_another = Tls(other.ca, None, None, verify=True)
    with serving_tls(server) as host:
        problem = problem_of(place.endpoint(host, "DOCKER_HOST", tls=trusting_another), place.machine())
    assert problem.kind is ProblemKind.TLS
    assert "not trusted" in problem.cause
    assert str(place.folder / "mine") in problem.remedy


def test_a_certificate_for_another_address_is_told_apart(place: Place) -> None:
    server = make_certificate(place.folder / "server", "engine", address="10.0.0.1")
    with serving_tls(server) as host:
        endpoint = place.endpoint(host, "DOCKER_HOST", tls=Tls(server.cert, None, None, verify=True))
        problem = problem_of(endpoint, place.machine())
    assert problem.kind is ProblemKind.TLS
    assert "another address" in problem.cause
    assert "127.0.0.1" in problem.remedy


@pytest.mark.parametrize("signer", [None, "stranger"])
def test_a_missing_or_foreign_client_certificate_is_asked_for(place: Place, signer: str | None) -> None:
    server = make_certificate(place.folder / "server", "engine")
    mine = make_certificate(place.folder / "mine", signer) if signer else None
    tls = Tls(server.cert, mine.cert if mine else None, mine.key if mine else None, verify=True)
    with serving_tls(server, client_ca=server.cert) as host:
        problem = problem_of(place.endpoint(host, "DOCKER_HOST", tls=tls), place.machine())
    assert problem.kind is ProblemKind.TLS
    assert "client certificate" in problem.cause
    assert "cert.pem and key.pem" in problem.remedy


def test_tls_to_a_plain_port_says_so(place: Place) -> None:
    tls = Tls(None, None, None, verify=False)
    problem = over_tcp(place, http_answer(400, "{}"), tls)
    assert problem.kind is ProblemKind.TLS
    assert "does not speak TLS" in problem.cause
    assert "unset DOCKER_TLS_VERIFY" in problem.remedy


def test_plain_http_to_a_tls_port_of_an_engine_says_so(place: Place) -> None:
    # What Go's server, and with it dockerd, answers.
    answer = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
    problem = over_tcp(place, raw_answer(answer))
    assert problem.kind is ProblemKind.TLS
    assert "spoken to without it" in problem.cause
    assert "DOCKER_TLS_VERIFY=1" in problem.remedy


def test_plain_http_to_any_other_tls_port_says_so(place: Place) -> None:
    alert = bytes((0x15, 3, 1, 0, 2, 2, 0x46))
    problem = over_tcp(place, raw_answer(alert))
    assert problem.kind is ProblemKind.TLS
    assert "spoken to without it" in problem.cause


@pytest.mark.parametrize("broken", ["gone", "garbage", "strange key"])
def test_certificate_files_that_cannot_be_used_are_named(place: Place, broken: str) -> None:
    server = make_certificate(place.folder / "server", "engine")
    mine = make_certificate(place.folder / "mine", "client")
    assert mine.cert is not None
    assert mine.key is not None
    if broken == "gone":
        mine.cert.unlink()
    elif broken == "garbage":
        mine.cert.write_text("no certificate")
    else:
        stranger = make_certificate(place.folder / "mine", "stranger")
        mine = Tls(mine.ca, mine.cert, stranger.key, verify=True)
    tls = Tls(server.cert, mine.cert, mine.key, verify=True)
    with serving_tls(server) as host:
        problem = problem_of(place.endpoint(host, "DOCKER_HOST", tls=tls), place.machine())
    assert problem.kind is ProblemKind.TLS
    assert "certificate files" in problem.cause


def test_a_handshake_that_is_hung_up_on_points_at_the_client_certificate(place: Place) -> None:
    problem = over_tcp(place, raw_answer(b""), Tls(None, None, None, verify=False))
    assert problem.kind is ProblemKind.TLS
    assert "may want a client certificate" in problem.cause


# ---------------------------------------------------------------- ssh

SSH_SAID = [
    ("u@h: Permission denied (publickey).", "key or password", "ssh-add"),
    ("Host key verification failed.", "key is not known", "ssh -p 2222 u@h"),
    ("ssh: Could not resolve hostname h: Name or service not known", "name is unknown", "ssh -p 2222 u@h"),
    ("ssh: connect to host h port 2222: Connection refused", "refuses", "ssh -p 2222 u@h"),
    ("ssh: connect to host h port 2222: Connection timed out", "in time", "firewall"),
    ("ssh: connect to host h port 2222: No route to host", "no way", "network"),
    (
        "sh: 1: docker: not found",
        "not in the PATH of commands over ssh",
        "ssh -p 2222 u@h 'command -v docker",
    ),
    ("zsh:1: command not found: docker", "not in the PATH", "~/.zshenv"),
    (
        "Error: unable to connect to Podman socket: dial unix x: connect: no such",
        "is Podman",
        "systemctl --user start podman.socket",
    ),
    (
        "Error: unrecognized command `podman system dial-stdio`",
        "an old Podman",
        '-L "/tmp/podman.sock:/run/user/$(ssh -p 2222 u@h id -u)/podman/podman.sock" -p 2222 u@h',
    ),
    (
        "permission denied while trying to connect to the docker API at unix:///x",
        "may not use",
        "usermod -aG docker",
    ),
    (
        "Cannot connect to the Docker daemon at unix:///x. Is it running?",
        "no engine runs",
        "systemctl start docker",
    ),
    ("something new", "something new", "ssh -p 2222 u@h docker version"),
]


DIAL = ("ssh", "h", "docker", "system", "dial-stdio")


def dial(place: Place, monkeypatch: pytest.MonkeyPatch, *, said: str | None) -> Exception:
    """Start the `ssh` that is found first in PATH; without `said` there is none."""
    monkeypatch.setenv("PATH", str(place.programs))
    if said is not None:
        place.program("ssh", f"echo '{said}' >&2\nexit 255")
    with pytest.raises((subprocess.CalledProcessError, FileNotFoundError)) as caught:
        subprocess.run(DIAL, check=True, capture_output=True)
    return caught.value


@pytest.mark.parametrize(("said", "cause", "remedy"), SSH_SAID)
def test_what_ssh_says_becomes_the_cause(
    place: Place, monkeypatch: pytest.MonkeyPatch, said: str, cause: str, remedy: str
) -> None:
    error = dial(place, monkeypatch, said=said)
    assert isinstance(error, subprocess.CalledProcessError)
    endpoint = place.endpoint("ssh://u@h:2222", "DOCKER_HOST")
    for problem in (
        diagnose(error, endpoint, place.machine()),
        diagnose(ConnectionResetError(104, "reset"), endpoint, place.machine(), ssh_said=said),
    ):
        assert problem.kind is ProblemKind.SSH
        assert "ssh to u@h (from DOCKER_HOST)" in problem.cause
    assert cause in problem.cause
    assert remedy in problem.remedy


@pytest.mark.parametrize(
    "address",
    [
        "ssh://-oProxyCommand=x@h",
        "ssh://-l@h:22",
        "ssh://%3Btouch%20x@h",
        "ssh://u@%24(touch%20x)",
        "ssh://u@-oX",
    ],
)
@pytest.mark.parametrize("said", ["something new", "docker: not found", "unrecognized command", "timed out"])
def test_a_remedy_does_nothing_but_what_it_says(place: Place, address: str, said: str) -> None:
    problem = diagnose(
        ConnectionResetError(104, "reset"), place.endpoint(address), place.machine(), ssh_said=said
    )
    programs = place.programs
    place.program("ssh", 'printf "%s\\n" "$@" >> "$0.log"; echo 1000')
    place.program("imgtui", "true")
    command = problem.remedy[problem.remedy.index("ssh") :].split("; then")[0].split(", or link it")[0]
    subprocess.run(["/bin/sh", "-c", command], check=False, cwd=programs, env={"PATH": str(programs)})
    assert not (programs / "x").exists()
    given = (programs / "ssh.log").read_text().splitlines()
    options = given[: given.index("--")] if "--" in given else [word for word in given if word != "-u"]
    assert {word for word in options if word.startswith("-")} <= {"-p", "-nNT", "-L"}


def test_what_another_machine_advises_is_repeated_only_where_it_is_a_file_and_a_name(place: Place) -> None:
    changed = "REMOTE HOST IDENTIFICATION HAS CHANGED!\n  ssh-keygen -f {} -R {}\n"
    for file, name, wanted in (
        ('"/root/.ssh/known_hosts"', '"[h]:2222"', "ssh-keygen -f /root/.ssh/known_hosts -R '[h]:2222'"),
        ("/a", "h;touch${IFS}x", "ssh-keygen -R h"),
        ("$(touch${IFS}x)", "h", "ssh-keygen -R h"),
    ):
        said = changed.format(file, name)
        problem = diagnose(
            ConnectionResetError(104), place.endpoint("ssh://u@h"), place.machine(), ssh_said=said
        )
        assert problem.remedy.endswith(wanted)


def test_a_missing_ssh_program_is_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    error = dial(place, monkeypatch, said=None)
    problem = diagnose(error, place.endpoint("ssh://u@h", "-H"), place.machine())
    assert problem.kind is ProblemKind.SSH
    assert "not in PATH" in problem.cause
    assert "openssh-client" in problem.remedy


def test_a_greeting_instead_of_the_api_is_not_an_engine(place: Place) -> None:
    problem = over_tcp(place, raw_answer(b"SSH-2.0-OpenSSH_9.2\r\n"))
    assert problem.kind is ProblemKind.NOT_AN_ENGINE
