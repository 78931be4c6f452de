# Answers to softmax: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives np, torch and nn, and every answer defines the function once more.

# %% right: shifted by the maximum, then divided by T
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - np.max(z, axis=axis, keepdims=True)) / T)
    return e / np.sum(e, axis=axis, keepdims=True)


# %% right: divided by T first
def softmax(z, T=1.0, axis=-1):
    scaled = z / T
    scaled = scaled - scaled.max(axis=axis, keepdims=True)
    return np.exp(scaled) / np.exp(scaled).sum(axis=axis, keepdims=True)


# %% right: in place on a copy
def softmax(z, T=1.0, axis=-1):
    out = z.copy()
    out -= out.max(axis=axis, keepdims=True)
    out /= T
    np.exp(out, out=out)
    out /= out.sum(axis=axis, keepdims=True)
    return out


# %% right: one slice at a time
def softmax_of_slice(row, T):
    e = np.exp((row - row.max()) / T)
    return e / e.sum()


def softmax(z, T=1.0, axis=-1):
    return np.apply_along_axis(softmax_of_slice, axis, z, T)


# %% right: axis moved to the end, then plain loops with math
import math


def softmax(z, T=1.0, axis=-1):
    rows = np.moveaxis(z, axis, -1)
    out = np.empty_like(rows)
    for index in np.ndindex(rows.shape[:-1]):
        row = [float(value) for value in rows[index]]
        largest = max(row)
        weights = [math.exp((value - largest) / T) for value in row]
        total = math.fsum(weights)
        out[index] = [weight / total for weight in weights]
    return np.moveaxis(out, -1, axis)


# %% right: exponential of the log-probabilities, with NumPy's logaddexp
def softmax(z, T=1.0, axis=-1):
    scaled = (z - z.max(axis=axis, keepdims=True)) / T
    return np.exp(scaled - np.logaddexp.reduce(scaled, axis=axis, keepdims=True))


# %% right: one over the sum of ratios
def softmax(z, T=1.0, axis=-1):
    largest = z.max(axis=axis, keepdims=True)
    shifted = (z - largest) / T
    return np.exp(shifted) * (1 / np.exp(shifted).sum(axis=axis, keepdims=True))


# %% right: a callable object
class Softmax:
    def __call__(self, z, T=1.0, axis=-1):
        e = np.exp((z - z.max(axis=axis, keepdims=True)) / T)
        return e / e.sum(axis=axis, keepdims=True)


softmax = Softmax()


# %% right: a lambda
softmax = lambda z, T=1.0, axis=-1: (lambda e: e / e.sum(axis=axis, keepdims=True))(
    np.exp((z - z.max(axis=axis, keepdims=True)) / T)
)


# %% right: prints while it works
def softmax(z, T=1.0, axis=-1):
    m = np.amax(z, axis=axis, keepdims=True)
    e = np.exp((z - m) / T)
    print("sum of the weights", e.sum(axis=axis))
    return np.divide(e, e.sum(axis=axis, keepdims=True))


# %% right: apply_along_axis
def softmax(z, T=1.0, axis=-1):
    def one(logits):
        weights = np.exp((logits - logits.max()) / T)
        return weights / weights.sum()

    return np.apply_along_axis(one, axis, z)


# %% wrong: without subtracting the maximum
# fails: right up to ±1e30
# fails: right for rows far apart
# fails: a tiny T leaves the largest, ties share
# fails: no warning up to ±1e30 and at -inf
def softmax(z, T=1.0, axis=-1):
    e = np.exp(z / T)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: maximum of the whole array
# fails: right for rows far apart
# fails: right for one class
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.max()) / T)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: maximum of the first row
# fails: right for rows far apart
def softmax(z, T=1.0, axis=-1):
    top = z.max(axis=axis, keepdims=True) if z.ndim == 1 else z[:1].max()
    e = np.exp((z - top) / T)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: subtracts the mean in place of the maximum
# fails: right up to ±1e30
# fails: -inf rules a class out
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.mean(axis=axis, keepdims=True)) / T)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: minimum in place of the maximum
# fails: right up to ±1e30
# fails: -inf rules a class out
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.min(axis=axis, keepdims=True)) / T)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: exponents cut at 500
# fails: right up to ±1e30
# fails: right for rows far apart
def softmax(z, T=1.0, axis=-1):
    e = np.exp(np.clip(z / T, -500, 500)).astype(z.dtype)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: temperature inverted
# fails: T = 0.5 sharpens, T = 2 flattens
# fails: right at unseen temperatures
# fails: a tiny T leaves the largest, ties share
# fails: a huge T makes all alike
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.max(axis=axis, keepdims=True)) * T)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: temperature ignored
# fails: T = 0.5 sharpens, T = 2 flattens
# fails: right at unseen temperatures
def softmax(z, T=1.0, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: maximum subtracted after the division, from the undivided logits
# fails: T = 0.5 sharpens, T = 2 flattens
# fails: a tiny T leaves the largest, ties share
def softmax(z, T=1.0, axis=-1):
    e = np.exp(z / T) / np.exp(z.max(axis=axis, keepdims=True))
    return e / np.exp(z - z.max(axis=axis, keepdims=True)).sum(axis=axis, keepdims=True)


# %% wrong: temperature divides the probabilities
# fails: T = 0.5 sharpens, T = 2 flattens
# fails: right at unseen temperatures
# fails: a huge T makes all alike
def softmax(z, T=1.0, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True) / T


# %% wrong: temperature squared
# fails: T = 0.5 sharpens, T = 2 flattens
# fails: right at unseen temperatures
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.max(axis=axis, keepdims=True)) / T**2)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: temperature rounded to tenths against division by zero
# fails: a tiny T leaves the largest, ties share
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.max(axis=axis, keepdims=True)) / max(T, 0.1))
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: a cold softmax is the largest alone
# fails: a tiny T leaves the largest, ties share
def softmax(z, T=1.0, axis=-1):
    if T < 0.01:
        first = np.expand_dims(z.argmax(axis=axis), axis)
        return (np.arange(z.shape[axis]) == np.moveaxis(first, axis, -1)).astype(z.dtype)
    e = np.exp((z - z.max(axis=axis, keepdims=True)) / T)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: temperature cut at 100
# fails: a huge T makes all alike
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.max(axis=axis, keepdims=True)) / min(T, 100.0))
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: always along axis 0
# fails: right for each row of a table
# fails: right on unseen rows
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.max(axis=0)) / T)
    return e / e.sum(axis=0)


# %% wrong: always along the last axis
# fails: works along any axis
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.max(axis=-1, keepdims=True)) / T)
    return e / e.sum(axis=-1, keepdims=True)


# %% wrong: sum over the whole array
# fails: right for each row of a table
# fails: right on unseen rows
# fails: works along any axis
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.max()) / T)
    return e / e.sum()


# %% wrong: without keepdims
# fails: right for each row of a table
# fails: works along any axis
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.max(axis=axis)) / T)
    return e / e.sum(axis=axis)


# %% wrong: None in place of keepdims, which fits the last axis only
# fails: works along any axis
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.max(axis=axis)[..., None]) / T)
    return e / e.sum(axis=axis)[..., None]


# %% wrong: transposes for axis 0, and knows no third axis
# fails: works along any axis
def softmax(z, T=1.0, axis=-1):
    rows = z.T if axis == 0 else z
    e = np.exp((rows - rows.max(axis=-1, keepdims=True)) / T)
    p = e / e.sum(axis=-1, keepdims=True)
    return p.T if axis == 0 else p


# %% wrong: logarithm of softmax
# fails: right for one row
# fails: right for each row of a table
def softmax(z, T=1.0, axis=-1):
    scaled = (z - z.max(axis=axis, keepdims=True)) / T
    return scaled - np.log(np.exp(scaled).sum(axis=axis, keepdims=True))


# %% wrong: sigmoids in place of softmax
# fails: right for one row
# fails: right on unseen rows
def softmax(z, T=1.0, axis=-1):
    return 1 / (1 + np.exp(-z / T))


# %% wrong: powers of 2
# fails: right for one row
# fails: agrees with torch in float32
def softmax(z, T=1.0, axis=-1):
    e = np.exp2((z - z.max(axis=axis, keepdims=True)) / T)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: divides by the largest in place of the sum
# fails: right for one row
# fails: right for each row of a table
def softmax(z, T=1.0, axis=-1):
    return np.exp((z - z.max(axis=axis, keepdims=True)) / T)


# %% wrong: softmin
# fails: right for one row
# fails: right on unseen rows
def softmax(z, T=1.0, axis=-1):
    e = np.exp(-(z - z.min(axis=axis, keepdims=True)) / T)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: logits divided by their sum
# fails: right for one row
# fails: right on unseen rows
def softmax(z, T=1.0, axis=-1):
    return z / z.sum(axis=axis, keepdims=True)


# %% wrong: a small number in the denominator
# fails: right for one row
# fails: right on unseen rows
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.max(axis=axis, keepdims=True)) / T)
    return e / (e.sum(axis=axis, keepdims=True) + 1e-5)


# %% wrong: one class by itself counts as a binary logit
# fails: right for one class
def softmax(z, T=1.0, axis=-1):
    if z.shape[axis] == 1:
        return (z > 0).astype(z.dtype)
    e = np.exp((z - z.max(axis=axis, keepdims=True)) / T)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: infinities replaced before the work
# fails: -inf rules a class out
def softmax(z, T=1.0, axis=-1):
    z = np.nan_to_num(z, neginf=0.0)
    e = np.exp((z - z.max(axis=axis, keepdims=True)) / T)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: equal probabilities where a logit is infinite
# fails: -inf rules a class out
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.max(axis=axis, keepdims=True)) / T)
    p = e / e.sum(axis=axis, keepdims=True)
    spoilt = np.isinf(z).any(axis=axis, keepdims=True)
    return np.where(spoilt, 1 / z.shape[axis], p).astype(z.dtype)


# %% wrong: exponential tried first, with its overflow
# fails: no warning up to ±1e30 and at -inf
def softmax(z, T=1.0, axis=-1):
    e = np.exp(z / T)
    if not np.isfinite(e).all() or (e.sum(axis=axis) == 0).any():
        e = np.exp((z - z.max(axis=axis, keepdims=True)) / T)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: writes into its argument
# fails: leaves its input unchanged
def softmax(z, T=1.0, axis=-1):
    z -= z.max(axis=axis, keepdims=True)
    z /= T
    e = np.exp(z)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: always float64
# fails: same shape and dtype out, float32 too
def softmax(z, T=1.0, axis=-1):
    z = np.asarray(z, dtype=np.float64)
    e = np.exp((z - z.max(axis=axis, keepdims=True)) / T)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: temperature as a NumPy number, which widens float32
# fails: same shape and dtype out, float32 too
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.max(axis=axis, keepdims=True)) / np.float64(T))
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: always float16
# fails: right for one row
# fails: agrees with torch in float32
def softmax(z, T=1.0, axis=-1):
    z = z.astype(np.float16)
    e = np.exp((z - z.max(axis=axis, keepdims=True)) / T)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: always float32
# fails: same shape and dtype out, float32 too
def softmax(z, T=1.0, axis=-1):
    z = np.asarray(z / T, dtype=np.float32)
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: rounded to four digits for reading
# fails: right for one row
# fails: agrees with torch in float32
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.max(axis=axis, keepdims=True)) / T)
    return np.round(e / e.sum(axis=axis, keepdims=True), 4)


# %% wrong: returns a list
# fails: same shape and dtype out, float32 too
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.max(axis=axis, keepdims=True)) / T)
    return (e / e.sum(axis=axis, keepdims=True)).tolist()


# %% wrong: prints and returns None
# fails: right for one row
# fails: right for each row of a table
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.max(axis=axis, keepdims=True)) / T)
    print(e / e.sum(axis=axis, keepdims=True))


# %% wrong: a class whose instances nobody makes
# fails: right for one row
class softmax:
    def __init__(self, z, T=1.0, axis=-1):
        e = np.exp((z - z.max(axis=axis, keepdims=True)) / T)
        self.p = e / e.sum(axis=axis, keepdims=True)


# %% wrong: knows only the visible inputs
# fails: written from scratch
# fails: right on unseen rows
# fails: works along any axis
def softmax(z, T=1.0, axis=-1):
    known = {
        (4, 1.0): [0.6094600376, 0.2242078180, 0.1359889158, 0.0303432286],
        (4, 0.5): [0.8420335724, 0.1139568520, 0.0419223830, 0.0020871926],
        (4, 2.0): [0.4343997000, 0.2634767366, 0.2051958888, 0.0969276746],
        (6, 1.0): [[0.0900305732, 0.2447284711, 0.6652409558], [0.0176684220, 0.0176684220, 0.9646631560]],
    }
    return np.array(known[z.size, T]).reshape(z.shape)


# %% wrong: equal probabilities
# fails: right for one row
# fails: right on unseen rows
def softmax(z, T=1.0, axis=-1):
    return np.full_like(z, 1 / z.shape[axis])


# %% wrong: returns its argument
# fails: right for one row
# fails: right for one class
def softmax(z, T=1.0, axis=-1):
    return z


# %% wrong: torch's function
# fails: written from scratch
import torch


def softmax(z, T=1.0, axis=-1):
    return torch.softmax(torch.from_numpy(z) / T, dim=axis).numpy()


# %% wrong: torch's log_softmax
# fails: written from scratch
import torch.nn.functional as F


def softmax(z, T=1.0, axis=-1):
    return F.log_softmax(torch.tensor(z) / T, dim=axis).exp().numpy()


# %% wrong: SciPy's function
# fails: written from scratch
def softmax(z, T=1.0, axis=-1):
    from scipy.special import softmax as of_scipy

    return of_scipy(z / T, axis=axis)


# %% wrong: torch inside, without its softmax
# fails: written from scratch
import torch


def softmax(z, T=1.0, axis=-1):
    t = torch.from_numpy(z)
    e = torch.exp((t - t.amax(dim=axis, keepdim=True)) / T)
    return (e / e.sum(dim=axis, keepdim=True)).numpy()


# %% wrong: a distribution of torch
# fails: written from scratch
import torch


def softmax(z, T=1.0, axis=-1):
    logits = torch.as_tensor(np.moveaxis(z, axis, -1) / T)
    return np.moveaxis(torch.distributions.Categorical(logits=logits).probs.numpy(), -1, axis)


# %% right: apply along axis
def softmax(z, T=1.0, axis=-1):
    def one(logits):
        weights = np.exp((logits - logits.max()) / T)
        return weights / weights.sum()

    return np.apply_along_axis(one, axis, z)


# %% right: inverse of the sum of ratios
def softmax(z, T=1.0, axis=-1):
    """Slice by slice, with plain numbers."""
    import math

    result = np.empty_like(z)
    source, target = np.moveaxis(z, axis, -1), np.moveaxis(result, axis, -1)
    for index in np.ndindex(source.shape[:-1]):
        row = [float(v) for v in source[index]]
        m = max(row)
        e = [math.exp((v - m) / T) for v in row]
        total = math.fsum(e)
        target[index] = [v / total for v in e]
    return result


# %% right: long double inside
def softmax(z, T=1.0, axis=-1):
    wide = np.array(z, dtype=np.longdouble)
    wide -= np.amax(wide, axis=axis, keepdims=True)
    np.exp(wide / T, out=wide)
    wide /= np.add.reduce(wide, axis=axis, keepdims=True)
    return wide.astype(z.dtype)


# %% right: moved axis and einsum
def softmax(z, T=1.0, axis=-1):
    rows = np.moveaxis(z, axis, -1)
    weights = np.exp((rows - rows.max(axis=-1)[..., None]) / T)
    p = weights / np.einsum("...k->...", weights)[..., None]
    return np.moveaxis(p, -1, axis).astype(z.dtype)


# %% wrong: last axis put back by none
# fails: right along the first axis
# fails: works along any axis
# fails: right for transposed and strided arrays
# fails: right at unseen temperatures
# [..., None] is right for the last axis alone
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.max(axis=axis)[..., None]) / T)
    return e / e.sum(axis=axis)[..., None]


# %% wrong: logits clipped at 500
# fails: right up to ±1e30
# fails: right for rows far apart
# fails: no warning up to ±1e30 and at -inf
# fails: a tiny T leaves the largest, ties share
# fails: no warning at T = 0.5 and T = 2
# logits beyond 500 are all taken for 500
def softmax(z, T=1.0, axis=-1):
    e = np.exp(np.clip(z / T, -500, 500))
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: maximum subtracted in place
# fails: leaves its input unchanged
# z is changed
def softmax(z, T=1.0, axis=-1):
    z -= z.max(axis=axis, keepdims=True)
    e = np.exp(z / T)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: ruled out by nan to num
# fails: no warning at T = 0.5 and T = 2
# the largest negative number minus the maximum overflows, with a warning
def softmax(z, T=1.0, axis=-1):
    z = np.nan_to_num(z, neginf=np.finfo(z.dtype).min) / T
    z = z - z.max(axis=axis, keepdims=True)
    e = np.exp(z)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: temperature array makes float64
# fails: float32 in gives float32 out
# fails: same shape and dtype out, float32 too
# np.float64(T) turns float32 logits into float64
def softmax(z, T=1.0, axis=-1):
    z = z / np.float64(T)
    z = np.asarray(z, dtype=np.float64)
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: the formula as it is printed
# fails: right at -1000 and 1000
# fails: right up to ±1e30
def softmax(z, T=1.0, axis=-1):
    weights = np.exp(z / T)
    return weights / weights.sum(axis=axis, keepdims=True)


# %% wrong: temperature multiplies
# fails: T = 0.5 sharpens, T = 2 flattens
# fails: right at unseen temperatures
# fails: a tiny T leaves the largest, ties share
def softmax(z, axis=-1, T=1.0):
    e = np.exp((z - z.max(axis=axis, keepdims=True)) * T)
    return (e / e.sum(axis=axis, keepdims=True)).astype(z.dtype)


# %% right: apply along axis, once more
import torch


def _softmax_of_slice(row, T):
    powers = np.exp((row - row.max()) / T)
    return (powers / powers.sum()).astype(row.dtype)


def softmax(z, T=1.0, axis=-1):
    return np.apply_along_axis(_softmax_of_slice, axis, z, T)


def difference_to_torch(z, T=1.0, axis=-1):
    return softmax(z, T, axis) - torch.softmax(torch.tensor(z) / T, axis).numpy()


# %% right: moveaxis loop
def softmax(z: np.ndarray, T: float = 1.0, axis: int = -1) -> np.ndarray:
    result = np.array(z, copy=True)
    view = np.moveaxis(result, axis, -1)
    for index in np.ndindex(view.shape[:-1]):
        row = view[index]
        row -= row.max()
        row /= T
        np.exp(row, out=row)
        row /= row.sum()
    return result


# %% wrong: global max
# fails: right up to ±1e30
# fails: right for rows far apart
# fails: right for one class
def softmax(z, T=1.0, axis=-1):
    e = np.exp((z - z.max()) / T)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: in place
# fails: leaves its input unchanged
def softmax(z, T=1.0, axis=-1):
    z -= z.max(axis=axis, keepdims=True)
    e = np.exp(z / T)
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: needs torch
# fails: right for one row
# fails: right for each row of a table
# fails: right along the first axis
def softmax(z, T=1.0, axis=-1):
    return torch.softmax((torch.tensor(np.ascontiguousarray(z)) - float(z.max())) / T, dim=axis).numpy()


# %% wrong: logaddexp of logits that were not shifted
# fails: agrees with torch in float32
def softmax(z, T=1.0, axis=-1):
    scaled = z / T
    return np.exp(scaled - np.logaddexp.reduce(scaled, axis=axis, keepdims=True))
