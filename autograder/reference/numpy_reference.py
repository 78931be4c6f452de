"""Every activation function of the course and its derivative in NumPy, within a few ULP of the true value.

Elementwise functions take an array of float32 or float64 of any shape and return a new array of the same shape and
dtype; `elementwise` states the rules they share (errors, limits, floating-point flags). They are stable for every
finite input. At NaN and plus or minus infinity, and where a derivative does not exist (a kink), they return what
PyTorch's float64 functions and autograd return, even where that is NaN: silu(-inf) is -inf * 0 there, not 0.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from autograder.reference.double_double import (
    Double,
    DoubleDouble,
    add,
    exact,
    minimum,
    multiply,
    quotient,
    rest_of_constant,
    times_exp,
    two_product,
    two_sum,
)
from autograder.reference.elementwise import FloatArray, elementwise
from autograder.reference.logits import Logits
from autograder.reference.normal import TAIL, integrate, mills_ratio, times_cdf, times_density

# Klambauer et al. 2017, appendix A1, with the digits PyTorch has.
SELU_SCALE = 1.0507009873554804934193349852946
SELU_SCALE_ALPHA = 1.7580993408473768599402175208123  # scale times alpha, rounded once

# gelu_tanh(x) = x * sigmoid(2 u), 2 u = A x + B x**3, A = 2 sqrt(2/pi), B = 0.044715 A.
_GELU_TANH_A = DoubleDouble.constant("1.5957691216057307117597842397375274739034345246597")
_GELU_TANH_B = DoubleDouble.constant("0.07135481627260024877633875227986354099559207477016")
_GELU_TANH_3B = DoubleDouble.constant("0.21406444881780074632901625683959062298677622431047")
_GELU_SIGMOID_SLOPE = DoubleDouble.constant("1.702")

# Where the derivatives are 0, to 32 digits: a derivative is computed from its distance to its own zero, because
# adding up its terms there would cancel every digit.
_SILU_MINIMUM_DIGITS = "-1.2784645427610737951093587390229801554394774886197"
_SILU_MINIMUM = DoubleDouble.constant(_SILU_MINIMUM_DIGITS)
_SILU_MINIMUM_REST = rest_of_constant(_SILU_MINIMUM_DIGITS)  # beta * x can come closer to it than any double
_MISH_MINIMUM = DoubleDouble.constant("-1.1924312145154952121375883404207394056006864093225")
_GELU_MINIMUM = DoubleDouble.constant("-0.75179152469356445745790494677952403966447115342345")
_GELU_TANH_MINIMUM = DoubleDouble.constant("-0.75246142207101625848795444328891609060539217803763")
_EXP_AT_GELU_TANH_MINIMUM = 0.2919552119147671345949768  # exp(t) there, t = A x + B x**3
_GELU_SLOPE_AT_TAIL = -0.01194564720418392700015524  # the derivative of gelu at -3
_NEAR = 0.35  # this close to the zero, the difference to it is taken

_SATURATED = 2000.0  # exp(-2000) is 0 in float64, even times the largest number


# ---------------------------------------------------------------------------------------------------------------
# Sigmoid and tanh


@elementwise(minus_inf=-math.inf, plus_inf=math.inf)
def identity(x: Double) -> Double:
    """Return x."""
    return x


@elementwise(minus_inf=1.0, plus_inf=1.0, nan=1.0)
def identity_derivative(x: Double) -> Double:
    """Return 1 everywhere."""
    return np.ones_like(x)


@elementwise(minus_inf=0.0, plus_inf=1.0)
def sigmoid(x: Double) -> Double:
    """Return the logistic function 1 / (1 + exp(-x)), in (0, 1) (Verhulst 1845)."""
    return times_exp(1.0 / (1.0 + np.exp(-np.abs(x))), exact(np.minimum(x, 0.0)))


@elementwise(minus_inf=0.0, plus_inf=0.0)
def sigmoid_derivative(x: Double) -> Double:
    """Return sigmoid(x) * sigmoid(-x), in (0, 1/4]."""
    return times_exp(1.0 / _one_plus_squared(np.exp(-np.abs(x))), exact(-np.abs(x)))


@elementwise(minus_inf=-1.0, plus_inf=1.0)
def tanh(x: Double) -> Double:
    """Return the hyperbolic tangent, in (-1, 1)."""
    return np.tanh(x)


@elementwise(minus_inf=0.0, plus_inf=0.0)
def tanh_derivative(x: Double) -> Double:
    """Return 1 - tanh(x)**2 = 4 p / (1 + p)**2 with p = exp(-2 |x|), in (0, 1]."""
    exponent = -2.0 * np.minimum(np.abs(x), _SATURATED)
    return times_exp(4.0 / _one_plus_squared(np.exp(exponent)), exact(exponent))


# ---------------------------------------------------------------------------------------------------------------
# Rectifiers


@elementwise(minus_inf=0.0, plus_inf=math.inf)
def relu(x: Double) -> Double:
    """Return max(x, 0) (Nair and Hinton 2010)."""
    return np.maximum(x, 0.0)


@elementwise(minus_inf=0.0, plus_inf=1.0, nan=1.0)
def relu_derivative(x: Double) -> Double:
    """Return 1 for x > 0, else 0; 0 at the kink."""
    return _step(x, below=0.0)


@elementwise(minus_inf=lambda negative_slope: -math.inf * negative_slope, plus_inf=math.inf)
def leaky_relu(x: Double, negative_slope: float = 0.01) -> Double:
    """Return x for x > 0, else negative_slope * x (Maas, Hannun and Ng 2013)."""
    return _leaky(x, negative_slope)


@elementwise(minus_inf=lambda negative_slope: negative_slope, plus_inf=1.0, nan=lambda negative_slope: negative_slope)
def leaky_relu_derivative(x: Double, negative_slope: float = 0.01) -> Double:
    """Return 1 for x > 0, else negative_slope; negative_slope at the kink."""
    return _step(x, below=negative_slope)


@elementwise(minus_inf=lambda alpha: -math.inf * alpha, plus_inf=math.inf)
def prelu(x: Double, alpha: float) -> Double:
    """Return x for x > 0, else alpha * x, where alpha is learned (He et al. 2015)."""
    return _leaky(x, alpha)


@elementwise(minus_inf=lambda alpha: alpha, plus_inf=1.0, nan=lambda alpha: alpha)
def prelu_derivative(x: Double, alpha: float) -> Double:
    """Return the derivative by x: 1 for x > 0, else alpha; alpha at the kink."""
    return _step(x, below=alpha)


@elementwise(minus_inf=lambda alpha: -alpha, plus_inf=math.inf)
def elu(x: Double, alpha: float = 1.0) -> Double:
    """Return x for x > 0, else alpha * (exp(x) - 1) (Clevert, Unterthiner and Hochreiter 2015)."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


@elementwise(minus_inf=0.0, plus_inf=1.0, nan=1.0)
def elu_derivative(x: Double, alpha: float = 1.0) -> Double:
    """Return 1 for x > 0, else alpha * exp(x); alpha at the kink."""
    return np.where(x > 0, 1.0, times_exp(np.full_like(x, alpha), exact(np.minimum(x, 0.0))))


@elementwise(minus_inf=-SELU_SCALE_ALPHA, plus_inf=math.inf)
def selu(x: Double) -> Double:
    """Return scale * elu(x, alpha) with the two constants of Klambauer et al. 2017."""
    negative = SELU_SCALE_ALPHA * np.expm1(np.minimum(x, 0.0))
    return np.where(x > 0, SELU_SCALE * np.maximum(x, 0.0), negative)


@elementwise(minus_inf=0.0, plus_inf=SELU_SCALE, nan=SELU_SCALE)
def selu_derivative(x: Double) -> Double:
    """Return scale for x > 0, else scale * alpha * exp(x); scale * alpha at the kink."""
    negative = times_exp(np.full_like(x, SELU_SCALE_ALPHA), exact(np.minimum(x, 0.0)))
    return np.where(x > 0, SELU_SCALE, negative)


# ---------------------------------------------------------------------------------------------------------------
# Smooth gates: x times something that rises from 0 to 1


@elementwise(minus_inf=math.nan, plus_inf=math.inf)
def gelu(x: Double) -> Double:
    """Return x * Phi(x), Phi the standard normal distribution function (Hendrycks and Gimpel 2016)."""
    left = times_cdf(np.where(x < 0, x, 1.0), -np.abs(x))
    return np.where(x < 0, left, x * (1.0 - left))


@elementwise(minus_inf=math.nan, plus_inf=math.nan)
def gelu_derivative(x: Double) -> Double:
    """Return Phi(x) + x * phi(x), phi the standard normal density.

    Near its zero it is the integral of the second derivative, (2 - x*x) * phi(x), from there; left of that, where the
    two terms would cancel, from the known value at -3. In the left tail it is phi(x) * (x + Phi(x) / phi(x)).
    """
    left = times_cdf(np.ones_like(x), -np.abs(x))
    body = np.where(x < 0, left, 1.0 - left) + times_density(x, x)
    tail = times_density(x + mills_ratio(-np.minimum(x, TAIL)), x)
    reach = 0.6
    zero = _GELU_MINIMUM.hi
    near = integrate(_gelu_curvature, _GELU_MINIMUM, np.clip(x, zero - reach, zero + reach))
    flank = _GELU_SLOPE_AT_TAIL + integrate(
        _gelu_curvature, DoubleDouble.constant(TAIL), np.clip(x, TAIL, zero - reach)
    )
    on_flank = x <= zero - reach
    return np.select([x < TAIL, on_flank, np.abs(x - zero) < reach], [tail, flank, near], body)


@elementwise(minus_inf=math.nan, plus_inf=math.inf)
def gelu_tanh(x: Double) -> Double:
    """Return x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x**3))), as x * sigmoid of twice that argument.

    Hendrycks and Gimpel 2016, section 2.
    """
    return _gated(x, _gelu_tanh_exponent(x))


@elementwise(minus_inf=math.nan, plus_inf=math.nan)
def gelu_tanh_derivative(x: Double) -> Double:
    """Return sigmoid(t) * (1 + x t' sigmoid(-t)) with t = A x + B x**3.

    For x < 0 this is exp(t) * n(x) / (1 + exp(t))**2 with n(x) = 1 + x t' + exp(t). Near the zero, n(x) is taken as
    its difference to n there: both parts of that have the sign of h = x - zero.
    """
    x = np.clip(x, -40.0, 40.0)
    t = _gelu_tanh_exponent(x)
    q = np.exp(-np.abs(t.hi))
    a, b = _GELU_TANH_A.hi, _GELU_TANH_B.hi
    slope = multiply(add(_GELU_TANH_A, multiply(_GELU_TANH_3B, two_product(x, x))), exact(x))  # x t'

    zero = _GELU_TANH_MINIMUM.hi
    nearby = np.clip(x, zero - _NEAR, zero + _NEAR)
    h = (nearby - zero) - _GELU_TANH_MINIMUM.lo
    squares = nearby * nearby + nearby * zero + zero * zero
    near = add(
        two_product(h, a + 3.0 * b * squares),
        two_product(np.full_like(h, _EXP_AT_GELU_TANH_MINIMUM), np.expm1(h * (a + b * squares))),
    )

    far = add(add(slope, exact(np.ones_like(x))), exact(q))
    left = _where(np.abs(x - zero) < _NEAR, near, far)
    right = exact(1.0 + q * (1.0 + slope.hi))
    return _over_one_plus_squared(_where(x < 0, left, right), q, t)


@elementwise(minus_inf=math.nan, plus_inf=math.inf)
def gelu_sigmoid(x: Double) -> Double:
    """Return x * sigmoid(1.702 x) (Hendrycks and Gimpel 2016, section 2)."""
    return _gated(x, _saturating_product(_GELU_SIGMOID_SLOPE, x))


@elementwise(minus_inf=math.nan, plus_inf=math.nan)
def gelu_sigmoid_derivative(x: Double) -> Double:
    """Return the derivative of silu at 1.702 x."""
    return _silu_slope(_saturating_product(_GELU_SIGMOID_SLOPE, x))


@elementwise(minus_inf=math.nan, plus_inf=math.inf)
def silu(x: Double) -> Double:
    """Return x * sigmoid(x) (Elfwing, Uchibe and Doya 2017; Hendrycks and Gimpel 2016)."""
    return _gated(x, exact(x))


@elementwise(minus_inf=math.nan, plus_inf=math.nan)
def silu_derivative(x: Double) -> Double:
    """Return sigmoid(x) * (1 + x * sigmoid(-x))."""
    return _silu_slope(exact(x))


@elementwise(
    minus_inf=lambda beta: -math.inf if beta < 0 else math.nan,
    plus_inf=lambda beta: math.inf if beta > 0 else math.nan,
)
def swish(x: Double, beta: float = 1.0) -> Double:
    """Return x * sigmoid(beta * x) (Ramachandran, Zoph and Le 2017)."""
    return _gated(x, _saturating_product(DoubleDouble.constant(beta), x))


@elementwise(minus_inf=math.nan, plus_inf=math.nan)
def swish_derivative(x: Double, beta: float = 1.0) -> Double:
    """Return the derivative by x, which is that of silu at beta * x."""
    return _silu_slope(_saturating_product(DoubleDouble.constant(beta), x))


@elementwise(minus_inf=math.nan, plus_inf=math.inf)
def mish(x: Double) -> Double:
    """Return x * tanh(softplus(x)) (Misra 2019).

    With e = exp(x), tanh(softplus(x)) = e (e + 2) / (e**2 + 2 e + 2).
    """
    q = np.exp(-np.abs(x))
    left = times_exp(x * ((q + 2.0) / (q * (q + 2.0) + 2.0)), exact(np.minimum(x, 0.0)))
    return np.where(x < 0, left, x * ((1.0 + 2.0 * q) / (1.0 + 2.0 * q * (1.0 + q))))


@elementwise(minus_inf=math.nan, plus_inf=math.nan)
def mish_derivative(x: Double) -> Double:
    """Return tanh(s) + x * sech(s)**2 * sigmoid(x) with s = softplus(x) (Misra 2019).

    With e = exp(x) it is e n(x) / (e**2 + 2 e + 2)**2, n(x) = 4 (x+1) + 4 e**2 + e**3 + e (4 x + 6). Near the zero,
    n(x) is taken as its difference to n there: each part of that has the sign of h = x - zero.
    """
    x = np.clip(x, -_SATURATED, _SATURATED)
    on_right = x > -0.5
    q = np.exp(np.where(on_right, -x, x))

    divisor = 1.0 + 2.0 * q * (1.0 + q)
    right = ((1.0 + 2.0 * q) + 4.0 * x * q * (q * ((1.0 + q) / divisor))) / divisor

    zero = _MISH_MINIMUM.hi
    h = (np.clip(x, zero - _NEAR, zero + _NEAR) - zero) - _MISH_MINIMUM.lo
    e = math.exp(zero)
    near = add(
        add(
            two_product(4.0 * h, 1.0 + e * np.exp(h)), two_product(np.full_like(h, e * (4.0 * zero + 6.0)), np.expm1(h))
        ),
        add(
            two_product(np.full_like(h, 4.0 * e**2), np.expm1(2.0 * h)),
            two_product(np.full_like(h, e**3), np.expm1(3.0 * h)),
        ),
    )
    far = add(
        two_sum(4.0 * x, np.full_like(x, 4.0)),
        multiply(
            exact(q), add(two_sum(4.0 * x, np.full_like(x, 6.0)), multiply(exact(q), two_sum(np.full_like(q, 4.0), q)))
        ),
    )
    n = _where(np.abs(x - zero) < _NEAR, near, far)
    root = add(exact(np.full_like(q, 2.0)), multiply(exact(q), two_sum(np.full_like(q, 2.0), q)))
    left = times_exp(quotient(n, multiply(root, root)), exact(np.minimum(x, 0.0)))
    return np.where(on_right, right, left)


@elementwise(minus_inf=0.0, plus_inf=math.inf)
def softplus(x: Double) -> Double:
    """Return log(1 + exp(x)) (Dugas et al. 2001), as max(x, 0) + log1p(exp(-|x|))."""
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


@elementwise(minus_inf=0.0, plus_inf=1.0)
def softplus_derivative(x: Double) -> Double:
    """Return sigmoid(x)."""
    return times_exp(1.0 / (1.0 + np.exp(-np.abs(x))), exact(np.minimum(x, 0.0)))


# ---------------------------------------------------------------------------------------------------------------
# Piecewise forms for small devices


@elementwise(minus_inf=math.nan, plus_inf=math.inf)
def hardswish(x: Double) -> Double:
    """Return x * min(max(x + 3, 0), 6) / 6 (Howard et al. 2019)."""
    return np.where(x >= 3.0, x, np.clip(x, -3.0, 3.0) * np.clip(x + 3.0, 0.0, 6.0) / 6.0)


@elementwise(minus_inf=0.0, plus_inf=1.0, nan=1.0)
def hardswish_derivative(x: Double) -> Double:
    """Return 0 for x <= -3, 1 for x >= 3, else x/3 + 1/2; 0 and 1 at the kinks."""
    inside = (2.0 * np.clip(x, -3.0, 3.0) + 3.0) / 6.0
    return np.where(x <= -3.0, 0.0, np.where(x >= 3.0, 1.0, inside))


@elementwise(minus_inf=0.0, plus_inf=1.0)
def hard_sigmoid(x: Double) -> Double:
    """Return min(max(x/6 + 1/2, 0), 1), PyTorch's definition (Courbariaux, Bengio and David 2015 have x/2)."""
    return np.clip(x + 3.0, 0.0, 6.0) / 6.0


@elementwise(minus_inf=0.0, plus_inf=0.0, nan=0.0)
def hard_sigmoid_derivative(x: Double) -> Double:
    """Return 1/6 for -3 < x < 3, else 0; 0 at the kinks."""
    return np.where(np.abs(x) < 3.0, 1.0 / 6.0, 0.0)


# ---------------------------------------------------------------------------------------------------------------
# Over an axis


def softmax(x: FloatArray, axis: int = -1, temperature: float = 1.0) -> FloatArray:
    """Return exp(x_i / T) / sum_j exp(x_j / T) over an axis (Bridle 1990; T as in Hinton et al. 2015).

    Shape and dtype are those of x. A 0-d array counts as one logit. An infinite logit of -inf has probability 0; a
    slice with NaN or +inf, or with nothing but -inf, is all NaN. Underflow is not reported, as in `elementwise`.

    Raises TypeError for anything but a float32 or float64 array; ValueError for a temperature that is not finite
    and positive; numpy.exceptions.AxisError for an axis that x has not.
    """
    with np.errstate(under="ignore"):
        logits = Logits(x, axis, temperature, "softmax")
        return logits.restore(times_exp(1.0 / logits.partition.hi[..., np.newaxis], logits.exponents), 0.0)


def softmax_derivative(x: FloatArray, axis: int = -1, temperature: float = 1.0) -> FloatArray:
    """Return the Jacobian J[..., i, j] = d softmax_i / d x_j = p_i (delta_ij - p_j) / T.

    Its shape is that of x without the axis, followed by (n, n), n the length of the axis; its dtype is that of x.
    J is symmetric. A diagonal element is minus the sum of the others in its row, which keeps its digits where p_i
    is close to 1. Limits and errors are those of `softmax`.
    """
    with np.errstate(under="ignore"):
        logits = Logits(x, axis, temperature, "softmax_derivative")
        rows = DoubleDouble(*(part[..., :, np.newaxis] for part in logits.exponents))
        columns = DoubleDouble(*(part[..., np.newaxis, :] for part in logits.exponents))
        factor = 1.0 / multiply(logits.partition, logits.partition).hi / logits.temperature
        return logits.jacobian(times_exp(factor[..., np.newaxis, np.newaxis], add(rows, columns)))


def log_softmax(x: FloatArray, axis: int = -1, temperature: float = 1.0) -> FloatArray:
    """Return x_i / T - log(sum_j exp(x_j / T)) over an axis.

    The largest logit is left out of the sum, so log1p keeps the digits of a probability close to 1. Shape, dtype,
    limits and errors are those of `softmax`, with -inf for the logarithm of 0.
    """
    with np.errstate(under="ignore"):
        logits = Logits(x, axis, temperature, "log_softmax")
        return logits.restore(logits.minus(np.log1p(logits.others)), -math.inf)


def log_softmax_derivative(x: FloatArray, axis: int = -1, temperature: float = 1.0) -> FloatArray:
    """Return the Jacobian J[..., i, j] = d log_softmax_i / d x_j = (delta_ij - p_j) / T.

    Shape, dtype, limits and errors are those of `softmax_derivative`; J is not symmetric.
    """
    with np.errstate(under="ignore"):
        logits = Logits(x, axis, temperature, "log_softmax_derivative")
        factor = 1.0 / logits.partition.hi / logits.temperature
        row = times_exp(factor[..., np.newaxis], logits.exponents)
        return logits.jacobian(np.repeat(row[..., np.newaxis, :], row.shape[-1], axis=-2))


# ---------------------------------------------------------------------------------------------------------------
# Shared parts


def _one_plus_squared(x: Double) -> Double:
    """Return (1 + x)**2, which loses less this way where x is small."""
    return 1.0 + x * (2.0 + x)


def _over_one_plus_squared(n: DoubleDouble, q: Double, t: DoubleDouble) -> Double:
    """Return n / (1 + q)**2, times exp(t) where t < 0."""
    root = two_sum(np.ones_like(q), q)
    return times_exp(quotient(n, multiply(root, root)), minimum(t, 0.0))


def _where(condition: NDArray[np.bool_], yes: DoubleDouble, no: DoubleDouble) -> DoubleDouble:
    """Return `yes` where the condition holds, else `no`."""
    return DoubleDouble(np.where(condition, yes.hi, no.hi), np.where(condition, yes.lo, no.lo))


def _step(x: Double, below: float) -> Double:
    """Return the slope of a rectifier: 1 for x > 0, else `below`."""
    return np.where(x > 0, 1.0, below)


def _leaky(x: Double, slope: float) -> Double:
    return np.where(x > 0, x, slope * np.minimum(x, 0.0))


def _gated(x: Double, t: DoubleDouble) -> Double:
    """Return x * sigmoid(t)."""
    return times_exp(x / (1.0 + np.exp(-np.abs(t.hi))), minimum(t, 0.0))


def _saturating_product(slope: DoubleDouble, x: Double) -> DoubleDouble:
    """Return slope * x, held at about plus or minus 2000, where sigmoid has long become 0 or 1."""
    with np.errstate(over="ignore"):
        bound = np.abs(_SATURATED / slope.hi) if slope.hi else np.inf
    return multiply(slope, exact(np.clip(x, -bound, bound)))


def _silu_slope(t: DoubleDouble) -> Double:
    """Return the derivative of silu at t, sigmoid(t) * (1 + t * sigmoid(-t)).

    For t < 0 this is exp(t) * n(t) / (1 + exp(t))**2 with n(t) = 1 + t + exp(t). Near the zero, n(t) is taken as its
    difference to n there: h + exp(zero) * (exp(h) - 1), both of the sign of h = t - zero.
    """
    q = np.exp(-np.abs(t.hi))
    zero = _SILU_MINIMUM.hi
    low = two_sum(t.lo, -_SILU_MINIMUM.lo)
    h = ((np.clip(t.hi, zero - _NEAR, zero + _NEAR) - zero) + low.hi) + (low.lo - _SILU_MINIMUM_REST)
    near = h - (1.0 + zero) * np.expm1(h)
    far = add(add(t, exact(np.ones_like(q))), exact(q))
    left = _where(np.abs(t.hi - zero) < _NEAR, exact(near), far)
    right = exact(1.0 + q * (1.0 + np.minimum(t.hi, _SATURATED)))
    return _over_one_plus_squared(_where(t.hi < 0, left, right), q, t)


def _gelu_tanh_exponent(x: Double) -> DoubleDouble:
    """Return A x + B x**3, held where sigmoid has long become 0 or 1."""
    x = np.clip(x, -40.0, 40.0)
    square = two_product(x, x)
    return multiply(add(_GELU_TANH_A, multiply(_GELU_TANH_B, square)), exact(x))


def _gelu_curvature(x: Double) -> Double:
    """Return the second derivative of gelu, (2 - x*x) * phi(x)."""
    return times_density(2.0 - x * x, x)
