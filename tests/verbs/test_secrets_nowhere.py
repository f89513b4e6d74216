"""Secrets planted in images and containers are in no byte that a verb writes, on a terminal or in a file."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep, digest_of
from imgtui.engine.memory.engine import MemoryEngine
from imgtui.model.core.image import Layer
from tests.operations.listening import NOW
from tests.verbs.test_printed import call

MARK = "M4RKEDm4rked"
"""In every secret."""
_LONG = f"{MARK}{'a1B2' * 30}"
BASIC = base64.b64encode(f"user:{MARK}".encode()).decode()
SECRETS = {
    "API_TOKEN": MARK,
    "DB_PASSWORD": f"{MARK} with spaces",
    "SEED_PHRASE": f"{MARK} correct horse",
    "ANTHROPIC": f"sk-ant-api03-{_LONG[:93]}AA",
    "PLAIN": f"ghp_{_LONG[:36]}",
    "STRIPE": f"sk_live_{_LONG[:24]}",
    "URL": f"postgres://user:{MARK}@db:5432/x",
    "BROKEN": f"tcp://user:{MARK}/w@127.0.0.1:1",
    "PROXY": f"user:{MARK}@proxy:3128",
    "GO": f"root:{MARK}@tcp(db:3306)/app",
    "NOTIFY": f"https://hooks.slack.com/services/T0/B0/{MARK}",
    "HEADER": f"Authorization: Basic {BASIC}",
    "OTHER": f"-H Authorization:Bearer {_LONG}",
}
COMMANDS = (
    f"aws configure set aws_secret_access_key {MARK}",
    f"htpasswd -Bbn admin {MARK} > /auth",
    f"curl -u admin:{MARK} https://h",
    f"zip -P {MARK} out.zip /srv",
    f"echo {MARK} | docker login -u x --password-stdin",
)
VERBS = (
    ("ls",), ("ls", "--json"), ("log",), ("log", "--json"), ("log", "--export"), ("drift",), ("doctor",),
    ("diff", "web:latest", "web:1"), ("diff", "web:latest", "web:1", "--json"),
    ("rollback", "web", "--to", "web:1", "--plan"), ("rollback", "web", "--to", "web:1", "--plan", "--json"),
    ("rollback", "web", "--to", "web:1", "--yes"), ("untag", "web:latest", "--yes"), ("undo", "--yes"),
    ("undo", "--plan"), ("log",),
)  # fmt: skip


def image(version: str) -> Blueprint:
    instructions = [f"ENV {name}={value}" for name, value in SECRETS.items()]
    instructions += [f"RUN /bin/sh -c {command} # buildkit" for command in COMMANDS]
    steps = tuple(BlueprintStep(text, Layer(digest_of(f"{version} {text}"), 100)) for text in instructions)
    config = {
        "Env": [f"{name}={value}" for name, value in SECRETS.items()],
        "Labels": {f"label.{name}": value for name, value in SECRETS.items()},
        "Cmd": ["serve", f"--password={MARK}", "--token", MARK],
        "Healthcheck": {"Test": ["CMD-SHELL", COMMANDS[2]]},
    }
    return Blueprint(steps, NOW - 60, {**config, "User": version})


def contents(path: Path) -> Iterator[bytes]:
    """A file as it is, and what is packed in it."""
    raw = path.read_bytes()
    yield raw
    for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", raw):
        unpacking = zlib.decompressobj()
        try:
            yield unpacking.decompress(raw[start.start() :])
        except zlib.error:
            continue


def test_no_planted_secret_is_on_the_terminal_or_in_a_file(tmp_path: Path) -> None:
    engine = MemoryEngine()
    engine.load(image("1"), "web:1")
    engine.load(image("2"), "web:latest")
    body = {
        "Image": "web:latest",
        "Env": [f"OWN_{name}={value}" for name, value in SECRETS.items()],
        "Labels": {f"own.{name}": value for name, value in SECRETS.items()},
        "Cmd": ["serve", "--api-key", MARK, *COMMANDS],
    }
    engine.start_container(engine.create_container("web", body))
    seen = 0
    for words in VERBS:
        status, written = call(engine, tmp_path, *words)
        assert status in {0, 4}, (words, written)
        for secret in (MARK, BASIC):
            assert secret not in written, (
                words,
                [line for line in written.split("\n") if secret in line][:2],
            )
        seen += len(written)
    assert seen > 3_000
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"state.db", "cache.db"} <= {path.name for path in files}
    masked = set()
    for path in files:
        for content in contents(path):
            masked |= {name for name in (b"label.API_TOKEN", b"OWN_API_TOKEN") if name in content}
            for secret in (MARK, BASIC):
                at = content.find(secret.encode())
                assert at < 0, (path.name, content[max(0, at - 80) : at + 20])
    assert len(masked) == 2, "what was looked for is written, but for the secrets"
