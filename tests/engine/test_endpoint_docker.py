"""The same choices asked of the real docker command. Its `context` verbs connect to no engine."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from imgtui.engine.connect.endpoint import list_contexts
from tests.engine.docker_home import (
    ADDRESSES,
    PRECEDENCE,
    REFUSED,
    TLS_ENVIRONMENT,
    Choice,
    make_context,
    meta,
    resolve,
    use,
)

needs_docker_cli = pytest.mark.skipif(
    shutil.which("docker") is None, reason="NO DOCKER COMMAND: our reading is not compared with docker's own"
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
