"""The builds that an engine's own BuildKit remembers, asked with `docker buildx history`.

Measured with buildx 0.29 on Docker 28.5 (Docker 20.10's BuildKit has no history and refuses): a question
takes 0.12 s, over ssh a login more. A record outlives its image, on the containerd store too. It has no
names; on that store the statement of provenance beside the image has them (in-toto subjects, as package
URLs). The record keeps the digests of index and manifests; the statement goes with the image, at once where a
rebuild drops it. On graph drivers no name is kept. A build that only wrote an archive is not told apart.

Where a question may end dockerd none is asked: `history_fault`. Records are never removed here.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from imgtui.engine.build.history_fault import why_not_ask
from imgtui.engine.build.provenance import read_provenance, statement_beside, subjects
from imgtui.engine.build.record import Names, build_record
from imgtui.engine.connect.contexts import DEFAULT_CONTEXT
from imgtui.engine.connect.docker_client import client_environment
from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.connect.program import run
from imgtui.engine.wire.translate import mapping
from imgtui.model.taglog.traces import BuildRecord, BuildRecords

RECORDS: Final = 100
"""The newest builds that are asked for: BuildKit keeps 50, unless it was told otherwise."""
RECORDS_BY_SSH: Final = 10
"""Every question is a login of its own, and sshd takes many of them for an attack."""

_REF: Final = re.compile(r"[a-z0-9]{1,64}")
_DRIVER: Final = re.compile(r"^Driver:\s*docker\s*$", re.MULTILINE)


class BuildHistory:
    """The finished builds of one engine, the newest first. Where something is missing there are none.

    Iteration runs programs: it takes its time, and may be given up at any point. `held` are the image IDs
    whose names are looked for, None for all: three questions each, and in vain where the image is gone.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        environ: Mapping[str, str] = os.environ,
        *,
        held: Container[str] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._builder = endpoint.context or DEFAULT_CONTEXT
        self._environ = builder_environment(endpoint, environ)
        self._held = held

    def __iter__(self) -> Iterator[BuildRecord]:
        with _folder() as folder:
            if folder is None or self._why_not(folder) is not None:
                return
            for ref in islice(self._refs(folder), self._limit):
                record = self._record(folder, ref, partial(self._names, folder, ref))
                if record is not None:
                    yield record

    def of_image(self, image_id: str) -> BuildRecords:
        """The newest record of an image, with the IDs of its secrets, and what is attested beside the image.

        BuildKit gives everything in the engine's content store by the record of any build: what is attested
        of an image that was built elsewhere is found too.
        """
        with _folder() as folder:
            why_not = "" if folder is None else self._why_not(folder)
            if folder is None or why_not is not None:
                return BuildRecords(not_asked=why_not or "")
            found, any_ref = None, ""
            for any_ref in islice(self._refs(folder), self._limit):
                record = self._record(folder, any_ref, lambda _: ())
                if record is not None and record.digest == image_id:
                    found = self._whole(folder, record)
                    break
            if not any_ref:
                return BuildRecords()
            attested = read_provenance(self._statement(folder, any_ref, image_id), image_id)
            if found is not None and attested is not None:
                found = replace(found, names=attested.names)
            return BuildRecords(found, attested)

    @property
    def _limit(self) -> int:
        return RECORDS_BY_SSH if self._endpoint.host.startswith("ssh://") else RECORDS

    def _record(self, folder: Path, ref: str, names: Names) -> BuildRecord | None:
        return build_record(self._ask(folder, "inspect", "--format", "json", ref), names)

    def _whole(self, folder: Path, record: BuildRecord) -> BuildRecord:
        """A record with what only its provenance tells."""
        raw = self._ask(folder, "inspect", "attachment", "--type", "provenance", record.ref)
        attested = read_provenance(raw, record.digest or "")
        return record if attested is None else replace(record, secrets=attested.secrets)

    def _why_not(self, folder: Path) -> str | None:
        """Why the history is not asked, empty where there is none; None where it can be asked.

        Elsewhere than on the engine buildx would start a builder to ask it. On Podman `buildx history ls`
        pulls an image and creates a container (buildx 0.29).
        """
        said = run(["docker", "buildx", "inspect", "--", self._builder], self._environ, folder)
        if said is None or not _DRIVER.search(said):
            return ""
        command = ["docker", "version", "--format", "{{.Server.Version}}"]
        return why_not_ask(said, lambda: run(command, self._environ, folder), self._environ) or None

    def _refs(self, folder: Path) -> Iterator[str]:
        """The finished builds: one JSON object a line, `ref` is `builder/node/ref`."""
        for line in (self._run(folder, "ls", "--format", "json") or "").splitlines():
            entry = mapping(_json(line))
            ref = str(entry.get("ref")).rpartition("/")[2]
            if entry.get("completed_at") and _REF.fullmatch(ref):
                yield ref

    def _names(self, folder: Path, ref: str, digest: str) -> tuple[str, ...]:
        """The tags that the provenance beside an image names."""
        if self._held is not None and digest not in self._held:
            return ()
        return subjects(self._statement(folder, ref, digest))

    def _statement(self, folder: Path, ref: str, digest: str) -> Mapping[str, object]:
        """The provenance beside an image, by the record of any build."""
        return statement_beside(digest, lambda blob: self._ask(folder, "inspect", "attachment", ref, blob))

    def _ask(self, folder: Path, *arguments: str) -> object:
        return _json(self._run(folder, *arguments) or "")

    def _run(self, folder: Path, *arguments: str) -> str | None:
        command = ["docker", "buildx", f"--builder={self._builder}", "history", *arguments]
        return run(command, self._environ, folder)


def builder_environment(endpoint: Endpoint, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment in which docker speaks to this engine, and ssh asks nothing."""
    return {**client_environment(endpoint, environ), "SSH_ASKPASS_REQUIRE": "never"}


@contextmanager
def _folder() -> Iterator[Path | None]:
    """An empty folder, None where none can be made: buildx tells folders relative to where it runs."""
    try:
        made = tempfile.TemporaryDirectory(prefix="imgtui-", ignore_cleanup_errors=True)
    except OSError:
        yield None
        return
    with made as name:
        yield Path(name)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
