"""What all references share: shape, dtype, untouched input, limits as in PyTorch, errors for bad input."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.reference import numpy_reference, torch_reference
from autograder.reference.activations import BY_NAME, CATALOGUE

ELEMENTWISE = [activation for activation in CATALOGUE if not activation.over_axis]
OVER_AXIS = [activation for activation in CATALOGUE if activation.over_axis]
DTYPES = st.sampled_from([np.float32, np.float64])
SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


def arrays(shapes=SHAPES, **elements):
    return DTYPES.flatmap(lambda dtype: hnp.arrays(dtype, shapes, elements=elements or None))


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=lambda activation: activation.name)
@given(x=arrays())
@settings(max_examples=15, deadline=None)
def test_elementwise_keeps_shape_dtype_and_input(activation, x):
    before = x.copy()
    for parameters in activation.parameters:
        for function in (activation.numpy, activation.numpy_derivative):
            with np.errstate(over="ignore"):
                result = function(x, **parameters)
            assert isinstance(result, np.ndarray)
            assert (result.shape, result.dtype) == (x.shape, x.dtype)
            assert not np.shares_memory(result, x)
            np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=lambda activation: activation.name)
def test_elementwise_of_a_view_equals_that_of_each_number(activation):
    x = np.linspace(-5, 5, 24).reshape(4, 6)[::2, ::-1].T
    parameters = activation.parameters[0]
    for function in (activation.numpy, activation.numpy_derivative):
        one_by_one = [[float(function(number, **parameters)) for number in row] for row in x]
        np.testing.assert_array_max_ulp(function(x, **parameters), np.array(one_by_one), maxulp=2)


@pytest.mark.parametrize("activation", OVER_AXIS, ids=lambda activation: activation.name)
@given(x=arrays(min_value=-100, max_value=100), data=st.data())
@settings(max_examples=40, deadline=None)
def test_over_axis_equals_torch_on_any_shape_and_axis(activation, x, data):
    axis = data.draw(st.integers(-max(x.ndim, 1), max(x.ndim, 1) - 1))
    before = x.copy()
    result = activation.numpy(x, axis=axis)
    jacobian = activation.numpy_derivative(x, axis=axis)
    assert result.dtype == jacobian.dtype == x.dtype
    expected = activation.torch(torch.from_numpy(x.copy()), axis=axis)
    expected_jacobian = activation.torch_derivative(torch.from_numpy(x.copy()), axis=axis)
    tolerance = 1e-4 if x.dtype == np.float32 else 1e-12
    assert result.shape == tuple(expected.shape)
    assert jacobian.shape == tuple(expected_jacobian.shape)
    np.testing.assert_allclose(result, expected.numpy(), rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(jacobian, expected_jacobian.numpy(), rtol=tolerance, atol=tolerance)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=lambda activation: activation.name)
def test_values_equal_torch(activation):
    x = np.concatenate([np.linspace(-30, 30, 2001), [-1e4, 1e4], activation.kinks])
    for parameters in activation.parameters:
        expected = activation.torch(torch.from_numpy(x), **parameters).numpy()
        np.testing.assert_allclose(activation.numpy(x, **parameters), expected, rtol=1e-9, atol=3e-9)


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=lambda activation: activation.name)
def test_derivatives_equal_autograd_also_at_kinks(activation):
    x = np.concatenate([np.linspace(-30, 30, 2001), [-1e4, 1e4], activation.kinks])
    for parameters in activation.parameters:
        expected = activation.torch_derivative(torch.from_numpy(x), **parameters).numpy()
        # PyTorch takes softplus for x itself beyond 20, and 1/6 in single precision in hard sigmoid.
        np.testing.assert_allclose(activation.numpy_derivative(x, **parameters), expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=lambda activation: activation.name)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nan_and_infinity_as_in_torch(activation, dtype):
    """Held to torch's float64, because its float32 gelu gives NaN or inf at +inf depending on the build."""
    x = np.array([np.nan, -np.inf, np.inf])
    extra = {"swish": ({"beta": 0.0},), "leaky_relu": ({"negative_slope": 0.0},)}.get(activation.name, ())
    for parameters in (*activation.parameters, *extra):
        for ours, theirs in (
            (activation.numpy, activation.torch),
            (activation.numpy_derivative, activation.torch_derivative),
        ):
            expected = theirs(torch.from_numpy(x), **parameters).numpy().astype(dtype)
            np.testing.assert_allclose(ours(x.astype(dtype), **parameters), expected, rtol=1e-7)


@pytest.mark.parametrize("activation", OVER_AXIS, ids=lambda activation: activation.name)
@pytest.mark.parametrize(
    "row",
    [
        [np.inf, 0.0],
        [-np.inf, 0.0],
        [-np.inf, -np.inf],
        [np.nan, 0.0],
        [np.inf, -np.inf],
        [-np.inf, 2.0, -1e308, 1.0],
        [np.inf, np.inf],
    ],
)
def test_softmax_limits_as_in_torch(activation, row):
    x = np.array([row, np.arange(len(row))])
    for ours, theirs in (
        (activation.numpy, activation.torch),
        (activation.numpy_derivative, activation.torch_derivative),
    ):
        np.testing.assert_allclose(ours(x), theirs(torch.from_numpy(x)).numpy(), rtol=1e-12, atol=1e-15)


EVERY_FUNCTION = pytest.mark.parametrize(
    ("activation", "derivative"), [(activation, derivative) for activation in CATALOGUE for derivative in (False, True)]
)


@EVERY_FUNCTION
@pytest.mark.parametrize(
    "x",
    [
        [1.0, 2.0],
        1.0,
        None,
        "1",
        np.array([1, 2]),
        np.array([True]),
        np.array([1.0, 2.0], dtype=object),
        np.array([1.0], dtype=np.float16),
        np.array([1j]),
        torch.ones(2),
    ],
    ids=["list", "float", "None", "str", "int", "bool", "object", "float16", "complex", "tensor"],
)
def test_wrong_input_is_a_clear_type_error(activation, derivative, x):
    function = activation.numpy_derivative if derivative else activation.numpy
    parameters = activation.parameters[0]
    with pytest.raises(TypeError, match=rf"^{function.__name__}: x must .*float32 .*convert it with"):
        function(x, **parameters)


@EVERY_FUNCTION
@pytest.mark.parametrize("x", [[1.0], 1.0, np.ones(2), torch.tensor([1, 2])], ids=["list", "float", "array", "int"])
def test_wrong_input_to_torch_is_a_clear_type_error(activation, derivative, x):
    function = activation.torch_derivative if derivative else activation.torch
    with pytest.raises(TypeError, match=r"x must .*convert it with"):
        function(x, **activation.parameters[0])


@pytest.mark.parametrize("temperature", [0, 0.0, -1.0, np.nan, np.inf, 1e-320])
@pytest.mark.parametrize("activation", OVER_AXIS, ids=lambda activation: activation.name)
def test_wrong_temperature_is_a_clear_value_error(activation, temperature):
    for function in (activation.numpy, activation.numpy_derivative):
        with pytest.raises(ValueError, match=f"^{function.__name__}: temperature must be"):
            function(np.ones(3), temperature=temperature)


@pytest.mark.parametrize("temperature", [0, -1.0, np.nan, np.inf])
@pytest.mark.parametrize("activation", OVER_AXIS, ids=lambda activation: activation.name)
def test_wrong_temperature_to_torch_is_a_clear_value_error(activation, temperature):
    for function in (activation.torch, activation.torch_derivative):
        with pytest.raises(ValueError, match="temperature must be"):
            function(torch.ones(3), temperature=temperature)


def test_wrong_parameters_are_clear_errors():
    x = np.ones(2)
    with pytest.raises(TypeError, match="softmax: temperature must be a real number, not str"):
        numpy_reference.softmax(x, temperature="hot")
    with pytest.raises(TypeError, match="elu: alpha must be a real number, not list"):
        numpy_reference.elu(x, alpha=[1.0])
    with pytest.raises(ValueError, match="swish: beta must be finite, not nan"):
        numpy_reference.swish(x, beta=float("nan"))
    with pytest.raises(np.exceptions.AxisError):
        numpy_reference.softmax(x, axis=1)


def test_torch_values_can_be_differentiated_and_derivatives_are_detached():
    x = torch.linspace(-2, 2, 5, dtype=torch.float64, requires_grad=True)
    for activation in ELEMENTWISE:
        parameters = activation.parameters[0]
        (gradient,) = torch.autograd.grad(activation.torch(x, **parameters).sum(), x)
        derivative = activation.torch_derivative(x, **parameters)
        assert not derivative.requires_grad
        assert torch.equal(gradient, derivative)
    assert torch_reference.softmax_derivative(x).shape == (5, 5)


def test_swish_and_silu_are_one_function():
    x = np.linspace(-20, 20, 101)
    np.testing.assert_array_equal(BY_NAME["swish"].numpy(x), BY_NAME["silu"].numpy(x))
