"""A process that has imported imgtui, and forks for each call: `python -m tests.verbs.warm_server SOCKET`.

Importing takes longer than most verbs. Each call is a process of its own all the same, with its own
environment, streams, signals and end.

On each connection arrives one message: JSON (`Call`) with the three standard streams as file descriptors.
The answers are one line each: the process ID, and the status as `os.waitpid` tells it. It ends when its own
standard input does, which is when its owner ends.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Final, NamedTuple, NoReturn

LONGEST_CALL: Final = 1 << 20
"""Bytes."""
_PACKAGES: Final = ("engine", "model", "operations", "store", "verbs")


class Call(NamedTuple):
    """What is asked for."""

    module: str
    """Of whose `main` it is a call."""
    program: str
    arguments: list[str]
    environ: dict[str, str]
    folder: str


def _import_everything() -> None:
    for package in map(importlib.import_module, (f"imgtui.{name}" for name in _PACKAGES)):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    importlib.import_module("imgtui.cli")
    importlib.import_module("docker")
    gc.collect()
    gc.freeze()  # a forked process that looks through all of it would copy all of it


def _serve(path: str) -> Call:
    """Answer calls until the owner ends; return, in a process forked for it, each call to be done."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for supervisors
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready:
                raise SystemExit
            connection, _ = listener.accept()
            if os.fork() == 0:
                break
            connection.close()
    return _supervise(connection)


def _supervise(connection: socket.socket) -> Call:
    """Fork for a call, and tell its process ID and how it ended; return the call in the forked process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    message, streams, _, _ = socket.recv_fds(connection, LONGEST_CALL, 3)
    child = os.fork()
    if child == 0:
        connection.close()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        for standard, stream in enumerate(streams):
            os.dup2(stream, standard)
            os.close(stream)
        return Call(*json.loads(message))
    for stream in streams:
        os.close(stream)
    connection.sendall(f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    connection.sendall(f"{status}\n".encode())
    os._exit(0)


def _main(path: str) -> int:
    _import_everything()
    call = _serve(path)
    os.environ.clear()
    os.environ.update(call.environ)
    time.tzset()
    os.chdir(call.folder)
    sys.argv = [call.program, *call.arguments]

    main: Callable[[], int] = importlib.import_module(call.module).main
    return main()


def _end(status: int) -> NoReturn:
    """End as an interpreter does, but without taking apart what is only a copy: that takes 0.1 s."""
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.current_thread():
            thread.join()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)


if __name__ == "__main__":
    _end(_main(sys.argv[1]))
