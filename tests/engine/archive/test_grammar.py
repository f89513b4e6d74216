"""Archives with mistakes in them, made by a grammar: each is a list of images, or one line that says why not.

The grammar goes down from the archive to its bytes: which form, which images, manifests, configurations and
layers it has, what is wrong with each of them, and what is done to the tar at last.
"""

from __future__ import annotations

import json
import tempfile
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from backports import zstd
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from imgtui.engine.archive.engine import ArchiveEngine
from imgtui.engine.archive.errors import ArchiveError
from imgtui.engine.archive.tags import read_archive
from imgtui.engine.archive.writing import header
from imgtui.engine.port.errors import EngineError
from imgtui.engine.wire.facts import read_facts
from imgtui.operations.files.layer_files import tree_of
from imgtui.operations.files.reading_files import read_file
from imgtui.store.cached.cache import Cache
from tests.engine.archive.bombs import block, pax, record
from tests.engine.archive.tars import config_of, digest, gzipped, member, tar_of

HONEST: Final = tar_of(member("etc/version", b"1"), member("etc/.wh.old"))
MEMORY: Final = 60_000_000
"""Bytes that reading takes beyond what the process has: what is made here is small."""

numbers = st.sampled_from([0, 1, 2, 127, 511, 512, 513, 8**11, 1 << 31, (1 << 62) - 1, 1 << 63])
names = st.sampled_from([
    "a", "./a", "/a", "a/", "", ".", "..", "../../etc/passwd", "a//b", "a/../b", ".wh.a", ".wh..wh..opq",
    ".wh..wh.plnk", "etc/.wh.", "n" * 100, "\x1b]0;x\x07", "caf\u00e9", "\U0001f4a3", "index.json",
    "manifest.json",    "blobs/sha256/" + "0" * 64, "oci-layout",
])  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def records(draw: st.DrawFn) -> bytes:
    """The records of a pax header, some of them wrong."""
    keys = st.sampled_from([
        "path", "linkpath", "size", "uid", "mtime", "GNU.sparse.size", "GNU.sparse.realsize",
        "GNU.sparse.map", "GNU.sparse.major", "GNU.sparse.name", "GNU.sparse.offset", "GNU.sparse.numbytes",
        "SCHILY.xattr.user.a", "comment",
    ])  # fmt: skip
    values = st.sampled_from([
        "", "1", "-1", "1.5", "x", "0,5", "0,5,3,1", "9" * 30, "../x", "a\0b", "1" * 19, str(1 << 62),
        "\x1b[2J",
    ])  # fmt: skip
    found = b"".join(record(draw(keys), draw(values)) for _ in range(draw(st.integers(0, 4))))
    return draw(st.sampled_from([found, found[:-1], b"9" * 25 + found, b"0 " + found, found + b"\0\0"]))


@st.composite
def entries(draw: st.DrawFn) -> bytes:
    """An entry of a tar, and what stands before it."""
    parts = []
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2, 9]))):
        kind = draw(st.sampled_from([b"x", b"g", b"L", b"K"]))
        content = draw(records()) if kind in {b"x", b"g"} else draw(names).encode() + b"\0"
        parts.append(header("pax", len(content), kind=kind) + block(content))
    content = draw(st.sampled_from([b"", b"1", b"x" * 512, b"y" * 700, b"2\n0\n1\n5\n9\n".ljust(512, b"\0")]))
    size = draw(st.sampled_from([len(content)] * 6 + [0, 3, 1 << 40, (1 << 62) - 1, 1 << 63]))
    kind = draw(
        st.sampled_from([b"0", b"0", b"0", b"\0", b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"S", b"V", b"Z"])
    )
    head = bytearray(header(draw(names)[:33], size, kind=kind, link=draw(names)[:33]))
    at = draw(st.sampled_from([None, None, None, 100, 124, 136, 257, 345, 386, 398, 482, 483]))
    if at is not None:
        damage = draw(
            st.sampled_from([b"\xff" * 8, b"\x80" + b"\xff" * 11, b"99999999", b"\0" * 12, b"00000000005\0"])
        )
        head[at : at + len(damage)] = damage
        del head[512:]
    if draw(st.sampled_from([True] * 9 + [False])):
        head[148:156] = b" " * 8
        head[148:156] = b"%06o\0 " % sum(head)
    return b"".join([*parts, bytes(head), block(content)])


@st.composite
def tars(draw: st.DrawFn) -> bytes:
    """A layer's tar, most of them honest."""
    if draw(st.booleans()):
        return draw(st.sampled_from([HONEST, bytes(1024), tar_of()]))
    ending = draw(st.sampled_from([bytes(1024), bytes(512), b"", b"?" * 100, bytes(1024) + b"more"]))
    return b"".join(draw(st.lists(entries(), max_size=4))) + ending


PACKERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "plain": lambda content: content,
    "gzip": gzipped,
    "zstd": zstd.compress,
    "members": lambda content: gzipped(content[:100]) + gzipped(content[100:]),
    "cut off": lambda content: gzipped(content)[:-9],
    "damaged": lambda content: gzipped(content)[:20] + b"\xff" * 9 + gzipped(content)[29:],
    "of another kind": lambda content: b"BZh9" + content,
    "twice": lambda content: gzipped(gzipped(content)),
    "json": lambda content: b'{"critical": {}}',
}


@dataclass
class Made:
    """An archive while it is made."""

    blobs: dict[str, bytes] = field(default_factory=dict)

    def put(self, content: bytes) -> str:
        """Keep a blob; its digest."""
        self.blobs[f"blobs/sha256/{digest(content)[7:]}"] = content
        return digest(content)


@st.composite
def configs(draw: st.DrawFn, layers: list[bytes]) -> bytes:
    """The configuration of these layers, or what is none."""
    document: Any = json.loads(config_of(layers))
    match draw(st.sampled_from(["", "", "", "", "value", "fewer", "more", "history", "none", "layers"])):
        case "value":
            document[draw(st.sampled_from(["rootfs", "history", "config", "created", "os"]))] = draw(
                json_values
            )
        case "fewer":
            document["rootfs"]["diff_ids"] = document["rootfs"]["diff_ids"][1:]
        case "more":
            document["rootfs"]["diff_ids"] *= 2
        case "history":
            document["history"] = [*document["history"][1:], {"empty_layer": draw(json_values)}]
        case "none":
            return draw(st.sampled_from([b"{}", b"", b"[]", b"[" * 5000, b'{"rootfs": {}}', b"\xff{"]))
        case "layers":
            document["rootfs"]["diff_ids"] = draw(json_values)
    return json.dumps(document).encode()


def _descriptor(draw: st.DrawFn, of: str, size: int) -> dict[str, object]:
    found: dict[str, object] = {"digest": of, "size": size}
    match draw(st.sampled_from([""] * 8 + ["type", "urls", "digest", "annotations", "artifact"])):
        case "type":
            kinds = [
                "application/vnd.oci.image.config.v1+json",
                "application/vnd.cncf.helm.config.v1+json",
                "\x1b",
            ]
            found["mediaType"] = draw(st.sampled_from(kinds))
        case "urls":
            found["urls"] = draw(st.sampled_from([["https://x.example/\x1b[2J"], "x", [None], []]))
        case "digest":
            found["digest"] = draw(st.sampled_from(["sha256:" + "0" * 64, "md5:../../x", "", None, 7]))
        case "annotations":
            name = draw(st.sampled_from(["web:2", "\x1b[2J:1", 5, None]))
            found["annotations"] = {"io.containerd.image.name": name}
        case "artifact":
            found["artifactType"] = draw(st.sampled_from(["application/x", "\x1b[2J", None, []]))
    return found


def _mistake(draw: st.DrawFn, files: dict[str, bytes]) -> None:
    """Something that is wrong with one of the members."""
    if not files:
        return
    name = draw(st.sampled_from(sorted(files)))
    match draw(st.sampled_from(["gone", "cut", "changed", "other", "name"])):
        case "gone":
            del files[name]
        case "cut":
            files[name] = files[name][: len(files[name]) // 2]
        case "changed":
            files[name] = files[name].replace(b"1", b"2")
        case "other":
            files[name] = json.dumps(draw(json_values)).encode()
        case "name":
            files[draw(names)] = files.pop(name)


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    """An archive of one to three images in one of the forms, with the mistakes of each."""
    made = Made()
    described: list[dict[str, object]] = []
    listed: list[dict[str, object]] = []
    for number in range(draw(st.integers(1, 3))):
        layers = draw(st.lists(tars(), max_size=3))
        packed = [PACKERS[draw(st.sampled_from([*PACKERS, *["plain"] * 9]))](layer) for layer in layers]
        config = draw(configs(layers))
        of_layers = [_descriptor(draw, made.put(each), len(each)) for each in packed]
        manifest = json.dumps({
            "schemaVersion": 2, "config": _descriptor(draw, made.put(config), 1), "layers": of_layers
        }).encode()  # fmt: skip
        below = made.put(manifest)
        for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2, 6]))):
            inner = [_descriptor(draw, below, 1)] * draw(st.sampled_from([1, 1, 2, 30]))
            below = made.put(json.dumps({"manifests": inner}).encode())
        top = _descriptor(draw, below, len(manifest))
        described.append({"annotations": {"org.opencontainers.image.ref.name": f"web:{number}"}, **top})
        paths = [f"blobs/sha256/{digest(each)[7:]}" for each in packed]
        listed.append({
            "Config": f"blobs/sha256/{digest(config)[7:]}", "RepoTags": [f"web:{number}"], "Layers": paths
        })  # fmt: skip
    files = dict(made.blobs)
    form = draw(st.sampled_from(["oci", "docker", "both"]))
    if form != "docker":
        files["index.json"] = json.dumps({"manifests": described}).encode()
    if form != "oci":
        files["manifest.json"] = json.dumps(listed).encode()
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        _mistake(draw, files)
    members = [member(name, content) for name, content in files.items()]
    whole = tar_of(*draw(st.permutations(members)))
    match draw(st.sampled_from([""] * 6 + ["cut off", "gzip", "zstd", "pax", "twice"])):
        case "cut off":
            return whole[: draw(st.integers(0, len(whole)))]
        case "gzip":
            return gzipped(whole)
        case "zstd":
            return zstd.compress(whole)
        case "pax":
            return pax(draw(records()), draw(st.sampled_from([b"x", b"g"]))) + whole
        case "twice":
            return whole[:-1024] + whole
    return whole


def one_line(error: EngineError) -> None:
    said = str(error)
    assert said
    assert said.isprintable(), ascii(said)
    assert len(said) < 2000


def looked_into(path: Path) -> str:
    """Look at everything that an archive has; what came of it."""
    try:
        engine = ArchiveEngine(path)
    except ArchiveError as error:
        one_line(error)
        return "no archive"
    assert all(line.isprintable() for line in engine.odd), engine.odd
    lists = Cache(None).layer_lists
    outcome = "odd" if engine.odd else "whole"
    for image in [image for part in engine.list_images() for image in part.images]:
        document = engine.document(image.id)
        assert document is not None
        facts = read_facts(document)
        diff_ids = [layer.diff_id for layer in facts.layers]
        assert [entry.diff_id for entry in facts.history if entry.diff_id] == diff_ids
        try:
            read = tree_of(engine, lists, image.id, diff_ids)
        except ArchiveError as error:
            one_line(error)
            outcome = "no layer"
            continue
        assert (read.efficiency is None) == bool(read.problem)
        if read.problem:
            one_line(ArchiveError(read.problem))
            outcome = "some layers"
        for files in read.tree.layers:
            if files is not None:
                assert all(entry.size <= 1 << 62 for entry in files.entries)
        for node in range(1, len(read.tree.paths)):
            path_there = read.tree.paths[node]
            found = read.tree.file(path_there, len(diff_ids) - 1)
            files = None if found is None else read.tree.layers[found[0]]
            if found is not None and files is not None and found[1].kind.value == "file":
                try:
                    content = read_file(engine, image.id, files.diff_id, found[1].path)
                    assert content.size == found[1].size
                except EngineError as error:
                    one_line(error)
    return outcome


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(archives())
def test_whatever_is_wrong_with_an_archive_is_said_in_lines(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image.tar"
        path.write_bytes(content)
        tracemalloc.start()
        try:
            event(looked_into(path))
            assert tracemalloc.get_traced_memory()[1] < MEMORY
        finally:
            tracemalloc.stop()
        try:
            assert all(tag.isprintable() for tag in read_archive(path).tags)
        except EngineError as error:
            one_line(error)
