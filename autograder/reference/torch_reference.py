"""Every activation function of the course and its derivative in PyTorch: torch's own where it has one.

Values come from `torch.nn.functional` and can be differentiated; derivatives come from autograd through them and are
detached. Both keep shape and dtype. Any floating-point tensor is taken; all else raises TypeError.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor


def identity(x: Tensor) -> Tensor:
    """Return a copy of x."""
    return _checked(x).clone()


def sigmoid(x: Tensor) -> Tensor:
    """Return 1 / (1 + exp(-x))."""
    return torch.sigmoid(_checked(x))


def tanh(x: Tensor) -> Tensor:
    """Return the hyperbolic tangent."""
    return torch.tanh(_checked(x))


def relu(x: Tensor) -> Tensor:
    """Return max(x, 0)."""
    return F.relu(_checked(x))


def leaky_relu(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    """Return x for x > 0, else negative_slope * x."""
    return F.leaky_relu(_checked(x), negative_slope)


def prelu(x: Tensor, alpha: float) -> Tensor:
    """Return x for x > 0, else alpha * x."""
    return F.prelu(_checked(x), torch.tensor([alpha], dtype=x.dtype, device=x.device))


def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """Return x for x > 0, else alpha * (exp(x) - 1)."""
    return F.elu(_checked(x), alpha)


def selu(x: Tensor) -> Tensor:
    """Return scale * elu(x, alpha) with the constants of Klambauer et al. 2017."""
    return F.selu(_checked(x))


def gelu(x: Tensor) -> Tensor:
    """Return x * Phi(x)."""
    return F.gelu(_checked(x))


def gelu_tanh(x: Tensor) -> Tensor:
    """Return the tanh approximation of gelu."""
    return F.gelu(_checked(x), approximate="tanh")


def gelu_sigmoid(x: Tensor) -> Tensor:
    """Return x * sigmoid(1.702 x)."""
    return swish(x, 1.702)


def silu(x: Tensor) -> Tensor:
    """Return x * sigmoid(x)."""
    return F.silu(_checked(x))


def swish(x: Tensor, beta: float = 1.0) -> Tensor:
    """Return x * sigmoid(beta * x)."""
    return _checked(x) * torch.sigmoid(beta * x)


def mish(x: Tensor) -> Tensor:
    """Return x * tanh(softplus(x))."""
    return F.mish(_checked(x))


def softplus(x: Tensor) -> Tensor:
    """Return log(1 + exp(x)); PyTorch returns x itself for x > 20."""
    return F.softplus(_checked(x))


def hardswish(x: Tensor) -> Tensor:
    """Return x * min(max(x + 3, 0), 6) / 6."""
    return F.hardswish(_checked(x))


def hard_sigmoid(x: Tensor) -> Tensor:
    """Return min(max(x/6 + 1/2, 0), 1)."""
    return F.hardsigmoid(_checked(x))


def softmax(x: Tensor, axis: int = -1, temperature: float = 1.0) -> Tensor:
    """Return exp(x_i / T) / sum_j exp(x_j / T) over an axis."""
    return torch.softmax(_tempered(x, axis, temperature), dim=axis)


def log_softmax(x: Tensor, axis: int = -1, temperature: float = 1.0) -> Tensor:
    """Return x_i / T - log(sum_j exp(x_j / T)) over an axis."""
    return torch.log_softmax(_tempered(x, axis, temperature), dim=axis)


def identity_derivative(x: Tensor) -> Tensor:
    """Return autograd's derivative of `identity`."""
    return _elementwise_derivative(identity, x)


def sigmoid_derivative(x: Tensor) -> Tensor:
    """Return autograd's derivative of `sigmoid`."""
    return _elementwise_derivative(sigmoid, x)


def tanh_derivative(x: Tensor) -> Tensor:
    """Return autograd's derivative of `tanh`."""
    return _elementwise_derivative(tanh, x)


def relu_derivative(x: Tensor) -> Tensor:
    """Return autograd's derivative of `relu` (0 at 0)."""
    return _elementwise_derivative(relu, x)


def leaky_relu_derivative(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    """Return autograd's derivative of `leaky_relu` (negative_slope at 0)."""
    return _elementwise_derivative(leaky_relu, x, negative_slope)


def prelu_derivative(x: Tensor, alpha: float) -> Tensor:
    """Return autograd's derivative of `prelu` by x (alpha at 0)."""
    return _elementwise_derivative(prelu, x, alpha)


def elu_derivative(x: Tensor, alpha: float = 1.0) -> Tensor:
    """Return autograd's derivative of `elu` (alpha at 0)."""
    return _elementwise_derivative(elu, x, alpha)


def selu_derivative(x: Tensor) -> Tensor:
    """Return autograd's derivative of `selu` (scale * alpha at 0)."""
    return _elementwise_derivative(selu, x)


def gelu_derivative(x: Tensor) -> Tensor:
    """Return autograd's derivative of `gelu`."""
    return _elementwise_derivative(gelu, x)


def gelu_tanh_derivative(x: Tensor) -> Tensor:
    """Return autograd's derivative of `gelu_tanh`."""
    return _elementwise_derivative(gelu_tanh, x)


def gelu_sigmoid_derivative(x: Tensor) -> Tensor:
    """Return autograd's derivative of `gelu_sigmoid`."""
    return _elementwise_derivative(gelu_sigmoid, x)


def silu_derivative(x: Tensor) -> Tensor:
    """Return autograd's derivative of `silu`."""
    return _elementwise_derivative(silu, x)


def swish_derivative(x: Tensor, beta: float = 1.0) -> Tensor:
    """Return autograd's derivative of `swish` by x."""
    return _elementwise_derivative(swish, x, beta)


def mish_derivative(x: Tensor) -> Tensor:
    """Return autograd's derivative of `mish`."""
    return _elementwise_derivative(mish, x)


def softplus_derivative(x: Tensor) -> Tensor:
    """Return autograd's derivative of `softplus`."""
    return _elementwise_derivative(softplus, x)


def hardswish_derivative(x: Tensor) -> Tensor:
    """Return autograd's derivative of `hardswish` (0 at -3, 1 at 3)."""
    return _elementwise_derivative(hardswish, x)


def hard_sigmoid_derivative(x: Tensor) -> Tensor:
    """Return autograd's derivative of `hard_sigmoid` (0 at -3 and 3)."""
    return _elementwise_derivative(hard_sigmoid, x)


def softmax_derivative(x: Tensor, axis: int = -1, temperature: float = 1.0) -> Tensor:
    """Return the Jacobian J[..., i, j] = d softmax_i / d x_j, of shape (x without the axis, n, n)."""
    return _jacobian_over_axis(softmax, x, axis, temperature)


def log_softmax_derivative(x: Tensor, axis: int = -1, temperature: float = 1.0) -> Tensor:
    """Return the Jacobian J[..., i, j] = d log_softmax_i / d x_j, of shape (x without the axis, n, n)."""
    return _jacobian_over_axis(log_softmax, x, axis, temperature)


def _checked(x: Tensor) -> Tensor:
    if not isinstance(x, Tensor):
        raise TypeError(f"x must be a tensor, not {type(x).__name__}; convert it with torch.as_tensor")
    if not x.is_floating_point():
        raise TypeError(f"x must have a floating-point dtype, not {x.dtype}; convert it with x.double()")
    return x


def _tempered(x: Tensor, axis: int, temperature: float) -> Tensor:
    """Return (x - max x) / T: shifted first, so that a small T does not overflow."""
    if not 0 < temperature < math.inf:
        raise ValueError(f"temperature must be positive and finite, not {temperature}")
    if _checked(x).numel() == 0:
        return x
    return (x - x.detach().amax(dim=axis, keepdim=True)) / temperature


def _elementwise_derivative(function: Callable[..., Tensor], x: Tensor, *parameters: float) -> Tensor:
    point = _checked(x).detach().clone().requires_grad_()
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(function(point, *parameters).sum(), point)
    return gradient


def _jacobian_over_axis(function: Callable[..., Tensor], x: Tensor, axis: int, temperature: float) -> Tensor:
    """Return the Jacobian of each slice of x along the axis."""
    slices = torch.movedim(_checked(x).detach().reshape(x.shape or (1,)), axis, -1)
    n = slices.shape[-1]
    if x.numel() == 0:
        return x.new_zeros((*slices.shape, n))
    of_one_slice = torch.func.jacrev(lambda z: function(z, -1, temperature))
    jacobian: Tensor = torch.func.vmap(of_one_slice)(slices.reshape(-1, n))
    return jacobian.reshape((*slices.shape, n) if x.dim() else ())
