"""Small files that cost much to whoever believes them: each is a few kilobytes to a few megabytes.

`python -m tests.engine.archive.bombs FOLDER` writes them, and prints what `imgtui files` costs on each.
"""

from __future__ import annotations

import bz2
import hashlib
import json
import lzma
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backports import zstd

from imgtui.engine.archive.writing import header
from tests.engine.archive.tars import config_of, digest, member, tar_of

Parts = Iterable[bytes]
END: Final = bytes(1024)
PLAIN: Final = tar_of(member("etc/version", b"1"))
_ZEROS: Final = bytes(1 << 20)


def block(content: bytes) -> bytes:
    """Content, filled up to whole blocks."""
    return content + bytes(-len(content) % 512)


def pax(content: bytes, kind: bytes = b"x") -> bytes:
    """A pax header with its records."""
    return header("pax", len(content), kind=kind) + block(content)


def record(key: str, value: str) -> bytes:
    """A record of a pax header."""
    body = f" {key}={value}\n".encode()
    length = len(body) + 1
    while len(str(length)) + len(body) != length:
        length += 1
    return str(length).encode() + body


def gzip_of(parts: Parts) -> bytes:
    """Parts, packed, without ever holding what they are packed from."""
    packer = zlib.compressobj(1, wbits=31)
    return b"".join([*(packer.compress(part) for part in parts), packer.flush()])


def zstd_of(parts: Parts) -> bytes:
    """The same by zstd."""
    packer = zstd.ZstdCompressor(1)
    return b"".join([*(packer.compress(part) for part in parts), packer.flush()])


def with_layer(layer: bytes, diff_id: str = "sha256:" + "1" * 64) -> bytes:
    """A docker-archive of one image whose only layer has such bytes."""
    config = json.dumps({"os": "linux", "rootfs": {"type": "layers", "diff_ids": [diff_id]}}).encode()
    manifest = json.dumps([{"Config": "c.json", "RepoTags": ["web:1"], "Layers": ["layer.tar"]}]).encode()
    return tar_of(member("c.json", config), member("manifest.json", manifest), member("layer.tar", layer))


NAME: Final = "usr/share/some/folder/of-many/file-{:07}"


def entries(count: int, name: str = NAME) -> Iterator[bytes]:
    """Empty files: the headers of so many."""
    digits = len(str(count))
    plain = bytearray(header(name.format(0), 0))
    at = name.index("{")
    total = sum(plain) - sum(plain[148:156]) + 8 * 0x20
    buffer: list[bytes] = []
    for number in range(count):
        told = f"{number:07}".encode()
        plain[at : at + 7] = told
        plain[148:156] = b"%06o\0 " % (total + sum(told) - 7 * 0x30)
        buffer.append(bytes(plain))
        if len(buffer) == 2000 or number == count - 1:
            yield b"".join(buffer)
            buffer.clear()
    assert digits <= 8
    yield END


def many_entries() -> bytes:
    """A layer of a million files."""
    return entries_of(1_000_000)


def entries_of(count: int, name: str = NAME) -> bytes:
    """A layer of so many files without content, which is what its digest says."""
    sum_of = hashlib.sha256()

    def summed() -> Iterator[bytes]:
        for part in entries(count, name):
            sum_of.update(part)
            yield part

    layer = gzip_of(summed())
    return with_layer(layer, f"sha256:{sum_of.hexdigest()}")


def many_long_names(count: int = 20_000) -> bytes:
    """Names of 60 kB each."""

    def parts() -> Iterator[bytes]:
        for number in range(count):
            name = f"{number}/".encode() + b"n" * 60_000
            yield header("././@LongLink", len(name), kind=b"L") + block(name) + header("short", 0)
        yield END

    return with_layer(gzip_of(parts()))


def _named(letter: bytes, count: int) -> bytes:
    """As many names as are listed, that are long in memory, or in what is written of them."""
    summed = hashlib.sha256()
    packed = []
    packer = zlib.compressobj(1, wbits=31)
    for number in range(count):
        name = f"{number}/".encode() + letter * 500
        part = header("././@LongLink", len(name), kind=b"L") + block(name) + header("short", 0)
        summed.update(part)
        packed.append(packer.compress(part))
    summed.update(END)
    return with_layer(
        b"".join([*packed, packer.compress(END), packer.flush()]), f"sha256:{summed.hexdigest()}"
    )


def names_of_controls() -> bytes:
    """Each letter is shown as six."""
    return _named(b"\x01", 5_400)


def names_of_pictures() -> bytes:
    """Each letter takes four bytes."""
    return _named("\U0001f4a3".encode(), 15_800)


def names_of_other_bytes() -> bytes:
    """No UTF-8: each byte is a surrogate."""
    return _named(b"\xff", 5_400)


def repeated_index(width: int = 2000, levels: int = 4) -> bytes:
    """Indexes that name one index very often: width to the power of levels ways lead to one image."""
    config = config_of([PLAIN])
    manifest = json.dumps({
        "config": {"digest": digest(config)}, "layers": [{"digest": digest(PLAIN)}]
    }).encode()  # fmt: skip
    blobs = [config, manifest, PLAIN]
    below = manifest
    for _ in range(levels):
        below = json.dumps({"manifests": [{"digest": digest(below)}] * width}).encode()
        blobs.append(below)
    files = {f"blobs/sha256/{digest(blob)[7:]}": blob for blob in blobs[:-1]}
    return gzip_of([tar_of(member("index.json", below), *(member(n, b) for n, b in files.items()))])


def repeated_config(times: int = 20_000, size: int = 3_900_000) -> bytes:
    """A configuration of megabytes that the manifest names again and again, under another tag each time."""
    config = json.dumps({
        "os": "linux", "config": {"Labels": {"a": "x" * size}}, "rootfs": {"diff_ids": []}
    }).encode()  # fmt: skip
    manifest = [{"Config": "c.json", "RepoTags": [f"w:{n}"], "Layers": []} for n in range(times)]
    return gzip_of([tar_of(member("c.json", config), member("manifest.json", json.dumps(manifest).encode()))])


def pax_global_for_all(count: int = 100_000) -> bytes:
    """2 MB of keys for all entries, and then many entries."""
    keys = b"".join(record(f"key{number:06}", "v") for number in range(50_000))[:1_000_000]
    keys = keys[: keys.rindex(b"\n") + 1]

    def parts() -> Iterator[bytes]:
        yield pax(keys, b"g")
        yield from entries(count)

    return with_layer(gzip_of(parts()))


def _pile(kind: bytes, count: int) -> bytes:
    def parts() -> Iterator[bytes]:
        for pile in range(count):
            yield pax(b"".join(record(f"SCHILY.xattr.{pile}.{n:05}", "v") for n in range(30_000)), kind)
        yield from entries(1)

    return with_layer(gzip_of(parts()))


def pax_global_pile() -> bytes:
    """Global headers one after the other, other keys in each."""
    return _pile(b"g", 60)


def pax_pile() -> bytes:
    """Headers of one entry, one after the other, other keys in each."""
    return _pile(b"x", 60)


def name_pile(count: int = 400_000) -> bytes:
    """Names for an entry that never comes."""
    name = header("././@LongLink", 2, kind=b"L") + block(b"a\0")
    return with_layer(gzip_of(name * 4000 for _ in range(count // 4000)))


def pax_for_each(count: int = 4_000) -> bytes:
    """A header of half a megabyte of tiny records before each entry."""
    records = b"7 k=vv\n" * 70_000

    def parts() -> Iterator[bytes]:
        each = pax(records) + header("a", 0)
        for _ in range(count):
            yield each
        yield END

    return with_layer(gzip_of(parts()))


def sparse_blocks(count: int = 400_000) -> bytes:
    """GNU's own sparse file, whose map goes on and on in blocks of its own."""

    def parts() -> Iterator[bytes]:
        first = bytearray(header("hole", 0, kind=b"S"))
        first[257:265] = b"ustar  \0"
        first[386 : 386 + 96] = b"00000000001\0" * 8
        first[482] = 1
        first[148:156] = b" " * 8
        first[148:156] = b"%06o\0 " % sum(first)
        yield bytes(first)
        more = bytearray(512)
        more[:504] = b"00000000001\0" * 42
        more[504] = 1
        for _ in range(count // 1000):
            yield bytes(more) * 1000
        yield END

    return with_layer(gzip_of(parts()))


def sparse_map(count: int = 100) -> bytes:
    """Pax headers that are maps of as many pieces as fit, for entry after entry."""
    pairs = ",".join(f"{n},0" for n in range(80_000))

    def parts() -> Iterator[bytes]:
        told = record("GNU.sparse.size", "9000000") + record("GNU.sparse.map", pairs)
        for _ in range(count):
            yield pax(told) + header("hole", 0)
        yield END

    return with_layer(gzip_of(parts()))


def gzip_bomb(megabytes: int = 3_072) -> bytes:
    """A layer of 3 GB of zeros, in members that are the same."""
    member_of_64 = gzip_of([_ZEROS] * 64)
    return with_layer(gzip_of([header("zeros", megabytes << 20)]) + member_of_64 * (megabytes // 64))


def zstd_bomb(megabytes: int = 100_000) -> bytes:
    """A layer of 100 GB of zeros, in frames that are the same."""
    frame = zstd.compress(bytes(1 << 30), 3)
    return with_layer(zstd.compress(header("zeros", megabytes << 20)) + frame * (megabytes >> 10))


def zstd_window() -> bytes:
    """A layer that wants 128 MB to be unpacked in."""
    options = {
        int(zstd.CompressionParameter.window_log): 27,
        int(zstd.CompressionParameter.compression_level): 1,
    }
    packer = zstd.ZstdCompressor(options=options)
    noise = b"".join(zlib.compress(bytes([n % 251]) * 9000, 9) * 20 for n in range(400))
    content = (noise * 60)[: 140 << 20]
    parts = [header("noise", len(content)), content, END]
    return with_layer(b"".join([*(packer.compress(part) for part in parts), packer.flush()]))


def gzip_of_gzip(megabytes: int = 3_072) -> bytes:
    """An archive that is packed, in which a layer is packed that is zeros."""
    return gzip_of([gzip_bomb(megabytes)])


def xz_dictionary() -> bytes:
    """An archive that wants a dictionary of 1.5 GB."""
    body = bytearray(lzma.compress(PLAIN, format=lzma.FORMAT_ALONE))
    body[1:5] = (1_500_000_000).to_bytes(4, "little")
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 30}]
    return lzma.compress(tar_of(member("manifest.json", b"[]")), format=lzma.FORMAT_XZ, filters=filters)


def json_of_nothing() -> bytes:
    """JSON that takes twenty times as much in memory: lists without anything in them."""
    nothing = json.dumps({"rootfs": {"diff_ids": []}, "x": [[]] * 1_000_000}).replace(" ", "").encode()
    names = [f"{number}.json" for number in range(12)]
    manifest = [{"Config": name, "RepoTags": [], "Layers": []} for name in names]
    configs = [member(name, nothing[:-1] + b',"n":%d}' % n) for n, name in enumerate(names)]
    return gzip_of([tar_of(*configs, member("manifest.json", json.dumps(manifest).encode()))])


def many_members(count: int = 400_000) -> bytes:
    """An archive of more members than are read."""
    return gzip_of(entries(count))


def many_json_members(count: int = 60_000) -> bytes:
    """Manifests, as many as fit, none of which anything refers to."""
    members = []
    for number in range(count):
        document = {"config": {"digest": f"sha256:{number}"}, "layers": [{"digest": "sha256:a"}]}
        members.append(member(f"blobs/sha256/{number}", json.dumps(document).encode()))
    return gzip_of([tar_of(*members, member("layer", PLAIN))])


def lying_size() -> bytes:
    """A member of 2^62 - 1 bytes."""
    return header("large", (1 << 62) - 1) + bytes(512)


def many_layers_of_one(count: int = 50_000) -> bytes:
    """One layer, named as often as the manifest has room."""
    config = json.dumps({"rootfs": {"diff_ids": [digest(PLAIN)] * count}}).encode()
    manifest = [{"Config": "c.json", "RepoTags": ["w:1"], "Layers": ["l"] * count}]
    told = json.dumps(manifest).encode()
    return gzip_of([tar_of(member("c.json", config), member("manifest.json", told), member("l", PLAIN))])


def empty_members(count: int = 4_000_000) -> bytes:
    """A layer of gzip members without anything in them, one after the other, in an archive that is packed."""
    nothing = gzip_of([b""]) * 4000
    layer = gzip_of([header("a", 0)]) + nothing * (count // 4000)
    return gzip_of([with_layer(layer)])


def bz2_bomb(megabytes: int = 3_072) -> bytes:
    """Zeros by bzip2: a stream of 1 MB, again and again."""
    return bz2.compress(header("zeros", megabytes << 20)) + bz2.compress(_ZEROS * 64) * (megabytes // 64)


BOMBS: Final[dict[str, Callable[[], bytes]]] = {
    each.__name__: each
    for each in (
        many_entries, many_long_names, names_of_controls, names_of_pictures, names_of_other_bytes,
        repeated_index, repeated_config, pax_global_for_all, pax_global_pile, pax_pile, name_pile,
        pax_for_each, sparse_blocks, sparse_map, gzip_bomb, zstd_bomb, zstd_window, gzip_of_gzip,
        xz_dictionary, json_of_nothing, many_members, many_json_members, lying_size, many_layers_of_one,
        bz2_bomb, empty_members,
    )
}  # fmt: skip

_MEASURING: Final = """\
import resource, subprocess, sys
limit = float(sys.argv[1])
try:
    done = subprocess.run(sys.argv[2:], capture_output=True, timeout=limit)
    status, said = done.returncode, done.stderr.decode(errors="replace")[:3000]
except subprocess.TimeoutExpired:
    status, said = -1, f"not over after {limit:g} s"
used = resource.getrusage(resource.RUSAGE_CHILDREN)
import json
print(json.dumps([used.ru_maxrss * 1024 / 1e6, used.ru_utime + used.ru_stime, status, said]))
"""
"""A process that is small itself: a child counts what its parent held when it was forked."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call has cost."""

    megabytes: float
    """Peak resident memory."""
    seconds: float
    """Of the processor."""
    status: int
    said: str


def cost_of(*arguments: str, seconds: float = 400) -> Cost:
    """What a call of imgtui costs; it is ended after so many seconds."""
    command = [str(Path(sys.executable).with_name("imgtui")), *arguments]
    with tempfile.TemporaryDirectory() as home:
        places = dict.fromkeys(("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"), home)
        done = subprocess.run(
            [sys.executable, "-c", _MEASURING, str(seconds), *command],
            env={"PATH": "/usr/bin:/bin", **places},
            stdout=subprocess.PIPE,
            check=True,
        )
    megabytes, used, status, said = json.loads(done.stdout)
    return Cost(megabytes, used, status, said)


def main() -> int:
    """Write them and measure."""
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    for name, make in BOMBS.items():
        if sys.argv[2:] and name not in sys.argv[2:]:
            continue
        path = folder / f"{name}.tar"
        if not path.exists():
            path.write_bytes(make())
        cost = cost_of("files", str(path))
        last = cost.said.strip().splitlines()[-1:] or [""]
        sys.stdout.write(
            f"{name:20} {path.stat().st_size / 1e3:10,.0f} kB  {cost.megabytes:6.0f} MB {cost.seconds:7.1f} s"
            f"  {cost.status}  {last[0][:150]}\n"
        )
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
