"""The part that softmax, log-softmax and their Jacobians share: shifted exponents and their partition sum."""

from __future__ import annotations

import math
import numbers

import numpy as np

from autograder.reference.double_double import Double, DoubleDouble, add, divide, exact, times_exp, total, two_sum
from autograder.reference.elementwise import FloatArray, as_double, finite_parameter

_FLOOR = -2000.0  # exp of it stays 0 even times 1/T for the smallest temperature allowed
_HUGE = 2.0**1000  # differences of larger numbers can overflow
_SCALE = 2.0**-64


class Logits:
    """Logits over the last axis as exponents (x - max x) / T <= 0, and what is known about their sum.

    `exponents` is held at -2000, and is -2000 for a logit of -inf; `others` is the sum of exp(exponents) without
    that of the first largest logit, shape of x without the axis; `partition` is 1 + `others` as a double-double.
    """

    def __init__(self, x: FloatArray, axis: int, temperature: float, function: str) -> None:
        values = as_double(x, function)
        self.temperature = _checked_temperature(temperature, function)
        self._dtype = x.dtype
        self._shape = values.shape
        self._axis = axis
        values = np.moveaxis(values.reshape(values.shape or (1,)), axis, -1)
        top = values.max(axis=-1, keepdims=True, initial=-np.inf)
        self._undefined = ~np.isfinite(top)
        values = np.where(self._undefined, 0.0, values)
        self._absent = values == -np.inf
        top = np.where(self._undefined, 0.0, top)
        values = np.where(self._absent, top, values)

        self._scale = np.where((np.abs(values) > _HUGE) | (np.abs(top) > _HUGE), _SCALE, 1.0)
        self._differences = two_sum(values * self._scale, -top * self._scale)
        self.exponents = self._held_exponents()
        largest = self.exponents.hi == 0
        first_largest = largest & (largest.cumsum(axis=-1) == 1)
        others = total(np.where(first_largest, 0.0, times_exp(np.ones_like(values), self.exponents)))
        self.others = others.hi
        self.partition = add(exact(np.ones_like(others.hi)), others)

    def minus(self, log_partition: Double) -> Double:
        """Return (x - max x) / T - log_partition, also where the exponents were held."""
        log_partition = log_partition[..., np.newaxis]
        far = self._differences.hi / self.temperature / self._scale - log_partition
        near = self.exponents.hi + (self.exponents.lo - log_partition)
        return np.where(self.exponents.hi > _FLOOR, near, far)

    def restore(self, result: Double, absent: float) -> FloatArray:
        """Return a result in the shape, axis order and dtype of x; `absent` is its value for a logit of -inf."""
        result = np.where(self._undefined, np.nan, np.where(self._absent, absent, result))
        if self._shape:
            result = np.moveaxis(result, -1, self._axis)
        return result.reshape(self._shape).astype(self._dtype)

    def jacobian(self, magnitudes: Double) -> FloatArray:
        """Return the Jacobian with off-diagonal elements -magnitudes and rows that sum to 0, in the dtype of x."""
        n = magnitudes.shape[-1]
        off_diagonal = np.where(np.eye(n, dtype=bool), 0.0, magnitudes)
        result = np.where(np.eye(n, dtype=bool), total(off_diagonal).hi[..., np.newaxis], -off_diagonal)
        result = np.where(self._undefined[..., np.newaxis], np.nan, result)
        return result.reshape(result.shape if self._shape else ()).astype(self._dtype)

    def _held_exponents(self) -> DoubleDouble:
        bound = _FLOOR * self.temperature * self._scale
        held = self._absent | (self._differences.hi < bound)
        near = DoubleDouble(*(np.where(held, 0.0, part) for part in self._differences))
        quotient = divide(near, self.temperature)
        return DoubleDouble(
            np.where(held, _FLOOR, quotient.hi / self._scale), np.where(held, 0.0, quotient.lo / self._scale)
        )


def _checked_temperature(temperature: float, function: str) -> float:
    smallest = float(np.finfo(np.float64).tiny)
    if not isinstance(temperature, numbers.Real) or isinstance(temperature, bool):
        raise TypeError(f"{function}: temperature must be a real number, not {type(temperature).__name__}")
    if not (smallest <= temperature < math.inf):
        raise ValueError(f"{function}: temperature must be finite and at least {smallest:.3g}, not {temperature}")
    return finite_parameter(temperature, "temperature", function)
