"""What `.dockerignore` leaves out of a context: the docker command itself is the oracle."""

from __future__ import annotations

import http.server
import io
import socketserver
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from imgtui.engine.build.context import pack_context
from imgtui.engine.build.dockerignore import context_names
from tests.engines.provision import Suite, docker_programs

FILES = (
    "src/a.jar", "src/x/b.jar", "src/x/c.txt", "docs/readme.md", "docs/other.md", ".git/config",
    "sub/.hidden", "sub/ok", "Dockerfile", "foo", "a[b]", "Foo", "sub/foo/bar", "foo+x", "a(1)b", "empty/",
)  # fmt: skip
CASES = (
    b"*\n!src/**/*.jar", b"docs\n!docs/readme.md", b"**/.*", b"foo \n", b"/foo", b"**/foo", b"sub/",
    b"*/foo", b"a\\[b\\]", b"**\n!docs", b"src/**/c.txt", b"[!f]oo", b"[^F]oo", b"docs/..\n!foo", b"./foo",
    b"**/*.jar", b"sub/*/bar", b"!foo\nfoo", b"\xef\xbb\xbffoo\ndocs", b"# c\n #d\nfoo", b"caf\xe9\nfoo",
    b"foo+*", b"a(1)b", b"a(1)*", b"*\n!src/x", b"*\n! foo", b"*\n!**/*.jar", b"sub\n!sub/foo",
    b"sub/**\n!sub/foo/bar", b"Dockerfile\n.dockerignore", b"\r\nfoo\r\ndocs\r\n", b"..", b"../x", b"/",
    b".", b"", b"docs/*\n!docs/r*.md", b"s[r-u]?\n", b"*\n!src/*/b.jar", b"a[", b"!", b"a\\", b"[]a]",
    b"[a-]", b"empty", b"**/", b"**/*", b"//foo", b"fo?", b"s**b", b"src/***/b.jar", b"foo/**",
    b"[a-zA-Z]oo\n!Foo",
)  # fmt: skip
EXPRESSIONS = (b"foo+*", b"a(1)b", b"a(1)*")
"""Docker 20.10 takes these signs for those of a regular expression."""


class _Handler(http.server.BaseHTTPRequestHandler):
    """As much of an engine as is sent a context."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._answer(b"")

    def do_GET(self) -> None:
        self._answer(b'{"ApiVersion": "1.41", "Version": "20.10.24", "MinAPIVersion": "1.12"}')

    def do_POST(self) -> None:
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        cast("_Server", self.server).contexts.append(b"".join(parts))
        self._answer(b'{"stream": "done"}')

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        for name, value in (("Api-Version", "1.41"), ("Ostype", "linux"), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: Path) -> None:
        self.contexts: list[bytes] = []
        super().__init__(str(path), _Handler)

    def get_request(self) -> tuple[Any, Any]:
        return super().get_request()[0], ("docker", 0)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[_Server]:
    with _Server(tmp_path / "engine.sock") as found:
        thread = threading.Thread(target=found.serve_forever, daemon=True)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def names_in(context: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(context)) as tar:
        return sorted(member.name for member in tar)


@pytest.mark.parametrize("suite", ["bookworm", "sid"])
def test_a_context_has_what_docker_would_send(suite: Suite, server: _Server, tmp_path: Path) -> None:
    context, home = tmp_path / "context", tmp_path / "home"
    home.mkdir()
    for name in FILES:
        path = context / name
        if name.endswith("/"):
            path.mkdir(parents=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("FROM scratch\n")
    docker = next(docker_programs(suite).rglob("bin/docker"))
    command = [str(docker), "-H", f"unix://{server.server_address!s}", "build", "."]
    for case in CASES:
        if suite == "bookworm" and case in EXPRESSIONS:
            continue
        (context / ".dockerignore").write_bytes(case)
        server.contexts.clear()
        done = subprocess.run(
            command,
            cwd=context,
            env={"DOCKER_BUILDKIT": "0", "PATH": "/usr/bin", "HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
        )
        if not server.contexts:
            assert "pattern" in done.stderr, (case, done.stderr)
            with pytest.raises(ValueError, match=r"\.dockerignore has"):
                context_names(context, "Dockerfile")
            continue
        with pack_context(context, context_names(context, "Dockerfile"), {}) as packed:
            assert names_in(packed.read()) == names_in(server.contexts[0]), case
