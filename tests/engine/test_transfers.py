"""What engines tell of a pull, read: tolerant of anything, and safe for a terminal."""

from __future__ import annotations

from functools import reduce

import pytest

from imgtui.engine.port.errors import EngineError
from imgtui.engine.wire.transfers import transferred
from imgtui.model.jobs.progress import MOST_LAYERS, Transfer, TransferStage

HOSTILE = "\x1b]0;owned\x07\x9b2J[@click=app.quit]\u202e\n"


def read(*messages: object, podman: bool = False) -> Transfer:
    """What is known after these messages."""
    return reduce(lambda known, raw: transferred(known, raw, podman=podman), messages, Transfer())


def status(words: object, layer: object = "a", **detail: object) -> dict[str, object]:
    """One message about a layer."""
    return {"status": words, "id": layer, "progressDetail": detail}


def test_bytes_and_layers_are_counted_as_a_graph_driver_tells_them() -> None:
    begun = [{"status": "Pulling from web", "id": "1"}, status("Pulling fs layer"), status("Waiting", "b")]
    half = [status("Downloading", current=50, total=100), status("Already exists", "c")]
    known = read(*begun, *half)
    assert (known.done, known.total, known.layers_done, len(known.layers)) == (50, 100, 1, 3)
    known = read(*begun, *half, status("Download complete"), status("Extracting", current=7, total=100))
    assert (known.done, known.layers["a"].stage) == (100, TransferStage.EXTRACTING)
    known = read(*begun, *half, status("Pull complete"), status("Pull complete", "b"))
    assert (known.done, known.total, known.layers_done) == (100, 100, 3)


def test_what_the_containerd_store_counts_while_it_extracts_are_no_bytes() -> None:
    known = read(
        status("Downloading", current=50, total=100),
        status("Download complete", hidecounts=True),
        status("Extracting", current=3, units="s"),
    )
    assert (known.done, known.total) == (100, 100)


def test_of_podman_a_layer_is_here_when_it_is_downloaded() -> None:
    messages = [status("Pulling fs layer"), status("Download complete")]
    assert read(*messages).layers_done == 0
    assert read(*messages, podman=True).layers_done == 1


@pytest.mark.parametrize(
    "message",
    [{"error": HOSTILE, "errorDetail": {"message": HOSTILE}}, {"errorDetail": {"message": HOSTILE}}],
)
def test_an_error_in_the_stream_is_an_error_in_one_safe_line(message: object) -> None:
    with pytest.raises(EngineError) as failed:
        read(status("Downloading", current=1, total=2), message)
    assert str(failed.value).isprintable()
    assert "owned" in str(failed.value)


def test_names_of_layers_are_safe_and_short() -> None:
    known = read(status("Downloading", HOSTILE * 100, current=1, total=2))
    (name,) = known.layers
    assert name.isprintable()
    assert len(name) <= 64


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        "text",
        7,
        {},
        {"status": None, "id": None},
        {"status": HOSTILE, "id": "a"},
        {"status": ["Downloading"], "id": {"a": 1}},
        {"status": "Downloading", "id": "a", "progressDetail": []},
    ],
)
def test_what_is_no_news_of_a_layer_changes_no_bytes(message: object) -> None:
    before = status("Downloading", "b", current=1, total=2)
    known = read(before, message)
    assert (known.done, known.total) == (1, 2)


@pytest.mark.parametrize("count", [-1, 10**30, float("nan"), float("inf"), "5", None, True])
def test_bytes_that_make_no_sense_stay_numbers(count: object) -> None:
    known = read(status("Downloading", current=count, total=count), status("Downloading", current=5, total=1))
    assert 0 <= known.done <= known.total


def test_layers_without_end_are_not_held() -> None:
    known = read(*(status("Waiting", str(number)) for number in range(MOST_LAYERS + 50)))
    assert len(known.layers) == MOST_LAYERS
