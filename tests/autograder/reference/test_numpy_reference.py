"""Known facts about the functions, which hold whoever computes them."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.reference import numpy_reference
from autograder.reference.activations import BY_NAME, CATALOGUE
from tests.support import mpmath_reference

ROWS = hnp.arrays(np.float64, st.integers(1, 6), elements=st.floats(-50, 50))


@pytest.mark.parametrize("activation", [a for a in CATALOGUE if a.minimum], ids=lambda activation: activation.name)
def test_minimum(activation):
    where, value = activation.minimum
    x = np.concatenate([np.linspace(-30, 30, 601), np.linspace(where - 0.1, where + 0.1, 100_001)])
    y = activation.numpy(x)
    assert x[y.argmin()] == pytest.approx(where, abs=1e-5)
    assert y.min() == pytest.approx(value, abs=5e-7)
    left, right = activation.numpy_derivative(np.array([where - 1e-6, where + 1e-6]))
    assert left < 0 < right


@pytest.mark.parametrize(
    ("name", "where", "value"),
    [("gelu", -0.7518, -0.169971), ("silu", -1.2785, -0.278465), ("mish", -1.1924, -0.308843)],
)
def test_minima_the_lessons_quote(name, where, value):
    assert BY_NAME[name].minimum[0] == pytest.approx(where, abs=5e-5)
    assert BY_NAME[name].minimum[1] == value


def test_selu_keeps_mean_0_and_variance_1():
    x = np.linspace(-12, 12, 200_001)
    y = numpy_reference.selu(x)
    weights = np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    assert np.trapezoid(y * weights, x) == pytest.approx(0, abs=1e-8)
    assert np.trapezoid(y * y * weights, x) == pytest.approx(1, abs=1e-8)


def test_selu_constants_are_those_of_the_closed_form():
    with mp.workdps(50):
        scale, alpha = mpmath_reference.selu_constants()
        product = scale * alpha
    assert float(scale) == numpy_reference.SELU_SCALE
    assert float(product) == numpy_reference.SELU_SCALE_ALPHA


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "hardswish", "tanh"])
def test_zero_stays_zero(name):
    assert BY_NAME[name].numpy(np.zeros(1)) == [0.0]


@given(x=ROWS, temperature=st.floats(0.05, 20))
@settings(deadline=None)
def test_softmax_sums_to_one_and_log_softmax_is_its_logarithm(x, temperature):
    p = numpy_reference.softmax(x, temperature=temperature)
    assert p.sum() == pytest.approx(1, abs=1e-14)
    log_p = numpy_reference.log_softmax(x, temperature=temperature)
    np.testing.assert_allclose(np.exp(log_p), p, rtol=1e-12, atol=1e-300)


@given(x=hnp.arrays(np.float64, 5, elements=st.integers(-50, 50)), shift=st.integers(-1000, 1000))
@settings(deadline=None)
def test_softmax_does_not_see_a_shift(x, shift):
    np.testing.assert_array_equal(numpy_reference.softmax(x + shift), numpy_reference.softmax(x))
    np.testing.assert_array_equal(numpy_reference.log_softmax(x + shift), numpy_reference.log_softmax(x))


@given(x=ROWS)
@settings(deadline=None)
def test_rows_of_the_jacobians_sum_to_zero(x):
    for jacobian in (numpy_reference.softmax_derivative(x), numpy_reference.log_softmax_derivative(x)):
        np.testing.assert_allclose(jacobian.sum(axis=-1), 0, atol=1e-14)
    softmax_jacobian = numpy_reference.softmax_derivative(x)
    np.testing.assert_array_equal(softmax_jacobian, softmax_jacobian.T)


def test_temperature_limits():
    x = np.array([2.0, 1.0, 0.5, -1.0])
    np.testing.assert_array_equal(numpy_reference.softmax(x, temperature=1e-3), [1, 0, 0, 0])
    np.testing.assert_allclose(numpy_reference.softmax(x, temperature=1e9), 0.25, rtol=1e-8)
    np.testing.assert_allclose(numpy_reference.softmax(x, temperature=0.5), [0.842, 0.114, 0.042, 0.002], atol=5e-4)
    np.testing.assert_allclose(numpy_reference.softmax(x, temperature=2.0), [0.434, 0.263, 0.205, 0.097], atol=5e-4)


def test_softmax_of_extreme_temperatures_does_not_overflow():
    x = np.array([1e308, -1e308, 0.0])
    for temperature in (np.finfo(np.float64).tiny, 1e308):
        with np.errstate(all="raise"):
            p = numpy_reference.softmax(x, temperature=temperature)
            jacobian = numpy_reference.softmax_derivative(x, temperature=temperature)
        assert p.sum() == pytest.approx(1)
        assert np.isfinite(jacobian).all()
