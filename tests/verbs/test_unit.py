"""`imgtui record --print-unit`: a unit that systemd reads, and that runs this very call."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from imgtui.verbs.console.output import Exit
from imgtui.verbs.unit import run, unit
from tests.verbs.command import IMGTUI, call, environment


def value_of(text: str, key: str) -> str:
    (value,) = (line.removeprefix(f"{key}=") for line in text.splitlines() if line.startswith(f"{key}="))
    return value


def printed(home: Path, *arguments: str, **environ: str) -> str:
    base = {key: value for key, value in environment(home).items() if key != "DOCKER_HOST"}
    done = call(base | environ, "record", "--print-unit", *arguments)
    assert (done.returncode, done.stderr) == (Exit.DONE, "")
    assert "{" not in done.stdout
    return done.stdout


def test_a_system_service_keeps_its_state_where_system_services_do(tmp_path: Path) -> None:
    text = printed(tmp_path)
    assert value_of(text, "ExecStart") in {
        f"{IMGTUI} record --state /var/lib/imgtui",
        f"{IMGTUI} record --state /var/lib/imgtui --group docker",  # where there is such a group
    }
    assert value_of(text, "StateDirectory") == "imgtui"
    assert value_of(text, "Restart") == "on-failure"
    assert value_of(text, "ProtectSystem") == "strict"
    assert "IMGTUI_STATE=/var/lib/imgtui" in text


def test_a_group_may_read_the_log(tmp_path: Path) -> None:
    text = printed(tmp_path, "--group", "staff")
    assert value_of(text, "ExecStart") == f"{IMGTUI} record --state /var/lib/imgtui --group staff"
    assert value_of(text, "StateDirectoryMode") == "0750"
    assert "which root and the group staff may read" in text
    assert "CAP_CHOWN" in value_of(text, "CapabilityBoundingSet"), "root alone gives files to groups"


@pytest.mark.parametrize("options", [(), ("--user",)])
def test_it_says_which_settings_it_reads(tmp_path: Path, options: tuple[str, ...]) -> None:
    text = printed(tmp_path, *options)
    usual = tmp_path / "imgtui" / "config.toml"
    assert f"Keep rules are read from {usual}" in text
    assert f"Environment=IMGTUI_CONFIG={usual}" in text.splitlines()
    text = printed(tmp_path, *options, IMGTUI_CONFIG="/etc/imgtui 1/$x.toml")
    assert 'Environment="IMGTUI_CONFIG=/etc/imgtui 1/$x.toml"' in text.splitlines()


def test_a_service_of_one_user_shares_the_state_of_the_explorer(tmp_path: Path) -> None:
    text = printed(tmp_path, "--user")
    assert value_of(text, "ExecStart") == f"{IMGTUI} record"
    assert value_of(text, "WantedBy") == "default.target"
    assert "StateDirectory" not in text


@pytest.mark.parametrize("user", [True, False])
def test_the_unit_has_the_options_that_were_given(tmp_path: Path, user: bool) -> None:
    options = ["--user"] if user else []
    text = printed(tmp_path, "-H", "ssh://me@far", "--state", "/srv/log", *options)
    assert value_of(text, "ExecStart") == f"{IMGTUI} record --host ssh://me@far --state /srv/log"
    if not user:
        assert value_of(text, "ReadWritePaths") == "/srv/log"
        assert "StateDirectory" not in text


def test_what_the_environment_says_of_the_engine_is_written_out(tmp_path: Path) -> None:
    text = printed(tmp_path, "--user", DOCKER_HOST="tcp://far:2375", IMGTUI_STATE="/srv/log")
    assert value_of(text, "ExecStart").endswith("record --host tcp://far:2375 --state /srv/log")
    text = printed(tmp_path, "--user", "-c", "far", DOCKER_HOST="tcp://other:2375")
    assert value_of(text, "ExecStart").endswith("record --context far")
    text = printed(tmp_path, "--user", DOCKER_CONTEXT="far")
    assert value_of(text, "ExecStart").endswith("record --context far")


def test_words_are_quoted_as_systemd_reads_them() -> None:
    text = unit(["/opt/my programs/imgtui"], None, "a%b", '/srv/$x "y"\n', user=False)
    command = '"/opt/my programs/imgtui" record --context "a%%b" --state "/srv/$$x \\"y\\"\\n"'
    assert value_of(text, "ExecStart") == command
    assert value_of(text, "ReadWritePaths") == '"/srv/$x \\"y\\"\\n"'


@pytest.mark.parametrize("state", [None, "/srv/my log"])
def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path, state: str | None) -> None:
    verifier = shutil.which("systemd-analyze")
    if verifier is None:
        pytest.skip("there is no systemd here")
    file = tmp_path / "imgtui.service"
    file.write_text(unit([str(IMGTUI)], "unix:///run/docker.sock", None, state, user=False))
    done = subprocess.run([verifier, "verify", str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "imgtui" in line]) == (0, [])


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("tcp://user:M4RK@h:1", "--host tcp://h:1 "),
        ("tcp://user:M4RK@[bad", ""),
        ("ssh://user:M4RK@h", ""),
        ("tcp://user:M4RK/w@h:1", ""),
    ],
)
def test_no_password_of_a_host_is_in_a_unit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], host: str, shown: str
) -> None:
    cases: tuple[tuple[str | None, dict[str, str]], ...] = ((host, {}), (None, {"DOCKER_HOST": host}))
    for given, environ in cases:
        status = run(given, None, str(tmp_path), environ, user=False)
        out, err = capsys.readouterr()
        assert "M4RK" not in out + err
        assert (status, bool(err)) == ((Exit.DONE, False) if shown else (Exit.USAGE, True))
        assert shown in out
