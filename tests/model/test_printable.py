import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.core.printable import ELLIPSIS, MAX_MARKS, printable, safe_for_terminal

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
HOSTILE_TEXT = st.text(
    st.one_of(
        st.characters(max_codepoint=0x9F),
        st.sampled_from(
            "\u061c\u200b\u200d\u200e\u202e\u2028\u2066\ufe0f\ufeff\ud800\u0301\u0489\u1160\u1161"
        ),
        st.sampled_from("\U000e0041\U000e0100\U0001f468\u00ad\uffff…⟨⟩␛"),
    ),
    max_size=100,
)
FORBIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;owned\x07", "␛]0;owned␇"),
        ("a\nb", "a↵b"),
        ("a\tb", "a→b"),
        ("a\r\nb", "a␍↵b"),
        ("a\x00b\x7fc", "a␀b␡c"),
        ("\x9b31mred", "⟨9b⟩31mred"),
        ("user\u202egpj.exe", "user⟨202e⟩gpj.exe"),
        ("a\u061cb\u200eb\u2066c", "a⟨061c⟩b⟨200e⟩b⟨2066⟩c"),
        ("we\u200bb\ufeff", "we⟨200b⟩b⟨feff⟩"),
        ("a\u2028b\u2029c", "a⟨2028⟩b⟨2029⟩c"),
        ("a\ud800b", "a⟨d800⟩b"),
        ("tag\U000e0041", "tag⟨e0041⟩"),
        ("\u2764\ufe0f", "❤⟨fe0f⟩"),
        ("soft\u00adhyphen", "soft⟨ad⟩hyphen"),
        ("", ""),
        ("[core] [@click=app.quit]", "[core] [@click=app.quit]"),
        ("Grüße, 世界, नमस्ते, \ue0b0", "Grüße, 世界, नमस्ते, \ue0b0"),
    ],
)
def test_what_a_terminal_would_obey_or_hide_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_plain_text_is_the_same_object() -> None:
    text = "".join(["docker.io/library/", "web:latest"])
    assert printable(text) is text


def test_line_feeds_stay_only_when_asked_for() -> None:
    assert printable("one\ntwo\x1b", newlines=True) == "one\ntwo␛"
    assert safe_for_terminal("one\ntwo", newlines=True)
    assert not safe_for_terminal("one\ntwo")


def test_long_text_ends_in_an_ellipsis_within_the_limit() -> None:
    assert printable("a" * 5000) == "a" * 4095 + ELLIPSIS
    assert printable("abcdef", 4) == "abc…"
    assert printable("abcd", 4) == "abcd"
    assert printable("\x9b\x9b", 5) == "⟨9b⟩…"
    assert printable("abc", 1) == ELLIPSIS
    assert printable("abc", 0) == ""


def test_piled_up_marks_are_cut() -> None:
    assert printable("e" + "\u0301" * 50 + "x") == "e" + "\u0301" * MAX_MARKS + "…x"
    assert printable("e\u0301") == "e\u0301"


def test_a_mark_without_a_base_gets_one_and_does_not_sit_on_the_border_before_it() -> None:
    assert printable("\u0301x") == "◌\u0301x"
    assert printable("a\n\u0301x", newlines=True) == "a\n◌\u0301x"


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "None"), (12, "12"), (["\x1b"], "['\\x1b']"), (b"a\xff\x1b", "a\\xff␛")]
)
def test_what_is_no_text_is_shown_as_text(value: object, shown: str) -> None:
    assert printable(value) == shown


@given(st.one_of(ANY_TEXT, HOSTILE_TEXT), st.integers(0, 300), st.booleans())
def test_the_result_is_safe_bounded_and_final(text: str, limit: int, newlines: bool) -> None:
    shown = printable(text, limit, newlines=newlines)
    allowed = {"\n"} if newlines else set()
    assert [char for char in shown if unicodedata.category(char) in FORBIDDEN and char not in allowed] == []
    assert len(shown) <= limit
    assert printable(shown, limit, newlines=newlines) == shown
    assert safe_for_terminal(shown, newlines=newlines)


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_printable_ascii_is_never_changed(text: str) -> None:
    assert printable(text) is text
