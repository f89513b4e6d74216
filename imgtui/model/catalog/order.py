"""The orders that versions and repositories can be shown in."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from imgtui.model.catalog.catalog import NONE, Catalog, Repository, Version
from imgtui.model.core.layers import LayerTree


class VersionOrder(StrEnum):
    """Keys to sort versions by; the first is what people see first."""

    AGE = "age"
    SIZE = "size"
    OWN = "own bytes"
    TAG = "tag"
    USED = "containers"


class RepositoryOrder(StrEnum):
    """Keys to sort repositories by."""

    NAME = "name"
    VERSIONS = "versions"
    AGE = "age"


def sort_versions(
    versions: Iterable[Version],
    order: VersionOrder,
    catalog: Catalog,
    tree: LayerTree,
    *,
    reverse: bool = False,
) -> list[Version]:
    """Versions, given newest first, in an order: newest, largest, or most used first.

    Ties stay newest first.
    """
    found = list(versions)
    if order is VersionOrder.SIZE:
        found.sort(key=lambda v: -v.image.size)
    elif order is VersionOrder.OWN:
        found.sort(key=lambda v: -tree.own(v.image.id))
    elif order is VersionOrder.TAG:
        found.sort(key=lambda v: (not v.tags, min(v.tags, default="")))
    elif order is VersionOrder.USED:
        found.sort(key=lambda v: -len(catalog.containers_of.get(v.image.id, ())))
    if reverse:
        found.reverse()
    return found


def sort_repositories(
    repositories: Iterable[Repository], order: RepositoryOrder, *, reverse: bool = False
) -> list[Repository]:
    """Repositories in an order; `<none>` is always last."""
    found = sorted(repositories, key=lambda repository: repository.name)
    if order is RepositoryOrder.VERSIONS:
        found.sort(key=lambda repository: -len(repository.versions))
    elif order is RepositoryOrder.AGE:
        found.sort(key=lambda repository: -repository.newest)
    if reverse:
        found.reverse()
    return sorted(found, key=lambda repository: repository.name == NONE)
