"""Namespaces around an engine, so that it ends with its owner and leaves nothing behind."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.engines.provision import EngineUnavailableError
from tests.engines.waiting import PATIENCE

# The inner shell is the first process of the namespaces. It waits for the end of its input, which comes when
# the owner closes it or dies, however it dies: the kernel then ends every process and mount inside. It
# starts no program for that: an engine may get another /usr from now on.
# An own /run and /dev/shm keep the engine from the machine's sockets, network namespaces and lock files.
# overlayfs cannot hold another overlayfs (a machine that is itself a container): a tmpfs has the data there.
_KEEPER: Final = """
exec 3<&0
unshare --mount --pid --fork --mount-proc --propagation private sh -ec '
    mount -t tmpfs -o mode=755 run /run
    mount -t tmpfs shm /dev/shm
    case $(stat --file-system --format %T "$1") in overlayfs) mount -t tmpfs data "$1/data" ;; esac
    read -r end <&3 &
    echo ready
    wait $!
' sh "$1" &
echo $!
wait $!
folder=$1
shift
for link in "$@"; do ip link delete "$link" 2>/dev/null; done
rm -rf "$folder"
"""


class Enclosure:
    """A mount and process namespace around `folder`.

    Closing it kills what runs inside, and deletes the folder and the network links of `links` that exist.
    """

    def __init__(self, folder: Path, links: tuple[str, ...]) -> None:
        (folder / "data").mkdir()
        self._keeper = subprocess.Popen(
            ("sh", "-c", _KEEPER, "sh", str(folder), *links),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )
        assert self._keeper.stdout
        self._unshared = self._keeper.stdout.readline().strip()
        if (answer := self._keeper.stdout.readline().strip()) != "ready":
            self.close()
            raise EngineUnavailableError(f"no namespaces for an engine: {answer}")

    def inside(self, *command: str) -> tuple[str, ...]:
        """The command that runs `command` inside."""
        namespaces = f"/proc/{self._unshared}/ns"
        enter = ("nsenter", f"--mount={namespaces}/mnt", f"--pid={namespaces}/pid_for_children", "--")
        return (*enter, *command)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run `command` inside until it ends."""
        return subprocess.run(
            self.inside(*command), check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )

    def close(self) -> None:
        """End everything inside and wait until it is gone."""
        assert self._keeper.stdin
        assert self._keeper.stdout
        self._keeper.stdin.close()
        self._keeper.wait(timeout=PATIENCE)
        self._keeper.stdout.close()


class Daemon:
    """A program inside an enclosure, which no key pressed in the terminal ends."""

    def __init__(
        self, enclosure: Enclosure, command: tuple[str, ...], env: dict[str, str], log: Path
    ) -> None:
        with log.open("ab") as output:
            self._entered = subprocess.Popen(
                enclosure.inside(*command),
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        return self._entered.poll() is None

    @property
    def pid(self) -> int:
        """The process that was started, which has the program as its only child."""
        return self._entered.pid

    def wait(self) -> None:
        """Wait until it has ended."""
        self._entered.wait(timeout=PATIENCE)

    def end(self, number: signal.Signals) -> None:
        """Send a signal to the program and wait until it has ended.

        nsenter, which is what was started, ends as soon as its only child has.
        """
        parent = self._entered.pid
        with suppress(FileNotFoundError, ProcessLookupError):
            for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
                os.kill(int(child), number)
        self._entered.wait(timeout=PATIENCE)
