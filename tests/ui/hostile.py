"""An engine that sends the same hostile text in every field that has text.

`python -m tests.ui.hostile NAME` opens the explorer on the text of that name, or on the demo for none.
"""

from __future__ import annotations

import queue
import sys
from collections.abc import Iterator, Sequence
from typing import Final

from imgtui.engine.memory.engine import MemoryEngine
from imgtui.engine.port.engine import EventStream, Listing
from imgtui.engine.port.errors import EngineError
from imgtui.engine.wire import translate
from imgtui.engine.wire.answers import Entry
from imgtui.engine.wire.facts import to_document
from imgtui.engine.wire.traces import traces as read_traces
from imgtui.model.catalog.registry_tag import RemoteTag
from imgtui.model.core.event import Event
from imgtui.model.core.image import Container, EngineInfo, Image
from imgtui.model.taglog.traces import Traces
from tests.engine.relay import Relay

TEXTS: Final[dict[str, str]] = {
    "title": "\x1b]0;PWNED\x07",
    "clipboard": "\x1b]52;c;UFdORUQ=\x1b\\",
    "clear": "\x1b[2J\x1b[HPWNED\x1bc",
    "c1": "\x9b2JPWNED\x9d0;PWNED\x9c\x84\x85",
    "controls": "a\x00b\x07c\x08d\x0be\x0cf\x0e\x0fg\x7fh",
    "lines": "one\r\ntwo\nthree\rfour\ttab\u2028five\u2029six",
    "bidi": "safe\u202egnp.exe\u202c \u2066hidden\u2069 \u200f",
    "closing tag": "[/data]",
    "action": "[@click=app.quit]click[/]",
    "style": "[bold red]x[/bold red] [core] [[x]] \\[y]",
    "wide": "宽" * 400,
    "emoji": "👩‍👩‍👧‍👦🇩🇪👍🏽" * 60,
    "zero width": "a\u200b\u200c\u200d\ufeff\u2060b" * 40,
    "marks": "e" + "\u0301" * 300,
    "surrogate": "x\ud800y\udfffz",
    "huge": "A" * 200_000,
    "unassigned": "\U000e0001\U000e0041\ufff9\uffff\U0010ffff",
    "format": "%s {0} {x!r} $PATH `id` ../../..",
}

EVERYTHING: Final = " ".join(text for name, text in TEXTS.items() if name != "huge")

CLEAN: Final = "sha256:" + "1" * 64
"""The one image whose ID is as it should be."""


class HostileEngine(Relay):
    """Has images whose every text is hostile; all of it passes `translate`, as a real engine's does."""

    def __init__(self, text: str) -> None:
        super().__init__(MemoryEngine())
        self._text = text
        self._info = translate.engine_info(
            {"Version": text, "ApiVersion": text, "Arch": text, "Components": [{"Name": text}]},
            {"ID": text, "Name": text, "Driver": text, "DriverStatus": [[text, text]], "Images": 10**30},
        )

    def connect(self) -> EngineInfo:
        return self._info

    def list_images(self) -> Iterator[Listing]:
        yield Listing(tuple(self._images()), 2)

    def find_images(self, references: Sequence[str]) -> list[Image]:
        return self._images()

    def dangling_images(self) -> list[Image]:
        return self._images()

    def image(self, name: str) -> Image | None:
        return self._images()[0]

    def document(self, image_id: str, *, reveal: bool = False) -> str | None:
        return to_document(self._inspect(image_id), self._history(), reveal=reveal)

    def traces(self, image_id: str) -> Traces:
        text = self._text
        identity = {"Pull": [{"Repository": text}], "Build": [{"Ref": text, "CreatedAt": text}]}
        raw = {
            "Id": CLEAN,
            "Metadata": {"LastTagTime": text},
            "Identity": identity,
            "NamesHistory": [text, f"web:{text}"],
        }
        return read_traces(raw)

    def containers(self, ids: Sequence[str] | None = None) -> list[Container]:
        text = self._text
        raw = {
            "Id": "d" * 64,
            "Names": [f"/{text}", text],
            "ImageID": CLEAN,
            "Image": text,
            "State": text,
            "Status": text,
            "Created": -(10**20),
            "Labels": {"com.docker.compose.project": text, "com.docker.compose.service": text, text: text},
        }
        gone = {**raw, "Id": "e" * 64, "ImageID": "sha256:" + "f" * 64, "Names": ["/gone"]}
        return [
            translate.listed_container(Entry(raw), translate.created_from(text), 0),
            translate.listed_container(Entry(gone), "web:latest", 0),
        ]

    def remote_tag(self, reference: str) -> RemoteTag:
        raise EngineError(self._text)

    def events(self) -> EventStream:
        return Silence()

    def past_events(self, since: int) -> list[Event]:
        return []

    def tag(self, image_id: str, reference: str) -> None:
        raise EngineError(self._text)

    def untag(self, reference: str) -> None:
        raise EngineError(self._text)

    def close(self) -> None:
        """Nothing is open."""

    def _images(self) -> list[Image]:
        text = self._text
        raw = {
            "RepoTags": [text, f"web:{text}", f"{text}/web:latest", "web:latest"],
            "RepoDigests": [text, f"web@{text}", f"web@{CLEAN}"],
            "Created": 10**20,
            "Size": 10**30,
            "Digest": text,
            "Manifests": [
                {
                    "Kind": "image",
                    "ID": text,
                    "Available": True,
                    "ImageData": {"Platform": {"os": text, "architecture": text, "variant": text}},
                }
            ],
        }
        ids = (CLEAN, "sha256:" + "b" * 64, "c" * 64)
        return [translate.listed_image(Entry({**raw, "Id": image_id}), self._info) for image_id in ids]

    def _inspect(self, image_id: str) -> object:
        text = self._text
        config = {
            "Env": [text, f"NAME={text}", f"{text}={text}", f"API_TOKEN={text}"],
            "Entrypoint": [text, text],
            "Cmd": [text],
            "User": text,
            "WorkingDir": text,
            "ExposedPorts": {text: {}},
            "Volumes": {text: {}},
            "Labels": {text: text, "org.opencontainers.image.title": text, "password": text},
            "StopSignal": text,
            "Healthcheck": {"Test": ["CMD", text]},
            "Shell": [text],
            text: {text: [text, None, {text: text}]},
        }
        return {
            "Id": image_id,
            "Created": text,
            "Author": text,
            "Comment": text,
            "Architecture": text,
            "Os": text,
            "Variant": text,
            "Config": config,
            "RootFS": {"Type": text, "Layers": [text, "sha256:" + "2" * 64, text]},
            text: text,
        }

    def _history(self) -> object:
        text = self._text
        return [
            {"Created": 10**20, "CreatedBy": text, "Size": 10**30, "Comment": text, "Tags": [text]},
            {"Created": -1, "CreatedBy": f"RUN {text}", "Size": 0, "Comment": text},
            {"Created": text, "CreatedBy": None, "Size": text, "Comment": [text]},
        ]


class Silence:
    """A stream on which nothing happens."""

    def __init__(self) -> None:
        self._end: queue.SimpleQueue[None] = queue.SimpleQueue()

    def __iter__(self) -> Iterator[Event]:
        self._end.get()
        yield from ()

    def close(self) -> None:
        self._end.put(None)


if __name__ == "__main__":
    from imgtui.engine.demo.engine import demo_engine
    from tests.ui.robot import NOW, explorer_app

    engine = HostileEngine(TEXTS[sys.argv[1]]) if len(sys.argv) > 1 else demo_engine(NOW)
    explorer_app(engine).run(mouse=False)
