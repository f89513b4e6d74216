"""One container in the place of another: the same configuration on another digest, reversibly."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import PurePosixPath
from types import UnionType
from typing import Any, Final, Self, TypeVar

from imgtui.model.clone.restart import restart_flag
from imgtui.model.core.digest import short
from imgtui.model.core.printable import printable
from imgtui.model.taglog.moves import Cause

NEW_SUFFIX, SPARE_SUFFIX = "-imgtui-new", "-imgtui-old"
"""What a replacement, and the spare of one that goes when it stops, are called until they take its name."""

_OF_NETWORK = ("Aliases", "IPAMConfig", "Links", "DriverOpts")
"""What people set of a connection; the rest changes whenever a container is started."""
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")


class Stage(StrEnum):
    """What is done next: written down before it is done."""

    MAKE = "make"
    """The new container is made, under a name of its own; nothing that runs is touched."""
    STOP = "stop"
    """The old one is stopped, and its restart policy taken away."""
    START = "start"
    """The names are swapped, and the new one is started, and watched."""
    SWAP = "swap"
    """The new one is well; of containers that do not run the names are swapped now."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Aside:
    """A container that stands aside, stopped, and can take the place of another one again."""

    container_id: str
    name: str
    """What it is called there."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """What is to be done to one container."""

    container_id: str
    name: str
    """Without the slash."""
    running: bool
    """Whether it runs: one that does not is replaced by one that does not."""
    origin: str
    """The image it runs."""
    target: str
    """The image it shall run."""
    restart: Mapping[str, object]
    """Its restart policy, as the Engine API has it."""
    retired: str
    """What it will be called afterwards."""
    body: Mapping[str, object] = field(repr=False)
    """Of `POST /containers/create` for the new one. Holds its environment: never shown or written."""
    networks: Mapping[str, Mapping[str, object]] = field(default_factory=dict, repr=False)
    """Networks that are connected after it was made."""
    not_root: str = ""
    """The name of the user that it runs as, who must not be root in the other image; empty for no matter."""
    left: tuple[str, ...] = ()
    """Networks that one like it is put in when it is made, and is taken out of."""
    spare: Mapping[str, object] | None = field(default=None, repr=False)
    """The body of one like the old one, where that goes as soon as it is stopped (`--rm`)."""
    spare_networks: Mapping[str, Mapping[str, object]] = field(default_factory=dict, repr=False)
    command: str = ""
    """`docker create …` for the new one, without secrets."""
    spare_command: str = ""
    """The same for the spare."""
    settings: str = field(default="", repr=False)
    """What it was made of when this was planned (`settings_of`); empty where that does not matter."""
    fixed_restart: bool = False
    """Whether the engine cannot change a restart policy: the new one is made with it."""
    aside: Aside | None = None
    """The container that takes its place, where that is there already and none has to be made."""
    stopped: bool = False
    """Whether it does not run by now, though what takes its place shall."""
    absent: bool = False
    """Whether it is not there any more: its place is empty."""
    discards: bool = False
    """Whether it is removed when all is done, as Compose would count it as a replica."""
    restarts: int = 0
    """How often its policy has restarted it."""
    ill: bool = False
    """Whether its health check fails: that of the new one need not do better."""
    joins: tuple[str, ...] = ()
    """IDs of containers that are replaced before it, and whose namespaces it shares, or that it cannot start
    without."""
    files: tuple[str, ...] = ()
    """Paths of files that are copied into the new one before it starts."""
    stop_seconds: int = 10
    """How long the old one may take to stop before it is killed."""
    health_seconds: float | None = None
    """How long it is waited at most until the new one is healthy; None where it has no health check."""
    configuration: Mapping[str, object] = field(default_factory=dict, repr=False)
    """The configuration of the old one, secrets masked (`imgtui.model.containers.retired`)."""

    @property
    def new_name(self) -> str:
        """What the new one is called until it has the name."""
        return self.aside.name if self.aside is not None else self.name + NEW_SUFFIX

    @property
    def commands(self) -> tuple[str, ...]:
        """The docker commands that do the same."""
        return (*self.making, *self.stopping, *self.starting, *self.discarding)

    @property
    def _is_policy_fixed(self) -> bool:
        return self.fixed_restart or self.spare is not None

    @property
    def discarding(self) -> list[str]:
        """The docker command that removes the old one, when all are well."""
        return [f"docker rm {self.retired}"] if self.discards else []

    @property
    def making(self) -> list[str]:
        """The docker commands that make the new one."""
        found: list[str] = []
        if self.spare is not None:
            found += [self.spare_command, *self._copying(self.name + SPARE_SUFFIX)]
        if self.aside is None:
            found += [self.command, *self._copying(self.new_name)]
        return found

    def _copying(self, to: str) -> list[str]:
        """Those that copy files into a container."""
        found = []
        for path in self.files:
            parent = str(PurePosixPath(path).parent)
            old, new = shlex.quote(f"{self.name}:{path}"), shlex.quote(f"{to}:{parent}")
            found.append(printable(f"docker cp {old} - | docker cp - {new}", 2000))
        return found

    @property
    def stopping(self) -> list[str]:
        """Those that stop the old one."""
        if not self.running or self.absent:
            return []
        return [
            *([] if self.stopped else [f"docker stop {self.name}"]),
            *([] if self._is_policy_fixed else [f"docker update --restart no {self.name}"]),
        ]

    @property
    def starting(self) -> list[str]:
        """Those that swap the names, and start the new one."""
        policy, old = restart_flag(self.restart), self.name + (SPARE_SUFFIX if self.spare is not None else "")
        away = [] if self.absent else [f"docker rename {old} {self.retired}"]
        swap = [*away, f"docker rename {self.new_name} {self.name}"]
        if not self.running:
            return swap
        kept = self._is_policy_fixed or policy == "no"
        return [
            *swap,
            *([] if kept else [f"docker update --restart {policy} {self.name}"]),
            f"docker start {self.name}",
        ]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a replacement has come: all that is needed to finish it or to put everything back."""

    container_id: str
    name: str
    running: bool
    origin: str
    target: str
    restart: Mapping[str, object]
    retired: str
    stage: Stage = Stage.MAKE
    made: str | None = None
    """ID of the new container, once it is there."""
    spare: str | None = None
    """ID of the one that takes the place of an old one which is gone."""
    aside: str = ""
    """What the new one was called before, where it was there already and was not made; else empty."""
    stopped: bool = False
    """Whether the old one did not run when this began, though the new one shall."""
    absent: bool = False
    """Whether the old one was not there any more when this began."""
    discards: bool = False
    """As of a `Replacement`."""
    restarts: int = 0
    """How often the old one was restarted by its policy: the new one may need as many."""
    ill: bool = False
    """As of a `Replacement`."""
    joins: tuple[str, ...] = ()
    """As of a `Replacement`."""
    configuration: Mapping[str, object] = field(default_factory=dict, repr=False)
    """As of a `Replacement`; empty in acts of earlier versions."""

    @classmethod
    def of(cls, replacement: Replacement) -> Self:
        """Nothing is done yet."""
        r = replacement
        known = cls(
            r.container_id, r.name, r.running, r.origin, r.target, r.restart, r.retired, restarts=r.restarts,
            joins=r.joins, configuration=r.configuration, stopped=r.stopped, absent=r.absent,
            discards=r.discards, ill=r.ill,
        )  # fmt: skip
        if r.aside is None:
            return known
        return replace(known, made=r.aside.container_id, aside=r.aside.name)

    def at(self, stage: Stage) -> Progress:
        """The same at another stage."""
        return replace(self, stage=stage)

    @property
    def new_name(self) -> str:
        """What the new one is called until it has the name."""
        return self.aside or self.name + NEW_SUFFIX

    @property
    def ran(self) -> bool:
        """Whether the old one ran when this began."""
        return self.running and not self.stopped

    @property
    def before(self) -> str:
        """ID of the container that stands aside when this is done."""
        return self.spare or self.container_id

    @property
    def spare_name(self) -> str:
        """What the spare is called."""
        return self.name + SPARE_SUFFIX


@dataclass(frozen=True, slots=True)
class TagToMove:
    """A tag that follows when all containers are replaced."""

    reference: str
    origin: str | None
    target: str | None
    """None where it is taken away."""
    cause: Cause = Cause.ROLLBACK
    undoes: int | None = None
    """Number of the move that this puts back, or does again."""


@dataclass(frozen=True, slots=True)
class Journey:
    """What the journal holds of a roll back: its containers in their order, and the tag that follows them."""

    containers: tuple[Progress, ...] = ()
    tag: TagToMove | None = None
    undoes: int | None = None
    """Number of the act that this puts back, or does again."""
    redo: bool = False
    """Whether it does that again."""
    beside: tuple[str, ...] = ()
    """IDs of other containers that ran when it began, and share a namespace with one of these."""

    def with_progress(self, progress: Progress) -> Journey:
        """The same with one container further."""
        return replace(
            self,
            containers=tuple(
                progress if known.container_id == progress.container_id else known
                for known in self.containers
            ),
        )

    @property
    def ready(self) -> bool:
        """Whether every container is replaced but for its name: it is finished then, and else put back."""
        return all(known.stage in {Stage.SWAP, Stage.DONE} for known in self.containers)

    def to_json(self) -> str:
        """The text for the journal."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote. Raises ValueError."""
        try:
            raw = json.loads(text)
            containers = [_checked(Progress(**each), _OF_PROGRESS) for each in raw["containers"]]
            tag = None if raw["tag"] is None else _checked(_tag_from(**raw["tag"]), _OF_TAG)
            staged = tuple(
                replace(each, stage=Stage(each.stage), joins=tuple(map(_identifier, each.joins)))
                for each in containers
            )
            beside = tuple(map(_identifier, raw.get("beside", ())))
            read = cls(staged, tag, raw.get("undoes"), raw.get("redo") is True, beside)
            return _checked(read, _OF_JOURNEY)
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"not the progress of a roll back: {type(error).__name__}") from error


def _tag_from(*, cause: str = Cause.ROLLBACK, **fields: Any) -> TagToMove:
    return TagToMove(cause=Cause(cause), **fields)


def _identifier(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("no ID")
    return value


_TEXT_OR_NOT: Final = str | None
_OF_PROGRESS: Final = {
    "container_id": str,
    "name": str,
    "running": bool,
    "origin": str,
    "target": str,
    "restart": dict,
    "retired": str,
    "stage": str,
    "made": _TEXT_OR_NOT,
    "spare": _TEXT_OR_NOT,
    "aside": str,
    "stopped": bool,
    "absent": bool,
    "discards": bool,
    "restarts": int,
    "ill": bool,
    "joins": list | tuple,
    "configuration": dict,
}
_OF_TAG: Final = {"reference": str, "origin": _TEXT_OR_NOT, "target": _TEXT_OR_NOT, "undoes": int | None}
_MAY_BE_EMPTY: Final = frozenset({"aside"})
_OF_JOURNEY: Final = {"undoes": int | None}
_Read = TypeVar("_Read")


def _checked(found: _Read, kinds: Mapping[str, type | UnionType]) -> _Read:
    """What JSON said, where each field is of its kind and no text is empty. Raises TypeError."""
    for name, kind in kinds.items():
        value = getattr(found, name)
        if not isinstance(value, kind) or (value == "" and name not in _MAY_BE_EMPTY):
            raise TypeError(name)
    return found


_Joining = TypeVar("_Joining", Replacement, Progress)


def joining(containers: Sequence[_Joining], container_id: str) -> tuple[_Joining, ...]:
    """Those that join a container, or one that does, in their order."""
    shared, found = {container_id}, []
    for each in containers:
        if shared & set(each.joins):
            shared.add(each.container_id)
            found.append(each)
    return tuple(found)


def in_order(containers: Iterable[Replacement]) -> tuple[Replacement, ...]:
    """Each after those that it joins, and as soon as can be; else as they came."""
    waiting, found = list(containers), list[Replacement]()
    while waiting:
        waits = {each.container_id for each in waiting}
        ready = [each for each in waiting if not waits & set(each.joins)] or waiting  # never a circle
        first = next((each for each in ready if each.joins), ready[0])
        waiting.remove(first)
        found.append(first)
    return tuple(found)


def settings_of(container: Mapping[str, object]) -> str:
    """A digest of all that people can have set of a container: two are equal where nobody changed anything.

    The order of lists does not count: engines tell some of them in any order.
    """
    told = container.get("NetworkSettings")
    networks = told.get("Networks") if isinstance(told, Mapping) else None
    connected = {
        name: {key: endpoint.get(key) for key in _OF_NETWORK}
        for name, endpoint in (networks.items() if isinstance(networks, Mapping) else ())
        if isinstance(endpoint, Mapping)
    }
    parts = [container.get("Config"), container.get("HostConfig"), container.get("Mounts"), connected]
    return hashlib.sha256(_in_order(parts).encode()).hexdigest()


def _in_order(value: object) -> str:
    """JSON whose lists are sorted."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(key)}:{_in_order(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(sorted(map(_in_order, value))) + "]"
    return json.dumps(value)


def retired_name(name: str, image_id: str, taken: Sequence[str]) -> str:
    """What a replaced container is called: `api-42f0af4d9b48`, with a number where that is taken."""
    base = f"{name}-{short(image_id)}"
    number = 1
    while (chosen := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return chosen


def is_container_name(text: str) -> bool:
    """Whether an engine takes it as a name (moby `names.RestrictedNamePattern`)."""
    return _NAME.fullmatch(text) is not None
