"""A tag that moved, containers that were created from it, and imgtui called as a process to roll them back."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from imgtui.engine.docker_engine import DockerEngine
from imgtui.model.digest import short
from tests.engine.contract.hands import connect
from tests.engines import content
from tests.engines.private import CommandFailedError, PrivateEngine
from tests.verbs.command import IMGTUI, call, environment

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
ENDS: Final = 'CMD ["sh", "-c", "echo no such database; exit 3"]\n'
ILL: Final = WAITS + 'HEALTHCHECK --interval=100ms --retries=1 CMD ["sh", "-c", "echo cannot connect; exit 1"]\n'
SLOW: Final = (
    'CMD ["sh", "-c", "sleep 1; echo > /ready; sleep 100000"]\n'
    'HEALTHCHECK --interval=200ms --retries=30 CMD ["cat", "/ready"]\n'
)


@dataclass(frozen=True)
class Seen:
    """The containers of a site and its tag, as the engine tells them."""

    running: Mapping[str, str]
    """Image by name, of those that run."""
    policies: Mapping[str, str]
    """Restart policy by name, of all."""
    tag: str

    def policy(self, name: str) -> str:
        return self.policies[name]


class Site:
    """One engine with a tag that moved from `old` to `new`, and who works on it with imgtui."""

    def __init__(self, real: PrivateEngine, home: Path, name: str) -> None:
        self.real, self.home, self.name = real, home, name
        self.engine: DockerEngine = connect(real)
        self.tag, self.api = f"{name}:latest", f"{name}-api"
        self.old = self.build("old")
        self.new = self.build("new")
        self.move(self.old)
        self.imgtui("record", "--once")
        self.move(self.new)
        self.imgtui("record", "--once")

    @property
    def podman(self) -> bool:
        return self.real.kind == "podman"

    @property
    def retired(self) -> str:
        """What `api` is called when it was rolled back."""
        return f"{self.api}-{short(self.new)}"

    def build(self, tag: str, command: str = WAITS) -> str:
        """An image of its own, with a tag of its own; its ID."""
        return content.build(
            self.real, f"{self.name}:{tag}", version=f"{self.name} {tag}", dockerfile=SERVICE + command
        )

    def move(self, image_id: str) -> None:
        """`docker tag`."""
        self.real.docker("tag", image_id, self.tag)

    def run(self, *options: str, name: str = "", image: str = "", command: tuple[str, ...] = ()) -> str:
        """`docker run`, of the tag; the container's ID."""
        return self.real.docker(
            "run", "-d", "--name", name or self.api, *options, image or self.tag, *command
        ).strip()

    def imgtui(self, *arguments: str, host: str = "") -> subprocess.CompletedProcess[str]:
        """Call imgtui, which has to do it."""
        done = self.try_imgtui(*arguments, host=host)
        assert done.returncode == 0, done.stderr
        return done

    def try_imgtui(self, *arguments: str, host: str = "") -> subprocess.CompletedProcess[str]:
        """Call imgtui."""
        return call(environment(self.home, host or self.real.host), *arguments)

    def roll_back(self, *arguments: str) -> str:
        """Roll back; what is printed."""
        return self.imgtui(*_rollback(*arguments)).stdout

    def refused(self, *arguments: str) -> str:
        """Roll back what is not to succeed; why it did not."""
        done = self.try_imgtui(*_rollback(*arguments))
        assert done.returncode == 1, done.stdout
        return done.stderr.splitlines()[-1]

    def take_up(self) -> str:
        """Finish or reverse what was cut off; what is printed."""
        return self.imgtui("rollback", "--unfinished", "--settle", SETTLE).stdout

    def begin(self, *arguments: str, host: str) -> subprocess.Popen[str]:
        """Begin to roll back, in a process that goes on."""
        return subprocess.Popen(
            [str(IMGTUI), *_rollback(*arguments)],
            env=environment(self.home, host),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def plan(self, *arguments: str) -> dict[str, Any]:
        """The plan as JSON."""
        document: dict[str, Any] = json.loads(
            self.imgtui("rollback", *arguments, "--plan", "--json").stdout
        )
        return document

    def told(self, name: str = "") -> dict[str, Any]:
        """What the engine tells of a container."""
        found: list[dict[str, Any]] = json.loads(self.real.docker("container", "inspect", name or self.api))
        return found[0]

    def seen(self) -> Seen:
        """Containers and tag as they are."""
        ids = self.real.docker("ps", "-aq", "--no-trunc", "--filter", f"name={self.name}-").split()
        documents = json.loads(self.real.docker("container", "inspect", *ids)) if ids else []
        by_name = {document["Name"].lstrip("/"): document for document in documents}
        return Seen(
            {
                name: f"sha256:{document['Image'].removeprefix('sha256:')}"
                for name, document in by_name.items()
                if document["State"]["Running"]
            },
            {name: document["HostConfig"]["RestartPolicy"]["Name"] or "no" for name, document in by_name.items()},
            content.image_id(self.real, self.tag),
        )

    def as_it_was(self, policy: str = "no") -> Seen:
        """How everything looks before, and after what did not succeed."""
        return Seen({self.api: self.new}, {self.api: policy}, self.new)

    def rolled_back(self, policy: str = "no", *, tag: str = "") -> Seen:
        """How everything looks after `api` was rolled back; `tag` where it went along."""
        # Podman 4.3 cannot change the restart policy of a container that is there.
        retired = policy if self.podman else "no"
        return Seen({self.api: self.old}, {self.api: policy, self.retired: retired}, tag or self.new)

    def clean(self) -> None:
        """Remove all containers and networks."""
        for kind, listed in (("container", "ps -aq"), ("network", "network ls -q")):
            for found in self.real.docker(*listed.split(), "--filter", f"name={self.name}-").split():
                force = ("--force", "--volumes") if kind == "container" else ()
                with suppress(CommandFailedError):  # it went by itself
                    self.real.docker(kind, "rm", *force, found)


def _rollback(*arguments: str) -> tuple[str, ...]:
    settle = () if "--settle" in arguments else ("--settle", SETTLE)
    return ("rollback", *arguments, "--yes", *settle)
