"""The same container on another image: what must be asked for so that it is configured as before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from imgtui.model.clone import podman as carry_podman
from imgtui.model.clone.config import name_of, set_by_people, set_by_people_or_unknown
from imgtui.model.clone.difference import Kept, differences, kept, united
from imgtui.model.clone.libpod import NO_MACHINE_HOSTS, LibpodTold
from imgtui.model.clone.libpod_spec import NoTranslation, spec_generator, with_libpod
from imgtui.model.clone.mounts import with_same_volumes
from imgtui.model.clone.networks import endpoints, links, shared_with
from imgtui.model.core.image import Store
from imgtui.model.core.labels import OWN
from imgtui.model.core.printable import printable
from imgtui.model.safety.json import LIBPOD, Json, mapping, text, texts

_WORDS: Final = {
    "Env": "variables", "Entrypoint": "entry point", "Cmd": "command", "Labels": "labels",
    "ExposedPorts": "exposed ports", "Volumes": "volumes", "Healthcheck": "health check", "User": "user",
    "WorkingDir": "working directory", "StopSignal": "stop signal", "Shell": "shell",
}  # fmt: skip
"""What an image gives to a container."""
_MOST_NAMES: Final = 8
"""Names that a note lists."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What makes a container like another one. Holds its environment: never shown or written."""

    body: Mapping[str, object] = field(repr=False)
    """Of `POST /containers/create`."""
    networks: Mapping[str, Json] = field(default_factory=dict, repr=False)
    """`EndpointConfig` by network: to be connected when the container is made, before it starts."""
    left: tuple[str, ...] = ()
    """Networks that it is put in when it is made, and is to be taken out of."""
    lost: tuple[str, ...] = ()
    """What the new container will not have, as it follows on `it loses`; printable."""
    health: Mapping[str, object] = field(default_factory=dict)
    """The health check that it has."""
    user: str = ""
    """The user that it runs as."""
    changes: tuple[str, ...] = ()
    """What is otherwise on the new image, before and after; printable."""
    notes: tuple[str, ...] = ()
    """What else there is to know, printable."""
    risks: tuple[str, ...] = ()
    """What is dangerous about it, as it follows on the container's name; printable."""


def carried(
    container: Json,
    old_image: Json | None,
    *,
    image: str,
    new_image: Json | None = None,
    labels: Mapping[str, str] | None = None,
    api: tuple[int, int] = (1, 44),
    store: Store = Store.GRAPH,
    told: LibpodTold | None = None,
) -> Carried:
    """What to ask for so that a container is configured as `container`, on the image with the ID `image`.

    `container` is what the engine tells of the old one (`GET /containers/{id}/json`; from API 1.52 on it
    does not tell a MAC address that was set). `old_image` is the `Config` of the image that it was made from:
    what that gave is left to the new one. It is None where the image is gone: then all that is not as
    `new_image`, the `Config` of the new one, has it stays. `labels` are added. `api` is the version that the
    engine is asked in, `told` what Podman tells more.
    """
    given = old_image if old_image is not None else mapping(new_image)
    podman = store is Store.PODMAN
    more = told or LibpodTold()
    said = container
    if podman:
        said = carry_podman.as_docker_says(
            container, given, home_was_set=more.home_was_set, from_secrets=more.from_secrets
        )
    config = without_generated(said)
    if old_image is not None:
        own = set_by_people(config, old_image, ordered=not podman)
    else:
        own = set_by_people_or_unknown(config, given, ordered=not podman)
    stays = Kept()
    if old_image is not None:
        stays = kept(config, old_image, new_image)
        compose = mapping(stays.config.get("Labels"))
        own |= {**stays.config, "Labels": {**mapping(own.get("Labels")), **compose}}
    if shared_with(mapping(said.get("HostConfig")).get("NetworkMode")):
        own.pop("ExposedPorts", None)  # refused there, so the image's (moby `runconfig/hostconfig.go`)
    joined = endpoints(said, api, podman=podman)
    volumes, volume_notes = with_same_volumes(said)
    host = {**mapping(said.get("HostConfig")), **volumes, "Links": links(said), **more.host}
    body: dict[str, object] = {
        **own,
        "Image": image,
        "Labels": _labels(mapping(own.get("Labels")), labels or {}),
        "HostConfig": host,
        "NetworkingConfig": {"EndpointsConfig": _at(more.address, joined.at_once)},
    }
    if mac_address := joined.mac_address or more.mac_address:
        body["MacAddress"] = mac_address
    later: Mapping[str, Json] = joined.later
    lost = _lost(said)
    left = more.lost
    if more.command:  # what made it makes it again
        by_libpod = with_libpod(_at_once(body, later), more.options, more.command, more.noted)
        try:
            spec_generator("", by_libpod)
            body, later = by_libpod, {}
        except NoTranslation as error:
            left += tuple(f"{name} (with {printable(str(error), 100)})" for name in more.beyond_docker)
    if left:
        lost += (f"{', '.join(left)}, which Podman is not asked for again",)
    after = united(own, new_image) if new_image is not None else config
    changes = differences(config, after)
    notes = [*stays.notes, *volume_notes, *joined.notes]
    if podman:
        lost += () if LIBPOD in body else carry_podman.cannot(body, api)
        ports = carry_podman.untold_ports(host, given, new_image)
        machine = (NO_MACHINE_HOSTS,) if more.machine_hosts and LIBPOD not in body else ()
        notes += [*machine, *more.notes, *ports, *_untold_health(own, given)]
    if old_image is None:
        notes.append(_gone(own))
    health = mapping(after.get("Healthcheck"))
    user = text(after.get("User"))
    return Carried(body, later, joined.left, lost, health, user, tuple(changes), tuple(notes), stays.risks)


def _at_once(body: Json, later: Mapping[str, Json]) -> dict[str, object]:
    """The body with the networks that would be connected when it is made: Podman takes all at once."""
    networks = {**mapping(mapping(body.get("NetworkingConfig")).get("EndpointsConfig")), **later}
    return {**body, "NetworkingConfig": {"EndpointsConfig": networks}}


def without_generated(container: Json) -> dict[str, object]:
    """The `Config` of a container without a host name that the engine chose.

    That is its short ID; or where its network or UTS namespace is shared, the name of whom it is shared with
    (moby `daemon/container_operations.go`, `initializeNetworking`), and none may be asked for then.
    """
    config, host = dict(mapping(container.get("Config"))), mapping(container.get("HostConfig"))
    shared = bool(shared_with(host.get("NetworkMode")))
    if shared or host.get("UTSMode") == "host" or config.get("Hostname") == text(container.get("Id"))[:12]:
        config.pop("Hostname", None)
    if shared:
        config.pop("Domainname", None)
    return config


def _at(address: str, endpoints: Mapping[str, Json]) -> dict[str, Json]:
    """The networks, with the address that was set in the first one, which Docker tells with them."""
    found = dict(endpoints)
    if address and found:
        first = next(iter(found))
        found[first] = {**found[first], "IPAMConfig": {"IPv4Address": address}}
    return found


def _labels(own: Json, added: Mapping[str, str]) -> dict[str, object]:
    """Labels that tell of one container only are not inherited from the container before."""
    return {**{name: value for name, value in own.items() if not name.startswith(OWN)}, **added}


def _lost(container: Json) -> tuple[str, ...]:
    """What no container like it can have on any engine."""
    lost = []
    if mapping(container.get("HostConfig")).get("AutoRemove"):
        lost.append("what it wrote outside of volumes: it goes as soon as it stops (--rm)")
    return tuple(lost)


def _untold_health(own: Json, image: Json) -> list[str]:
    """Podman leaves the health check out of what it tells of an image (4.3)."""
    if not own.get("Healthcheck") or image.get("Healthcheck"):
        return []
    return ["Podman does not tell whether its health check was the image's: it stays as it is"]


def _gone(own: Json) -> str:
    """What stays because nobody knows where it came from. Names only: values may be secret."""
    told = "the image it was made from is gone, and what it gave is not known"
    stays = [_named(word, own.get(key)) for key, word in _WORDS.items() if own.get(key)]
    return f"{told}: these stay as they are: {'; '.join(stays)}" if stays else told


def _named(word: str, value: object) -> str:
    names = [name_of(entry) for entry in texts(value)] if word == _WORDS["Env"] else list(mapping(value))
    if not names or word == _WORDS["Healthcheck"]:
        return word
    more = ", …" if len(names) > _MOST_NAMES else ""
    return f"{word} {printable(', '.join(names[:_MOST_NAMES]))}{more}"
