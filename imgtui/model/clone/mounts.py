"""The volumes of a container whose names nobody gave: the next container has the very same ones."""

from __future__ import annotations

from typing import Final

from imgtui.model.clone.config import clean
from imgtui.model.core.digest import short
from imgtui.model.core.printable import printable
from imgtui.model.safety.json import Json, mapping, objects, text, texts

_USUAL_DRIVERS: Final = {"", "local"}


def with_same_volumes(container: Json) -> tuple[dict[str, object], tuple[str, ...]]:
    """`Binds` and `Mounts` of a `HostConfig` that name every volume, and notes on what that changes.

    An anonymous volume stands in `HostConfig` without a name (`--mount type=volume,target=/data`), or not at
    all (`-v /data`, `VOLUME` of an image); its name is in `Mounts` of the container. Podman names all in
    `Binds`. Those of `--volumes-from` come with the container that they are from.
    """
    host, config = mapping(container.get("HostConfig")), mapping(container.get("Config"))
    mounted = {
        clean(point.get("Destination")): point
        for point in objects(container.get("Mounts"))
        if point.get("Type") == "volume" and text(point.get("Name"))
    }
    named: list[str] = []
    binds = [_named_bind(bind, mounted, named) for bind in texts(host.get("Binds"))]
    mounts = [_named_mount(mount, mounted, named) for mount in objects(host.get("Mounts"))]
    placed = {bind_parts(bind)[1] for bind in binds} | {clean(mount.get("Target")) for mount in mounts}
    from_others = bool(texts(host.get("VolumesFrom")))
    own = {clean(path) for path in mapping(config.get("Volumes"))}
    for target, point in sorted(mounted.items()):
        if target not in placed and (target in own or not from_others):
            mounts.append(_mount(target, point))
            named.append(target)
    changed: dict[str, object] = {}
    if binds:
        changed["Binds"] = binds
    if mounts:
        changed["Mounts"] = mounts
    return changed, tuple(_note(target, mounted[target]) for target in named)


def bind_parts(bind: str) -> tuple[str, str, str]:
    """Source, target and mode of an entry of `Binds`; an anonymous volume has no source.

    moby `volume/mounts/linux_parser.go`, `ParseMountRaw`.
    """
    first, _, rest = bind.partition(":")
    if rest.startswith("/"):
        target, _, mode = rest.partition(":")
        return first, clean(target), mode
    return "", clean(first), rest


def _named_bind(bind: str, mounted: dict[str, Json], named: list[str]) -> str:
    source, target, mode = bind_parts(bind)
    if source or target not in mounted:
        return bind
    named.append(target)
    return ":".join(filter(None, (text(mounted[target].get("Name")), target, mode)))


def _named_mount(mount: Json, mounted: dict[str, Json], named: list[str]) -> Json:
    target = clean(mount.get("Target"))
    if mount.get("Type") != "volume" or text(mount.get("Source")) or target not in mounted:
        return mount
    named.append(target)
    return {**mount, "Source": text(mounted[target].get("Name"))}


def _mount(target: str, point: Json) -> Json:
    """Nothing is copied into it: what was deleted there does not come back out of the new image."""
    driver = text(point.get("Driver"))
    options: dict[str, object] = {"NoCopy": True}
    if driver not in _USUAL_DRIVERS:
        options["DriverConfig"] = {"Name": driver}
    return {
        "Type": "volume",
        "Source": text(point.get("Name")),
        "Target": target,
        "ReadOnly": point.get("RW") is False,
        "VolumeOptions": options,
    }


def _note(target: str, point: Json) -> str:
    """`docker rm -v` and `--rm` spare a volume with a name: moby `daemon/mounts.go`, `removeMountPoints`."""
    volume = printable(short(text(point.get("Name"))))
    return f"the volume {volume} at {printable(target)} goes on with its data; `docker rm -v` will leave it"
