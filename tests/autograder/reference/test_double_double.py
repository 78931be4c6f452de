"""Sums of two doubles, held against exact fractions."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.reference import double_double as dd

NUMBERS = st.floats(-1e100, 1e100).filter(lambda x: x == 0 or abs(x) > 1e-100)
POSITIVE = st.floats(1e-100, 1e100)
UNIT = Fraction(1, 2**104)
"""What a sum of two doubles may be wrong by, relatively, with some room."""


def array(number: float) -> dd.Double:
    return np.asarray(number, dtype=np.float64)


def value(number: dd.DoubleDouble) -> Fraction:
    return Fraction(float(number.hi)) + Fraction(float(number.lo))


def pair(hi: float) -> dd.DoubleDouble:
    """A number with digits in both parts."""
    return dd.DoubleDouble(array(hi), array(hi * 2.0**-55))


@given(NUMBERS, NUMBERS)
def test_a_sum_and_a_product_of_two_doubles_have_no_error(a: float, b: float) -> None:
    assert value(dd.two_sum(array(a), array(b))) == Fraction(a) + Fraction(b)
    assert value(dd.two_product(array(a), array(b))) == Fraction(a) * Fraction(b)


@given(POSITIVE, POSITIVE)
def test_sums_products_and_quotients_have_about_32_digits(a: float, b: float) -> None:
    x, y = pair(a), pair(b)
    for found, exact in [
        (value(dd.add(x, y)), value(x) + value(y)),
        (value(dd.multiply(x, y)), value(x) * value(y)),
        (value(dd.divide(x, b)), value(x) / Fraction(b)),
    ]:
        assert abs(found - exact) <= 8 * UNIT * exact
    near = Fraction(float(dd.quotient(x, y)))
    assert abs(near - value(x) / value(y)) <= Fraction(1, 2**53) * near


def test_a_constant_is_held_twice_as_exactly() -> None:
    digits = "1.4142135623730950488016887242096980785696718753769"
    near = dd.DoubleDouble.constant(digits)
    assert float(near.hi) == 2**0.5
    assert 0 < abs(value(near) - Fraction(digits)) <= Fraction(1, 2**105)
    assert dd.rest_of_constant(digits) == float(Fraction(digits) - value(near))
    assert value(dd.exact(array(0.1))) == Fraction(0.1)


@pytest.mark.parametrize(("number", "bound", "expected"), [(2.0, 1.0, 1.0), (0.5, 1.0, 0.5)])
def test_minimum(number: float, bound: float, expected: float) -> None:
    found = dd.minimum(pair(number), bound)
    assert float(found.hi) == expected
    assert (float(found.lo) == 0.0) == (expected == bound)


@pytest.mark.parametrize("exponent", [-0.3, -50.7, -699.9, -700.1, -720.3, -740.2])
def test_times_exp_is_rounded_once(exponent: float) -> None:
    """Below exp(-708) it is subnormal: half a unit in the last place is then half of the smallest number."""
    x = pair(exponent)
    with mpmath.workdps(60):
        exact = 3 * mpmath.exp(mpmath.mpf(float(x.hi)) + mpmath.mpf(float(x.lo)))
        found = float(dd.times_exp(array(3.0), x))
        assert abs(mpmath.mpf(found) - exact) <= 2 * mpmath.mpf(float(np.spacing(found)))


@given(st.lists(st.floats(0, 1e16), max_size=40))
def test_a_total_keeps_what_a_plain_sum_loses(terms: list[float]) -> None:
    exact = sum(map(Fraction, terms), Fraction(0))
    assert abs(value(dd.total(np.array(terms, dtype=np.float64))) - exact) <= 64 * UNIT * exact
