"""What can be copied of a version."""

from __future__ import annotations

from imgtui.model.catalog.catalog import Catalog, Version


def choices(version: Version, catalog: Catalog) -> list[tuple[str, str]]:
    """Label and text, the most exact first. Commands name the digest, never a tag that can move."""
    image = catalog.images.get(version.image.id, version.image)
    found = [("digest", image.id)]
    found += [("repo@digest", digest) for digest in image.repo_digests]
    found += [("tag", tag) for tag in image.tags]
    found += [
        ("docker command", f"docker run --rm -it {image.id}"),
        ("docker command", f"docker inspect {image.id}"),
    ]
    return found
