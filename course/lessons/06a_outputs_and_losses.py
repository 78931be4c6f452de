# %% [markdown]
# # Outputs and losses: what the last layer says, and how it is taught
#
# **Goals.** After this lesson you can
# - pair each task with an output, an activation and a loss, and say why they belong together;
# - decide between sigmoid and softmax, for two classes, for many, and for several labels at once;
# - write down the derivative of softmax, and use it without a matrix;
# - explain why losses take logits, and show where probabilities lose the gradient;
# - recognise three bugs: a double softmax, a softmax without `dim`, a loss on probabilities.
#
# **Time.** 75 minutes, 60 of them for the core.
#
# **You need.** Lesson 02: the sigmoid and overflow. Lesson 05: what a flat slope does to a gradient.

# %%
import warnings

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Bernoulli, Categorical, Laplace, Normal, Poisson

from course.checks import Checks, expect_close
from course.computations.data import digits
from course.computations.training import batches, descend
from course.demos.double_softmax import DoubleSoftmax, Race, floor
from course.demos.softmax_sliders import SoftmaxSliders
from course.demos.stable_softmax import StableSoftmax
from course.widgets.predict import Prediction
from course.widgets.quiz import Quiz
from course.widgets.tables import Table

torch.set_num_threads(1)  # the networks here are small: sharing them out between cores would cost time

# %% [markdown] tags=["section:E9", "section:D7"]
# ## The output must match the loss
#
# The last layer of a network computes numbers $z$ without limits; those for classes are called *logits*. What they are
# to mean depends on the task: the **activation** turns them into a prediction, and the **loss** says how bad that
# prediction is. Each usual pair is one idea, *maximum likelihood*: choose a distribution for the target, and take as
# loss the negative logarithm of the probability that it gives to what really happened.
#
# | task | distribution | from $z$ to the prediction | loss in PyTorch |
# |---|---|---|---|
# | a number | normal, fixed width | $z$ itself (identity) | `MSELoss` |
# | a number, with outliers | Laplace, fixed width | $z$ itself (identity) | `L1Loss` (mean absolute error) |
# | a positive number | for example a normal around it | softplus of $z$, or $e^z$ | `MSELoss` of that |
# | a share between 0 and 1 | for example a normal around it | sigmoid of $z$ | `MSELoss` of that |
# | yes or no | Bernoulli | sigmoid of $z$ | `BCEWithLogitsLoss` |
# | exactly one of $K$ classes | categorical | softmax of $K$ logits | `CrossEntropyLoss` |
# | any of $K$ labels | $K$ times Bernoulli | sigmoid of each of $K$ logits | `BCEWithLogitsLoss` |
#
# The last three losses take the *logits* and apply the activation themselves. The next cell compares PyTorch's losses
# with the distributions. For the normal one $-\log p(y)$ is $\tfrac12 (y - z)^2 + \tfrac12 \ln 2\pi$: half of the
# squared error, and a constant that no weight can change. For the Laplace distribution, which expects far-off targets
# more often, it is $|y - z| + \ln 2$.

# %%
z = torch.tensor([[0.7, -1.2, 2.0], [0.3, 1.5, -0.4]])
number, yes_no, one_of = torch.zeros(2, 3), torch.tensor([[1.0, 0, 1], [0, 0, 1]]), torch.tensor([2, 0])
rows = [
    ("½ MSELoss + ½ ln 2π", F.mse_loss(z, number) / 2 + np.log(2 * np.pi) / 2, Normal(z, 1.0).log_prob(number)),
    ("L1Loss + ln 2", F.l1_loss(z, number) + np.log(2), Laplace(z, 1.0).log_prob(number)),
    ("BCEWithLogitsLoss", F.binary_cross_entropy_with_logits(z, yes_no), Bernoulli(logits=z).log_prob(yes_no)),
    ("CrossEntropyLoss", F.cross_entropy(z, one_of), Categorical(logits=z).log_prob(one_of)),
]
columns = {"loss": "", "its value": ".5f", "minus mean log-likelihood": ".5f"}
table = Table("each loss is a likelihood", columns)
for name, loss, log_likelihood in rows:
    table.add(name, loss, -log_likelihood.mean())
table.show()

# %% [markdown] tags=["section:E9"]
# ### Numbers: what may come out?
#
# An output activation limits what a network can say. That helps if the limit is true for the target, and hurts if
# not.
# - The target has both signs: the identity. With ReLU at the end every negative target is answered with 0, and where
#   the last unit is off no gradient comes back.
# - The target is positive, such as a price or a duration: the *softplus*, $\ln(1 + e^z)$, keeps the prediction
#   above 0 and has a slope everywhere.
# - The target lies between 0 and 1: the sigmoid. Between $-1$ and $1$: tanh.
#
# The cell fits two curves with the same small network and different ends: a sine, and $e^{2x}$ with noise, which is
# positive and close to 0 on the left.

# %%
x = torch.linspace(-2, 2, 200)[:, None]
sine = torch.sin(2 * x)
positive = torch.exp(2 * x + 0.3 * torch.randn(x.shape, generator=torch.Generator().manual_seed(0)))


def fitted(last, target, seed):
    """Predictions of a small network that ends in `last`, after 150 steps."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 1), last)
    list(descend(model, F.mse_loss, batches(x, target, steps=150), torch.optim.Adam(model.parameters(), lr=0.03)))
    return model(x).detach()


columns = {"last": "", "sine: squared error": ".4f", "positive target: predictions below 0": ".0%"}
table = Table("3 seeds: median (smallest to largest)", columns)
for last in (nn.Identity(), nn.ReLU(), nn.Softplus()):
    errors = [F.mse_loss(fitted(last, sine, seed), sine).item() for seed in range(3)]
    below = [(fitted(last, positive, seed) < 0).float().mean().item() for seed in range(3)]
    table.add(type(last).__name__, errors, below)
table.show()
whole, negative = (sine**2).mean(), (sine.clamp(max=0) ** 2).mean()
print(f"mean square of the sine {whole:.4f}, of its negative part alone {negative:.4f}")

# %% [markdown]
# With softplus at the end the error cannot fall below 0.2194, the mean square of the negative part: it misses that part
# altogether. ReLU is even worse where its error is the mean square of the whole sine. There the last unit has died and says
# 0 everywhere. The identity, right for the sine, predicts impossible negative values for the positive target.

# %% [markdown] tags=["section:D7", "section:E9"]
# ### Squared or absolute error?
#
# *Beyond the core.*
#
# For a single number to fit, the squared error is smallest at the *mean* of the targets, the absolute error at their
# *median*: the gradient of the one grows with the distance, that of the other is $\pm 1$, however far away the target
# is. So one wild target can pull a fit by squares to itself, and hardly moves the other. The price: the gradient of the
# absolute error does not shrink near the target, so the last steps are restless. `SmoothL1Loss` is squared near 0 and
# absolute far out. The output activation is the same for all three: none.
#
# Here a straight line with 5 wild targets among 60 is fitted with each loss.

# %%
generator = torch.Generator().manual_seed(0)
x_line = torch.linspace(-1, 1, 60)[:, None]
truth = 2 * x_line + 1
target = truth + 0.1 * torch.randn(truth.shape, generator=generator)
target[torch.randperm(60, generator=generator)[:5]] += 20.0  # typing errors, say
columns = {"loss": "", "slope": ".2f", "intercept": ".2f", "largest distance from the truth": ".2f"}
table = Table("the line that is found; the true one has slope 2 and intercept 1", columns)
for loss in (nn.MSELoss(), nn.L1Loss(), nn.SmoothL1Loss()):
    torch.manual_seed(0)
    line = nn.Linear(1, 1)
    list(descend(line, loss, batches(x_line, target, steps=400), torch.optim.Adam(line.parameters(), lr=0.05)))
    table.add(type(loss).__name__, line.weight.item(), line.bias.item(), (line(x_line) - truth).abs().max().item())
table.show()

# %% [markdown]
# ### Your turn: a loss for counts
#
# How many visitors come in the next hour? The target is a count, 0, 1, 2 and so on. A usual distribution for it is
# Poisson's, with a mean $\lambda > 0$:
#
# $$P(k) = \frac{\lambda^k e^{-\lambda}}{k!}.$$
#
# A network's output $z$ has no limits, so let $\lambda = e^z$. Write the loss that belongs to it: the mean of
# $-\ln P(k)$, with the exact constant $\ln k!$, which is `torch.lgamma(k + 1)`. Take the logarithm on paper first, or it
# fails for large counts and for small means.

# %%
def count_loss(z, k):
    """Return the mean of −ln P(k) for Poisson counts k, whose mean is e^z; both tensors have the same shape."""
    raise NotImplementedError  # your code: 3 lines

# %%
z, k = torch.tensor([[0.0, 1.0, -2.0], [0.5, 2.0, 3.0]]).double(), torch.tensor([[0.0, 3, 0], [1, 9, 20]]).double()


def expect_loss(z, k):
    expect_close(count_loss(z.clone(), k.clone()), -Poisson(z.exp()).log_prob(k).mean(), rtol=1e-5)


checks = Checks("count_loss", points=5)
with checks("one sample: minus the logarithm of its probability"):
    for i, j in ((0, 0), (0, 1), (1, 2)):
        expect_loss(z[i, j].reshape(1), k[i, j].reshape(1))
with checks("several samples: one number, the mean over all of them"):
    expect_loss(z, k)
with checks("the slope by each output is prediction minus target, e^z − k, shared out among the samples"):
    leaf = z.clone().requires_grad_()
    loss = count_loss(leaf, k.clone())
    assert getattr(loss, "requires_grad", False), "No gradient flows back to z: return a tensor, computed with torch."
    expect_close(torch.autograd.grad(loss, leaf)[0], (z.exp() - k) / 6, rtol=1e-5, atol=1e-5)
with checks("a count of 500 is a finite loss"):
    expect_close(count_loss(torch.tensor([6.0]), torch.tensor([500.0])), 14.7593, rtol=1e-3)
with checks("a mean of e⁻³⁰ keeps its logarithm"):
    expect_loss(torch.tensor([-30.0]), torch.tensor([2.0]))
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def count_loss(z, k):
#     rate = torch.exp(z)
#     log_p = k * z - rate - torch.lgamma(k + 1)
#     return -log_p.mean()
# ```
#
# No power and no factorial is left. Prediction minus target again, as for the other pairs. torch has it as
# `nn.PoissonNLLLoss`, without the constant; its `full=True` adds Stirling's approximation of it.
#
# </details>

# %% [markdown] tags=["section:D9"]
# ## The smallest right example: end in logits
#
# A classifier for the ten digits has ten outputs and **no** activation behind the last layer. `CrossEntropyLoss` gets
# the logits. When a person wants probabilities, softmax makes them, once, at the very end. For the predicted class
# you do not even need it: softmax keeps the order, so the largest logit has the largest probability.
#
# One number to know by heart: a fresh network that says nothing about $K$ classes has a loss of about $\ln K$. For
# ten classes that is 2.303.

# %%
X, y, unseen_X, unseen_y = digits(hold_out=5, standardised=False)
X, unseen_X = X / 16, unseen_X / 16  # pixels from 0 to 1


def learn(model, loss, targets, seed=0, steps=150):
    """Train on the digits that are not held out; return the losses."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    samples = batches(X, targets, steps=steps, size=64, seed=seed)
    return list(descend(model, loss, samples, optimizer))


def network(outputs, seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, outputs))  # ends in logits


model = network(10)
losses = learn(model, nn.CrossEntropyLoss(), y)
logits = model(unseen_X).detach()
probabilities = torch.softmax(logits, dim=1)
print(f"loss before the first step {losses[0]:.3f} (ln 10 = {np.log(10):.3f})", end=", ")
print(f"mean of the last ten {np.mean(losses[-10:]):.3f}")
print(f"right by the largest logit {(logits.argmax(1) == unseen_y).float().mean():.1%}", end=", ")
print(f"by the largest probability {(probabilities.argmax(1) == unseen_y).float().mean():.1%}")

# %% [markdown] tags=["section:E10"]
# ## Softmax
#
# $$\operatorname{softmax}(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$$
#
# - Every output is positive and they sum to 1. They *share out* one unit: if one rises, others must fall.
# - Only differences count: $p_i / p_j = e^{z_i - z_j}$. So adding the same number to all logits changes nothing.
# - A lead of 1 in the logits is a factor of $e \approx 2.72$ in the probabilities, a lead of 2 a factor of 7.39.
#
# Lesson 06b divides the logits by a *temperature* first.

# %%
z = torch.tensor([2.0, 1.0, 0.5, -1.0])
p = torch.softmax(z, dim=0)
print(f"p = {p.numpy().round(3)}, sum {p.sum():.3f}")
table = Table("the lead of the first logit decides", {"ratio": "", "p₁ over it": ".4f", "lead": "g", "e to the lead": ".4f"})
for i, name in enumerate("₂₃₄", start=1):
    table.add(f"p₁/p{name}", p[0] / p[i], z[0] - z[i], torch.exp(z[0] - z[i]))
table.show()
print("7 added to each logit:", torch.softmax(z + 7, dim=0).numpy().round(3))

# %% [markdown] tags=["section:D3"]
# ### The derivative of softmax is a matrix
#
# *Beyond the core.*
#
# All functions so far work on each number by itself, so they have one slope for each number. Each
# softmax output depends on *all* logits: there are $K \cdot K$ slopes, the *Jacobian*. Take the logarithm,
# $\ln p_i = z_i - \ln \sum_k e^{z_k}$, and differentiate by $z_j$:
#
# $$\frac{1}{p_i} \frac{\partial p_i}{\partial z_j} = [i = j] - \frac{e^{z_j}}{\sum_k e^{z_k}}, \qquad \text{so} \qquad
#   \frac{\partial p_i}{\partial z_j} = p_i \bigl([i = j] - p_j\bigr),$$
#
# where $[i = j]$ is 1 if $i = j$ and else 0. As a matrix:
# $J = \operatorname{diag}(\mathbf p) - \mathbf p \mathbf p^\top$.
# - On the diagonal stands $p_i (1 - p_i)$, the sigmoid's slope. Beside it all entries are negative: a logit that rises
#   takes from every other class.
# - Each row sums to 0: adding the same number to all logits changes nothing.
# - Where one $p_i$ is nearly 1, *all* entries are nearly 0: softmax saturates too.
#
# A network never builds the matrix: on the way back it needs
# $J^\top \mathbf g = \mathbf p \odot (\mathbf g - \mathbf p \cdot \mathbf g)$ only.

# %%
z = torch.tensor([2.0, 1.0, 0.5, -1.0], dtype=torch.float64)
p, g = torch.softmax(z, dim=0), torch.tensor([1.0, -2.0, 0.0, 3.0], dtype=torch.float64)
formula = torch.diag(p) - torch.outer(p, p)
measured = torch.autograd.functional.jacobian(lambda z: torch.softmax(z, dim=0), z)
table = Table("softmax's Jacobian: change of pᵢ by zⱼ", {"": "", **{f"z{j}": ".4f" for j in "₁₂₃₄"}})
for name, row in zip("₁₂₃₄", formula):
    table.add(f"p{name}", *row)
table.show()
print(f"largest difference from autograd {(formula - measured).abs().max():.0e}", end="; ")
print(f"largest sum of a row {formula.sum(dim=1).abs().max():.0e}", end="; ")
print(f"J·g without J: off by {(p * (g - p @ g) - formula @ g).abs().max():.0e}")
p = torch.softmax(10 * z, dim=0)
print(f"logits times 10: p = {p.numpy().round(5)}, largest entry {(torch.diag(p) - torch.outer(p, p)).abs().max():.1e}")

# %% [markdown]
# ### Your turn: the way back through softmax
#
# *Beyond the core.*
#
# A loss has sent back its slopes $g$ by the probabilities. Write what goes on to the logits, for a whole batch, without a
# matrix and without autograd. The last axis holds the classes. And let the logits be divided by $T$ before softmax, as
# lesson 06b does: what does that do to the slopes? Logits may be large, and those of two rows far apart.

# %%
def softmax_backward(z, g, T=1.0):
    """Return the slopes by the logits z, if g are those by softmax(z / T) along the last axis."""
    raise NotImplementedError  # your code: 3 lines

# %%
def by_autograd(z, g, T=1.0):
    leaf = z.clone().requires_grad_()
    return torch.autograd.grad(torch.softmax(leaf / T, dim=-1), leaf, g)[0]


def expect_slopes(z, g, T=1.0):
    expect_close(softmax_backward(z.clone(), g.clone(), T), by_autograd(z, g, T), rtol=1e-5, atol=1e-6)


z, g = torch.randn(2, 4, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
checks = Checks("softmax_backward", points=5)
with checks("one sample"):
    expect_slopes(z[0], g[0])
with checks("a batch: each row by itself"):
    expect_slopes(z, g)
with checks("the same slope for every probability gives 0: their sum cannot change"):
    expect_close(softmax_backward(z.clone(), torch.ones_like(z)), torch.zeros_like(z), atol=1e-6)
with checks("temperatures 0.5 and 4"):
    for T in (0.5, 4.0):
        expect_slopes(z[0], g[0], T)
with checks("a row near 1000 and one near -1000 in a batch: no overflow, no 0/0"):
    expect_slopes(z + torch.tensor([[1000.0], [-1000.0], [0.0], [10.0]]), g)
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def softmax_backward(z, g, T=1.0):
#     p = torch.softmax(z / T, dim=-1)
#     mean = (p * g).sum(dim=-1, keepdim=True)
#     return p * (g - mean) / T
# ```
#
# `mean` is the mean of the slopes, weighted with the probabilities: only what differs from it passes. By the chain rule
# the division by $T$ comes once more.
#
# </details>

# %% [markdown]
# ### Softmax by hand
#
# On the left are softmax and sigmoid of the same four logits. The *entropy* on the right says how
# undecided softmax is: 0 bits if one class has everything, 2 bits for four equal classes.
# 1. Raise logit D alone. Which of the eight bars move?
# 2. Put all logits at 5. What do the sigmoids say, what does softmax?
# 3. Find two different settings of the logits for which softmax gives the same four probabilities.
#
# ![Left, two bars for each of the classes A to D: softmax 0.61, 0.22, 0.14 and 0.03, sigmoid 0.88, 0.73, 0.62 and
# 0.27. Middle, the softmax probabilities against the temperature on a logarithmic axis: at T = 0.1 class A has
# everything, at T = 10 all four are close to one quarter. Right, the entropy rises from 0 to nearly 2
# bits.](images/06a_softmax.png)

# %%
SoftmaxSliders()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. Five: all four softmax bars and D's own sigmoid. With D at 1 the softmax of A falls from 0.61 to 0.51; its
#    sigmoid stays at 0.88.
# 2. The sigmoids say 0.99 each, four times yes. Softmax says 0.25 each. With all logits at −5 softmax says the same,
#    and the sigmoids 0.01.
# 3. Add one number to all: 3, 2, 1.5 and 0 give 0.61, 0.22, 0.14 and 0.03, as 2, 1, 0.5 and −1 do.
#
# </details>

# %% [markdown]
# Raising D moves the five bars that belong to softmax or to D itself: the other sigmoids stay. With four equal logits
# softmax says one quarter each, whether they are 5 or −5, and the sigmoids tell these two apart.

# %% [markdown] tags=["section:A4"]
# ## Sigmoid or softmax?
#
# Ask whether the classes exclude each other.
# - **Exactly one is true** (which digit is this?): softmax over $K$ logits. The classes compete.
# - **Each may be true or not** (what is in this photo?): $K$ sigmoids. Each label is a yes-or-no question of its own,
#   and the outputs may sum to anything between 0 and $K$.
# - **Two classes**: either. One logit and a sigmoid, or two logits and softmax, which is a sigmoid of their
#   difference:
#
# $$\operatorname{softmax}(a, b)_1 = \frac{e^a}{e^a + e^b} = \frac{1}{1 + e^{-(a - b)}} = \sigma(a - b).$$
#
# So softmax for two classes is not wrong, it has one number too many: $(a, b)$ and $(a + 3, b + 3)$ say the same.

# %%
print("binary, logit 0.7:", torch.sigmoid(torch.tensor(0.7)).item())
severity = torch.softmax(torch.tensor([1.2, 0.5, -0.3, 2.1]), dim=0)
print("one of four, softmax:", severity.numpy().round(3), "sum", round(severity.sum().item(), 6))
found = torch.sigmoid(torch.tensor([0.8, -1.2, 2.0]))
print("any of three, sigmoids:", found.numpy().round(3), "sum", round(found.sum().item(), 3))

pairs = torch.randn(1000, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 5
gap = (torch.softmax(pairs, dim=1)[:, 0] - torch.sigmoid(pairs[:, 0] - pairs[:, 1])).abs().max()
print(f"two logits or their difference: largest distance over 1000 pairs {gap:.1e}")

# %%
label_guess = Prediction(
    "Four labels for each digit: even, above 4, has a loop, prime. A network ends in softmax over the four and is "
    "trained with binary cross-entropy; a label counts as given above 0.5. On how many digits can it be right about "
    "all four labels?",
    choices=["on all of them", "on 1, 3 and 4 only", "on none"],
)
label_guess

# %% [markdown] tags=["section:A4", "section:D13"]
# ### Several labels at once need sigmoids
#
# Softmax outputs sum to 1, so at most *one* of them can be above one half. A 6 is even, above 4, and has a loop:
# three labels. Softmax cannot say so, however long it trains. And a 1 has none of the labels, while softmax always
# hands out one whole unit; the best it can do is to spread it. Sigmoids have neither limit.
#
# The cell trains both on the same four questions about real digits, three seeds each, with the same budget.

# %%
questions = {"even": {0, 2, 4, 6, 8}, "above 4": {5, 6, 7, 8, 9}, "has a loop": {0, 6, 8, 9}, "prime": {2, 3, 5, 7}}
table = torch.tensor([[float(d in true_for) for true_for in questions.values()] for d in range(10)])
print("labels of 1:", table[1].tolist(), "and of 6:", table[6].tolist())

outcome = Table("all four labels right, held-out digits, 3 seeds: median (smallest to largest)", {"": "", "right": ".0%"})
for name, activation in (("sigmoids", torch.sigmoid), ("softmax", lambda z: torch.softmax(z, dim=1))):
    shares = []
    for seed in range(3):
        model = network(4, seed)
        learn(model, lambda z, t: F.binary_cross_entropy(activation(z), t), table[y], seed)
        said = activation(model(unseen_X)) > 0.5
        right = (said == table[unseen_y].bool()).all(dim=1)
        shares.append(right.float().mean().item())
    outcome.add(name, shares)
outcome.show()

few = [d for d in range(10) if table[d].sum() <= 1]
print("digits with at most one label:", few, f"their share: {np.isin(unseen_y, few).mean():.0%}")
label_guess.compare("on 1, 3 and 4 only" if few == [1, 3, 4] else str(few))

# %% [markdown] tags=["section:E10"]
# ## Softmax in the computer
#
# $e^{89}$ is more than a `float32` can hold. So the formula, typed as it stands, gives $\infty / \infty$ for the
# logits 90 and 89. On paper a shift helps, because it cancels: for every number $c$
#
# $$\frac{e^{z_i + c}}{\sum_j e^{z_j + c}} = \frac{e^c\, e^{z_i}}{e^c \sum_j e^{z_j}} = \frac{e^{z_i}}{\sum_j e^{z_j}}.$$
#
# The choice $c = -\max_j z_j$ makes the largest exponent 0. Then no power is above 1, so nothing overflows. And the
# sum is at least 1, so it cannot become 0. Powers that underflow to 0 belong to probabilities too small for the
# format. This is what `torch.softmax` does.
#
# The loss needs the *logarithm* of a probability. Taking it afterwards is too late: a probability that was rounded to
# 0 has the logarithm $-\infty$. `log_softmax` never computes the probability: it is $z_i - \max_j z_j$ minus the
# logarithm of that sum.

# %%
for logits in ([2.0, 1.0, 0.5, -1.0], [90.0, 89.0, 88.5, 87.0], [-110.0, -111.0, -111.5, -113.0], [0.0, 150.0, 0, 0]):
    z = torch.tensor(logits)
    powers, p, log_p = torch.exp(z), torch.softmax(z, dim=0), torch.log_softmax(z, dim=0)
    table = Table(f"logits {', '.join(f'{logit:g}' for logit in logits)}", {"": "", **{f"class {i}": ".4f" for i in range(4)}})
    table.add("softmax as typed", *(powers / powers.sum()))
    table.add("torch.softmax", *p)
    table.add("log of softmax", *torch.log(p))
    table.add("log_softmax", *log_p)
    table.show()

# %% [markdown]
# In the demo the slider adds the same number to all four logits. On paper nothing may change.
# 1. Move up from 80. At which shift does the naive one fail, and which part of the formula breaks first?
# 2. Move down from −80. Why does the error *grow* before the end, unlike on the right?
# 3. Choose half precision. How much shift is left? Networks are often trained in such formats.
# 4. Shift 0, *logits times* 40: what do the two logarithms say about class D?
#
# ![Left, shift 88: the naive softmax is nan for classes A and B, marked with crosses, and 0 for the other two; the
# stable one has the right probabilities. Right, the largest error against the shift from −120 to 120: the naive one,
# dots, stays below one millionth from about −90 to 86, rises steeply to the left of that, and is nan beyond both
# ends; the stable one, a line, stays at the bottom everywhere.](images/06a_naive_overflow.png)

# %%
StableSoftmax()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. At shift 87. The largest logit is then 89, its power is $\infty$ in float32. Class A is $\infty/\infty$, nan; the
#    others are divided by $\infty$ and become 0.
# 2. Powers below $10^{-38}$ are stored with fewer and fewer digits: the error is 0.00001 at −95, 0.004 at −101 and
#    0.39 at −105. On the right numbers are exact up to the largest, and then infinite at once.
# 3. From −15 to 8: beyond it the error is 0.013 at −16 and 0.61 at 9, and from 10 up and from −20 down there is nan.
# 4. `log_softmax` says −120, which is right. The logarithm of the probability says −∞, since the probability was
#    rounded to 0.
#
# </details>

# %% [markdown]
# On the right the naive one breaks at once: the power of the largest logit is infinite, and infinity over infinity is nan.
# On the left it gets worse little by little. Powers below $10^{-38}$ keep fewer and fewer digits, then all are rounded
# to 0, and $0/0$ is nan as well. Between the two, for many shifts, both softmaxes are as good: the bug waits
# for a network with large logits.
#
# ![Shift −101. Left, the naive probabilities are all numbers, close to the stable ones, class A with 0.605 in place of
# 0.609. Right, the vertical line at −101 crosses the dots of the naive error at about 0.004, on their way up from the
# level of rounding at −88 to nan at −106.](images/06a_naive_underflow.png)

# %% [markdown] tags=["section:D7"]
# ## Why losses take logits
#
# Let $p = \sigma(z)$ and $L = -y \ln p - (1 - y) \ln (1 - p)$. The slope of the loss and that of the sigmoid are
#
# $$\frac{\partial L}{\partial p} = \frac{p - y}{p\,(1 - p)}, \qquad \frac{\partial p}{\partial z} = p\,(1 - p), \qquad
#   \frac{\partial L}{\partial z} = p - y.$$
#
# The flat slope of the sigmoid cancels. A wrong and very sure answer gets a gradient of nearly $\pm 1$: the loss
# undoes the saturation that lesson 05 warned of. Softmax with cross-entropy is no different: with the true class $y$,
# $L = -z_y + \ln \sum_j e^{z_j}$, and the slope of the logarithm by $z_i$ is $e^{z_i} / \sum_j e^{z_j} = p_i$. So
# $\partial L / \partial z_i$ is $p_i - 1$ for the true class and $p_i$ for all others: prediction minus target again.
#
# But only on paper. If the sigmoid and the loss are *two* steps, the computer multiplies a huge number by a tiny
# one, and one of them may already be rounded away. `BCEWithLogitsLoss` does both at once.

# %%
gradient_guess = Prediction(
    "The target is 0 and the logit is 20, so the network is wrong and very sure. Which gradient does "
    "`BCELoss` behind a sigmoid send back to the logit, in float32?",
    choices=["about 1", "about 0.5", "0", "nan"],
)
gradient_guess

# %%
def loss_and_gradient(loss, logit, target):
    z = torch.tensor(logit, requires_grad=True)
    value = loss(z, torch.tensor(target))
    (gradient,) = torch.autograd.grad(value, z)
    return value.item(), gradient.item()


def in_two_steps(z, target):
    return F.binary_cross_entropy(torch.sigmoid(z), target)


columns = {"target": ".0f", "logit": ".0f", "BCELoss(sigmoid)": ".4f", "its gradient": ".3g"}
table = Table("one sample, in float32", columns | {"BCEWithLogitsLoss": ".4f", "gradient of that": ".3g"})
for target, logit in ((0.0, 5.0), (0.0, 15.0), (0.0, 20.0), (0.0, 200.0), (1.0, -20.0), (1.0, -35.0), (1.0, -200.0)):
    two, slope = loss_and_gradient(in_two_steps, logit, target)
    one, right = loss_and_gradient(F.binary_cross_entropy_with_logits, logit, target)
    table.add(target, logit, two, slope, one, right)
table.show()
gradient = loss_and_gradient(in_two_steps, 20.0, 0.0)[1]
gradient_guess.compare("0" if gradient == 0 else f"{gradient:.3g}")

# %% [markdown] tags=["section:D7"]
# ### So is sigmoid with BCELoss wrong?
#
# *Beyond the core.*
#
# It is not. As long as the logits stay moderate the two forms are the same loss and train the same network, which the
# next cell shows. They part where the network is sure: from a logit of about 17 on, $\sigma(z)$ is exactly 1 in
# `float32`, and a wrong sample has gradient 0 and a loss of 100, where PyTorch cuts it off. On the other side the
# gradient fades from about $-28$ on: PyTorch does not divide by a $p\,(1 - p)$ below $10^{-12}$. Those are the very
# samples from which there is most to learn: wrong labels, outliers, the start of a run with a large learning rate.
# So: logits, and `BCEWithLogitsLoss`.

# %%
even = (y % 2 == 0).float()[:, None]
columns = {"seed": "d", "largest difference of the losses": ".0e", "right, logits": ".1%", "right, in two steps": ".1%"}
table = Table("trained with logits or in two steps", columns)
for seed in range(3):
    kept, split = network(1, seed), network(1, seed)
    one = learn(kept, F.binary_cross_entropy_with_logits, even, seed, steps=80)
    two = learn(split, in_two_steps, even, seed, steps=80)
    accuracy = [((m(unseen_X) > 0) == (unseen_y % 2 == 0)[:, None]).float().mean().item() for m in (kept, split)]
    table.add(seed, np.abs(np.subtract(one, two)).max(), *accuracy)
table.show()

# %% [markdown]
# ## Spot the bug: the wrong thing into the loss
#
# *Beyond the core.*
#
# You may read "softmax: use with `NLLLoss`". NLL stands for *negative log-likelihood*. So here is a
# classifier with softmax and `nll_loss`.

# %%
def loss_function(logits, classes):
    return F.nll_loss(torch.softmax(logits, dim=1), classes)


nll_guess = Prediction(
    "What does this training show?",
    choices=["an error message", "a loss of nan", "a loss below 0", "nothing unusual"],
)
nll_guess

# %%
columns = {"seed": "d", "loss": ".3f", "right": ".1%", "loss with cross_entropy": ".3f", "right with it": ".1%"}
table = Table("60 steps on the digits", columns)
for seed in range(3):
    results = []
    for loss in (loss_function, F.cross_entropy):
        model = network(10, seed)
        losses = learn(model, loss, y, seed, steps=60)
        right = (model(unseen_X).argmax(1) == unseen_y).float().mean().item()
        results.append((np.mean(losses[-10:]), right))
    (shown, accuracy), (wanted, reference) = results
    table.add(seed, shown, accuracy, wanted, reference)
table.show()
nll_guess.compare("a loss below 0" if shown < 0 else f"a loss of {shown:.3f}")

# %% [markdown]
# **The bug:** `NLLLoss` takes *log*-probabilities. In spite of its name it computes no logarithm: it picks the number
# of the true class and changes its sign. Fed with probabilities it is $-p_y$, which falls to $-1$. That is no
# log-likelihood, and its gradient fades like the sigmoid's: for the true class it is $-p_y (1 - p_y)$, nearly 0
# where the network is wrong and sure. So it may learn, and more slowly.
#
# **The cure:** `log_softmax` with `nll_loss`, which together are `cross_entropy` of the logits.

# %%
z, classes = torch.randn(5, 10, generator=torch.Generator().manual_seed(0)), torch.tensor([3, 1, 4, 1, 5])
table = Table("five samples, ten classes", {"": "", "loss": ".6f"})
table.add("cross_entropy(z)", F.cross_entropy(z, classes))
table.add("nll_loss(log_softmax(z))", F.nll_loss(torch.log_softmax(z, dim=1), classes))
table.add("nll_loss(softmax(z)), the bug", F.nll_loss(torch.softmax(z, dim=1), classes))
table.show()
columns = {"true logit": ".0f", "cross_entropy": ".2g", "the bug": ".2g"}
table = Table("gradient at the true logit when the others are 0, ten classes", columns)
for margin in (-8.0, -4.0, 0.0, 4.0):
    z = torch.zeros(1, 10).index_fill(1, torch.tensor([0]), margin).requires_grad_()
    found = [torch.autograd.grad(loss(z, torch.tensor([0])), z)[0][0, 0] for loss in (F.cross_entropy, loss_function)]
    table.add(margin, *found)
table.show()

# %% [markdown]
# ## Spot the bug: softmax without `dim`
#
# Scores of an attention layer have the shape (samples, queries, keys). For each query the weights over the keys must
# sum to 1.

# %%
def attention_weights(scores):
    return F.softmax(scores)


scores = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))
dim_guess = Prediction(
    "Along which axis do the weights sum to 1?",
    choices=["the last: keys", "the middle: queries", "the first: samples", "none: it refuses"],
)
dim_guess

# %% [markdown] tags=["section:C2"]
# ### Which axis torch picks
#
# Without `dim`, `F.softmax` warns and *chooses by the number of axes*: the first one for tensors with one or three
# axes, otherwise the second. For a table of logits (samples, classes) that happens to be right. For three axes it is
# the samples: every sample's weights depend on the other samples of the batch, and with a batch of one every
# weight is 1. Nothing fails, shapes and ranges look right.
#
# `torch.softmax` and the method `z.softmax` do not guess: without `dim` they raise a `TypeError`. Always write `dim`,
# and for "the last axis" write `dim=-1`.

# %%
axes = []
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for shape in ((4,), (3, 4), (2, 3, 4), (5, 2, 3, 4)):
        p = F.softmax(torch.randn(shape))
        (axis,) = [a for a in range(p.ndim) if torch.allclose(p.sum(a), torch.ones(()))]
        axes.append(axis)
    alone, together = attention_weights(scores[:1]), attention_weights(scores)
print("torch warns:", caught[0].message)
print("axis picked for 1, 2, 3 and 4 axes:", axes)
table = Table("weights of the first query of the first sample", {"": "", **{f"key {k}": ".3f" for k in range(4)}})
table.add("in a batch of two", *together[0, 0])
table.add("in a batch of one", *alone[0, 0])
table.add("mended, dim=-1", *F.softmax(scores, dim=-1)[0, 0])
table.show()
try:
    torch.softmax(scores)
except TypeError as problem:
    print("torch.softmax without dim: TypeError:", str(problem).splitlines()[0])
dim_guess.compare(["the first: samples", "the middle: queries", "the last: keys"][axes[2]])

# %% [markdown]
# ## Spot the bug: double softmax
#
# A common bug, since every line looks like the manual.

# %%
def build():
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10), nn.Softmax(dim=1))


criterion = nn.CrossEntropyLoss()
double_guess = Prediction(
    "What happens in training, with a learning rate that suits the network without the bug?",
    choices=[
        "it does not learn: about 10 % right",
        "it learns, and the loss goes to 0",
        "it learns, and the loss stops far above 0",
    ],
)
double_guess

# %% [markdown] tags=["section:D11", "section:C2"]
# ### What it does, and what it does not
#
# `CrossEntropyLoss` is `log_softmax` and `NLLLoss` in one. With a softmax in the network, probabilities are taken for
# logits and go through softmax again. They lie between 0 and 1, so the second softmax can hardly tell them apart.
# At best the true class has 1 and the $K - 1$ others 0. Then the loss is
#
# $$-\ln \frac{e^1}{e^1 + (K - 1)\,e^0} = \ln\Bigl(1 + \frac{K - 1}{e}\Bigr),$$
#
# 1.461 for ten classes. **That is a floor: no training goes below it.** You will read that such a network does not
# converge. Look at the accuracies: at rate 0.1 the network with two softmaxes is far behind, at rate 2 it comes
# within about two digits in a hundred. This makes the bug hard to see. It learns slowly, and its loss is no longer a
# log-likelihood.

# %%
columns = {f"{way}: {what}": form for way in ("one", "double") for what, form in (("loss", ".3f"), ("held-out right", ".0%"))}
table = Table("120 steps on the digits, 3 seeds: median (smallest to largest)", {"rate": "g", **columns})
for rate in (0.1, 2.0):
    races = [Race(classes=10, rate=rate, seed=seed).run() for seed in range(3)]
    row = []
    for way in range(2):
        losses = [race.losses[way][-1] for race in races]
        right = sorted(race.records[-1].right[way] for race in races)
        row += [losses, right]
    table.add(rate, *row)
table.show()
loss = np.median(losses)
print(f"floor: {floor(10):.3f}")
ending = "the loss stops far above 0" if loss > floor(10) else "the loss goes to 0"
double_guess.compare(f"it learns, and {ending}" if right[1] > 0.5 else "it does not learn: about 10 % right")

# %% [markdown] tags=["section:D13", "section:D11"]
# ### Where the gradient goes
#
# Why slower? Let the true class have the logit $m$ (its *margin*) and all others 0, and $p$ its probability after the
# first softmax, $q$ after the second. With one softmax the loss pushes the true logit up with $1 - p$: nearly 1 where
# the network is wrong. With two, this push acts on the *probabilities*: $1 - q$ on that of the true class, and
# $-(1 - q)/(K - 1)$ on each of the others. When $m$ grows, the first grows with $p\,(1 - p)$, and the others together
# fall by as much, each with $-p\,(1 - p)/(K - 1)$. The chain rule adds up
#
# $$(1 - q)\, p\,(1 - p) + (K - 1)\, \frac{1 - q}{K - 1}\, \frac{p\,(1 - p)}{K - 1}
#   = (1 - q)\; p\,(1 - p)\, \frac{K}{K - 1}.$$
#
# The factor $p\,(1 - p)$ is nearly 0 where the network is right, and *also where it is wrong and sure*. Such samples
# teach it next to nothing. The right panel of the demo shows both pushes.
# 1. Press Train. Which loss goes to which line? Compare the accuracies after step 50.
# 2. Move the margin to −6. By what factor is the push smaller with two softmaxes?
# 3. Go down to two classes. Where is the floor now?
# 4. Back to ten classes: find a learning rate at which the double softmax is about as good after 120 steps.
#
# ![Left, training losses over 120 steps: one softmax, solid, falls to nearly 0; double softmax, dashed, falls more
# slowly and stays above a dotted line at 1.461. Middle, held-out digits right: one softmax reaches 95 % within
# 30 steps, double softmax not quite 80 % after 120. Right, the push on the true logit against the margin: one
# softmax falls from 1 to 0; double softmax is a hill of height 0.24 around margin 2 and nearly 0 on both
# sides.](images/06a_double_softmax.png)

# %%
DoubleSoftmax()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. One softmax goes to nearly 0: its loss is 0.017 at the end. Double softmax goes towards its floor at 1.461 and
#    has reached 1.558. After step 50, 95.5 % of the held-out digits are right against 70.5 %, at the end 95.5 %
#    against 77.5 %.
# 2. From 1 to 0.00028: about 3 600 times smaller.
# 3. At $\ln(1 + 1/e) = 0.313$.
# 4. At 2 it gets 94.5 % after 120 steps, and one softmax 97.0 %. At 1.5 it is 94.5 % and 96.0 %.
#
# </details>

# %% [markdown] tags=["section:D11"]
# ### Why a second softmax hurts, and a second log-softmax does not
#
# *Beyond the core.*
#
# Some people put `LogSoftmax` in front of `CrossEntropyLoss`. That is one step too many as well, and does no harm at
# all. Log-softmax subtracts a number from all logits, $\ln \sum_j e^{z_j}$, chosen so that the powers sum to 1. Do it
# again, and the number to subtract is $\ln 1 = 0$. A function that changes nothing the second time is called
# *idempotent*. Softmax is not: it takes numbers from 0 to 1 for logits. So `CrossEntropyLoss` of log-probabilities is
# right; of probabilities it is the bug.

# %%
z, classes = torch.randn(5, 10, generator=torch.Generator().manual_seed(1)), torch.tensor([3, 1, 4, 1, 5])
once, twice = torch.log_softmax(z, dim=1), torch.log_softmax(torch.log_softmax(z, dim=1), dim=1)
print(f"log-softmax twice or once: largest difference {(once - twice).abs().max():.0e}")
table = Table("what cross_entropy makes of them", {"given": "", "loss": ".6f"})
for label, given in (("logits", z), ("log-probabilities", once), ("probabilities", once.exp())):
    table.add(label, F.cross_entropy(given, classes))
table.show()

# %%
hidden_guess = Prediction(
    "Digits, two hidden layers of 64 units, the same 150 steps. One network has ReLU in its hidden layers, one has "
    "softmax over the 64 units. How far does the second one get?",
    choices=["about as far", "clearly behind", "no better than guessing"],
)
hidden_guess

# %% [markdown] tags=["section:E18", "section:E15"]
# ### No softmax in hidden layers
#
# *Beyond the core.*
#
# Softmax makes units *compete*. At the output that is the question: which one class? In a hidden layer each unit should
# be able to report its feature whatever the others do. Three things go wrong:
# - The outputs of a layer sum to 1. With $n$ units the mean output is $1/n$: the signal is small, and a layer can
#   only say how its total of 1 is shared out. "All features present" looks like "none present".
# - The slopes are $p_i([i = j] - p_j)$, about $1/n$ on the diagonal at the start. The gradient shrinks by such a factor
#   in each layer.
# - If one unit wins, the others get next to no gradient: their capacity is wasted.
#
# The exception is attention (lesson 07a), where competition between positions is wanted.

# %%
def deep(activation, seed):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(64, 64), activation, nn.Linear(64, 64), activation, nn.Linear(64, 10))


shares = {}
columns = {"": "", "first gradient / last, at the start": ".1e", "right after 150 steps": ".0%"}
table = Table("two hidden layers, 3 seeds: median (smallest to largest)", columns)
for name, activation in (("ReLU", nn.ReLU()), ("softmax", nn.Softmax(dim=1))):
    shares[name], ratios = [], []
    for seed in range(3):
        model = deep(activation, seed)
        F.cross_entropy(model(X), y).backward()
        ratios.append((model[0].weight.grad.norm() / model[4].weight.grad.norm()).item())
        learn(model, nn.CrossEntropyLoss(), y, seed)
        shares[name].append((model(unseen_X).argmax(1) == unseen_y).float().mean().item())
    table.add(name, ratios, shares[name])
table.show()
same = [torch.softmax(torch.full((3,), z), 0).numpy().round(3) for z in (5.0, -5.0)]
print("three pre-activations of 5: softmax makes", same[0], "and of three −5", same[1])
gap = np.median(shares["ReLU"]) - np.median(shares["softmax"])
chance = max(shares["softmax"]) < 0.2
hidden_guess.compare("no better than guessing" if chance else "clearly behind" if gap > 0.05 else "about as far")

# %% [markdown]
# ## Quiz
#
# Every answer has its own feedback. Nothing is graded.

# %%
Quiz("06a_outputs_and_losses")

# %% [markdown]
# ## Recap
#
# - The task decides: a number, identity and squared error; a positive number, softplus; yes or no, and any of $K$
#   labels, sigmoids and `BCEWithLogitsLoss`; one of $K$ classes, softmax and `CrossEntropyLoss`.
# - Networks end in logits. Loss functions take logits; probabilities are for people.
# - Softmax depends on differences only. Subtract the maximum, and take `log_softmax`, never the log of a softmax.
# - Its derivative is a matrix, $p_i([i = j] - p_j)$, that nobody builds.
# - With logits the gradient is prediction minus target. In two steps it can be rounded to 0.
# - `NLLLoss` takes log-probabilities. A loss below 0 gives the bug away.
# - Always write `dim`. Without it three axes get softmax along the first.
# - Double softmax learns, more slowly, and its loss stops at $\ln(1 + (K-1)/e)$.
#
# ## What comes next
#
# - [Lesson 06b](06b_temperature_and_calibration.ipynb): how sure softmax is, and how sure it should be.
# - Exercise [ps5_outputs_and_losses](../../release/ps5_outputs_and_losses/ps5_outputs_and_losses.ipynb):
#   write softmax and the losses yourself, and mend a script. One task of it, the temperature, needs lesson 06b.
