"""What stands in place of a value that is not shown."""

from typing import Final

MASK: Final = "********"
"""ASCII, so that every terminal shows it, and of a length that says nothing about the value's."""
