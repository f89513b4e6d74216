"""Acts on an image that has one or two names, by imgtui as a process, and what is there before and after."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import closing
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from imgtui.model.core.reference import Reference
from imgtui.store.journal import Journal, JournalEntry
from imgtui.store.state import State
from tests.engine.contract.rolling import Site
from tests.engine.contract.source import image
from tests.engines import content
from tests.engines.archives import ArchiveImage, docker_archive, layer
from tests.engines.private import RefusedError
from tests.engines.registry import Registry
from tests.suite.report import TABLE
from tests.suite.sample import Share
from tests.verbs.command import CLI, Begun

KEPT: Final = "imgtui.invalid/"
SESSION: Final = "tests.engine.contract.doing"
_LONG_AGO: Final = 1_000 * 1_000_000_000
_NEVER: Final = "0001-01-01"
Seen = Mapping[str, frozenset[str]]
"""Names by image, keeps without their time; how a container is, and its network."""


@dataclass(frozen=True)
class Act:
    """One act."""

    name: str
    words: Callable[[Shelf], tuple[str, ...]]
    changes: int
    """Requests by which it changes something."""
    after: Callable[[Shelf, Seen], Seen]
    """What is there when it is done, of what was there before."""
    module: str = CLI
    """Of whose `main` it is a call."""
    kept: bool = False
    """Whether its image is kept before."""
    second: bool = False
    """Whether its image has a second tag before."""
    connects: bool = False
    """Whether it needs the site's network."""
    running: bool = False
    """Whether a container runs before."""
    pulled: bool = False
    """Whether its tag is one of the registry's."""

    def __str__(self) -> str:
        return self.name


class Shelf:
    """A site with an image of its own, and a registry and an archive that have another one of its tag."""

    def __init__(self, site: Site, registry: Registry) -> None:
        self.site = site
        self.network = f"{site.name}-network"
        self._has_network = False
        self._others = frozenset(self._images())
        self._pulled = f"{registry.address}/{site.name}-own:1"
        self._local = f"{site.name}-own:1"
        self.tag, self.own, self._last = "", "", 0
        published = registry.publish(f"{site.name}-own:1", image(site.name))
        self.digest = f"{registry.address}/{site.name}-own@{published}"
        self.archive = site.home / "load.tar"
        self.archive.write_bytes(docker_archive([self._image("another", self._local)]))

    @property
    def second(self) -> str:
        return f"{self.site.name}-own:2"

    @property
    def extra(self) -> str:
        """A name that somebody else may give."""
        return f"{self.site.name}-theirs:1"

    @property
    def container(self) -> str:
        """What is launched or discarded."""
        return f"{self.site.name}-launched"

    def reset(self, act: Act) -> Seen:
        """What the act finds; what is seen then."""
        self.clear()
        self.tag = self._pulled if act.pulled else self._local
        (self.own,) = content.load_archive(self.site.real, [self._image("own", self.tag)])
        if act.second:
            self.site.real.docker("tag", self.own, self.second)
        if act.kept:
            self.site.imgtui("keep", self.own, "--yes")
        if act.connects and not self._has_network:  # an engine of the tests has room for a few
            self.site.real.docker("network", "create", self.network)
            self._has_network = True
        if act.running:
            self.site.run(name=self.container)
        self._last = self.entries[0].number if self.site.state.exists() and self.entries else 0
        return self.seen()

    @property
    def entry(self) -> JournalEntry:
        """The act since then; it may have others of its own, which come later."""
        return self.since[-1]

    @property
    def since(self) -> list[JournalEntry]:
        """What was begun since then, the newest first."""
        return [entry for entry in self.entries if entry.number > self._last]

    def do(self, act: Act, host: str) -> subprocess.CompletedProcess[str]:
        """Do an act to its end."""
        return self.site.try_imgtui(*act.words(self), host=host, module=act.module)

    def begin(self, act: Act, host: str) -> Begun:
        """The same, in a process that goes on."""
        return self.site.begin_imgtui(*act.words(self), host=host, module=act.module)

    def faults(self, right: Seen, shown: str) -> list[str]:
        """What is not as it should be after an act; nothing where all is right, and written down."""
        seen = self.seen()
        found = (
            [] if seen == right else [f"{shown}\n  is  {_differ(seen, right)}\n  not {_differ(right, seen)}"]
        )
        found += [f"{shown}\n  open: {entry.title}" for entry in self.since if entry.outcome is None]
        return found[:1]

    def clear(self) -> None:
        """Nothing that an act has left, and no image of its own."""
        self.site.remove_containers()
        for identifier, names in self._images().items():
            tags = names & {self._local, self._pulled, self.second, self.extra}
            keeps = {name for name in names if name.startswith(KEPT) and f"/{self.site.name}" in name}
            for name in names if self._is_new(identifier, names) else (*keeps, *tags):
                self.site.real.ask("DELETE", f"/images/{quote(name, safe='')}?noprune=1")
        for identifier, names in self._images().items():
            if self._is_new(identifier, names):
                try:
                    self.site.real.ask("DELETE", f"/images/{identifier}?force=1")
                except RefusedError as error:
                    if ": 404 " not in str(error):
                        raise

    def _is_new(self, identifier: str, names: Set[str]) -> bool:
        """Whether it came since the shelf is there, and is not of another site."""
        return identifier not in self._others and (not names or f"{self.site.name}-" in "".join(names))

    def close(self) -> None:
        """Leave nothing."""
        self.clear()
        self.site.clean()
        self.site.engine.close()

    def seen(self) -> Seen:
        """All images but those of other sites, and the containers of the site."""
        found: dict[str, frozenset[str]] = {}
        for identifier, names in self._images().items():
            if identifier not in self._others and not self._is_new(identifier, names):
                continue
            known = identifier if identifier in self._others else "new"
            mine = {name for name in names if name == self.site.tag or f"{self.site.name}-" in name}
            shown = {"a keep" if name.startswith(KEPT) else name for name in mine}
            found["own" if identifier == self.own else known] = frozenset(shown)
        for document in self.site.documents():
            ran = not document["State"]["StartedAt"].startswith(_NEVER)
            state = "runs" if document["State"]["Running"] else "ran" if ran else "never ran"
            networks = {self.network} & document["NetworkSettings"]["Networks"].keys()
            name = document["Name"].lstrip("/")
            found[f"container {name}"] = frozenset({state, *networks})
        return found

    def _images(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for each in self.site.real.ask("GET", "/images/json"):
            # The containerd store tells a name by digest too (Docker 28.5).
            names = {name for name in each.get("RepoTags") or () if "<none>" not in name and "@" not in name}
            identifier = f"sha256:{each['Id'].removeprefix('sha256:')}"
            found.setdefault(identifier, set()).update(Reference.parse(name).familiar for name in names)
        return found

    def _image(self, text: str, tag: str) -> ArchiveImage:
        named = Reference.parse(tag).canonical  # Podman takes a short name for one of `localhost/`
        return ArchiveImage([named], [layer({text: f"{self.site.name} {text}".encode()})])

    # ------------------------------------------------------------------ what the journal says

    @property
    def entries(self) -> list[JournalEntry]:
        """The acts, the newest first."""
        with closing(State(self.site.state)) as state:
            return list(Journal(state, self.site.engine.connect().id).entries())

    def put_right(self) -> str:
        """Have the next imgtui find, long after, what was interrupted; what it says."""
        with closing(sqlite3.connect(self.site.state)) as file, file:
            file.execute("UPDATE acts SET begun = begun - ? WHERE ended IS NULL", (_LONG_AGO,))
        done = self.site.imgtui("rollback", "--unfinished", "--yes")
        return f"{done.stdout}{done.stderr}"


def report(share: Share, tried: int, wrong: Sequence[str]) -> None:
    """Have it printed how many held of those that were tried; all must."""
    share.item.user_properties.append((TABLE, f"{tried} tried, {tried - len(wrong)} held"))
    assert not wrong, "\n".join(wrong)


def _differ(seen: Seen, other: Seen) -> Seen:
    return {key: names for key, names in seen.items() if other.get(key) != names}


def _kept(shelf: Shelf, before: Seen) -> Seen:
    return {**before, "own": before["own"] | {"a keep"}}


def _only_kept(shelf: Shelf, before: Seen) -> Seen:
    return {**before, "own": frozenset({"a keep"})}


def _gone(shelf: Shelf, before: Seen) -> Seen:
    return {key: names for key, names in before.items() if key != "own"}


ACTS: Final = (
    Act("keep", lambda shelf: ("keep", shelf.tag, "--yes"), 1, _kept),
    Act(
        "unkeep",
        lambda shelf: ("unkeep", shelf.tag, "--yes"),
        1,
        lambda shelf, before: {**before, "own": frozenset({shelf.tag})},
        kept=True,
    ),
    Act(
        "tag that takes the last name away",
        lambda shelf: ("tag", shelf.site.old, shelf.tag, "--yes"),
        2,
        lambda shelf, before: {
            **_only_kept(shelf, before),
            shelf.site.old: before[shelf.site.old] | {shelf.tag},
        },
    ),
    Act("untag of the last name", lambda shelf: ("untag", shelf.tag, "--yes"), 2, _only_kept),
    Act("rm", lambda shelf: ("rm", shelf.own, "--yes"), 1, _gone),
    Act("rm of two names", lambda shelf: ("rm", shelf.own, "--yes"), 2, _gone, second=True),
    Act(
        "launch",
        lambda shelf: ("launch", shelf.site.old, shelf.container, shelf.network),
        3,
        lambda shelf, before: {**before, f"container {shelf.container}": frozenset({"runs", shelf.network})},
        module=SESSION,
        connects=True,
    ),
    Act(
        "discard",
        lambda shelf: ("discard", shelf.container),
        2,
        lambda shelf, before: {
            key: names for key, names in before.items() if not key.startswith("container")
        },
        module=SESSION,
        running=True,
    ),
    Act(
        "pull",
        lambda shelf: ("pull", shelf.tag),
        2,
        lambda shelf, before: {**_only_kept(shelf, before), "new": frozenset({shelf.tag})},
        module=SESSION,
        pulled=True,
    ),
    Act(
        "pull of a digest",
        lambda shelf: ("pull", shelf.digest),
        1,
        lambda shelf, before: {**before, "new": frozenset()},
        module=SESSION,
    ),
    Act(
        "load",
        lambda shelf: ("load", str(shelf.archive)),
        2,
        lambda shelf, before: {**_only_kept(shelf, before), "new": frozenset({shelf.tag})},
        module=SESSION,
    ),
)
