"""Threads that work for a session: whatever ends one before its end is told in one line."""

from __future__ import annotations

import threading
from collections.abc import Callable

from imgtui.model.printable import printable


def in_background(name: str, work: Callable[[], None], tell: Callable[[str], None]) -> None:
    """Do it in a thread that never keeps the program alive; `tell` hears of an error that nobody foresaw."""

    def run() -> None:
        try:
            work()
        except Exception as unforeseen:
            tell(printable(f"{type(unforeseen).__name__}: {unforeseen}", 500))

    threading.Thread(target=run, name=name, daemon=True).start()
