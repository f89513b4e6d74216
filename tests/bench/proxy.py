"""A unix socket between a program and an engine that logs each request; a process of its own.

Bytes pass untouched. Request heads are read beside the copying; what the engine sends belongs to the latest
request of the same connection (HTTP/1.1 without pipelining). Run as `python -m tests.bench.proxy SOCKET
ENGINE LOG`; each line of LOG is a JSON object: `{"at": ns, "id": n, "method": …, "path": …}` for a request,
`{"at": ns, "id": n, "bytes": n}` for a part of its answer. Times are CLOCK_MONOTONIC.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

_BLOCK = 1 << 16


class RequestHeads:
    """Finds the heads of the requests in what a client sends, skipping their bodies."""

    def __init__(self) -> None:
        self._buffer = b""
        self._body = 0
        self._chunked = False
        self._raw = False

    def feed(self, data: bytes) -> list[tuple[str, str]]:
        """Method and path of each request whose head is complete with `data`."""
        heads: list[tuple[str, str]] = []
        self._buffer += data
        while not self._raw and self._skip_body():
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return heads
            self._buffer = rest
            heads.append(self._head(head.decode("latin-1")))
        if self._raw:
            self._buffer = b""
        return heads

    def _head(self, head: str) -> tuple[str, str]:
        start, *lines = head.split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self._body = int(fields.get("content-length", 0))
        self._chunked = fields.get("transfer-encoding", "").lower() == "chunked"
        self._raw = "upgrade" in fields
        method, path, *_version = start.split(" ")
        return method, path

    def _skip_body(self) -> bool:
        """Drop what has come of a body; whether its end has come."""
        while True:
            dropped = min(self._body, len(self._buffer))
            self._buffer = self._buffer[dropped:]
            self._body -= dropped
            if self._body:
                return False
            if not self._chunked:
                return True
            size, end, rest = self._buffer.partition(b"\r\n")
            if not end:
                return False
            length = int(size.partition(b";")[0], 16)
            self._buffer, self._body, self._chunked = rest, length + 2, length > 0


class Proxy:
    """Copies between clients and the engine, and writes the log."""

    def __init__(self, engine: str, log: TextIO) -> None:
        self._engine, self._log = engine, log
        self._requests = 0
        self._serving: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the program; it ends when the engine ends its side."""
        task = asyncio.current_task()
        if task is not None:  # the event loop itself holds tasks weakly
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        heads = RequestHeads()
        latest = 0

        def sent(data: bytes) -> None:
            nonlocal latest
            for method, path in heads.feed(data):
                self._requests += 1
                latest = self._requests
                self._write(latest, method=method, path=path)

        def answered(data: bytes) -> None:
            self._write(latest, bytes=len(data))

        with contextlib.closing(writer), contextlib.suppress(OSError):
            engine_reader, engine_writer = await asyncio.open_unix_connection(self._engine)
            with contextlib.closing(engine_writer):
                to_engine = asyncio.create_task(_copy(reader, engine_writer, sent))
                await _copy(engine_reader, writer, answered)
                to_engine.cancel()

    def _write(self, number: int, **fields: str | int) -> None:
        self._log.write(json.dumps({"at": time.monotonic_ns(), "id": number, **fields}) + "\n")


async def _copy(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, log: Callable[[bytes], None]
) -> None:
    """Copy until the sender has ended its side, then end the receiver's."""
    with contextlib.suppress(OSError):
        while data := await reader.read(_BLOCK):
            log(data)
            writer.write(data)
            await writer.drain()
        writer.write_eof()


async def _serve(socket: str, proxy: Proxy) -> None:
    server = await asyncio.start_unix_server(proxy.serve, socket)
    await server.serve_forever()


def main(socket: str, engine: str, log: str) -> None:
    """Serve until killed."""
    with Path(log).open("a", buffering=1) as file:
        asyncio.run(_serve(socket, Proxy(engine, file)))


if __name__ == "__main__":
    main(*sys.argv[1:])
