"""Key presses as the bytes a terminal sends for them."""

import re

_CURSOR = {"up": b"A", "down": b"B", "right": b"C", "left": b"D", "home": b"H", "end": b"F"}
_FIXED = {
    "pgup": b"\x1b[5~",
    "pgdn": b"\x1b[6~",
    "del": b"\x1b[3~",
    "tab": b"\t",
    "enter": b"\r",
    "esc": b"\x1b",
    "space": b" ",
    "lt": b"<",
    **{f"ctrl+{chr(96 + code)}": bytes([code]) for code in range(1, 27)},
}
_KEY = re.compile(r"<([a-z+]+)>|(.)", re.DOTALL)


def encode(keys: str, *, application_cursor: bool = False) -> bytes:
    """The bytes for `keys`: plain text is typed, `<down>`, `<enter>`, `<ctrl+d>`… name keys.

    Cursor keys follow DECCKM (`application_cursor`). Raises ValueError for an unknown name.
    """
    typed = bytearray()
    for match in _KEY.finditer(keys):
        name, character = match.groups()
        if character is not None:
            typed += character.encode()
        elif name in _CURSOR:
            typed += (b"\x1bO" if application_cursor else b"\x1b[") + _CURSOR[name]
        elif name in _FIXED:
            typed += _FIXED[name]
        else:
            raise ValueError(f"no such key: <{name}>")
    return bytes(typed)
