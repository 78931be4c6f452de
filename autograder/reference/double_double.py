"""Numbers kept as an unevaluated sum of two doubles, about 32 digits, for exponents that must not be rounded.

exp(t) turns a rounding error in t into a relative error |t| times as large: at t = -700 one half ULP becomes
350 ULP. Where an exponent is itself computed (x*x/2, 1.702*x, (x - max)/T) it is therefore kept as hi + lo.

The building blocks are from T. J. Dekker, "A floating-point technique for extending the available precision",
Numerische Mathematik 18, 1971, and D. E. Knuth, "The Art of Computer Programming", volume 2, section 4.2.2.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Double = NDArray[np.float64]

_UPPER_HALF = np.uint64(0xFFFF_FFFF_F800_0000)  # sign, exponent and the first 25 stored bits of a double
_HALF_UNIT = np.uint64(0x0400_0000)  # half of the last of them


class DoubleDouble(NamedTuple):
    """The number hi + lo, where |lo| is at most half a unit in the last place of hi."""

    hi: Double
    lo: Double

    @classmethod
    def constant(cls, number: str | float) -> DoubleDouble:
        """Return the double-double nearest to a decimal string (or to a float, which it holds exactly)."""
        exact = Fraction(number)
        hi = float(exact)
        return cls(np.asarray(hi), np.asarray(float(exact - Fraction(hi))))


def rest_of_constant(number: str) -> float:
    """Return what `DoubleDouble.constant` leaves over of a decimal string."""
    near = DoubleDouble.constant(number)
    return float(Fraction(number) - Fraction(float(near.hi)) - Fraction(float(near.lo)))


def two_sum(a: Double, b: Double) -> DoubleDouble:
    """Return a + b without rounding error."""
    hi = a + b
    shadow = hi - a
    return DoubleDouble(hi, (a - (hi - shadow)) + (b - shadow))


def two_product(a: Double, b: Double) -> DoubleDouble:
    """Return a * b without rounding error (short of underflow, and of one bit in 2**105 above 1e308)."""
    hi = a * b
    a1, b1 = _upper_half(a), _upper_half(b)
    a2, b2 = a - a1, b - b1
    return DoubleDouble(hi, ((a1 * b1 - hi) + a1 * b2 + a2 * b1) + a2 * b2)


def add(a: DoubleDouble, b: DoubleDouble) -> DoubleDouble:
    """Return a + b, for a and b of the same sign."""
    total = two_sum(a.hi, b.hi)
    return two_sum(total.hi, total.lo + (a.lo + b.lo))


def multiply(a: DoubleDouble, b: DoubleDouble) -> DoubleDouble:
    """Return a * b."""
    product = two_product(a.hi, b.hi)
    return two_sum(product.hi, product.lo + (a.hi * b.lo + a.lo * b.hi))


def divide(a: DoubleDouble, divisor: float) -> DoubleDouble:
    """Return a / divisor by one step of long division."""
    quotient = a.hi / divisor
    back = two_product(quotient, np.broadcast_to(np.float64(divisor), quotient.shape))
    return two_sum(quotient, ((a.hi - back.hi) - back.lo + a.lo) / divisor)


def quotient(a: DoubleDouble, b: DoubleDouble) -> Double:
    """Return a / b, rounded to a double."""
    near = a.hi / b.hi
    back = two_product(near, b.hi)
    return near + ((a.hi - back.hi) - back.lo + a.lo - near * b.lo) / b.hi


def exact(a: Double) -> DoubleDouble:
    """Return a as a double-double."""
    return DoubleDouble(a, np.zeros_like(a))


def minimum(a: DoubleDouble, bound: float) -> DoubleDouble:
    """Return the smaller of a and bound."""
    below = a.hi < bound
    return DoubleDouble(np.where(below, a.hi, bound), np.where(below, a.lo, 0.0))


def times_exp(factor: Double, exponent: DoubleDouble) -> Double:
    """Return factor * exp(exponent) for exponent <= 0, rounded once even where the result is subnormal.

    exp(exponent) alone would lose its digits below exp(-708). There it is applied in two halves, so that only the
    last product can underflow.
    """
    small = exponent.hi < -700.0
    power = np.exp(np.where(small, 0.5 * exponent.hi, exponent.hi))
    return factor * (power + power * exponent.lo) * np.where(small, power, 1.0)


def total(terms: Double) -> DoubleDouble:
    """Return the sum of non-negative terms over the last axis.

    Pairs are added first, then pairs of pairs; the rounding errors are added up beside them. An empty sum is 0.
    """
    errors = np.zeros(terms.shape[:-1])
    while terms.shape[-1] > 1:
        if terms.shape[-1] % 2:
            terms = np.concatenate([terms, np.zeros((*terms.shape[:-1], 1))], axis=-1)
        terms, rounding = two_sum(terms[..., ::2], terms[..., 1::2])
        errors = errors + rounding.sum(axis=-1)
    return two_sum(terms.sum(axis=-1), errors)


def _upper_half(a: Double) -> Double:
    """Return a rounded to 26 bits, so that it and what is left of a multiply without error.

    Unlike Veltkamp's splitting it cannot overflow: the largest numbers are cut off, not rounded.
    """
    half_unit = np.where(np.abs(a) < 1e308, _HALF_UNIT, np.uint64(0))
    return ((np.asarray(a).view(np.uint64) + half_unit) & _UPPER_HALF).view(np.float64)
