"""A controller: one feature of the explorer, composed and never inherited.

It has its actions, the updates of a session that it takes, and what it opens; screens and texts of the
feature lie beside it. `features.py` lists all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from imgtui.operations.protocol.updates import Update
from imgtui.ui.actions import Action

if TYPE_CHECKING:
    from imgtui.operations.session.session import Session

Ask = Callable[[Callable[["Session"], object]], None]
"""Has something asked of the session; what comes of it is told as an update."""
Handlers = Mapping[type[Update], Callable[[Any], None]]
"""The methods that take updates, by their type."""


class Controller(Protocol):
    """One feature."""

    ACTIONS: ClassVar[Sequence[Action]]
    """What a person can do by it."""
    handlers: Handlers
    """The updates that it takes."""
