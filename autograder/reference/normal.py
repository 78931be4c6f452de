"""The standard normal distribution function and density in float64, accurate in the left tail.

`scipy.special.ndtr` is off by dozens of ULP there, because it rounds x*x before taking its exponential.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.reference.double_double import Double, DoubleDouble, times_exp, total, two_product

_DENSITY_AT_0 = 0.39894228040143267793994605993  # 1/sqrt(2 pi)
TAIL, _CDF_AT_TAIL = -3.0, 0.00134989803163009452665181476759
_BODY, _CDF_AT_BODY = -1.5, 0.0668072012688580660044490940406
_TERMS = 60  # of the continued fraction: below 1e-17 relative for x <= -3

# Gauss-Legendre with ten nodes, moved from [-1, 1] to [0, 1] (Abramowitz and Stegun 1964, table 25.4). The weights
# of numpy.polynomial.legendre.leggauss are off by up to 1e-14.
_HALF_NODES = (
    *(0.14887433898163121088, 0.4333953941292471908, 0.67940956829902440623, 0.86506336668898451073),
    0.97390652851717172008,
)
_HALF_WEIGHTS = (
    *(0.29552422471475287017, 0.26926671930999635509, 0.219086362515982044, 0.14945134915058059315),
    0.066671344308688137594,
)
_NODES = np.array([0.5 * (1.0 + sign * node) for node in _HALF_NODES for sign in (-1.0, 1.0)])
_WEIGHTS = np.array([0.5 * weight for weight in _HALF_WEIGHTS for _ in range(2)])


def times_density(factor: Double, x: Double) -> Double:
    """Return factor times the standard normal density, rounded once even where the density is subnormal."""
    x = np.clip(x, -100.0, 100.0)  # the density has long become 0
    square = two_product(x, x)
    return times_exp(_DENSITY_AT_0 * factor, DoubleDouble(-0.5 * square.hi, -0.5 * square.lo))


def mills_ratio(x: Double) -> Double:
    """Return (1 - cdf) / density at x >= 3, by Laplace's continued fraction (Abramowitz and Stegun 26.2.14)."""
    denominator = x
    for term in range(_TERMS, 0, -1):
        denominator = x + term / denominator
    return 1.0 / denominator


def times_cdf(factor: Double, x: Double) -> Double:
    """Return factor times the standard normal distribution function, for x <= 0, rounded once in the tail.

    Left of -3 it uses Mills' ratio, right of it the integral of the density from the nearest known value on the left.
    All terms of both are positive, so nothing cancels.
    """
    tail = times_density(factor * mills_ratio(-np.minimum(x, TAIL)), x)
    left = _CDF_AT_TAIL + integrate(_plain_density, DoubleDouble.constant(TAIL), np.clip(x, TAIL, _BODY))
    right = _CDF_AT_BODY + integrate(_plain_density, DoubleDouble.constant(_BODY), np.maximum(x, _BODY))
    return np.where(x < TAIL, tail, factor * np.where(x < _BODY, left, right))


def integrate(integrand: Callable[[Double], Double], start: DoubleDouble, stop: Double) -> Double:
    """Return the integral from start to stop (at most 1.5 apart) of a smooth integrand >= 0, to full precision."""
    length = (stop - start.hi) - start.lo
    points = start.hi + length[..., np.newaxis] * _NODES
    return length * total(_WEIGHTS * integrand(points)).hi


def _plain_density(x: Double) -> Double:
    return _DENSITY_AT_0 * np.exp(-0.5 * x * x)
