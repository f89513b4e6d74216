"""Which cells of a line are painted again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from imgtui.ui.widgets.detail import wrapped
from imgtui.ui.widgets.lines import _cells, _difference, _difference_of_cells
from imgtui.ui.widgets.spans import Span

STYLES = (Style(bold=True), Style(color="red"))
WIDTH = 12

narrow = st.sampled_from("ab▸→…·●é")
wide = st.sampled_from("ab漢\u0301▸🙂")
"""With signs of two cells, and one that stands in the cell before it."""


def strips(characters: st.SearchStrategy[str]) -> st.SearchStrategy[Strip]:
    """Lines of one width, in pieces of two styles."""
    pieces = st.tuples(st.text(characters, min_size=1, max_size=4), st.sampled_from(STYLES))
    return st.lists(pieces, max_size=6).map(
        lambda each: Strip([Segment(text, style) for text, style in each]).adjust_cell_length(
            WIDTH, STYLES[0]
        )
    )


@given(strips(narrow), strips(narrow))
def test_lines_of_single_cells_differ_where_their_cells_do(old: Strip, new: Strip) -> None:
    assert _difference(old, new) == _difference_of_cells(_cells(old), _cells(new))


@given(strips(wide), strips(wide))
def test_outside_of_what_is_painted_all_cells_are_the_same(old: Strip, new: Strip) -> None:
    first, last = _difference(old, new)
    before, after = _cells(old), _cells(new)
    assert before[:first] == after[:first]
    assert len(before) != len(after) or before[last:] == after[last:]


@given(
    st.lists(st.text(st.sampled_from("ab 漢\u0301🙂"), max_size=30), min_size=1, max_size=3),
    st.integers(-1, 20),
)
def test_a_line_is_wrapped_to_any_width_and_nothing_of_it_is_lost(texts: list[str], width: int) -> None:
    pieces = wrapped([Span(text) for text in texts], width)
    shown = "".join(span.text for piece in pieces for span in piece)
    assert shown.replace(" ", "") == "".join(texts).replace(" ", "")
    assert len(pieces) <= sum(map(len, texts)) + 1
