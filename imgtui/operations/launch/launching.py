"""Launches: a container of exactly one digest is made, started and verified; a failed one leaves nothing."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Final

from imgtui.engine.port.containers import Document
from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import EngineError, NotFound, Unavailable, raise_if_lost
from imgtui.engine.wire.answers import NAME_LIMIT
from imgtui.engine.wire.translate import image_id, mapping, nanoseconds, number, text
from imgtui.model.acts.begun import LAUNCHED, Begun, NewContainer, OldContainer
from imgtui.model.acts.changes import RemovedForGood
from imgtui.model.core.clock import SECOND
from imgtui.model.core.digest import short
from imgtui.model.core.image import Store
from imgtui.model.launch.launch import SHELL, SHELL_NAME, Discard, Launch, Shell
from imgtui.model.plans.plan import Plan
from imgtui.operations.acts.act_journal import ActJournal
from imgtui.operations.containers.health import NEVER_RAN, is_never_checked
from imgtui.operations.protocol.updates import STARTING, ContainerSeen
from imgtui.operations.taglog.recording import Recorder

SHELLS: Final[Sequence[tuple[str, ...]]] = (
    ("/bin/bash",),
    ("/usr/bin/bash",),
    ("/usr/local/bin/bash",),
    ("/bin/ash",),
    ("/bin/sh",),
    ("/usr/bin/sh",),
    ("/busybox/sh",),
    ("/bin/busybox", "sh"),
    ("/busybox/busybox", "sh"),
)
"""Where images have their shells, the better ones first; `/busybox` is where distroless images have it."""
_ENDPOINT: Final = re.compile(r"^.*endpoint \S+ \([0-9a-f]{64}\): ")
"""What Docker says before the reason why a port cannot be had; it fills two lines."""
NEVER_CHECKED: Final = "running, nobody runs its health check here"
LOG_LINES: Final = 100
"""Last lines of a log that are shown."""
REASON_LINES: Final = 3
"""Last lines of a log in the reason why a container did not start."""

Tell = Callable[[str], None]
"""Hears one line about what is done now."""


@dataclass(frozen=True, slots=True)
class Made:
    """A container that is made, and does not run yet."""

    container_id: str
    name: str
    image_id: str
    number: int | None
    """Of the act in the journal."""
    at_work: ExitStack = field(default_factory=ExitStack, repr=False)
    """Until it is closed nobody takes the launch for interrupted."""


class Launching:
    """Launches on the engine that a recorder follows. `keep` does the plan of a keep."""

    def __init__(self, engine: Engine, recorder: Recorder, keep: Callable[[Plan], None]) -> None:
        self._engine = engine
        self._recorder = recorder
        self._journal = ActJournal(recorder)
        self._keep = keep

    def make(self, launch: Launch, tell: Tell) -> Made:
        """Keep the digest if that is wanted, and make the container; it does not run yet.

        Raises EngineError; then there is no container.
        """
        if launch.keep is not None:
            tell(f"keeping {short(launch.image_id)}")
            self._keep(launch.keep)
        if self._engine.image(launch.image_id) is None:
            raise NotFound(f"{short(launch.image_id)} is gone from this engine: nothing was done")
        if launch.name and self._engine.inspect_container(launch.name) is not None:
            raise EngineError(f"{launch.name} is taken by now: nothing was done")
        with ExitStack() as at_work:
            at_work.enter_context(self._journal.at_work())
            made = self._make(launch, tell)
            made.at_work.push(at_work.pop_all())
            return made

    def _make(self, launch: Launch, tell: Tell) -> Made:
        wanted = NewContainer(launch.name, launch.image_id, secrets.token_hex(8))
        number = self._journal.begin(launch.title, launch.commands, begun_as=Begun(launched=wanted))
        tell(f"creating {launch.name or 'a container'} from {short(launch.image_id)}")
        with self._failing(number):
            identifier = self._create(launch, wanted)
        made = Made(identifier, launch.name, launch.image_id, number)
        try:
            return replace(made, name=self._complete(made, launch) or launch.name)
        except EngineError as error:
            raise_if_lost(error)
            raise self._failed(made, str(error)) from error

    def _complete(self, made: Made, launch: Launch) -> str:
        """Connect it to its networks; the name that it has. Raises EngineError where it is not as planned."""
        found = self._engine.inspect_container(made.container_id) or {}
        if image_id(found.get("Image")) != launch.image_id:
            raise EngineError(f"the engine made it from another image than {short(launch.image_id)}")
        for network in launch.rest.networks:
            try:
                self._engine.connect_network(network, made.container_id, {})
            except EngineError as error:
                raise_if_lost(error)
                raise EngineError(f"network {network}: {error}") from error
        if launch.rest.networks:
            settings = mapping(
                (self._engine.inspect_container(made.container_id) or {}).get("NetworkSettings")
            )
            if missing := sorted({*launch.rest.networks} - mapping(settings.get("Networks")).keys()):
                raise EngineError(f"it was not connected to the network {missing[0]}")
        return _name(found)

    def _create(self, launch: Launch, wanted: NewContainer) -> str:
        """The ID of the new container. Raises EngineError; then there is none, if the engine answers."""
        body = launch.body
        body["Labels"] = {**mapping(body["Labels"]), LAUNCHED: wanted.word}
        try:
            return self._engine.create_container(launch.name, body)
        except EngineError:
            # Its answer may be lost, or odd, and the container there.
            if (found := launched(self._engine, wanted)) is not None:
                self._engine.remove_container(text(found.get("Id"), NAME_LIMIT), volumes=True)
            raise

    def start(self, made: Made, tell: Tell) -> ContainerSeen:
        """Start what was made, and look at it. Raises EngineError; then it is taken away again."""
        with made.at_work:
            return self._start(made, tell)

    def _start(self, made: Made, tell: Tell) -> ContainerSeen:
        tell(f"starting {made.name}")
        try:
            self._engine.start_container(made.container_id)
        except Unavailable as lost:
            return self._started(made, str(lost))  # where the engine answers again, it shows what was done
        except EngineError as error:
            raise self._failed(made, str(error)) from error
        return self._started(made)

    def started(self, made: Made, complaint: str = "") -> ContainerSeen:
        """Look at what was to be started, by others too. Raises EngineError where it never ran.

        `complaint` is what who should have started it said.
        """
        with made.at_work:
            return self._started(made, complaint)

    def _started(self, made: Made, complaint: str = "") -> ContainerSeen:
        # It may run by now: where that is not told, the act stays open, and nothing is taken away.
        found = self._engine.inspect_container(made.container_id)
        if found is None and complaint:
            raise self._failed(made, complaint)
        state = mapping(found.get("State")) if found is not None else {}
        if text(state.get("Status")) in NEVER_RAN:
            raise self._failed(made, text(state.get("Error")) or complaint or "nothing has started it")
        if found is not None and image_id(found.get("Image")) != made.image_id:
            raise self._failed(made, f"it does not run {short(made.image_id)}")
        self._journal.end(made.number, "done")
        return self._seen(made.container_id, made.name, found)

    def look(self, container_id: str, name: str) -> ContainerSeen:
        """A container as it is now. Raises EngineError."""
        return self._seen(container_id, name, self._engine.inspect_container(container_id))

    def discard(self, what: Discard) -> None:
        """Stop and remove a container. Raises EngineError."""
        with self._journal.at_work():
            self._discard(what)

    def _discard(self, what: Discard) -> None:
        before = self._engine.inspect_container(what.container_id) or {}
        ran = mapping(before.get("State")).get("Running") is True
        old = OldContainer(what.container_id, what.name, what.title, ran)
        number = self._journal.begin(what.title, what.commands, begun_as=Begun(discarded=old))
        try:
            self._remove(what)
        except EngineError as error:
            raise_if_lost(error)
            if self._engine.inspect_container(what.container_id) is not None:  # whatever was answered
                again = run_again(self._engine, old)
                self._journal.end(number, "; ".join(filter(None, (f"failed: {error}", again))))
                raise EngineError("; ".join(filter(None, (f"{what.name}: {error}", again)))) from error
        final = RemovedForGood(0, 0, what.title, (), what.name, container_id=what.container_id).to_json()
        self._journal.end(number, "done", progress=final)

    def _remove(self, what: Discard) -> None:
        with suppress(NotFound):  # it went when it was stopped, or before
            self._engine.stop_container(what.container_id)
            self._engine.remove_container(what.container_id)
        if self._engine.inspect_container(what.container_id) is not None:
            raise EngineError("the engine took it, but it is still there")

    def shell(self, what: Shell, owner: str) -> Launch:
        """The launch of a throw-away shell. Raises EngineError where the image has none.

        What it has is seen in a container that never runs, and is removed. `owner` says which process it
        is for, so that it can be told whether somebody still uses it.
        """
        label, name = f"{SHELL}={owner}", f"{SHELL_NAME}{secrets.token_hex(4)}"
        body: Document = {"Image": what.image_id, "Entrypoint": ["/bin/sh"], "Labels": {SHELL: owner}}
        probe = self._engine.create_container(name, body)
        try:
            found = next((each for each in SHELLS if self._engine.has_path(probe, each[0])), None)
        finally:
            self._engine.remove_container(probe, volumes=True)
        if found is None:
            raise NotFound(f"{short(what.image_id)} has no shell")
        return Launch(
            what.image_id, name, what.tag, entrypoint=found, labels=(label,), terminal=True, remove=True
        )

    def _failed(self, made: Made, reason: str) -> EngineError:
        """Take away what did not start; the error that says why, with the last lines of its log."""
        said: tuple[str, ...] = ()
        left = "was removed"
        try:
            said = self._engine.container_log(made.container_id, REASON_LINES)
            self._engine.remove_container(made.container_id, volumes=True)
            if self._engine.inspect_container(made.container_id) is not None:
                left = f"is still there (docker rm -f {made.name})"
        except NotFound:
            pass  # Docker has removed one by itself that was to go when it ends
        except EngineError as error:
            raise_if_lost(error)  # what is there shows when the engine is back
            left = f"could not be removed (docker rm -f {made.name}: {error})"
        told = " | ".join((_ENDPOINT.sub("", reason), *(line.strip() for line in said if line.strip())))
        self._journal.end(made.number, f"failed: {told}")
        return EngineError(f"{made.name} did not start and {left}: {told}")

    def _seen(self, container_id: str, name: str, found: Document | None) -> ContainerSeen:
        if found is None:
            return ContainerSeen(container_id, name)
        try:
            log = self._engine.container_log(container_id, LOG_LINES)
        except NotFound:
            return ContainerSeen(container_id, name)
        state = _state(found)
        if state.endswith(STARTING) and self._is_never_checked(found):
            state = NEVER_CHECKED
        return ContainerSeen(container_id, _name(found), image_id(found.get("Image")), state, log)

    def _is_never_checked(self, found: Document) -> bool:
        """Podman has systemd run health checks: where that is not there none is."""
        info = self._recorder.info
        if info is None or info.store is not Store.PODMAN:
            return False
        since = nanoseconds(mapping(found.get("State")).get("StartedAt"))
        return is_never_checked(found, (self._recorder.now - since) / SECOND)

    @contextmanager
    def _failing(self, act: int | None) -> Iterator[None]:
        """A refusal ends an act; a loss of the engine does not: what was done shows when it is back."""
        try:
            yield
        except EngineError as error:
            raise_if_lost(error)
            self._journal.end(act, f"failed: {error}")
            raise


def run_again(engine: Engine, old: OldContainer) -> str:
    """Start one that was stopped and is not removed; what there is to say of it. Raises Unavailable."""
    try:
        found = engine.inspect_container(old.container_id)
        if found is None or not old.ran or mapping(found.get("State")).get("Running"):
            return ""
        engine.start_container(old.container_id)
    except EngineError as error:
        raise_if_lost(error)
        return f"{old.name} is stopped, and could not be started again: {error}"
    return f"{old.name} is started again"


def launched(engine: Engine, wanted: NewContainer) -> Document | None:
    """The container that a launch has made; None where there is none. Raises EngineError."""
    for known in engine.containers():
        if known.image_id != wanted.image_id:
            continue
        found = engine.inspect_container(known.id)
        labels = mapping(mapping((found or {}).get("Config")).get("Labels"))
        if found is not None and labels.get(LAUNCHED) == wanted.word:
            return found
    return None


def _name(container: Document) -> str:
    return text(container.get("Name"), NAME_LIMIT).lstrip("/")


def _state(container: Document) -> str:
    state = mapping(container.get("State"))
    status = text(state.get("Status"), 32) or "unknown"
    if state.get("Running"):
        health = text(mapping(state.get("Health")).get("Status"), 32)
        return f"{status}, {health}" if health and health != "none" else status
    error = text(state.get("Error"), 300)
    return f"{status} with code {number(state.get('ExitCode'))}" + (f": {error}" if error else "")
