"""The build cache as each API tells it.

Those of 1.52 and later are made after the published API (docs.docker.com/reference/api/engine), not recorded:
no such engine is brought up by the tests yet.
"""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.docker.engine import DockerEngine
from imgtui.engine.port.errors import NotUnderstood
from imgtui.model.removal.build_cache import BuildCache

RECORDS = [
    {"ID": "a", "InUse": False, "Shared": True, "Size": 30},
    {"ID": "b", "InUse": False, "Shared": False, "Size": 12},
    {"ID": "c", "InUse": True, "Shared": False, "Size": 5},
]
USAGE = {"ActiveCount": 1, "TotalCount": 3, "TotalSize": 47, "Reclaimable": 42, "Items": RECORDS}
WANTED = BuildCache(2, 42, 30, 5)
NOTHING = BuildCache(0, 0, 0, 0)


@contextmanager
def engine(
    folder: Path, api: str, answer: object
) -> Iterator[tuple[DockerEngine, list[dict[str, list[str]]]]]:
    """One that speaks an API and answers so to the question; what it was asked."""
    asked: list[dict[str, list[str]]] = []
    version = {
        "Version": "29.0.0",
        "ApiVersion": api,
        "MinAPIVersion": "1.24",
        "Os": "linux",
        "Arch": "amd64",
    }
    info = {"ID": "one", "Name": "one", "Driver": "overlay2", "ServerVersion": "29.0.0", "OSType": "linux"}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            said: object = version if place.path.endswith("/version") else info
            if place.path.endswith("/system/df"):
                asked.append(parse_qs(place.query))
                said = answer
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            del words

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        found = DockerEngine(
            Endpoint(f"tcp://127.0.0.1:{server.server_port}", "-H", None, None, folder), environ={}
        )
        try:
            yield found, asked
        finally:
            found.close()
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("api", "answer", "wanted", "question"),
    [
        ("1.41", {"BuildCache": RECORDS, "Images": []}, WANTED, {}),
        ("1.51", {"BuildCache": RECORDS}, WANTED, {"type": ["build-cache"]}),
        ("1.51", {"BuildCache": None}, NOTHING, {"type": ["build-cache"]}),
        (
            "1.52",
            {"BuildCache": [], "BuildCacheUsage": USAGE},
            WANTED,
            {"type": ["build-cache"], "verbose": ["1"]},
        ),
        ("1.53", {"BuildCacheUsage": USAGE}, WANTED, {"type": ["build-cache"], "verbose": ["1"]}),
        (
            "1.53",
            {"BuildCacheUsage": {"TotalCount": 0}},
            NOTHING,
            {"type": ["build-cache"], "verbose": ["1"]},
        ),
    ],
)
def test_the_build_cache_is_read_as_each_api_tells_it(
    tmp_path: Path, api: str, answer: object, wanted: BuildCache, question: dict[str, list[str]]
) -> None:
    with engine(tmp_path, api, answer) as (found, asked):
        assert found.build_cache() == wanted
        assert asked == [question]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"BuildCacheUsage": None},
        {"BuildCacheUsage": {"TotalCount": 3}},
        {"BuildCacheUsage": {"Items": 7}},
    ],
)
def test_what_does_not_tell_it_is_not_taken_for_nothing(tmp_path: Path, answer: object) -> None:
    with engine(tmp_path, "1.54", answer) as (found, _), pytest.raises(NotUnderstood):
        found.build_cache()
