"""Every activation function and derivative from its textbook formula, in mpmath, to check the references against.

Only `accuracy` and the tests import this module: mpmath is a dependency for development. The caller sets the
precision; where a textbook formula would cancel at any fixed precision, an equal one that does not is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mpmath as mp

Number = Any  # mpmath has no types


def identity(x: Number) -> Number:
    """Return x."""
    return x


def identity_derivative(x: Number) -> Number:
    """Return 1."""
    return mp.mpf(1)


def sigmoid(x: Number) -> Number:
    """Return 1 / (1 + exp(-x))."""
    return 1 / (1 + mp.exp(-x))


def sigmoid_derivative(x: Number) -> Number:
    """Return sigmoid(x) (1 - sigmoid(x)), with sigmoid(-x) for the bracket."""
    return sigmoid(x) * sigmoid(-x)


def tanh(x: Number) -> Number:
    """Return tanh(x)."""
    return mp.tanh(x)


def tanh_derivative(x: Number) -> Number:
    """Return 1 - tanh(x)**2 as sech(x)**2."""
    return mp.sech(x) ** 2


def relu(x: Number) -> Number:
    """Return max(x, 0)."""
    return x if x > 0 else mp.mpf(0)


def relu_derivative(x: Number) -> Number:
    """Return 1 for x > 0, else 0."""
    return mp.mpf(1 if x > 0 else 0)


def leaky_relu(x: Number, negative_slope: float = 0.01) -> Number:
    """Return x for x > 0, else negative_slope * x."""
    return x if x > 0 else negative_slope * x


def leaky_relu_derivative(x: Number, negative_slope: float = 0.01) -> Number:
    """Return 1 for x > 0, else negative_slope."""
    return mp.mpf(1 if x > 0 else negative_slope)


def prelu(x: Number, alpha: float) -> Number:
    """Return x for x > 0, else alpha * x."""
    return leaky_relu(x, alpha)


def prelu_derivative(x: Number, alpha: float) -> Number:
    """Return 1 for x > 0, else alpha."""
    return leaky_relu_derivative(x, alpha)


def elu(x: Number, alpha: float = 1.0) -> Number:
    """Return x for x > 0, else alpha * (exp(x) - 1)."""
    return x if x > 0 else alpha * mp.expm1(x)


def elu_derivative(x: Number, alpha: float = 1.0) -> Number:
    """Return 1 for x > 0, else alpha * exp(x)."""
    return mp.mpf(1) if x > 0 else alpha * mp.exp(x)


def selu_constants() -> tuple[Number, Number]:
    """Return (scale, alpha) from the closed forms of Klambauer et al. 2017, appendix A1, for mean 0, variance 1."""
    erfc_1, erfc_2 = mp.erfc(1 / mp.sqrt(2)), mp.erfc(mp.sqrt(2))
    root_e = mp.sqrt(mp.e)
    alpha = -mp.sqrt(2 / mp.pi) / (erfc_1 * root_e - 1)
    variance = 2 * erfc_2 * mp.e**2 + mp.pi * erfc_1**2 * mp.e - 2 * (2 + mp.pi) * erfc_1 * root_e + mp.pi + 2
    return (1 - erfc_1 * root_e) * mp.sqrt(2 * mp.pi) / mp.sqrt(variance), alpha


def selu(x: Number) -> Number:
    """Return scale * elu(x, alpha)."""
    scale, alpha = selu_constants()
    return scale * elu(x, alpha)


def selu_derivative(x: Number) -> Number:
    """Return scale * elu'(x, alpha)."""
    scale, alpha = selu_constants()
    return scale * elu_derivative(x, alpha)


def gelu(x: Number) -> Number:
    """Return x * Phi(x)."""
    return x * _normal_cdf(x)


def gelu_derivative(x: Number) -> Number:
    """Return Phi(x) + x * phi(x)."""
    return _normal_cdf(x) + x * _normal_density(x)


def _normal_cdf(x: Number) -> Number:
    if x < -(mp.mpf(10) ** 30):  # mpmath's erfc fails out there; the next term is smaller by x**2, beyond 50 digits
        return _normal_density(x) / -x
    return mp.erfc(-x / mp.sqrt(2)) / 2 if x < 10**30 else mp.mpf(1)


def _normal_density(x: Number) -> Number:
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def gelu_tanh(x: Number) -> Number:
    """Return x/2 * (1 + tanh(u)), u = sqrt(2/pi) (x + 0.044715 x**3), with 2 sigmoid(2u) for the bracket."""
    return x * sigmoid(2 * _gelu_tanh_argument(x))


def gelu_tanh_derivative(x: Number) -> Number:
    """Return (1 + tanh(u))/2 + x/2 * sech(u)**2 * u'."""
    u = _gelu_tanh_argument(x)
    slope = mp.sqrt(2 / mp.pi) * (1 + 3 * mp.mpf("0.044715") * x * x)
    return sigmoid(2 * u) + x / 2 * mp.sech(u) ** 2 * slope


def _gelu_tanh_argument(x: Number) -> Number:
    return mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3)


def gelu_sigmoid(x: Number) -> Number:
    """Return x * sigmoid(1.702 x)."""
    return swish(x, mp.mpf("1.702"))


def gelu_sigmoid_derivative(x: Number) -> Number:
    """Return the derivative of x * sigmoid(1.702 x)."""
    return swish_derivative(x, mp.mpf("1.702"))


def silu(x: Number) -> Number:
    """Return x * sigmoid(x)."""
    return swish(x)


def silu_derivative(x: Number) -> Number:
    """Return the derivative of x * sigmoid(x)."""
    return swish_derivative(x)


def swish(x: Number, beta: float = 1.0) -> Number:
    """Return x * sigmoid(beta * x)."""
    return x * sigmoid(beta * x)


def swish_derivative(x: Number, beta: float = 1.0) -> Number:
    """Return sigmoid(beta x) + beta x sigmoid'(beta x)."""
    return sigmoid(beta * x) + beta * x * sigmoid_derivative(beta * x)


def mish(x: Number) -> Number:
    """Return x * tanh(softplus(x))."""
    return x * mp.tanh(softplus(x))


def mish_derivative(x: Number) -> Number:
    """Return tanh(s) + x sech(s)**2 sigmoid(x) with s = softplus(x)."""
    s = softplus(x)
    return mp.tanh(s) + x * mp.sech(s) ** 2 * sigmoid(x)


def softplus(x: Number) -> Number:
    """Return log(1 + exp(x))."""
    return mp.log1p(mp.exp(x))


def softplus_derivative(x: Number) -> Number:
    """Return sigmoid(x)."""
    return sigmoid(x)


def hardswish(x: Number) -> Number:
    """Return x * hard_sigmoid(x)."""
    return x * hard_sigmoid(x)


def hardswish_derivative(x: Number) -> Number:
    """Return 0 for x <= -3, 1 for x >= 3, else x/3 + 1/2."""
    if -3 < x < 3:
        return (2 * x + 3) / 6
    return mp.mpf(0 if x < 0 else 1)


def hard_sigmoid(x: Number) -> Number:
    """Return min(max(x/6 + 1/2, 0), 1)."""
    return min(max((x + 3) / 6, mp.mpf(0)), mp.mpf(1))


def hard_sigmoid_derivative(x: Number) -> Number:
    """Return 1/6 for -3 < x < 3, else 0."""
    return mp.mpf(1) / 6 if -3 < x < 3 else mp.mpf(0)


def softmax(x: Sequence[Number], temperature: float = 1.0) -> list[Number]:
    """Return exp(x_i/T) / sum_j exp(x_j/T) as 1 / (1 + sum over j != i of exp((x_j - x_i)/T))."""
    return [1 / (1 + rest) for rest in _rests(x, temperature)]


def softmax_derivative(x: Sequence[Number], temperature: float = 1.0) -> list[list[Number]]:
    """Return p_i (delta_ij - p_j) / T, with the sum of the other p_j for 1 - p_i."""
    p = softmax(x, temperature)
    return [[p[i] * d / temperature for d in row] for i, row in enumerate(_delta_minus(p))]


def log_softmax(x: Sequence[Number], temperature: float = 1.0) -> list[Number]:
    """Return the logarithm of softmax."""
    return [-mp.log1p(rest) for rest in _rests(x, temperature)]


def log_softmax_derivative(x: Sequence[Number], temperature: float = 1.0) -> list[list[Number]]:
    """Return (delta_ij - p_j) / T, with the sum of the other p_j for 1 - p_i."""
    return [[d / temperature for d in row] for row in _delta_minus(softmax(x, temperature))]


def _rests(x: Sequence[Number], temperature: float) -> list[Number]:
    return [mp.fsum(mp.exp((b - a) / temperature) for j, b in enumerate(x) if j != i) for i, a in enumerate(x)]


def _delta_minus(p: Sequence[Number]) -> list[list[Number]]:
    others = [mp.fsum(q for j, q in enumerate(p) if j != i) for i in range(len(p))]
    return [[others[i] if i == j else -p[j] for j in range(len(p))] for i in range(len(p))]
