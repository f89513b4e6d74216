"""Packages that differ between two images, out of the databases that package managers keep in them.

dpkg: `status` (dpkg(1)), with one file for each package in distroless images. apk: `installed` (apk-tools,
"P:" and "V:"). Python: the names of `*.dist-info` folders (Recording installed projects,
packaging.python.org). Node: `package.json` of what is directly in a `node_modules` folder (npm docs).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from imgtui.model.core.printable import printable
from imgtui.model.files.changes import FileChange


class Manager(StrEnum):
    """Whose package it is; the value is the word used in JSON."""

    DPKG = "dpkg"
    APK = "apk"
    RPM = "rpm"
    PYTHON = "python"
    NODE = "node"


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """What is called so by one manager, in one place."""

    manager: Manager
    name: str
    place: str = ""
    """The folder that it is in, for managers that can have several."""


Versions = Mapping[Package, str]


@dataclass(frozen=True, slots=True)
class PackageChange:
    """A package of which there is another version, or none, in the other image."""

    package: Package
    a: str | None
    b: str | None

    @property
    def change(self) -> str:
        """`added`, `removed`, `changed`."""
        return "added" if self.a is None else "removed" if self.b is None else "changed"

    def swapped(self) -> PackageChange:
        """The same, seen from the other image."""
        return PackageChange(self.package, self.b, self.a)


@dataclass(frozen=True, slots=True)
class PackagesDifference:
    """The packages that differ."""

    changes: tuple[PackageChange, ...] = ()
    not_read: tuple[str, ...] = ()
    """Databases that differ and cannot be read: why, a line each."""

    def swapped(self) -> PackagesDifference:
        """The same, seen from the other image."""
        return PackagesDifference(tuple(each.swapped() for each in self.changes), self.not_read)


LARGEST: Final = 32 * 1024 * 1024
"""Bytes of a database that are read; a full desktop's has 8 MB."""
_DPKG: Final = re.compile(r"var/lib/dpkg/(?:status|status\.d/[^/]+)")
_APK: Final = re.compile(r"(?:usr/)?lib/apk/db/installed")
_RPM_SQLITE: Final = re.compile(r"(?:var/lib/rpm|usr/lib/sysimage/rpm)/rpmdb\.sqlite")
_RPM_OTHER: Final = re.compile(r"(?:var/lib/rpm|usr/lib/sysimage/rpm)/(?:Packages|Packages\.db)")
_NODE: Final = re.compile(r"(?P<place>(?:.*/)?node_modules)/(?P<name>(?:@[^/]+/)?[^/@][^/]*)/package\.json")
_PYTHON: Final = re.compile(
    r"(?P<place>.*)/(?P<name>[^/]+?)-(?P<version>[^/-]+)(?:-py[\d.]+)?"
    r"\.(?:dist-info/METADATA|egg-info/PKG-INFO|egg-info)"
)
_TEXT: Final = 256
"""Characters of a name or version."""


def manager_of(path: str) -> Manager | None:
    """Whose database a file is, where its content has to be read; None for any other file."""
    if _DPKG.fullmatch(path) and not path.endswith(".md5sums"):
        return Manager.DPKG
    if _APK.fullmatch(path):
        return Manager.APK
    if _RPM_SQLITE.fullmatch(path):
        return Manager.RPM
    node = _NODE.fullmatch(path)
    return Manager.NODE if node and "node_modules/" not in node["place"] + node["name"] else None


def tells_of_packages(path: str) -> bool:
    """Whether a file, or its name, tells of packages."""
    return any(pattern.fullmatch(path) for pattern in (_RPM_OTHER, _PYTHON)) or manager_of(path) is not None


def packages_difference(
    changes: Iterable[FileChange], a: Mapping[str, bytes], b: Mapping[str, bytes]
) -> PackagesDifference:
    """What differs in files that differ; `a` and `b` are the contents of those that had to be read, by path.

    What is missing in them was too large, or is in one image alone.
    """
    left: dict[Package, str] = {}
    right: dict[Package, str] = {}
    not_read: list[str] = []
    for change in changes:
        path = change.path
        if manager_of(path) is not None:
            for present, contents, found in ((change.a, a, left), (change.b, b, right)):
                if present is not None and path in contents:
                    found.update(read_database(path, contents[path]))
                elif present is not None:
                    not_read.append(f"/{printable(path, 500)} is too large, or is no file")
        elif _RPM_OTHER.fullmatch(path):
            not_read.append(
                f"/{path}: of rpm databases only the SQLite form is read (rpm 4.16 on), not this one"
            )
        elif python := _PYTHON.fullmatch(path):
            package = Package(
                Manager.PYTHON, _shown(python["name"].replace("_", "-")), _shown(python["place"])
            )
            for present, found in ((change.a, left), (change.b, right)):
                if present is not None:
                    found[package] = _shown(python["version"])
    found_changes = (PackageChange(key, left.get(key), right.get(key)) for key in sorted({*left, *right}))
    return PackagesDifference(
        tuple(each for each in found_changes if each.a != each.b), tuple(dict.fromkeys(not_read))
    )


def read_database(path: str, content: bytes) -> Versions:
    """The packages in a file that `manager_of` knows; none in one that is damaged."""
    manager = manager_of(path)
    if manager is Manager.DPKG:
        return dict(_dpkg(content))
    if manager is Manager.APK:
        return dict(_apk(content))
    if manager is Manager.RPM:
        from imgtui.model.compare.rpm import read_rpm

        return {
            Package(Manager.RPM, _shown(name)): _shown(version) for name, version in read_rpm(content).items()
        }
    return dict(_node(path, content))


def _dpkg(content: bytes) -> Iterator[tuple[Package, str]]:
    for stanza in _stanzas(content, ": "):
        installed = stanza.get("Status", "installed").endswith("installed")
        if installed and not stanza.get("Status", "").endswith("not-installed") and "Package" in stanza:
            name = stanza["Package"]
            if stanza.get("Multi-Arch") == "same" and "Architecture" in stanza:
                name = f"{name}:{stanza['Architecture']}"
            yield Package(Manager.DPKG, _shown(name)), _shown(stanza.get("Version", ""))


def _apk(content: bytes) -> Iterator[tuple[Package, str]]:
    for stanza in _stanzas(content, ":"):
        if "P" in stanza:
            yield Package(Manager.APK, _shown(stanza["P"])), _shown(stanza.get("V", ""))


def _node(path: str, content: bytes) -> Iterator[tuple[Package, str]]:
    match = _NODE.fullmatch(path)
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return
    if match and isinstance(document, dict):
        yield (
            Package(Manager.NODE, _shown(match["name"]), _shown(match["place"])),
            _shown(document.get("version", "")),
        )


def _stanzas(content: bytes, separator: str) -> Iterator[dict[str, str]]:
    """Blocks of lines `Field: value` with empty lines between them; lines that go on are passed over."""
    stanza: dict[str, str] = {}
    for line in content.decode("utf-8", "backslashreplace").split("\n"):
        if not line.strip():
            if stanza:
                yield stanza
            stanza = {}
        elif line[0] not in " \t":
            name, found, value = line.partition(separator)
            if found:
                stanza.setdefault(name, value.strip())
    if stanza:
        yield stanza


def _shown(value: object) -> str:
    return printable(value, _TEXT)
