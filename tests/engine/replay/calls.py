"""Every function of the port that imgtui asks an engine by, called once each on the same few things."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final

from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.docker.engine import DockerEngine
from imgtui.model.build.build import Build, BuilderKind
from imgtui.model.containers.compose import Service
from tests.engines.archives import ArchiveImage, docker_archive, layer

MOST: Final = 2_000
"""What is taken of an answer that goes on."""

LOADED: Final = docker_archive([ArchiveImage(["replayed:loaded"], [layer({"loaded": b"1"})])])

Names = Mapping[str, str]
Call = Callable[[DockerEngine, Names], object]


def engine_at(host: str, folder: Path, *, read_only: bool = False) -> DockerEngine:
    """The adapter under test; it finds no program that it could start."""
    endpoint = Endpoint(host, "-H", None, None, folder)
    return DockerEngine(endpoint, read_only=read_only, environ={"PATH": str(folder)})


def _all(told: Any) -> list[object]:
    with closing(told):
        return list(islice(told, MOST))


def _file() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        member = tarfile.TarInfo("etc/copied")
        member.size = 4
        archive.addfile(member, io.BytesIO(b"copy"))
    return made.getvalue()


def _start_and_stop(engine: DockerEngine, names: Names) -> None:
    engine.start_container(names["other"])
    engine.stop_container(names["other"])


def _build(engine: DockerEngine, names: Names) -> list[object]:
    context = Path(names["context"])
    context.mkdir(exist_ok=True)
    (context / "Dockerfile").write_text(f"FROM {names['tag']}\nLABEL a=b\n")
    return _all(engine.start_build(Build(str(context), ("replayed:built",), kind=BuilderKind.CLASSIC)))


CALLS: Final[Mapping[str, Call]] = {
    "connect": lambda engine, _: engine.connect(),
    "clock": lambda engine, _: engine.clock(),
    "list_images": lambda engine, _: list(engine.list_images()),
    "find_images": lambda engine, names: engine.find_images([names["tag"]]),
    "dangling_images": lambda engine, _: engine.dangling_images(),
    "image": lambda engine, names: engine.image(names["image"]),
    "document": lambda engine, names: engine.document(names["image"]),
    "traces": lambda engine, names: engine.traces(names["image"]),
    "containers": lambda engine, names: (engine.containers(), engine.containers([names["container"]])),
    "tag": lambda engine, names: engine.tag(names["image"], "replayed:tagged"),
    "untag": lambda engine, _: engine.untag("replayed:tagged"),
    "save_images": lambda engine, names: len(_all(engine.save_images([names["tag"]]))),
    "load_images": lambda engine, _: _all(engine.load_images(iter([LOADED]))),
    "builder": lambda engine, _: engine.builder(),
    "build_records": lambda engine, names: engine.build_records(names["image"]),
    "compose_service": lambda engine, _: engine.compose_service(Service("p", "s", (), "")),
    "start_build": _build,
    "inspect_container": lambda engine, names: engine.inspect_container(names["container"]),
    "podman_document": lambda engine, names: engine.podman_document(names["container"]),
    "image_config": lambda engine, names: engine.image_config(names["image"]),
    "create_container": lambda engine, names: engine.create_container(
        "replayed-made", {"Image": names["tag"], "Cmd": ["true"]}
    ),
    "connect_network": lambda engine, names: engine.connect_network("replayed", names["other"], {}),
    "disconnect_network": lambda engine, names: engine.disconnect_network("replayed", names["other"]),
    "start_container": _start_and_stop,
    "stop_container": lambda engine, names: engine.stop_container(names["other"]),
    "rename_container": lambda engine, names: engine.rename_container(names["other"], "replayed-renamed"),
    "set_restart": lambda engine, names: engine.set_restart(names["container"], {"Name": "always"}),
    "container_log": lambda engine, names: engine.container_log(names["container"], 20),
    "has_path": lambda engine, names: engine.has_path(names["container"], "/etc/version"),
    "changed_paths": lambda engine, names: engine.changed_paths(names["container"]),
    "file_stat": lambda engine, names: engine.file_stat(names["container"], "/etc/version"),
    "read_file": lambda engine, names: engine.read_file(names["container"], "/etc/version"),
    "put_file": lambda engine, names: engine.put_file(names["container"], _file()),
    "taken_ports": lambda engine, _: engine.taken_ports(),
    "proxies": lambda engine, _: engine.proxies(),
    "networks": lambda engine, _: engine.networks(),
    "push": lambda engine, names: _all(engine.push(names["remote"])),
    "remote_tag": lambda engine, names: engine.remote_tag(names["remote"]),
    "pull": lambda engine, names: _all(engine.pull(names["remote"])),
    "holdings": lambda engine, _: engine.holdings(),
    "build_cache": lambda engine, _: engine.build_cache(),
    "remove_container": lambda engine, names: engine.remove_container(names["other"]),
    "remove_image": lambda engine, names: engine.remove_image(names["spare"]),
    "prune_build_cache": lambda engine, _: engine.prune_build_cache(),
    "past_events": lambda engine, _: engine.past_events(0),
    "events": lambda engine, _: _all(engine.events()),
}
"""In an order in which a real engine can do them all."""


VERBS: Final[Mapping[str, Callable[[Names], tuple[str, ...]]]] = {
    "record": lambda _: ("record", "--once"),
    "ls": lambda _: ("ls",),
    "ls --json": lambda _: ("ls", "--json"),
    "log": lambda _: ("log",),
    "drift": lambda names: ("drift",),
    "drift --registry": lambda names: ("drift", "--registry", "--json"),
    "diff": lambda names: ("diff", names["tag"], names["later"]),
    "keep": lambda names: ("keep", names["tag"], "--plan"),
    "tag": lambda names: ("tag", names["image"], "replayed:latest", "--plan"),
    "rm": lambda _: ("rm", "--unused", "--plan"),
    "rollback": lambda names: ("rollback", "replayed", "--to", names["later"], "--plan"),
    "undo": lambda _: ("undo", "--plan"),
    "doctor": lambda _: ("doctor",),
}
"""What a shell calls that only asks."""


def call_all(engine: DockerEngine, names: Names, calls: Iterable[str] = CALLS) -> dict[str, object]:
    """Call them; what each made, or raised."""
    made: dict[str, object] = {}
    for name in calls:
        try:
            made[name] = CALLS[name](engine, names)
        except Exception as error:  # judged by who asked
            made[name] = error
    with suppress(Exception):
        engine.close()
    return made
