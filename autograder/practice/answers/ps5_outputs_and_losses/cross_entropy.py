# Answers to cross_entropy: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives np, torch and nn, and every answer defines the function once more.

# %% right: log-probabilities picked by two index arrays
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(y)), y].mean()


# %% right: take_along_axis
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    picked = np.take_along_axis(shifted, y[:, None].astype(int), axis=-1)[:, 0]
    return float(np.mean(np.log(np.exp(shifted).sum(axis=-1)) - picked))


# %% right: loop over the rows with math
import math


def cross_entropy(logits, y):
    total = 0.0
    for row, label in zip(logits.tolist(), y.tolist()):
        top = max(row)
        total += math.log(sum(math.exp(value - top) for value in row)) - (row[label] - top)
    return total / len(y)


# %% right: NumPy's logaddexp
def cross_entropy(logits, y):
    rows = np.arange(logits.shape[0])
    centred = logits - logits.max(axis=1, keepdims=True)
    return (np.logaddexp.reduce(centred, axis=1) - centred[rows, y]).mean()


# %% right: a mask of the true classes, with where
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    true_class = np.arange(logits.shape[1]) == y[:, None]
    return -np.where(true_class, log_p, 0).sum() / len(y)


# %% right: calls one's own log-softmax
def my_log_softmax(z):
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def cross_entropy(logits, y):
    return -np.mean([row[label] for row, label in zip(my_log_softmax(logits), y)])


# %% right: calls log_softmax of exercise 2
def cross_entropy(logits, y):
    return -log_softmax(logits, axis=1)[range(len(y)), y].mean()


# %% right: other names for the arguments, a 0-d array out
def cross_entropy(scores, targets):
    scores = np.asarray(scores, dtype=np.float64)
    scores = scores - scores.max(axis=1)[:, None]
    losses = [np.log(np.exp(s).sum()) - s[t] for s, t in zip(scores, targets)]
    return np.array(losses).mean()


# %% right: differences to the true logit
def cross_entropy(logits, y):
    """-log p_y is the log of the sum of exp(z_j - z_y)."""
    behind = logits - np.take_along_axis(logits, np.asarray(y, dtype=np.intp)[:, None], axis=1)
    return float(np.logaddexp.reduce(behind, axis=1).mean())


# %% wrong: sum in place of the mean
# fails: the mean over the rows
# fails: ln K if all logits are equal
# fails: right on unseen rows
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(y)), y].sum()


# %% wrong: mean over rows and classes
# fails: right for one row
# fails: the mean over the rows
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    true_class = np.arange(logits.shape[1]) == y[:, None]
    return -np.where(true_class, log_p, 0).mean()


# %% wrong: sign forgotten
# fails: right for one row
# fails: the mean over the rows
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return log_p[np.arange(len(y)), y].mean()


# %% wrong: mean of the true logits
# fails: right for one row
# fails: ln K if all logits are equal
def cross_entropy(logits, y):
    return abs(logits[np.arange(len(y)), y].mean())


# %% wrong: logarithm of softmax
# fails: right up to ±1e30
# fails: no warning up to ±1e30 and at -inf
def cross_entropy(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return -np.log(e / e.sum(axis=1, keepdims=True))[np.arange(len(y)), y].mean()


# %% wrong: a small number against log 0
# fails: right up to ±1e30
def cross_entropy(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y] + 1e-12).mean()


# %% wrong: probabilities cut at 1e-7, as Keras does
# fails: right up to ±1e30
def cross_entropy(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = np.clip(e / e.sum(axis=1, keepdims=True), 1e-7, 1 - 1e-7)
    return -np.log(p[np.arange(len(y)), y]).mean()


# %% wrong: without subtracting the maximum
# fails: right up to ±1e30
# fails: right for rows far apart
# fails: no warning up to ±1e30 and at -inf
def cross_entropy(logits, y):
    return (np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y]).mean()


# %% wrong: maximum of the whole array
# fails: right for rows far apart
def cross_entropy(logits, y):
    shifted = logits - logits.max()
    return (np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]).mean()


# %% wrong: takes the logits for probabilities
# fails: right for one row
# fails: ln K if all logits are equal
def cross_entropy(logits, y):
    with np.errstate(all="ignore"):
        return -np.log(logits[np.arange(len(y)), y]).mean()


# %% wrong: softmax twice
# fails: right for one row
# fails: right on unseen rows
def cross_entropy(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return (np.log(np.exp(p).sum(axis=1)) - p[np.arange(len(y)), y]).mean()


# %% wrong: softmax along the rows
# fails: right for one row
# fails: the mean over the rows
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=0)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=0))
    return -log_p[np.arange(len(y)), y].mean()


# %% wrong: logarithm to base 2
# fails: right for one row
# fails: ln K if all logits are equal
# fails: agrees with torch in float32
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(y)), y].mean() / np.log(2)


# %% wrong: all rows and all labels crossed
# fails: the mean over the rows
# fails: right on unseen rows
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[:, y].mean()


# %% wrong: probability of the most likely class
# fails: right for one row
# fails: right on unseen rows
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=1)).mean()


# %% wrong: binary cross-entropy of each class
# fails: right for one row
# fails: right on unseen rows
def cross_entropy(logits, y):
    target = np.arange(logits.shape[1]) == y[:, None]
    return np.mean(np.logaddexp(0, logits) - target * logits)


# %% wrong: squared error of the probabilities
# fails: right for one row
# fails: right on unseen rows
def cross_entropy(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return ((p - (np.arange(logits.shape[1]) == y[:, None])) ** 2).sum(axis=1).mean()


# %% wrong: multiplies with a one-hot table
# fails: -inf rules a class out
# fails: no warning up to ±1e30 and at -inf
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(np.eye(logits.shape[1])[y] * log_p).sum(axis=1).mean()


# %% wrong: a one-hot table as wide as the largest label
# fails: right if a class has no row
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    one_hot = np.arange(y.max() + 1) == y[:, None]
    return -log_p[one_hot].mean()


# %% wrong: labels numbered anew among those that occur
# fails: right if a class has no row
def cross_entropy(logits, y):
    _, column = np.unique(y, return_inverse=True)
    if len(y) < 4:
        column = y
    shifted = logits - logits.max(axis=1, keepdims=True)
    return (np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), column]).mean()


# %% wrong: the mean of the means of the classes
# fails: right on unseen rows
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]
    return np.mean([losses[y == label].mean() for label in np.unique(y)])


# %% wrong: labels from 1 on
# fails: right for one row
# fails: the mean over the rows
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return (np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y - 1]).mean()


# %% wrong: labels must be int64
# fails: labels of any integer dtype
def cross_entropy(logits, y):
    if y.dtype != np.int64:
        raise TypeError("labels must be int64")
    shifted = logits - logits.max(axis=1, keepdims=True)
    return (np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]).mean()


# %% wrong: labels made floats by stacking them with the row numbers
# fails: right for one row
# fails: labels of any integer dtype
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    places = np.column_stack([np.arange(len(y), dtype=float), y])
    return np.mean([np.log(np.exp(shifted[i]).sum()) - shifted[i, k] for i, k in places])


# %% wrong: squeezes its arguments
# fails: right for one row
# fails: right for one class and for one row
def cross_entropy(logits, y):
    z = logits.squeeze()
    shifted = z - z.max(axis=1, keepdims=True)
    return (np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]).mean()


# %% wrong: one class counts as a binary logit
# fails: right for one class and for one row
def cross_entropy(logits, y):
    if logits.shape[1] == 1:
        logits = np.hstack([logits, 0 * logits])
    shifted = logits - logits.max(axis=1, keepdims=True)
    return (np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]).mean()


# %% wrong: writes into the logits
# fails: leaves its arguments unchanged
def cross_entropy(logits, y):
    logits -= logits.max(axis=1, keepdims=True)
    return (np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y]).mean()


# %% wrong: one loss for each row
# fails: right for one row
# fails: the mean over the rows
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]


# %% wrong: rounded to four digits for reading
# fails: right for one row
# fails: right on unseen rows
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return round(float((np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]).mean()), 4)


# %% wrong: returns a string
# fails: right for one row
# fails: the mean over the rows
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return f"{(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]).mean():.10f}"


# %% wrong: prints and returns None
# fails: right for one row
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    print((np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]).mean())


# %% wrong: knows only the visible inputs
# fails: written from scratch
# fails: right on unseen rows
def cross_entropy(logits, y):
    return {(1, 4): 1.4951818981, (2, 3): (2.4076059644 + 0.0359762997) / 2, (6, 10): np.log(10)}[logits.shape]


# %% wrong: float16 inside
# fails: right for one row
# fails: agrees with torch in float32
def cross_entropy(logits, y):
    shifted = (logits - logits.max(axis=1, keepdims=True)).astype(np.float16)
    return (np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]).mean()


# %% wrong: torch's function
# fails: written from scratch
import torch
import torch.nn.functional as F


def cross_entropy(logits, y):
    return F.cross_entropy(torch.tensor(logits), torch.tensor(y).long()).item()


# %% wrong: torch's module
# fails: written from scratch
import torch
from torch import nn

criterion = nn.CrossEntropyLoss()


def cross_entropy(logits, y):
    return float(criterion(torch.tensor(logits), torch.tensor(y).long()))


# %% wrong: SciPy's log_softmax
# fails: written from scratch
from scipy.special import log_softmax as of_scipy


def cross_entropy(logits, y):
    return -of_scipy(logits, axis=1)[np.arange(len(y)), y].mean()


# %% wrong: SciPy's logsumexp
# fails: written from scratch
from scipy.special import logsumexp


def cross_entropy(logits, y):
    return (logsumexp(logits, axis=1) - logits[np.arange(len(y)), y]).mean()


# %% wrong: torch inside, without its losses
# fails: written from scratch
import torch


def cross_entropy(logits, y):
    z, labels = torch.tensor(logits), torch.tensor(y).long()
    z = z - z.amax(dim=1, keepdim=True)
    return (z.exp().sum(dim=1).log() - z.gather(1, labels[:, None]).squeeze(1)).mean().item()


# %% wrong: a distribution of torch
# fails: written from scratch
import torch


def cross_entropy(logits, y):
    rows = torch.distributions.Categorical(logits=torch.as_tensor(logits))
    return float(-rows.log_prob(torch.as_tensor(y)).mean())


# %% right: class by class
def cross_entropy(logits, y):
    total = 0.0
    for k in range(logits.shape[1]):
        rows = logits[y == k].astype(np.float64)
        if len(rows):
            m = rows.max(axis=1)
            total += (m + np.log(np.exp(rows - m[:, None]).sum(axis=1)) - rows[:, k]).sum()
    return total / len(y)


# %% right: row by row and fsum
import math
from statistics import fmean


def cross_entropy(logits, y):
    def one(row, k):
        m = max(row)
        return m - row[k] + math.log(math.fsum(math.exp(v - m) for v in row))

    return fmean(one(row, k) for row, k in zip(logits.tolist(), y.tolist(), strict=True))


# %% right: where with a boolean table
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    is_true = np.arange(logits.shape[1]) == y[:, None]
    log_sums = np.log(np.sum(np.exp(shifted), axis=1))
    return np.mean(log_sums - np.sum(shifted, axis=1, where=is_true), keepdims=False)


# %% wrong: as many classes as labels seen
# fails: right for one row
# fails: the mean over the rows
# fails: ln K if all logits are equal
# fails: right at -1000 and 1000
# fails: float32 logits, uint8 classes
# fails: right on unseen rows
# fails: -inf rules a class out
# fails: right if a class has no row
# fails: right for one class and for one row
# fails: right for transposed and strided arrays
# not every class has a row
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    one_hot = np.zeros((len(y), len(np.unique(y))), dtype=bool)
    one_hot[np.arange(len(y)), y] = True
    return -log_p[one_hot].mean()


# %% wrong: flat index in the dtype of the labels
# fails: more rows than the labels' dtype counts to
# with int8 labels the flat index overflows
def cross_entropy(logits, y):
    K = logits.shape[1]
    starts = np.arange(0, K * len(y), K).astype(y.dtype)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.ravel(log_p)[starts + y].mean()


# %% wrong: logits shifted in place
# fails: leaves its arguments unchanged
# the logits are changed
def cross_entropy(logits, y):
    logits -= logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y])


# %% wrong: maximum of the whole table
# fails: right for rows far apart
# fails: right for one class and for one row
# fails: no warning up to ±1e30 and at -inf
# a row far below the others has the logarithm of 0
def cross_entropy(logits, y):
    shifted = logits - logits.max()
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(y)), y].mean()


# %% wrong: mean of the means of the classes
# fails: right on unseen rows
# fails: agrees with torch in float32
# fails: right up to ±1e30
# fails: right if a class has no row
# fails: labels of any integer dtype
# fails: more rows than the labels' dtype counts to
# fails: right for transposed and strided arrays
# rows of rare classes count more
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(np.mean([-log_p[y == k, k].mean() for k in np.unique(y)]))


# %% wrong: one hot times log
# fails: -inf rules a class out
# fails: no warning up to ±1e30 and at -inf
# 0 times minus infinity is NaN
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(np.eye(logits.shape[1])[y] * log_p).sum(axis=1).mean()


# %% wrong: row numbers in the dtype of the labels
# fails: more rows than the labels' dtype counts to
# wrong for uint8 labels and more than 256 rows: the row numbers do not fit into the labels' dtype
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1))
    rows = np.arange(len(y)).astype(y.dtype)
    return np.mean(log_sums - shifted[rows, y])


# %% wrong: the sum over the rows
# fails: the mean over the rows
# fails: ln K if all logits are equal
# fails: right at -1000 and 1000
def cross_entropy(logits, y):
    top = logits.max(axis=1)
    log_sums = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return (log_sums - np.take_along_axis(logits, y.astype(int)[:, None], axis=1)[:, 0]).sum()


# %% right: take along axis
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    picked = np.take_along_axis(shifted, y.astype(np.intp)[:, None], axis=1)[:, 0]
    return float((np.log(np.exp(shifted).sum(axis=1)) - picked).mean())


# %% right: zip reduce
import math
from functools import reduce


def _loss_of_row(row, target):
    top = max(row)
    return math.log(sum(math.exp(v - top) for v in row)) - (row[target] - top)


def cross_entropy(logits, y):
    losses = [_loss_of_row(row, k) for row, k in zip(logits.tolist(), y.tolist())]
    return reduce(lambda a, b: a + b, losses) / len(losses)


# %% wrong: flat index in small dtype
# fails: more rows than the labels' dtype counts to
def cross_entropy(logits, y):
    n, K = logits.shape
    s = logits - logits.max(axis=1, keepdims=True)
    log_p = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    rows = np.arange(n).astype(y.dtype)
    return -log_p[rows, y].mean()


# %% wrong: one hot
# fails: -inf rules a class out
# fails: no warning up to ±1e30 and at -inf
def cross_entropy(logits, y):
    s = logits - logits.max(axis=1, keepdims=True)
    log_p = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    return -(np.eye(logits.shape[1])[y] * log_p).sum(axis=1).mean()
