"""Naive and stable softmax in the picture: values, errors, and where the naive one ends."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.reference import numpy_reference
from course.demos.stable_softmax import LOGITS, NO_NUMBER, SHIFTS, StableSoftmax, rounding_of


@pytest.mark.parametrize("kind", ["float32", "float16"])
@pytest.mark.parametrize(("shift", "spread"), [(0.0, 1.0), (88.0, 1.0), (-101.0, 1.0), (-120.0, 3.5), (0.0, 40.0)])
def test_every_artist_follows(kind: str, shift: float, spread: float) -> None:
    demo = StableSoftmax()
    demo.set(kind=kind, shift=shift, spread=spread)
    assert demo.error == ""
    z = (spread * LOGITS + shift).astype(kind)
    exact = numpy_reference.softmax(z.astype(np.float64))
    naive, stable = (points.get_ydata() for points in demo.probabilities)
    np.testing.assert_allclose(stable, exact, atol=np.finfo(kind).eps)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(naive, np.exp(z) / np.exp(z).sum())
    assert len(demo.missing.get_xdata()) == np.isnan(naive).sum()
    at = int(np.flatnonzero(shift == SHIFTS)[0])
    for line, values in zip(demo.errors, (naive, stable), strict=True):
        wanted = np.abs(values.astype(np.float64) - exact).max()
        assert line.get_ydata()[at] == pytest.approx(max(wanted, rounding_of(kind)), nan_ok=True, abs=1e-15)
    drawn = demo.no_number.get_ydata()[at]
    assert drawn == NO_NUMBER if np.isnan(naive).any() else np.isnan(drawn)
    assert list(demo.cursor.get_xdata()) == [shift, shift]


def test_the_stable_one_never_fails_and_the_naive_one_fails_where_the_powers_do() -> None:
    demo = StableSoftmax()
    for kind, largest in (("float32", 88.72), ("float16", 11.09)):
        demo.set(kind=kind)
        assert set(demo.errors[1].get_ydata()) == {rounding_of(kind)}  # not the processor's own rounding
        failed = SHIFTS[~np.isnan(demo.no_number.get_ydata())]
        assert failed[failed > 0].min() == np.ceil(largest - LOGITS.max())
        assert failed[failed < 0].max() < 0


def test_the_readout_has_both_logarithms() -> None:
    """What the lesson asks for: a probability rounded to 0, and the logarithm that survives."""
    demo = StableSoftmax()
    demo.set(spread=40.0)
    row = next(line for line in demo.readout.splitlines() if line.startswith("D"))
    assert row.split()[-2:] == ["−inf", "−120"]
    assert "nan" not in row
    demo.set(spread=1.0, shift=120.0)
    assert "naive nan" in demo.readout
    assert "nan for at least one class" in demo.alt_text
