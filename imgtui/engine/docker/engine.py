"""A real engine: Docker or Podman, over its HTTP API."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from imgtui.engine.docker.archives import DockerArchives
from imgtui.engine.docker.builds import DockerBuilds
from imgtui.engine.docker.connection import DockerConnection, understood
from imgtui.engine.docker.containers import DockerContainers
from imgtui.engine.docker.distribution import DockerDistribution
from imgtui.engine.docker.registry import DockerRegistry
from imgtui.engine.docker.removal import DockerRemovals
from imgtui.engine.port.engine import EventStream, Listing
from imgtui.engine.port.errors import EngineError, NotUnderstood, Unavailable
from imgtui.engine.wire import translate
from imgtui.engine.wire.answers import Entry, entries
from imgtui.engine.wire.facts import checked_history, checked_inspect, to_document
from imgtui.engine.wire.listing import list_in_parts
from imgtui.engine.wire.traces import traces as read_traces
from imgtui.model.core.event import Event
from imgtui.model.core.image import Container, Image, Store
from imgtui.model.core.labels import CREATED_FROM, own_labels
from imgtui.model.core.reference import Reference
from imgtui.model.taglog.traces import Traces

if TYPE_CHECKING:
    from imgtui.engine.connect.endpoint import Endpoint
    from imgtui.engine.docker.client import Answer

IMAGE_ACTIONS = ("tag", "untag", "delete", "create", "load", "import", "pull", "push", "prune")
CONTAINER_ACTIONS = (
    "create",
    "start",
    "die",
    "destroy",
    "rename",
    "pause",
    "unpause",
    "commit",
    "health_status",
)
"""Health checks send `exec_create` every few seconds: the engine is asked to leave them out."""

PARTS_FROM = 50
"""Image records from which the containerd store is listed in parts: it takes 6 to 12 ms an image."""

SECOND = 1_000_000_000
HEX = re.compile(r"[0-9a-f]{4,64}")

LATE_SECONDS: Final = 0.15
"""The time after which an event of Podman 4.3 is surely in its file, as measured."""


class DockerEngine:
    """The images of one engine, and what happens to them; its other parts do what their names say."""

    def __init__(
        self, endpoint: Endpoint, *, read_only: bool = False, environ: Mapping[str, str] = os.environ
    ) -> None:
        """`environ` is that of the programs that build for it."""
        connection = self._connection = DockerConnection(endpoint, read_only=read_only, environ=environ)
        self.connect, self.close = connection.connect, connection.close

        archives = DockerArchives(connection)
        self.save_images, self.load_images = archives.save_images, archives.load_images

        builds = DockerBuilds(connection)
        self.builder, self.start_build = builds.builder, builds.start_build
        self.build_records, self.compose_service = builds.build_records, builds.compose_service

        registry = DockerRegistry(connection)
        self.pull, self.push = registry.pull, registry.push
        self.remote_tag = DockerDistribution(connection).remote_tag

        removals = DockerRemovals(connection)
        self.holdings, self.remove_image = removals.holdings, removals.remove_image
        self.build_cache, self.prune_build_cache = removals.build_cache, removals.prune_build_cache

        containers = DockerContainers(connection)
        self.inspect_container, self.podman_document = (
            containers.inspect_container,
            containers.podman_document,
        )
        self.create_container, self.remove_container = (
            containers.create_container,
            containers.remove_container,
        )
        self.start_container, self.stop_container = containers.start_container, containers.stop_container
        self.rename_container, self.set_restart = containers.rename_container, containers.set_restart
        self.connect_network, self.disconnect_network = (
            containers.connect_network,
            containers.disconnect_network,
        )
        self.image_config, self.container_log = containers.image_config, containers.container_log
        self.has_path, self.changed_paths = containers.has_path, containers.changed_paths
        self.file_stat, self.read_file = containers.file_stat, containers.read_file
        self.put_file, self.taken_ports = containers.put_file, containers.taken_ports
        self.proxies, self.networks = containers.proxies, containers.networks

        self._created_from: dict[str, tuple[str | None, str | None]] = {}
        """The tag that each container was created from, and the one that stands beside its digest, by ID."""
        self._image_labels: dict[str, Mapping[str, str]] = {}
        """The labels of imgtui's that images have, by image ID: an image never changes."""

    def clock(self) -> int:
        """`SystemTime` of `/info`."""
        return self._connection.get(
            "/info", lambda told: translate.nanoseconds(Entry(told).text("SystemTime", 64))
        )

    def list_images(self) -> Iterator[Listing]:
        """One request; on a large containerd store many small ones, side by side."""
        info = self._connection.known()
        if info.store is Store.CONTAINERD and info.records >= PARTS_FROM:
            with self._connection.failures():
                yield from list_in_parts(self._images, info.records)
            return
        yield Listing(tuple(self._images({})))

    def find_images(self, references: Sequence[str]) -> list[Image]:
        """One request with a filter on names; no request for no names.

        Podman wants every filter met, so it is asked for one name at a time; it answers with all
        tags, and with repositories that only end in the name (4.3).
        """
        if not references:
            return []
        several = self._connection.known().store is Store.PODMAN
        requests = [[name] for name in references] if several else [list(references)]
        found = {image.id: image for names in requests for image in self._images({"reference": names})}
        wanted = set(references)
        named = (
            replace(
                image,
                tags=tuple(tag for tag in image.tags if tag in wanted),
                keeps=tuple(keep for keep in image.keeps if keep in wanted),
            )
            for image in found.values()
        )
        return [image for image in named if image.tags or image.keeps or wanted & {*image.repo_digests}]

    def dangling_images(self) -> list[Image]:
        """One request with the filter `dangling`."""
        return self._images({"dangling": ["true"]})

    def image(self, name: str) -> Image | None:
        """One `inspect`."""
        info = self._connection.known()
        return self._connection.find(f"/images/{name}/json", lambda raw: translate.inspected_image(raw, info))

    def document(self, image_id: str, *, reveal: bool = False) -> str | None:
        """`inspect` and `history`.

        The containerd store has no history of an image of another platform that was built and never run
        (moby issue 50851, Docker 28.3): it is told without one, if the image is still there after that.
        """
        inspect = self._connection.find(f"/images/{image_id}/json", checked_inspect)
        history = (
            None if inspect is None else self._connection.find(f"/images/{image_id}/history", checked_history)
        )
        if history is None:
            inspect = (
                None
                if inspect is None
                else self._connection.find(f"/images/{image_id}/json", checked_inspect)
            )
        return None if inspect is None else to_document(inspect, history, reveal=reveal)

    def traces(self, image_id: str) -> Traces:
        """One `inspect`: of Podman its own, as its compatible one leaves out earlier names (4.3)."""
        podman = self._connection.known().store is Store.PODMAN
        path = f"{translate.PODMAN_API}/images/{image_id}/json" if podman else f"/images/{image_id}/json"
        return self._connection.find(path, read_traces, versioned=not podman) or Traces()

    def containers(self, ids: Sequence[str] | None = None) -> list[Container]:
        """One list, and one `inspect` for each container whose tag does not point at its image.

        Those that are asked for by ID are inspected too: an event told that one is in another state.

        A list names the reference a container was created from only as long as it points at the
        image that runs, else the image ID (moby `daemon/list.go`; Docker 20.10, 28.5).
        """
        if ids is not None and not ids:
            return []
        params: dict[str, object] = {"all": "1"}
        if ids is not None:
            params["filters"] = {"id": list(ids)}
        now = time.time()
        found = self._connection.get(
            "/containers/json", lambda raw: [self._container(entry, now) for entry in entries(raw)], params
        )
        if ids is not None:
            # Who leaves the filter aside, as a proxy may, lists others too.
            asked = {each.id: each for each in found if each.id.startswith(tuple(ids))}
            found = [self._to_the_second(container) for container in asked.values()]
        for gone in {*(ids or ())} - {container.id for container in found}:
            self._created_from.pop(gone, None)
        return found

    def events(self) -> EventStream:
        """`/events` for images and containers."""
        with self._connection.failures():
            return DockerEvents(self._connection.connected().follow_json("/events", self._span({})))

    def past_events(self, since: int) -> list[Event]:
        """`/events` up to now by the engine's clock: an `until` that is over ends the answer.

        Podman 4.3 tells nothing at all then, or waits; of its file, `stream` without it ends the answer. It
        writes an event into that file up to 0.1 s after the act, so that this is waited for.
        """
        info = self._connection.known()
        if info.store is Store.PODMAN:
            time.sleep(LATE_SECONDS)
        now = info.clock_ns + time.monotonic_ns() - self._connection.connected_at
        end = {"stream": "false"} if info.store is Store.PODMAN else {"until": _timestamp(now)}
        span = self._span({"since": _timestamp(since), **end})
        with self._connection.failures():
            told = _events(self._connection.connected().list_json("/events", span))
            return list(dict.fromkeys(told))  # one of the same nanosecond was sent twice

    def tag(self, image_id: str, reference: str) -> None:
        """`POST /images/{id}/tag`."""
        named = Reference.parse(reference)
        self._connection.send("POST", f"/images/{image_id}/tag", {"repo": named.name, "tag": named.tag})

    def untag(self, reference: str) -> None:
        """`DELETE /images/{reference}`: with its last name the image goes too, but no parent of it."""
        self._connection.send("DELETE", f"/images/{reference}", {"noprune": "1"})

    def _span(self, span: Mapping[str, object]) -> Mapping[str, object]:
        """What asks for the events of a span of time."""
        filters: dict[str, list[str]] = {"type": ["image", "container"]}
        if self._connection.known().store is not Store.PODMAN:
            filters["event"] = sorted({*IMAGE_ACTIONS, *CONTAINER_ACTIONS})
        return {"filters": filters, **span}

    def _images(self, filters: Mapping[str, list[str]]) -> list[Image]:
        info = self._connection.known()
        params: dict[str, object] = {"filters": dict(filters)} if filters else {}
        if info.store is Store.CONTAINERD:
            params["manifests"] = "1"
        return self._connection.get(
            "/images/json",
            lambda raw: [translate.listed_image(entry, info) for entry in entries(raw)],
            params,
        )

    def _container(self, entry: Entry, now: float) -> Container:
        own = self._own_labels(entry)
        untold = ""
        try:
            created_from, pinned = self._reference_of(entry, own)
        except (Unavailable, NotUnderstood):
            raise
        except EngineError as error:  # the others can be listed
            created_from, pinned, untold = None, None, error.message or "it does not say why"
        container = translate.listed_container(entry, created_from, now, own)
        container = replace(container, pinned=pinned, untold=untold)
        podman = self._connection.known().store is Store.PODMAN  # whose list has only paths
        return container if podman else replace(container, mounts=translate.mounted_images(entry))

    def _own_labels(self, entry: Entry) -> Mapping[str, str]:
        """The labels of imgtui's that were given to a container itself, not by its image."""
        labels = own_labels(entry.text_values("Labels"), {})
        image_id = entry.optional_image_id("ImageID")
        if not labels or not image_id:
            return labels
        if image_id not in self._image_labels:
            try:
                config = self.image_config(image_id)
            except Unavailable:
                raise
            except EngineError:  # one image that cannot be inspected keeps no container from being listed
                config = None
            if config is None:  # nobody knows what it had
                return labels
            self._image_labels[image_id] = own_labels(Entry(config).text_values("Labels"), {})
        return own_labels(labels, self._image_labels[image_id])

    def _reference_of(self, entry: Entry, own: Mapping[str, str]) -> tuple[str | None, str | None]:
        """The tag that it was created from, and the one that stands beside its digest. Raises EngineError."""
        identifier = entry.container_id("Id")
        remembered = own.get(CREATED_FROM)
        if remembered is not None:  # what imgtui starts, it starts by digest
            return translate.created_from(remembered), None
        if identifier not in self._created_from:
            name = entry.raw_text("Image")
            if name is not None and name.startswith("sha256:"):
                name = self._connection.find(f"/containers/{identifier}/json", _name_it_was_created_from)
            by_id = name is not None and HEX.fullmatch(name) is not None
            matches = by_id and entry.optional_image_id("ImageID").startswith(f"sha256:{name}")
            found = (translate.created_from(name), translate.pinned_to(name))
            self._created_from[identifier] = (None, None) if matches else found
        return self._created_from[identifier]

    def _to_the_second(self, container: Container) -> Container:
        """Since when it is in its state, and its health; as the list told them where it is gone by now."""
        try:
            found = self._connection.find(
                f"/containers/{container.id}/json",
                lambda raw: translate.inspected_state(container, Entry(raw), self._connection.ahead),
            )
        except (Unavailable, NotUnderstood):
            raise
        except EngineError:
            return container
        return found or container


def _name_it_was_created_from(raw: object) -> str | None:
    return Entry(raw).needed_entry("Config").raw_text("Image")


class DockerEvents:
    """The event stream of a real engine."""

    def __init__(self, stream: Answer) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[Event]:
        yield from _events(self._stream)

    def close(self) -> None:
        """Shut the connection: the iteration ends at once. Closing again does nothing."""
        self._stream.close()


def _events(messages: Iterable[object]) -> Iterator[Event]:
    """Those that imgtui knows. Raises NotUnderstood."""
    for raw in messages:
        with understood("GET /events"):
            event = translate.event(raw)
        if event is not None:
            yield event


def _timestamp(nanoseconds: int) -> str:
    """Seconds with nanoseconds, as `since` and `until` are given."""
    return f"{nanoseconds // SECOND}.{nanoseconds % SECOND:09}"
