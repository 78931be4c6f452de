# Answers to log_softmax: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives np, torch and nn, and every answer defines the function once more.

# %% right: shifted, minus the logarithm of the sum
def log_softmax(z, axis=-1):
    shifted = z - np.max(z, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


# %% right: minus one's own logsumexp
def log_sum_exp(z, axis):
    m = z.max(axis=axis, keepdims=True)
    return m + np.log(np.exp(z - m).sum(axis=axis, keepdims=True))


def log_softmax(z, axis=-1):
    m = z.max(axis=axis, keepdims=True)
    return (z - m) - log_sum_exp(z - m, axis)


# %% right: NumPy's logaddexp
def log_softmax(z, axis=-1):
    z = z - z.max(axis=axis, keepdims=True)
    return z - np.logaddexp.reduce(z, axis=axis, keepdims=True)


# %% right: log1p of the sum without the largest
def log_softmax(z, axis=-1):
    rows = np.moveaxis(z, axis, -1)
    order = np.sort(rows, axis=-1)
    rest = np.exp(order[..., :-1] - order[..., -1:]).sum(axis=-1, keepdims=True)
    return np.moveaxis(rows - order[..., -1:] - np.log1p(rest), -1, axis)


# %% right: one slice at a time
def log_softmax(z, axis=-1):
    def of_slice(row):
        row = row - row.max()
        return row - np.log(np.exp(row).sum())

    return np.apply_along_axis(of_slice, axis, z)


# %% right: plain loops with math
import math


def log_softmax(z, axis=-1):
    rows = np.moveaxis(z, axis, -1)
    out = np.empty_like(rows)
    for index in np.ndindex(rows.shape[:-1]):
        row = rows[index].tolist()
        top = max(row)
        log_sum = math.log(sum(math.exp(value - top) for value in row))
        for k, value in enumerate(row):
            out[index + (k,)] = value - top - log_sum
    return np.moveaxis(out, -1, axis)


# %% right: in place on a copy
def log_softmax(z, axis=-1):
    out = np.array(z)
    out -= out.max(axis=axis, keepdims=True)
    out -= np.log(np.exp(out).sum(axis=axis, keepdims=True))
    return out


# %% right: a lambda after a helper
def _centred(z, axis):
    return z - z.max(axis=axis, keepdims=True)


log_softmax = lambda z, axis=-1: _centred(z, axis) - np.log(np.exp(_centred(z, axis)).sum(axis=axis, keepdims=True))


# %% wrong: logarithm of softmax
# fails: right for the logits 0 and 1000
# fails: right up to ±1e30
# fails: no warning up to ±1e30 and at -inf
def log_softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return np.log(e / e.sum(axis=axis, keepdims=True))


# %% wrong: logarithm of softmax, kept from 0 by a small number
# fails: right for the logits 0 and 1000
# fails: right up to ±1e30
# fails: -inf rules a class out
def log_softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return np.log(e / e.sum(axis=axis, keepdims=True) + 1e-12)


# %% wrong: logarithm of softmax, cut at 1e-15
# fails: right for the logits 0 and 1000
# fails: right up to ±1e30
# fails: -inf rules a class out
def log_softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return np.log(np.maximum(e / e.sum(axis=axis, keepdims=True), 1e-15))


# %% wrong: without subtracting the maximum
# fails: right for the logits 0 and 1000
# fails: right for rows far apart
# fails: no warning up to ±1e30 and at -inf
def log_softmax(z, axis=-1):
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


# %% wrong: maximum of the whole array
# fails: right for rows far apart
def log_softmax(z, axis=-1):
    shifted = z - z.max()
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


# %% wrong: maximum subtracted in the sum only
# fails: right for one row
# fails: right for each row of a table
def log_softmax(z, axis=-1):
    m = z.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z - m).sum(axis=axis, keepdims=True))


# %% wrong: maximum added back twice
# fails: right for one row
# fails: right on unseen rows
def log_softmax(z, axis=-1):
    m = z.max(axis=axis, keepdims=True)
    shifted = z - m
    return shifted - (m + np.log(np.exp(shifted).sum(axis=axis, keepdims=True)))


# %% wrong: sign turned
# fails: right for one row
# fails: right on unseen rows
def log_softmax(z, axis=-1):
    shifted = z - z.max(axis=axis, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=axis, keepdims=True)) - shifted


# %% wrong: logarithm to base 2
# fails: right for one row
# fails: agrees with torch in float32
def log_softmax(z, axis=-1):
    shifted = z - z.max(axis=axis, keepdims=True)
    return (shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))) / z.dtype.type(np.log(2))


# %% wrong: log2 of the sum
# fails: right for one row
# fails: right for each row of a table
def log_softmax(z, axis=-1):
    shifted = z - z.max(axis=axis, keepdims=True)
    return shifted - np.log2(np.exp(shifted).sum(axis=axis, keepdims=True))


# %% wrong: log1p of the whole sum
# fails: right for one row
# fails: right for one class
def log_softmax(z, axis=-1):
    shifted = z - z.max(axis=axis, keepdims=True)
    return shifted - np.log1p(np.exp(shifted).sum(axis=axis, keepdims=True))


# %% wrong: mean in place of the sum
# fails: right for one row
# fails: right on unseen rows
def log_softmax(z, axis=-1):
    shifted = z - z.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).mean(axis=axis, keepdims=True))


# %% wrong: softmax itself
# fails: right for one row
# fails: right on unseen rows
def log_softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


# %% wrong: log-sigmoids
# fails: right for one row
# fails: right on unseen rows
def log_softmax(z, axis=-1):
    return -np.logaddexp(0, -z)


# %% wrong: always along axis 0
# fails: right for each row of a table
# fails: right on unseen rows
def log_softmax(z, axis=-1):
    shifted = z - z.max(axis=0)
    return shifted - np.log(np.exp(shifted).sum(axis=0))


# %% wrong: always along the last axis
# fails: works along any axis
def log_softmax(z, axis=-1):
    shifted = z - z.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


# %% wrong: axis 1 written out
# fails: right for one row
# fails: works along any axis
def log_softmax(z, axis=-1):
    shifted = z - z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


# %% wrong: without keepdims
# fails: right for each row of a table
# fails: works along any axis
def log_softmax(z, axis=-1):
    shifted = z - z.max(axis=axis)
    return shifted - np.log(np.exp(shifted).sum(axis=axis))


# %% wrong: sum over the whole array
# fails: right for each row of a table
# fails: right on unseen rows
def log_softmax(z, axis=-1):
    shifted = z - z.max()
    return shifted - np.log(np.exp(shifted).sum())


# %% wrong: a class that is ruled out gets a large number
# fails: -inf rules a class out
def log_softmax(z, axis=-1):
    shifted = np.nan_to_num(z - z.max(axis=axis, keepdims=True), neginf=-1e9)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


# %% wrong: infinite exponents left over as NaN
# fails: -inf rules a class out
def log_softmax(z, axis=-1):
    shifted = z - z.max(axis=axis, keepdims=True)
    with np.errstate(invalid="ignore"):
        weights = np.exp(shifted)
        return shifted - np.log(weights.sum(axis=axis, keepdims=True)) + 0 * shifted


# %% wrong: logits cut at -700
# fails: right for the logits 0 and 1000
# fails: right up to ±1e30
def log_softmax(z, axis=-1):
    shifted = np.maximum(z - z.max(axis=axis, keepdims=True), -700)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


# %% wrong: exponential tried first, with its overflow
# fails: no warning up to ±1e30 and at -inf
def log_softmax(z, axis=-1):
    total = np.exp(z).sum(axis=axis, keepdims=True)
    if np.isfinite(total).all() and (total > 0).all():
        return z - np.log(total)
    shifted = z - z.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


# %% wrong: one class counts as none
# fails: right for one class
def log_softmax(z, axis=-1):
    if z.shape[axis] < 2:
        return z
    shifted = z - z.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


# %% wrong: writes into its argument
# fails: leaves its input unchanged
def log_softmax(z, axis=-1):
    z -= z.max(axis=axis, keepdims=True)
    z -= np.log(np.exp(z).sum(axis=axis, keepdims=True))
    return z


# %% wrong: a result array without the dtype
# fails: same shape and dtype out, float32 too
def log_softmax(z, axis=-1):
    out = np.zeros(z.shape)
    out += z - z.max(axis=axis, keepdims=True)
    out -= np.log(np.exp(out).sum(axis=axis, keepdims=True))
    return out


# %% wrong: a column too many
# fails: right for one row
# fails: same shape and dtype out, float32 too
def log_softmax(z, axis=-1):
    z = np.atleast_2d(z)
    shifted = z - z.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


# %% wrong: returns a list
# fails: same shape and dtype out, float32 too
def log_softmax(z, axis=-1):
    shifted = z - z.max(axis=axis, keepdims=True)
    return (shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))).tolist()


# %% wrong: prints and returns None
# fails: right for one row
def log_softmax(z, axis=-1):
    shifted = z - z.max(axis=axis, keepdims=True)
    print(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)))


# %% wrong: knows only the visible inputs
# fails: written from scratch
# fails: right on unseen rows
def log_softmax(z, axis=-1):
    known = {
        2: [-1000.0, 0.0],
        4: [-0.4951818981, -1.4951818981, -1.9951818981, -3.4951818981],
        6: [[-2.4076059644, -1.4076059644, -0.4076059644], [-4.0359762997, -4.0359762997, -0.0359762997]],
    }
    return np.array(known[z.size]).reshape(z.shape)


# %% wrong: torch's function
# fails: written from scratch
import torch


def log_softmax(z, axis=-1):
    return torch.log_softmax(torch.tensor(z), dim=axis).numpy()


# %% wrong: torch's softmax, then the logarithm
# fails: written from scratch
# fails: right for the logits 0 and 1000
import torch


def log_softmax(z, axis=-1):
    return torch.tensor(z).softmax(dim=axis).log().numpy()


# %% wrong: SciPy's function
# fails: written from scratch
from scipy import special


def log_softmax(z, axis=-1):
    return special.log_softmax(z, axis=axis)


# %% wrong: torch's logsumexp
# fails: written from scratch
import torch


def log_softmax(z, axis=-1):
    t = torch.tensor(z)
    return (t - torch.logsumexp(t, dim=axis, keepdim=True)).numpy()


# %% wrong: torch inside, without its softmax
# fails: written from scratch
import torch


def log_softmax(z, axis=-1):
    t = torch.tensor(z)
    t = t - t.max(dim=axis, keepdim=True).values
    return (t - t.exp().sum(dim=axis, keepdim=True).log()).numpy()


# %% right: log1p of all but the largest
def log_softmax(z, axis=-1):
    rows = np.moveaxis(z, axis, -1)
    best = np.argmax(rows, axis=-1)[..., np.newaxis]
    behind = rows - np.take_along_axis(rows, best, axis=-1)
    others = np.exp(behind)
    np.put_along_axis(others, best, 0, axis=-1)
    return np.moveaxis(behind - np.log1p(others.sum(axis=-1, keepdims=True)), -1, axis)


# %% right: logaddexp of the shifted
def log_softmax(z, axis=-1):
    behind = np.subtract(z, np.max(z, axis=axis, keepdims=True))
    return np.subtract(behind, np.logaddexp.reduce(behind, axis=axis, keepdims=True))


# %% wrong: all differences at once
# fails: -inf rules a class out
# fails: no warning up to ±1e30 and at -inf
# minus infinity minus minus infinity is NaN, and a warning
def log_softmax(z, axis=-1):
    rows = np.moveaxis(z, axis, -1)
    out = -np.logaddexp.reduce(rows[..., None, :] - rows[..., :, None], axis=-1)
    return np.moveaxis(out, -1, axis)


# %% wrong: axis only in the sum
# fails: right along the first axis
# fails: works along any axis
# fails: right for transposed and strided arrays
# the maximum is taken along the last axis whatever axis says
def log_softmax(z, axis=-1):
    shifted = z - z.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


# %% wrong: floor of minus 1e4
# fails: right up to ±1e30
# fails: -inf rules a class out
# "minus infinity makes trouble", so -1e4 stands in its place
def log_softmax(z, axis=-1):
    shifted = z - z.max(axis=axis, keepdims=True)
    return np.maximum(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)), -1e4)


# %% wrong: logarithm of softmax plus tiny
# fails: right for the logits 0 and 1000
# fails: right up to ±1e30
# fails: -inf rules a class out
# a tiny number keeps log finite, not right
def log_softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return np.log(e / e.sum(axis=axis, keepdims=True) + np.finfo(z.dtype).tiny)


# %% wrong: view shifted in place
# fails: leaves its input unchanged
# moveaxis gives a view, so the argument is changed
def log_softmax(z, axis=-1):
    rows = np.moveaxis(z, axis, -1)
    rows -= rows.max(axis=-1, keepdims=True)
    rows -= np.log(np.exp(rows).sum(axis=-1, keepdims=True))
    return np.moveaxis(rows, -1, axis).copy()


# %% wrong: float64 out whatever came in
# fails: float32 in gives float32 out
# fails: same shape and dtype out, float32 too
def log_softmax(z, axis=-1):
    z = z.astype(np.float64)
    shifted = z - z.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


# %% right: einsum of ones sums the exponentials
def log_softmax(z, axis=-1):
    rows = np.moveaxis(z, axis, -1)
    rows = rows - np.max(rows, axis=-1, keepdims=True)
    sums = np.einsum("...k->...", np.exp(rows))
    return np.moveaxis(rows - np.log(sums)[..., None], -1, axis)


# %% right: two lines and a helper with a cache of nothing
def _largest(z, axis):
    return np.maximum.reduce(z, axis=axis, keepdims=True)


def log_softmax(z, axis=-1):
    z = z - _largest(z, axis)
    return np.subtract(z, np.log(np.add.reduce(np.exp(z), axis=axis, keepdims=True)))


# %% wrong: the mean is subtracted in place of the maximum
# fails: right up to ±1e30
# fails: -inf rules a class out
# fails: no warning up to ±1e30 and at -inf
def log_softmax(z, axis=-1):
    z = z - z.mean(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


# %% wrong: largest magnitude in place of the largest logit
# fails: right up to ±1e30
# fails: right for rows far apart
# fails: -inf rules a class out
def log_softmax(z, axis=-1):
    z = z - np.abs(z).max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


# %% wrong: first logit in place of the largest
# fails: right for the logits 0 and 1000
# fails: right up to ±1e30
# fails: -inf rules a class out
def log_softmax(z, axis=-1):
    z = z - np.take(z, [0], axis=axis)
    return z - np.log(np.sum(np.exp(z), axis=axis, keepdims=True))


# %% right: logaddexp reduce
def log_softmax(z, axis=-1):
    shifted = z - np.max(z, axis=axis, keepdims=True)
    return shifted - np.logaddexp.reduce(shifted, axis=axis, keepdims=True)


# %% right: moveaxis stack
import math


def _log_softmax_1d(row):
    m = max(row)
    total = math.fsum(math.exp(v - m) for v in row)
    return [v - m - math.log(total) for v in row]


def log_softmax(z, axis=-1):
    """Rows as lists of Python floats."""
    last = np.moveaxis(z, axis, -1)
    rows = [_log_softmax_1d(row) for row in last.reshape(-1, last.shape[-1]).tolist()]
    return np.moveaxis(np.array(rows, dtype=z.dtype).reshape(last.shape), -1, axis)


# %% wrong: finite for ruled out
# fails: -inf rules a class out
def log_softmax(z, axis=-1):
    z = np.nan_to_num(z, neginf=np.finfo(z.dtype).min)
    s = z - z.max(axis=axis, keepdims=True)
    return s - np.log(np.exp(s).sum(axis=axis, keepdims=True))


# %% wrong: unshifted float32
# fails: agrees with torch in float32
def log_softmax(z, axis=-1):
    return z - np.logaddexp.reduce(z, axis=axis, keepdims=True)
