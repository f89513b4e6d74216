"""The replicas of a service of Compose: one thing to those who run it, several containers to the engine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from imgtui.model.catalog.catalog import Catalog
from imgtui.model.core.image import Container

_NUMBERED: Final = re.compile(r"(.*?)(\d+)")


def replicas_of(catalog: Catalog, container: Container) -> tuple[Container, ...]:
    """All containers of its service, itself among them, in the order of their numbers.

    Those that a roll back has retired are left out. It is alone where Compose does not manage it.
    """
    project, service = container.compose_project, container.compose_service
    if project is None or service is None:
        return (container,)
    return _of_service(catalog, project, service) or (container,)


def service_named(catalog: Catalog, text: str) -> tuple[Container, ...]:
    """The containers of the service that `project/service` names; none where there is no such service."""
    project, _, service = text.partition("/")
    return _of_service(catalog, project, service)


def service_of_all(containers: Iterable[Container]) -> str:
    """`project/service` of containers of one service."""
    first = next(iter(containers))
    return f"{first.compose_project}/{first.compose_service}"


def _of_service(catalog: Catalog, project: str, service: str) -> tuple[Container, ...]:
    found = [
        each
        for each in catalog.containers.values()
        if (each.compose_project, each.compose_service) == (project, service) and not catalog.is_spare(each)
    ]
    return tuple(sorted(found, key=_by_number))


def _by_number(container: Container) -> tuple[str, int]:
    """`web-2` goes before `web-10`."""
    found = _NUMBERED.fullmatch(container.name)
    return (found[1], int(found[2])) if found else (container.name, 0)
