"""Compose: what it will do with a container put in the place of one of its own, and a file that pins it.

Compose finds its containers by their labels alone. `up` makes one anew when the hash of its configuration or
the label `com.docker.compose.image` is not what the service says now, whatever image the container runs; of
more containers than the service wants it removes first those that it would make anew. Measured with Compose
2.40 on both stores of Docker 28.5: `tests/operations/test_compose_real.py` holds every sentence to it. What
that label says from Compose 5.4 on is by its source (`pkg/compose/images.go`).
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from imgtui.model.core.digest import is_digest, short
from imgtui.model.core.printable import printable, safe_for_terminal
from imgtui.model.core.reference import InvalidReference, Reference
from imgtui.model.plans.plan import NotPossible

_PREFIX: Final = "com.docker.compose."
IMAGE_LABEL: Final = f"{_PREFIX}image"
"""What the service's image was when Compose last looked: an image ID, from 5.4 on the platform manifest."""
_BY_MANIFEST: Final = (5, 4)
"""The version of Compose that began to note the platform manifest, where the engine tells it."""
_VERSION: Final = re.compile(r"v?(\d+)\.(\d+)")
_PROJECT: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")
_SERVICE: Final = re.compile(r"[a-zA-Z0-9._][a-zA-Z0-9._-]*")
"""As the Compose specification has them; no option begins like that."""


@dataclass(frozen=True, slots=True)
class Service:
    """The service that a container is of, as its labels say it."""

    project: str
    name: str
    files: tuple[str, ...]
    """The Compose files, on the machine where Compose was run; empty where the labels do not say."""
    folder: str
    env_files: tuple[str, ...] = ()
    """Those that were given with `--env-file`."""


@dataclass(frozen=True, slots=True)
class Override:
    """A Compose file that pins a service to a digest."""

    path: str
    beside: str
    """The Compose file that it overrides."""
    text: str
    command: str
    """What puts it to use: the container is made anew, once."""


def service_of(labels: Mapping[str, object]) -> Service | None:
    """The service of a container; None where Compose does not manage it, as what `compose run` made."""
    said = {key.removeprefix(_PREFIX): value for key, value in labels.items() if isinstance(value, str)}
    project, name = said.get("project"), said.get("service")
    if not project or not name or said.get("oneoff") == "True":
        return None
    files, env_files = (
        tuple(filter(None, said.get(f"project.{key}", "").split(",")))
        for key in ("config_files", "environment_file")
    )
    return Service(project, name, files, said.get("project.working_dir", ""), env_files)


def labels_on(
    labels: Mapping[str, object], points_at: str | None, manifest: str | None = None
) -> dict[str, str]:
    """What to change in the labels of a container's replacement: then `up` leaves it until the tag moves.

    `points_at` is where the service's tag points once everything is done, `manifest` the platform manifest
    of that image on the containerd store.
    """
    if points_at is None or service_of(labels) is None:
        return {}
    return {IMAGE_LABEL: noted(labels, points_at, manifest)}


def noted(labels: Mapping[str, object], image_id: str, manifest: str | None) -> str:
    """What the Compose that made a container notes of an image."""
    version = _VERSION.match(str(labels.get(f"{_PREFIX}version", "")))
    notes_manifest = version is not None and (int(version[1]), int(version[2])) >= _BY_MANIFEST
    return manifest if manifest is not None and notes_manifest else image_id


def compose_notes(
    labels: Mapping[str, object],
    name: str,
    image_id: str,
    *,
    reference: str | None,
    points_at: str | None,
    outdated: bool = False,
) -> tuple[str, ...]:
    """What Compose will do with the replacement of a container; empty where it does not manage it.

    `labels` are those of the container that is replaced, `name` is what the replacement is called in the end,
    `reference` what the service's image is called, `points_at` where that points once everything is done.
    The replacement has `labels_on`, or is `outdated`: those of one that was made before the tag moved;
    the replaced container is removed, as Compose would take it for a replica.
    """
    if service_of(labels) is None:
        return ()
    up, this = "docker compose up", printable(name, 200)
    tag = "its tag" if reference is None else printable(reference, 200)
    removed = (
        f"{this}: the container before it is removed, as Compose would start it too (undo makes it again)"
    )
    if points_at is None:
        return (f"{up} pulls or builds {tag}, and recreates {this} from it", removed)
    if outdated:
        return (f"{up} recreates {this} from {tag}, which has moved since", removed)
    notes = [f"{up} leaves {this} on {short(image_id)} until {tag} moves", removed]
    if points_at != image_id:
        notes.append(f"{up} --force-recreate, or with changed files, brings back {short(points_at)}")
    return tuple(notes)


def joining_notes(labels: Mapping[str, object], name: str, reference: str | None) -> tuple[str, ...]:
    """What Compose will do with a container that was recreated to join another one; as `compose_notes`.

    Compose counts the ID of the container whose namespaces a service uses as a part of its configuration.
    """
    if service_of(labels) is None:
        return ()
    this, tag = printable(name, 200), "its tag" if reference is None else printable(reference, 200)
    return (f"docker compose up recreates {this} once more, from {tag}",)


def override(
    labels: Mapping[str, object], image_id: str, *, repo_digest: str | None = None, containers: int = 1
) -> Override:
    """A Compose file that pins the service of a container to an image. Raises NotPossible.

    `repo_digest` is for an image that a registry has: then it can be pulled too. Without one it is named by
    its ID, as `repository@digest` is not known to a graph driver for what was never pushed or pulled, nor to
    the containerd store once the tag has moved. `containers` is how many the service has.
    """
    service = service_of(labels)
    if service is None:
        raise NotPossible("Compose does not manage this container")
    files = _files(service)
    path = str(PurePosixPath(files[0]).parent / f"compose.imgtui.{service.project}.{service.name}.yml")
    arguments = ["docker", "compose", "--project-name", service.project]
    if service.folder:
        arguments += ["--project-directory", service.folder]
    for env_file in service.env_files:
        arguments += ["--env-file", env_file]
    for file in (*(file for file in files if file != path), path):
        arguments += ["--file", file]
    arguments += ["up", "--detach", "--no-deps"]
    if containers > 1:
        arguments += ["--scale", f"{service.name}={containers}"]
    command = shlex.join([*arguments, service.name])
    beside = next((file for file in files if file != path), files[0])
    return Override(path, beside, _text(service, image_id, repo_digest, command), command)


def _files(service: Service) -> tuple[str, ...]:
    """The Compose files, if they can be named in a command that a person reads. Raises NotPossible."""
    if not _PROJECT.fullmatch(service.project) or not _SERVICE.fullmatch(service.name):
        raise NotPossible("the names of this Compose project are not as Compose makes them")
    if not service.files or not all(file.startswith("/") for file in (*service.files, *service.env_files)):
        raise NotPossible("the labels of this container do not say where the Compose files are")
    if not all(map(safe_for_terminal, (*service.files, *service.env_files, service.folder))):
        raise NotPossible("the paths of the Compose files have characters that cannot be shown")
    return service.files


def _text(service: Service, image_id: str, repo_digest: str | None, command: str) -> str:
    """YAML, of which JSON's strings are a part. Nothing is built: a build would take the pin for its tag."""
    pin = _repo_digest(repo_digest) if repo_digest is not None else image_id
    if not is_digest(image_id):
        raise NotPossible(f"{printable(image_id, 200)} is no digest")
    return (
        f"# Written by imgtui: pins {service.name} of the Compose project {service.project}. To use it:\n"
        f"#   {command}\n"
        "# Without this file docker compose goes back to the image that the other files name.\n"
        "services:\n"
        f"  {json.dumps(service.name)}:\n"
        f"    image: {json.dumps(pin)}\n"
        f"    pull_policy: {'missing' if repo_digest else 'never'}\n"
        "    build: !reset null\n"
    )


def _repo_digest(text: str) -> str:
    try:
        parsed = Reference.parse(text)
    except InvalidReference as error:
        raise NotPossible(str(error)) from None
    if parsed.digest is None:
        raise NotPossible(f"{printable(text, 200)} names no digest")
    return text
