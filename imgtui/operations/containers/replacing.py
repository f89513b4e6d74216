"""Puts one container in the place of another: every step can be reversed, and is noted before it is done.

The new container is created under a name of its own while the old one runs; the old one is stopped, the names
are swapped, the new one is started and watched: log drivers and links take a container's name when it starts.
The old one stays, stopped, with its restart policy off. What is done follows from what the engine says then,
so that everything here can be done again after it was interrupted. No answer is taken for success: what was
asked for is looked at.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from imgtui.engine.port.containers import Containers, Document
from imgtui.engine.port.errors import EngineError, NotFound, raise_if_lost
from imgtui.engine.wire.translate import image_id, mapping
from imgtui.model.clone.restart import restart_flag
from imgtui.model.containers.replacement import Progress, Replacement, Stage
from imgtui.model.core.digest import short
from imgtui.model.core.labels import REPLACES
from imgtui.model.core.printable import printable
from imgtui.operations.containers.health import (
    UNHEALTHY,
    NotWell,
    comes_back,
    health_of,
    id_of,
    is_never_checked,
    is_up,
    name_of,
    patience_of,
    refuse_ill,
    restarts_of,
    runs,
)
from imgtui.operations.containers.users import is_root
from imgtui.operations.protocol.cancellation import Stopped, Tell

SETTLING_SECONDS = 10.0
"""How long a container without a health check has to run without a restart before it is trusted."""
MOST_RESTARTS = 3
"""As many restarts of the new one are no failure at most, where the old one had them too."""
BACK_SECONDS = 2.0
"""The same of one that was put back and started again: it was trusted before."""
LOG_LINES = 5
"""Last lines of its log that are told of a container which is not well."""
LOOK_SECONDS = 0.25
GOING_SECONDS, GOING_LOOK_SECONDS = 30, 0.02
"""How long a container may take to go that goes when it stops: a large file system is removed in seconds."""
NEVER = {"Name": "no", "MaximumRetryCount": 0}

Note = Callable[[Progress], None]
"""Writes down how far a replacement has come; what comes next is done when it returns."""
Before = Callable[[], None]
"""Does what has to be done before the old one is stopped: what shares its namespaces is stopped first."""


@dataclass(frozen=True, slots=True)
class Watch:
    """How long a new container is watched, and whether somebody wants it stopped."""

    settling: float = SETTLING_SECONDS
    """Seconds."""
    stop: threading.Event | None = None
    allow_restarts: int | None = None
    """Restarts by its policy that are no failure; None for as many as the one before had, of a few."""
    health: bool = True
    """Whether its health check counts."""
    checked_by_systemd: bool = False
    """Whether a health check may be one that nobody runs (Podman without systemd)."""

    def pause(self) -> None:
        """Wait before the next look. Raises Stopped."""
        if self.stop is None:
            time.sleep(LOOK_SECONDS)
        elif self.stop.wait(LOOK_SECONDS):
            raise Stopped("stopped by hand")

    def check(self) -> None:
        """Raises Stopped where somebody wants it."""
        if self.stop is not None and self.stop.is_set():
            raise Stopped("stopped by hand")


WATCH = Watch()
"""How new containers are watched where nobody says otherwise."""


class Replacing:
    """Replaces containers of one engine."""

    def __init__(self, engine: Containers, tell: Tell = lambda _: None) -> None:
        self._engine = engine
        self._tell = tell

    def replace(
        self, what: Replacement, progress: Progress, note: Note, watch: Watch, before: Before = lambda: None
    ) -> Progress:
        """Do it up to the point where only names are left to swap.

        `before` is called before the old one is stopped. Raises EngineError: then it is for the caller to
        `reverse` what was noted last.
        """
        note(progress)
        if what.aside is None:
            self._tell(f"making {what.new_name} from {short(what.target)}")
        progress = self._make(what, progress, note)
        if what.running:
            watch.check()
            before()
            progress = self.stop(what, progress, note).at(Stage.START)
            note(progress)
            self._tell(f"starting {what.name} from {short(what.target)}")
            self._swap_names(progress)
            self._start(progress)
            self._wait(progress, watch)
        progress = progress.at(Stage.SWAP)
        note(progress)
        return progress

    def stop(self, what: Replacement, progress: Progress, note: Note) -> Progress:
        """Stop the old one, whose restart policy is taken away; nothing where that is done. As `replace`."""
        if progress.stage is not Stage.MAKE or not what.running:
            return progress
        progress = self._make_spare(what, progress, note).at(Stage.STOP)
        note(progress)
        if not progress.absent:
            self._tell(f"stopping {what.name}")
            self._retire(progress)
        return progress

    def finish(self, progress: Progress, watch: Watch) -> Progress:
        """Swap the names, and have the new one run if the old one did. Raises EngineError."""
        made = self._made(progress)
        if made is None:
            raise NotWell(f"the new {progress.name} is gone")
        if progress.running and not runs(made):
            if not progress.absent:
                self._retire(progress)
            self._swap_names(progress)
            self._start(progress)
            self._wait(progress, watch)
        self._swap_names(progress)
        if not progress.running:
            self._set_restart(made, progress.restart)
            if (old := self._old(progress)) is not None:
                self._set_restart(old, NEVER)
        self._verify(progress)
        return progress.at(Stage.DONE)

    def withdraw(self, progress: Progress) -> str:
        """Take the new one away; the old one has its name again, and is not started. As `reverse`."""
        old, made = self._old(progress), self._made(progress)
        if old is None or made is None:
            return ""
        if progress.aside:
            return self._set_aside(made, progress.aside)
        self._free_name(made, progress)
        self._call(old, progress.name)
        self._tell(f"removing the new {progress.name}")
        self._remove(made)
        return ""

    def is_there(self, progress: Progress) -> bool:
        """Whether what there is to go back to is there. Raises EngineError."""
        return progress.absent or self._old(progress) is not None

    def discard(self, progress: Progress) -> str:
        """Remove the old one, where Compose would count it as a replica; why it is still there, if it is.

        Raises Unavailable.
        """
        if not progress.discards:
            return ""
        left = "it runs by now"
        try:
            if (old := self._old(progress)) is None:
                return ""
            if not runs(old):
                left = "the engine took it, and still has it"
                self._engine.remove_container(id_of(old))
        except EngineError as error:
            raise_if_lost(error)
            left = str(error)
        try:
            return left if self._old(progress) is not None else ""
        except EngineError as error:
            raise_if_lost(error)
            return left

    def go_forward(self, progress: Progress) -> str:
        """Have the new one keep the place, as there is no way back; what is to be said of it.

        Raises EngineError.
        """
        old, made = self._old(progress), self._made(progress)
        if made is None:
            there = "is there any more" if old is None else "can be started: what it shared is gone"
            return f"neither the old nor the new {progress.name} {there}"
        if old is not None and name_of(old) == progress.name:
            self._call(old, progress.retired)
        self._call(made, progress.name)
        self._set_restart(made, progress.restart)
        if progress.running and not runs(made):
            self._engine.start_container(id_of(made))
        return f"there is no way back for {progress.name}: the new one has its place"

    def reverse(self, progress: Progress) -> str:
        """Put everything back as it was; what is to be said of that, which is mostly nothing.

        Raises EngineError, where that cannot be done.
        """
        old, made = self._old(progress), self._made(progress)
        if old is None:
            return self._without_old(progress, made)
        said = ""
        if made is not None and progress.aside:
            said = self._set_aside(made, progress.aside)
        elif made is not None:
            self._free_name(made, progress)
        self._call(old, progress.name)
        self._set_restart(old, progress.restart)  # first: interrupted here, the engine may start it again
        if progress.ran and not runs(old):
            self._tell(f"starting {progress.name} again")
            self._engine.start_container(id_of(old))
        if made is not None and not progress.aside:
            self._tell(f"removing the new {progress.name}")
            self._remove(made)
        spare = self._spare(progress)
        if spare is not None and id_of(spare) != id_of(old):
            self._remove(spare)
        return said

    def ended_again(self, containers: Sequence[Progress], watch: Watch) -> list[str]:
        """What is to be said of those that were put back and started, and do not run a moment later.

        Raises EngineError.
        """
        deadline = time.monotonic() + min(watch.settling, BACK_SECONDS)
        stopped = [each for each in containers if each.ran and each.stage is not Stage.MAKE]
        started = [each for each in stopped if self._old(each) is not None]
        while True:
            ended = [each for each in started if not runs(self._old(each) or {})]
            if len(ended) == len(started) or time.monotonic() >= deadline:
                return [f"{each.name} was started again, and has ended" for each in ended]
            time.sleep(LOOK_SECONDS)

    def why(self, progress: Progress) -> str:
        """The last lines that the new container said, in one line; empty where it said nothing."""
        made = self._made(progress)
        try:
            said = self._engine.container_log(id_of(made), LOG_LINES) if made is not None else ()
        except NotFound:
            said = ()
        return " | ".join(line.strip() for line in said if line.strip())

    # ------------------------------------------------------------------ the steps

    def _without_old(self, progress: Progress, made: Document | None) -> str:
        """Somebody has removed what there was to go back to: the new one takes its place, if it is there.

        A place that was empty before is so again.
        """
        if progress.absent and made is not None:
            if progress.aside:
                return self._set_aside(made, progress.aside)
            self._tell(f"removing the new {progress.name}")
            self._remove(made)
        if progress.absent:
            return ""
        if made is None:
            return f"neither the old nor the new {progress.name} is there any more"
        self._call(made, progress.name)
        self._set_restart(made, progress.restart)
        if progress.running:
            self._engine.start_container(id_of(made))
        return f"the old {progress.name} is gone: the new one has its place"

    def _swap_names(self, progress: Progress) -> None:
        old, made = self._old(progress), self._made(progress)
        if old is not None:
            self._call(old, progress.retired)
        if made is not None:
            self._call(made, progress.name)

    def _free_name(self, made: Document, progress: Progress) -> None:
        """Stop the new one and take the name from it; it is removed when the old one is back."""
        try:
            self._engine.stop_container(id_of(made))
            if name_of(made) == progress.name:
                self._engine.rename_container(id_of(made), progress.new_name)
        except EngineError as error:
            if not isinstance(error, NotFound) and error.status != HTTPStatus.CONFLICT:
                raise
            self._wait_until_gone(id_of(made), name_of(made))  # it goes when it is stopped

    def _make(self, what: Replacement, progress: Progress, note: Note) -> Progress:
        """The spare first: what goes when it stops can do so at any time."""
        progress = self._make_spare(what, progress, note)
        if what.aside is not None:
            return progress
        body = what.body if what.fixed_restart else _without_policy(what.body)
        made = self._create(what.new_name, body, what.networks, what.left)
        progress = replace(progress, made=made)
        note(progress)
        if what.not_root and is_root(self._engine, made, what.not_root):
            user = printable(what.not_root, 100)
            raise EngineError(
                f"{what.name} would run as root: its user {user} is that in {short(what.target)}"
            )
        self._copy_files(what, made)
        return progress

    def _copy_files(self, what: Replacement, made: str) -> None:
        for path in what.files:
            self._engine.put_file(made, self._engine.read_file(what.container_id, path))
            if self._engine.file_stat(made, path) != self._engine.file_stat(what.container_id, path):
                raise EngineError(f"the engine took it, but {printable(path, 200)} was not copied")

    def _make_spare(self, what: Replacement, progress: Progress, note: Note) -> Progress:
        if what.spare is None or not progress.ran or progress.spare is not None:
            return progress
        spare = self._create(progress.spare_name, what.spare, what.spare_networks, what.left)
        progress = replace(progress, spare=spare)
        note(progress)
        self._copy_files(what, spare)
        return progress

    def _create(
        self, name: str, body: Document, networks: Mapping[str, Document], left: Sequence[str]
    ) -> str:
        """Make it, in these networks and not in those that are `left`; its ID. Raises EngineError."""
        made = self._engine.create_container(name, body)
        for network, endpoint in networks.items():
            self._engine.connect_network(network, made, endpoint)
        for network in left:
            self._engine.disconnect_network(network, made)
        if networks or left:
            settings = mapping((self._there(made) or {}).get("NetworkSettings"))
            there = mapping(settings.get("Networks")).keys()
            if missing := sorted(networks.keys() - there):
                raise EngineError(f"the engine took it, but {name} is not in the network {missing[0]}")
            if still := sorted(there & set(left)):
                raise EngineError(f"the engine took it, but {name} is still in the network {still[0]}")
        return made

    def _retire(self, progress: Progress) -> None:
        """Stop the old one, then take its restart policy: interrupted between the two, it comes back."""
        try:
            self._engine.stop_container(progress.container_id)
        except NotFound:
            if progress.spare is None:
                raise  # one that goes when it is stopped has a spare
        old = self._old(progress)
        if old is None:
            return
        if not self._set_restart(old, NEVER):
            self._stop_for_good(old)
            return
        old = self._there(id_of(old))
        if old is not None and runs(old):
            raise EngineError(f"the engine took it, but {progress.name} was not stopped")
        if old is not None and _policy_of(old) != "no":
            raise EngineError(f"the engine took it, but {progress.name} has still its restart policy")

    def _stop_for_good(self, container: Document) -> None:
        """Podman stops nothing that has just ended, and starts it again: until it is met while it runs."""
        deadline = time.monotonic() + GOING_SECONDS
        while runs(container) or comes_back(self._engine, container):
            if time.monotonic() > deadline:
                raise EngineError(f"{name_of(container)} is started again and again, and cannot be stopped")
            self._engine.stop_container(id_of(container))
            container = self._engine.inspect_container(id_of(container)) or {}

    def _start(self, progress: Progress) -> None:
        made = self._made(progress)
        if made is None:
            raise NotWell(f"the new {progress.name} is gone")
        self._set_restart(made, progress.restart)
        self._engine.start_container(id_of(made))

    def _set_restart(self, container: Document, policy: Document) -> bool:
        """Whether it has it now. One that goes when it stops has none (moby `container/hostconfig`)."""
        if mapping(container.get("HostConfig")).get("AutoRemove"):
            return True
        return self._engine.set_restart(id_of(container), policy or NEVER)

    def _wait(self, progress: Progress, watch: Watch) -> None:
        """Until the new one is healthy, or has run long enough. Raises NotWell."""
        began = since = time.monotonic()
        told, restarts, unchecked = -1, 0, False
        allowed = (
            min(progress.restarts, MOST_RESTARTS) if watch.allow_restarts is None else watch.allow_restarts
        )
        while True:
            made = self._made(progress)
            passed = time.monotonic() - began
            seconds = int(passed)
            if not is_up(made) or restarts_of(made or {}) != restarts:
                restarts, since = restarts_of(made or {}), time.monotonic()
            health = health_of(made or {}) if watch.health else ""
            if health and watch.checked_by_systemd and is_never_checked(made or {}, passed):
                if not unchecked:
                    self._tell(f"{progress.name}: nobody runs its health check here, so it does not count")
                unchecked, health = True, ""
            if health == UNHEALTHY and progress.ill:
                health = ""  # as before: it has to run, as those without a check
            refuse_ill(made, health, allowed)
            enough = max(watch.settling, SETTLING_SECONDS) if restarts else watch.settling
            settled = time.monotonic() - since >= enough
            if is_up(made) and (health == "healthy" or (not health and settled)):
                return
            if health and passed > patience_of(made or {}):
                raise NotWell(f"it is still {health} after {seconds} s")
            if seconds != told:
                told = seconds
                waiting = f"health {health}" if health else f"settling, {int(watch.settling)} s"
                self._tell(f"{progress.name} runs: {waiting}, {seconds} s")
            watch.pause()

    def _verify(self, progress: Progress) -> None:
        found = self._there(progress.name)
        is_other = found is not None and progress.made is not None and id_of(found) != progress.made
        if found is None or is_other or image_id(found.get("Image")) != progress.target:
            raise EngineError(f"{progress.name} does not run {short(progress.target)} after all")
        if progress.running and not runs(found):
            raise NotWell(f"{progress.name} does not run")
        policy = restart_flag(progress.restart)
        if not mapping(found.get("HostConfig")).get("AutoRemove") and _policy_of(found) != policy:
            raise EngineError(f"the engine took it, but {progress.name} has not the restart policy {policy}")

    # ------------------------------------------------------------------ what is there

    def _old(self, progress: Progress) -> Document | None:
        """The old one; its spare where it is gone, or about to go, as what goes when it stops does."""
        old, spare = self._there(progress.container_id), self._spare(progress)
        if spare is None or (old is not None and runs(old)):
            return old
        self._wait_until_gone(progress.container_id, progress.name)
        return spare

    def _wait_until_gone(self, container_id: str, name: str) -> None:
        """An engine removes it after it has said that it is stopped: until then it has its name and ports."""
        deadline = time.monotonic() + GOING_SECONDS
        while self._engine.inspect_container(container_id) is not None:
            if time.monotonic() > deadline:
                raise EngineError(f"{name} has ended, and is not removed after {GOING_SECONDS} s")
            time.sleep(GOING_LOOK_SECONDS)

    def _made(self, progress: Progress) -> Document | None:
        """The new one, also where imgtui was ended before it learned its ID."""
        return self._ours(progress.made, progress.new_name, progress.container_id)

    def _spare(self, progress: Progress) -> Document | None:
        return self._ours(progress.spare, progress.spare_name, progress.container_id)

    def _ours(self, identifier: str | None, name: str, replaces: str) -> Document | None:
        if identifier is not None:
            return self._there(identifier)
        found = self._there(name)
        labels = mapping(mapping((found or {}).get("Config")).get("Labels"))
        return found if labels.get(REPLACES) == replaces else None

    def _there(self, name: str) -> Document | None:
        """A container, by ID or name; of one that is being removed, None when it is gone."""
        found = self._engine.inspect_container(name)
        if found is None or mapping(found.get("State")).get("Status") not in {"removing", "dead"}:
            return found
        self._wait_until_gone(id_of(found), name_of(found))
        return None

    def _set_aside(self, container: Document, name: str) -> str:
        """Have it stopped, and called as before it was to take a place; what is to be said of that."""
        self._tell(f"setting {name} aside again")
        if mapping(container.get("HostConfig")).get("AutoRemove") and runs(container):
            self._remove(container)
            return f"{name} is gone: it goes when it is stopped"
        self._set_restart(container, NEVER)
        self._stop_for_good(container)
        self._call(container, name)
        return ""

    def _call(self, container: Document, name: str) -> None:
        if name_of(container) != name:
            self._engine.rename_container(id_of(container), name)

    def _remove(self, container: Document) -> None:
        """It is stopped first: what it writes may be on a volume that the old one goes on with."""
        try:
            self._engine.stop_container(id_of(container))
            self._engine.remove_container(id_of(container))
        except NotFound:
            return  # it went by itself, as one that goes when it stops does
        except EngineError as error:
            if error.status != HTTPStatus.CONFLICT:
                raise
            self._wait_until_gone(id_of(container), name_of(container))  # the engine is at it already


def _policy_of(container: Document) -> str:
    return restart_flag(mapping(mapping(container.get("HostConfig")).get("RestartPolicy")))


def _without_policy(body: Document) -> Document:
    """It gets its policy when it is started: no engine that is restarted starts it before its time."""
    return {**body, "HostConfig": {**mapping(body.get("HostConfig")), "RestartPolicy": NEVER}}
