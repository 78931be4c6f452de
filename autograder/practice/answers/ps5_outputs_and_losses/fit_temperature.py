# Answers to fit_temperature: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives np, torch and nn, and every answer defines the function once more.

# %% right: a fine grid of constant ratio
def nll_at(logits, y, T):
    z = logits / T
    z = z - z.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y])


def fit_temperature(logits, y):
    grid = np.geomspace(0.05, 20, 600)
    return float(grid[np.argmin([nll_at(logits, y, T) for T in grid])])


# %% right: halving of the slope in 1/T
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    target = z[np.arange(len(y)), y].mean()
    low, high = 0.01, 100.0
    while high / low > 1 + 1e-8:
        b = np.sqrt(low * high)
        w = np.exp(b * z)
        if ((w * z).sum(axis=1) / w.sum(axis=1)).mean() < target:
            low = b
        else:
            high = b
    return 1 / b


# %% right: Newton's method in 1/T, with steps halved while the loss rises
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    own = z[np.arange(len(y)), y]

    def parts(b):
        w = np.exp(b * z)
        p = w / w.sum(axis=1, keepdims=True)
        mean = (p * z).sum(axis=1)
        spread = (p * z**2).sum(axis=1) - mean**2
        return (np.log(w.sum(axis=1)) - b * own).mean(), (mean - own).mean(), spread.mean()

    b = 1.0
    for _ in range(50):
        loss, slope, curvature = parts(b)
        step = slope / curvature
        while b - step <= 0 or parts(b - step)[0] > loss + 1e-15:
            step /= 2
            if abs(step) < 1e-12:
                return 1 / b
        b -= step
    return 1 / b


# %% right: SciPy's minimize_scalar
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax as scipy_log_softmax


def fit_temperature(logits, y):
    def loss(log_t):
        return -scipy_log_softmax(logits / np.exp(log_t), axis=1)[np.arange(len(y)), y].mean()

    return np.exp(minimize_scalar(loss, bounds=(-3.5, 3.5), method="bounded").x)


# %% right: SciPy's softmax and a root of the slope
from scipy.optimize import brentq
from scipy.special import softmax as scipy_softmax


def fit_temperature(logits, y):
    own = logits[np.arange(len(y)), y].mean()
    b = brentq(lambda b: (scipy_softmax(b * logits, axis=1) * logits).sum(axis=1).mean() - own, 0.01, 100)
    return 1 / b


# %% right: torch's cross-entropy and LBFGS on log T
import torch


def fit_temperature(logits, y):
    z, labels = torch.tensor(logits, dtype=torch.float64), torch.tensor(y)
    log_t = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_t], max_iter=60, line_search_fn="strong_wolfe", tolerance_grad=1e-9)

    def closure():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(z / log_t.exp(), labels)
        loss.backward()
        return loss

    optimizer.step(closure)
    return log_t.exp().item()


# %% right: gradient descent with autograd on log T
def fit_temperature(logits, y):
    z, labels = torch.tensor(logits), torch.tensor(y)
    log_t = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    for _ in range(300):
        loss = nn.functional.cross_entropy(z / log_t.exp(), labels)
        (slope,) = torch.autograd.grad(loss, log_t)
        with torch.no_grad():
            log_t -= slope.clamp(-0.5, 0.5)
    return log_t.exp().item()


# %% right: golden section by hand
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    own = z[np.arange(len(y)), y]

    def loss(t):
        return np.mean(np.log(np.exp(z * np.exp(-t)).sum(axis=1)) - own * np.exp(-t))

    golden = (np.sqrt(5) - 1) / 2
    a, b = -4.0, 4.0
    for _ in range(40):
        c, d = b - golden * (b - a), a + golden * (b - a)
        if loss(c) < loss(d):
            b = d
        else:
            a = c
    return np.exp((a + b) / 2)


# %% right: a coarse grid, then a finer one around its best
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)

    def loss(T):
        return (np.log(np.exp(z / T).sum(axis=1)) - z[np.arange(len(y)), y] / T).mean()

    best, ratio = 1.0, 1.5
    for _ in range(6):
        grid = best * ratio ** np.arange(-9, 10)
        best = min(grid, key=loss)
        ratio = ratio**0.25
    return np.array(best)


# %% wrong: 1/T
# fails: no better T beside it
# fails: right for overconfident logits
# fails: right for underconfident logits
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    grid = np.geomspace(0.05, 20, 600)
    losses = [(np.log(np.exp(b * z).sum(axis=1)) - b * z[np.arange(len(y)), y]).mean() for b in grid]
    return float(grid[np.argmin(losses)])


# %% wrong: log T
# fails: no better T beside it
# fails: right for two classes
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    grid = np.linspace(-3, 3, 600)
    losses = [(np.log(np.exp(z / np.exp(t)).sum(axis=1)) - z[np.arange(len(y)), y] / np.exp(t)).mean() for t in grid]
    return float(grid[np.argmin(losses)])


# %% wrong: the smallest loss in place of the T that has it
# fails: no better T beside it
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    grid = np.geomspace(0.05, 20, 600)
    return float(min((np.log(np.exp(z / T).sum(axis=1)) - z[np.arange(len(y)), y] / T).mean() for T in grid))


# %% wrong: the position in the grid
# fails: no better T beside it
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    grid = np.geomspace(0.05, 20, 600)
    return int(np.argmin([(np.log(np.exp(z / T).sum(axis=1)) - z[np.arange(len(y)), y] / T).mean() for T in grid]))


# %% wrong: a grid in steps of a half
# fails: no better T beside it
# fails: right for underconfident logits
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    grid = np.arange(0.5, 20.5, 0.5)
    losses = [(np.log(np.exp(z / T).sum(axis=1)) - z[np.arange(len(y)), y] / T).mean() for T in grid]
    return float(grid[np.argmin(losses)])


# %% wrong: a grid in steps of a tenth
# fails: right for underconfident logits
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    grid = np.arange(0.1, 20.1, 0.1)
    losses = [(np.log(np.exp(z / T).sum(axis=1)) - z[np.arange(len(y)), y] / T).mean() for T in grid]
    return float(grid[np.argmin(losses)])


# %% wrong: a grid that ends at 5
# fails: right for overconfident logits
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    grid = np.geomspace(0.05, 5, 1000)
    losses = [(np.log(np.exp(z / T).sum(axis=1)) - z[np.arange(len(y)), y] / T).mean() for T in grid]
    return float(grid[np.argmin(losses)])


# %% wrong: a grid that begins at 1
# fails: right for underconfident logits
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    grid = np.geomspace(1, 20, 1000)
    losses = [(np.log(np.exp(z / T).sum(axis=1)) - z[np.arange(len(y)), y] / T).mean() for T in grid]
    return float(grid[np.argmin(losses)])


# %% wrong: ten steps of gradient descent
# fails: no better T beside it
# fails: right for overconfident logits
def fit_temperature(logits, y):
    z, labels = torch.tensor(logits), torch.tensor(y)
    T = torch.ones(1, dtype=torch.float64, requires_grad=True)
    for _ in range(10):
        (slope,) = torch.autograd.grad(nn.functional.cross_entropy(z / T, labels), T)
        with torch.no_grad():
            T -= 0.01 * slope
    return T.item()


# %% wrong: gradient ascent
# fails: no better T beside it
def fit_temperature(logits, y):
    z, labels = torch.tensor(logits), torch.tensor(y)
    log_t = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    for _ in range(50):
        (slope,) = torch.autograd.grad(nn.functional.cross_entropy(z / log_t.exp(), labels), log_t)
        with torch.no_grad():
            log_t += slope.clamp(-0.5, 0.5)
    return log_t.exp().item()


# %% wrong: the accuracy, which no T changes
# fails: no better T beside it
# fails: right for overconfident logits
def fit_temperature(logits, y):
    grid = np.geomspace(0.05, 20, 400)
    return float(grid[np.argmax([((logits / T).argmax(axis=1) == y).mean() for T in grid])])


# %% wrong: mean confidence equal to the accuracy
# fails: no better T beside it
# fails: right for overconfident logits
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    accuracy = (logits.argmax(axis=1) == y).mean()
    grid = np.geomspace(0.05, 20, 1000)
    return float(min(grid, key=lambda T: abs((1 / np.exp(z / T).sum(axis=1)).mean() - accuracy)))


# %% wrong: squared error of the probabilities
# fails: right for overconfident logits
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    target = np.arange(z.shape[1]) == y[:, None]

    def brier(T):
        e = np.exp(z / T)
        return ((e / e.sum(axis=1, keepdims=True) - target) ** 2).sum(axis=1).mean()

    return float(min(np.geomspace(0.05, 20, 600), key=brier))


# %% wrong: cross-entropy of the predicted classes
# fails: no better T beside it
# fails: right for overconfident logits
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    grid = np.geomspace(0.05, 20, 400)
    return float(grid[np.argmin([np.log(np.exp(z / T).sum(axis=1)).mean() for T in grid])])


# %% wrong: softmax along the rows
# fails: no better T beside it
# fails: right for overconfident logits
def fit_temperature(logits, y):
    z = logits - logits.max(axis=0)
    grid = np.geomspace(0.05, 20, 600)
    rows = np.arange(len(y))
    return float(min(grid, key=lambda T: (np.log(np.exp(z / T).sum(axis=0))[y] - z[rows, y] / T).mean()))


# %% wrong: T divides the loss too
# fails: no better T beside it
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    grid = np.geomspace(0.05, 20, 600)
    losses = [(np.log(np.exp(z / T).sum(axis=1)) - z[np.arange(len(y)), y] / T).mean() / T for T in grid]
    return float(grid[np.argmin(losses)])


# %% wrong: logits taken for probabilities
# fails: no better T beside it
def fit_temperature(logits, y):
    p = np.abs(logits) / np.abs(logits).sum(axis=1, keepdims=True)
    grid = np.geomspace(0.05, 20, 600)
    own = p[np.arange(len(y)), y]
    return float(min(grid, key=lambda T: -np.log(own ** (1 / T) / (p ** (1 / T)).sum(axis=1)).mean()))


# %% wrong: softmax before the division by T
# fails: no better T beside it
# fails: right for overconfident logits
def fit_temperature(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    grid = np.geomspace(0.05, 20, 600)
    return float(min(grid, key=lambda T: (np.log(np.exp(p / T).sum(axis=1)) - p[np.arange(len(y)), y] / T).mean()))


# %% wrong: overflow at large logits
# fails: the same with 1000 added to every logit
def fit_temperature(logits, y):
    grid = np.geomspace(0.05, 20, 600)
    rows = np.arange(len(y))
    losses = [np.mean(np.log(np.exp(logits / T).sum(axis=1)) - logits[rows, y] / T) for T in grid]
    return float(grid[np.argmin(losses)])


# %% wrong: probabilities cut at 1 %
# fails: right for overconfident logits
def fit_temperature(logits, y):
    def loss(T):
        e = np.exp((logits - logits.max(axis=1, keepdims=True)) / T)
        p = np.clip(e / e.sum(axis=1, keepdims=True), 1e-2, 1)
        return -np.log(p[np.arange(len(y)), y]).mean()

    return float(min(np.geomspace(0.05, 20, 600), key=loss))


# %% wrong: always 1
# fails: no better T beside it
# fails: half the logits, half the temperature
# fails: right for calibrated logits
def fit_temperature(logits, y):
    return 1.0


# %% wrong: the spread of the logits
# fails: no better T beside it
# fails: right for calibrated logits
def fit_temperature(logits, y):
    return float(logits.std())


# %% wrong: found in the visible data
# fails: half the logits, half the temperature
# fails: right for overconfident logits
# fails: right for calibrated logits
# fails: right for two classes
def fit_temperature(logits, y):
    z = held_out_logits - held_out_logits.max(axis=1, keepdims=True)
    own = z[np.arange(len(held_out_y)), held_out_y]
    return float(min(np.geomspace(0.05, 20, 600), key=lambda T: (np.log(np.exp(z / T).sum(axis=1)) - own / T).mean()))


# %% wrong: proportional to the size of the logits, fitted on the visible data
# fails: right for overconfident logits
# fails: right for calibrated logits
# fails: right for two classes
# fails: the same with 1000 added to every logit
def fit_temperature(logits, y):
    return 3.1808742628863773 * float(np.abs(logits).mean() / np.abs(held_out_logits).mean())


# %% wrong: nobody needs more than two classes
# fails: no better T beside it
def fit_temperature(logits, y):
    margin = (logits[:, 1] - logits[:, 0]) * np.where(y == 1, 1, -1)
    return float(min(np.geomspace(0.05, 20, 600), key=lambda T: np.logaddexp(0, -margin / T).mean()))


# %% wrong: two classes are treated as one sigmoid of the second logit
# fails: right for two classes
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    grid = np.geomspace(0.05, 20, 600)
    if z.shape[1] == 2:
        return float(min(grid, key=lambda T: (np.logaddexp(0, logits[:, 1] / T) - y * logits[:, 1] / T).mean()))
    return float(min(grid, key=lambda T: (np.log(np.exp(z / T).sum(axis=1)) - z[np.arange(len(y)), y] / T).mean()))


# %% wrong: stays at 1 if the logits look calibrated
# fails: right for calibrated logits
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    grid = np.geomspace(0.05, 20, 600)
    T = float(min(grid, key=lambda T: (np.log(np.exp(z / T).sum(axis=1)) - z[np.arange(len(y)), y] / T).mean()))
    return 1.0 if 0.8 < T < 1.25 else T


# %% wrong: works in place
# fails: leaves its arguments unchanged
def fit_temperature(logits, y):
    logits -= logits.max(axis=1, keepdims=True)
    own = logits[np.arange(len(y)), y]
    grid = np.geomspace(0.05, 20, 600)
    return float(min(grid, key=lambda T: (np.log(np.exp(logits / T).sum(axis=1)) - own / T).mean()))


# %% wrong: returns an array with one element
# fails: no better T beside it
# fails: right for two classes
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    grid = np.geomspace(0.05, 20, 600)
    losses = [(np.log(np.exp(z / T).sum(axis=1)) - z[np.arange(len(y)), y] / T).mean() for T in grid]
    return grid[[np.argmin(losses)]]


# %% wrong: prints and returns None
# fails: no better T beside it
def fit_temperature(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    grid = np.geomspace(0.05, 20, 600)
    losses = [(np.log(np.exp(z / T).sum(axis=1)) - z[np.arange(len(y)), y] / T).mean() for T in grid]
    print("T =", grid[np.argmin(losses)])


# %% wrong: infinite temperature
# fails: no better T beside it
def fit_temperature(logits, y):
    return float("inf")


# %% right: nelder mead on log T
from scipy.optimize import minimize


def fit_temperature(logits, y):
    z, labels = torch.tensor(logits), torch.tensor(y)

    def loss(s):
        return float(nn.functional.cross_entropy(z * float(np.exp(-s[0])), labels))

    return float(np.exp(minimize(loss, [0.0], method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-12}).x[0]))


# %% right: newton in the inverse
def fit_temperature(logits, y):
    """The loss is convex in b = 1 / T: its slope is E[z] - z_y, its curvature Var[z]."""
    b, low, high = 1.0, 1 / 20, 1 / 0.05
    z_true = logits[np.arange(len(y)), y]
    for _ in range(200):
        p = np.exp(b * (logits - logits.max(axis=1, keepdims=True)))
        p /= p.sum(axis=1, keepdims=True)
        mean = (p * logits).sum(axis=1)
        slope = (mean - z_true).mean()
        low, high = (b, high) if slope < 0 else (low, b)
        step = b - slope / ((p * logits**2).sum(axis=1) - mean**2).mean()
        b = step if low < step < high else (low + high) / 2
    return 1 / b


# %% right: root of the slope
from scipy.optimize import brentq
from scipy.special import softmax as scipy_softmax


def fit_temperature(logits, y):
    def slope(log_T):
        p = scipy_softmax(logits * np.exp(-log_T), axis=1)
        return np.mean((p * logits).sum(axis=1) - np.take_along_axis(logits, y[:, None], 1)[:, 0])

    return np.exp(brentq(slope, np.log(0.03), np.log(30)))


# %% right: tensor with lbfgs
def fit_temperature(logits, y):
    z, labels = torch.as_tensor(logits), torch.as_tensor(y).long()
    s = torch.zeros((), dtype=z.dtype, requires_grad=True)
    optimizer = torch.optim.LBFGS([s], max_iter=500, tolerance_grad=1e-12, tolerance_change=1e-14,
                                  line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(z * torch.exp(-s), labels)
        loss.backward()
        return loss

    optimizer.step(closure)
    return s.exp().item()


# %% wrong: a grid of two hundred
# fails: right for overconfident logits
# fails: within 1 % at every scale of the logits
# neighbours are 3 % apart, so the answer is up to 1.5 % off, and 1 % is asked
def fit_temperature(logits, y):
    grid = np.geomspace(0.05, 20, 200)
    z, labels = torch.tensor(logits), torch.tensor(y)
    losses = [float(nn.functional.cross_entropy(z / T, labels)) for T in grid]
    return float(grid[int(np.argmin(losses))])


# %% wrong: bounds from 1 to 10
# fails: right for underconfident logits
# fails: the same with 1000 added to every logit
# fails: within 1 % at every scale of the logits
from scipy.optimize import minimize_scalar


# a network can be too unsure of itself, too
def fit_temperature(logits, y):
    z, labels = torch.tensor(logits), torch.tensor(y)
    found = minimize_scalar(lambda T: float(nn.functional.cross_entropy(z / T, labels)), bounds=(1, 10), method="bounded")
    return float(found.x)


# %% wrong: even grid
# fails: right for underconfident logits
# fails: within 1 % at every scale of the logits
# even steps of 0.02 are too wide at small temperatures
def fit_temperature(logits, y):
    z, labels = torch.tensor(logits), torch.tensor(y)
    grid = np.linspace(0.05, 20, 1000)
    return grid[np.argmin([float(nn.functional.cross_entropy(z / T, labels)) for T in grid])]


# %% wrong: logits divided in place
# fails: leaves its arguments unchanged
from scipy.optimize import minimize_scalar


# the minimum is right, the logits are changed
def fit_temperature(logits, y):
    logits -= logits.max(axis=1, keepdims=True)

    def loss(s):
        z = logits * np.exp(-s)
        return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y])

    return float(np.exp(minimize_scalar(loss, bounds=(-4, 4), method="bounded", options={"xatol": 1e-8}).x))


# %% wrong: smallest squared error
# fails: no better T beside it
# fails: half the logits, half the temperature
# fails: right for overconfident logits
# fails: right for underconfident logits
# fails: right for calibrated logits
# fails: right for two classes
# fails: the same with 1000 added to every logit
# fails: within 1 % at every scale of the logits
# fails: right for transposed logits
from scipy.optimize import minimize_scalar


# the temperature with the smallest Brier score, not cross-entropy
def fit_temperature(logits, y):
    truth = np.eye(logits.shape[1])[y]

    def loss(s):
        z = logits * np.exp(-s)
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        return ((p - truth) ** 2).sum(axis=1).mean()

    return float(np.exp(minimize_scalar(loss, bounds=(-4, 4), method="bounded", options={"xatol": 1e-8}).x))


# %% wrong: two hundred steps of sgd
# fails: right for overconfident logits
# fails: right for underconfident logits
# far from the start the descent has not arrived
def fit_temperature(logits, y):
    z, labels = torch.tensor(logits), torch.tensor(y)
    T = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([T], lr=0.5)
    for _ in range(200):
        optimizer.zero_grad()
        nn.functional.cross_entropy(z / T, labels).backward()
        optimizer.step()
    return T.item()


# %% wrong: bisection that stops a tenth away
# fails: no better T beside it
# fails: right for overconfident logits
# fails: right for underconfident logits
def fit_temperature(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    own = shifted[np.arange(len(y)), y]

    def slope(beta):
        p = np.exp(beta * shifted)
        return ((p * shifted).sum(1) / p.sum(1) - own).mean()

    low, high = 0.05, 20.0
    while high - low > 0.1:
        middle = (low + high) / 2
        if slope(middle) < 0:
            low = middle
        else:
            high = middle
    return 2 / (low + high)


# %% wrong: Adam with a small step that never arrives
# fails: no better T beside it
# fails: half the logits, half the temperature
# fails: right for overconfident logits
def fit_temperature(logits, y):
    T = torch.ones(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([T], lr=0.01)
    z, target = torch.tensor(logits), torch.tensor(y)
    for _ in range(100):
        optimizer.zero_grad()
        nn.functional.cross_entropy(z / T, target).backward()
        optimizer.step()
    return T.item()


# %% wrong: median of the temperatures of single rows
# fails: no better T beside it
# fails: half the logits, half the temperature
# fails: right for overconfident logits
def fit_temperature(logits, y):
    grid = np.geomspace(0.05, 20, 800)
    shifted = logits - logits.max(axis=1, keepdims=True)
    own = shifted[np.arange(len(y)), y]
    losses = [np.log(np.exp(shifted / T).sum(axis=1)) - own / T for T in grid]
    return float(np.median(grid[np.argmin(losses, axis=0)]))


# %% wrong: Newton's method from 1 without care
# fails: no better T beside it
# fails: half the logits, half the temperature
# fails: right for overconfident logits
def fit_temperature(logits, y):
    beta = 1.0
    own = logits[np.arange(len(y)), y]
    for _ in range(3):
        p = np.exp(beta * (logits - logits.max(axis=1, keepdims=True)))
        p /= p.sum(axis=1, keepdims=True)
        mean = (p * logits).sum(axis=1)
        beta -= (mean - own).mean() / ((p * logits**2).sum(axis=1) - mean**2).mean()
    return float(1 / beta)


# %% right: golden section
import math


def fit_temperature(logits, y):
    rows = np.arange(len(y))

    def loss(log_t):
        s = logits / math.exp(log_t)
        s = s - s.max(axis=1, keepdims=True)
        return np.mean(np.log(np.exp(s).sum(axis=1)) - s[rows, y])

    low, high = math.log(0.02), math.log(50)
    g = (math.sqrt(5) - 1) / 2
    for _ in range(60):
        a, b = high - g * (high - low), low + g * (high - low)
        if loss(a) < loss(b):
            high = b
        else:
            low = a
    return math.exp((low + high) / 2)


# %% right: torch bisection
def fit_temperature(logits, y):
    """The loss is convex in b = 1 / T: bisect on the sign of its derivative, from autograd."""
    z = torch.tensor(np.array(logits))
    target = torch.tensor(np.array(y).astype(np.int64))
    low, high = 1 / 40, 40.0
    for _ in range(100):
        b = torch.tensor((low + high) / 2, dtype=torch.float64, requires_grad=True)
        (slope,) = torch.autograd.grad(nn.functional.cross_entropy(z * b, target), b)
        if slope > 0:
            high = b.item()
        else:
            low = b.item()
    return 2 / (low + high)


# %% wrong: linear grid
# fails: right for underconfident logits
# fails: within 1 % at every scale of the logits
def fit_temperature(logits, y):
    rows = np.arange(len(y))

    def loss(T):
        s = logits / T
        s = s - s.max(axis=1, keepdims=True)
        return np.mean(np.log(np.exp(s).sum(axis=1)) - s[rows, y])

    return min(np.arange(0.05, 20.01, 0.025), key=loss)


# %% wrong: shifts logits
# fails: leaves its arguments unchanged
from scipy.optimize import minimize_scalar


def fit_temperature(logits, y):
    logits -= logits.max(axis=1, keepdims=True)
    rows = np.arange(len(y))

    def loss(log_t):
        s = logits / np.exp(log_t)
        return np.mean(np.log(np.exp(s).sum(axis=1)) - s[rows, y])

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.03), np.log(30)), method="bounded").x))
