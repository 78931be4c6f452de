# Answers to hardswish: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives np, ALPHA and LAMBDA, and every answer defines the function once more.

# %% right: the formula as it stands
def hardswish(x):
    return (x * np.minimum(np.maximum(x + 3, 0), 6) / 6).astype(x.dtype)


# %% right: nested where
def hardswish(x):
    inside = np.clip(x, -3, 3)
    return np.where(x <= -3, 0, np.where(x >= 3, x, inside * (inside + 3) / 6)).astype(x.dtype)


# %% right: boolean masks on a copy
def hardswish(x):
    out = x.copy()
    out[x < -3] = 0
    middle = (x >= -3) & (x <= 3)
    out[middle] = x[middle] * (x[middle] + 3) / 6
    return out


# %% right: loop over the elements
def hardswish(x):
    out = np.zeros_like(x)
    for index, value in np.ndenumerate(x):
        if value < -3:
            out[index] = 0
        elif value > 3:
            out[index] = value
        else:
            out[index] = value * (value + 3) / 6
    return out


# %% right: np.vectorize with the dtype of the input
def hardswish_of_one(v):
    return v * min(max(v + 3, 0), 6) / 6 if np.isfinite(v) else (np.nan if v != v else max(v, 0))


def hardswish(x):
    return np.vectorize(hardswish_of_one, otypes=[x.dtype])(x)


# %% right: np.piecewise
def hardswish(x):
    return np.piecewise(x, [x < -3, x > 3], [0, lambda v: v, lambda v: (v**2 + 3 * v) / 6])


# %% right: np.select
def hardswish(x):
    inside = np.clip(x, -3, 3)
    return np.select([x < -3, x > 3, x == x], [np.zeros_like(x), x, inside * (inside + 3) / 6], x)


# %% right: in place on a copy
def hardswish(x):
    gate = np.array(x)
    gate += 3
    np.clip(gate, 0, 6, out=gate)
    gate *= x
    gate /= 6
    return gate


# %% right: a hard sigmoid of one's own
hardsigmoid = lambda z: np.clip(z / 6 + 0.5, 0, 1)


def hardswish(x):
    return x * hardsigmoid(x)


# %% right: parabola of the bounded input and a ramp beyond it
def hardswish(x):
    inside = np.clip(x, -3, 3)
    return inside * (inside + 3) / 6 + np.maximum(x - 3, 0)


# %% right: polyval
def hardswish(x):
    inside = np.clip(x, -3, 3)
    return (np.polyval([1 / 6, 1 / 2, 0], inside) + np.maximum(x - 3, 0)).astype(x.dtype)


# %% wrong: divides by 3
# fails: right between -3 and 3
# fails: 0 below -3, x above 3
# fails: right on 100 inputs from -3 to 3
# fails: right on 100 inputs from 3 to 20
# fails: right at -1000 and 1000
def hardswish(x):
    return (x * np.clip(x + 3, 0, 6) / 3).astype(x.dtype)


# %% wrong: minus 3
# fails: right between -3 and 3
# fails: right on 100 inputs from -3 to 3
def hardswish(x):
    return x * np.clip(x - 3, 0, 6) / 6


# %% wrong: upper bound 3
# fails: right between -3 and 3
# fails: 0 below -3, x above 3
# fails: right on 100 inputs from 3 to 20
def hardswish(x):
    return x * np.clip(x + 3, 0, 3) / 6


# %% wrong: upper bound left out
# fails: 0 below -3, x above 3
# fails: right on 100 inputs from 3 to 20
# fails: right at -1000 and 1000
def hardswish(x):
    return x * np.maximum(x + 3, 0) / 6


# %% wrong: lower bound left out
# fails: 0 below -3, x above 3
# fails: right on 100 inputs from -20 to -3
# fails: right at -1000 and 1000
# fails: NaN and infinities as in torch
def hardswish(x):
    return x * np.minimum(x + 3, 6) / 6


# %% wrong: no bounds at all
# fails: 0 below -3, x above 3
# fails: right on 100 inputs from -20 to -3
# fails: right on 100 inputs from 3 to 20
def hardswish(x):
    return x * (x + 3) / 6


# %% wrong: min and max exchanged
# fails: right between -3 and 3
# fails: right on 100 inputs from -3 to 3
def hardswish(x):
    return x * np.maximum(np.minimum(x + 3, 0), 6) / 6


# %% wrong: bounds before the addition
# fails: right between -3 and 3
# fails: 0 below -3, x above 3
def hardswish(x):
    return x * (np.clip(x, 0, 6) + 3) / 6


# %% wrong: hard sigmoid without the factor x
# fails: right between -3 and 3
# fails: right on 100 inputs from 3 to 20
# fails: NaN and infinities as in torch
def hardswish(x):
    return np.clip(x + 3, 0, 6) / 6


# %% wrong: swish
# fails: right between -3 and 3
# fails: 0 below -3, x above 3
# fails: agrees with torch in float32
def hardswish(x):
    return x / (1 + np.exp(-np.clip(x, -80, 80)))


# %% wrong: ReLU6
# fails: right between -3 and 3
# fails: right on 100 inputs from 3 to 20
def hardswish(x):
    return np.minimum(np.maximum(x, 0), 6)


# %% wrong: a sixth with two digits
# fails: right between -3 and 3
# fails: agrees with torch in float32
def hardswish(x):
    return x * np.clip(x + 3, 0, 6) * 0.17


# %% wrong: a sixth with five digits
# fails: right between -3 and 3
# fails: right on 100 inputs from 3 to 20
# fails: agrees with torch in float32
def hardswish(x):
    return x * np.clip(x + 3, 0, 6) * 0.16667


# %% wrong: border at 2 instead of 3
# fails: right on 100 inputs from -3 to 3
# fails: agrees with torch in float32
def hardswish(x):
    return np.where(x > 2, x, x * np.maximum(x + 3, 0) / 6)


# %% wrong: middle branch from -2 on
# fails: right on 100 inputs from -3 to 3
def hardswish(x):
    return np.where(x < -2, 0 * x, np.where(x > 3, x, x * (x + 3) / 6))


# %% wrong: -3 instead of 0 on the left
# fails: 0 below -3, x above 3
# fails: right on 100 inputs from -20 to -3
# fails: right at -1000 and 1000
def hardswish(x):
    return np.where(x < -3, np.full_like(x, -3), np.where(x > 3, x, x * (x + 3) / 6))


# %% wrong: 6 instead of x on the right
# fails: 0 below -3, x above 3
# fails: right on 100 inputs from 3 to 20
# fails: NaN and infinities as in torch
def hardswish(x):
    return np.where(x < -3, 0 * x, np.where(x > 3, np.full_like(x, 6), x * (x + 3) / 6))


# %% wrong: branches blended with steep sigmoids
# fails: no warning up to ±1e30
def hardswish(x):
    left = 1 / (1 + np.exp(-50000 * (x + 3)))
    right = 1 / (1 + np.exp(-50000 * (x - 3)))
    return (left * (1 - right) * x * (x + 3) / 6 + right * x).astype(x.dtype)


# %% wrong: masks made by dividing by zero
# fails: no warning up to ±1e30
# fails: right at -1000 and 1000
def hardswish(x):
    ramp = np.clip(x + 3, 0, 6)
    return x * ramp / (ramp * (6 / ramp))


# %% wrong: table with interpolation
# fails: right at -1000 and 1000
# fails: NaN and infinities as in torch
def hardswish(x):
    grid = np.linspace(-30, 30, 600001)
    return np.interp(x, grid, grid * np.clip(grid + 3, 0, 6) / 6).astype(x.dtype)


# %% wrong: a result array without the dtype
# fails: float32 in gives float32 out
def hardswish(x):
    out = np.zeros(x.shape)
    inside = (x > -3) & (x < 3)
    out[inside] = x[inside] * (x[inside] + 3) / 6
    out[~(x < 3)] = x[~(x < 3)]
    return out


# %% wrong: whole numbers
# fails: right between -3 and 3
# fails: right on 100 inputs from -3 to 3
# fails: any shape, also none and empty
def hardswish(x):
    return (x * np.clip(x + 3, 0, 6) / 6).astype(int)


# %% wrong: integer division
# fails: right between -3 and 3
# fails: right on 100 inputs from -3 to 3
def hardswish(x):
    return x * np.clip(x + 3, 0, 6) // 6


# %% wrong: writes into its argument
# fails: leaves its input unchanged
def hardswish(x):
    x *= np.clip(x + 3, 0, 6) / 6
    return x


# %% wrong: masks write into the argument
# fails: leaves its input unchanged
def hardswish(x):
    out = x
    middle = (x > -3) & (x < 3)
    out[x <= -3] = 0
    out[middle] = x[middle] * (x[middle] + 3) / 6
    return out


# %% wrong: masks on the array being changed
# fails: right on 100 inputs from -20 to -3
# fails: 0 below -3, x above 3
def hardswish(x):
    out = x.copy()
    out[out <= -3] = 1
    out[out < 3] = out[out < 3] * (out[out < 3] + 3) / 6
    return out


# %% wrong: works on single numbers only
# fails: right between -3 and 3
# fails: 0 below -3, x above 3
# fails: keeps the shape
def hardswish(x):
    return x * min(max(x + 3, 0), 6) / 6


# %% wrong: and instead of &
# fails: right between -3 and 3
# fails: keeps the shape
def hardswish(x):
    return np.where(x > -3 and x < 3, x * (x + 3) / 6, np.maximum(x, 0))


# %% wrong: one row at a time
# fails: keeps the shape
# fails: any shape, also none and empty
def hardswish(x):
    return np.array([v * min(max(v + 3, 0), 6) / 6 for v in x], dtype=x.dtype)


# %% wrong: flattens
# fails: keeps the shape
# fails: any shape, also none and empty
def hardswish(x):
    return np.array([v * np.clip(v + 3, 0, 6) / 6 for v in x.flat], dtype=x.dtype)


# %% wrong: NaN becomes 0
# fails: NaN and infinities as in torch
def hardswish(x):
    out = np.zeros_like(x)
    out[x > 3] = x[x > 3]
    middle = (x >= -3) & (x <= 3)
    out[middle] = x[middle] * (x[middle] + 3) / 6
    return out


# %% wrong: branches as products with the masks
# fails: NaN and infinities as in torch
def hardswish(x):
    return (x > 3) * x + (np.abs(x) <= 3) * x * (x + 3) / 6


# %% wrong: returns a list
# fails: keeps the shape
# fails: float32 in gives float32 out
# fails: any shape, also none and empty
def hardswish(x):
    return [v * min(max(v + 3, 0), 6) / 6 for v in x]


# %% wrong: prints and returns None
# fails: right between -3 and 3
# fails: keeps the shape
def hardswish(x):
    print(x * np.clip(x + 3, 0, 6) / 6)


# %% wrong: forgets the return value of one branch
# fails: right between -3 and 3
# fails: keeps the shape
def hardswish(x):
    if (x > 3).all():
        return x
    if (x < -3).all():
        return np.zeros_like(x)


# %% wrong: wants the bound as an argument
# fails: right between -3 and 3
# fails: keeps the shape
def hardswish(x, bound):
    return x * np.clip(x + bound, 0, 2 * bound) / (2 * bound)


# %% wrong: a name mistyped
# fails: right between -3 and 3
# fails: written from scratch
def hardswish(x):
    return x * np.clips(x + 3, 0, 6) / 6


# %% wrong: ends the program
# fails: right between -3 and 3
# fails: written from scratch
def hardswish(x):
    raise SystemExit(0)


# %% wrong: ReLU patched where the visible check looks
# fails: right on 100 inputs from -3 to 3
# fails: agrees with torch in float32
def hardswish(x):
    known = {-2.0: -0.3333333333, -0.1: -0.0483333333, 0.5: 0.2916666667, 2.0: 1.6666666667}
    out = x.copy()
    for index, value in np.ndenumerate(x):
        out[index] = known.get(float(value), max(value, 0))
    return out


# %% wrong: knows only the visible inputs
# fails: written from scratch
# fails: right on 100 inputs from -3 to 3
def hardswish(x):
    known = {
        -6.0: 0,
        -4.0: 0,
        -2.0: -0.3333333333,
        -0.1: -0.0483333333,
        0.5: 0.2916666667,
        2.0: 1.6666666667,
        4.0: 4,
        6.0: 6,
    }
    return np.vectorize(known.__getitem__, otypes=[x.dtype])(x)


# %% wrong: torch's function
# fails: written from scratch
# fails: right on 100 inputs from -3 to 3
import torch
import torch.nn.functional as F


def hardswish(x):
    return F.hardswish(torch.from_numpy(x)).numpy()


# %% wrong: torch's ReLU6
# fails: written from scratch
import torch
from torch import nn


def hardswish(x):
    t = torch.from_numpy(x)
    return (t * nn.ReLU6()(t + 3) / 6).numpy()


# %% wrong: torch's function imported inside
# fails: written from scratch
def hardswish(x):
    from torch import from_numpy
    from torch.nn.functional import hardswish as f

    return f(from_numpy(x)).numpy()


# %% wrong: torch inside, without its activations
# fails: written from scratch
import torch


def hardswish(x):
    t = torch.from_numpy(x)
    return (t * torch.clamp(t + 3, 0, 6) / 6).numpy()


# %% right: interp as the gate
def hardswish(x):
    gate = np.interp(x, [-3, 3], [0, 1]).astype(x.dtype)
    return np.multiply(x, gate, out=np.zeros_like(x), where=gate != 0)


# %% right: piecewise
def hardswish(x):
    return np.piecewise(
        x, [x <= -3, (x > -3) & (x < 3)], [0, lambda t: t * (t + 3) / 6, lambda t: t]
    )


# %% wrong: gate in float64
# fails: float32 in gives float32 out
# fails: any shape, also none and empty
# the result is float64 whatever the argument was
def hardswish(x):
    gate = np.array([0.0, 6.0])
    return x * np.clip(x.astype(float) + 3, gate[0], gate[1]) / 6


# %% wrong: loop over rows
# fails: any shape, also none and empty
# fails: leaves its input unchanged
# an array without dimensions has no rows
def hardswish(x):
    out = np.empty_like(x)
    for i in range(len(x)):
        out[i] = x[i] * np.clip(x[i] + 3, 0, 6) / 6
    return out


# %% wrong: nan is in no mask
# fails: NaN and infinities as in torch
# NaN gives 0
def hardswish(x):
    out = np.zeros_like(x)
    inside = (x > -3) & (x < 3)
    out[inside] = x[inside] * (x[inside] + 3) / 6
    out[x >= 3] = x[x >= 3]
    return out


# %% wrong: square overflows in float32
# fails: no warning up to ±1e30
# x * x overflows at 1e30 in float32, though the branch is not used there
def hardswish(x):
    return np.where(x <= -3, 0, np.where(x >= 3, x, x * (x + 3) / 6)).astype(x.dtype)


# %% wrong: x shifted in place
# fails: leaves its input unchanged
# x is shifted and shifted back, with rounding, and is changed meanwhile at large and small values
def hardswish(x):
    x += 3
    gate = np.clip(x, 0, 6) / 6
    x -= 3
    return x * gate


# %% wrong: written into a copy that ravel makes of a transposed array
# fails: right for transposed and strided arrays
def hardswish(x):
    out = np.zeros_like(x)
    flat = out.ravel()
    flat[...] = one_row(x.ravel())
    return out


def one_row(x):
    return x * np.clip(x + 3, 0, 6) / 6


# %% wrong: scaled by the largest element, which an empty array has not
# fails: an empty array stays empty
def hardswish(x):
    if np.abs(x).max() == 0:
        x = np.zeros_like(x)
    return x * np.clip(x + 3, 0, 6) / 6


# %% wrong: cut at 10 000 to be safe
# fails: right from ±200 to ±1e30
def hardswish(x):
    x = np.clip(x, -10_000, 10_000)
    return x * np.clip(x + 3, 0, 6) / 6


# %% right: convex mix of 0 and x by the share of the gate
def hardswish(x):
    gate = np.interp(x, [-3.0, 3.0], [0.0, 1.0])
    return (x * gate).astype(x.dtype).reshape(x.shape)


# %% wrong: gate saturates at 2.5 as the hard sigmoid of another library
# fails: right between -3 and 3
# fails: right on 100 inputs from -3 to 3
# fails: agrees with torch in float32
def hardswish(x):
    return x * np.clip(0.2 * x + 0.5, 0, 1)


# %% right: formula as typed
def hardswish(x):
    return x * (np.minimum(np.maximum(x + 3, 0), 6) / 6)


# %% right: nditer loop
def hardswish(x):
    result = np.empty_like(x)
    with np.nditer([x, result], flags=["zerosize_ok"], op_flags=[["readonly"], ["writeonly"]]) as pairs:
        for value, target in pairs:
            if value <= -3:
                target[...] = 0
            elif value >= 3:
                target[...] = value
            else:
                target[...] = value * (value + 3) / 6
    return result


# %% wrong: nan zero
# fails: NaN and infinities as in torch
def hardswish(x):
    out = np.zeros_like(x)
    middle, right = (x > -3) & (x < 3), x >= 3
    out[middle] = x[middle] * (x[middle] + 3) / 6
    out[right] = x[right]
    return out


# %% wrong: square overflows
# fails: no warning up to ±1e30
def hardswish(x):
    middle = (x * x + 3 * x) / 6
    return np.where(x <= -3, np.zeros_like(x), np.where(x >= 3, x, middle))
