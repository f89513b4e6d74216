"""The keys that move a cursor or a text in screens of their own: for all of them alike."""

from __future__ import annotations

from textual.binding import Binding

END = 1_000_000
"""Rows that no list or text has."""


def scrolling(page: int = 10) -> list[Binding]:
    """Bindings of `action_move(rows)`; a page is so many rows."""
    moves = (
        ("j,down", 1, "down"),
        ("k,up", -1, "up"),
        ("ctrl+d,pagedown", page, "page down"),
        ("ctrl+u,pageup", -page, "page up"),
        ("g,home", -END, "top"),
        ("G,end", END, "bottom"),
    )
    return [Binding(keys, f"move({rows})", words, show=False) for keys, rows, words in moves]
