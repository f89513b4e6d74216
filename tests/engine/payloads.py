"""JSON as engines may send it, and worse."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from hypothesis import strategies as st

HOSTILE = (
    "\x1b]0;title\x07",
    "\x9b2J",
    "a\x00b",
    "\u202egnp.exe",
    "line\nline\r",
    "\udc80",
    "[bold]markup[/]",
    "<none>:<none>",
    "<none>@<none>",
    "sha256:" + "a" * 64,
    "b" * 64,
    "web@sha256:" + "c" * 64,
    "docker.io/library/web:1",
    "localhost:5000/a/b:v1",
    "x" * 5000,
    "",
)
TEXT = st.sampled_from(HOSTILE) | st.text(max_size=20)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT

FIELDS = (
    "Id", "ID", "ParentId", "RepoTags", "RepoDigests", "Created", "Size", "Digest", "Manifests", "Kind",
    "Available", "ImageData", "Platform", "os", "architecture", "variant", "Names", "Name", "Image",
    "ImageID", "State", "Status", "Labels", "com.docker.compose.project", "com.docker.compose.service",
    "Type", "Action", "Actor", "Attributes", "name", "time", "timeNano", "Config", "Env", "Cmd",
    "Entrypoint", "User", "WorkingDir", "ExposedPorts", "Volumes", "StopSignal", "Healthcheck", "Test",
    "Shell", "RootFS", "Layers", "Architecture", "Os", "Variant", "Author", "Comment", "CreatedBy",
    "Tags", "Version", "ApiVersion", "Arch", "Components", "Driver", "DriverStatus", "Images", "inspect",
    "history", "Descriptor", "annotations",
)  # fmt: skip

VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | TEXT, inner, max_size=6)
    ),
    max_leaves=25,
)


def payload(*names: str) -> st.SearchStrategy[dict[str, object]]:
    """An object with any of these fields, each with any value, and with fields nobody knows."""
    known: st.SearchStrategy[dict[str, object]] = st.fixed_dictionaries(
        {}, optional=dict.fromkeys(names, VALUES)
    )
    return known


def texts(value: object) -> Iterator[str]:
    """Every text within a record of the model."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, Mapping):
        yield from texts(tuple(value.items()))
    elif isinstance(value, tuple | list):
        for part in value:
            yield from texts(part)


def is_safe(text: str) -> bool:
    """Whether a terminal would only draw it."""
    return not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in text)
