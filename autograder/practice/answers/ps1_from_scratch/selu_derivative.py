# Answers to selu_derivative: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives np, ALPHA and LAMBDA, and every answer defines the function once more.

# %% right: where, with the exponential's argument bounded
def selu_derivative(x):
    slope = ALPHA * np.exp(np.minimum(x, 0))
    return (LAMBDA * np.where(x > 0, np.ones_like(x), slope)).astype(x.dtype)


# %% right: boolean mask on a full array
def selu_derivative(x):
    out = np.full_like(x, LAMBDA)
    rest = ~(x > 0)
    out[rest] = LAMBDA * ALPHA * np.exp(x[rest])
    return out


# %% right: loop over the flat array
import math


def selu_derivative(x):
    out = np.empty(x.shape, dtype=x.dtype)
    for i, value in enumerate(x.flat):
        out.flat[i] = LAMBDA if value > 0 else LAMBDA * ALPHA * math.exp(value)
    return out


# %% right: np.select
def selu_derivative(x):
    slopes = [np.full_like(x, LAMBDA), LAMBDA * ALPHA * np.exp(np.minimum(x, 0))]
    return np.select([x > 0, x <= 0], slopes, default=x)


# %% right: torch's value where there is no slope
def selu_derivative(x):
    out = np.full_like(x, LAMBDA)
    below = x <= 0
    out[below] = LAMBDA * ALPHA * np.exp(x[below])
    return out


# %% wrong: by way of a function of one's own, whose digits cancel far on the left
# fails: small results keep their digits
# fails: right from ±200 to ±1e30
def elu_negative(x, alpha):
    return alpha * np.expm1(np.minimum(x, 0))


def selu_derivative(x):
    return LAMBDA * np.where(x > 0, np.array(1, dtype=x.dtype), elu_negative(x, ALPHA) + ALPHA)


# %% right: the kink takes the slope of the right
def selu_derivative(x):
    with np.errstate(over="ignore"):
        return np.where(x >= 0, np.full_like(x, LAMBDA), LAMBDA * ALPHA * np.exp(x)).astype(x.dtype)


# %% wrong: sign of the negative branch
# fails: right for x < 0
# fails: right on 100 inputs from -20 to 0
def selu_derivative(x):
    return LAMBDA * np.where(x > 0, np.ones_like(x), -ALPHA * np.exp(np.minimum(x, 0)))


# %% wrong: lambda left out
# fails: right for x > 0
# fails: right for x < 0
# fails: right on 100 inputs from 0 to 20
# fails: right at -1000 and 1000
def selu_derivative(x):
    return np.where(x > 0, np.ones_like(x), ALPHA * np.exp(np.minimum(x, 0)))


# %% wrong: slope 1 on the right
# fails: right for x > 0
# fails: right on 100 inputs from 0 to 20
# fails: right at -1000 and 1000
# fails: NaN and infinities as in torch
def selu_derivative(x):
    return np.where(x > 0, np.ones_like(x), LAMBDA * ALPHA * np.exp(np.minimum(x, 0)))


# %% wrong: alpha left out
# fails: right for x < 0
# fails: right on 100 inputs from -20 to 0
def selu_derivative(x):
    return LAMBDA * np.where(x > 0, np.ones_like(x), np.exp(np.minimum(x, 0)))


# %% wrong: constants cut to four digits
# fails: right for x < 0
# fails: right on 100 inputs from -20 to 0
# fails: agrees with torch in float32
def selu_derivative(x):
    return 1.0507 * np.where(x > 0, np.ones_like(x), 1.6733 * np.exp(np.minimum(x, 0)))


# %% wrong: the minus 1 was kept
# fails: right for x < 0
# fails: right on 100 inputs from -20 to 0
# fails: NaN and infinities as in torch
def selu_derivative(x):
    return LAMBDA * np.where(x > 0, np.ones_like(x), ALPHA * np.expm1(np.minimum(x, 0)))


# %% wrong: the function itself on the right
# fails: right for x > 0
# fails: right on 100 inputs from 0 to 20
# fails: NaN and infinities as in torch
def selu_derivative(x):
    return LAMBDA * np.where(x > 0, x, ALPHA * np.exp(np.minimum(x, 0)))


# %% wrong: power rule on the exponential
# fails: right for x < 0
# fails: right on 100 inputs from -20 to 0
def selu_derivative(x):
    return LAMBDA * np.where(x > 0, np.ones_like(x), ALPHA * x * np.exp(np.minimum(x, 0) - 1))


# %% wrong: textbook formula in where overflows
# fails: no warning up to ±1e30
def selu_derivative(x):
    return LAMBDA * np.where(x > 0, np.ones_like(x), ALPHA * np.exp(x))


# %% wrong: argument bounded for float64 only
# fails: no warning up to ±1e30
def selu_derivative(x):
    return LAMBDA * np.where(x > 0, np.ones_like(x), ALPHA * np.exp(np.clip(x, -700, 700)))


# %% wrong: branches as products with the mask
# fails: right at -1000 and 1000
# fails: NaN and infinities as in torch
# fails: no warning up to ±1e30
def selu_derivative(x):
    return LAMBDA * ((x > 0) * np.ones_like(x) + (x <= 0) * ALPHA * np.exp(x))


# %% wrong: central difference with a coarse step
# fails: right for x < 0
# fails: right on 100 inputs from -20 to 0
def selu_derivative(x):
    def f(v):
        return LAMBDA * np.where(v > 0, v, ALPHA * np.expm1(np.minimum(v, 0)))

    h = 0.01
    return ((f(x + h) - f(x - h)) / (2 * h)).astype(x.dtype)


# %% wrong: central difference with a fine step
# fails: agrees with torch in float32
def selu_derivative(x):
    def f(v):
        return LAMBDA * np.where(v > 0, v, ALPHA * np.expm1(np.minimum(v, 0)))

    h = 1e-5
    return ((f(x + h) - f(x - h)) / (2 * h)).astype(x.dtype)


# %% wrong: a result array without the dtype
# fails: float32 in gives float32 out
def selu_derivative(x):
    out = LAMBDA * np.ones(x.shape)
    out[~(x > 0)] = LAMBDA * ALPHA * np.exp(x[~(x > 0)])
    return out


# %% wrong: where with a Python number
# fails: float32 in gives float32 out
def selu_derivative(x):
    x = x.astype(float)
    return np.where(x > 0, LAMBDA, LAMBDA * ALPHA * np.exp(np.minimum(x, 0)))


# %% wrong: writes into its argument
# fails: leaves its input unchanged
def selu_derivative(x):
    np.minimum(x, 0, out=x)
    above = x == 0
    np.exp(x, out=x)
    x *= LAMBDA * ALPHA
    x[above] = LAMBDA
    return x


# %% wrong: works on single numbers only
# fails: right for x > 0
# fails: right for x < 0
# fails: keeps the shape
def selu_derivative(x):
    return LAMBDA if x > 0 else LAMBDA * ALPHA * np.exp(x)


# %% wrong: one constant for the whole array
# fails: keeps the shape
# fails: right for x > 0
def selu_derivative(x):
    return LAMBDA if (x > 0).all() else LAMBDA * ALPHA * np.exp(np.minimum(x, 0))


# %% wrong: NaN becomes the slope of 0
# fails: NaN and infinities as in torch
def selu_derivative(x):
    x = np.nan_to_num(x, nan=0.0, posinf=np.inf, neginf=-np.inf)
    return LAMBDA * np.where(x > 0, np.ones_like(x), ALPHA * np.exp(np.minimum(x, 0)))


# %% wrong: border at -1 instead of 0
# fails: right for x < 0
# fails: right on 100 inputs from -20 to 0
def selu_derivative(x):
    return LAMBDA * np.where(x > -1, np.ones_like(x), ALPHA * np.exp(np.minimum(x, 0)))


# %% wrong: forgets the negative branch
# fails: right for x < 0
# fails: right on 100 inputs from -20 to 0
selu_derivative = lambda x: LAMBDA * (x > 0).astype(x.dtype)


# %% wrong: far negative inputs cut off
# fails: right on 100 inputs from -20 to 0
# fails: right at -1000 and 1000
def selu_derivative(x):
    return LAMBDA * np.where(x > 0, np.ones_like(x), ALPHA * np.exp(np.clip(x, -10, 0)))


# %% wrong: returns a list
# fails: keeps the shape
# fails: float32 in gives float32 out
# fails: any shape, also none and empty
def selu_derivative(x):
    return [LAMBDA if v > 0 else LAMBDA * ALPHA * np.exp(v) for v in x]


# %% wrong: np.vectorize without a type for empty arrays
# fails: any shape, also none and empty
@np.vectorize
def selu_derivative(v):
    return LAMBDA if v > 0 else LAMBDA * ALPHA * np.exp(v)


# %% wrong: prints and returns None
# fails: right for x > 0
# fails: keeps the shape
def selu_derivative(x):
    print(LAMBDA * np.where(x > 0, np.ones_like(x), ALPHA * np.exp(np.minimum(x, 0))))


# %% wrong: returns a function
# fails: right for x > 0
# fails: keeps the shape
def selu_derivative(x):
    return lambda v: LAMBDA * np.where(v > 0, np.ones_like(v), ALPHA * np.exp(np.minimum(v, 0)))


# %% wrong: the loop returns in its first turn
# fails: right for x > 0
# fails: keeps the shape
def selu_derivative(x):
    out = np.zeros_like(x)
    for i in range(len(x)):
        out[i] = LAMBDA if x[i] > 0 else LAMBDA * ALPHA * np.exp(x[i])
        return out[i]


# %% wrong: knows the visible inputs and guesses the rest
# fails: right on 100 inputs from -20 to 0
# fails: right on 100 inputs from 0 to 20
# fails: any shape, also none and empty
def selu_derivative(x):
    known = {-3.0: 0.0875306121, -1.0: 0.6467686030, -0.1: 1.5907940682, 0.5: LAMBDA, 1.0: LAMBDA, 3.0: LAMBDA}
    out = x.copy()
    for index, value in np.ndenumerate(x):
        out[index] = known.get(float(value), 0)
    return out


# %% wrong: autograd through torch's function
# fails: written from scratch
# fails: right on 100 inputs from -20 to 0
import torch


def selu_derivative(x):
    t = torch.tensor(x, requires_grad=True)
    torch.selu(t).sum().backward()
    return t.grad.numpy()


# %% wrong: autograd through a torch module
# fails: written from scratch
import torch
from torch.nn import SELU


def selu_derivative(x):
    t = torch.tensor(x, requires_grad=True)
    return torch.autograd.grad(SELU()(t).sum(), t)[0].numpy()


# %% wrong: torch inside, without its activations
# fails: written from scratch
import torch


def selu_derivative(x):
    t = torch.tensor(x)
    return torch.where(t > 0, LAMBDA, LAMBDA * ALPHA * torch.exp(t.clamp(max=0))).to(t.dtype).numpy()


# %% wrong: torch's autograd through a formula of one's own
# fails: written from scratch
import torch


def selu_derivative(x):
    t = torch.tensor(x, requires_grad=True)
    y = LAMBDA * torch.where(t > 0, t, ALPHA * torch.expm1(torch.minimum(t, torch.zeros_like(t))))
    y.sum().backward()
    return t.grad.numpy()


# %% right: masked assignment
def selu_derivative(x):
    slope = np.empty_like(x)
    right = x > 0
    slope[right] = LAMBDA
    slope[~right] = LAMBDA * ALPHA * np.exp(x[~right])
    return slope


# %% right: power of the step
def selu_derivative(x):
    left = np.minimum(x, 0)
    scale = np.where(x > 0, LAMBDA, LAMBDA * ALPHA)
    return np.asarray(scale * np.exp(left), dtype=x.dtype)


# %% wrong: central difference
# fails: right on 100 inputs from -20 to 0
# fails: small results keep their digits
# fails: right from ±200 to ±1e30
# fails: NaN and infinities as in torch
# a difference has too few digits far on the left
def selu_derivative(x):
    def f(t):
        return LAMBDA * (np.maximum(t, 0) + ALPHA * np.expm1(np.minimum(t, 0)))

    wide = x.astype(np.float64)
    return ((f(wide + 1e-5) - f(wide - 1e-5)) / 2e-5).astype(x.dtype)


# %% wrong: float64 for float32
# fails: float32 in gives float32 out
# fails: any shape, also none and empty
# the dtype is not kept
def selu_derivative(x):
    x = np.asarray(x, dtype=np.float64)
    return np.where(x > 0, LAMBDA, LAMBDA * ALPHA * np.exp(np.minimum(x, 0)))


# %% wrong: mpmath is not there
# fails: written from scratch
import mpmath


def selu_derivative(x):
    out = np.full_like(x, LAMBDA)
    for index, value in np.ndenumerate(x):
        if value <= 0:
            out[index] = LAMBDA * ALPHA * float(mpmath.exp(float(value)))
        elif value != value:
            out[index] = np.nan
    return out


# %% right: nan takes the right branch
def selu_derivative(x):
    return np.where(x <= 0, LAMBDA * ALPHA * np.exp(np.minimum(x, 0)), LAMBDA).astype(x.dtype)


# %% wrong: selu plus lambda alpha
# fails: agrees with torch in float32
# fails: small results keep their digits
# fails: right from ±200 to ±1e30
# right on paper, but far on the left all digits cancel
def selu_derivative(x):
    value = LAMBDA * ALPHA * np.expm1(np.minimum(x, 0))
    return np.where(x > 0, LAMBDA, value + LAMBDA * ALPHA).astype(x.dtype)


# %% wrong: vectorize without otypes
# fails: an empty array stays empty
# fails: any shape, also none and empty
import math


# vectorize asks for a first element, and an empty array has none; and the dtype is lost
def selu_derivative(x):
    one = np.vectorize(lambda v: LAMBDA if v > 0 else LAMBDA * ALPHA * math.exp(v))
    return one(x).astype(x.dtype)


# %% wrong: zero below minus 30
# fails: small results keep their digits
# fails: right from ±200 to ±1e30
# exp(-40) is small but not 0
def selu_derivative(x):
    slope = np.where(x > 0, LAMBDA, LAMBDA * ALPHA * np.exp(np.minimum(x, 0)))
    return np.where(x < -30, 0, slope).astype(x.dtype)


# %% wrong: written into a copy that ravel makes of a transposed array
# fails: right for transposed and strided arrays
def selu_derivative(x):
    out = np.zeros_like(x)
    flat = out.ravel()
    flat[...] = one_row(x.ravel())
    return out


def one_row(x):
    return np.where(x > 0, LAMBDA, LAMBDA * ALPHA * np.exp(np.minimum(x, 0))).astype(x.dtype)


# %% right: multiplied out of two factors
def selu_derivative(x):
    negative = ~(x > 0)
    slope = np.ones_like(x)
    np.multiply(slope, ALPHA * np.exp(np.where(negative, x, 0)), out=slope, where=negative, casting="same_kind")
    return slope * np.asarray(LAMBDA, dtype=x.dtype)


# %% right: callable class
class _Slope:
    def __init__(self, scale, alpha):
        self.scale, self.alpha = scale, alpha

    def __call__(self, x):
        """Derivative of SELU."""
        below = np.multiply(self.scale * self.alpha, np.exp(np.fmin(x, 0)), dtype=x.dtype)
        slope = np.where(x > 0, np.full_like(x, self.scale), below)
        return np.where(np.isnan(x), x, slope)


selu_derivative = _Slope(LAMBDA, ALPHA)


# %% right: piecewise
def selu_derivative(x):
    return np.piecewise(x, [x > 0], [LAMBDA, lambda v: LAMBDA * ALPHA * np.exp(v)])


# %% wrong: exp unbounded
# fails: no warning up to ±1e30
def selu_derivative(x):
    return np.where(x > 0, LAMBDA, LAMBDA * ALPHA * np.exp(x)).astype(x.dtype)


# %% wrong: from value
# fails: agrees with torch in float32
# fails: small results keep their digits
# fails: right from ±200 to ±1e30
def selu_derivative(x):
    left = LAMBDA * ALPHA * np.expm1(np.minimum(x, 0)) + LAMBDA * ALPHA
    return np.where(x > 0, LAMBDA, left).astype(x.dtype)
