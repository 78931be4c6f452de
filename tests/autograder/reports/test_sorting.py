"""Ranks by which the style sheet orders the rows of a table."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.sorting import WIDEST, longest_word, ranks

MIXED = st.lists(st.tuples(st.none() | st.integers(), st.none() | st.text(max_size=3)), min_size=1, max_size=8)


def test_each_row_has_its_rank_in_each_column_and_none_comes_last() -> None:
    assert ranks([("b", 3.5), ("a", None), ("b", -1.0)]) == ["--s1:1;--s2:1", "--s1:0;--s2:2", "--s1:1;--s2:0"]
    assert ranks([]) == []


def test_the_longest_word_that_is_not_to_be_broken() -> None:
    assert longest_word(["Ana Castillo", "a_long_name", "jean-philippe"]) == len("Castillo")
    assert longest_word(["x" * 100]) == WIDEST
    assert longest_word(["田中"]) == longest_word(["mW"]) > longest_word(["abc"])
    assert longest_word([]) == 0


@given(MIXED)
def test_ranks_order_as_the_values_do(rows: list[tuple[int | None, str | None]]) -> None:
    places = [dict(part.split(":") for part in style.split(";")) for style in ranks(rows)]
    for column, name in enumerate(("--s1", "--s2")):
        by_rank = [rows[n][column] for n in sorted(range(len(rows)), key=lambda n: int(places[n][name]))]
        there = [value for value in by_rank if value is not None]
        assert there == sorted(there)
        assert by_rank[len(there) :] == [None] * (len(rows) - len(there))
