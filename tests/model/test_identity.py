"""Which engine answers: recognised by more than its ID, and asked for where that is not enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from imgtui.model.taglog.identity import Doubt, KnownEngine, Overlap, Place, Why, boot_mark, identify

ALL, MOST, FEW, NONE = Overlap(10, 10, 8, 8), Overlap(10, 6, 8, 5), Overlap(10, 4, 8, 3), Overlap(10, 0, 8, 0)
EMPTY = Overlap(0, 0, 0, 0)
A = Place("ID-A", "unix:///run/docker.sock m1", "default", "web-01", "/var/lib/docker", "graph", "run-1", 100)
SSH = replace(A, address="ssh://web-01", host="web")
KNOWN = KnownEngine("ID-A", "web-01", 100, 7, (A,))
LEGACY = KnownEngine("ID-A", "web-01", 100, 7)


class Never(Exception):
    """The engine was asked for a list, which costs seconds."""


def never(_: KnownEngine) -> Overlap:
    raise Never


def found(
    here: Place, overlap: Overlap | None = None, known: Sequence[KnownEngine] = (KNOWN,)
) -> str | Doubt:
    return identify(here, known, lambda _: overlap)


@pytest.mark.parametrize(
    "here",
    [
        A,
        replace(A, run="run-2"),  # it was started again
        replace(A, run=""),  # a proxy does not tell
        SSH,  # by another address, while it runs
        replace(SSH, address="tcp://10.0.0.1:2376", host="tcp"),
    ],
)
def test_an_engine_that_is_recognised_is_asked_for_no_list(here: Place) -> None:
    assert identify(here, [KNOWN], never) == "ID-A"


def test_an_engine_that_nobody_knows_begins_its_own_log_without_a_list() -> None:
    assert identify(A, [], never) == "ID-A"
    assert identify(replace(SSH, reported="ID-B", name="web-02"), [KNOWN], never) == "ID-B"


@pytest.mark.parametrize(
    "clone",
    [
        replace(A, address="ssh://web-02", run="run-9"),  # the same name: nobody has renamed it
        replace(A, address="ssh://web-02", name="web-02", run="run-9"),
        replace(A, address="ssh://web-02", root="/data/docker", run="run-9"),
        replace(A, address="unix:///run/docker.sock m2", run="run-9"),  # one home folder for two machines
        replace(A, address="ssh://web-02", name="web-02", run=""),
    ],
)
def test_a_copy_is_asked_about_however_alike_it_is(clone: Place) -> None:
    for overlap in (ALL, MOST, FEW, NONE, EMPTY):
        doubt = found(clone, overlap)
        assert isinstance(doubt, Doubt)
        assert (doubt.why, doubt.candidates) == (Why.COPY, (KNOWN,))


def test_two_copies_keep_two_logs_when_it_was_said_that_they_are_two() -> None:
    clone = replace(A, address="ssh://web-02", run="run-9", seen=200)
    both = (KnownEngine("ID-A~2", "web-01", 200, 0, (clone,)), KNOWN)
    for here, key in ((A, "ID-A"), (clone, "ID-A~2")):
        assert identify(here, both, never) == key
        assert identify(replace(here, run="later"), both, never) == key
        assert identify(replace(here, address="tcp://x", host="x"), both, never) == key
    third = found(replace(A, address="ssh://web-03", run="run-3"), ALL, both)
    assert isinstance(third, Doubt)
    assert [each.key for each in third.candidates] == ["ID-A~2", "ID-A"]


def test_one_that_was_renamed_goes_on_unless_most_of_it_differs() -> None:
    renamed = replace(A, name="web-of-02", run="run-2")
    assert [found(renamed, overlap) for overlap in (ALL, MOST, EMPTY)] == ["ID-A"] * 3
    assert all(isinstance(found(renamed, overlap), Doubt) for overlap in (FEW, NONE))


def test_another_address_without_marks_goes_on_unless_most_of_it_differs() -> None:
    unmarked = KnownEngine("ID-A", "web-01", 100, 7, (replace(A, run=""),))
    assert found(SSH, MOST, (unmarked,)) == "ID-A"
    assert isinstance(found(SSH, FEW, (unmarked,)), Doubt)


def test_what_an_earlier_version_recorded_goes_on_unless_most_of_it_differs() -> None:
    assert found(A, MOST, (LEGACY,)) == "ID-A"
    assert isinstance(found(A, NONE, (LEGACY,)), Doubt)
    assert isinstance(found(replace(A, name="web-02"), ALL, (LEGACY,)), Doubt)


@pytest.mark.parametrize(
    "here",
    [
        replace(A, reported="ID-NEW", run="run-2"),
        replace(A, reported="ID-NEW", run="run-2", name="renamed"),
        replace(SSH, reported="ID-NEW", run="run-2"),
    ],
)
@pytest.mark.parametrize("known", [KNOWN, LEGACY])
def test_an_engine_with_a_new_id_is_asked_about_where_it_has_what_a_known_one_had(
    here: Place, known: KnownEngine
) -> None:
    if known is LEGACY and here.name != known.name:
        pytest.skip("nothing is known of where it was")
    doubt = found(here, MOST, (known,))
    assert isinstance(doubt, Doubt)
    assert doubt.why is Why.RETURN
    assert "5 of 8 digests" in doubt.words
    assert "--adopt ID-A" in doubt.words
    assert found(here, FEW, (known,)) == "ID-NEW"  # installed anew, without its data
    assert found(here, EMPTY, (known,)) == "ID-NEW"


def test_another_host_with_the_same_images_is_no_doubt() -> None:
    assert (
        identify(Place("ID-B", "ssh://b", "b", "b", "/var/lib/docker", "graph", "x"), [KNOWN], never)
        == "ID-B"
    )


def podman(address: str, name: str, started: int) -> Place:
    return Place(
        f"podman {name} /storage", address, address, name, "/storage", "podman", boot_mark(started), 100
    )


def test_podman_machines_of_one_name_are_told_apart_by_their_address() -> None:
    first = podman("ssh://127.0.0.1:1001", "localhost", 1_000_000)
    known = KnownEngine(first.reported, "localhost", 100, 3, (first,))
    again = podman("ssh://127.0.0.1:1001", "localhost", 1_000_003)  # it tells the seconds roughly
    other = podman("ssh://127.0.0.1:1002", "localhost", 1_000_300)
    assert identify(again, [known], never) == first.reported
    assert isinstance(found(other, ALL, (known,)), Doubt)
    together = podman("ssh://127.0.0.1:1002", "localhost", 1_000_002)
    for overlap in (ALL, NONE):
        assert isinstance(found(together, overlap, (known,)), Doubt)
    renamed = podman("ssh://127.0.0.1:1001", "box", 1_000_900)
    doubt = found(renamed, ALL, (known,))
    assert isinstance(doubt, Doubt)
    assert doubt.why is Why.RETURN


def test_podman_machines_that_were_started_together_keep_two_logs() -> None:
    first = podman("ssh://127.0.0.1:1001", "localhost", 1_000_000)
    second = replace(podman("ssh://127.0.0.1:1002", "localhost", 1_000_002), seen=200)
    both = (
        KnownEngine(f"{second.reported}~2", "localhost", 200, 3, (second,)),
        KnownEngine(first.reported, "localhost", 100, 3, (first,)),
    )
    for known in (both, both[::-1]):
        assert identify(first, known, never) == first.reported
        assert identify(second, known, never) == f"{second.reported}~2"
        third = podman("ssh://127.0.0.1:1003", "localhost", 1_000_001)
        assert isinstance(found(third, ALL, known), Doubt)


def test_an_address_that_another_clone_had_is_no_proof_while_the_mark_says_who_runs() -> None:
    # Clones have one look: the address says more than a boot time, and a Docker mark more than both.
    clone = replace(A, address="ssh://web-02", run="run-9", seen=200)
    both = (KnownEngine("ID-A~2", "web-01", 200, 0, (clone,)), KNOWN)
    assert identify(replace(A, address="ssh://web-02"), both, never) == "ID-A"


@pytest.mark.parametrize("mark", ["boot x", "boot ", "boot 1.5", "boot \u0663"])
def test_a_mark_that_is_not_understood_is_no_mark(mark: str) -> None:
    first = podman("ssh://127.0.0.1:1001", "localhost", 1_000_000)
    known = KnownEngine(first.reported, "localhost", 100, 3, (replace(first, run=mark),))
    assert identify(first, [known], never) == first.reported  # it is where it was
    assert isinstance(found(replace(first, address="ssh://127.0.0.1:1002"), ALL, (known,)), Doubt)
    assert isinstance(found(replace(first, address="ssh://x", run=mark), ALL, (known,)), Doubt)


def test_where_nothing_can_be_asked_an_engine_is_shown_as_what_it_seems() -> None:
    assert found(replace(A, name="renamed"), None) == "ID-A"
    assert found(replace(A, reported="ID-NEW", run="run-2"), None) == "ID-NEW"
