"""A context on this machine that is built from, again and again, on an engine of the contract."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.docker.engine import DockerEngine
from imgtui.engine.memory.blueprint import Blueprint, BlueprintStep, digest_of
from imgtui.engine.port.engine import Engine
from imgtui.model.build.build import Build
from imgtui.model.build.form import BuildHost, RebuildDraft, RebuildFilled, check_rebuild
from imgtui.model.build.verdict import Verdict
from imgtui.model.core.image import Layer
from imgtui.model.jobs.job import Job
from imgtui.operations.build.recipes import RecipeRequest
from imgtui.operations.build.service import Rebuilds
from imgtui.operations.protocol.updates import RebuildDrafted, Rebuilt
from tests.engine.contract.hands import DockerHands, Hands, MemoryHands
from tests.engine.contract.transferring import SECONDS, Desk
from tests.engines import content

DOCKERFILE: Final = """\
FROM scratch AS base
COPY bin /bin
FROM base AS final
ARG VERSION=0
COPY etc /etc
LABEL version=$VERSION
CMD ["sh"]
"""
FAILING: Final = f'{DOCKERFILE}RUN ["/bin/busybox", "false"]\n'
SLOW: Final = f'{DOCKERFILE}RUN ["/bin/busybox", "sleep", "600"]\n'


class Site:
    """A context, the images that are built from it, and who builds them."""

    def __init__(self, hands: Hands, name: str, folder: Path) -> None:
        self.hands = hands
        self.tag = f"{name}:1.0"
        self.repository = name
        self.folder = folder
        self.engine = engine_of(hands)
        self.desk = Desk(self.engine)
        environ = environment(hands)
        self.rebuilds = Rebuilds(
            self.engine,
            self.desk.recorder,
            self.desk.jobs,
            self.desk._hear,
            lambda _: None,
            self.desk._hear,
            environ,
        )
        self.kind = self.engine.builder().kind
        folder.mkdir()
        content.write_context(folder, version="one", dockerfile=DOCKERFILE)
        self.write("one")

    def write(self, text: str, dockerfile: str = DOCKERFILE) -> None:
        """Change the context."""
        # BuildKit takes a file of the same size and time for the same file: the time is not set back.
        (self.folder / "etc/version").write_text(f"{self.repository} {text}\n")
        (self.folder / "Dockerfile").write_text(dockerfile)
        if isinstance(self.hands, MemoryHands):
            steps = (
                BlueprintStep("COPY bin /bin # buildkit", Layer(digest_of("busybox"), 2_000_000)),
                BlueprintStep(
                    "COPY etc /etc # buildkit", Layer(digest_of(f"{self.repository} {text}"), len(text) + 1)
                ),
                BlueprintStep("LABEL version=0"),
            )
            config = {"Cmd": ["sh"], "Labels": {"version": "0"}}
            self.hands.engine.contexts[str(self.folder)] = Blueprint(steps, 1_700_000_000, config)

    def build_outside(self, *tags: str) -> str:
        """Somebody builds it with docker; its ID."""
        names = tags or (self.tag,)
        if isinstance(self.hands, MemoryHands):
            made = self.hands.engine.build(self.hands.engine.contexts[str(self.folder)], *names)
            self.look()
            return made
        assert isinstance(self.hands, DockerHands)
        options = [word for name in names for word in ("-t", name)]
        self.hands.real.docker("build", "-q", *options, str(self.folder))
        self.look()
        return content.image_id(self.hands.real, names[0])

    def look(self) -> None:
        """Have the log know where the tags point now."""
        self.desk.recorder.look_at([self.tag])

    def build(self, **wanted: object) -> Build:
        """What is wanted, as the form would say it."""
        fields: dict[str, object] = {
            "context": str(self.folder),
            "tags": (self.tag,),
            "kind": self.kind,
            "repository": self.repository,
            "image_id": self.where() or "",
            **wanted,
        }
        return Build(**fields)  # type: ignore[arg-type]

    def begin(self, build: Build) -> int:
        return self.rebuilds.begin(build)

    def rebuild(self, **wanted: object) -> Job:
        """Build to the end."""
        return self.desk.end(self.begin(self.build(**wanted)))

    @property
    def verdict(self) -> Verdict:
        """Of the last rebuild."""
        return [update for update in self.desk.updates if isinstance(update, Rebuilt)][-1].verdict

    def where(self, tag: str | None = None) -> str | None:
        """Where a tag points."""
        found = self.engine.find_images([tag or self.tag])
        return found[0].id if found else None

    def held(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """Every image of the engine with a name of this repository, or a keep of it."""
        return {
            image.id: (image.tags, image.keeps)
            for image in self.desk.catalog().images.values()
            if any(self.repository in name for name in (*image.tags, *image.keeps))
        }

    def draft(self, image_id: str, *tags: str, former: tuple[str, ...] = ()) -> RebuildDraft:
        """The form of a version."""
        seen = len(self.desk.updates)
        catalog = self.desk.catalog().with_containers(self.engine.containers())
        self.rebuilds.draft(catalog, RecipeRequest(image_id, self.repository, tags, former))
        with self.desk._told:
            assert self.desk._told.wait_for(lambda: self._drafted(seen), SECONDS), self.desk.updates[seen:]
        found = self._drafted(seen)
        assert found is not None
        return found.draft

    def checked(self, draft: RebuildDraft, **typed: str) -> tuple[Build, Mapping[str, str]]:
        """What the form comes to, and what is wrong with it."""
        ground = BuildHost(environment(self.hands), os.path.isdir, os.path.isfile)
        checked = check_rebuild(draft, RebuildFilled({**draft.texts, **typed}), ground)
        return checked.build, checked.faults

    def _drafted(self, seen: int) -> RebuildDrafted | None:
        updates = self.desk.updates[seen:]
        return next((update for update in updates if isinstance(update, RebuildDrafted)), None)


def environment(hands: Hands) -> Mapping[str, str]:
    """Of the programs that build for an engine: the docker that comes with it, first."""
    if not isinstance(hands, DockerHands):
        return {}
    programs = hands.real.programs / "usr/bin"
    return {**hands.real.client_env(), "PATH": f"{programs}:/usr/sbin:/usr/bin:/sbin:/bin"}


def engine_of(hands: Hands, *, read_only: bool = False) -> Engine:
    """The engine, with the docker command that comes with it."""
    if not isinstance(hands, DockerHands):
        return hands.engine
    endpoint = Endpoint(hands.real.host, "-H", None, None, hands.real.folder / "config")
    return DockerEngine(endpoint, read_only=read_only, environ=environment(hands))
