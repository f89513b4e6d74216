"""From the words of a call and its environment to what does the work, imported when it is wanted."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgtui.engine.connect.docker_client import DockerClient
    from imgtui.engine.connect.endpoint import Endpoint
    from imgtui.engine.demo.engine import DemoEngine
    from imgtui.engine.port.engine import Engine
    from imgtui.model.catalog.catalog import Catalog
    from imgtui.model.core.event import Event
    from imgtui.model.taglog.moves import Move
    from imgtui.operations.keeps.rule_book import RuleBook
    from imgtui.operations.taglog.recording import Recorder
    from imgtui.store.cached.cache import Cache
    from imgtui.store.config.settings import Settings
    from imgtui.store.state import State


@dataclass(frozen=True)
class Wiring:
    """What a call works with. The demo leaves nothing behind: its cache and its tag log are in memory."""

    options: argparse.Namespace
    environ: Mapping[str, str]
    endpoint: Endpoint | None
    """None for the demo."""
    engine: Engine

    @property
    def archive(self) -> Path | None:
        """The archive that is looked into; None for an engine."""
        return archive_of(self.options)

    @property
    def where(self) -> str:
        """What people call the endpoint, in one line."""
        from imgtui.model.core.printable import printable

        if self.archive is not None:
            return printable(self.archive.absolute())
        return "demo" if self.endpoint is None else printable(self.endpoint.host)

    @property
    def state_path(self) -> Path | None:
        """Where the tag log is; None for one in memory."""
        from imgtui.store.config.paths import state_file

        return None if self.endpoint is None else state_file(self.options.state, self.environ)

    @property
    def machine_path(self) -> Path | None:
        """Where the log of the machine's recorder is, beside this user's own."""
        from imgtui.store.config.paths import machine_file

        return None if self.endpoint is None else machine_file(self.options.state, self.environ)

    @property
    def _may_read_machine(self) -> bool:
        """Who may not, need not hear of it at every call: doctor says it."""
        return self.machine_path is not None and os.access(self.machine_path, os.R_OK)

    @property
    def cache_path(self) -> Path:
        """Where facts are kept."""
        from imgtui.store.config.paths import cache_folder

        return cache_folder() / "cache.db"

    def cache(self) -> Cache:
        """The cache, open."""
        from imgtui.store.cached.cache import Cache

        return Cache(None if self.options.demo else self.cache_path)

    def state(self) -> State:
        """The state file, open. Raises StateUnusable."""
        from imgtui.store.state import State

        return State(self.state_path, group=self._group())

    def _group(self) -> int | None:
        """The number of the group that may read the state file. Raises StateUnusable."""
        import grp

        from imgtui.store.state import StateUnusable

        name = getattr(self.options, "group", None)
        if name is None:
            return None
        try:
            return grp.getgrnam(name).gr_gid
        except KeyError:
            raise StateUnusable(f"there is no group {name} on this machine: see getent group") from None

    def recorder(self, state: State | None = None) -> Recorder:
        """What keeps the tag log: in `state`, else in the state file, opened when it is needed."""
        from imgtui.operations.taglog.recording import Recorder
        from imgtui.operations.taglog.replayed import prove

        if self.endpoint is None:
            from imgtui.engine.demo.engine import DemoEngine

            if isinstance(self.engine, DemoEngine):
                return demo_recorder(self.engine)
        return Recorder(
            self.engine,
            self.state if state is None else lambda: state,
            prove=prove,
            gather=self._gather,
            machine=self.machine_path if self._may_read_machine else None,
            beside=self.machine_path,
        )

    def settings(self, actions: Collection[str] | None = None) -> Settings:
        """What the person has set, for these actions; the demo has no settings. Raises SettingsError."""
        from imgtui.store.config.paths import config_file
        from imgtui.store.config.settings import Settings, read_settings

        return Settings() if self.options.demo else read_settings(config_file(), actions)

    def rules(self, settings: Settings, actions: Collection[str] | None = None) -> RuleBook:
        """The keep rules, followed in the file of these settings; none where nothing may be changed.

        With `actions`, a key of any other one is a mistake in the file.
        """
        from imgtui.operations.keeps.rule_book import RuleBook
        from imgtui.store.config.paths import config_file

        if self.endpoint is None or self.options.read_only:
            return RuleBook()
        return RuleBook(config_file(), settings.keep, actions, settings.keys if actions is not None else None)

    def client(self) -> DockerClient | None:
        """The docker command for this engine, which attaches the terminal; None for the demo."""
        from imgtui.engine.connect.docker_client import DockerClient

        return None if self.endpoint is None else DockerClient(self.endpoint, self.environ)

    def _gather(
        self, catalog: Catalog, events: Sequence[Event], failed: Callable[[str], None]
    ) -> Iterator[Move]:
        from imgtui.engine.build.history import BuildHistory
        from imgtui.operations.taglog.evidence import gather

        endpoint = self.endpoint
        programs = endpoint is not None and not self.options.read_only  # buildx asks by POST
        builds = BuildHistory(endpoint, self.environ, held=catalog.images) if endpoint and programs else None
        yield from gather(self.engine, catalog, events, builds=builds, failed=failed)


def endpoint(options: argparse.Namespace, environ: Mapping[str, str]) -> Endpoint | None:
    """Which engine the call is about; None for the demo. Raises EndpointError."""
    from imgtui.engine.connect.endpoint import resolve_endpoint

    if options.demo or archive_of(options) is not None:
        return None
    return resolve_endpoint(options.host, options.context, environ, Path.home())


def engine(where: Endpoint | None, environ: Mapping[str, str], options: argparse.Namespace) -> Engine:
    """The engine at an endpoint, not connected yet; else an archive, or the demo. Raises ArchiveError."""
    if (archive := archive_of(options)) is not None:
        from imgtui.engine.archive.engine import ArchiveEngine

        return ArchiveEngine(archive)
    if where is None:
        return demo(environ, read_only=options.read_only)
    from imgtui.engine.docker.engine import DockerEngine

    return DockerEngine(where, read_only=options.read_only, environ=environ)


def archive_of(options: argparse.Namespace) -> Path | None:
    """The archive that a call is about; None for an engine.

    `files` and `diff` take a path for one that is there (a file, or a folder that is an OCI layout), or can
    be no tag. A call of `diff` with two archives needs no engine: it is about the first.
    """
    if options.verb is None:
        return None if options.archive is None else Path(options.archive)
    if options.demo:
        return None
    if options.verb == "diff":
        archives = [place_of(name, options)[0] for name in (options.a, options.b)]
        return archives[0] if all(archives) else None
    return place_of(options.image, options)[0] if options.verb == "files" else None


def place_of(name: str, options: argparse.Namespace) -> tuple[Path | None, str | None]:
    """The archive that an argument of `diff` means, None for the engine, and the reference in it."""
    if options.demo:
        return None, name
    if (archive := archive_at(name)) is not None and ("#" not in name or archive.exists()):
        return archive, None
    path, _, ref = name.rpartition("#")
    return (archive_at(path), ref) if path and ref else (None, name)


def archive_at(name: str) -> Path | None:
    """The archive that an argument means; None for one that is a reference."""
    from imgtui.engine.archive.folder import is_layout

    path = Path(name)
    no_tag = name.startswith(("/", "./", "../")) or path.suffix in {".tar", ".tgz", ".gz", ".zst"}
    return path if no_tag or path.is_file() or is_layout(path) else None


def demo(environ: Mapping[str, str], *, read_only: bool = False) -> DemoEngine:
    """The built-in engine. IMGTUI_DEMO_IMAGES adds so many generated images, for measurements."""
    from imgtui.engine.demo.engine import demo_engine

    images = environ.get("IMGTUI_DEMO_IMAGES", "0")
    number = int(images) if images.isdigit() else 0
    return demo_engine(int(time.time()), images=number, read_only=read_only)


def demo_recorder(engine: DemoEngine) -> Recorder:
    """A recorder whose log is as if the demo had been watched for some time."""
    from imgtui.operations.taglog.recording import Recorder
    from imgtui.store.state import State
    from imgtui.store.tag_log import TagLog

    state = State(None)
    TagLog(state, engine.connect().id).restore(engine.diary)
    return Recorder(engine, lambda: state)
