"""Engine addresses, read by the docker command's rules (docker/cli 29.7, opts/hosts.go and cli/connhelper).

All functions raise ValueError with one plain line when docker would refuse the address, or when it
names a transport that does not exist on a POSIX system. The line has no part of the address: in a malformed
one anything may be the password. Who tells it shows the address by `without_password`.
"""

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

DEFAULT_SOCKET = Path("/var/run/docker.sock")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,15}")
_AUTHORITY_END = re.compile(r"[/?#]")
_PORT = "2375"
_TLS_PORT = "2376"
_SCHEMES = frozenset({"unix", "tcp", "ssh", "http", "https", "npipe", "fd"})
"""Those that docker knows, for a client or an engine, on any system."""
_ABSENT = {
    "npipe": "named pipes exist only on Windows",
    "fd": "fd:// is for the engine's own options, not for a client",
}


class SshAddress(NamedTuple):
    """The parts of `ssh://[user@]host[:port][/socket]`, as ssh wants them: decoded, case kept."""

    user: str | None
    host: str
    port: int | None
    socket: str
    """The engine's socket on the other side, "" for what docker finds there by itself."""


def parse_host(value: str, *, tls: bool) -> str:
    """Return the normal form of what -H or DOCKER_HOST says: `unix://`, `tcp://` or `ssh://`.

    Empty means the default: the default socket, or `tcp://localhost:2376` when TLS is asked for.
    A text without a scheme is a TCP address, a file path too: `/x.sock` is
    `tcp://localhost:2375/x.sock`. The port is 2375 also with TLS. All of it is what docker does.
    """
    value = value.strip()
    if not value:
        return f"tcp://localhost:{_TLS_PORT}" if tls else f"unix://{DEFAULT_SOCKET}"
    scheme, separator, rest = value.partition("://")
    if not separator:
        scheme, rest = "tcp", value
    if scheme == "tcp":
        return _tcp(rest)
    if scheme == "unix":
        return _unix(rest.removeprefix("unix://"))
    if scheme == "ssh":
        return _ssh(value)
    raise ValueError(_refusal(scheme))


def parse_context_host(value: str, *, tls: bool) -> str:
    """Return the normal form of the host that a context names.

    Contexts have other rules than -H: `http://` is accepted, and without a port it is the one of HTTP
    (80, with TLS 443).
    """
    scheme, separator, rest = value.partition("://")
    if not separator or not rest:
        raise ValueError("it has no scheme such as unix://, tcp:// or ssh://")
    if scheme == "unix":
        return _unix(rest)
    if scheme == "ssh":
        return _ssh(value)
    if scheme == "https" and not tls:
        raise ValueError("docker speaks plain HTTP to an https:// host whose context has no TLS files")
    if scheme not in {"tcp", "http", "https"}:
        raise ValueError(_refusal(scheme))
    authority, path = _cut_path(rest)
    host, port = _split_port(authority) or (authority.strip("[]"), "")
    return _join(host, port or ("443" if tls else "80"), path)


def ssh_address(value: str) -> SshAddress:
    """Return the parts of an `ssh://` address; a path of slashes alone names no socket."""
    parts = urlsplit(value)
    host = parts.netloc.rpartition("@")[2]
    # urlsplit's `hostname` is in lower case, and ssh tells `Host` names of its configuration by case.
    bare = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    path = unquote(parts.path)
    user = unquote(parts.username) if parts.username else None
    return SshAddress(user, unquote(bare), parts.port, path if path.strip("/") else "")


def without_password(address: str) -> str:
    """Return the address as it may be shown.

    What docker has no such scheme for may be a user and a password that begins with slashes.
    """
    scheme, separator, rest = address.partition("://")
    if scheme not in _SCHEMES:
        scheme, separator, rest = "", "", address
    user_information, at, host = rest.rpartition("@")
    user, colon, _ = user_information.partition(":")
    if not at or not colon or (scheme == "unix" and "://" not in rest):
        return address
    return f"{scheme}{separator}{user}:***@{host}"


def _refusal(scheme: str) -> str:
    known = f"{scheme}://" if _SCHEME.fullmatch(scheme) else "its beginning"
    return _ABSENT.get(scheme, f"{known} is not a scheme that docker knows")


def _unix(path: str) -> str:
    if "://" in path:
        raise ValueError("what follows unix:// is not a path")
    return f"unix://{Path(path).absolute()}" if path else f"unix://{DEFAULT_SOCKET}"


def _ssh(value: str) -> str:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:  # urllib's own words have the address in them
        raise ValueError("the host and port of the ssh:// address cannot be read") from None
    if not parts.hostname:
        raise ValueError("the ssh:// address has no host name")
    if parts.password is not None:
        raise ValueError("an ssh:// address cannot hold a password")
    _check_rest(value.partition("://")[2])
    if parts.query or parts.fragment:
        raise ValueError("an ssh:// address cannot have a query or a fragment")
    _check_port(str(parts.netloc.rpartition("]")[2].rpartition(":")[2]) if parts.port is not None else "")
    return value


def _tcp(address: str) -> str:
    if not address:
        return f"tcp://localhost:{_PORT}"
    if "://" in address:
        raise ValueError("what follows tcp:// is not a host and a port")
    authority, path = _cut_path(address)
    if authority.endswith("]:"):
        authority += _PORT
    split = _split_port(authority)
    if split is None and not authority.startswith("["):
        split = authority, _PORT
    if split is None:
        raise ValueError(f"it has no port: an IPv6 address needs one, such as [::1]:{_PORT}")
    return _join(split[0] or "localhost", split[1] or _PORT, path)


def _cut_path(address: str) -> tuple[str, str]:
    """Split into host with port, and path; docker drops user name, query and fragment."""
    _check_rest(address)
    address = address.partition("#")[0].partition("?")[0]
    authority, slash, path = address.partition("/")
    return authority.rpartition("@")[2], slash + path


def _split_port(authority: str) -> tuple[str, str] | None:
    """Return host and port, or None where no port is told from the host."""
    if authority.startswith("["):
        host, _, port = authority[1:].partition("]")
        return (host, port[1:]) if port.startswith(":") else None
    host, colon, port = authority.partition(":")
    return (host, port) if colon and ":" not in port else None


def _join(host: str, port: str, path: str) -> str:
    _check_port(port)
    if not host or any(character.isspace() or character in "[]" for character in host):
        raise ValueError("its host name is none")
    return f"tcp://[{host}]:{port}{path}" if ":" in host else f"tcp://{host}:{port}{path}"


def _check_rest(address: str) -> None:
    """Refuse `user:12/3@host`, which docker takes: the password would be a path that is shown."""
    if "@" in "".join(_AUTHORITY_END.split(address, maxsplit=1)[1:]):
        raise ValueError(
            "there is an @ behind its first /: write a / of a password as %2F, an @ of a path as %40"
        )


def _check_port(port: str) -> None:
    if port and not (port.isascii() and port.isdecimal() and int(port) <= 65535):
        raise ValueError("its port is not a number up to 65535")
