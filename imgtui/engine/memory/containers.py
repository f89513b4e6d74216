"""Single containers in memory: made, started and stopped by the rules of a real engine.

Nothing runs in them. What a command would do follows from its first word: `false` ends at once with code 1,
everything else stays; a health check whose command is `false` fails, every other one succeeds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from imgtui.engine.memory.acts import MemoryActs, familiar
from imgtui.engine.memory.blueprint import digest_of
from imgtui.engine.port.containers import Document, FileStat
from imgtui.engine.port.errors import EngineError, NotFound
from imgtui.engine.wire.translate import COMPOSE_PROJECT, COMPOSE_SERVICE, created_from, items, mapping, text
from imgtui.model.core.event import Event
from imgtui.model.core.image import Container, Store, TakenPort
from imgtui.model.core.labels import CREATED_FROM, REPLACES
from imgtui.model.safety.json import LIBPOD

ENDS = "false"
"""The command that ends at once, and the health check that fails."""


@dataclass
class _Made:
    """What a container was made of, and what became of it."""

    config: dict[str, object]
    host: dict[str, object]
    networks: dict[str, object]
    mounts: list[Mapping[str, object]] = field(default_factory=list)
    by_hand: bool = False
    """Whether it was stopped by hand: then it is not started with the engine."""
    exit_code: int = 0


class MemoryContainers(MemoryActs):
    """Containers with all that a real engine tells of them."""

    def __init__(
        self,
        *,
        store: Store = Store.GRAPH,
        name: str = "memory",
        read_only: bool = False,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        super().__init__(store=store, name=name, read_only=read_only, clock=clock)
        self._made: dict[str, _Made] = {}
        self.configured: Mapping[str, str] = {}
        """The variables that docker's configuration gives to containers."""
        self.checks_wait = False
        """Whether no health check has come to an end yet."""

    def inspect_container(self, name: str) -> Document | None:
        """Tell everything of a container."""
        self._reach()
        with self._lock:
            found = self._container(name)
            return None if found is None else self._document(found)

    def podman_document(self, name: str) -> Document | None:
        """Nothing: it is not Podman."""
        self._reach()
        del name
        return None

    def image_config(self, image_id: str) -> Document | None:
        """Tell what an image gives to containers."""
        self._reach()
        with self._lock:
            blueprint = self._images.blueprint(self._resolve(image_id))
        return None if blueprint is None else dict(blueprint.config)

    def create_container(self, name: str, body: Document, *, platform: str = "") -> str:
        """Make a container; its configuration is united with that of its image."""
        self._change()
        if LIBPOD in body:
            raise EngineError(f"{name} has options that only Podman has")
        reference = text(body.get("Image"))
        with self._lock:
            image = self._find(reference)
            blueprint = self._images.blueprint(image.id)
            if blueprint is not None and platform and platform != f"linux/{blueprint.architecture}":
                raise NotFound(f"image with reference {reference} was found but its platform is another one")
        identifier = self.run(
            name, reference if created_from(reference) else image.id, state="created", status="Created"
        )
        with self._lock:
            config, host = united(mapping(blueprint.config if blueprint else {}), body)
            networks = dict(mapping(mapping(body.get("NetworkingConfig")).get("EndpointsConfig")))
            made = _Made(config, host, networks or {text(host.get("NetworkMode")) or "bridge": {}})
            made.mounts = _mounts(identifier, config, host)
            self._made[identifier] = made
            labels = mapping(body.get("Labels"))
            known = self._containers[identifier]
            self._containers[identifier] = replace(
                known,
                created_from=created_from(labels.get(CREATED_FROM)) or known.created_from,
                replaces=text(labels.get(REPLACES)) or None,
                compose_project=text(labels.get(COMPOSE_PROJECT)) or None,
                compose_service=text(labels.get(COMPOSE_SERVICE)) or None,
            )
        return identifier

    def connect_network(self, network: str, container_id: str, endpoint: Document) -> None:
        """Connect a container to one more network."""
        self._change()
        with self._lock:
            self._made_of(self._named(container_id)).networks[network] = dict(endpoint)

    def disconnect_network(self, network: str, container_id: str) -> None:
        """Take a container out of a network."""
        self._change()
        with self._lock:
            if self._made_of(self._named(container_id)).networks.pop(network, None) is None:
                raise EngineError(
                    f"container {container_id} is not connected to network {network}", status=500
                )

    def start_container(self, container_id: str) -> None:
        """Start a container, unless a host port that it needs is taken."""
        self._change()
        with self._lock:
            known = self._named(container_id)
            if known.running:
                return
            made = self._made_of(known)
            for other in self._containers.values():
                if other.running and (taken := _ports(self._made_of(other)) & _ports(made)):
                    raise EngineError(
                        f"Bind for 0.0.0.0:{min(taken)} failed: port is already allocated", status=500
                    )
            ends = _command(made.config)[:1] == [ENDS]
            made.by_hand, made.exit_code = False, 1 if ends else 0
            self._become(known, "exited" if ends else "running")
        actions = ["start", "die"] if ends else ["start"]
        self._send(*(Event("container", action, known.id) for action in actions))
        if ends and made.host.get("AutoRemove"):
            self.discard(known.id)

    def stop_container(self, container_id: str) -> None:
        """Stop a container; one that is not to stay goes away."""
        self._change()
        with self._lock:
            known = self._named(container_id)
            if not known.running:
                return
            made = self._made_of(known)
            made.by_hand = True
            self._become(known, "exited")
        self._send(Event("container", "die", known.id))
        if made.host.get("AutoRemove"):
            self.discard(known.id)

    def rename_container(self, container_id: str, name: str) -> None:
        """Give a container a name that no other has."""
        self._change()
        with self._lock:
            known = self._named(container_id)
            if any(other.name == name and other.id != known.id for other in self._containers.values()):
                raise EngineError(f'conflict: the container name "{name}" is already in use', status=409)
            self._containers[known.id] = replace(known, name=name)
        self._send(Event("container", "rename", known.id))

    def set_restart(self, container_id: str, policy: Document) -> bool:
        """Change the restart policy."""
        self._change()
        with self._lock:
            host = self._made_of(self._named(container_id)).host
            if host.get("AutoRemove") and text(policy.get("Name")) not in {"", "no"}:
                raise EngineError("conflict: a container that is removed after it ran is not restarted", 409)
            host["RestartPolicy"] = {"Name": "no", "MaximumRetryCount": 0, **policy}
        return True

    def remove_container(self, container_id: str, *, volumes: bool = False) -> None:
        """Take a container away."""
        self._change()
        self.discard(self._named(container_id).id)

    def container_log(self, container_id: str, lines: int) -> tuple[str, ...]:
        """Tell what it said: nothing, as nothing runs in it, but that it ended."""
        self._reach()
        with self._lock:
            made = self._made_of(self._named(container_id))
        return (f"ended with exit code {made.exit_code}",)[:lines] if made.exit_code else ()

    def has_path(self, container_id: str, path: str) -> bool:
        """Tell whether a path is there: of a file system in memory only the shell is known."""
        self._reach()
        with self._lock:
            blueprint = self._images.blueprint(self._named(container_id).image_id)
            command = items(blueprint.config.get("Cmd")) if blueprint is not None else []
        return path == "/bin/sh" and "sh" in map(text, command)

    def changed_paths(self, container_id: str) -> tuple[str, ...]:
        """Nothing: a container in memory writes nothing."""
        self._reach()
        del container_id
        return ()

    def file_stat(self, container_id: str, path: str) -> FileStat | None:
        """Nothing: no file was put into it."""
        self._reach()
        del container_id, path
        return None

    def read_file(self, container_id: str, path: str) -> bytes:
        """Refuse it: there is no file in it."""
        self._reach()
        raise NotFound(f"Could not find the file {path} in container {container_id}")

    def put_file(self, container_id: str, archive: bytes) -> None:
        """Refuse it: a container in memory has no file system."""
        self._change()
        del archive
        raise EngineError(f"{container_id} has no file system")

    def taken_ports(self) -> tuple[TakenPort, ...]:
        """The host ports of what runs."""
        self._reach()
        with self._lock:
            return tuple(
                TakenPort(f"{port}/{name.partition('/')[2]}", text(binding.get("HostIp")), known.name)
                for known in self._containers.values()
                if known.running
                for name, bound in mapping(self._made_of(known).host.get("PortBindings")).items()
                for binding in map(mapping, items(bound))
                if (port := text(binding.get("HostPort")))
            )

    def proxies(self) -> Mapping[str, str]:
        """What `configured` says."""
        return self.configured

    def networks(self) -> frozenset[str]:
        """The networks of every engine, and those that containers are in."""
        self._reach()
        with self._lock:
            used = {name for made in self._made.values() for name in made.networks}
        return frozenset({"bridge", "host", "none", *used})

    def restart_engine(self) -> None:
        """End everything that runs and come back, as a real engine does: by the containers' policies."""
        self.stop_answering()
        self.answer_again()
        with self._lock:
            ran = [known for known in self._containers.values() if known.running]
            for known in ran:
                self._become(known, "exited")
            ids = {known.id for known in ran}
            for known in [*self._containers.values()]:
                made = self._made_of(known)
                policy = text(mapping(made.host.get("RestartPolicy")).get("Name"))
                ended = known.id in ids
                again = policy == "always" or (policy in {"unless-stopped", "on-failure"} and ended)
                if again and not made.by_hand:
                    self.start_container(known.id)
                elif made.host.get("AutoRemove"):
                    self.discard(known.id)

    def _container(self, name: str) -> Container | None:
        found = self._containers.get(name)
        return found or next((known for known in self._containers.values() if known.name == name), None)

    def _named(self, name: str) -> Container:
        self._reach()
        found = self._container(name)
        if found is None:
            raise NotFound(f"No such container: {name}")
        return found

    def _made_of(self, container: Container) -> _Made:
        """What a container was made of; of one that was only run, its image's configuration."""
        if container.id not in self._made:
            blueprint = self._images.blueprint(container.image_id)
            body: dict[str, object] = {"Image": container.created_from or container.image_id}
            if container.compose_project and container.compose_service:
                body["Labels"] = {
                    COMPOSE_PROJECT: container.compose_project,
                    COMPOSE_SERVICE: container.compose_service,
                }
            config, host = united(mapping(blueprint.config if blueprint else {}), body)
            mounts = _mounts(container.id, config, host)
            self._made[container.id] = _Made(config, host, {"bridge": {}}, mounts)
        return self._made[container.id]

    def _become(self, container: Container, state: str) -> None:
        status = "Up 1 second" if state == "running" else f"Exited ({self._made_of(container).exit_code})"
        health = self._health(self._made_of(container)) if state == "running" else ""
        since = self._clock() // 1_000_000_000
        self._containers[container.id] = replace(
            container, state=state, status=status, since=since, since_exact=True, health=health
        )

    def _health(self, made: _Made) -> str:
        check = [text(word) for word in items(mapping(made.config.get("Healthcheck")).get("Test"))]
        if not check or check[0] == "NONE":
            return ""
        if self.checks_wait:
            return "starting"
        return "unhealthy" if ENDS in check else "healthy"

    def _document(self, container: Container) -> Document:
        made = self._made_of(container)
        state: dict[str, object] = {
            "Status": container.state,
            "Running": container.running,
            "Paused": container.state == "paused",
            "Restarting": container.state == "restarting",
            "ExitCode": made.exit_code,
        }
        if container.running and (health := self._health(made)):
            state["Health"] = {"Status": health, "Log": []}
        return {
            "Id": container.id,
            "Name": f"/{container.name}",
            "Image": container.image_id,
            "Created": datetime.fromtimestamp(container.created or time.time(), UTC).isoformat(),
            "State": state,
            "RestartCount": 0,
            "Config": dict(made.config),
            "HostConfig": dict(made.host),
            "NetworkSettings": {"Networks": dict(made.networks)},
            "Mounts": list(made.mounts),
        }


def united(image: Document, body: Document) -> tuple[dict[str, object], dict[str, object]]:
    """Configuration and host configuration of a container: what is not said is the image's.

    Environment, labels, ports and volumes are united; a command is the image's only where neither entry
    point nor command was given (moby `daemon/commit.go`, `merge`).
    """
    given = {
        key: value for key, value in body.items() if key not in {"HostConfig", "NetworkingConfig"} and value
    }
    config = {**image, **given}
    names = {text(entry).partition("=")[0] for entry in items(given.get("Env"))}
    inherited = [entry for entry in items(image.get("Env")) if text(entry).partition("=")[0] not in names]
    config["Env"] = [*items(given.get("Env")), *inherited]
    for key in ("Labels", "ExposedPorts", "Volumes"):
        config[key] = {**mapping(image.get(key)), **mapping(given.get(key))}
    if given.get("Entrypoint") and not given.get("Cmd"):
        config["Cmd"] = None
    reference = text(body.get("Image"))
    config["Image"] = familiar(reference) if created_from(reference) else reference
    host = {"NetworkMode": "bridge", "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}}
    return config, {**host, **mapping(body.get("HostConfig"))}


def _mounts(identifier: str, config: Document, host: Document) -> list[Mapping[str, object]]:
    """Where volumes are: the anonymous ones have names that nobody gave."""
    binds = [text(bind).split(":") for bind in items(host.get("Binds"))]
    mounts: list[Mapping[str, object]] = [
        {
            "Type": mount.get("Type"),
            "Name": mount.get("Source"),
            "Destination": mount.get("Target"),
            "RW": not mount.get("ReadOnly"),
        }
        for mount in map(mapping, items(host.get("Mounts")))
    ]
    mounts += [
        {
            "Type": "bind" if source.startswith("/") else "volume",
            "Name": source,
            "Destination": target,
            "RW": "ro" not in mode,
        }
        for source, target, *mode in binds
    ]
    bound = {mount["Destination"] for mount in mounts}
    for target in mapping(config.get("Volumes")):
        if target not in bound:
            name = digest_of(f"{identifier} {target}").removeprefix("sha256:")
            mounts.append({"Type": "volume", "Name": name, "Destination": target, "RW": True})
    return mounts


def _command(config: Document) -> list[str]:
    return [text(word) for word in (*items(config.get("Entrypoint")), *items(config.get("Cmd")))]


def _ports(made: _Made) -> set[str]:
    """The host ports that a container takes."""
    bindings = mapping(made.host.get("PortBindings")).values()
    ports = {text(mapping(binding).get("HostPort")) for bound in bindings for binding in items(bound)}
    return ports - {""}
