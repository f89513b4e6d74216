"""An engine on another machine: a real sshd, the user's own ssh, and `docker system dial-stdio` there."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from imgtui.engine.connect.endpoint import resolve_endpoint
from imgtui.engine.docker.engine import DockerEngine
from imgtui.engine.port.errors import ProblemKind, Unavailable
from tests.engine.contract.conftest import archive, listed
from tests.engine.contract.hands import DockerHands
from tests.engine.contract.test_events import Listener, listening
from tests.engines.private import PrivateEngine
from tests.engines.ssh_server import HOST, SshServer
from tests.engines.test_private import processes_naming


def over_ssh(home: Path, path: str = "") -> DockerEngine:
    return DockerEngine(resolve_endpoint(None, None, {"DOCKER_HOST": f"ssh://{HOST}{path}"}, home))


@pytest.fixture
def hands(far_machine: SshServer, docker28_overlay2: PrivateEngine, tmp_path: Path) -> Iterator[DockerHands]:
    """imgtui over ssh, and somebody who works on the far machine."""
    hands = DockerHands(docker28_overlay2, over_ssh(tmp_path))
    yield hands
    hands.engine.close()


def unavailable(engine: DockerEngine) -> Unavailable:
    with pytest.raises(Unavailable) as raised:
        engine.connect()
    return raised.value


def test_images_of_another_machine_are_listed(hands: DockerHands) -> None:
    loaded = hands.load(archive("ssh-listed:1", "listed"))
    info = hands.engine.connect()

    assert info.version == hands.real.docker("version", "--format", "{{.Server.Version}}").strip()
    assert listed(hands)[loaded].tags == ("ssh-listed:1",)


def test_a_tag_set_on_another_machine_is_heard(hands: DockerHands) -> None:
    loaded = hands.load(archive("ssh-heard:1", "heard"))
    with listening(hands) as listener:
        hands.tag("ssh-heard:1", "ssh-heard:2")
        event = listener.wait_for(lambda event: event.action == "tag")

    assert (event.id, event.reference) == (loaded, "ssh-heard:2")


def test_all_connections_share_one_login(far_machine: SshServer, hands: DockerHands) -> None:
    hands.engine.connect()
    with listening(hands):
        listed(hands)

    assert far_machine.logins() == 1


def test_requests_one_after_the_other_share_a_connection(far_machine: SshServer, hands: DockerHands) -> None:
    hands.engine.connect()
    for number in range(30):
        assert hands.engine.image(f"nothing-{number}") is None
    sessions = processes_naming(far_machine.client)

    assert len(sessions) <= 3, sessions
    assert far_machine.logins() == 1


def test_closing_ends_the_events_and_every_ssh(far_machine: SshServer, hands: DockerHands) -> None:
    listener = Listener(hands)
    assert processes_naming(far_machine.client)
    hands.engine.close()

    assert listener.ended()
    assert processes_naming(far_machine.client) == []


def test_a_machine_that_goes_away_is_told_and_used_again_when_it_is_back(
    far_machine: SshServer, hands: DockerHands
) -> None:
    loaded = hands.load(archive("ssh-back:1", "back"))
    listener = Listener(hands)
    far_machine.stop()

    assert listener.ended()
    with pytest.raises(Unavailable) as asked:
        hands.engine.image(loaded)
    for error in (asked.value, unavailable(hands.engine)):
        assert error.problem.kind is ProblemKind.SSH
        assert error.problem.cause.startswith(f"ssh to {HOST} (from DOCKER_HOST) ")
        assert error.problem.cause.isprintable()
    assert unavailable(hands.engine).problem.cause.endswith("its ssh port refuses the connection")
    far_machine.start()
    hands.engine.connect()
    assert hands.engine.image(loaded) is not None
    with listening(hands) as again:
        hands.tag("ssh-back:1", "ssh-back:2")
        again.wait_for(lambda event: event.reference == "ssh-back:2")


def test_a_socket_in_the_address_is_one_of_the_other_machine(
    far_machine: SshServer, docker28_overlay2: PrivateEngine, tmp_path: Path
) -> None:
    with closing(over_ssh(tmp_path, docker28_overlay2.host.removeprefix("unix://"))) as here:
        here.connect()
    with closing(over_ssh(tmp_path, "/nowhere.sock")) as nowhere:
        assert unavailable(nowhere).problem.cause.endswith("failed: no engine runs there")
