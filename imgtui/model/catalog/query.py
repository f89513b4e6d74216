"""The filter language: words that all have to match.

`word` anywhere in digest, names, tags and containers; `!word` nowhere; `~word` its letters in
order (fuzzy); and fields, each with `!` before it if wanted: `sha:6d79`, `tag:3.0`, `used:` or
`used:api`, `drift:`, `kept:`, `gone:`. Case does not matter. Anything can be typed: no text is
an error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from imgtui.model.catalog.catalog import Catalog, Version

FIELDS = ("sha", "tag", "used", "drift", "kept", "gone")
NEGATIVE = frozenset({"no", "false", "0"})


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a query."""

    text: str
    field: str = ""
    negated: bool = False
    fuzzy: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query; an empty one matches everything."""

    terms: tuple[Term, ...] = ()
    text: str = ""
    """As it was typed."""

    @classmethod
    def parse(cls, text: str) -> Query:
        """Read a query as it was typed."""
        terms = (_term(word) for word in text.lower().split())
        return cls(tuple(term for term in terms if term.text or term.field), text)

    def matches(self, version: Version, catalog: Catalog, text: str | None = None) -> bool:
        """Whether a version has all that is asked. `text` is its `haystack`, where that is at hand."""
        for term in self.terms:
            if term.field:
                holds = _FIELD[term.field](term.text, version, catalog)
            else:
                holds = _in_text(term, haystack(version, catalog) if text is None else text)
            if holds is term.negated:
                return False
        return True

    def matches_name(self, name: str) -> bool:
        """Whether a repository's name has all plain words; fields say nothing about names."""
        plain = (term for term in self.terms if not term.field)
        return all(_in_text(term, name.lower()) is not term.negated for term in plain)


def _term(word: str) -> Term:
    negated = word.startswith("!")
    word = word.removeprefix("!")
    fuzzy = word.startswith("~")
    word = word.removeprefix("~")
    field, colon, value = word.partition(":")
    if colon and field in FIELDS and not fuzzy:
        return Term(value, field, negated)
    return Term(word, "", negated, fuzzy)


def haystack(version: Version, catalog: Catalog) -> str:
    """All that a plain word is looked for in; an image without tags has the names of its repo digests."""
    image = version.image
    users = catalog.in_use.get(image.id)
    names = " ".join(user.name for user in users) if users else ""
    placed = () if version.repository else dict.fromkeys(d.partition("@")[0] for d in image.repo_digests)
    tags = " ".join((*version.tags, *version.former_tags, *placed))
    return f"{image.id} {version.repository or ''} {tags} {names}".lower()


def _in_text(term: Term, text: str) -> bool:
    if not term.fuzzy:
        return term.text in text
    letters = iter(text)
    return all(letter in letters for letter in term.text)


def _sha(text: str, version: Version, _: Catalog) -> bool:
    digest = text.removeprefix("sha256:")
    image = version.image
    candidates = (image.id, image.manifest or "", *(value.rpartition("@")[2] for value in image.repo_digests))
    return any(candidate.partition(":")[2].startswith(digest) for candidate in candidates)


def _tag(text: str, version: Version, _: Catalog) -> bool:
    return any(text in tag.lower() for tag in version.tags)


def _used(text: str, version: Version, catalog: Catalog) -> bool:
    users = catalog.in_use.get(version.image.id, ())
    if text in NEGATIVE:
        return not users
    wanted = "" if text in {"yes", "true", "1"} else text
    return any(wanted in container.name.lower() for container in users)


def _drift(text: str, version: Version, catalog: Catalog) -> bool:
    users = catalog.containers_of.get(version.image.id, ())
    return any(map(catalog.drifted, users)) is (text not in NEGATIVE)


def _gone(text: str, version: Version, catalog: Catalog) -> bool:
    return (version.image.id not in catalog.images) is (text not in NEGATIVE)


def _kept(text: str, version: Version, catalog: Catalog) -> bool:
    return bool(version.image.keeps) is (text not in NEGATIVE)


_FIELD: dict[str, Callable[[str, Version, Catalog], bool]] = {
    "sha": _sha,
    "tag": _tag,
    "used": _used,
    "drift": _drift,
    "gone": _gone,
    "kept": _kept,
}
