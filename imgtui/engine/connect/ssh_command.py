"""What the user's own ssh is started with, so that it asks nothing and leaves the terminal alone."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from imgtui.engine.connect.addresses import ssh_address

LOOK_UP_SECONDS = 10

QUIET = (
    "-T",
    "-oBatchMode=yes",
    "-oLogLevel=ERROR",
    "-oRemoteCommand=none",
    "-oClearAllForwardings=yes",
)
"""No terminal, no question, no banner, and nothing of the user's that only a login shell is for."""


def dial_command(host: str, configured: Mapping[str, str], control: Path) -> list[str]:
    """The argument list for `ssh://[user@]host[:port][/socket]`, as docker's own.

    `configured` is what ssh would do by itself (`ssh -G`): settings of the user's own stay.
    """
    options = list(QUIET)
    if configured.get("connecttimeout", "none") in {"none", "0"}:
        options.append("-oConnectTimeout=30")
    if configured.get("serveraliveinterval", "0") == "0":
        # A network that is gone without a word would otherwise look like an engine where nothing happens.
        options.append("-oServerAliveInterval=30")
    if configured.get("controlpath", "none") == "none":
        path = str(control).replace("%", "%%")
        options += ["-oControlMaster=auto", "-oControlPersist=no", f'-oControlPath="{path}"']
    socket_option = ["--host", f"unix://{ssh_address(host).socket}"] if ssh_address(host).socket else []
    remote = shlex.join(["docker", *socket_option, "system", "dial-stdio"])
    return ["ssh", *options, *_target(host), remote]


def _target(host: str) -> list[str]:
    address = ssh_address(host)
    login = ["-l", address.user] if address.user else []
    port = ["-p", str(address.port)] if address.port else []
    return [*login, *port, "--", address.host]


def configuration(host: str) -> dict[str, str]:
    """What ssh is configured to do for this host, by option in lower case; connects to nothing.

    Empty where ssh does not say; the connections then fail with its words.
    """
    try:
        done = subprocess.run(
            ["ssh", "-G", *_target(host)],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment(),
            start_new_session=True,
            timeout=LOOK_UP_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return {}
    lines = done.stdout.decode(errors="replace").splitlines()
    return {key: value for key, _, value in (line.partition(" ") for line in lines)}


def environment() -> dict[str, str]:
    """Without a terminal ssh would put its question into a window, where there is a display."""
    return {**os.environ, "SSH_ASKPASS_REQUIRE": "never"}
