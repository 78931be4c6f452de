# Answers to hardswish_derivative: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives np, ALPHA and LAMBDA, and every answer defines the function once more.

# %% right: nested where
def hardswish_derivative(x):
    middle = (2 * np.clip(x, -3, 3) + 3) / 6
    return np.where(x <= -3, 0, np.where(x >= 3, 1, middle)).astype(x.dtype)


# %% right: boolean masks
def hardswish_derivative(x):
    out = (2 * np.clip(x, -3, 3) + 3) / 6
    out = np.array(out, dtype=x.dtype)
    out[x < -3] = 0
    out[x > 3] = 1
    return out


# %% right: loop over the elements
def slope(value):
    if value < -3:
        return 0.0
    if value > 3:
        return 1.0
    return value / 3 + 0.5


def hardswish_derivative(x):
    out = np.empty_like(x)
    for index, value in np.ndenumerate(x):
        out[index] = slope(value)
    return out


# %% right: np.piecewise
def hardswish_derivative(x):
    return np.piecewise(x, [x <= -3, x >= 3], [0, 1, lambda v: (2 * v + 3) / 6])


# %% right: np.select, NaN by default
def hardswish_derivative(x):
    middle = (np.clip(x, -3, 3) * 2 + 3) / 6
    return np.select([x < -3, x > 3, x == x], [0, 1, middle], np.nan).astype(x.dtype)


# %% right: product rule with masks
def hardswish_derivative(x):
    inside = (np.abs(x) < 3).astype(x.dtype)
    gate = np.clip(x + 3, 0, 6) / 6
    return gate + np.clip(x, -3, 3) * inside / 6


# %% right: an instance of a class
class Slope:
    def __init__(self, bound):
        self.bound = bound

    def __call__(self, x):
        b = self.bound
        y = np.clip(x, -b, b)
        return (y / b + 0.5) * (np.abs(y) < b) + (x >= b)


hardswish_derivative = lambda x: np.where(np.isnan(x), x, Slope(3)(x)).astype(x.dtype)


# %% wrong: sign of the constant
# fails: right between -3 and 3
# fails: right on 100 inputs from -3 to 3
def hardswish_derivative(x):
    return np.where(x <= -3, 0, np.where(x >= 3, 1, (2 * np.clip(x, -3, 3) - 3) / 6)).astype(x.dtype)


# %% wrong: factor 2 left out
# fails: right between -3 and 3
# fails: right on 100 inputs from -3 to 3
def hardswish_derivative(x):
    return np.where(x <= -3, 0, np.where(x >= 3, 1, (np.clip(x, -3, 3) + 3) / 6)).astype(x.dtype)


# %% wrong: derivative of the gate alone
# fails: right between -3 and 3
# fails: 0 below -3, 1 above 3
# fails: right on 100 inputs from 3 to 20
# fails: right at -1000 and 1000
def hardswish_derivative(x):
    return ((np.abs(x) < 3) / 6).astype(x.dtype)


# %% wrong: the gate without the product rule
# fails: right between -3 and 3
# fails: right on 100 inputs from -3 to 3
def hardswish_derivative(x):
    return np.clip(x + 3, 0, 6) / 6


# %% wrong: the function itself
# fails: right between -3 and 3
# fails: 0 below -3, 1 above 3
# fails: right on 100 inputs from 3 to 20
def hardswish_derivative(x):
    return x * np.clip(x + 3, 0, 6) / 6


# %% wrong: divides by 3
# fails: right between -3 and 3
# fails: right on 100 inputs from -3 to 3
def hardswish_derivative(x):
    return np.where(x <= -3, 0, np.where(x >= 3, 1, (2 * np.clip(x, -3, 3) + 3) / 3)).astype(x.dtype)


# %% wrong: a third with three digits
# fails: right between -3 and 3
# fails: agrees with torch in float32
def hardswish_derivative(x):
    return np.where(x <= -3, 0, np.where(x >= 3, 1, 0.333 * np.clip(x, -3, 3) + 0.5)).astype(x.dtype)


# %% wrong: middle branch clipped to 0 and 1
# fails: right between -3 and 3
# fails: right on 100 inputs from -3 to 3
def hardswish_derivative(x):
    return np.clip((2 * x + 3) / 6, 0, 1)


# %% wrong: no branches
# fails: 0 below -3, 1 above 3
# fails: right on 100 inputs from -20 to -3
# fails: right on 100 inputs from 3 to 20
# fails: right at -1000 and 1000
# fails: NaN and infinities as in torch
def hardswish_derivative(x):
    return (2 * x + 3) / 6


# %% wrong: x instead of 1 on the right
# fails: 0 below -3, 1 above 3
# fails: right on 100 inputs from 3 to 20
# fails: right at -1000 and 1000
# fails: NaN and infinities as in torch
def hardswish_derivative(x):
    return np.where(x <= -3, 0 * np.clip(x, -3, 3), np.where(x >= 3, x, (2 * x + 3) / 6))


# %% wrong: forgets the left branch
# fails: 0 below -3, 1 above 3
# fails: right on 100 inputs from -20 to -3
hardswish_derivative = lambda x: np.where(x >= 3, 1, (2 * x + 3) / 6).astype(x.dtype)


# %% wrong: forgets the right branch
# fails: 0 below -3, 1 above 3
# fails: right on 100 inputs from 3 to 20
hardswish_derivative = lambda x: np.where(x <= -3, 0, (2 * x + 3) / 6).astype(x.dtype)


# %% wrong: outer branches exchanged
# fails: 0 below -3, 1 above 3
# fails: right on 100 inputs from -20 to -3
# fails: right on 100 inputs from 3 to 20
def hardswish_derivative(x):
    return np.where(x <= -3, 1, np.where(x >= 3, 0, (2 * np.clip(x, -3, 3) + 3) / 6)).astype(x.dtype)


# %% wrong: borders at -2 and 2
# fails: right between -3 and 3
# fails: right on 100 inputs from -3 to 3
def hardswish_derivative(x):
    return np.where(x <= -2, 0, np.where(x >= 2, 1, (2 * np.clip(x, -3, 3) + 3) / 6)).astype(x.dtype)


# %% wrong: left border at 0
# fails: right between -3 and 3
# fails: right on 100 inputs from -3 to 3
def hardswish_derivative(x):
    return np.where(x <= 0, 0, np.where(x >= 3, 1, (2 * np.clip(x, -3, 3) + 3) / 6)).astype(x.dtype)


# %% wrong: derivative of swish
# fails: right between -3 and 3
# fails: 0 below -3, 1 above 3
# fails: agrees with torch in float32
def hardswish_derivative(x):
    s = 1 / (1 + np.exp(-np.clip(x, -80, 80)))
    return s + x * s * (1 - s)


# %% wrong: steps blended with steep sigmoids
# fails: no warning up to ±1e30
def hardswish_derivative(x):
    left = 1 / (1 + np.exp(-50000 * (x + 3)))
    right = 1 / (1 + np.exp(-50000 * (x - 3)))
    return (left * (1 - right) * (2 * x + 3) / 6 + right).astype(x.dtype)


# %% wrong: central difference
# fails: agrees with torch in float32
def hardswish_derivative(x):
    def f(v):
        return v * np.clip(v + 3, 0, 6) / 6

    h = 1e-4
    return (f(x + h) - f(x - h)) / (2 * h)


# %% wrong: 0 times infinity
# fails: NaN and infinities as in torch
def hardswish_derivative(x):
    inside = (np.abs(x) < 3).astype(x.dtype)
    return inside * (2 * x + 3) / 6 + (x >= 3)


# %% wrong: a result array without the dtype
# fails: float32 in gives float32 out
def hardswish_derivative(x):
    out = np.zeros(x.shape)
    middle = ~(np.abs(x) >= 3)
    out[middle] = (2 * x[middle] + 3) / 6
    out[x >= 3] = 1
    return out


# %% wrong: an array of whole numbers
# fails: right between -3 and 3
# fails: right on 100 inputs from -3 to 3
def hardswish_derivative(x):
    out = np.zeros_like(x, dtype=int)
    middle = (x > -3) & (x < 3)
    out[middle] = (2 * x[middle] + 3) / 6
    out[x >= 3] = 1
    return out.astype(x.dtype)


# %% wrong: writes into its argument
# fails: leaves its input unchanged
def hardswish_derivative(x):
    left, right = x <= -3, x >= 3
    x *= 2
    x += 3
    x /= 6
    x[left] = 0
    x[right] = 1
    return x


# %% wrong: works on single numbers only
# fails: right between -3 and 3
# fails: 0 below -3, 1 above 3
# fails: keeps the shape
def hardswish_derivative(x):
    if x < -3:
        return 0.0
    elif x > 3:
        return 1.0
    return (2 * x + 3) / 6


# %% wrong: chained comparison of arrays
# fails: right between -3 and 3
# fails: keeps the shape
def hardswish_derivative(x):
    return np.where(-3 < x < 3, (2 * x + 3) / 6, x > 0)


# %% wrong: NaN becomes 0
# fails: NaN and infinities as in torch
def hardswish_derivative(x):
    out = np.zeros_like(x)
    middle = (x > -3) & (x < 3)
    out[middle] = (2 * x[middle] + 3) / 6
    out[x >= 3] = 1
    return out


# %% wrong: returns a list
# fails: keeps the shape
# fails: float32 in gives float32 out
# fails: any shape, also none and empty
def hardswish_derivative(x):
    return [0 if v < -3 else 1 if v > 3 else (2 * v + 3) / 6 for v in x]


# %% wrong: the mean slope
# fails: right between -3 and 3
# fails: keeps the shape
def hardswish_derivative(x):
    return np.mean(np.where(x <= -3, 0, np.where(x >= 3, 1, (2 * x + 3) / 6)))


# %% wrong: np.gradient of the values
# fails: right between -3 and 3
# fails: any shape, also none and empty
def hardswish_derivative(x):
    return np.gradient(x * np.clip(x + 3, 0, 6) / 6, x)


# %% wrong: drops the outer branches
# fails: 0 below -3, 1 above 3
# fails: right on 100 inputs from -20 to -3
def hardswish_derivative(x):
    inside = x[(x > -3) & (x < 3)]
    return ((2 * inside + 3) / 6).reshape(x.shape)


# %% wrong: only one axis
# fails: keeps the shape
# fails: any shape, also none and empty
def hardswish_derivative(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = 0 if x[i] < -3 else 1 if x[i] > 3 else (2 * x[i] + 3) / 6
    return out


# %% wrong: prints and returns None
# fails: right between -3 and 3
# fails: keeps the shape
def hardswish_derivative(x):
    print(np.where(x <= -3, 0, np.where(x >= 3, 1, (2 * x + 3) / 6)))


# %% wrong: a class instead of a function
# fails: right between -3 and 3
# fails: keeps the shape
class hardswish_derivative:
    def __call__(self, x):
        return np.where(x <= -3, 0, np.where(x >= 3, 1, (2 * np.clip(x, -3, 3) + 3) / 6)).astype(x.dtype)


# %% wrong: raises on its own
# fails: right between -3 and 3
# fails: written from scratch
def hardswish_derivative(x):
    raise ValueError("not differentiable at -3 and 3")


# %% wrong: not written
# fails: right between -3 and 3
# fails: 0 below -3, 1 above 3
# fails: keeps the shape
# fails: written from scratch
def hardswish_derivative(x):
    raise NotImplementedError


# %% wrong: knows only the visible inputs
# fails: keeps the shape
# fails: right on 100 inputs from -3 to 3
def hardswish_derivative(x):
    if x.tolist() == [-2.0, -1.0, 0.0, 1.0, 2.0]:
        return np.array([-0.1666666667, 0.1666666667, 0.5, 0.8333333333, 1.1666666667])
    if x.tolist() == [-6.0, -4.0, 4.0, 6.0]:
        return np.array([0.0, 0.0, 1.0, 1.0])


# %% wrong: autograd through torch's function
# fails: written from scratch
# fails: right on 100 inputs from -3 to 3
import torch


def hardswish_derivative(x):
    t = torch.tensor(x, requires_grad=True)
    torch.nn.functional.hardswish(t).sum().backward()
    return t.grad.numpy()


# %% wrong: torch's hard sigmoid and a mask
# fails: written from scratch
import torch
from torch.nn import functional as nnf


def hardswish_derivative(x):
    t = torch.from_numpy(x)
    return (nnf.hardsigmoid(t) + t.clamp(-3, 3) * (t.abs() < 3) / 6).numpy()


# %% wrong: torch inside, without its activations
# fails: written from scratch
import torch


def hardswish_derivative(x):
    t = torch.from_numpy(x)
    one, zero = torch.ones_like(t), torch.zeros_like(t)
    return torch.where(t < -3, zero, torch.where(t > 3, one, t / 3 + 0.5)).numpy()


# %% wrong: torch's autograd through a formula of one's own
# fails: written from scratch
import torch


def hardswish_derivative(x):
    t = torch.tensor(x, requires_grad=True)
    u = t.clamp(-3, 3)
    y = torch.where(t > 3, t, u * (u + 3) / 6)
    y.sum().backward()
    return np.where(np.isnan(x), x, t.grad.numpy())


# %% right: heaviside outside
def hardswish_derivative(x):
    return np.where(np.abs(x) < 3, x / 3 + 0.5, np.heaviside(x, 0.5)).astype(x.dtype)


# %% right: product rule
def hardswish_derivative(x):
    """(x g)' = g + x g' with the gate g."""
    gate = np.clip(x + 3, 0, 6) / 6
    inside = np.clip(x, -3, 3)
    slope_of_gate = (np.abs(x) < 3).astype(x.dtype) / 6
    return gate + inside * slope_of_gate


# %% wrong: boolean factors meet infinity
# fails: NaN and infinities as in torch
# 0 times infinity is NaN
def hardswish_derivative(x):
    return (np.abs(x) < 3) * (2 * x + 3) / 6 + (x >= 3)


# %% wrong: clipped between 0 and 1
# fails: right between -3 and 3
# fails: right on 100 inputs from -3 to 3
# fails: agrees with torch in float32
# fails: right for transposed and strided arrays
# the slope goes below 0 and above 1 inside
def hardswish_derivative(x):
    return np.clip((2 * x + 3) / 6, 0, 1)


# %% right: digitize puts nan last
def hardswish_derivative(x):
    part = np.digitize(x, [-3, 3])
    return np.choose(part, [np.zeros_like(x), (2 * np.clip(x, -3, 3) + 3) / 6, np.ones_like(x)])


# %% wrong: reshaped rows only
# fails: any shape, also none and empty
# fails: right for transposed and strided arrays
# works for one and two dimensions only
def hardswish_derivative(x):
    rows = np.atleast_2d(x)
    n, d = rows.shape
    out = np.empty((n, d), dtype=x.dtype)
    for i in range(n):
        for j in range(d):
            v = rows[i, j]
            out[i, j] = 0 if v < -3 else 1 if v > 3 else (2 * v + 3) / 6
    return out.reshape(x.shape)


# %% wrong: strides of the argument forgotten
# fails: right for transposed and strided arrays
# tobytes and frombuffer read a strided array well, but the result is put back in Fortran order
def hardswish_derivative(x):
    flat = np.frombuffer(x.tobytes(), dtype=x.dtype)
    slope = np.where(flat < -3, 0, np.where(flat > 3, 1, (2 * np.clip(flat, -3, 3) + 3) / 6))
    slope = np.where(np.isnan(flat), flat, slope).astype(x.dtype)
    order = "F" if x.flags.f_contiguous and not x.flags.c_contiguous else "C"
    return slope.reshape(x.shape, order=order)


# %% wrong: written into a copy that ravel makes of a transposed array
# fails: right for transposed and strided arrays
def hardswish_derivative(x):
    out = np.zeros_like(x)
    flat = out.ravel()
    flat[...] = one_row(x.ravel())
    return out


def one_row(x):
    return np.where(x <= -3, 0, np.where(x >= 3, 1, (2 * np.clip(x, -3, 3) + 3) / 6)).astype(x.dtype)


# %% wrong: scaled by the largest element, which an empty array has not
# fails: an empty array stays empty
def hardswish_derivative(x):
    if np.abs(x).max() == 0:
        x = np.zeros_like(x)
    return np.where(x <= -3, 0, np.where(x >= 3, 1, (2 * np.clip(x, -3, 3) + 3) / 6)).astype(x.dtype)


# %% wrong: pieces told apart by 32-bit integers
# fails: right from ±200 to ±1e30
def hardswish_derivative(x):
    whole = np.trunc(np.remainder(np.nan_to_num(x), 2.0**32)).astype(np.int64)
    right = np.where(whole >= 2**31, 0.0, 1.0)
    inside = np.abs(x) < 3
    return np.where(inside, (2 * np.clip(x, -3, 3) + 3) / 6, np.where(np.isnan(x), x, right)).astype(x.dtype)


# %% right: searchsorted picks one of three pieces
def hardswish_derivative(x):
    piece = np.searchsorted([-3.0, 3.0], x)
    pieces = np.stack([np.zeros_like(x), np.clip(x, -3, 3) / 3 + 0.5, np.ones_like(x)])
    out = np.take_along_axis(pieces, np.asarray(piece)[np.newaxis], axis=0)[0]
    return np.where(np.isnan(x), x, out).astype(x.dtype)


# %% wrong: the gate's slope is forgotten
# fails: right between -3 and 3
# fails: right on 100 inputs from -3 to 3
# fails: agrees with torch in float32
def hardswish_derivative(x):
    return np.clip(x + 3, 0, 6) / 6


# %% right: select walrus
def hardswish_derivative(x):
    if (size := x.size) == 0:
        return x.copy()
    inside = (2 * np.clip(x, -3, 3) + 3) / 6
    return np.select([x < -3, x > 3], [np.zeros_like(x), np.ones_like(x)], default=inside)


# %% right: vectorize
def _slope(v):
    if v != v:
        return v
    if abs(v) > 3:
        return float(v > 0)
    return v / 3 + 0.5


def hardswish_derivative(x):
    return np.vectorize(_slope, otypes=[x.dtype])(x)


# %% wrong: central difference, once more
# fails: right from ±200 to ±1e30
# fails: NaN and infinities as in torch
def hardswish_derivative(x):
    def f(v):
        return v * np.clip(v + 3, 0, 6) / 6

    wide = x.astype(np.float64)
    h = 1e-5
    return ((f(wide + h) - f(wide - h)) / (2 * h)).astype(x.dtype)


# %% wrong: writes into x
# fails: leaves its input unchanged
def hardswish_derivative(x):
    x[x < -3] = -1.5
    x[x > 3] = 1.5
    return (2 * x + 3) / 6
