"""`imgtui ls [REPOSITORY]`: the versions, one line or one JSON object for each image in each repository."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from imgtui.engine.port.engine import Engine
from imgtui.model.catalog.catalog import NONE, Catalog, Version
from imgtui.model.catalog.drift import untold_words
from imgtui.model.core.digest import short
from imgtui.model.core.layers import LayerTree
from imgtui.model.core.reference import InvalidReference, Reference
from imgtui.operations.taglog.full_scan import Survey, survey, unread_words
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.cached.cache import Cache
from imgtui.verbs.console.looking import say_interrupted, say_unheard
from imgtui.verbs.console.output import Exit, print_error, print_json, print_table
from imgtui.words import age, size

TITLES = ("REPOSITORY", "DIGEST", "TAGS", "AGE", "SIZE", "OWN", "KEPT", "USED BY")


def run(engine: Engine, cache: Cache, recorder: Recorder, repository: str | None, *, as_json: bool) -> Exit:
    """Print the versions. Raises EngineError."""
    wanted = None
    if repository is not None and repository != NONE:
        try:
            wanted = Reference.parse(repository).familiar_name
        except InvalidReference as error:
            print_error(str(error))
            return Exit.USAGE
    elif repository == NONE:
        wanted = NONE
    found = survey(engine, cache, recorder)
    say_unheard(recorder)
    say_interrupted(recorder)
    versions = [
        version
        for name, members in found.catalog.repositories.items()
        if wanted in {None, name}
        for version in members.versions
    ]
    if wanted is not None and not versions:
        print_error(f"no version of {wanted} is here: imgtui ls shows all repositories")
        return Exit.FAILED
    if as_json:
        print_json([describe(version, found) for version in versions])
    else:
        now = time.time()
        print_table(TITLES, [_row(version, found.catalog, found.tree, now) for version in versions])
    untold = untold_words(found.catalog.containers.values())
    for line in untold:
        print_error(line)
    if found.unread:
        print_error(f"{unread_words(found.unread)}; own bytes leave out what is shared with it")
    return Exit.FAILED if found.unread or untold else Exit.DONE


def describe(version: Version, found: Survey) -> dict[str, object]:
    """The JSON object of a version: full digests, RFC 3339 times, bytes; lists are never null."""
    image, catalog = version.image, found.catalog
    prefix = f"{version.repository}:" if version.repository else ""
    present = image.id in catalog.images
    counted = image.id in found.tree
    return {
        "id": image.id,
        "repository": version.repository,
        "tags": [prefix + tag for tag in version.tags],
        "former_tags": [prefix + tag for tag in version.former_tags],
        "repo_digests": [
            digest for digest in image.repo_digests if digest.partition("@")[0] == version.repository
        ],
        "manifest": image.manifest,
        "created": datetime.fromtimestamp(image.created, UTC).isoformat() if image.created else None,
        "size": image.size if present else None,
        "own_size": found.tree.own(image.id) if counted else None,
        "shared_size": found.tree.shared(image.id) if counted else None,
        "layers": list(found.diff_ids.get(image.id, ())),
        "containers": [container.name for container in catalog.containers_of.get(image.id, ())],
        "mounted_by": [container.name for container in catalog.mounted_by.get(image.id, ())],
        "kept": bool(image.keeps),
        "present": present,
    }


def _row(version: Version, catalog: Catalog, tree: LayerTree, now: float) -> tuple[str, ...]:
    image = version.image
    present = image.id in catalog.images
    tags = " ".join((*version.tags, *(f"({tag})" for tag in version.former_tags)))
    named = [
        f"{user.name} (drift)" if catalog.drifted(user) else user.name
        for user in catalog.containers_of.get(image.id, ())
    ]
    users = ", ".join(
        [*named, *(f"{user.name} (mounts it)" for user in catalog.mounted_by.get(image.id, ()))]
    )
    return (
        version.repository or NONE,
        short(image.id),
        tags or NONE,
        age(image.created, now),
        size(image.size) if present else "gone",
        size(tree.own(image.id)) if image.id in tree else "",
        "kept" if image.keeps else "",
        users,
    )
