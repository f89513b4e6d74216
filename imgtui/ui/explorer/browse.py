"""Which rows the explorer shows: repository, filter and order, without a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from imgtui.model.catalog.catalog import Repository, Version
from imgtui.model.catalog.order import RepositoryOrder, VersionOrder, sort_repositories, sort_versions
from imgtui.model.catalog.query import Query, haystack
from imgtui.model.core.reference import repository_of
from imgtui.model.plans.plan import keeps_of
from imgtui.ui.explorer.knowledge import Knowledge
from imgtui.ui.explorer.rows import EVERYTHING, GONE

VERSION_ORDERS = tuple(VersionOrder)
REPOSITORY_ORDERS = tuple(RepositoryOrder)


@dataclass
class Browse:
    """What a person has chosen to see."""

    known: Knowledge
    repository: str = EVERYTHING
    repository_query: Query = field(default_factory=Query)
    version_query: Query = field(default_factory=Query)
    last_query: Query = field(default_factory=Query)
    repository_order: RepositoryOrder = RepositoryOrder.NAME
    version_order: VersionOrder = VersionOrder.AGE
    repositories_reversed: bool = False
    versions_reversed: bool = False
    gone_shown: bool = False
    """Whether versions are listed that the engine does not have any more."""
    gone_repositories_shown: bool = False
    """Whether repositories are listed that have no other versions."""
    gone: int = 0
    """The versions of the repository that can be folded: they are gone, and no container runs them."""
    gone_repositories: int = 0
    """The repositories that can be folded."""
    _searched: Sequence[Version] = ()
    _haystacks: dict[int, str] = field(default_factory=dict)

    def repositories(self) -> list[str]:
        """Keys of the repositories to show: all images first, what folds those that are gone last.

        Who filters sees all that match.
        """
        found = list(self.known.catalog.repositories.values())
        self.gone_repositories = 0
        if not self.repository_query.terms:
            here = [each for each in found if any(self._lives_in(each.name, v) for v in each.versions)]
            self.gone_repositories = len(found) - len(here)
            found = found if self.gone_repositories_shown else here
        matching = [found_one for found_one in found if self.repository_query.matches_name(found_one.name)]
        ordered = sort_repositories(matching, self.repository_order, reverse=self.repositories_reversed)
        fold = [GONE] if self.gone_repositories else []
        return [EVERYTHING, *(repository.name for repository in ordered), *fold]

    def repository_of(self, key: str) -> Repository | None:
        """The repository of a key; None for all images."""
        return self.known.catalog.repositories.get(key)

    def versions(self, held: str | None = None) -> dict[str, Version]:
        """The versions to show by image ID, in order; who filters sees all that match.

        The one that is `held`, as the cursor stands on it, is not folded.
        """
        catalog = self.known.catalog
        versions = self.siblings()
        if self.version_query.terms:
            query, texts = self.version_query, self._texts()
            versions = [v for v in versions if query.matches(v, catalog, texts[id(v)])]
            self.gone = 0
        else:
            here = [version for version in versions if self._is_here(version)]
            if here and not self.gone_shown:
                here = [v for v in versions if self._is_here(v) or v.image.id == held]
            self.gone = len(versions) - len(here) if here else 0
            versions = here if self.gone and not self.gone_shown else versions
        if self.version_order is not VersionOrder.AGE or self.versions_reversed:
            versions = sort_versions(
                versions, self.version_order, catalog, self.known.tree, reverse=self.versions_reversed
            )
        return {version.image.id: version for version in versions}

    def _is_here(self, version: Version) -> bool:
        """Whether the engine has it, or a container runs it."""
        catalog = self.known.catalog
        return version.image.id in catalog.images or version.image.id in catalog.containers_of

    def _lives_in(self, name: str, version: Version) -> bool:
        """Whether a repository is where a version is looked for: it has a name there, or none elsewhere."""
        if not self._is_here(version):
            return False
        image = version.image
        named = (repository_of(digest) == name for digest in image.repo_digests)
        kept = (keep.repository == name for keep in keeps_of(image))
        return bool(version.tags) or not image.tags or any(named) or any(kept)

    def siblings(self) -> Sequence[Version]:
        """All versions of the repository that is shown, newest first."""
        if self.repository == EVERYTHING:
            return self.known.catalog.everything
        repository = self.known.catalog.repositories.get(self.repository)
        return repository.versions if repository else ()

    def family(self, version: Version) -> Sequence[Version]:
        """The versions to compare layers with: of its repository, also when all images are shown."""
        if self.repository != EVERYTHING:
            return self.siblings()
        for reference in (*version.image.tags, *version.image.repo_digests):
            name = reference.partition("@")[0]
            name = name if "@" in reference else name.rpartition(":")[0]
            if repository := self.known.catalog.repositories.get(name):
                return repository.versions
        return [version]

    def _texts(self) -> Mapping[int, str]:
        """What plain words are looked for in: made once for the versions that are shown."""
        versions = self.siblings()
        if self._searched is not versions:
            catalog = self.known.catalog
            self._searched = versions
            self._haystacks = {id(version): haystack(version, catalog) for version in versions}
        return self._haystacks

    def next_match(self, keys: Sequence[str], current: str | None, step: int) -> str | None:
        """The next key, round and round, whose version matches the last filter."""
        if not self.last_query.terms or not keys:
            return None
        catalog = self.known.catalog
        versions = {version.image.id: version for version in self.siblings()}
        start = keys.index(current) if current in keys else 0
        for offset in range(1, len(keys) + 1):
            key = keys[(start + step * offset) % len(keys)]
            if key in versions and self.last_query.matches(versions[key], catalog):
                return key
        return None
