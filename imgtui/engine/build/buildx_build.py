"""Builds by BuildKit: a `docker buildx build` that is listened to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, Final

from imgtui.engine.build.rawjson import Hiding, SolveProgress
from imgtui.engine.build.secrets import secret_values
from imgtui.engine.port.errors import EngineError
from imgtui.engine.wire.translate import mapping, text
from imgtui.model.build.build import TARGET, Build, BuildProgress
from imgtui.model.core.digest import is_digest
from imgtui.threads import alarm, in_background

LONGEST: Final = 4 * 1024 * 1024
"""Bytes of one line: a warning carries the whole Dockerfile."""
_TAIL: Final = 20
"""Lines that are no status, of which the last says why it failed."""
_PATIENCE: Final = 3.0
"""Seconds that buildx has to tell BuildKit that nobody wants the build any more."""


class BuildxBuilding:
    """A build by BuildKit. It runs away from the terminal, and ends with all that it started."""

    def __init__(
        self, build: Build, own_builder: str, environ: Mapping[str, str], *, load: bool = False
    ) -> None:
        """Begin it. `own_builder` is buildx's name of the engine's own builder.

        `load` has another builder give its result to the engine. Raises EngineError.
        """
        self._folder = tempfile.TemporaryDirectory(prefix="imgtui-", ignore_cleanup_errors=True)
        self._metadata = Path(self._folder.name) / "metadata.json"
        self._hide = Hiding(secret_values(build, environ))
        self._progress = SolveProgress(self._hide)
        self._said: deque[str] = deque(maxlen=_TAIL)
        self._closed = threading.Event()
        builder = [f"--builder={build.builder or own_builder}"]
        more = ["--progress=rawjson", "--metadata-file", str(self._metadata), *(["--load"] if load else [])]
        command = ["docker", "buildx", "bake", *builder, *more, "--file=-", TARGET]
        # The provenance of a large build takes seconds to be written into a file that nobody reads; a person
        # has agreed to the context, and buildx cannot ask here whether it may be read.
        own = {"BUILDX_METADATA_PROVENANCE": "disabled", "BUILDX_BAKE_ENTITLEMENTS_FS": "0"}
        try:
            self._process = subprocess.Popen(
                command,
                env={**environ, **own},
                cwd=self._folder.name,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            self._folder.cleanup()
            raise EngineError(f"docker buildx cannot be run: {error.strerror}") from error
        definition = build.definition(environ)
        in_background("buildx", partial(self._define, definition), self._said.append, self.close)

    def __iter__(self) -> Iterator[BuildProgress]:
        """Until the program has ended. Raises EngineError where the build failed."""
        try:
            with self._process as process:
                if process.stderr is not None:
                    yield from self._listen(process.stderr)
            if process.returncode != 0 and not self._closed.is_set():
                raise EngineError(self._why())
            self._image_id = self._read_result()
        finally:
            self._end(signal.SIGKILL)
            self._folder.cleanup()

    def close(self) -> None:
        """Have buildx end the build; all of it is killed where that takes too long."""
        self._closed.set()
        self._end(signal.SIGINT)
        alarm("buildx-end", _PATIENCE, partial(self._end, signal.SIGKILL))

    @property
    def image_id(self) -> str:
        """What BuildKit says that it has made."""
        return self._image_id

    _image_id = ""

    def _listen(self, stream: IO[bytes]) -> Iterator[BuildProgress]:
        for raw in iter(lambda: stream.readline(LONGEST), b""):
            line = raw.decode(errors="replace")
            news = self._progress.take(line)
            if news is not None:
                yield news
            elif line.strip():
                said = text(self._hide(line.rstrip()), 2_000)
                self._said.append(said)
                yield BuildProgress(self._progress.bars, (said,))

    def _define(self, definition: str) -> None:
        """Tell buildx what to build; it says itself why it ended where it does not read on."""
        if self._process.stdin is not None:
            with suppress(OSError), self._process.stdin as stdin:
                stdin.write(definition.encode())

    def _why(self) -> str:
        """The last line of what buildx said: `ERROR: failed to build: failed to solve: …`."""
        errors = [line for line in self._said if line.startswith("ERROR:")]
        told = (errors or list(self._said) or [""])[-1].removeprefix("ERROR: ")
        told = told.removeprefix("failed to build: ").removeprefix(f"target {TARGET}: ")
        told = told.removeprefix("failed to build: ").removeprefix("failed to solve: ")
        return told or self._progress.error or f"docker buildx ended with status {self._process.returncode}"

    def _read_result(self) -> str:
        try:
            metadata = mapping(json.loads(self._metadata.read_text(encoding="utf-8")))
        except (OSError, ValueError, RecursionError):
            return ""
        digest = mapping(metadata.get(TARGET)).get("containerimage.digest")
        return digest if isinstance(digest, str) and is_digest(digest) else ""

    def _end(self, number: int) -> None:
        """A signal for all of its session that is still there."""
        if self._process.returncode is None:  # who was waited for has no number of its own any more
            with suppress(OSError):
                os.killpg(self._process.pid, number)
