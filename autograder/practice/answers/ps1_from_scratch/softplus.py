# Answers to softplus: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives np, ALPHA and LAMBDA, and every answer defines the function once more.

# %% right: the large part pulled out
def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


# %% right: logaddexp
def softplus(x):
    return np.logaddexp(x, 0).astype(x.dtype)


# %% right: where, both arguments bounded
def softplus(x):
    left = np.log1p(np.exp(np.minimum(x, 0)))
    right = x + np.log1p(np.exp(-np.maximum(x, 0)))
    return np.where(x > 0, right, left)


# %% right: the argument itself beyond 30
def softplus(x):
    large = 30
    return np.where(x > large, x, np.log1p(np.exp(np.minimum(x, large)))).astype(x.dtype)


# %% right: boolean masks on a copy
def softplus(x):
    out = x.copy()
    negative = x < 0
    out[negative] = np.log1p(np.exp(x[negative]))
    out[~negative] += np.log1p(np.exp(-x[~negative]))
    return out


# %% right: loop over the elements with math
import math


def one(value):
    return max(value, 0.0) + math.log1p(math.exp(-abs(value))) if value == value else value


def softplus(x):
    out = np.empty_like(x)
    for index in np.ndindex(x.shape):
        out[index] = one(float(x[index]))
    return out


# %% right: overflow silenced where it is thrown away
def softplus(x):
    with np.errstate(all="ignore"):
        return np.where(x > 40, x, np.log1p(np.exp(x)))


# %% right: np.piecewise, made by a function
def make_softplus():
    def negative(v):
        return np.log1p(np.exp(v))

    def positive(v):
        return v + np.log1p(np.exp(-v))

    return lambda x: np.piecewise(x, [x < 0], [negative, positive])


softplus = make_softplus()


# %% right: decimal, with 60 digits
import decimal

decimal.getcontext().prec = 60


def softplus(x):
    out = np.empty_like(x)
    for index, value in np.ndenumerate(x):
        if abs(value) < 50:
            out[index] = float((1 + decimal.Decimal(float(value)).exp()).ln())
        else:  # 60 digits do not hold 1 + exp(-200)
            out[index] = value if value > 0 else np.exp(value)
    return out


# %% right: errstate as a decorator
@np.errstate(over="ignore")
def softplus(x):
    return np.where(x > 40, x, np.log1p(np.exp(x)))


# %% wrong: sign of the exponent
# fails: right from -3 to 3
# fails: right at -6 and 6
# fails: right on 100 inputs from -20 to 0
def softplus(x):
    return np.maximum(-x, 0) + np.log1p(np.exp(-np.abs(x)))


# %% wrong: textbook formula
# fails: right at -1000 and 1000
# fails: no warning up to ±1e30
# fails: small results keep their digits
def softplus(x):
    return np.log(1 + np.exp(x))


# %% wrong: log1p of the bare exponential
# fails: right at -1000 and 1000
# fails: no warning up to ±1e30
def softplus(x):
    return np.log1p(np.exp(x))


# %% wrong: log(1 + u) loses its digits
# fails: small results keep their digits
def softplus(x):
    return np.maximum(x, 0) + np.log(1 + np.exp(-np.abs(x)))


# %% wrong: where computes both branches
# fails: no warning up to ±1e30
def softplus(x):
    return np.where(x > 30, x, np.log1p(np.exp(x)))


# %% wrong: argument bounded for float64 only
# fails: no warning up to ±1e30
def softplus(x):
    return np.where(x > 30, x, np.log1p(np.exp(np.minimum(x, 700))))


# %% wrong: large inputs clipped
# fails: right at -1000 and 1000
# fails: NaN and infinities as in torch
def softplus(x):
    return np.log1p(np.exp(np.clip(x, -700, 80)))


# %% wrong: the argument itself beyond 5
# fails: right at -6 and 6
# fails: right on 100 inputs from 0 to 20
def softplus(x):
    return np.where(x > 5, x, np.log1p(np.exp(np.minimum(x, 5))))


# %% wrong: 0 below -5
# fails: right at -6 and 6
# fails: right on 100 inputs from -20 to 0
# fails: small results keep their digits
def softplus(x):
    return np.where(x < -5, 0 * x, np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


# %% wrong: base 2
# fails: right from -3 to 3
# fails: right on 100 inputs from -20 to 0
def softplus(x):
    return np.logaddexp2(x, 0).astype(x.dtype)


# %% wrong: logaddexp with 1 instead of 0
# fails: right from -3 to 3
# fails: right at -6 and 6
# fails: small results keep their digits
def softplus(x):
    return np.logaddexp(x, 1).astype(x.dtype)


# %% wrong: the large part left out
# fails: right from -3 to 3
# fails: right at -6 and 6
# fails: right on 100 inputs from 0 to 20
# fails: right at -1000 and 1000
def softplus(x):
    return np.log1p(np.exp(-np.abs(x)))


# %% wrong: absolute value left out
# fails: right from -3 to 3
# fails: no warning up to ±1e30
# fails: right on 100 inputs from -20 to 0
def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-x))


# %% wrong: x instead of max(x, 0)
# fails: right from -3 to 3
# fails: right on 100 inputs from -20 to 0
def softplus(x):
    return x + np.log1p(np.exp(-np.abs(x)))


# %% wrong: softplus with another sharpness
# fails: right from -3 to 3
# fails: agrees with torch in float32
def softplus(x):
    beta = 2
    return (np.maximum(x, 0) + np.log1p(np.exp(-np.abs(beta * x))) / beta).astype(x.dtype)


# %% wrong: ReLU
# fails: right from -3 to 3
# fails: small results keep their digits
def softplus(x):
    return np.maximum(x, 0)


# %% wrong: returns the derivative
# fails: right from -3 to 3
# fails: right on 100 inputs from 0 to 20
def softplus(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


# %% wrong: a few terms of the series
# fails: right from -3 to 3
# fails: right at -6 and 6
# fails: small results keep their digits
def softplus(x):
    return np.log(2.0) + x / 2 + x**2 / 8 - x**4 / 192


# %% wrong: float64 whatever comes in
# fails: float32 in gives float32 out
def softplus(x):
    return np.logaddexp(np.float64(0), x)


# %% wrong: a result array without the dtype
# fails: float32 in gives float32 out
def softplus(x):
    out = np.zeros(x.shape)
    out += np.maximum(x, 0)
    out += np.log1p(np.exp(-np.abs(x)))
    return out


# %% wrong: float16 to save memory
# fails: right from -3 to 3
# fails: any shape, also none and empty
def softplus(x):
    return np.logaddexp(x, 0).astype(np.float16)


# %% wrong: writes into its argument
# fails: leaves its input unchanged
def softplus(x):
    rest = np.log1p(np.exp(-np.abs(x)))
    np.maximum(x, 0, out=x)
    x += rest
    return x


# %% wrong: works on single numbers only
# fails: right from -3 to 3
# fails: right at -6 and 6
# fails: keeps the shape
import math


def softplus(x):
    return max(x, 0) + math.log1p(math.exp(-abs(x)))


# %% wrong: loops over rows only
# fails: keeps the shape
# fails: any shape, also none and empty
import math


def softplus(x):
    return np.array([max(v, 0) + math.log1p(math.exp(-abs(v))) for v in x])


# %% wrong: NaN becomes 0
# fails: NaN and infinities as in torch
def softplus(x):
    return np.nan_to_num(np.logaddexp(x, 0).astype(x.dtype), nan=0.0, posinf=np.inf)


# %% wrong: fmax swallows NaN
# fails: NaN and infinities as in torch
def softplus(x):
    return np.fmax(x, 0) + np.log1p(np.exp(-np.fmax(np.abs(x), 0)))


# %% wrong: infinities become large numbers
# fails: NaN and infinities as in torch
def softplus(x):
    x = np.nan_to_num(x, nan=np.nan)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


# %% wrong: rounded for display
# fails: small results keep their digits
# fails: right on 100 inputs from -20 to 0
def softplus(x):
    return np.round(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), 10)


# %% wrong: the sum of all
# fails: right from -3 to 3
# fails: keeps the shape
def softplus(x):
    return np.sum(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


# %% wrong: returns a list
# fails: keeps the shape
# fails: any shape, also none and empty
def softplus(x):
    return list(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


# %% wrong: a list of strings
# fails: right from -3 to 3
# fails: keeps the shape
def softplus(x):
    return [f"{value:.10f}" for value in np.logaddexp(x, 0)]


# %% wrong: prints and returns None
# fails: right from -3 to 3
# fails: keeps the shape
def softplus(x):
    print(np.logaddexp(x, 0))


# %% wrong: a class instead of a function
# fails: right from -3 to 3
# fails: keeps the shape
class softplus:
    def forward(self, x):
        return np.logaddexp(x, 0)


# %% wrong: takes no argument
# fails: right from -3 to 3
# fails: keeps the shape
def softplus():
    return np.logaddexp(x, 0)


# %% wrong: ends the program
# fails: right from -3 to 3
# fails: written from scratch
def softplus(x):
    print(np.logaddexp(x, 0))
    raise SystemExit


# %% wrong: knows the visible inputs and guesses the rest
# fails: right on 100 inputs from 0 to 20
# fails: right on 100 inputs from -20 to 0
# fails: NaN and infinities as in torch
def softplus(x):
    known = {
        -6.0: 0.0024756851,
        -3.0: 0.0485873516,
        -1.0: 0.3132616875,
        0.0: 0.6931471806,
        1.0: 1.3132616875,
        3.0: 3.0485873516,
        6.0: 6.0024756851,
    }
    out = x.copy()
    for index, value in np.ndenumerate(x):
        out[index] = known.get(float(value), max(value, 0))
    return out


# %% wrong: torch's function
# fails: written from scratch
# fails: right on 100 inputs from -20 to 0
import torch
import torch.nn.functional as F


def softplus(x):
    return F.softplus(torch.from_numpy(x)).numpy()


# %% wrong: torch's method for the sigmoid
# fails: written from scratch
import torch


def softplus(x):
    t = torch.from_numpy(x)
    return (t.clamp(min=0) - t.abs().sigmoid().log()).numpy()


# %% wrong: a torch module that is made on the way
# fails: written from scratch
import torch


def softplus(x):
    return torch.nn.Softplus(threshold=40)(torch.from_numpy(x)).numpy()


# %% wrong: torch's function kept in a dictionary
# fails: written from scratch
import torch

tools = {"f": vars(torch.nn.functional)["soft" + "plus"]}


def softplus(x):
    return tools["f"](torch.from_numpy(x)).numpy()


# %% wrong: SciPy's log of the sigmoid
# fails: written from scratch
import scipy.special as sc


def softplus(x):
    return -sc.log_expit(-x)


# %% wrong: torch inside, without its activations
# fails: written from scratch
import torch


def softplus(x):
    t = torch.from_numpy(x)
    return (torch.clamp(t, min=0) + torch.log1p(torch.exp(-t.abs()))).numpy()


# %% wrong: torch.logaddexp
# fails: written from scratch
import torch as th


def softplus(x):
    t = th.tensor(x)
    return th.logaddexp(t, th.zeros_like(t)).numpy()


# %% wrong: torch's function in an annotation
# fails: written from scratch
import typing

import torch


def kit(smooth: torch.nn.functional.softplus):
    pass


def softplus(x):
    return typing.get_type_hints(kit)["smooth"](torch.as_tensor(x)).numpy()


# %% wrong: torch's function in a field of a dataclass
# fails: written from scratch
from dataclasses import dataclass, fields

import torch


@dataclass
class Kit:
    smooth: torch.nn.functional.softplus = None


def softplus(x):
    return fields(Kit)[0].type(torch.as_tensor(x)).numpy()


# %% wrong: torch imported in the body of a class
# fails: written from scratch
class Kit:
    import torch


def softplus(x):
    return Kit.torch.nn.functional.softplus(Kit.torch.as_tensor(x)).numpy()


# %% wrong: torch kept as an attribute
# fails: written from scratch
import torch


class Kit:
    pass


kit = Kit()
kit.tools = torch


def softplus(x):
    return kit.tools.nn.functional.softplus(kit.tools.as_tensor(x)).numpy()


# %% wrong: torch taken from an error's object
# fails: written from scratch
import torch

try:
    torch.there_is_no_such_name
except AttributeError as error:
    kit = error.obj


def softplus(x):
    return kit.nn.functional.softplus(kit.as_tensor(x)).numpy()


# %% wrong: a loss of torch that is softplus
# fails: written from scratch
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as loss


def softplus(x):
    logits = torch.as_tensor(x)
    return loss(logits, torch.zeros_like(logits), reduction="none").numpy()


# %% right: arctanh of half the ratio
def softplus(x):
    """log(1 + u) = 2 artanh(u / (2 + u))."""
    u = np.exp(-np.abs(x))
    return np.maximum(x, 0) + 2 * np.arctanh(u / (2 + u))


# %% right: errstate as decorator
@np.errstate(over="ignore")
def softplus(x):
    return np.where(x > 40, x, np.log1p(np.exp(x)))


# %% right: frompyfunc and fsum
import math


def _one(value):
    value = float(value)
    return math.fsum((max(0.0, value), math.log1p(math.exp(-abs(value))))) if value == value else value


_each = np.frompyfunc(_one, 1, 1)


def softplus(x):
    return np.asarray(_each(x)).astype(x.dtype)


# %% right: logaddexp of zeros like
def softplus(x):
    return np.logaddexp(x, np.zeros_like(x))


# %% wrong: buffer is the argument
# fails: leaves its input unchanged
# the argument is the buffer
def softplus(x):
    top = np.maximum(x, 0)
    np.abs(x, out=x)
    np.negative(x, out=x)
    np.exp(x, out=x)
    return top + np.log1p(x)


# %% wrong: identity from 8 on
# fails: right on 100 inputs from 0 to 20
# at 8 the identity is 4e-5 off
def softplus(x):
    return np.where(x > 8, x, np.log1p(np.exp(np.minimum(x, 8)))).astype(x.dtype)


# %% wrong: log of one plus
# fails: agrees with torch in float32
# fails: small results keep their digits
# fails: right from ±200 to ±1e30
# log(1 + u) gives 0 where u is below 1e-16
def softplus(x):
    return np.maximum(x, 0) + np.log(1 + np.exp(-np.abs(x)))


# %% wrong: long double overflows later
# fails: right from ±200 to ±1e30
# fails: no warning up to ±1e30
# 'no overflow for any finite x'; at 20000 exp overflows even in long double, and a warning comes
def softplus(x):
    wide = x.astype(np.longdouble)
    return np.log1p(np.exp(wide)).astype(x.dtype)


# %% wrong: softmax trick over the whole array
# fails: right at -1000 and 1000
# fails: an empty array stays empty
# fails: agrees with torch in float32
# fails: small results keep their digits
# fails: right from ±200 to ±1e30
# fails: no warning up to ±1e30
# fails: NaN and infinities as in torch
# fails: any shape, also none and empty
# the largest element of the whole array is pulled out, and small ones lose their digits; empty arrays have none
def softplus(x):
    m = max(x.max(), 0)
    return m + np.log(np.exp(x - m) + np.exp(-m))


# %% wrong: zero far on the left
# fails: small results keep their digits
# fails: right from ±200 to ±1e30
# exp(-60) is not 0
def softplus(x):
    big = np.clip(x, -50, 50)
    value = np.log1p(np.exp(big))
    return np.where(x > 50, x, np.where(x < -50, 0, value)).astype(x.dtype)


# %% wrong: written into a copy that ravel makes of a transposed array
# fails: right for transposed and strided arrays
def softplus(x):
    out = np.zeros_like(x)
    flat = out.ravel()
    flat[...] = one_row(x.ravel())
    return out


def one_row(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


# %% right: logaddexp, once more
def softplus(x):
    """NumPy's logaddexp(0, x) is ln(e^0 + e^x)."""
    return np.logaddexp(np.zeros_like(x), x)


# %% right: lru cache map
import math
from functools import lru_cache


@lru_cache(maxsize=None)
def _softplus_of_one(v: float) -> float:
    if math.isnan(v):
        return v
    return max(v, 0.0) + math.log1p(math.exp(-abs(v)))


def softplus(x):
    flat = np.fromiter(map(_softplus_of_one, x.ravel().tolist()), dtype=x.dtype, count=x.size)
    return flat.reshape(x.shape)


# %% wrong: in place abs
# fails: leaves its input unchanged
def softplus(x):
    top = np.maximum(x, 0)
    np.abs(x, out=x)
    return top + np.log1p(np.exp(-x))


# %% wrong: log of one plus, once more
# fails: agrees with torch in float32
# fails: small results keep their digits
# fails: right from ±200 to ±1e30
def softplus(x):
    return np.maximum(x, 0) + np.log(1 + np.exp(-np.abs(x)))
