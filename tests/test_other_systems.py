"""What Linux alone has is taken away: everything is imported, an engine is spoken to, also over ssh.

That no name is used which macOS has not is checked by mypy (`--platform darwin` in .ci/test).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.engines.waiting import PATIENCE

WITHOUT_LINUX = """
import builtins, io, os, socket, sys, time
import asyncio, multiprocessing, platform, subprocess, tempfile, urllib.request, uuid  # they look at it

tempfile._O_TMPFILE_WORKS = False

for module, names in (
    (socket, ("TCP_KEEPIDLE", "SO_PEERCRED", "SO_DOMAIN", "AF_NETLINK", "AF_VSOCK", "TCP_USER_TIMEOUT")),
    (time, ("CLOCK_BOOTTIME",)),
    (os, ("memfd_create", "getxattr", "setxattr", "listxattr", "removexattr", "eventfd", "pidfd_open",
          "pipe2", "waitid", "sched_getaffinity", "posix_fadvise", "copy_file_range", "O_PATH", "O_TMPFILE")),
):
    for name in names:
        if hasattr(module, name):
            delattr(module, name)
sys.platform = "darwin"


def gone(path):
    if isinstance(path, (str, bytes, os.PathLike)):
        if os.fsdecode(path).startswith(("/proc", "/sys/", "/etc/machine-id")):
            raise FileNotFoundError(2, "No such file or directory", path)


def without(function):
    def call(path, *arguments, **named):
        gone(path)
        return function(path, *arguments, **named)
    return call


for name in ("open", "stat", "lstat", "readlink", "listdir", "scandir"):
    setattr(os, name, without(getattr(os, name)))
builtins.open = io.open = without(io.open)
"""

EVERYTHING = """
import importlib, pkgutil, imgtui

for found in pkgutil.walk_packages(imgtui.__path__, "imgtui."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)

from imgtui.engine.docker.client import KEEPALIVE
from imgtui.operations.launch.service import is_over, owner
from imgtui.operations.taglog.recording import moment

assert not [option for option in KEEPALIVE if not all(isinstance(part, int) for part in option)]
assert moment().boot == ""
assert not is_over(owner())
assert not is_over("/999999999")
"""

SPOKEN_TO = """
import http.server, json, subprocess, threading
from pathlib import Path
from imgtui.engine.docker.engine import DockerEngine
from imgtui.engine.connect.endpoint import Endpoint

INFO = {"ID": "one", "Name": "mac", "Driver": "overlay2", "ServerVersion": "28.5.2", "OSType": "linux",
        "Architecture": "arm64", "DriverStatus": [], "DockerRootDir": "/var/lib", "OperatingSystem": "x",
        "SystemTime": "2026-11-30T00:00:00Z", "Images": 0, "Containers": 0}
VERSION = {"Version": "28.5.2", "ApiVersion": "1.51", "MinAPIVersion": "1.24", "Os": "linux", "Arch": "arm64",
           "Components": [{"Name": "Engine", "Version": "28.5.2", "Details": {}}]}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.partition("?")[0]
        answer = VERSION if path.endswith("/version") else INFO if path.endswith("/info") else []
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
port = server.server_port
Path("port").write_text(str(port))
for host in (f"tcp://127.0.0.1:{port}", "ssh://far"):
    engine = DockerEngine(Endpoint(host, "-H", None, None, Path.cwd()), environ=dict(os.environ))
    assert engine.connect().id == "one", host
    engine.close()
    print(host.partition(":")[0])
"""

DIAL = """
import os, select, socket
far = socket.create_connection(("127.0.0.1", int(open("port").read())))
while True:
    ready, _, _ = select.select([0, far], [], [])
    for one in ready:
        data = os.read(0, 65536) if one == 0 else far.recv(65536)
        if not data:
            raise SystemExit
        os.write(1, data) if one != 0 else far.sendall(data)
"""


def run(tmp_path: Path, script: str, **environ: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_LINUX + script],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path), **environ},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_without_what_linux_alone_has_everything_is_imported(tmp_path: Path) -> None:
    run(tmp_path, EVERYTHING)


def test_without_what_linux_alone_has_an_engine_is_spoken_to_over_tcp_and_ssh(tmp_path: Path) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text(f"#!/bin/sh\ncase \"$*\" in *-G*) exit 0;; esac\nexec {sys.executable} -c '{DIAL}'\n")
    ssh.chmod(0o755)
    assert run(tmp_path, SPOKEN_TO).split() == ["tcp", "ssh"]
