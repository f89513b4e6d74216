"""Docker without root: a user of its own, in a user, network and process namespace that rootlesskit makes.

What is under `/etc` of users is put over in the engine's own mount namespace. Its loopback is its own: what
listens on the machine's (a registry) is listened for on the engine's too.
"""

import ctypes
import os
import platform
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.engines import loopback
from tests.engines.between import end
from tests.engines.enclosure import Enclosure
from tests.engines.forwarding import forward
from tests.engines.provision import EngineUnavailableError, rootless_programs

_USER: Final = 60123
_CLONE_NEWNET: Final = 0x40000000
# As root in the engine's mount namespace: what a system has for its users, and the folders that are the
# user's. Docker's programs are bound to where the user can see them.
_PREPARE: Final = """
folder=$1 programs=$2 tools=$3 user=$4
mkdir -p "$folder/programs" "$folder/tools" "$folder/xdg" "$folder/etc" "$folder/data"
mount --bind "$programs" "$folder/programs"
mount --bind "$tools" "$folder/tools"
echo "root:x:0:0:root:/root:/bin/sh
rootless:x:$user:$user::$folder:/bin/sh" >"$folder/etc/passwd"
echo "root:x:0:
rootless:x:$user:" >"$folder/etc/group"
echo "rootless:300000:65536" | tee "$folder/etc/subuid" >"$folder/etc/subgid"
for name in passwd group subuid subgid; do
    [ -e "/etc/$name" ] || touch "/etc/$name"
    mount --bind "$folder/etc/$name" "/etc/$name"
done
mknod -m 666 "$folder/etc/tun" c 10 200
mount --bind "$folder/etc/tun" /dev/net/tun
chown "$user:$user" "$folder" "$folder/xdg" "$folder/data"
chmod 755 "$folder"
"""
# In rootlesskit's namespaces, whose processes all end with the first one.
_START: Final = """\
#!/bin/sh
rm -rf /run/docker /run/containerd /run/xtables.lock {folder}/xdg/exec
exec dockerd --rootless --config-file {folder}/daemon.json
"""


def prepare(folder: Path, enclosure: Enclosure, programs: Path) -> None:
    """Have a user there who can run Docker's programs."""
    (folder / "start").write_text(_START.format(folder=folder))
    (folder / "start").chmod(0o755)
    words = (str(folder), str(programs), str(rootless_programs()), str(_USER))
    done = enclosure.run("sh", "-ec", _PREPARE, "sh", *words)
    if done.returncode != 0:
        raise EngineUnavailableError(f"no user for a rootless engine: {done.stderr}")


def command(folder: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    """What runs the engine as that user, and variables for it."""
    user = ("setpriv", f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups")
    kit = (
        "rootlesskit", f"--state-dir={folder}/xdg/kit", "--net=slirp4netns", "--mtu=65520",
        "--slirp4netns-sandbox=false", "--slirp4netns-seccomp=false", "--disable-host-loopback",
        "--port-driver=builtin", "--pidns", "--copy-up=/etc", "--copy-up=/run", "--propagation=rslave",
    )  # fmt: skip
    path = ":".join(
        f"{folder}/{place}" for place in ("programs/usr/sbin", "programs/usr/bin", "tools/usr/bin")
    )
    libraries = f"{folder}/tools/usr/lib/{platform.machine()}-linux-gnu"
    variables = {"XDG_RUNTIME_DIR": f"{folder}/xdg", "PATH": path, "LD_LIBRARY_PATH": libraries}
    return (*user, *kit, str(folder / "start")), variables


def daemon_of(pid: int) -> int | None:
    """The process of dockerd below another one; whichever thread of rootlesskit has begun it."""
    with suppress(FileNotFoundError, ProcessLookupError):
        if Path(f"/proc/{pid}/comm").read_text().strip() == "dockerd":
            return pid
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                if (found := daemon_of(int(child))) is not None:
                    return found
    return None


class Loopback:
    """Has what listens on the machine's loopback, and was announced, listen on the engine's."""

    def __init__(self, parent: int) -> None:
        """Of dockerd below the process `parent`."""
        self._namespace = os.open(f"/proc/{daemon_of(parent)}/ns/net", os.O_RDONLY)
        self._listeners: list[socket.socket] = []
        loopback.hear(self._open)

    def close(self) -> None:
        """Listen no more."""
        loopback.leave(self._open)
        for listener in self._listeners:
            end(listener)
            listener.close()
        os.close(self._namespace)

    def _open(self, port: int) -> None:
        made: list[socket.socket] = []

        def make() -> None:
            # A socket belongs to the namespace in which it was made; a thread can be in another one.
            if ctypes.CDLL(None, use_errno=True).setns(self._namespace, _CLONE_NEWNET) == 0:
                made.append(socket.create_server(("127.0.0.1", port)))

        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        if not made:
            raise EngineUnavailableError("the network namespace of a rootless engine cannot be entered")
        self._listeners += made
        forward(made[0], port)
