"""The standard normal distribution function and density in float64, accurate in the left tail.

`scipy.special.ndtr` is off by dozens of ULP there, because it rounds x*x before taking its exponential.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .double_double import Double, DoubleDouble, times_exp, total, two_product

_DENSITY_AT_0 = 0.3989422804014327  # 1/sqrt(2 pi)
_TAIL = -3.0
_CDF_AT_TAIL = 1.3498980316300945e-3
_TERMS = 60  # of the continued fraction: below 1e-17 relative for x <= -3
_POINTS, _POINT_WEIGHTS = np.polynomial.legendre.leggauss(32)
_NODES, _WEIGHTS = 0.5 * (1.0 + _POINTS), 0.5 * _POINT_WEIGHTS  # moved from [-1, 1] to [0, 1]


def density(x: Double) -> Double:
    """Return the standard normal density, exp(-x*x/2)/sqrt(2 pi)."""
    return times_exp(np.full_like(x, _DENSITY_AT_0), _minus_half_square(x))


def times_cdf(factor: Double, x: Double) -> Double:
    """Return factor times the standard normal distribution function, for x <= 0.

    It is rounded once even where the distribution function alone would be subnormal. Left of -3 it uses Laplace's
    continued fraction for Mills' ratio (Abramowitz and Stegun 1964, 26.2.14), right of it the integral of the
    density from -3. All terms of both are positive, so nothing cancels.
    """
    mills_ratio = _mills_ratio(-np.minimum(x, _TAIL))
    tail = times_exp(factor * (_DENSITY_AT_0 * mills_ratio), _minus_half_square(x))
    body = _CDF_AT_TAIL + integrate(_plain_density, DoubleDouble.constant(_TAIL), np.maximum(x, _TAIL))
    return np.where(x < _TAIL, tail, factor * body)


def integrate(integrand: Callable[[Double], Double], start: DoubleDouble, stop: Double) -> Double:
    """Return the integral from start to stop (at most 4 apart) of a smooth integrand >= 0 by Gauss-Legendre."""
    length = (stop - start.hi) - start.lo
    points = start.hi + length[..., np.newaxis] * _NODES
    return length * total(_WEIGHTS * integrand(points))


def _plain_density(x: Double) -> Double:
    return _DENSITY_AT_0 * np.exp(-0.5 * x * x)


def _mills_ratio(x: Double) -> Double:
    """Return (1 - cdf(x)) / density(x) for x >= 3."""
    denominator = x
    for term in range(_TERMS, 0, -1):
        denominator = x + term / denominator
    return 1.0 / denominator


def _minus_half_square(x: Double) -> DoubleDouble:
    square = two_product(x, x)
    return DoubleDouble(-0.5 * square.hi, -0.5 * square.lo)
