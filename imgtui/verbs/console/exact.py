"""Names out of archives as JSON has them: exact, whatever bytes they are."""

from __future__ import annotations


def exact_path(path: str) -> str:
    """A path from the root."""
    return "/" + exact_text(path)


def exact_text(text: str) -> str:
    """Exact text; bytes that are no UTF-8 with a backslash and their hexadecimal digits."""
    return text if is_utf8(text) else as_bytes(text).decode("utf-8", "backslashreplace")


def is_utf8(text: str) -> bool:
    """Whether it is text; else it has lone surrogates for bytes that are none."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def as_bytes(text: str) -> bytes:
    """The bytes that an archive has for it."""
    return text.encode("utf-8", "surrogateescape")
