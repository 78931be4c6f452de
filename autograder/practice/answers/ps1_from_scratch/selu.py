# Answers to selu: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives np, ALPHA and LAMBDA, and every answer defines the function once more.

# %% right: where, with the exponential's argument bounded
def selu(x):
    negative = ALPHA * np.expm1(np.minimum(x, 0))
    return (LAMBDA * np.where(x > 0, x, negative)).astype(x.dtype)


# %% right: boolean mask on a copy
def selu(x):
    out = np.array(x, copy=True)
    below = out <= 0
    out[below] = ALPHA * np.expm1(out[below])
    out *= LAMBDA
    return out


# %% right: sum of the two halves
def selu(x):
    return LAMBDA * (np.maximum(x, 0) + ALPHA * np.expm1(np.minimum(x, 0)))


# %% right: loop over the elements with math
import math


def selu_of_one(value):
    if value > 0:
        return LAMBDA * value
    return LAMBDA * ALPHA * math.expm1(value)


def selu(x):
    out = np.empty_like(x)
    for index, value in np.ndenumerate(x):
        out[index] = selu_of_one(float(value))
    return out


# %% right: np.vectorize with the dtype of the input
def selu(x):
    one = np.vectorize(lambda v: LAMBDA * v if v > 0 else LAMBDA * ALPHA * np.expm1(v), otypes=[x.dtype])
    return one(x)


# %% right: np.select
def selu(x):
    branches = [LAMBDA * x, LAMBDA * ALPHA * np.expm1(np.minimum(x, 0))]
    return np.select([x > 0, x <= 0], branches, default=np.nan).astype(x.dtype)


# %% right: np.piecewise
def selu(x):
    pieces = [lambda v: LAMBDA * v, lambda v: LAMBDA * ALPHA * np.expm1(v)]
    return np.piecewise(x, [x > 0, ~(x > 0)], pieces)


# %% right: overflow silenced where it is thrown away
def selu(x):
    with np.errstate(over="ignore"):
        return np.where(x > 0, LAMBDA * x, LAMBDA * ALPHA * np.expm1(x))


# %% right: a callable object
class Selu:
    def __init__(self, alpha, scale):
        self.alpha, self.scale = alpha, scale

    def __call__(self, x):
        return self.scale * np.where(x > 0, x, self.alpha * np.expm1(np.minimum(x, 0)))


selu = Selu(ALPHA, LAMBDA)


# %% right: compared with torch's in the same cell
from torch.nn.functional import selu

torch_selu = selu


def selu(x):
    return LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0)))


import torch

sample = np.linspace(-2, 2, 5)
assert np.allclose(selu(sample), torch_selu(torch.from_numpy(sample)).numpy())


# %% right: deepcopy of the input
from copy import deepcopy


def selu(x):
    out = deepcopy(x)
    below = out <= 0
    out[below] = ALPHA * np.expm1(out[below])
    return LAMBDA * out


# %% right: a class of one's own with a method of that name
class Activations:
    """All my activation functions in one place."""

    @staticmethod
    def selu(x):
        return LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0)))


selu = Activations.selu


# %% right: private attributes of a class of one's own
class Selu:
    _alpha = ALPHA
    _scale = LAMBDA


def selu(x):
    return Selu._scale * (np.maximum(x, 0) + Selu._alpha * np.expm1(np.minimum(x, 0)))


# %% right: torch and math in one import, and only math used
import torch, math


def selu(x):
    one = np.vectorize(lambda v: LAMBDA * v if v > 0 else LAMBDA * ALPHA * math.expm1(v), otypes=[x.dtype])
    return one(x)


# %% right: annotated with types of torch
import torch


def selu(x: "np.ndarray | torch.Tensor", scale: torch.Tensor = LAMBDA) -> torch.Tensor:
    return scale * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0)))


# %% right: constants in a dataclass
from dataclasses import dataclass, field

import torch


@dataclass(frozen=True)
class Constants:
    device: torch.device = None
    alpha: float = ALPHA
    scales: list = field(default_factory=lambda: [LAMBDA])


constants = Constants()


def selu(x):
    return constants.scales[0] * np.where(x > 0, x, constants.alpha * np.expm1(np.minimum(x, 0)))


# %% right: torch where it is there, for a comparison
try:
    import torch
except ImportError:
    torch = None


def selu(x):
    return LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0)))


if torch is not None:
    assert np.allclose(selu(np.ones(2)), torch.selu(torch.ones(2)))


# %% right: tried out under the main guard
def selu(x):
    return LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0)))


if __name__ == "__main__":
    import torch

    grid = torch.linspace(-3, 3, 7)
    print(torch.selu(grid) - torch.from_numpy(selu(grid.numpy())))


# %% wrong: sign of the negative branch
# fails: right for x < 0
# fails: right on 100 inputs from -20 to 0
# fails: small results keep their digits
def selu(x):
    return LAMBDA * np.where(x > 0, x, ALPHA * (1 - np.exp(np.minimum(x, 0))))


# %% wrong: lambda left out
# fails: right for x > 0
# fails: right for x < 0
# fails: right on 100 inputs from 0 to 20
# fails: right on 100 inputs from -20 to 0
def selu(x):
    return np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0)))


# %% wrong: lambda on the negative branch only
# fails: right for x > 0
# fails: right on 100 inputs from 0 to 20
def selu(x):
    return np.where(x > 0, x, LAMBDA * ALPHA * np.expm1(np.minimum(x, 0)))


# %% wrong: alpha and lambda exchanged
# fails: right for x > 0
# fails: right on 100 inputs from 0 to 20
# fails: right at -1000 and 1000
def selu(x):
    return ALPHA * np.where(x > 0, x, LAMBDA * np.expm1(np.minimum(x, 0)))


# %% wrong: constants cut to two digits
# fails: right for x > 0
# fails: right for x < 0
# fails: agrees with torch in float32
def selu(x):
    return 1.05 * np.where(x > 0, x, 1.67 * np.expm1(np.minimum(x, 0)))


# %% wrong: a digit of alpha mistyped
# fails: right for x < 0
# fails: right on 100 inputs from -20 to 0
def selu(x):
    alpha = 1.6723632423543772
    return LAMBDA * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


# %% wrong: the exponential without minus 1
# fails: right for x < 0
# fails: NaN and infinities as in torch
# fails: right at -1000 and 1000
def selu(x):
    return LAMBDA * np.where(x > 0, x, ALPHA * np.exp(np.minimum(x, 0)))


# %% wrong: minus 1 outside the brackets
# fails: right for x < 0
# fails: right on 100 inputs from -20 to 0
def selu(x):
    return LAMBDA * np.where(x > 0, x, ALPHA * np.exp(np.minimum(x, 0)) - 1)


# %% wrong: textbook formula in where overflows
# fails: no warning up to ±1e30
def selu(x):
    return LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(x))


# %% wrong: argument bounded for float64 only
# fails: no warning up to ±1e30
def selu(x):
    return LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 600)))


# %% wrong: branches as products with the mask
# fails: right at -1000 and 1000
# fails: no warning up to ±1e30
# fails: NaN and infinities as in torch
def selu(x):
    return LAMBDA * ((x > 0) * x + (x <= 0) * ALPHA * np.expm1(x))


# %% wrong: exp(x) - 1 loses its digits
# fails: small results keep their digits
def selu(x):
    return LAMBDA * np.where(x > 0, x, ALPHA * (np.exp(np.minimum(x, 0)) - 1))


# %% wrong: float64 whatever comes in
# fails: float32 in gives float32 out
def selu(x):
    x = np.asarray(x, dtype=np.float64)
    return LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0)))


# %% wrong: a result array without the dtype
# fails: float32 in gives float32 out
def selu(x):
    out = np.zeros(x.shape)
    out[x > 0] = LAMBDA * x[x > 0]
    out[x <= 0] = LAMBDA * ALPHA * np.expm1(x[x <= 0])
    out[np.isnan(x)] = np.nan
    return out


# %% wrong: everything in float32
# fails: any shape, also none and empty
def selu(x):
    x = x.astype(np.float32)
    return LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0)))


# %% wrong: writes into its argument
# fails: leaves its input unchanged
def selu(x):
    below = x <= 0
    x[below] = ALPHA * np.expm1(x[below])
    x *= LAMBDA
    return x


# %% wrong: works on single numbers only
# fails: right for x > 0
# fails: right for x < 0
# fails: keeps the shape
def selu(x):
    if x > 0:
        return LAMBDA * x
    return LAMBDA * ALPHA * np.expm1(x)


# %% wrong: decides by the first element
# fails: agrees with torch in float32
# fails: small results keep their digits
# fails: any shape, also none and empty
def selu(x):
    if x.flat[0] > 0:
        return LAMBDA * x
    return LAMBDA * ALPHA * np.expm1(x)


# %% wrong: NaN becomes 0
# fails: NaN and infinities as in torch
def selu(x):
    x = np.nan_to_num(x, nan=0.0, posinf=np.inf, neginf=-np.inf)
    return LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0)))


# %% wrong: NaN left at 0 by two masks
# fails: NaN and infinities as in torch
def selu(x):
    out = np.zeros_like(x)
    out[x > 0] = LAMBDA * x[x > 0]
    out[x <= 0] = LAMBDA * ALPHA * np.expm1(x[x <= 0])
    return out


# %% wrong: border at 1 instead of 0
# fails: right for x > 0
# fails: right on 100 inputs from 0 to 20
def selu(x):
    return LAMBDA * np.where(x > 1, x, ALPHA * np.expm1(np.minimum(x, 1)))


# %% wrong: forgets the negative branch
# fails: right for x < 0
# fails: right on 100 inputs from -20 to 0
# fails: small results keep their digits
selu = lambda x: LAMBDA * np.maximum(x, 0)


# %% wrong: returns the derivative
# fails: right for x > 0
# fails: right for x < 0
def selu(x):
    return LAMBDA * np.where(x > 0, np.ones_like(x), ALPHA * np.exp(np.minimum(x, 0)))


# %% wrong: ELU with alpha 1
# fails: right for x > 0
# fails: right for x < 0
def selu(x):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


# %% wrong: returns a list
# fails: keeps the shape
# fails: float32 in gives float32 out
# fails: any shape, also none and empty
# fails: NaN and infinities as in torch
def selu(x):
    return (LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0)))).tolist()


# %% wrong: returns a torch tensor
# fails: keeps the shape
# fails: float32 in gives float32 out
import torch


def selu(x):
    t = torch.from_numpy(x)
    return LAMBDA * torch.where(t > 0, t, ALPHA * torch.expm1(torch.clamp(t, max=0)))


# %% wrong: flattens
# fails: keeps the shape
# fails: any shape, also none and empty
def selu(x):
    x = x.ravel()
    return LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0)))


# %% wrong: prints and returns None
# fails: right for x > 0
# fails: right for x < 0
# fails: keeps the shape
def selu(x):
    print(LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0))))


# %% wrong: a class instead of a function
# fails: right for x > 0
# fails: keeps the shape
class selu:
    def __init__(self, x):
        self.value = LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0)))


# %% wrong: wants the constants as arguments
# fails: right for x > 0
# fails: written from scratch
def selu(x, alpha, scale):
    return scale * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


# %% wrong: crashes on a name that does not exist
# fails: right for x > 0
# fails: written from scratch
def selu(x):
    return LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, zero)))


# %% wrong: ends the program on a negative number
# fails: right for x < 0
# fails: written from scratch
import sys


def selu(x):
    if (x < 0).any():
        sys.exit("negative input")
    return LAMBDA * x


# %% wrong: sorts its values
# fails: right on 100 inputs from -20 to 0
# fails: right on 100 inputs from 0 to 20
def selu(x):
    x = np.sort(x, axis=None).reshape(x.shape)
    return LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0)))


# %% wrong: three elements hard-coded
# fails: keeps the shape
# fails: any shape, also none and empty
def selu(x):
    out = np.zeros(3)
    for i in range(3):
        out[i] = LAMBDA * (x[i] if x[i] > 0 else ALPHA * np.expm1(x[i]))
    return out


# %% wrong: knows only the visible inputs
# fails: written from scratch
# fails: right on 100 inputs from 0 to 20
# fails: right on 100 inputs from -20 to 0
def selu(x):
    known = {
        0.5: 0.5253504937,
        1.0: 1.0507009874,
        3.0: 3.1521029621,
        -3.0: -1.6705687288,
        -1.0: -1.1113307378,
        -0.1: -0.1673052726,
    }
    return np.array([known[v] for v in x.flat]).reshape(x.shape)


# %% wrong: knows the visible inputs and guesses the rest
# fails: right on 100 inputs from 0 to 20
# fails: right on 100 inputs from -20 to 0
# fails: leaves its input unchanged
# fails: agrees with torch in float32
def selu(x):
    known = {
        0.5: 0.5253504937,
        1.0: 1.0507009874,
        3.0: 3.1521029621,
        -3.0: -1.6705687288,
        -1.0: -1.1113307378,
        -0.1: -0.1673052726,
    }
    out = x.copy()
    for index, value in np.ndenumerate(x):
        out[index] = known.get(float(value), value)
    return out


# %% wrong: torch's function
# fails: written from scratch
# fails: right on 100 inputs from 0 to 20
import torch


def selu(x):
    return torch.nn.functional.selu(torch.from_numpy(x)).numpy()


# %% wrong: torch's function under another name
# fails: written from scratch
from torch import from_numpy
from torch.nn.functional import selu as magic


def selu(x):
    return magic(from_numpy(x)).numpy()


# %% wrong: torch's function in a helper
# fails: written from scratch
import torch
import torch.nn.functional as F


def helper(t):
    return F.selu(t)


def selu(x):
    return helper(torch.from_numpy(x)).numpy()


# %% wrong: torch's function by getattr
# fails: written from scratch
import torch


def selu(x):
    return getattr(torch, "se" + "lu")(torch.from_numpy(x)).numpy()


# %% wrong: a torch module
# fails: written from scratch
import torch
from torch import nn

layer = nn.SELU()


def selu(x):
    with torch.no_grad():
        return layer(torch.from_numpy(x)).numpy()


# %% wrong: torch's ELU scaled
# fails: written from scratch
import torch


def selu(x):
    return (LAMBDA * torch.nn.ELU(alpha=ALPHA)(torch.from_numpy(x))).numpy()


# %% wrong: torch inside, without its activations
# fails: written from scratch
import torch


def selu(x):
    t = torch.from_numpy(x)
    negative = ALPHA * torch.expm1(torch.clamp(t, max=0))
    return (LAMBDA * torch.where(t > 0, t, negative)).numpy()


# %% right: nditer with buffers
def selu(x):
    with np.nditer([x, None], op_flags=[["readonly"], ["writeonly", "allocate"]], flags=["zerosize_ok"]) as walk:
        for value, out in walk:
            out[...] = LAMBDA * (value if value > 0 else ALPHA * np.expm1(value))
        return walk.operands[1]


# %% right: ufunc with where and out
def selu(x):
    y = np.copy(x)
    np.expm1(x, out=y, where=x <= 0)
    np.multiply(y, ALPHA, out=y, where=x <= 0)
    return np.multiply(y, LAMBDA, dtype=x.dtype)


# %% right: vectorised math with otypes
import math


def selu(x):
    def one(value):
        value = float(value)
        return LAMBDA * value if value > 0 else LAMBDA * ALPHA * math.expm1(value)

    return np.vectorize(one, otypes=[x.dtype])(x)


# %% wrong: argument overwritten where negative
# fails: leaves its input unchanged
# x is changed
def selu(x):
    below = x <= 0
    x[below] = ALPHA * np.expm1(x[below])
    return LAMBDA * x


# %% wrong: asks for the smallest element
# fails: an empty array stays empty
# fails: any shape, also none and empty
# an empty array has no smallest element
def selu(x):
    if x.min() > 0:
        return LAMBDA * x
    return LAMBDA * (np.maximum(x, 0) + ALPHA * np.expm1(np.minimum(x, 0)))


# %% wrong: exp minus one loses digits near 0
# fails: agrees with torch in float32
# fails: small results keep their digits
# exp(x) - 1 loses its digits near 0
def selu(x):
    return (LAMBDA * np.where(x > 0, x, ALPHA * (np.exp(np.minimum(x, 0)) - 1))).astype(x.dtype)


# %% wrong: fmax and fmin swallow nan
# fails: NaN and infinities as in torch
# fmax and fmin take the number where the other is NaN, so NaN gives 0
def selu(x):
    return LAMBDA * (np.fmax(x, 0) + ALPHA * np.expm1(np.fmin(x, 0)))


# %% wrong: ravel of a copy for transposed input
# fails: right for transposed and strided arrays
# for a transposed (Fortran-ordered) array ravel() gives a copy, and the result stays uninitialised
def selu(x):
    out = np.empty_like(x)
    flat = out.ravel()
    for i, value in enumerate(x.ravel()):
        flat[i] = LAMBDA * (value if value > 0 or value != value else ALPHA * np.expm1(value))
    return out


# %% wrong: tail cut at minus 12
# fails: right on 100 inputs from -20 to 0
# below -12 the constant is taken, which is 6e-6 off
def selu(x):
    return LAMBDA * (np.maximum(x, 0) + ALPHA * np.expm1(np.where(x < -12, -np.inf, np.minimum(x, 0))))


# %% wrong: cut at 10 000 to be safe
# fails: right from ±200 to ±1e30
def selu(x):
    x = np.clip(x, -10_000, 10_000)
    return LAMBDA * (np.maximum(x, 0) + ALPHA * np.expm1(np.minimum(x, 0)))


# %% wrong: alpha is applied on both sides
# fails: right for x > 0
# fails: right at -1000 and 1000
# fails: right on 100 inputs from 0 to 20
def selu(x):
    return LAMBDA * ALPHA * np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


# %% wrong: sinh and cosh in place of expm1
# fails: right at -1000 and 1000
# fails: agrees with torch in float32
# fails: small results keep their digits
def selu(x):
    below = np.minimum(x, 0)
    return (LAMBDA * np.where(x > 0, x, ALPHA * (np.sinh(below) + np.cosh(below) - 1))).astype(x.dtype)


# %% right: mask helper
import torch  # only to compare: torch.nn.functional.selu


def _negative_branch(v: np.ndarray) -> np.ndarray:
    return LAMBDA * ALPHA * np.expm1(v)


def selu(x: np.ndarray) -> np.ndarray:
    out = np.empty_like(x)
    right = x > 0
    out[right] = LAMBDA * x[right]
    out[~right] = _negative_branch(x[~right])
    return out


# %% right: math comprehension
import math


def selu(x):
    """One element at a time, in Python floats."""
    def one(v):
        return LAMBDA * v if v > 0 else LAMBDA * ALPHA * math.expm1(v)

    return np.array([one(v) for v in x.ravel().tolist()], dtype=x.dtype).reshape(x.shape)


# %% right: where minimum scalar
def selu(x):
    return LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0)))


# %% wrong: exp minus one
# fails: agrees with torch in float32
# fails: small results keep their digits
def selu(x):
    negative = ALPHA * (np.exp(np.minimum(x, 0)) - 1)
    return LAMBDA * np.where(x > 0, x, negative)


# %% wrong: piecewise nan
# fails: NaN and infinities as in torch
def selu(x):
    return np.piecewise(x, [x > 0, x <= 0], [lambda v: LAMBDA * v, lambda v: LAMBDA * ALPHA * np.expm1(v)])
