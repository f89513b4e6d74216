"""Drafts of launches: a form filled from the newest container of the repository, else from the image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from imgtui.engine.docker.connection import api_number
from imgtui.engine.port.engine import Engine
from imgtui.engine.port.errors import NotFound
from imgtui.engine.wire.translate import image_id as identifier
from imgtui.model.catalog.catalog import NONE, Catalog
from imgtui.model.clone.libpod import told_by_podman
from imgtui.model.clone.podman import as_docker_says
from imgtui.model.core.digest import short
from imgtui.model.core.image import Container, EngineInfo, Store
from imgtui.model.core.reference import split_tagged
from imgtui.model.launch.defaults import from_container, from_image, hints, own_config
from imgtui.model.launch.form import Draft, Surroundings, free_name
from imgtui.model.launch.launch import SHELL_NAME, Launch
from imgtui.model.launch.libpod import with_own_options
from imgtui.model.launch.rest import NOTHING_MORE, rest_of
from imgtui.model.plans.plan import NotPossible, Plan, plan_keep
from imgtui.model.safety.json import mapping, objects

LEAST_API: Final = (1, 41)
LARGEST_FILE: Final = 1024 * 1024
"""Bytes of an environment file."""


def draft(
    engine: Engine, catalog: Catalog, info: EngineInfo | None, image_id: str, repository: str | None, now: int
) -> Draft:
    """The form for a digest as a version of a repository. `now` is in seconds since the epoch.

    Raises EngineError.
    """
    store = info.store if info else Store.GRAPH
    api = api_number(info.api_version) if info else LEAST_API
    image = engine.image_config(image_id)
    if image is None:
        raise NotFound(f"{short(image_id)} is gone from this engine")
    names = {container.name: container.id for container in catalog.containers.values()}
    newest, told = newest_container(catalog, repository), None
    found = None if newest is None else engine.inspect_container(newest.id)
    if newest is not None and found is not None:
        before = engine.image_config(identifier(found.get("Image")))
        if store is Store.PODMAN:
            told = told_by_podman(engine.podman_document(newest.id))
            found = as_docker_says(
                found, before or image, home_was_set=told.home_was_set, from_secrets=told.from_secrets
            )
            found = {**found, "HostConfig": {**mapping(found.get("HostConfig")), **told.host}}
        own = own_config(found, before, image, ordered=store is not Store.PODMAN)
        fields, source = from_container(found, own, image, engine.taken_ports()), newest.name
        rest = rest_of(found, own, api, podman=store is Store.PODMAN)
        if told is not None:
            rest = with_own_options(rest, told, Launch(image_id, "", rest=rest).body)
    else:
        fields, source, rest = from_image(image, engine.taken_ports()), None, NOTHING_MORE
    known = catalog.images.get(image_id)
    tags = known.tags if known else ()
    keeps = known.keeps if known else ()
    return Draft(
        image_id,
        next((tag for tag in tags if (split_tagged(tag) or ("",))[0] == repository), next(iter(tags), None)),
        {
            **{name: field.text for name, field in fields.items()},
            "name": free_name(repository, image_id, names),
        },
        {name: field.held for name, field in fields.items() if field.held},
        hints(image, found, source),
        source,
        rest,
        None if keeps else _keep(catalog, image_id, repository, now),
        loses=store is Store.CONTAINERD and not tags and not keeps,
    )


def surroundings(
    engine: Engine, catalog: Catalog, environ: Mapping[str, str], no_terminal: str | None
) -> Surroundings:
    """What a launch can collide with. Raises EngineError."""
    return Surroundings(
        {container.name: container.id for container in catalog.containers.values()},
        engine.taken_ports(),
        engine.networks(),
        _written(engine, catalog),
        environ,
        _read_file,
        no_terminal,
        engine.proxies(),
    )


def _written(engine: Engine, catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """The volumes and folders that running containers can write to, and the names of these."""
    found: dict[str, tuple[str, ...]] = {}
    for container in catalog.containers.values():
        document = engine.inspect_container(container.id) if container.running else None
        for mount in objects((document or {}).get("Mounts")):
            place = mount.get("Name") or mount.get("Source")
            if mount.get("RW") and isinstance(place, str):
                found[place.rstrip("/")] = (*found.get(place.rstrip("/"), ()), container.name)
    return found


def newest_container(catalog: Catalog, repository: str | None) -> Container | None:
    """The container that was created last from a version of a repository; throw-away shells do not count."""
    place = catalog.repositories.get(repository or NONE)
    versions = place.versions if place else ()
    found = [
        container
        for version in versions
        for container in catalog.containers_of.get(version.image.id, ())
        if not container.name.startswith(SHELL_NAME)
    ]
    return max(found, key=lambda container: container.created, default=None)


def _keep(catalog: Catalog, image_id: str, repository: str | None, now: int) -> Plan | None:
    try:
        return plan_keep(catalog, image_id, repository, now)
    except NotPossible:
        return None


def _read_file(path: str) -> str:
    """The text of a file. Raises OSError, and ValueError for what is none."""
    with Path(path).open("rb") as file:
        found = file.read(LARGEST_FILE + 1)
    if len(found) > LARGEST_FILE:
        raise ValueError("more than a megabyte")
    return found.decode()
