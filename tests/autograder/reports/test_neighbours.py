"""Rows that are near each other are found as by looking at every pair."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from autograder.reports.neighbours import near


@given(
    arrays(np.int64, array_shapes(min_dims=2, max_dims=2, max_side=40), elements=st.integers(0, 9)),
    st.sampled_from([0.0, 0.05, 0.2, 0.5, 1.0]),
)
def test_the_same_pairs_as_by_looking_at_each(counts: np.ndarray, share: float) -> None:
    one, other = near(counts, share)
    found = sorted(zip(one.tolist(), other.tolist(), strict=True))
    assert found == [
        (a, b)
        for a, b in combinations(range(len(counts)), 2)
        if np.abs(counts[a] - counts[b]).sum() <= share * (counts[a].sum() + counts[b].sum()) + 1e-6
    ]


def test_large_counts_are_counted_in_full() -> None:
    counts = np.array([[60_000, 0], [0, 60_000], [60_000, 1]])
    assert [each.tolist() for each in near(counts, 0.05)] == [[0], [2]]
