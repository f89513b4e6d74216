"""What a build is given in secret and must not be seen in what a builder says, wherever the values stand.

BuildKit hides nothing: a step that prints a secret has it in its log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from imgtui.model.build.build import Build, secret_parts
from imgtui.model.safety.secrets import looks_secret

LARGEST: Final = 500 * 1024
"""Bytes of a secret that BuildKit takes (moby/buildkit `session/secrets/secretsprovider`)."""


def secret_values(build: Build, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The values of arguments and labels that look secret, and of secrets: whole, and each line of them.

    Of a line `name=value`, as `.npmrc` and `.env` have them, the value too.
    """
    named = (name for name in build.arguments if "=" not in name and looks_secret(name))
    given = [environ.get(name, "") for name in named]
    contents = [content for option in build.secrets for content in _contents(option, environ)]
    lines = [line.strip() for content in contents for line in content.splitlines()]
    values = [line.rpartition("=")[2].strip("\"' ") for line in lines]
    return (*build.secret_values, *given, *lines, *values)


def _contents(option: str, environ: Mapping[str, str]) -> Iterator[str]:
    """Where docker reads it: of a secret that has only its ID, the variable or else the file of that name."""
    parts = secret_parts(option)
    name = parts.get("id", "")
    variable, file = parts.get("env", ""), parts.get("src", "")
    if not variable and not file:
        variable, file = (name, "") if name in environ else ("", name)
    if variable:
        yield environ.get(variable, "")
    if file:
        try:
            with Path(file).open("rb") as opened:
                yield opened.read(LARGEST).decode(errors="replace")
        except OSError:
            return  # the builder says that it is not there
