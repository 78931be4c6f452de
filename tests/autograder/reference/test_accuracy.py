"""The references are within 4 ULP of the true value on the hard grid, and raise no floating-point flag there."""

from __future__ import annotations

import inspect
import math
import re

import mpmath as mp
import numpy as np
import pytest

from autograder.reference import numpy_reference, torch_reference
from autograder.reference.activations import CATALOGUE
from tests.autograder.reference.accuracy import (
    GOAL,
    PAGE,
    Row,
    Worst,
    as_markdown,
    hard_logits,
    hard_points,
    measure,
    page,
    ulp_error,
    verdict,
)
from tests.support import mpmath_reference

EVERY = pytest.mark.parametrize(
    ("activation", "derivative"),
    [(activation, derivative) for activation in CATALOGUE for derivative in (False, True)],
    ids=[f"{activation.name}{suffix}" for activation in CATALOGUE for suffix in ("", "_derivative")],
)


@EVERY
def test_float64_within_goal(activation, derivative):
    assert measure(activation, derivative, np.float64, "numpy", effort=0.3).ulp <= GOAL


@EVERY
def test_float32_rounded_once(activation, derivative):
    """Computed in float64: the only visible error is the rounding to float32."""
    assert measure(activation, derivative, np.float32, "numpy", effort=0.1).ulp <= 0.5001


@EVERY
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_floating_point_flag(activation, derivative, dtype):
    function = activation.numpy_derivative if derivative else activation.numpy
    limits = np.array([np.nan, np.inf, -np.inf, 0.0], dtype)
    for parameters in activation.parameters:
        inputs = [limits, *(np.array([limit, 1.0], dtype) for limit in limits)]
        if activation.over_axis:
            largest_quotient = float(np.finfo(dtype).max) / 4 * min(parameters["temperature"], 1.0)
            inputs += [row for row in hard_logits(dtype) if row.max() / 2 - row.min() / 2 < largest_quotient]
        else:
            inputs.append(hard_points(activation, dtype, random_points=50))
        for x in inputs:
            with np.errstate(all="raise"):
                function(x, **parameters)


@pytest.mark.parametrize("beta", [3.0, -16.27770841251755, 6.385785640285606])
def test_swish_derivative_where_beta_x_is_closer_to_its_zero_than_any_double(beta):
    with mp.workdps(50):
        zero = float(mp.findroot(lambda x: mpmath_reference.swish_derivative(x, beta), -1.278464542761074 / beta))
        for x in (np.nextafter(zero, -np.inf), zero, np.nextafter(zero, np.inf)):
            true = mpmath_reference.swish_derivative(mp.mpf(float(x)), beta)
            result = float(numpy_reference.swish_derivative(np.array(x), beta))
            assert ulp_error(result, true, np.float64) <= GOAL


def test_true_overflow_is_reported_not_hidden():
    x = np.array([np.finfo(np.float64).max])
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        numpy_reference.selu(x)
    with np.errstate(over="ignore"):
        assert numpy_reference.selu(x) == [np.inf]


def test_catalogue_is_complete():
    def public(module):
        return {
            name
            for name, value in vars(module).items()
            if inspect.isfunction(value) and not name.startswith("_") and name.endswith("_derivative")
        }

    expected = {f"{activation.name}_derivative" for activation in CATALOGUE}
    assert public(numpy_reference) == public(torch_reference) == public(mpmath_reference) == expected


@pytest.mark.parametrize(
    ("result", "true", "dtype", "error"),
    [
        (1.0, 1.0, np.float64, 0.0),
        (1.0 + 2**-52, 1.0, np.float64, 1.0),
        (1.0 - 2**-53, 1.0, np.float64, 0.5),
        (1.0 + 2**-23, 1.0, np.float32, 1.0),
        (0.0, mp.ldexp(1, -1074), np.float64, 1.0),
        (0.0, mp.ldexp(1, -1076), np.float64, 0.25),
        (2.0**-1022 + 2.0**-1074, mp.ldexp(1, -1022), np.float64, 1.0),
        (2.0**-149, 0, np.float32, 1.0),
        (math.nan, 1.0, np.float64, math.inf),
        (math.inf, 1.0, np.float64, math.inf),
        (math.inf, mp.ldexp(1, 1024), np.float64, 0.0),
        (-math.inf, mp.ldexp(1, 1024), np.float64, math.inf),
        (-math.inf, -mp.ldexp(1, 128), np.float32, 0.0),
    ],
)
def test_ulp_error(result, true, dtype, error):
    assert ulp_error(result, mp.mpf(true), dtype) == error


def test_measure_sees_a_wrong_function(monkeypatch):
    """The plain formula of gelu loses all its digits in the tail, and the table would say so."""

    def plain_gelu(x):
        return 0.5 * x * (1.0 + np.tanh(x))

    monkeypatch.setattr(numpy_reference, "gelu", plain_gelu)
    gelu = next(activation for activation in CATALOGUE if activation.name == "gelu")
    assert measure(gelu, False, np.float64, "numpy", effort=0.05).ulp > 1e6


def test_table_and_verdict():
    good = Row("good", Worst(1.5, "0.1"), Worst(0.5, "0.2"), Worst(1e9, "0.3"))
    bad = Row("bad", Worst(GOAL + 1, "0.1"), Worst(), Worst())
    assert "| `good` | 1.50 | 0.1 | 0.50 | 0.2 | 1.0e+09 | 0.3 |" in as_markdown([good])
    assert "All 1 functions" in verdict([good])
    assert "missed by `bad` (5.00)" in verdict([good, bad])
    assert "PyTorch" in page([good])


def test_committed_page_lists_every_function_within_goal():
    rows = re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert [name for name, _ in rows] == [
        f"{activation.name}{suffix}" for activation in CATALOGUE for suffix in ("", "_derivative")
    ]
    assert max(float(ulp) for _, ulp in rows) <= GOAL
