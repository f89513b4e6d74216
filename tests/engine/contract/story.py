"""What really happens to tags: done with the docker client, or in memory, and written down by who did it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from imgtui.model.core.image import Store
from imgtui.model.taglog.moves import OUTSIDE, Cause, Move
from tests.engine.contract.conftest import archive
from tests.engine.contract.hands import DockerHands, Hands, MemoryHands
from tests.engines import content
from tests.engines.archives import layer
from tests.engines.kinds import BUILDS_AS_TAGS
from tests.engines.private import CommandFailedError
from tests.engines.registry import Registry

Step = tuple[str, str | None, str | None]
"""Tag, from, to."""
CLOCK = 50_000_000
"""Nanoseconds between two readings of one clock."""


@dataclass(frozen=True)
class Made:
    """A move that was made."""

    reference: str
    origin: str | None
    target: str | None
    cause: Cause
    """What the engine tells of the cause."""
    told: bool
    """Whether an event names both tag and image: such a move is known also when others follow unseen."""
    begun: int
    ended: int
    podman: bool = False
    who: str = OUTSIDE

    @property
    def step(self) -> Step:
        """Tag, from, to."""
        return self.reference, self.origin, self.target


@dataclass
class Story:
    """Somebody at work on tags of one name, and what became of them, in order."""

    hands: Hands
    name: str
    registry: Registry | None = None
    happened: list[Made] = field(default_factory=list)
    points_at: dict[str, str] = field(default_factory=dict)
    """Where tags point now."""

    @property
    def podman(self) -> bool:
        return self.hands.store is Store.PODMAN

    @property
    def images(self) -> list[str]:
        """All images that tags ever pointed at, in order."""
        return list(dict.fromkeys(made.target for made in self.happened if made.target))

    def build(self, tag: str, text: str) -> str:
        """`docker build`: Podman's event names only the image."""
        with self.moving(Cause.BUILD, [tag], told=not self.podman):
            try:
                self.hands.build(self._full(tag), f"{self.name} {text}")
            except CommandFailedError as error:
                # On the containerd store the garbage of the rebuild before is collected under BuildKit's
                # hands now and then, on a busy machine (Docker 28.5). Nothing was moved by it.
                if "parent snapshot" not in str(error):
                    raise
                self.hands.build(self._full(tag), f"{self.name} {text}")
        return self.points_at[self._full(tag)]

    def load(self, tag: str, text: str) -> str:
        """`docker load`: events name the image, Podman's not even that."""
        with self.moving(Cause.LOAD, [tag], told=False):
            image = archive(self._full(tag), f"{self.name} {text}", config={"Labels": {"of": self.name}})
            self.hands.load(image)
        return self.points_at[self._full(tag)]

    def tag(self, source: str, tag: str) -> None:
        """`docker tag`, of a tag or an image ID."""
        with self.moving(Cause.TAG, [tag]):
            self.hands.tag(source if source.startswith("sha256:") else self._full(source), self._full(tag))

    def pull(self, tag: str, text: str) -> None:
        """`docker pull` of a tag that was moved in its registry: the event names only the tag."""
        image = archive(self._full(tag), f"{self.name} {text}")
        if isinstance(self.hands, MemoryHands):
            with self.moving(Cause.PULL, [tag], told=False):
                self.hands.pull(image)
            return
        assert isinstance(self.hands, DockerHands)
        assert self.registry is not None
        self.registry.publish(self._full(tag).partition("/")[2], image)
        with self.moving(Cause.PULL, [tag], told=False):
            self.hands.real.docker("pull", "-q", self._full(tag))

    def bring_in(self, tag: str, text: str) -> None:
        """`docker import`, which Podman tells as a tag."""
        if isinstance(self.hands, DockerHands):
            files = layer({"text": f"{self.name} {text}".encode()})
            with self.moving(Cause.TAG if self.podman else Cause.IMPORT, [tag]):
                self.hands.real.docker("import", "-", self._full(tag), stdin=files)

    def commit(self, container: str, tag: str, text: str) -> None:
        """`docker commit`: Podman's event names neither tag nor image."""
        if isinstance(self.hands, DockerHands):
            with self.moving(Cause.COMMIT, [tag], told=not self.podman):
                self.hands.real.docker("commit", "-m", text, container, self._full(tag))

    def remove(self, tag: str) -> None:
        """`docker rmi` of a tag."""
        image_id = self.points_at[self._full(tag)]
        last = list(self.points_at.values()).count(image_id) == 1
        with self.moving(Cause.DELETE if last else Cause.UNTAG, [tag]):
            assert self.hands.remove(self._full(tag))

    def prune(self) -> None:
        """`docker image prune --all` of what was loaded here; Podman 4.3 refuses docker 20.10's request.

        The containerd store (Docker 28.5) and Podman (5.8) do not tell a prune as one.
        """
        gone = [tag.rpartition(":")[2] for tag in self.points_at]
        cause = Cause.PRUNE if self.hands.store is Store.GRAPH else Cause.DELETE
        if isinstance(self.hands, DockerHands):
            with self.moving(cause, gone), suppress(*([CommandFailedError] if self.podman else [])):
                self.hands.real.docker(
                    "image", "prune", "--all", "--force", "--filter", f"label=of={self.name}"
                )

    def expected(self, *, watched: bool = True) -> list[Made]:
        """What a log can know; of what only snapshots show, who did not watch sees no more than the last."""
        known: dict[str, str | None] = {}
        found = []
        for number, made in enumerate(self.happened):
            later = any(other.reference == made.reference for other in self.happened[number + 1 :])
            if not watched and not made.told and later:
                continue
            origin = known.get(made.reference)
            known[made.reference] = made.target
            if origin != made.target:
                cause = made.cause if watched else self._cause_seen_later(made)
                found.append(replace(made, origin=origin, cause=cause))
        return found

    def _cause_seen_later(self, made: Made) -> Cause:
        """The cause that is known of a move that nobody watched.

        Where a build is told as a tag, one whose image is gone has no age any more.
        """
        as_tag = isinstance(self.hands, DockerHands) and self.hands.real.kind in BUILDS_AS_TAGS
        if made.cause is Cause.BUILD and as_tag and self.hands.engine.image(made.target or "") is None:
            return Cause.TAG
        return made.cause

    @contextmanager
    def moving(
        self, cause: Cause, tags: Iterable[str], *, told: bool = True, who: str = OUTSIDE
    ) -> Iterator[None]:
        """Write down what becomes of these tags meanwhile."""
        begun = self._now()
        yield
        ended = self._now()
        for reference in map(self._full, tags):
            before, after = self.points_at.get(reference), self._look(reference)
            if before != after:
                made = Made(reference, before, after, cause, told, begun, ended, self.podman, who)
                self.happened.append(made)
            if after is None:
                self.points_at.pop(reference, None)
            else:
                self.points_at[reference] = after

    def _now(self) -> int:
        """Acts in memory are half a second apart, as a docker command takes its time."""
        if not isinstance(self.hands, MemoryHands):
            return time.time_ns()
        self.hands.clock.now += 250_000_000
        return self.hands.clock.now

    def _look(self, reference: str) -> str | None:
        if isinstance(self.hands, DockerHands):
            try:
                return content.image_id(self.hands.real, reference)
            except CommandFailedError:
                return None
        found = self.hands.engine.image(reference)
        return found.id if found else None

    def _full(self, tag: str) -> str:
        if tag == "pulled":
            domain = self.registry.address if self.registry else "127.0.0.1:5000"
            return f"{domain}/{self.name}:{tag}"
        return f"{self.name}:{tag}"


def steps(moves: Iterable[Move | Made]) -> list[Step]:
    """Tag, from, to of each move."""
    return [(move.reference, move.origin, move.target) for move in moves]


def assert_told(moves: list[Move], made: list[Made]) -> None:
    """Each move once, tag by tag in order, with its cause, and a time that contains the real one."""
    told, real_steps = (sorted(steps(what), key=_by_tag) for what in (moves, made))
    assert told == real_steps, "\n".join(map(str, ["told:", *moves, "made:", *made]))
    by_tag = zip(sorted(moves, key=_by_tag), sorted(made, key=_by_tag), strict=True)
    for move, real in by_tag:
        assert move.cause in _told_as(real), (move, real)
        assert (move.not_before or move.at) <= real.ended + CLOCK, (move, real)
        assert move.at >= real.begun - CLOCK, (move, real)


def _told_as(made: Made) -> set[Cause]:
    """Podman 4.3 tells a deletion of each name, the last or not, just after its untagging."""
    loss = {Cause.UNTAG, Cause.DELETE}
    return loss if made.podman and made.cause in loss else {made.cause}


def _by_tag(what: Move | Made | Step) -> str:
    return what[0] if isinstance(what, tuple) else what.reference
