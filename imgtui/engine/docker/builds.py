"""Builds for a real engine: by BuildKit through `docker buildx build` where it is there, else by the engine.

Measured: Docker 20.10 as Debian 12 has it comes without buildx, and without it nothing speaks to its
BuildKit. Podman's API takes `POST /build` alone; buildx takes it for a Docker and would start a container
on it. An untagged result stays on every store until a prune: on the containerd store as
`moby-dangling@sha256:…`.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from imgtui.engine.build.history import BuildHistory, builder_environment
from imgtui.engine.connect.contexts import DEFAULT_CONTEXT
from imgtui.engine.connect.docker_config import proxies
from imgtui.engine.connect.program import run
from imgtui.engine.docker.connection import DockerConnection
from imgtui.engine.port.errors import EngineError, ReadOnly
from imgtui.engine.wire.translate import mapping
from imgtui.model.core.image import Store

if TYPE_CHECKING:  # a start does not pay for what few sessions do
    from imgtui.engine.build.buildx_build import BuildxBuilding
    from imgtui.engine.docker.classic_build import ClassicBuilding
    from imgtui.model.build.build import Build, BuilderFound
    from imgtui.model.containers.compose import Service
    from imgtui.model.taglog.traces import BuildRecord, BuildRecords

COMPOSE_SECONDS: Final = 10.0
EXPORT_SECONDS: Final = 5.0
"""How long an image may take to be exported for the little that is attested beside it."""
_DRIVER: Final = re.compile(r"^Driver:\s*(\S+)\s*$", re.MULTILINE)
NOT_ASKED: Final = "read-only: docker buildx is not started, it asks the engine by POST"
_NO_DRIVER: Final = "no builder"


class DockerBuilds:
    """Builds, and what is known of those that were."""

    def __init__(self, connection: DockerConnection) -> None:
        self._connection = connection

    def builder(self) -> BuilderFound:
        """Ask buildx whether the engine's own builder is one that it speaks to: 0.1 s."""
        from imgtui.model.build.build import BuilderFound, BuilderKind

        if self._connection.known().store is Store.PODMAN:
            return BuilderFound(BuilderKind.CLASSIC, "Podman builds by itself")
        if self._connection.read_only:
            return BuilderFound(BuilderKind.CLASSIC, NOT_ASKED)
        if shutil.which("docker", path=self._connection.environ.get("PATH")) is None:
            return BuilderFound(BuilderKind.CLASSIC, "no docker command is on this machine")
        driver = self._driver(self._own_builder)
        if driver != "docker":
            why = "docker buildx is not on this machine" if driver == _NO_DRIVER else "buildx cannot use it"
            return BuilderFound(BuilderKind.CLASSIC, why)
        return BuilderFound(BuilderKind.BUILDKIT)

    def build_records(self, image_id: str) -> BuildRecords:
        """By `docker buildx history`, which Podman is not asked for.

        Where that is left alone a containerd store's export still has what is attested beside the image.
        """
        from imgtui.model.taglog.traces import BuildRecords

        store = self._connection.known().store
        if store is Store.PODMAN:
            return BuildRecords()
        if self._connection.read_only:
            found = BuildRecords(not_asked=NOT_ASKED)
        else:
            found = BuildHistory(self._connection.endpoint, self._connection.environ).of_image(image_id)
        if found.not_asked and store is Store.CONTAINERD:
            return replace(found, attested=self._attested(image_id))
        return found

    def _attested(self, image_id: str) -> BuildRecord | None:
        """What is attested beside an image, out of its export; None of one that is gone, or takes long."""
        from imgtui.engine.archive.blobs import read_statement
        from imgtui.engine.archive.pieces import Parts
        from imgtui.engine.build.provenance import read_provenance
        from imgtui.engine.docker.archives import DockerSave

        until = time.monotonic() + EXPORT_SECONDS
        try:
            with self._connection.failures():
                answer = self._connection.connected().read_archive([image_id])
            with closing(DockerSave(answer, self._connection.failures)) as save:
                parts = takewhile(lambda _: time.monotonic() < until, save)
                return read_provenance(read_statement(Parts(parts), image_id), image_id)
        except EngineError:
            return None

    def compose_service(self, service: Service) -> Mapping[str, object]:
        """By `docker compose config` of the files that are on this machine."""
        if not service.files or not all(
            Path(file).is_file() for file in (*service.files, *service.env_files)
        ):
            return {}
        command = ["docker", "compose", "--project-name", service.project]
        if service.folder:
            command += ["--project-directory", service.folder]
        for option, files in (("--env-file", service.env_files), ("--file", service.files)):
            command += [word for file in files for word in (option, file)]
        said = self._run([*command, "config", "--format", "json"])
        try:
            document = mapping(json.loads(said or ""))
        except (ValueError, RecursionError):
            return {}
        return mapping(mapping(document.get("services")).get(service.name))

    def start_build(self, build: Build) -> BuildxBuilding | ClassicBuilding:
        """A program for BuildKit, a request for the engine's own builder."""
        from imgtui.model.build.build import BuilderKind

        if self._connection.read_only:
            raise ReadOnly("read-only: the build was not begun")
        self._connection.known()
        if build.kind is BuilderKind.BUILDKIT:
            return self._start_buildx(build)
        return self._start_classic(build)

    def _start_buildx(self, build: Build) -> BuildxBuilding:
        from imgtui.engine.build.buildx_build import BuildxBuilding

        driver = self._driver(build.builder) if build.builder else "docker"
        if driver == _NO_DRIVER:
            raise EngineError(f"buildx has no builder {build.builder}")
        environ = builder_environment(self._connection.endpoint, self._connection.environ)
        return BuildxBuilding(build, self._own_builder, environ, load=driver != "docker")

    def _start_classic(self, build: Build) -> ClassicBuilding:
        from imgtui.engine.build.rawjson import Hiding
        from imgtui.engine.build.secrets import secret_values
        from imgtui.engine.docker.classic_build import ClassicBuilding
        from imgtui.model.build.build import assignments

        params: dict[str, object] = {
            "t": [] if build.look_first else list(build.tags),
            "target": build.target,
            "platform": build.platform,
            "networkmode": build.network,
            "buildargs": {
                **proxies(self._connection.endpoint.config_dir, self._connection.endpoint.host),
                **assignments(build.arguments, self._connection.environ),
            },
            "labels": assignments(build.labels, {}),
            "cachefrom": json.dumps(list(build.cache_from)) if build.cache_from else "",
            "nocache": "1" if build.no_cache else "",
            "pull": "1" if build.pull else "",
            "rm": "1",
            "forcerm": "1",
        }
        given = {name: value for name, value in params.items() if value}
        with self._connection.failures():
            answer = self._connection.connected().build_image(
                build.context, build.dockerfile, given, self._connection.endpoint.config_dir
            )
        return ClassicBuilding(
            answer, self._connection.failures, Hiding(secret_values(build, self._connection.environ))
        )

    @property
    def _own_builder(self) -> str:
        """What buildx calls the builder of the engine itself: the docker context, or `default`."""
        return self._connection.endpoint.context or DEFAULT_CONTEXT

    def _driver(self, builder: str) -> str:
        """What drives a builder: `docker` is the engine itself."""
        found = _DRIVER.search(self._run(["docker", "buildx", "inspect", "--", builder]) or "")
        return found[1] if found is not None else _NO_DRIVER

    def _run(self, command: list[str]) -> str | None:
        environ = builder_environment(self._connection.endpoint, self._connection.environ)
        with tempfile.TemporaryDirectory(prefix="imgtui-", ignore_cleanup_errors=True) as folder:
            return run(command, environ, Path(folder), seconds=COMPOSE_SECONDS)
