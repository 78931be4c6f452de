"""Tables of numbers: what a page shows, and the same as text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.widgets.markup import typeset
from course.widgets.tables import Table


class Cells(HTMLParser):
    """The text of each header and cell, with its scope."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._in: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("th", "td", "caption"):
            self._in = tag + (f" {dict(attrs)['scope']}" if tag == "th" else "")
            self.found.append((self._in, ""))

    def handle_endtag(self, tag: str) -> None:
        self._in = None if tag in ("th", "td", "caption") else self._in

    def handle_data(self, data: str) -> None:
        if self._in:
            self.found[-1] = (self._in, self.found[-1][1] + data)


def html(table: Table) -> str:
    page = table._repr_mimebundle_()["text/html"]  # the name is IPython's
    assert isinstance(page, str)
    return page


def example() -> Table:
    table = Table("right answers, 3 seeds", {"function": "", "rate": "g", "right": ".1%", "slope": ".3f"})
    table.add("ReLU", 0.01, [0.913, 0.95, 0.9], -0.25)
    table.add("x < 0 & more", 1e-7, np.array([0.5, 0.25]), torch.tensor(1.0).item())
    return table


def test_text_has_columns_in_line_and_signs_as_in_print() -> None:
    assert repr(example()).splitlines() == [
        "right answers, 3 seeds",
        "function        rate                      right   slope",
        "ReLU            0.01  91.3 % (90.0 % to 95.0 %)  −0.250",
        "x < 0 & more  1·10⁻⁷  37.5 % (25.0 % to 50.0 %)   1.000",
    ]


def test_page_has_caption_headers_and_the_same_cells() -> None:
    cells = Cells(html(example())).found
    assert [kind for kind, _ in cells] == [
        "caption",
        *["th col"] * 4,
        *["th row", "td", "td", "td"] * 2,
    ]
    assert cells[9][1] == "x < 0 & more"
    words = [text for _, text in cells]
    for text in words:
        assert text in repr(example())


def test_numbers_stand_right_and_texts_left() -> None:
    heads = re.findall(r'<th scope="col" style="text-align:(\w+)', html(example()))
    assert heads == ["left", "right", "right", "right"]


def test_a_column_without_a_name_has_no_empty_header() -> None:
    table = Table("any", {"": "", "-1": "g"})
    table.add("ReLU", -2)
    assert [kind for kind, _ in Cells(html(table)).found] == ["caption", "td", "th col", "th row", "td"]
    assert [text for _, text in Cells(html(table)).found] == ["any", "", "−1", "ReLU", "−2"]


def test_a_number_is_not_broken_and_no_colour_is_set() -> None:
    cells = re.findall(r'<t[hd] [^>]*style="([^"]*)">−0.250<', html(example()))
    assert len(cells) == 1
    assert "white-space:nowrap" in cells[0]
    assert "color" not in html(example())
    assert "background" not in html(example())


def test_what_is_no_number_or_endless_is_said() -> None:
    table = Table("any", {"": "", "slope": ".2f"})
    table.add("naive", float("nan"))
    table.add("far", -np.inf)
    assert [line.split()[-1] for line in repr(table).splitlines()[2:]] == ["nan", "−inf"]


def test_shows_its_text_where_there_is_no_page(capsys: pytest.CaptureFixture[str]) -> None:
    example().show()
    assert capsys.readouterr().out == f"{example()!r}\n"


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"4 columns \(function, rate, right, slope\); this row has 2 values"):
        example().add("ReLU", 1.0)


def test_no_number_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="no number"):
        Table("none", {"n": "g"}).add([])


NUMBERS = st.one_of(
    st.floats(allow_nan=False), st.integers(-(10**6), 10**6), st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5)
)


@pytest.mark.parametrize(
    ("number", "form", "shown"),
    [
        (-0.0, ".3g", "0"),
        (-0.004, ".1f", "0.0"),
        (np.float32(-0.0), ".1e", "0.0e+00"),
        (-0.0004, ".0%", "0%"),
        (-0.05, ".1f", "−0.1"),
        (-10.0, ".0f", "-10"),
        (-1e-20, ".0e", "-1e-20"),
    ],
)
def test_nothing_has_no_minus_sign(number: float, form: str, shown: str) -> None:
    table = Table("loss", {"function": "", "loss": form})
    table.add("ReLU", number)
    table.add("tanh", [number, number])
    first, second = repr(table).splitlines()[2:]
    shown = typeset(shown)
    assert first.removeprefix("ReLU").strip() == shown
    assert second.removeprefix("tanh").strip() == f"{shown} ({shown} to {shown})"


@given(rows=st.lists(st.tuples(st.text(max_size=8).filter(lambda text: text.isprintable()), NUMBERS), max_size=5))
def test_any_rows_give_one_line_each_and_escaped_cells(rows: list[tuple[str, float | list[float]]]) -> None:
    table = Table("any", {"name": "", "number": ".3g"})
    for row in rows:
        table.add(*row)
    assert len(repr(table).split("\n")) == 2 + len(rows)
    assert [text for kind, text in Cells(html(table)).found if kind == "th row"] == [typeset(name) for name, _ in rows]
