"""Facts of images in the state file: each once, bounded, and what the log speaks of stays longest."""

from __future__ import annotations

import random
import zlib
from pathlib import Path

from imgtui.model.core.image import Store
from imgtui.model.taglog.moves import Cause, Move, Provenance
from imgtui.store.facts import LONGEST, Facts
from imgtui.store.state import State
from imgtui.store.tag_log import TagLog


def document(number: int, size: int = 3_000) -> str:
    """What cannot be packed."""
    return str(number) + random.Random(number).randbytes(size // 2).hex()


def test_what_is_kept_is_there_after_a_restart_for_its_kind_of_store_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    state = State(path)
    Facts(state).keep(Store.GRAPH, [("sha256:1", "one"), ("sha256:2", "two")])
    Facts(state).keep(Store.GRAPH, [("sha256:1", "something else")])
    state.close()
    again = State(path)
    facts = Facts(again)
    assert facts.known(Store.GRAPH) == {"sha256:1", "sha256:2"}
    assert facts.document(Store.GRAPH, "sha256:1") == "one"
    assert facts.known(Store.CONTAINERD) == set()
    assert facts.document(Store.CONTAINERD, "sha256:1") is None
    again.close()


def test_there_is_a_limit_and_what_the_log_speaks_of_stays_longest() -> None:
    state = State(None)
    TagLog(state, "engine").add([Move("web:1", None, "sha256:0", 5, None, Cause.BUILD, Provenance.EVENT)])
    facts = Facts(state, limit=20_000)
    for number in range(30):
        facts.keep(Store.GRAPH, [(f"sha256:{number}", document(number))])
        with state.reading() as file:
            assert file.execute("SELECT SUM(bytes) FROM facts").fetchone()[0] <= 20_000
    known = facts.known(Store.GRAPH)
    assert "sha256:0" in known, "the log speaks of it"
    assert {"sha256:29", "sha256:28"} <= known
    assert "sha256:1" not in known


def test_what_is_too_long_is_not_kept_and_not_unpacked() -> None:
    state = State(None)
    facts = Facts(state)
    facts.keep(Store.GRAPH, [("sha256:1", "x" * (LONGEST + 1)), ("sha256:2", "two")])
    assert facts.known(Store.GRAPH) == {"sha256:2"}
    bomb = zlib.compress(b"x" * (5 * LONGEST))
    with state.changing() as file:
        file.execute("UPDATE facts SET body = ?", (bomb,))
    assert facts.document(Store.GRAPH, "sha256:2") is None
    assert "of facts" in str(state.unread.words)


def test_what_cannot_be_unpacked_is_not_understood() -> None:
    for body in (b"", b"nonsense", zlib.compress(b"x" * 100)[:-5], zlib.compress(b"\xff\xfe"), "text", 7):
        state = State(None)
        Facts(state).keep(Store.GRAPH, [("sha256:2", "two")])
        with state.changing() as file:
            file.execute("UPDATE facts SET body = ?", (body,))
        assert Facts(state).document(Store.GRAPH, "sha256:2") is None, body
        assert state.unread, body
