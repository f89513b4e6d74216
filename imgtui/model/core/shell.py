"""Data in commands that people copy into a shell: never a second command, never an option."""

import shlex


def operand(text: object) -> str:
    """Return the last argument of a command, with `--` before it where it would be taken for an option."""
    quoted = shlex.quote(str(text))
    return f"-- {quoted}" if quoted.lstrip("'").startswith("-") else quoted
