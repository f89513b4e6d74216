"""A tag that moved, containers that were created from it, and imgtui as a process that rolls them back."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from imgtui.engine.docker.engine import DockerEngine
from imgtui.model.containers.rollback import Rollback
from imgtui.model.core.digest import short
from imgtui.operations.acts.acts import Acts
from imgtui.operations.containers.rollback import Rollbacks
from imgtui.operations.containers.rollback_plan import plan_rollback
from imgtui.operations.taglog.recording import Recorder
from imgtui.operations.taglog.scan import look
from imgtui.store.journal import Journal, Unfinished
from imgtui.store.state import State
from tests.engine.contract.hands import connect
from tests.engines import content
from tests.engines.kinds import PODMANS
from tests.engines.private import CommandFailedError, PrivateEngine
from tests.engines.waiting import PATIENCE
from tests.verbs.command import CLI, Begun, begin, call, environment

SETTLE: Final = "0.3"
"""Seconds: longer than what ends at once takes to end."""
SERVICE: Final = """\
FROM scratch
ARG VERSION
COPY bin /bin
COPY etc /etc
STOPSIGNAL SIGKILL
"""
"""Told to stop it ends at once, so that nobody waits."""
WAITS: Final = 'CMD ["sleep", "100000"]\n'
LABEL: Final = "com.docker.compose."
ENDS: Final = 'CMD ["sh", "-c", "echo no such database; exit 3"]\n'
ILL: Final = (
    WAITS + 'HEALTHCHECK --interval=100ms --retries=1 CMD ["sh", "-c", "echo cannot connect; exit 1"]\n'
)
SLOW: Final = (
    'CMD ["sh", "-c", "sleep 1; echo > /ready; sleep 100000"]\n'
    'HEALTHCHECK --interval=200ms --retries=30 CMD ["cat", "/ready"]\n'
)

_IMAGES: Final = dict[tuple[str, str], str]()
"""What was built already, by engine and version: Podman takes seconds for each."""


@dataclass(frozen=True)
class Seen:
    """The containers of a site and its tag, as the engine tells them."""

    running: Mapping[str, str]
    """Image by name, of those that run."""
    policies: Mapping[str, str]
    """Restart policy by name, of all."""
    tag: str


class Site:
    """One engine with a tag that moved from `old` to `new`, and who works on it with imgtui."""

    def __init__(self, real: PrivateEngine, home: Path, name: str) -> None:
        self.real, self.home, self.name = real, home, name
        self.engine: DockerEngine = connect(real)
        self._met = {""}
        """Addresses of the engine that imgtui knows as its."""
        self.tag, self.api = f"{name}:latest", f"{name}-api"
        self.of_compose = False
        """Whether its containers have the labels of Compose."""
        self.old, self.new = self.image("old"), self.image("new")
        self.move(self.old)
        self.imgtui("record", "--once")
        self.move(self.new)

    @property
    def podman(self) -> bool:
        return self.real.kind in PODMANS

    @property
    def changes_restart(self) -> bool:
        """Whether a container that is there can get another restart policy: not with Podman 4.3."""
        return self.real.kind != "podman"

    @property
    def retired(self) -> str:
        """What `api` is called when it was rolled back."""
        return f"{self.api}-{short(self.new)}"

    def image(self, version: str, command: str = WAITS) -> str:
        """An image that all sites on this engine have in common; its ID."""
        known = (self.real.host, version)
        if known not in _IMAGES:
            _IMAGES[known] = self.build(f"sites:{version}", command)
        return _IMAGES[known]

    def build(self, tag: str, command: str = WAITS) -> str:
        """An image of this site's own; its ID."""
        version = tag.partition(":")[2]
        return content.build(self.real, tag, version=f"{self.name} {version}", dockerfile=SERVICE + command)

    def move(self, image_id: str) -> None:
        """`docker tag`."""
        self.real.docker("tag", image_id, self.tag)

    def run(self, *options: str, name: str = "", image: str = "", command: tuple[str, ...] = ()) -> str:
        """`docker run`, of the tag; the container's ID."""
        labels: tuple[str, ...] = ()
        if self.of_compose:
            labels = (f"--label={LABEL}project={self.name}", f"--label={LABEL}service=api")
        return self.real.docker(
            "run", "-d", "--name", name or self.api, *labels, *options, image or self.tag, *command
        ).strip()

    def imgtui(
        self, *arguments: str, host: str = "", seconds: float = PATIENCE
    ) -> subprocess.CompletedProcess[str]:
        """Call imgtui, which has to do it."""
        done = self.try_imgtui(*arguments, host=host, seconds=seconds)
        assert done.returncode == 0, done.stderr
        return done

    def try_imgtui(
        self, *arguments: str, host: str = "", module: str = CLI, seconds: float = PATIENCE
    ) -> subprocess.CompletedProcess[str]:
        """Call imgtui, or another module's `main`."""
        return call(self._at(host), *arguments, module=module, seconds=seconds)

    def begin_imgtui(self, *arguments: str, host: str = "", module: str = CLI) -> Begun:
        """The same, in a process that goes on."""
        return begin(self._at(host), *arguments, module=module)

    def _at(self, host: str) -> Mapping[str, str]:
        """The environment for an address. That Podman is the same at another one has to be said once."""
        environ = environment(self.home, host or self.real.address)
        if self.podman and host not in self._met:
            self._met.add(host)
            known = json.loads(call(environ, "log", "--engines", "--json").stdout)
            adopted = call(environ, "log", "--adopt", known[0]["id"])
            assert adopted.returncode == 0, adopted.stderr
        return environ

    @property
    def state(self) -> Path:
        """imgtui's state file."""
        return self.home / "imgtui/state.db"

    @property
    def unfinished(self) -> Sequence[Unfinished]:
        """What the journal knows that did not come to its end."""
        with closing(State(self.state)) as state:
            return Journal(state, self.engine.connect().id).unfinished()

    def roll_back(self, *arguments: str, host: str = "", seconds: float = PATIENCE) -> str:
        """Roll back; what is printed."""
        return self.imgtui(*_rollback(*arguments), host=host, seconds=seconds).stdout

    def try_to_roll_back(self, *arguments: str, host: str = "", home: Path | None = None) -> None:
        """Roll back, whatever becomes of it; in another `home` as somebody else."""
        environ = self._at(host) if home is None else environment(home, host or self.real.address)
        call(environ, *_rollback(*arguments))

    def refused(self, *arguments: str, host: str = "") -> str:
        """Roll back what is not to succeed; why it did not."""
        done = self.try_imgtui(*_rollback(*arguments), host=host)
        assert done.returncode == 1, done.stdout
        return done.stderr.splitlines()[-1]

    def take_up(self) -> str:
        """Finish or reverse what was interrupted; what is printed."""
        return self.imgtui("rollback", "--unfinished", "--yes", "--settle", SETTLE).stdout

    def begin(self, *arguments: str, host: str) -> Begun:
        """Begin to roll back, in a process that goes on."""
        return begin(self._at(host), *_rollback(*arguments))

    def plan(self, *arguments: str) -> dict[str, Any]:
        """The plan as JSON."""
        document: dict[str, Any] = json.loads(self.imgtui("rollback", *arguments, "--plan", "--json").stdout)
        return document

    def planned(self, target: str, tag: str | None = None) -> tuple[Rollbacks, Rollback]:
        """A roll back of `api` as a person sees it before Enter, and who does it then."""
        recorder = Recorder(self.engine, lambda: State(None))
        recorder.follow(self.engine.connect())
        seen = look(self.engine, recorder)
        (api,) = (known.id for known in seen.catalog.containers.values() if known.name == self.api)
        plan = plan_rollback(self.engine, recorder, seen.catalog, [api], target, tag)
        assert isinstance(plan, Rollback)
        return Rollbacks(self.engine, recorder, Acts(self.engine, recorder)), plan

    def told(self, name: str = "") -> dict[str, Any]:
        """What the engine tells of a container."""
        found: dict[str, Any] = self.real.ask("GET", f"/containers/{name or self.api}/json")
        return found

    def seen(self) -> Seen:
        """Containers and tag as they are."""
        by_name = {document["Name"].lstrip("/"): document for document in self.documents()}
        return Seen(
            {
                name: f"sha256:{document['Image'].removeprefix('sha256:')}"
                for name, document in by_name.items()
                if document["State"]["Running"]
            },
            {name: _policy(document) for name, document in by_name.items()},
            content.image_id(self.real, self.tag),
        )

    def documents(self) -> list[dict[str, Any]]:
        """What the engine tells of its containers; of one that goes at this moment, nothing."""
        documents: list[dict[str, Any]] = []
        for each in self._containers():
            try:
                documents.append(self.told(each))
            except CommandFailedError as error:
                if "no such" not in str(error).lower():
                    raise
        return documents

    def as_it_was(self, policy: str = "no") -> Seen:
        """How everything looks before, and after what did not succeed."""
        return Seen({self.api: self.new}, {self.api: policy}, self.new)

    def rolled_back(self, policy: str = "no", *, tag: str = "") -> Seen:
        """How everything looks after `api` was rolled back; `tag` where it went along."""
        retired = {} if self.of_compose else {self.retired: "no" if self.changes_restart else policy}
        return Seen({self.api: self.old}, {self.api: policy, **retired}, tag or self.new)

    def clean(self) -> None:
        """Remove all containers, networks, and the tag."""
        self.remove_containers()
        for network in self.real.ask("GET", f"/networks?{self._mine}"):
            self.real.docker("network", "rm", network["Id"])
        self.real.docker("rmi", self.tag)

    def remove_containers(self) -> None:
        """Remove all containers; Podman removes none that another one needs, so that goes first."""
        left: list[str] = []
        while (containers := self._containers()) and containers != left:
            left = containers
            with suppress(CommandFailedError):  # one went by itself, or is needed
                self.real.docker("rm", "--force", "--volumes", *containers)

    def _containers(self) -> list[str]:
        return [found["Id"] for found in self.real.ask("GET", f"/containers/json?all=1&{self._mine}")]

    @property
    def _mine(self) -> str:
        return urlencode({"filters": json.dumps({"name": [f"{self.name}-"]})})


def _policy(document: dict[str, Any]) -> str:
    return document["HostConfig"]["RestartPolicy"]["Name"] or "no"


def _rollback(*arguments: str) -> tuple[str, ...]:
    settle = () if "--settle" in arguments else ("--settle", SETTLE)
    return ("rollback", *arguments, "--yes", *settle)
