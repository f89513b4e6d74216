"""The installed command in a real terminal, on an engine behind a real sshd."""

from pathlib import Path

from tests.engines import content
from tests.engines.private import PrivateEngine
from tests.engines.ssh_server import HOST, SshServer
from tests.engines.test_private import processes_naming
from tests.ui.test_terminal_real import ends_well, imgtui, sees


def test_an_engine_behind_ssh_is_live_and_quitting_ends_every_ssh(
    far_machine: SshServer, docker28_overlay2: PrivateEngine, tmp_path: Path
) -> None:
    content.import_tar(docker28_overlay2, "far-app:1", {"file": b"far"})
    with imgtui(f"ssh://{HOST}", tmp_path) as terminal:
        sees(terminal, "live", "far-app")
        docker28_overlay2.docker("tag", "far-app:1", "far-outside:1")
        sees(terminal, "live", "far-outside")
        assert processes_naming(far_machine.client)
        terminal.press("q")
        ends_well(terminal)

    assert processes_naming(far_machine.client) == []


def test_it_follows_a_machine_that_goes_away_and_comes_back(
    far_machine: SshServer, docker28_overlay2: PrivateEngine, tmp_path: Path
) -> None:
    content.import_tar(docker28_overlay2, "far-again:1", {"file": b"again"})
    with imgtui(f"ssh://{HOST}", tmp_path) as terminal:
        sees(terminal, "live", "far-again")
        far_machine.stop()
        sees(terminal, "STALE", "far-again")
        docker28_overlay2.docker("tag", "far-again:1", "far-meanwhile:1")
        far_machine.start()
        sees(terminal, "live", "far-meanwhile")
        terminal.press("q")
        ends_well(terminal)
