"""A real engine behind mutual TLS, chosen by the environment and by a context that docker itself made."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from imgtui.engine.connect.endpoint import Endpoint, Tls, resolve_endpoint
from imgtui.engine.docker.engine import DockerEngine
from imgtui.engine.port.errors import ProblemKind, Unavailable
from tests.engine.contract.conftest import archive, listed
from tests.engine.contract.hands import DockerHands
from tests.engine.contract.test_events import listening
from tests.engine.failures import make_certificate
from tests.engine.test_problems_network import free_port
from tests.engines.fixtures import skip_unless_selected
from tests.engines.kinds import Kind, TlsPort
from tests.engines.private import PrivateEngine

KIND: Final[Kind] = "docker28-overlay2"

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group(KIND)]


class Guarded(NamedTuple):
    """An engine that asks for a client certificate, and folders as DOCKER_CERT_PATH names them."""

    engine: PrivateEngine
    address: str
    mine: Path
    strange: Path


Choice = Callable[[Guarded, Path, Path], Endpoint]
"""How somebody with certificates in a folder, and a home, chooses the engine."""


def cert_path(folder: Path, ca: Tls, client: Tls) -> Path:
    """Put three files under the names that docker wants."""
    folder.mkdir()
    for path, name in ((ca.cert, "ca.pem"), (client.cert, "cert.pem"), (client.key, "key.pem")):
        assert path is not None
        shutil.copy(path, folder / name)
    return folder


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    skip_unless_selected(KIND)
    folder = tmp_path_factory.mktemp("tls")
    ca, other_ca = (make_certificate(folder / name, name) for name in ("ca", "other-ca"))
    server, client = (
        make_certificate(folder / "ca", name, signed_by=ca.cert) for name in ("server", "client")
    )
    strange = make_certificate(folder / "other-ca", "client", signed_by=other_ca.cert)
    assert ca.cert
    assert server.cert
    assert server.key
    port = TlsPort(free_port(), ca.cert, server.cert, server.key)
    with PrivateEngine(KIND, tls_port=port) as engine:
        yield Guarded(
            engine,
            f"tcp://127.0.0.1:{port.port}",
            cert_path(folder / "mine", ca, client),
            cert_path(folder / "strange", ca, strange),
        )


def by_environment(guarded: Guarded, certificates: Path, home: Path) -> Endpoint:
    environ = {
        "DOCKER_HOST": guarded.address,
        "DOCKER_TLS_VERIFY": "1",
        "DOCKER_CERT_PATH": str(certificates),
    }
    return resolve_endpoint(None, None, environ, home)


def by_context(guarded: Guarded, certificates: Path, home: Path) -> Endpoint:
    """Have docker make the context, into which it copies the certificates."""
    files = ",".join(f"{option}={certificates}/{option}.pem" for option in ("ca", "cert", "key"))
    docker = str(guarded.engine.programs / "usr/bin/docker")
    create = (docker, "context", "create", "guarded", "--docker", f"host={guarded.address},{files}")
    subprocess.run(create, env={"HOME": str(home)}, check=True, capture_output=True)
    return resolve_endpoint(None, "guarded", {}, home)


@pytest.mark.parametrize("chosen", [by_environment, by_context])
def test_an_engine_behind_tls_is_listed_and_heard(guarded: Guarded, chosen: Choice, tmp_path: Path) -> None:
    endpoint = chosen(guarded, guarded.mine, tmp_path)
    hands = DockerHands(guarded.engine, DockerEngine(endpoint))
    name = f"tls-{chosen.__name__}"
    loaded = hands.load(archive(f"{name}:1", name))
    hands.engine.connect()

    assert endpoint.host == guarded.address
    assert listed(hands)[loaded].tags == (f"{name}:1",)
    with listening(hands) as listener:
        hands.tag(f"{name}:1", f"{name}:2")
        listener.wait_for(lambda event: event.action == "tag" and event.reference == f"{name}:2")
    hands.engine.close()


@pytest.mark.parametrize("chosen", [by_environment, by_context])
def test_a_client_certificate_of_another_authority_is_told_in_one_line(
    guarded: Guarded, chosen: Choice, tmp_path: Path
) -> None:
    endpoint = chosen(guarded, guarded.strange, tmp_path)
    with closing(DockerEngine(endpoint)) as engine, pytest.raises(Unavailable) as raised:
        engine.connect()

    where = f"{guarded.address} (from {endpoint.source})"
    assert raised.value.problem.kind is ProblemKind.TLS
    assert raised.value.problem.cause == (
        f"{where} wants a client certificate that its own authority has signed"
    )
