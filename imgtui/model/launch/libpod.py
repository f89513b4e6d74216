"""What only Podman's own API can be asked for, of a container that another one is launched like.

What is of one container alone is not given to a second one: addresses, files that a container writes by its
path, and that its image goes with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from imgtui.model.clone.libpod import LibpodTold, named
from imgtui.model.clone.libpod_options import Option
from imgtui.model.clone.libpod_spec import NoTranslation, spec_generator, with_libpod
from imgtui.model.clone.podman_create import option_words
from imgtui.model.safety.json import Json, mapping

if TYPE_CHECKING:
    from imgtui.model.launch.rest import Rest

_OF_ONE: Final = frozenset({"--network", "--ip6", "--conmon-pidfile", "--rmi"})


@dataclass(frozen=True, slots=True)
class OwnOptions:
    """Options for Podman's own API."""

    options: tuple[Option, ...] = field(default=(), repr=False)
    noted: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Annotations with which the podman command has noted options."""

    def on(self, body: Json) -> Json:
        """A body of `POST /containers/create` with them; as it is where there are none."""
        if not self.options:
            return body
        return with_libpod(body, self.options, self._command(body), self.noted)

    def _command(self, body: Json) -> Sequence[str]:
        """The command that Podman tells of it afterwards: a roll back reads there what else is not told."""
        host = mapping(body.get("HostConfig"))
        more = [("--sysctl", f"{name}={value}") for name, value in mapping(host.get("Sysctls")).items()]
        if host.get("MemorySwappiness") == 0:
            more.append(("--memory-swappiness", "0"))
        env = body.get("Env")
        home = [each for each in env if str(each).startswith("HOME=")] if isinstance(env, list) else []
        more += [("--env", str(each)) for each in home]
        return ["podman", "run", *(f"{name}={value}" for name, value in (*more, *self.options))]


NO_OPTIONS: Final = OwnOptions()


def with_own_options(rest: Rest, told: LibpodTold, body: Json) -> Rest:
    """The rest with what Podman tells more; what another one does not get is named.

    `body` is that of a launch with the rest as it is.
    """
    mine = tuple(option for option in told.options if not _is_of_one(option))
    alone = [option for option in told.options if _is_of_one(option)]
    own = OwnOptions(mine, told.noted)
    left = (*rest.left, *named(alone), *told.lost)
    if not mine:
        return replace(rest, left=left)
    if (why := untranslated(own.on(body))) is not None:
        names = (f"{name} (with {why})" for name in named(mine))
        return replace(rest, left=(*left, *names))
    words = option_words({**rest.config, "HostConfig": rest.host}, mine)
    return replace(rest, left=left, own=own, options=tuple(words))


def untranslated(body: Json) -> str | None:
    """What of a body Podman's own API is not asked for; None for nothing."""
    try:
        spec_generator("", body)
    except NoTranslation as error:
        return str(error)
    return None


def _is_of_one(option: Option) -> bool:
    name, value = option
    return name in _OF_ONE or (name == "--log-opt" and value.startswith("path="))
