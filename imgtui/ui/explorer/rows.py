"""Repositories and versions as rows of a table."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from imgtui.model.catalog.catalog import NONE, Catalog, Repository, Version
from imgtui.model.core.digest import short
from imgtui.model.taglog.history import FormerName
from imgtui.ui.explorer.knowledge import Knowledge
from imgtui.ui.widgets.columns import Column
from imgtui.ui.widgets.spans import Line, Span
from imgtui.words import age, count, plural, size

EVERYTHING = "*"
"""The key of the row that stands for all images."""
GONE = "gone"
"""The key of the row that folds what is gone, and shows it again."""

REPOSITORY_COLUMNS = (
    Column("NAME", 18, rank=9, stretch=1),
    Column("#", 5, rank=8, right=True),
    Column("NEWEST", 6, rank=2, right=True),
    Column("FREES", 8, rank=1, right=True),
)

VERSION_COLUMNS = (
    Column("DIGEST", 12, rank=9),
    Column("TAGS", 14, rank=8, stretch=3),
    Column("AGE", 5, rank=7, right=True),
    Column("SIZE", 8, rank=4, right=True),
    Column("OWN", 9, rank=6, right=True),
    Column("KEPT", 4, rank=3),
    Column("USED BY", 12, rank=5, stretch=2),
)


def repositories_title(catalog: Catalog, gone: int) -> Line:
    """The title of the repositories; `gone` are those of which nothing is here."""
    number = len(catalog.repositories) - (NONE in catalog.repositories) - gone
    return [Span(" Repositories", "heading"), Span(f"  {count(number)}{plus_gone(gone)}", "heading")]


def plus_gone(gone: int) -> str:
    """` + 3 gone`; empty for none."""
    return f" + {count(gone)} gone" if gone else ""


def fold_cells(gone: int, noun: str, *, shown: bool) -> Sequence[Span]:
    """The row that stands for what is gone; no noun where the pane is narrow, and has one above."""
    what = f"{count(gone)} gone" + (f" {plural(gone, noun).partition(' ')[2]}" if noun else "")
    shows = f"{what} · enter shows {'it' if gone == 1 else 'them'}"
    return [Span(f"enter hides {what}" if shown else shows, "dim")]


def versions_title(name: str, versions: Sequence[Version], shown: int, here: Collection[str]) -> Line:
    """The title of the versions: of which repository, how many, how many of them are shown.

    `here` has the IDs of the images that the engine has.
    """
    tags = sum(len(version.tags) for version in versions)
    gone = sum(version.image.id not in here for version in versions)
    number = f"{plural(len(versions) - gone, 'version')}{plus_gone(gone)}"
    if shown != len(versions):
        number = f"{count(shown)} of {plural(len(versions), 'version')}"
    text = f"{number} · {plural(tags, 'tag')}"
    return [Span(f" {'All images' if name == EVERYTHING else name}  ", "heading"), Span(text, "heading")]


def repository_cells(name: str, repository: Repository | None, known: Knowledge) -> Sequence[Span]:
    """A repository: its versions counted, the newest one's age, what removing it all would free."""
    if repository is None:
        total = size(known.tree.total) if known.complete else ""
        return Span("* all images"), Span(count(len(known.catalog.images))), Span(""), Span(total, "dim")
    frees = known.frees(repository)
    return (
        Span(name, "dim" if name == NONE else ""),
        Span(count(sum(version.image.id in known.catalog.images for version in repository.versions))),
        Span(age(repository.newest, known.now)),
        Span(bound(frees, exact=known.complete), "dim"),
    )


def version_cells(version: Version, known: Knowledge) -> Sequence[Span]:
    """A version: what it is, what points at it, what it costs, who runs it."""
    image = version.image
    if image.id not in known.catalog.images:
        used, _ = used_by(image.id, known.catalog)
        pull = "gone: pull by digest" if known.where(image.id).certain else "gone"
        gone = pull if not used else f"gone, still run by {used}"
        return (
            Span(short(image.id), "gone"),
            names_of(version, known),
            Span(age(image.created, known.now)),
            Span(""),
            Span(""),
            Span(""),
            Span(gone, "bad"),
        )
    own = ""
    if image.id in known.tree:
        own = bound(known.tree.own(image.id), exact=known.complete)
    used, drifting = used_by(image.id, known.catalog)
    return (
        Span(short(image.id), "strong"),
        names_of(version, known),
        Span(age(image.created, known.now)),
        Span(size(image.size)),
        Span(own),
        Span("kept" if image.keeps else "", "good"),
        Span(used, "warn" if drifting else ""),
    )


def names_of(version: Version, known: Knowledge) -> Span:
    """Its tags, and whether the next version is compared with it."""
    tags = tags_of(version, known.now)
    return Span(f"[A] {tags.text}", "warn") if version.image.id == known.side_a else tags


def tags_of(version: Version, now: float) -> Span:
    """Tags now, then in brackets those that pointed here before and until when."""
    whole = version.repository is None
    tags = grouped(version.tags) if whole else " ".join(version.tags)
    former = grouped(version.former_tags) if whole else ", ".join(_until(n, now) for n in version.former)
    text = " ".join(part for part in (tags, f"({former})" if former else "") if part)
    if not text and version.repository is None:
        names = dict.fromkeys(digest.partition("@")[0] for digest in version.image.repo_digests)
        text = " ".join(f"{name}:{NONE}" for name in names)
    return Span(text or NONE, "accent" if version.tags else "dim")


def _until(name: FormerName, now: float) -> str:
    """A move that was observed says when it was; a proof only that the tag was here at some time."""
    return name.tag if name.source or not name.until else f"{name.tag} {age(name.until, now)} ago"


def grouped(references: Sequence[str]) -> str:
    """Whole references with each repository named once: `shop/web:latest,2.7 myapp:3`."""
    tags: dict[str, list[str]] = {}
    for reference in references:
        name, _, tag = reference.rpartition(":")
        tags.setdefault(name, []).append(tag)
    return " ".join(f"{name}:{','.join(found)}" for name, found in tags.items())


def used_by(image_id: str, catalog: Catalog) -> tuple[str, bool]:
    """The containers of an image in a few words, and whether one of them has drifted.

    Drift comes first: a cut line must not hide it.
    """
    users = catalog.containers_of.get(image_id, ())
    drifting = any(catalog.drifted(container) for container in users)
    named = [user.name if user.running else f"{user.name} ({user.state})" for user in users]
    named += [f"{user.name} (mounts it)" for user in catalog.mounted_by.get(image_id, ())]
    names = ", ".join(named)
    if not drifting and any(catalog.rebuilt(container) for container in users):
        return f"rebuilt {names}", False
    return (f"drift {names}" if drifting else names), drifting


def bound(number: int, *, exact: bool) -> str:
    """Bytes, marked as an upper bound as long as not all layers are known."""
    return size(number) if exact else f"≤{size(number)}"
