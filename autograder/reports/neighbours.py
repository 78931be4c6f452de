"""Finds the rows of a table of counts that are near each other, at a few nanoseconds for each pair that may be.

Rows are sorted by their sum, and each is set beside those before it whose sum is near enough: first in the columns that
differ most, then, if that leaves it open, in the others. No pair is missed.
"""

from __future__ import annotations

import numpy as np

TELLING = 16
"""Columns that are looked at first."""
_ROUNDING = 1e-6


def near(counts: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of rows whose counts differ by at most a share of all that is counted in the two.

    Parameters
    ----------
    counts : np.ndarray
        A row for each thing, of whole numbers from 0.
    share : float
        From 0 to 1.

    Returns
    -------
    tuple of np.ndarray
        The lower and the higher number of each pair.
    """
    order = np.argsort(counts.sum(axis=1), kind="stable")
    sums = counts.sum(axis=1)[order]
    kind = np.min_scalar_type(-2 * int(sums[-1]) - 1)  # small numbers, and many of them at a time
    telling = np.argsort(-counts.var(axis=0), kind="stable")
    columns = np.ascontiguousarray(counts[np.ix_(order, telling)].T, dtype=kind)
    first_columns, others = columns[:TELLING], columns[TELLING:]
    starts = np.searchsorted(sums, sums * (1 - share) / (1 + share) - _ROUNDING)
    found = []
    for row, start in enumerate(starts.tolist()):
        left = share * (sums[start:row] + sums[row]) + _ROUNDING
        apart = _apart(first_columns[:, start:row], first_columns[:, row])
        open_ones = np.flatnonzero(apart <= left)
        if open_ones.size:
            more = _apart(others[:, start + open_ones], others[:, row])
            open_ones = open_ones[apart[open_ones] + more <= left[open_ones]]
            found.append(np.stack([start + open_ones, np.full_like(open_ones, row)]))
    pairs = order[np.concatenate([np.empty((2, 0), np.intp), *found], axis=1)]
    return pairs.min(axis=0), pairs.max(axis=0)


def _apart(columns: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Return by how much the rows with these columns differ from another, all columns together."""
    apart: np.ndarray = np.abs(columns - row[:, None]).sum(axis=0, dtype=columns.dtype)
    return apart
