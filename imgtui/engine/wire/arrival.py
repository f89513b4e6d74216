"""How an answer arrives: within its time, of a size that can be held, and of a length that is clear.

Every connection of the client makes its responses of `ArrivingResponse`, so that this holds for each of them,
whatever sends it: heads and bodies that drip or never end, lengths that contradict each other, bodies that
somebody has packed. Time and bytes are counted where they are read, below `http.client`, which waits anew
for each piece and reads `100 Continue` for as long as it comes.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

from imgtui.engine.wire.answers import WrongShape
from imgtui.engine.wire.waits import WAITS

if TYPE_CHECKING:
    from requests import Response

MOST_BYTES: Final = 64 * 1024 * 1024
"""Of one answer that is held as a whole: 2 to 3 KB for each image of a list (Docker 28.5, `manifests=1`)."""


class Arriving(io.RawIOBase):
    """What comes on a connection for one answer, until it has taken its time or has too many bytes."""

    def __init__(self, raw: io.RawIOBase, connection: socket.socket) -> None:
        """All of it may take as long as the silence for which the connection waits."""
        self._raw = raw
        self._sock = connection  # where docker-py looks for what it shuts down
        self._silence = connection.gettimeout()
        self._ends = None if self._silence is None else time.monotonic() + self._silence
        self._left: float = MOST_BYTES
        self._request = ""
        self.is_over = False
        """Whether the other side has ended it."""

    def readable(self) -> bool:
        """It is only read."""
        return True

    def wait_for(self, request: str) -> None:
        """From now on whoever reads from it waits for the engine, except where it may be silent."""
        self._request = request

    def go_on(self, silence: float | None) -> None:
        """From now on it may take any time and have any number of bytes, if it is not silent for so long."""
        self._silence, self._ends, self._left = silence, None, float("inf")
        self._sock.settimeout(silence)

    def readinto(self, buffer: Any) -> int | None:
        """Raises TimeoutError, WrongShape, OSError."""
        if self._ends is not None and self._silence is not None:
            left = self._ends - time.monotonic()
            if left <= 0:
                raise TimeoutError("the answer takes too long")
            self._sock.settimeout(min(self._silence, left))
        with WAITS.on(self._request) if self._request and self._silence is not None else nullcontext():
            read = self._raw.readinto(buffer)
        self.is_over = read == 0
        self._left -= read or 0
        if self._left < 0:
            raise WrongShape(f"it has more than {MOST_BYTES} bytes")
        return read

    def close(self) -> None:
        """Let go of the connection."""
        self._raw.close()
        super().close()


class ArrivingResponse(http.client.HTTPResponse):
    """A response whose head and body arrive as they should."""

    def __init__(self, connection: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(connection, *arguments, **options)
        raw = self.fp.detach()
        self.arriving: Final = Arriving(raw, connection)
        self.fp = io.BufferedReader(self.arriving)

    def begin(self) -> None:
        """Read the head. Raises WrongShape for one that an engine does not send.

        Raises RemoteDisconnected where it breaks off, which `http.client` takes for its end.
        """
        super().begin()
        if self.arriving.is_over:
            raise http.client.RemoteDisconnected("the answer broke off in its head")
        if packed := self.headers.get("Content-Encoding"):
            raise WrongShape(f"its body is packed ({packed}), which was not asked for")
        lengths = self.headers.get_all("Content-Length", [])
        chunked = "Transfer-Encoding" in self.headers
        if len(lengths) + chunked > 1 or not all(_is_length(length) for length in lengths):
            raise WrongShape("where it ends is not clear")


def arriving(response: Response) -> Arriving | None:
    """What comes of an answer whose head has arrived; None where it comes otherwise."""
    head = getattr(response.raw, "_original_response", None)
    return head.arriving if isinstance(head, ArrivingResponse) else None


def _is_length(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20
