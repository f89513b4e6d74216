"""Notes of a plan that differ only in the container are one."""

from imgtui.model.containers.said_together import said_together

NAMES = {"web-1": "web-1-abc", "web-2": "web-2-abc", "db": "db-abc"}


def test_lines_that_differ_in_their_container_are_one_in_the_place_of_the_first() -> None:
    lines = [
        "web-1: 2 files are copied",
        "web-1: labels: own",
        "docker compose up removes web-1 and starts web-1-abc",
        "web-2: 2 files are copied",
        "docker compose up removes web-2 and starts web-2-abc",
    ]

    assert said_together(lines, NAMES) == (
        "web-1, web-2: 2 files are copied",
        "web-1: labels: own",
        "docker compose up removes web-1, web-2 and starts web-1-abc, web-2-abc",
    )


def test_what_is_about_none_or_about_two_stays_as_it_is() -> None:
    lines = ["the tag stays", "web-1 uses the network of db", "web-2 uses the network of db", "the tag stays"]

    assert said_together(lines, NAMES) == tuple(lines[:3])


def test_a_name_within_another_word_is_no_container() -> None:
    lines = ["web-10: stays", "web-20: stays", "a.web-1: stays", "a.web-2: stays", "x/web-1", "x/web-2"]

    assert said_together(lines, NAMES) == tuple(lines)


def test_alone_it_is_said_as_it_was_and_a_mark_in_a_line_is_harmless() -> None:
    assert said_together(["web-1: stays", "\0 \1"], NAMES) == ("web-1: stays", "\0 \1")
    assert said_together([], NAMES) == ()
