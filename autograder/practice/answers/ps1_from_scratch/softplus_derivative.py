# Answers to softplus_derivative: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives np, ALPHA and LAMBDA, and every answer defines the function once more.

# %% right: where, with exp(-|x|)
def softplus_derivative(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small)).astype(x.dtype)


# %% right: boolean masks on a copy
def softplus_derivative(x):
    out = x.copy()
    positive = x >= 0
    out[positive] = 1 / (1 + np.exp(-x[positive]))
    u = np.exp(x[~positive])
    out[~positive] = u / (1 + u)
    return out


# %% right: loop over the elements with math
import math


def softplus_derivative(x):
    out = np.empty_like(x)
    for index, value in np.ndenumerate(x):
        value = float(value)
        if value >= 0:
            out[index] = 1 / (1 + math.exp(-value))
        else:
            out[index] = math.exp(value) / (1 + math.exp(value))
    return out


# %% right: one formula with a power of e in the numerator
def softplus_derivative(x):
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


# %% right: exponential of minus the softplus of minus x
def softplus_derivative(x):
    return np.exp(-np.logaddexp(0, -x)).astype(x.dtype)


# %% right: tanh where it keeps the digits
def softplus_derivative(x):
    left = np.exp(np.minimum(x, 0))
    return np.where(x > -1, 0.5 * (1 + np.tanh(0.5 * x)), left / (1 + left))


# %% right: overflow silenced, since 1 / inf is 0
def softplus_derivative(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


# %% right: a sigmoid of one's own
def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z < 0, e, 1) / (1 + e)


softplus_derivative = lambda x: sigmoid(x).astype(x.dtype)


# %% right: np.piecewise
def softplus_derivative(x):
    def left(v):
        return np.exp(v) / (1 + np.exp(v))

    def right(v):
        return 1 / (1 + np.exp(-v))

    return np.piecewise(x, [x < 0, x >= 0], [left, right, np.nan])


# %% right: clipped at the limit of the dtype
def softplus_derivative(x):
    # exp(limit) is just below the largest number of the dtype; what is cut off is below 1e-37.
    limit = np.log(np.finfo(x.dtype).max) * x.dtype.type(0.999)
    return 1 / (1 + np.exp(-np.clip(x, -limit, limit)))


# %% right: clipped at the limit that sys tells
import math
import sys

LIMIT = 0.999 * math.log(sys.float_info.max)


def softplus_derivative(x):
    wide = np.clip(x.astype(float), -LIMIT, LIMIT)
    return (1 / (1 + np.exp(-wide))).astype(x.dtype)


# %% wrong: sign of the exponent
# fails: right from -3 to 3
# fails: right at -6 and 6
# fails: right on 100 inputs from -20 to 0
# fails: right on 100 inputs from 0 to 20
def softplus_derivative(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, small, 1) / (1 + small)


# %% wrong: textbook formula overflows
# fails: no warning up to ±1e30
def softplus_derivative(x):
    return 1 / (1 + np.exp(-x))


# %% wrong: infinity divided by infinity
# fails: right at -1000 and 1000
# fails: no warning up to ±1e30
# fails: NaN and infinities as in torch
def softplus_derivative(x):
    return np.exp(x) / (1 + np.exp(x))


# %% wrong: infinity divided by infinity, silenced
# fails: right at -1000 and 1000
# fails: NaN and infinities as in torch
def softplus_derivative(x):
    with np.errstate(all="ignore"):
        return np.exp(x) / (1 + np.exp(x))


# %% wrong: where computes both branches
# fails: no warning up to ±1e30
def softplus_derivative(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(np.minimum(x, 0)) / (1 + np.exp(np.minimum(x, 0))))


# %% wrong: tanh loses the digits of small results
# fails: small results keep their digits
def softplus_derivative(x):
    return 0.5 * (1 + np.tanh(0.5 * x))


# %% wrong: 1 minus the other half loses digits
# fails: small results keep their digits
def softplus_derivative(x):
    right = 1 / (1 + np.exp(-np.abs(x)))
    return np.where(x >= 0, right, 1 - right)


# %% wrong: argument clipped at 30
# fails: small results keep their digits
def softplus_derivative(x):
    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))


# %% wrong: argument clipped at 5
# fails: right at -6 and 6
# fails: right on 100 inputs from -20 to 0
# fails: right on 100 inputs from 0 to 20
# fails: right at -1000 and 1000
def softplus_derivative(x):
    return 1 / (1 + np.exp(-np.clip(x, -5, 5)))


# %% wrong: minus instead of plus
# fails: right from -3 to 3
# fails: right on 100 inputs from 0 to 20
def softplus_derivative(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 - small)


# %% wrong: chain rule forgotten
# fails: right from -3 to 3
# fails: right on 100 inputs from 0 to 20
def softplus_derivative(x):
    return 1 / (1 + np.exp(np.minimum(x, 80)))


# %% wrong: the inner derivative alone
# fails: right from -3 to 3
# fails: right on 100 inputs from 0 to 20
# fails: right at -1000 and 1000
def softplus_derivative(x):
    return np.exp(np.minimum(x, 80))


# %% wrong: derivative of the sigmoid
# fails: right from -3 to 3
# fails: right on 100 inputs from 0 to 20
# fails: right at -1000 and 1000
def softplus_derivative(x):
    small = np.exp(-np.abs(x))
    s = np.where(x >= 0, 1, small) / (1 + small)
    return s * (1 - s)


# %% wrong: softplus itself
# fails: right from -3 to 3
# fails: right on 100 inputs from 0 to 20
def softplus_derivative(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


# %% wrong: step function
# fails: right from -3 to 3
# fails: small results keep their digits
def softplus_derivative(x):
    return (x > 0).astype(x.dtype)


# %% wrong: both halves treated as positive
# fails: right from -3 to 3
# fails: right on 100 inputs from -20 to 0
# fails: small results keep their digits
def softplus_derivative(x):
    return 1 / (1 + np.exp(-np.abs(x)))


# %% wrong: twice as steep
# fails: right from -3 to 3
# fails: agrees with torch in float32
def softplus_derivative(x):
    small = np.exp(-2 * np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


# %% wrong: straight line near 0
# fails: right from -3 to 3
# fails: right at -6 and 6
def softplus_derivative(x):
    return np.clip(x / 4 + 0.5, 0, 1)


# %% wrong: central difference
# fails: agrees with torch in float32
# fails: NaN and infinities as in torch
def softplus_derivative(x):
    def f(v):
        return np.maximum(v, 0) + np.log1p(np.exp(-np.abs(v)))

    h = 1e-5
    return (f(x + h) - f(x - h)) / (2 * h)


# %% wrong: a result array without the dtype
# fails: float32 in gives float32 out
def softplus_derivative(x):
    out = np.ones(x.shape)
    out[x < 0] = np.exp(x[x < 0])
    out[np.isnan(x)] = np.nan
    return out / (1 + np.exp(-np.abs(x)))


# %% wrong: float64 whatever comes in
# fails: float32 in gives float32 out
def softplus_derivative(x):
    x = np.array(x, dtype=float)
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


# %% wrong: writes into its argument
# fails: leaves its input unchanged
def softplus_derivative(x):
    top = np.exp(np.minimum(x, 0))
    np.abs(x, out=x)
    x *= -1
    return top / (1 + np.exp(x))


# %% wrong: works on single numbers only
# fails: right from -3 to 3
# fails: keeps the shape
import math


def softplus_derivative(x):
    return 1 / (1 + math.exp(-x))


# %% wrong: branches on the whole array
# fails: right from -3 to 3
# fails: keeps the shape
def softplus_derivative(x):
    if x >= 0:
        return 1 / (1 + np.exp(-x))
    return np.exp(x) / (1 + np.exp(x))


# %% wrong: normalised over the array
# fails: right from -3 to 3
# fails: any shape, also none and empty
def softplus_derivative(x):
    e = np.exp(x - x.max())
    return e / e.sum()


# %% wrong: NaN becomes one half
# fails: NaN and infinities as in torch
def softplus_derivative(x):
    x = np.where(np.isnan(x), 0, x).astype(x.dtype)
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


# %% wrong: returns a tuple
# fails: right from -3 to 3
# fails: keeps the shape
def softplus_derivative(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small)), x


# %% wrong: returns a list
# fails: keeps the shape
# fails: any shape, also none and empty
def softplus_derivative(x):
    return (np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))).tolist()


# %% wrong: adds a dimension
# fails: keeps the shape
# fails: right from -3 to 3
def softplus_derivative(x):
    x = np.atleast_2d(x)
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


# %% wrong: fails on an empty array
# fails: any shape, also none and empty
def softplus_derivative(x):
    bound = max(abs(v) for v in np.nan_to_num(x).flat)
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.minimum(np.abs(x), 2 * bound)))


# %% wrong: prints and returns None
# fails: right from -3 to 3
# fails: keeps the shape
def softplus_derivative(x):
    print(1 / (1 + np.exp(-np.clip(x, -80, 80))))


# %% wrong: divides by zero on purpose
# fails: right from -3 to 3
# fails: written from scratch
def softplus_derivative(x):
    return 1 / 0


# %% wrong: knows the visible inputs and guesses the rest
# fails: right on 100 inputs from -20 to 0
# fails: right on 100 inputs from 0 to 20
# fails: no warning up to ±1e30
def softplus_derivative(x):
    known = {
        -6.0: 0.0024726232,
        -3.0: 0.0474258732,
        -1.0: 0.2689414214,
        0.0: 0.5,
        1.0: 0.7310585786,
        3.0: 0.9525741268,
        6.0: 0.9975273768,
    }
    out = x.copy()
    for index, value in np.ndenumerate(x):
        out[index] = known.get(float(value), value > 0)
    return out


# %% wrong: torch's sigmoid
# fails: written from scratch
# fails: right on 100 inputs from -20 to 0
import torch


def softplus_derivative(x):
    return torch.sigmoid(torch.from_numpy(x)).numpy()


# %% wrong: torch's sigmoid as a method
# fails: written from scratch
import torch


def softplus_derivative(x):
    return torch.from_numpy(x).sigmoid().numpy()


# %% wrong: SciPy's expit
# fails: written from scratch
from scipy.special import expit


def softplus_derivative(x):
    return expit(x)


# %% wrong: SciPy's expit under another name
# fails: written from scratch
import scipy

special = scipy.special
logistic = special.expit


def softplus_derivative(x):
    return logistic(x)


# %% wrong: everything from SciPy
# fails: written from scratch
from scipy.special import *


def softplus_derivative(x):
    return expit(x)


# %% wrong: autograd through torch's function
# fails: written from scratch
import torch


def softplus_derivative(x):
    t = torch.tensor(x, requires_grad=True)
    torch.nn.functional.softplus(t).sum().backward()
    return t.grad.numpy()


# %% wrong: torch inside, without its activations
# fails: written from scratch
import torch


def softplus_derivative(x):
    t = torch.from_numpy(x)
    u = torch.exp(-torch.abs(t))
    return (torch.where(t >= 0, torch.ones_like(t), u) / (1 + u)).numpy()


# %% wrong: torch's autograd through logaddexp
# fails: written from scratch
import torch


def softplus_derivative(x):
    t = torch.tensor(x, requires_grad=True)
    torch.logaddexp(t, torch.zeros_like(t)).sum().backward()
    return t.grad.numpy()


# %% wrong: a distribution of torch whose mean is the sigmoid
# fails: written from scratch
import torch


def softplus_derivative(x):
    return torch.distributions.Bernoulli(logits=torch.as_tensor(x), validate_args=False).mean.numpy()


# %% right: exp of minus logaddexp
def softplus_derivative(x):
    return np.exp(-np.logaddexp(0, -x)).astype(x.dtype)


# %% right: numerator of the smaller side
def softplus_derivative(x):
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


# %% wrong: clipped at 50
# fails: small results keep their digits
# fails: right from ±200 to ±1e30
# at -80 the value of -50 comes
def softplus_derivative(x):
    return 1 / (1 + np.exp(-np.clip(x, -50, 50)))


# %% wrong: nan left at 0
# fails: NaN and infinities as in torch
# NaN is in neither mask
def softplus_derivative(x):
    out = np.zeros_like(x)
    right, left = x >= 0, x < 0
    out[right] = 1 / (1 + np.exp(-x[right]))
    e = np.exp(x[left])
    out[left] = e / (1 + e)
    return out


# %% wrong: one minus exp of minus softplus
# fails: agrees with torch in float32
# fails: small results keep their digits
# fails: right from ±200 to ±1e30
# 1 - exp(-softplus) cancels on the left
def softplus_derivative(x):
    s = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
    return 1 - np.exp(-s)


# %% wrong: seterr left behind for the overflow
# fails: small results keep their digits
# fails: right from ±200 to ±1e30
# the overflow is still there; infinity in between gives 0 at -800, where the right answer is 1e-348, but at -740 too
def softplus_derivative(x):
    wide = x.astype(np.float32)
    with np.errstate(all="ignore"):
        return (1 / (1 + np.exp(-wide))).astype(x.dtype)


# %% wrong: tanh of the half
# fails: agrees with torch in float32
# fails: small results keep their digits
# fails: right from ±200 to ±1e30
# far on the left 1 + tanh cancels to 0
def softplus_derivative(x):
    return (1 + np.tanh(x / 2)) / 2


# %% wrong: written into a copy that ravel makes of a transposed array
# fails: right for transposed and strided arrays
def softplus_derivative(x):
    out = np.zeros_like(x)
    flat = out.ravel()
    flat[...] = one_row(x.ravel())
    return out


def one_row(x):
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


# %% wrong: scaled by the largest element, which an empty array has not
# fails: an empty array stays empty
def softplus_derivative(x):
    if np.abs(x).max() == 0:
        x = np.zeros_like(x)
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


# %% right: clip finfo
def softplus_derivative(x):
    limit = np.log(np.finfo(x.dtype).max) - 1
    return 1 / (1 + np.exp(-np.clip(x, -limit, limit)))


# %% right: exp of minus softplus
import torch


def _sp(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def softplus_derivative(x):
    return np.exp(-_sp(-x))


def compare_with_torch(x):
    return torch.sigmoid(torch.tensor(x)).numpy() - softplus_derivative(x)


# %% wrong: tanh half
# fails: agrees with torch in float32
# fails: small results keep their digits
# fails: right from ±200 to ±1e30
def softplus_derivative(x):
    return 0.5 * (1 + np.tanh(x / 2))


# %% wrong: zeros float64
# fails: float32 in gives float32 out
# fails: any shape, also none and empty
def softplus_derivative(x):
    small = np.exp(-np.abs(x))
    out = np.zeros(x.shape)
    out[...] = np.where(x >= 0, 1 / (1 + small), small / (1 + small))
    return out
