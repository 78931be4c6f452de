"""Words and numbers as the page shows them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.checks.scoring import BAD, GOOD
from course.widgets.markup import alert, typeset, verdict


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("from -6 to 6", "from −6 to 6"),
        ("[-1.5, -.5]", "[−1.5, −.5]"),
        ("(-1, 2)", "(−1, 2)"),
        ("x = -1", "x = −1"),
        ("-inf to -info", "−inf to -info"),
        ("x-axis, 3-4, layer-2, dash-dot, C-1", "x-axis, 3-4, layer-2, dash-dot, C-1"),
        ("softmax(dim=-1)", "softmax(dim=-1)"),
        ("45%", "45 %"),
        ("45 % of 1.5%", "45 % of 1.5 %"),
        ("share     45%     3%", "share    45 %    3 %"),
        ("100%-sure", "100 %-sure"),
    ],
)
def test_numbers_as_print_has_them(text: str, shown: str) -> None:
    assert typeset(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("3e-17", "3·10⁻¹⁷"),
        ("-2.5e+06 and 1e3", "−2.5·10⁶ and 1·10³"),
        ("the2e3 e-17 0x1e3 1.2.3e4", "the2e3 e-17 0x1e3 1.2.3e4"),
        ("tanh   2.3e-05   3.0e+00   6.4e-104", "tanh  2.3·10⁻⁵       3.0 6.4·10⁻¹⁰⁴"),
        ("  5e-11", " 5·10⁻¹¹"),
    ],
)
def test_powers_of_ten(text: str, shown: str) -> None:
    assert typeset(text) == shown


@given(st.lists(st.floats(-1e300, 1e300).map(lambda x: f"{x:>14.1e}"), min_size=1).map("".join))
def test_columns_with_powers_of_ten_stay_where_they_are(row: str) -> None:
    assert len(typeset(row)) == len(row)
    assert typeset(typeset(row)) == typeset(row)
    assert "e" not in typeset(row)


@given(st.lists(st.floats(-999, 999).map(lambda x: f"{x:>9.1f}%"), min_size=1).map("".join))
def test_columns_stay_where_they_are(row: str) -> None:
    assert len(typeset(row)) == len(row)
    assert typeset(typeset(row)) == typeset(row)
    assert re.search(r"-\d|\d%", typeset(row)) is None


def test_what_is_wrong_has_the_pages_own_colour_on_a_tint() -> None:
    assert BAD in alert("no `x`")
    assert re.search(r"(^|[;\"])color:", alert("no")) is None, "in the dark theme it would be dark on dark"


def test_a_verdict_is_said_in_words_and_by_colour() -> None:
    right, wrong = verdict("Right. <b>", True), verdict("Not yet.", False)
    assert GOOD in right
    assert "Right. &lt;b&gt;" in right
    assert BAD in wrong
    assert 'role="status"' in right
    assert '<span aria-hidden="true">✗</span> Not yet.' in wrong
